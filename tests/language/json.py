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
