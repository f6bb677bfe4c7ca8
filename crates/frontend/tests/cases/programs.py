#### operands from left to right
def log(x):
    print("log", x)
    return x
def f(a, b=0, *, k=0):
    return (a, b, k)
def g():
    x = 1
    print(x + log(2), log(x) + x, -log(3) ** log(2))
    print(f(log(1), log(2), k=log(3)), f(k=log(1), b=log(2), a=log(3)))
    print({log("a"): log(1), log("b"): log(2)}, [log(1), log(2)], (log(1), log(2)))
    o = {}
    o[log("i")] = log("v")
    o[log("i")] += log("w")
    a = o[log("j")] = b = log("z")
    print(o, a, b)
    print(log(1) if log(0) else log(2), log(0) or log("") or log(5), log(1) and log(0) and log(7))
    print("%s %s" % (log(1), log(2)), "%s" % log(3))
g()
#### names rebound while operands wait
def f():
    x = 1
    def bump():
        nonlocal x
        x += 10
        return x
    print(x + bump(), bump() + x, x, [x, bump(), x], {x: bump(), bump(): x})
    x += bump()
    print(x)
    l = [0] * 100
    l[x] = bump()
    l[x - 1] += bump()
    print(x, [i for i, v in enumerate(l) if v])
    print(x < bump() < 1000, f"{x} {bump()} {x}", (x, x := 5, x))
    a = b = x
    print(a, b, x + (x := 7) + x)
f()
#### globals rebound while operands wait
n = 1
def bump(*_):
    global n, f
    n += 1
    f = lambda *a: ("new", a)
    return n
def f(*a):
    return ("old", a)
def g():
    print(n + bump(), f(bump()), f(n), [n, bump(), n])
g()
def h():
    global n
    n += bump()
    n = n + 1
    print(n)
h()
#### loops with else
def f(xs, stop):
    for x in xs:
        if x == stop:
            break
        if x % 2:
            continue
        print("even", x)
    else:
        print("no break")
    i = 0
    while i < 5:
        i += 1
        if i == stop:
            break
    else:
        print("ended", i)
        i = 100
    for a, (b, *c) in [(1, (2, 3, 4))]:
        print(a, b, c)
    else:
        print("else without break")
    for x in xs:
        for y in xs:
            if y > x:
                break
        else:
            break
        continue
    else:
        print("all broke")
    return x, i
print(f([1, 2, 3], 3), f([1, 2, 3], 9), f([], 1) if False else "")
#### break hidden in a try, and in a with
import contextlib
def f(xs):
    for x in xs:
        try:
            if x == 2:
                break
        finally:
            print("finally", x)
    else:
        print("else")
    while True:
        with contextlib.suppress(ValueError):
            break
    for x in xs:
        try:
            continue
        finally:
            print("again", x)
f([1, 2, 3])
f([1])
#### lists that change under their loop
def f():
    xs = [1, 2, 3]
    for x in xs:
        if len(xs) < 8:
            xs.append(x * 2)
    print(xs)
    d = {1: 2}
    for k in d:
        d[k + 1] = 1
f()
#### generators end where they would
def gen():
    try:
        yield 1
        yield 2
    finally:
        print("closed")
def f():
    for x in gen():
        print(x)
        break
    print("after")
    for x in gen():
        return x
print(f())
#### objects die where they would
class Noisy:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print("del", self.name)
    def get(self, *args):
        return self.name
    def __bool__(self):
        return True
def f():
    Noisy("statement")
    print("1")
    print(Noisy("receiver").get())
    print(Noisy("argument").get(Noisy("other").get()))
    if Noisy("test"):
        print("in then")
    else:
        print("never")
    x = Noisy("a") and Noisy("b") and 3
    print("2", x)
    y = [Noisy("in list")]
    y = None
    print("3")
    for i in [Noisy("item")]:
        i = None
        print("in loop")
    while Noisy("while"):
        print("body")
        break
    return Noisy("result").get()
print(f())
#### nested functions
def f(n):
    def fact(k=1, *, step: int = 1) -> int:
        "doc"
        return 1 if k <= 1 else k * fact(k - step)
    def count():
        nonlocal total
        total += 1
        def deeper():
            nonlocal total
            total *= 2
            return total
        return deeper
    total = 0
    for i in range(n):
        print(count()(), total)
    print(fact(n), fact.__doc__, fact.__name__, fact.__qualname__, fact.__annotations__)
    def gen(k):
        for i in range(k):
            yield i * total
    print(list(gen(3)))
    fs = []
    for i in range(3):
        def late(j=i):
            return i, j
        fs.append(late)
    print([g() for g in fs], [(lambda: i)() for _ in fs])
