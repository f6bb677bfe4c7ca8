#### name
def f():
    x = 1
    return x + undefined
f()
#### callee
def f():
    return undefined(1, 2) + 3
f()
#### callee that is None
def f(g=None):
    return [1, g(1,
       2)]
f()
#### attribute of a method call
def f(x):
    y = (x
         .upper()
         .missing(1) + 2)
    return y
f("a")
#### method that fails over lines
def f(x):
    return (x.strip()
            .index("zz"))
f("a")
#### method with computed arguments
def f(x):
    return (x
            .strip()
            .index(str("zz")))
f("a")
#### attribute
def f(x):
    return [x.upper, x.missing]
f("a")
#### index
def f(x):
    return x["a"]["b"][0]
f({"a": {}})
#### binary
def f(x, y):
    return 1 + (x + y) * 2
f(1, "ä")
#### after wide text
def f(x, y):
    return "äöü" + x + (y * 2)
f("é", 2)
#### comparison
def f(x):
    if 1 < x < "a":
        pass
f(2)
#### unary
def f(x):
    return -x
f("a")
#### truth
class B:
    def __bool__(self):
        raise ValueError("no truth")
    def __lt__(self, other):
        return self
def f(case, b):
    if case == 0:
        if b:
            pass
    elif case == 1:
        if b < 1:
            pass
    elif case == 2:
        while not b:
            pass
    elif case == 3:
        x = 1 if b else 2
    elif case == 4:
        x = b or 1
    elif case == 5:
        if case < 9 and b:
            pass
    elif case == 6:
        x = not b
    elif case == 7:
        x = 0 if b < 2 < 3 else 1
    elif case == 8:
        if (b if 1 < case else 0):
            pass
    elif case == 9:
        x = (b < 1) and 2
    elif case == 10:
        if 1 and (b or 2):
            pass
import traceback
for case in range(11):
    try:
        f(case, B())
    except ValueError:
        print(traceback.format_exc())
f(0, B())
#### many
import traceback
def t0(x):
    for y in x:
        pass
def t1(x):
    a, b = x
def t2(x):
    for a, b in [x]:
        pass
def t3(x):
    x[0] = 1
def t4(x):
    x[0] += 1
def t5(x):
    x += []
def t6(x):
    return f"{x:zz} {x}"
def t7(x):
    return f"{x} {x + []}"
def t8(x):
    return {[]: x}
def t9(x):
    return {1: x, x[0]: 2}
def t10(x):
    x.y = 1
def t11(x):
    raise ValueError("a",
        x)
def t12(x):
    return [z
            for z in x]
def t13(x):
    with x as y:
        pass
def t14(x):
    try:
        x.a
    finally:
        x.b
def t15(x):
    return x(
        *x)
def t16(x):
    if x:
        y = 1
    if x > 1:
        z = 2
    return y + z
def t17(x):
    def inner(q):
        return q + x + ""
    return inner(x)
def t18(x):
    return sorted([x, x], key=lambda v: v + "")
def t19(x):
    assert not x, f"message {x}"
def t20(x):
    while x.q:
        pass
def t21(x):
    x: int = x.z
    return x
def t22(x):
    (a, x.b), c = (1, 2), 3
def t23(x):
    return x[1:2]
def t24(x):
    del x.y
def t25(x):
    from os import nothing_there
def t26(x):
    (lambda: x.y)(
    )
def t27(x):
    return print(x, sepp=1)
def t28(x):
    def inner():
        return y
    if not x:
        y = 1
    return inner()
def t29(x): return x.a if x else x.b
def t30(x):
    global gone
    gone += 1
def t31(x):
    match x:
        case {"a": 1}: pass
        case 5:
            x.y
def t32(x):
    a = b = x.c
def t33(x):
    return (x, x.y,
        x)
def t34(x):
    return x if x == 5 and x.real.zz else 1
def t35(x):
    if x:
        if True:
            try:
                return (1 +
            x.n(
        2))
            except KeyError: pass
def t36(x):
    yield x.y
def t37(x):
    [a.b for a in (x for x in [x])]
def t38(x):
    "%s %s" % (x, str(x.o))
def t39(x):
    "%d" % x.real % ()
def t40(x):
    print(f"{x}" f"a {x.y!r} b")
def t41(x):
    return x @ x
def t42(x):
    return x.bit_length(1) + x
def t43(x):
    class K(x):
        pass
for n in range(44):
    try:
        r = globals()[f"t{n}"](5)
        if n == 36:
            next(r)
        print("no error", n)
    except Exception:
        print(traceback.format_exc())
