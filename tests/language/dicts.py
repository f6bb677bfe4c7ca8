# Dicts (the third seed's section 5.1.9) and sets.

def dicts(d):
    e = dict(d)
    e["new"] = [1]
    e.setdefault("new", 5).append(2)
    e.update({"z": 1}, y=2)
    del e["z"]
    popped = [e.pop("y"), e.pop("none", 0), e.popitem()]
    merged = d | {"q": 1}
    merged |= {"q": 2}
    return [d, e, popped, merged, list(d), list(d.items()), sorted(d.values()), "a" in d, d.get("a"), d.get("zz", -1), len(d),
            {k: v for k, v in d.items() if v != 1}, dict.fromkeys("ab", 0), list(reversed(d)), d == dict(d), {**d, "a": 0}, dict(zip("xy", (1, 2)))]

#: dicts [{"a": 1, "b": 2}]
#: dicts [{"b": 2, "a": 3, "c": 1}]
# ---
def changing(d):
    try:
        for k in d:
            d[k + "x"] = 1
    except RuntimeError as error:
        return [str(error), len(d)]
    return d

#: changing [{"a": 1}]
#: changing [{}]
# ---
def missing(d):
    out = []
    for key in ["a", 1, (1, 2), None]:
        try:
            out.append(d[key])
        except KeyError as error:
            out.append([str(error), error.args])
    try:
        d[[]] = 1
    except TypeError as error:
        out.append(str(error))
    return out

#: missing [{"a": 1}]
# ---
def sets(xs, ys):
    a, b = set(xs), set(ys)
    a.add(3)
    a.discard(99)
    c = a.copy()
    c.update(b)
    return [sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a <= c, a.isdisjoint(b), len(c), 3 in a, sorted(c), list({1, 2, 3}), {x % 3 for x in range(10)} == {0, 1, 2}, frozenset(xs) == set(xs), sorted(map(str, c))]

#: sets [[1, 2, 2], [2, 5]]
# ---
LITERAL = {3, 1, 2}
MIXED = frozenset([8, 0, 16])

def of_the_module(n):
    return [list(LITERAL), list(MIXED), n in LITERAL, list(LITERAL | {n}), sum(MIXED), [x for x in LITERAL if x > n]]

#: of_the_module [1]
#: of_the_module [9]
# ---
from collections import Counter, OrderedDict


def counted(left, right):
    out = []
    for step in ("+=", "-=", "|=", "&="):
        c, same = Counter(left), None
        same = c
        if step == "+=":
            c += Counter(right)
        elif step == "-=":
            c -= Counter(right)
        elif step == "|=":
            c |= Counter(right)
        else:
            c &= Counter(right)
        out.append([list(c.items()), c is same])
    c = Counter(left)
    c += {"z": 2, "a": 1}
    c.subtract(right)
    out += [list((+c).items()), list((-c).items()), Counter(left) == {"a": 1}, {"a": 1} == Counter("a"), Counter("a") != {"a": 1},
            OrderedDict(a=1) == Counter("a"), Counter(left) == Counter(right), Counter(a=0) == Counter(), Counter(a=0) == {}]
    return out

#: counted ["abbccc", "bccdd"]
#: counted ["a", ""]
# ---
from collections import OrderedDict, defaultdict
def messages(value):
    out = []
    for make in (lambda: defaultdict(int) - value, lambda: {OrderedDict(): 1}, lambda: {defaultdict(int)}, lambda: defaultdict(int) < value):
        try:
            out.append(str(make()))
        except TypeError as e:
            out.append(str(e))
    return out

#: messages [[]]
#: messages [1]
# ---
def counted(words):
    counts = {}
    out = []
    for word in words:
        key = word[:2]
        counts[key] = counts.get(key, 0) + 1
        if counts[key] == 3:
            out.append(counts.pop(key))
            out.append(counts.get(key))
            counts[key + "x"] = 7
            out.append(key in counts)
        if len(counts) > 11:
            counts.clear()
            out.append(counts.get(key, "none"))
            counts[word] = 1
    if len(counts) > 1:
        last = "" + words[-1][:2]
        out.append(last in counts)
        counts.popitem()
        out.append(last in counts)
        counts["zz" + last] = 5
        out.append(counts.get(last))
    return [out, list(counts.items())]
#: counted [["aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj", "aj", "ai", "aj", "ah", "ai", "ai"]]
#: counted [["aa1", "ab1", "ac1", "ad1", "ae1", "af1", "ag1", "ah1", "ai1", "aj1", "ak1", "al1", "am1", "am2", "am3", "am4", "an1"]]
#: counted [["xa", "xb", "xc", "xd", "xe", "xf", "xg", "xh", "xi", "xj", "xj", "xj", "xj", "xb", "xb"]]
