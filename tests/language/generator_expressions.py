def fused(n, xs):
    out = []
    for k in range(n):
        out.append(any(x > k for x in xs))
        out.append(all(x > k for x in xs))
        out.append(sum((x + k for x in xs), 10))
        out.append(next((x for x in xs if x > k), None))
    out.append(min(x - 3 for x in xs))
    out.append(max((x, -x) for x in xs))
    out.append(sorted((str(x) for x in xs), reverse=True))
    out.append(tuple(x for x in xs))
    out.append(list(set(x % 2 for x in xs)))
    out.append("-".join(str(x) for x in xs))
    out.append([sum(y for y in range(int(x))) for x in xs])
    out.append(list(x * y for x in xs if x > 1 for y in xs if y != x))
    out.append(sum(sum(y * x for y in xs) for x in xs))
    try:
        out.append(max(x for x in []))
    except ValueError as error:
        out.append(str(error))
    return out

#: fused [4, [3, 1, 2, 7]]
#: fused [2, [3.5, 1, 2, 7]]
#: fused [0, [1]]
# ---
def lazily(xs):
    seen = []

    def note(x):
        seen.append(x)
        return x

    found = any(note(x) > 2 for x in xs)
    first = next((note(x) for x in xs if x > 1), note("default"))
    try:
        total = sum(note(x) / (x - 5) for x in xs)
    except ZeroDivisionError:
        total = None
    best = min((note(x) for x in xs), key=lambda x: -x)
    return [found, first, total, best, seen]

#: lazily [[1, 2, 3, 4, 5, 6]]
#: lazily [[1, 1]]
# ---
def shadowed(xs):
    x = "outer"
    total = sum(x * 2 for x in xs)
    return [x, total, [sum(x for x in xs if x > y) for y in xs], (lambda x: sum(x + y for y in xs))(10)]

#: shadowed [[1, 2, 3]]
# ---
class Countdown:
    def __init__(self, start):
        self.now = start

    def __iter__(self):
        return self

    def __next__(self):
        if self.now <= 0:
            raise StopIteration
        self.now -= 1
        return self.now

def over_iterators(n):
    def numbers():
        yield from range(n)

    return [sum(x for x in Countdown(n)), sum(x for x in numbers()), any(x == 2 for x in Countdown(n)), list(x for x in Countdown(n))]

#: over_iterators [5]
