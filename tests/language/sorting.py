# Sorting asks for the comparisons that CPython asks for.
class K:
    log = None
    def __init__(self, v, log):
        self.v = v
        self.log = log
    def __lt__(self, o):
        self.log[0] += 1
        self.log[1] = (self.log[1] * 31 + self.v * 7 + o.v) % 1000003
        return self.v < o.v
def sorts(n, kind, seed):
    x = seed
    xs = []
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        if kind == 0:
            xs.append(x % 1000)
        elif kind == 1:
            xs.append(i if x % 10 else x % n)
        elif kind == 2:
            xs.append((n - i) // 3)
        elif kind == 3:
            xs.append(x % 4)
        elif kind == 4:
            xs.append(i % 37 + (x % 2))
        else:
            xs.append((i // 50) * (1 if (i // 50) % 2 else -1) + i % 50)
    log = [0, 0]
    ks = [K(v, log) for v in xs]
    ks.sort()
    out = [k.v for k in ks]
    log2 = [0, 0]
    ks2 = sorted([K(v, log2) for v in xs], reverse=True)
    from functools import cmp_to_key
    calls = []
    def cmp(a, b):
        calls.append(a * 3 + b)
        return (a > b) - (a < b)
    r3 = sorted(xs, key=cmp_to_key(cmp))
    def bad(a, b):
        calls.append(a - b)
        return (a * 7 + b * 3) % 3 - 1
    r4 = sorted(xs, key=cmp_to_key(bad))
    return [out == sorted(xs), log, log2, [k.v for k in ks2] == sorted(xs, reverse=True), len(calls), sum(calls[::3]) % 1000003, r3 == out, r4]
#: sorts [0, 0, 1]
#: sorts [1, 0, 1]
#: sorts [2, 0, 2]
#: sorts [30, 0, 3]
#: sorts [64, 0, 3]
#: sorts [100, 1, 4]
#: sorts [333, 0, 5]
#: sorts [333, 1, 6]
#: sorts [333, 2, 7]
#: sorts [333, 3, 8]
#: sorts [500, 4, 9]
#: sorts [1000, 0, 10]
#: sorts [1000, 1, 11]
#: sorts [1000, 5, 12]
#: sorts [700, 3, 13]
#: sorts [1500, 4, 14]
# ---
def nans(xs):
    f = [float(x) for x in xs]
    return [repr(sorted(f)), repr(sorted([{1, 2}, {1}, set(), {2}])), repr(sorted([(1.0, f[0]), (1.0, 2.0)])), sorted([True, 0, 2, 1.5])]
#: nans [["nan", "1", "0", "nan", "-1", "3"]]
# ---
def during(xs):
    r = []
    try:
        xs.sort(key=lambda x: (len(xs), x)[1])
        r.append(xs[:])
        xs.sort(key=xs.count)
        r.append(xs[:])
        ys = sorted(xs, key=lambda v: -v)
        r.append(ys)
        sorted([1, "a"])
    except TypeError as e:
        r.append(str(e))
    return r
#: during [[3, 1, 2, 1]]
# ---
import heapq
class Mine:
    def __init__(self, v):
        self.v = v
    def __lt__(self, other):
        return self.v > other.v
def heaps(rows, mixed):
    heap, out = [], []
    for at, row in enumerate(rows):
        heapq.heappush(heap, (row, at))
    while len(heap) > 2:
        out.append(heapq.heappop(heap))
    numbers = [row[0] for row in rows]
    heapq.heapify(numbers)
    out.append(numbers)
    own = []
    for row in rows:
        heapq.heappush(own, (row[1], Mine(row[0])))
    out.append([(text, one.v) for text, one in own])
    try:
        for one in mixed:
            heapq.heappush(heap, one)
    except TypeError as error:
        out.append(str(error))
    out.append(heap)
    return out
#: heaps [[[3, "b"], [1, "a"], [2, "a"], [3, "a"], [0, "z"], [2, "a"], [5, "b"]], []]
#: heaps [[[1.5, "b"], [1, "b"], [-0.0, "b"], [0, "b"], [2.5, "b"], [0.0, "b"]], [[[0, "a"], 0]]]
# ---
def mixed_heap():
    import heapq
    heap = [(1, "a"), (2, "b"), (3, "c")]
    out = []
    for one in [(0, "x"), (1, 5), (0, "w")]:
        try:
            heapq.heappush(heap, one)
        except TypeError as error:
            out.append(str(error))
        out.append(list(heap))
    try:
        out.append(heapq.heappop(heap))
        out.append(heapq.heappop(heap))
    except TypeError as error:
        out.append(str(error))
    out.append(list(heap))
    return out
#: mixed_heap []
# ---
def kinds(rows, numbers):
    tuples = [tuple(row) for row in rows]
    out = [sorted(tuples), sorted(tuples, reverse=True), sorted(numbers), sorted(numbers, reverse=True), min(tuples), max(tuples)]
    numbers.sort()
    out.append([str(number) for number in numbers])
    out.append([tuples[0] < tuples[1], tuples[0] <= tuples[1], tuples[0] >= tuples[1], tuples[0] > tuples[1], tuples[0] == tuples[1]])
    rows.sort(key=lambda row: (row[1], -row[0]))
    out.append(rows)
    return out
#: kinds [[[1, "b"], [1, "a"], [0, "é"], [1, "a"]], [0.0, -0.0, 2.5, -1.0, -0.0, 0.0]]
#: kinds [[[1.5, "b"], [1, "a"], [true, "a"]], [1, true, 0, false, -3]]
#: kinds [[[1, "b", 2], [1, "b"]], [3, 1.5, true]]
#: kinds [[[1, "b"], [1, "b"]], []]
