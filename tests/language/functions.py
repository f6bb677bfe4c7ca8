# Functions with defaults, * and ** (the third seed's section 5.1.3), lambdas, closures and decorators.

def everything(a, b=2, *args, c, d=4, **kwargs):
    return [a, b, args, c, d, kwargs]

def calls(x):
    pair, named = [x, x + 1], {"c": 9, "e": 1}
    return [
        everything(1, c=3),
        everything(1, 2, 3, 4, c=5, z=6),
        everything(*pair, **named),
        everything(*pair, *pair, c=0, **{"d": 1}),
        (lambda *a, k=1, **b: (a, k, b))(1, 2, q=3),
        max(*pair),
        dict(**named, f=2),
    ]

#: calls [5]
# ---
def append(item, to=[], *, seen=None):
    seen = {} if seen is None else seen
    seen[item] = len(seen)
    return [item, len(to), seen]

def defaults(n):
    return [append(i) for i in range(n)]

#: defaults [3]
# ---
def counter(start):
    count = start

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step

def closures(n):
    a, b = counter(0), counter(100)
    made = [lambda k=k: k * n for k in range(3)]
    late = [lambda: k for k in range(3)]
    return [a(), a(5), b(), a(), [f() for f in made], [f() for f in late]]

#: closures [10]
# ---
def twice(function):
    def inner(*args, **kwargs):
        return [function(*args, **kwargs), function(*args, **kwargs)]

    return inner

def tagged(tag):
    def decorate(function):
        def inner(*args):
            return (tag, function(*args))

        return inner

    return decorate

@twice
@tagged("t")
def shout(text):
    return text.upper()

def decorated(text):
    @twice
    def local(x):
        return x + "!"

    return [shout(text), local(text)]

#: decorated ["a"]
# ---
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)

def even(n):
    return True if n == 0 else odd(n - 1)

def odd(n):
    return False if n == 0 else even(n - 1)

def compose(*functions):
    def composed(x):
        for function in reversed(functions):
            x = function(x)
        return x

    return composed

def recursion(n):
    return [fact(n), even(n), compose(fact, abs, lambda x: x - 1)(4), list(map(fact, range(5)))]

#: recursion [5]
#: recursion [25]
# ---
def wrong(which):
    def f(a, *, b=1):
        return a + b

    try:
        return [f(1, b=2), f(which)]
    except TypeError as error:
        return str(error)

#: wrong [1]
#: wrong ["x"]
# ---
def outer(xs):
    from itertools import permutations
    import math, json as j
    def whole(v):
        return math.floor(v)
    return [all(sorted(permutations(x)) == list(permutations(x)) for x in xs), [math.ceil(x[0] / 2) for x in xs],
            (lambda v: j.dumps(v))(xs), whole(1.5), list(map(whole, [2.5]))]

#: outer [[[1, 2], [3, 4]]]
# ---
from collections import namedtuple
from datetime import date
from functools import lru_cache
Point = namedtuple("Point", "x y")
@lru_cache(maxsize=None)
def point(x, y=1):
    return Point(x, y)
@lru_cache(typed=True)
def kind(x):
    return (x, type(x).__name__)
@lru_cache
def day(n):
    return date.fromordinal(n)
def caches(n):
    return [point(n), point(n, y=3), point(n) is point(n), kind(n), kind(float(n)), kind(n == 1), kind(n), str(day(n + 700000))]

#: caches [1]
#: caches [2]
