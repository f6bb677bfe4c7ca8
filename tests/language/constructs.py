# Conditionals and loops (the third seed's section 5.1.2).

def loops(n):
    out = []
    for i in range(n):
        if i % 3 == 0:
            continue
        elif i > 7:
            break
        out.append(i)
    else:
        out.append("no break")
    while n > 0:
        n -= 2
        if n == 100:
            break
    else:
        out.append(n)
    for a, (b, *c) in [(1, (2, 3, 4)), (5, [6])]:
        out.append([a, b, c])
    return out

#: loops [5]
#: loops [20]
# ---
def nested(n):
    found = []
    for i in range(2, n):
        for j in range(2, i):
            if i % j == 0:
                break
        else:
            found.append(i)
    return found

#: nested [30]
# ---
def walrus(xs):
    total = 0
    while xs and (x := xs.pop()) != 0:
        total += x
    return [total, xs, [y for x in range(5) if (y := x * x) > 3]]

#: walrus [[1, 0, 2, 3]]
# ---
def chained(a, b, c):
    x = y = [a]
    y.append(b)
    a, b, c = c, a, b
    del x[0]
    assert x is y, "one list"
    return [a < b <= c, a == b != c, x, not a, a and b or c, (a, b, c)]

#: chained [1, 2, 3]
#: chained [0, 0, 0]
# ---
def unbound(flag):
    if flag:
        value = 1
    else:
        other = 2
    return [value] if flag else [other]

#: unbound [true]
#: unbound [false]
# ---
class Entered:
    def __init__(self, out):
        self.out = out

    def __enter__(self):
        self.out.append("in")
        return self

    def __exit__(self, *how):
        self.out.append("out")


def left(n):
    out = []
    while True:
        with Entered(out):
            n += 1
            if n > 3:
                break
    while True:
        try:
            n -= 1
            if n < 0:
                break
        finally:
            out.append(n)
    out.append("behind")
    return out

#: left [1]
