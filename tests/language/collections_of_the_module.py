# Named tuples, dataclasses and enumerations of the module.
from collections import namedtuple
Point = namedtuple("Point", ["x", "y"])
def nt(a, b):
    p = Point(a, b)
    q = p._replace(x=10)
    return [p.x, p[1], str(p), q, p._asdict(), Point._fields, Point._make([5, 6])]
#: nt [1, 2]
# ---
from dataclasses import dataclass, field
@dataclass(order=True)
class Item:
    weight: int
    name: str = field(compare=False, default="x")
    tags: list = field(default_factory=list)
def dc(n):
    xs = [Item(n - i, "n" + str(i)) for i in range(n)]
    xs.sort()
    xs[0].tags.append(1)
    return [repr(x) for x in xs] + [xs[0] == xs[1], xs[0] < xs[1]]
#: dc [3]
# ---
from enum import Enum, IntEnum
class Color(Enum):
    RED = 1
    GREEN = "g"
class Level(IntEnum):
    LOW = 1
    HIGH = 5
def en(n):
    return [Color.RED.name, Color.GREEN.value, str(Color.RED), repr(Color.RED), Color(1) is Color.RED, Color["GREEN"].name, Level.LOW < Level.HIGH, Level(5).name, [c.name for c in Color], Level.HIGH + n, len(Color), isinstance(Color.RED, Color)]
#: en [2]
# ---
from functools import wraps
def log(f):
    @wraps(f)
    def inner(*args, **kwargs):
        return ["called", f.__name__, f(*args, **kwargs)]
    return inner
@log
def add(a, b=2):
    return a + b
def deco(n):
    return add(n, b=5)
#: deco [1]
# ---
class Stack:
    def __init__(self): self.items = []
    def __iter__(self): return iter(self.items)
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __contains__(self, x): return x in self.items
    def __bool__(self): return bool(self.items)
    def push(self, x): self.items.append(x); return self
    def __repr__(self): return f"Stack({self.items!r})"
    def __add__(self, o):
        s = Stack(); s.items = self.items + o.items; return s
    def __setitem__(self, i, v): self.items[i] = v
    def __delitem__(self, i): del self.items[i]
    def __call__(self, k): return k * 2
    def __neg__(self): return [-i for i in self.items]
    @property
    def top(self): return self.items[-1]
    @staticmethod
    def make(*xs):
        s = Stack()
        for x in xs: s.push(x)
        return s
    @classmethod
    def empty(cls): return cls()
def stack(n):
    s = Stack.make(1, 2, n)
    s[0] = 9
    del s[1]
    t = s + Stack.empty().push(7)
    return [list(t), len(t), t[0], 7 in t, bool(Stack.empty()), repr(t), t.top, t(4), -t, sum(t), max(t), sorted(t), t[1:], str(t), f"{t}"]
#: stack [5]
# ---
NAMES = {f"k{i}": i * 1.5 if i % 3 else [i, None, True] for i in range(100)}
SQUARES = [i * i for i in range(50)] + ["end", -1.5, None, False, (1, "x"), 10 ** 30]
TRIPLE = tuple(str(i) for i in range(40))
ODD = frozenset(range(1, 99, 2))
def large(i):
    return [NAMES[f"k{i}"], SQUARES[i], SQUARES[-7:], TRIPLE[i % 40], i in ODD, len(NAMES), list(NAMES)[:3], sum(ODD)]

#: large [3]
#: large [41]
