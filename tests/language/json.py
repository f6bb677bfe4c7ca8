# The module json.
import json
from collections import Counter, OrderedDict, defaultdict, namedtuple
from enum import IntEnum, Enum
class L(IntEnum):
    A = 1
class E(Enum):
    B = 2
P = namedtuple("P", "x y")
class O:
    def __init__(self): self.a = [1]
def dumps(v):
    out = []
    objs = [v, [], {}, [[]], [{}], {"a": []}, (1, 2), {1: 2, None: 3, True: 4, 2.5: 5}, "é\u2028\U0001f600\x7f\x00\"\\/", float("inf"), [float("nan")], L.A, P(1, [2]), Counter("aab"), OrderedDict(b=1, a=2), {"b": 1, "a": {"d": 1, "c": 2}}, 10**30, -0.0, 1e22, True, None, {"k": (1, {"z": None})}, E.B, {1, 2}, O(), {(1, 2): 3}, b"x", range(3), {"a": O()}, [1, [2, [3]]]]
    cyc = [1]
    cyc.append(cyc)
    objs.append(cyc)
    for o in objs:
        for kw in [{}, {"indent": 2}, {"indent": 0}, {"indent": "\t", "sort_keys": True}, {"sort_keys": True}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"allow_nan": False}, {"default": str}, {"default": lambda x: x.__dict__ if isinstance(x, O) else sorted(x) if isinstance(x, set) else 7}, {"indent": 4, "separators": (", ", " : ")}]:
            if "default" in kw and kw["default"] is str and isinstance(o, (O, dict)):
                continue
            try:
                out.append(json.dumps(o, **kw))
            except (TypeError, ValueError) as e:
                out.append(type(e).__name__ + ":" + str(e))
    return out
#: dumps [{"x": [1, 2.5, "a", null]}]
# ---
import json
def loads(xs):
    out = []
    for x in xs:
        try:
            out.append([json.loads(x)])
        except json.JSONDecodeError as e:
            out.append("JDE " + str(e))
        except ValueError as e:
            out.append("VE " + str(e))
    return out
#: loads [["1", "[1, 2", "{\"a\": 1}", "", "nul", "{\"a\" 1}", "[1,]", "\"abc", "\"\\x\"", "1 2", "[1e5, -0, -0.0, 1E400]", "{\"a\": 1, \"a\": 2}", "NaN", "-Infinity", "\"\\u00e9\\ud83d\\ude00\"", "{1: 2}", "'a'", "[1\n,\n,]", "  {} ", "tru", "-", "01", "123456789012345678901234567890", "\"a\tb\""]]
# ---
import json
def rt(d):
    s = json.dumps(d, indent=2, sort_keys=True)
    t = json.loads(s)
    return [s, t == d, json.loads(json.dumps(t))]
#: rt [{"b": [1, {"c": 2}], "a": "x"}]
# ---
import json
def numbers(texts):
    out = []
    for text in texts:
        try:
            value = json.loads(text)
            out.append([repr(value), type(value).__name__])
        except ValueError as error:
            out.append(str(error))
    return out
#: numbers [["0", "-0", "-0.0", "0.0", "00", "01", "-", "1.", ".5", "1.5", "-1.50", "1e5", "1.5E-3", "1e", "123456789012345", "1234567890123456", "12345678901234567890", "0.1234567890123456", "0.123456789012345", "12345678.1234567", "9007199254740993.0", "1.0e400", "-1e-400", "0.30000000000000004", "-12 ", " 7.25x", "[1,2.5,-3]", "1.5.5", "--1", "-a", "1_0", "+1"]]
# ---
def given(a, b, c):
    return [repr(a), repr(b), repr(c)]
#: given [0.1, 123456.789012345, -0.0]
#: given [99999999999999.9, 1234567890.12345, 7e22]
#: given [100000000000000000000, -9223372036854775808, 0.000001]
