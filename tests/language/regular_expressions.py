# The module re: CPython's own programs on the native engine.
import re
TESTS = [
 (r"\w+", "Hello, World foo_bar 12 é_ß"), (r"", "abc"), (r"a*", "baaac"), (r"(a)|b", "abab"), (r"(\w)(\d)?", "a1b2c"),
 (r"^\s*(\w+)\s*=\s*(.*?)\s*$", " key = some value  "), (r"(?i)hello", "HeLLo hello"), (r"(?P<y>\d{4})-(?P<m>\d\d)", "on 2024-05 and 1999-12"),
 (r"(a+)+b", "aaaaab aab"), (r"(a|ab)(c|bcd)(d*)", "abcd"), (r"\bfoo\b", "foo food foo."), (r"(?<=a)b", "ab cb ab"), (r"(?<!a)b", "ab cb b"),
 (r"a(?=b)", "ab ac"), (r"a(?!b)", "ab ac"), (r"(.)\1", "aabbcd"), (r"(?s).+", "a\nb"), (r".+", "a\nb"), (r"(?m)^\w+$", "one\ntwo\nthree"),
 (r"[^a-z]+", "abcDEF123"), (r"[\d\-.]+", "1-2.3 x"), (r"a{2,3}", "aaaaa"), (r"a{2,3}?", "aaaaa"), (r"(?:ab)+?c", "ababc"), (r"x*?y", "xxy"),
 (r"<.*?>", "<a><b>"), (r"<.*>", "<a><b>"), (r"(a(b)?)+", "aba"), (r"(a)?(b)?(c)?", "ac"), (r"(?:(a)|b)*", "ab"), (r"(?:(a)|(b))+", "abba"),
 (r"(\()?\d+(?(1)\))", "(12) 34 (56"), (r"(?>a+)b", "aaab"), (r"a++b", "aaab"), (r"a*+a", "aaa"), (r"(?:ab)++c", "ababc"), (r"[\u4e00-\u9fff]+", "汉字abc"), (r"é", "caféé"),
 (r"\d+\.\d*|\.\d+", "1.5 .5 3."), (r"(\w+)@(\w+)\.com", "joe@mail.com x@y.com"), (r"\$\{(\w+)\}", "${a} and ${b}"), (r"[A-Z][a-z]+", "FooBarBaz"),
 (r"((a)|(b)|(c))*", "abcab"), (r"(?:a|b)*?c", "ababc"), (r"(a*)*", "aaa"), (r"(a*)+", "b"), (r"(?:a?)*?b", "aab"), (r"\A\d+\Z", "123"), (r"\S+", " a  b "), (r"\D+", "a1b"), (r"\W", "a b"),
 (r"(?x) a  b # comment", "ab"), (r"(?a)\w+", "aé"), (r"(?i)straße", "STRASSE straße STRAßE"), (r"(?i)[à-ü]+", "ÀÉé"), (r"(?i)ſ|k", "sSKk"), (r"^", "ab\nc"), (r"(?m)^", "ab\nc"), (r"$", "ab\n"), (r"(?m)$", "ab\nc\n"),
 (r"(?:x(?P<n>\d)|y)+", "x1yx2y"), (r"(a)(?:(b)|(c))*?d", "abcd"), (r"(foo|foobar)(bar)?baz", "foobarbaz"), (r"(x)?(?(1)y|z)", "xy z"), (r"\n", "a\nb"), (r"\t|\\", "a\tb\\"), (r"[^\W\d_]+", "ab1_c"), (r"(a{0,2}){2}b", "aaab"), (r"((?:a|b){2,4}?)c", "ababc"), (r"abc|abd|xyz", "abd xyz abc"), (r"ab(c|d)e", "abce abde"), (r"foo(\d+)", "foofoo12"),
]
def rx(lo, hi):
    out = []
    for p, s in TESTS[lo:hi]:
        r = re.compile(p)
        m = re.search(p, s)
        out.append([p, repr(m), None if m is None else [m.group(), m.groups(), m.groupdict(), m.span(), m.start(), m.end(), m.lastindex, m.lastgroup, m.re is r or m.re == r, m.string]])
        m = r.match(s)
        out.append(None if m is None else [m.group(0), m.groups("-"), m.regs if False else [m.span(i) for i in range(len(m.groups()) + 1)]])
        m = r.fullmatch(s)
        out.append(m is not None and m.group())
        out.append(re.findall(p, s))
        out.append(r.split(s))
        out.append(re.split(p, s, maxsplit=1))
        out.append([x.span() for x in re.finditer(p, s)])
        out.append(re.sub(p, "<\\g<0>>", s))
        out.append(re.sub(p, lambda m: m.group().upper() + "!", s, count=2))
        out.append(r.subn("-", s))
        out.append(r.sub(r"[\n\.]", s, 1))
        m = r.search(s, 1, 4)
        out.append(m and m.span())
        m = r.match(s, 2)
        out.append(m and m.span())
        out.append([r.groups, r.pattern, r.flags, bool(r.search(s))])
        if r.groups:
            out.append(re.sub(p, r"(\1)", s))
            try:
                out.append(re.search(p, s)[1] if re.search(p, s) else 0)
                out.append(re.search(p, s).group(r.groups, 0))
                re.search(p, s).group(r.groups + 1)
            except (IndexError, AttributeError) as e:
                out.append(type(e).__name__ + str(e))
    return out
