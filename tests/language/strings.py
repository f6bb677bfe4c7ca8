# Strings: methods, slices, comparison, code points.

def methods(s, t):
    return [s.upper(), s.lower(), s.title(), s.swapcase(), s.capitalize(), s.strip(), s.split(), s.split(t), s.partition(t), s.replace(t, "-"),
            s.find(t), s.rfind(t), s.count(t), s.startswith(t), s.endswith(t), t.join(["a", "b"]), s.center(20, "*"), s.ljust(15) + "|", s.zfill(12),
            s.isalpha(), s.isdigit(), s.isalnum(), s.isupper(), s.isspace(), s.splitlines(), s.expandtabs(4), s.encode().hex(), s.casefold(), s.isidentifier(),
            s.removeprefix(t), s.translate(str.maketrans("ab", "xy", "c")), len(s), s[::-1], s[1:4], s[-3:], s * 2, t in s, s < t, sorted(s)[:3], [ord(c) for c in s[:3]], max(s), s.rsplit(None, 1)]

#: methods ["Hello, World abc", "o"]
#: methods ["  ünï\tcödé 漢😀 ", "ï"]
#: methods ["abcabc\nx", "bc"]
# ---
def errors(k):
    out = []
    for f in [lambda: "a"[5], lambda: "abc".index("z"), lambda: int("12x"), lambda: float("x"), lambda: "a" * "b", lambda: chr(-1), lambda: ord("ab"), lambda: "".join([1]), lambda: "a" < 1]:
        try:
            out.append(f())
        except (IndexError, ValueError, TypeError) as error:
            out.append(f"{type(error).__name__}: {error}")
    return out[k:]

#: errors [0]
# ---
def held(text, numbers):
    def twice(x, times=2):
        return x * times

    words = text.split()
    lines = text.splitlines()
    return [words, lines, text.strip(), text.strip("ab "), text.lower(), text.upper(), text.split(","), text.find("b"), text.count("a"), text.count(""), text.count("aa"), text.replace("a", "é"), [twice(word) for word in words], [twice(number, times=3) for number in numbers], text.rstrip().endswith(text[-1:]), text.startswith("a"), text.isalpha(), text.isspace(), text.rsplit(None, 1), text.split(None, 1), text.split("a", 1), text.partition("b"), text.lstrip("é\n")]

#: held ["  a b,c  ", [1, 2]]
#: held ["aaa\r\nbé\u00a0b\u2028c\n\n", [1.5]]
#: held ["", []]
#: held ["é", [0]]
#: held ["abc", [7]]
# ---
def replaced(text, old, new):
    long = text * 9
    cut = [part.strip(".,;:!?'\"()") + "|" + part.lstrip("ab") + "|" + part.rstrip("0123456789abcdefgh") for part in text.split()]
    return [text.replace(old, new), text.replace(old, new, 1), text.replace(old, new, 0), long.replace(old, new, 3), text.find(old), long.find(old), old in text, text.casefold(), text.title(), text.capitalize(), text.swapcase(), cut, text.splitlines(), text.upper(), text.lower(), text.isdigit(), text.isnumeric(), text.isalnum()]

#: replaced ["The quick (brown) fox's 'tail', 1st.", "i", "--"]
#: replaced ["aaaa aaa\u001caa\u001da\u000ba", "aa", "b"]
#: replaced ["été à l'eau: ÉTÉ!", "é", "e"]
#: replaced ["x", "xyz", ""]
#: replaced ["", "a", "b"]
#: replaced ["²½ ٣٤", "½", "1/2"]
#: replaced ["a\u0085b\u2028c d\u3000e", "\u2028", "\n"]