f(4)
#### unbound locals
def f(flag):
    if flag:
        x = 1
    print("before", end=" ")
    return x + 1
print(f(True))
f(False)
#### unbound in a call's argument, after the callee was looked up
class C:
    @property
    def m(self):
        print("looked up")
        return print
def f(c):
    c.m(x)
    x = 1
f(C())
#### unbound through del
def f():
    x = 1
    del x
    try:
        pass
    finally:
        pass
    return [x]
f()
#### unbound free variable
def f():
    def g():
        return x + 1
    g()
    x = 1
f()
#### except names are unbound afterwards
def f():
    e = 1
    try:
        1 / 0
    except ZeroDivisionError as e:
        pass
    return e
f()
#### undefined global before a bad argument
def f():
    return undefined(1 / 0)
f()
#### undefined argument
def f():
    return len(undefined)
f()
#### augmented assignment to an unbound name evaluates nothing
def f():
    x += print("never")
f()
#### update in place
def f(a=[1]):
    b = a
    a += [2]
    b[0] += 5
    d = {"k": a}
    d["k"] += (3,)
    print(a, b, d)
    t = ([],)
    t[0] += [1]
f()
#### chains
def v(x):
    print("v", x)
    return x
def f():
    print(v(1) < v(2) < v(3), v(3) < v(2) < v(1), v(1) == v(1) != v(2) in [v(2)])
    if v(1) < v(2) and not v(3) < v(4) or v(5):
        print("yes")
    if v(1) < v(0) < v(2):
        print("no")
    while v(0) < v(1) < v(1):
        pass
    x = not v(0)
    y = v(1) if v(0) or v(0) and v(1) else v(2)
    print(x, y)
f()
#### truth is asked once
class T:
    def __init__(self, value):
        self.value = value
    def __bool__(self):
        print("bool", self.value)
        return self.value
def f():
    a, b = T(True), T(False)
    if a and b or not a:
        print("no")
    elif not (a and not b):
        print("no")
    x = a and b
    y = b or a or b
    if b or a:
        print("yes")
    while a and b:
        pass
    if (a if b else b) or a:
        print(x.value, y.value)
    z = 1 if not a else 2 if b and a else 3
    print(z)
f()
#### f-strings
def log(x):
    print("log", x)
    return x
class F:
    def __format__(self, spec):
        print("format", spec)
        return "F" + spec
def f(x, s):
    w = 5
    print(f"{x}{s!r:>10}|{x:05d}|{{}}\t\\ 'q' \"d\"{x + 1}", f"", f"plain", f"{F()}{log(1)}{F():spec}{log(2)}")
    print(f"{x:{w}}|{x=}|{x!s}|{s}" "tail" f"{s!a}", f"{'const'}{1}{None!r}", rf"\d{x}")
    print(f"""{
        x}
    lines {s}""")
f(3, "ä\ud800'")
#### constants
def f():
    print(1e400, -1e400, 1e-7, 1.0, 0.1, 1e16, 123456789012345678901234567890, 0xff, 1_000, -5, +5, ~5, not 5)
    print("a\n\t\r\0\x7f\x85\u2028\ufeff\U0001f600é'\"\\", 'x' "y", b"b\x00" b'c', 1j, ..., None, True)
    print("\N{BULLET}\ud800".encode("utf-8", "surrogatepass"), """two
lines""", ("par"
    "ens"), b"by" \
    b"tes")
    print((1).real, 1.5.is_integer(), "a,b".split(","), [1, 2][-1], -2 ** 2, (), (1,), [], {}, ((1, 2), [3]))
f()
#### docstrings
def f():
    "one" " two"
def g():
    """several
      lines"""
    return g.__doc__
def h():
    f"none"
    "late"
def i():
    ("par"
     "enthesised")
    return 1
print(repr(f.__doc__), repr(g()), h.__doc__, h(), repr(i.__doc__), i())
#### targets
class O:
    pass