#: rx [0, 20]
#: rx [20, 40]
#: rx [40, 60]
#: rx [63, 80]
# ---
import re
def misc(s):
    out = [re.escape(s), re.I.value if False else 2, re.findall("a", s, re.I), re.findall(r"^\w", s, re.I | re.M), re.sub("(?P<q>o)", r"\g<q>\g<q>", s), re.split(r"(\s)", s), re.search("zzz", s), re.compile(r"(\d+)").findall(s), re.sub(r"\s+", " ", s).strip(), re.sub("[aeiou]", "", s, flags=re.IGNORECASE)]
    for k, v in {"a": "b"}.items():
        out.append(re.sub(re.escape(k), v, s))
    tok = re.compile(r"\s*(?:(\d+)|(.))")
    out.append(tok.findall("3 + 4*(2-1)"))
    out.append([(m.lastindex, m.group(m.lastindex)) for m in tok.finditer("3 + 4")])
    if m := re.match(r"(\w+) (\w+)", s):
        out.append(m.expand(r"\2 \1"))
        a, b = m.groups()
        out.append(a + b)
    return out
#: misc ["Hello World 12 aA.b\nxy"]
# ---
import re
def settled(texts):
    patterns = [r'(\S+) \S+ \[([^\]]+)\] "([A-Z]+)', r"(\d{3})(\d+|-)x?", r"(a+)(?:(b+)c|b+)d", r"(?!(\w+)=)(\w+):(\w*)", r"(?:(\w+)=(\d+);)+", r"(\w+)(?:=(\d+))?(?:;(\w+))?$", r"([^,]*),([^,]*)", r"(x+)(y)?(?=z)", r"(\d+)(?<=5)", r"(?P<k>[a-z]+)=(?P=k)", r"[ab]+a", r"a+?b", r"(?:a|b)*c", r"\s*(\w+)\s*=\s*(.*?)\s*$"]
    out = []
    for text in texts:
        for pattern in patterns:
            for match in [re.match(pattern, text), re.search(pattern, text), re.fullmatch(pattern, text)]:
                out.append(match and [match.span(), match.groups(), match.lastindex])
            out.append(re.findall(pattern, text))
            out.append(re.sub(pattern, "<>", text))
    return out
#: settled [["h - [t] \"GET", "h  [t] \"GET", "1234x", "123-", "12-"]]
#: settled [["aabbd", "aabbcd", "abcbd", "k=v:w", "kv:w", "a=1;b=2;", "a=1;b=2"]]
#: settled [["a=5;b", "one,two,three", "xxyz", "xxz", "12345", "ab=ab", "ab=a", "abab", "aab", "abcab", "  key = a value  "]]
#: settled [["é=ü,ß", "aé aé=1;", "ñ - [x] \"É", ""]]
