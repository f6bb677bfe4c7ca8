# Iterators (the third seed's section 5.1.10): the protocol, generators, and what builds on them.

class Countdown:
    def __init__(self, start):
        self.now = start

    def __iter__(self):
        return self

    def __next__(self):
        if self.now <= 0:
            raise StopIteration
        self.now -= 1
        return self.now + 1

class Squares:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * i

def protocol(n):
    it = iter(Countdown(n))
    first = next(it)
    a, *rest = Countdown(3)
    return [first, list(it), next(it, "end"), sum(Countdown(n)), [a, rest], list(Squares()), 4 in Squares(), list(zip(Countdown(3), "ab")), max(Countdown(n), default=0), list(enumerate(Countdown(2)))]

#: protocol [4]
#: protocol [1]
# ---
def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b

def take(n, source):
    for i, x in enumerate(source):
        if i >= n:
            return
        yield x

def tree(t):
    if isinstance(t, list):
        for part in t:
            yield from tree(part)
    else:
        yield t

def averager():
    total, count, mean = 0, 0, None
    while True:
        x = yield mean
        total, count = total + x, count + 1
        mean = total / count

def cleanup(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")

def generators(n):
    g = averager()
    next(g)
    means = [g.send(x) for x in (1, 2, 6)]
    log = []
    for x in cleanup(log):
        log.append(x)
    c = cleanup(log)
    next(c)
    c.close()
    try:
        next(c)
    except StopIteration as stop:
        log.append(stop.value)
    return [list(take(n, fib())), list(tree([1, [2, [3, []], 4]])), means, log, sum(x * x for x in range(n)), list(x for x in take(3, fib()))]

#: generators [10]
#: generators [0]
# ---
from itertools import accumulate, chain, combinations, count, cycle, groupby, islice, permutations, product, takewhile, zip_longest

def tools(xs):
    return [list(accumulate(xs)), list(chain(xs, "ab")), list(combinations(xs, 2)), list(islice(count(5, 2), 3)), list(islice(cycle(xs), 5)), [(k, list(g)) for k, g in groupby(sorted(xs), lambda x: x % 2)], len(list(permutations(xs))), list(product(xs, repeat=2))[:3], list(takewhile(lambda x: x < 3, xs)), list(zip_longest(xs, "a", fillvalue="-")), list(map(lambda a, b: a * b, xs, xs[1:])), list(filter(None, [0, 1, "", "x"]))]

#: tools [[1, 2, 3]]
# ---
def walrus(xs, c):
    n, d = 1, 2
    total = sum((d := x - c) * d for x in xs)
    seen = [y for x in xs if (y := x % 3)]
    found = any((hit := x) > 2 for x in xs)
    return [total, d, n, seen, y if xs else None, found, hit if xs else None]

#: walrus [[1, 2, 3, 4], 2]
#: walrus [[], 5]
# ---
def walrus_in_a_generator(xs):
    def inner():
        last = None
        squares = ((last := x) * last for x in xs)
        out = []
        for square in squares:
            out.append((square, last))
        return out, last
    return inner()

#: walrus_in_a_generator [[1, 2, 3]]
# ---
from itertools import chain, combinations
from collections import deque, defaultdict

_marker = object()


def first(items, default=_marker):
    for item in items:
        return item
    if default is _marker:
        raise ValueError("empty")
    return default


def back(items):
    try:
        return reversed(items)
    except TypeError as error:
        return reversed([str(error), *items])


def chained(lists):
    own = object()
    table = defaultdict(list)
    table["a"].append(1)
    factory = table.default_factory
    table.default_factory = None
    out = [list(chain.from_iterable(lists)), list(chain.from_iterable(combinations(lists, r) for r in range(2))), chain.from_iterable(lists) is None,
           list(deque([0, 1], maxlen=3) * 3), list(deque([1]) * -1), list(back(x for x in [1, 2])), list(back(map(str, [1]))), list(back(zip([1]))), list(back(enumerate([1]))),
           first([1]), first([], 2), own is own, own == _marker, own != own, isinstance(own, object), {own: 3, _marker: 4}[_marker], factory is list,
           isinstance(None, type(None)), type(None) is type(3), isinstance(lists, (type(None), list)), type(None).__name__]
    for wrong in (lambda: table["b"], lambda: first([])):
        try:
            wrong()
        except (KeyError, ValueError) as error:
            out.append(repr(error))
    return out

#: chained [[[1, 2], [], [3]]]
# ---
def pairs(kind, items):
    sources = {
        "enumerate": lambda: enumerate(items, 5),
        "zip": lambda: zip(items, items[1:]),
        "strict": lambda: zip(items, items[1:], strict=True),
        "three": lambda: zip(items, items, items),
        "map": lambda: map(lambda item: (item, str(item)), items),
        "items": lambda: {item: -1 for item in items}.items(),
        "keys": lambda: {str(item) * 2: 0 for item in items}.keys(),
        "texts": lambda: iter(["ab", "cd", "efg"]),
        "made": lambda: (pair for pair in zip(items, reversed(items))),
        "ints": lambda: iter(items),
    }
    seen = []
    try:
        for a, b in sources[kind]():
            seen.append([a, b])
            a = b
        for pair in sources[kind]():
            a, b = pair
            seen.append(pair)
        table = dict(enumerate(items))
        for a, b in table.items():
            table[a + 100] = b
    except (ValueError, TypeError, RuntimeError) as error:
        return [seen, type(error).__name__, str(error)]
    return seen

#: pairs ["enumerate", [1, 2.5, "x"]]
#: pairs ["zip", [1, 2, 3]]
#: pairs ["zip", [1, "2", null]]
#: pairs ["strict", [1, 2, 3]]
#: pairs ["three", [1]]
#: pairs ["map", [1, 2]]
#: pairs ["items", [3, 4]]
#: pairs ["keys", [7, 8]]
#: pairs ["keys", [10]]
#: pairs ["texts", []]
#: pairs ["made", [1, 2, 3]]
#: pairs ["ints", [1]]
#: pairs ["ints", []]
# ---
def pairs(xs, d):
    out = []
    for i, x in enumerate(xs, 5):
        out.append([i, x])
    for x, letter in zip(xs, "abc"):
        out.append([x, letter])
    for i, j in zip(range(10, 20), xs):
        out.append(i - j)
    for key, value in d.items():
        out.append([key, value])
        if key == "a":
            d[key] = value + 1
    for i, (a, b) in enumerate(zip(xs, xs[1:])):
        out.append(i * a * b)
    for i, x in enumerate(xs):
        if i < 2:
            xs.append(i)
    for left, right in zip(xs, iter(xs)):
        out.append(left == right)
    for number, letter in enumerate({"x": 1, "y": 2}):
        out.append([number, letter])
    try:
        for key, value in d.items():
            d[key + "!"] = value
    except RuntimeError as error:
        out.append(str(error))
    try:
        for a, b in zip(xs, 5):
            out.append(a)
    except TypeError as error:
        out.append(str(error))
    for pair in zip(xs, xs):
        out.append(list(pair))
    left, right = zip(*[(1, 2), (3, 4)])
    it = enumerate(xs)
    out.append(list(next(it)))
    for i, x in it:
        out.append(i)
        break
    return [out, list(left), list(right), list(it)]

#: pairs [[3, 1, 2], {"a": 1, "b": 2}]
# ---
def risen(xs, flag):
    out = []
    items, text = [], "ab"
    for turn in range(3):
        items.append(turn) if isinstance(items, list) else items.add(turn)
        for i, x in enumerate(items):
            out.append([i, x])
        for a, b in zip(items, text):
            out.append([a, b])
        for left, right in zip(text, items):
            out.append([left, right])
        add = sorted(items).index
        out.append(add(turn))
        copied = items.copy
        items = set(copied()) if flag else tuple(copied()) + (9,)
        items = items if flag else list(items)
        text = ["c", "d"] if turn else "cd"
        for k, v in ({"k": turn} if flag else {"k": turn, "l": 1}).items():
            out.append([k, v])
    return out

#: risen [[1], true]
#: risen [[1], false]

# ---

class Number:
    def __init__(self, value):
        self.value = value

    def __radd__(self, other):
        return other + self.value


def added(items, start):
    grown = list(items)
    out = [sum(items), sum(items, start), sum(items, 0.5), sum([0.1] * 3 + items, True), sum([2 ** 62] * 4 + items)]
    out.append(sum(items + [Number(3), 2.5, Number(4)]))
    out.append(sum([[item] for item in items], [start]))
    return out, sum([]), sum([], start), sum([-0.0], -0.0), grown

#: added [[1, 2, 3], 10]
#: added [[1.5, 2, true], 10]
#: added [[], -1.5]
# ---

def digits(text):
    return list(map(int, text)), sum(map(int, text)), list(map(float, text)), list(map(bool, text)), list(map(int, [1.5, True, "7", " 8 "]))

#: digits ["0123456789"]
#: digits ["9٣٤0"]
#: digits [""]