def f():
    o = O()
    o.x = o.y = 3
    o.x += 1
    a, b = c = 1, 2
    (d, [e, *g]), h = (1, "xyz"), 5
    [i, j] = j, i = 1, 2
    i, j = j, i
    k = {}
    k["a"], k["b"] = 1, 2
    for k["c"] in range(3):
        pass
    for o.z, k["d"] in [(1, 2)]:
        pass
    x: int = 4
    y: undefined_annotation
    o.w: int = 5
    l = [1, 2, 3]
    l[1:] = [9]
    l[0:1] += [7]
    m, = [1]
    print(a, b, c, d, e, g, h, i, j, k, o.__dict__, x, l, m)
    a, b = b
f()
#### constructs that stay
import sys
def f(x):
    import os.path as p, string
    from math import pi
    class K(object):
        attribute = x
        def m(self):
            return self.attribute, x
    with open(p.devnull) as h, open(p.devnull):
        y = 1
    assert y, "no"
    match x:
        case [a, *rest]:
            print("seq", a, rest)
        case {"k": v, **kw}:
            print("map", v, kw)
        case str() as s if s:
            print(s)
    squares = {k: v for k, v in enumerate(range(3))}
    print([z for z in range(x if isinstance(x, int) else 2)], squares, {1, 2}, x[:1] if isinstance(x, list) else None)
    print(*[1, 2], **{"sep": "-"})
    g = lambda q, *r, s=1: (q, r, s, x)
    print(g(1), K().m(), string.digits, round(pi, 2))
    del y
    try:
        raise ValueError("v") from None
    except (ValueError, TypeError) as e:
        print(repr(e))
    else:
        print("else")
    finally:
        print("finally")
    try: return x
    finally: print("last")
print(f([1, 2]), f({"k": 1, "l": 2}), f("str"), f(3))
#### functions that see their variables
def f(a):
    b = a + 1
    return sorted(locals())
def g(a):
    b = a * 2
    return eval("a + b")
def h():
    return [y for y in range(3)], dir()
async def co():
    return 1
def outer(a):
    def inner():
        return sorted(vars())
    return inner(), a
print(f(1), g(2), h(), outer(3))
co().close()
#### exceptions of user code
class E(Exception):
    pass
def f(n):
    if n == 0:
        raise E("deep",
                n)
    return f(n - 1)
def g():
    try:
        f(3)
    except E as e:
        raise RuntimeError("wrapped") from e
g()
#### one line
def f(x): return x + 1; print("dead")
def g(x): a = x; b = a * 2; return b;
def h(): pass
def i(): yield 1
def j(x):
    if x: return 1
    else: y = [x]; return y
    while 1: break
print(f(1), g(2), h(), list(i()), j(0), j(1))
#### tabs and odd layout
def f(a,
      b = 2,  # two
      *c
      # last
      ) -> (
    int):
	try:
		x = """a
	b"""
		y = (1 +
  2)
# a comment in the first column

	finally:
		print(a, b, c)
	return (x,
	  y)
print(f(1))
#### names of temporaries
t0 = 5
def f(app0, iter0):
    item0 = app0 + t0
    fn0 = m0 = None
    for x in iter0:
        item0 += abs(x + len([x]))
    return str(item0).strip("5").join("ab"[x] for x in range(2))
print(f(1, [1, -2]))
#### a global named like a builtin
def iter(x):
    return "mine"
def f():
    for x in [1]:
        print(iter(x))
    next = 3
    return next
print(f())
#### walrus
def f(xs):
    if (n := len(xs)) > 1 and (m := n * 2):
        print(n, m)
    while (y := xs.pop()):
        print(y)
    z = [q := w for w in (4, 5)]
    print(q, z, [y, y := 2, y], (lambda: (r := 1))())
    a = q + sum(q := q + v for v in (1, 2)) + q
    return a, q
print(f([0, 2, 3]))
#### deep expressions
def f(x):
    return x if x == 0 else 1 if x == 1 else 2 if x == 2 else (x and x and (x or x) and [x + 1] and x) or 3
print([f(i) for i in range(5)])
#### conditional definition order
if True:
    def f():
        return 1
else:
    def f():
        return 2
@staticmethod
def g():
    return 3
class A:
    def __m(self):
        return self.__class__.__name__
    def m(self):
        return self.__m(), super().__repr__()[:5]
def h():
    return f() + g(), A().m()
print(h())
#### star arguments and defaults
def f(a, /, b, c=[], *args, d, e={}, **kw):
    c.append(a)
    e[a] = b
    return a, b, c, args, d, e, kw
print(f(1, 2, d=3), f(1, b=2, d=3), f(4, 5, [6], 7, d=8, z=9))
f()
