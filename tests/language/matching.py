# match, with every kind of pattern.
def match_it(x):
    match x:
        case 0:
            return "zero"
        case [a, b]:
            return f"pair {a} {b}"
        case [a, *rest]:
            return f"list {a} {len(rest)}"
        case {"type": t, **rest}:
            return f"dict {t} {len(rest)}"
        case str() as s:
            return f"str {s}"
        case int(n) if n > 10:
            return "big"
        case float() | bool():
            return "fb"
        case _:
            return "other"
#: match_it [0]
#: match_it [[1, 2]]
#: match_it [[1, 2, 3]]
#: match_it [{"type": "a", "k": 1}]
#: match_it ["s"]
#: match_it [11]
#: match_it [5]
#: match_it [2.5]
#: match_it [true]
#: match_it [{"x": 1}]
#: match_it [[]]
# ---
from dataclasses import dataclass
@dataclass
class P:
    x: int
    y: int
class Q:
    __match_args__ = ("a",)
    def __init__(self, a, b):
        self.a = a
        self.b = b
def m2(k):
    x = "unset"
    vals = [P(0, 0), P(1, 2), P(3, 3), Q(5, 6), Q(1, 2), (1, (2, 3)), [1, [2, 3, 4]], {"a": {"b": [1, 2]}}, None, True, range(3), "ab", b"ab"]
    v = vals[k]
    match v:
        case P(x=0, y=0):
            r = "origin"
        case P(x, y) if x == y:
            r = ["diag", x]
        case P(x=a, y=b):
            r = ["p", a, b]
        case Q(5, b=z):
            r = ["q", z]
        case Q(w):
            r = ["qw", w]
        case (a, (b, c)):
            r = ["nest", a, b, c]
        case [a, [b, *c]]:
            r = ["nest2", a, b, c]
        case {"a": {"b": [p, q]}}:
            r = ["map", p, q]
        case None:
            r = "none"
        case True | False:
            r = "bool"
        case [a, *_, b]:
            r = ["seq", a, b]
        case str(s) | bytes(s):
            r = ["text", len(s)]
    return [r, x]
#: m2 [0]
#: m2 [1]
#: m2 [2]
#: m2 [3]
#: m2 [4]
#: m2 [5]
#: m2 [6]
#: m2 [7]
#: m2 [8]
#: m2 [9]
#: m2 [10]
#: m2 [11]
#: m2 [12]
# ---
def m3(cmd):
    out = []
    for c in cmd.split(";"):
        match c.split():
            case ["go", ("north" | "south") as d]:
                out.append("go " + d)
            case ["go", *more]:
                out.append("go?" + "".join(more))
            case ["drop", obj] | ["put", obj, "down"]:
                out.append("drop " + obj)
            case []:
                out.append("nothing")
            case [single]:
                out.append(single.upper())
            case _:
                out.append("?")
    return out
#: m3 ["go north;go west now;drop x;put y down;;look;a b c"]
