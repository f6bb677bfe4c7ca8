# Lists and tuples (the third seed's sections 5.1.7 and 5.1.8).

def lists(xs):
    ys = xs[:]
    ys.append(9)
    ys.insert(1, "i")
    ys.extend((1, 2))
    ys += [3]
    ys[0], ys[-1] = ys[-1], ys[0]
    popped = [ys.pop(), ys.pop(0)]
    ys.remove("i")
    zs = ys * 2
    zs[1:3] = ["a", "b", "c"]
    del zs[::2]
    zs.reverse()
    return [xs, ys, popped, zs, ys.index(9), ys.count(1), xs + [0], xs[::-1], xs[-2:], 2 in xs, len(zs), sorted(xs), list(reversed(xs)), [xs] * 2, ys == ys.copy(), xs < ys]

#: lists [[4, 2, 3]]
#: lists [[1, 1]]
# ---
def tuples(a, b):
    t = (a, b, (1, [2]))
    t[2][1].append(3)
    x, *y = t
    u = t + (5,)
    return [t, x, y, u, len(u), t[::-1], t == (a, b, (1, [2, 3])), t[:2] < (b, a), (a,) * 3, a in t, u.index(5), u.count(a), tuple("ab"), hash((1, 2)) == hash((1, 2)), ()]

#: tuples [1, 2]
#: tuples ["x", "y"]
# ---
def errors(k):
    out = []
    for f in [lambda: [1][5], lambda: (1,)[5], lambda: [].pop(), lambda: [1].remove(2), lambda: [1].index(2), lambda: [1]["a"], lambda: (1, 2) + [3], lambda: len(5)]:
        try:
            out.append(f())
        except (IndexError, ValueError, TypeError) as error:
            out.append(f"{type(error).__name__}: {error}")
    return out[k:]

#: errors [0]
# ---
def far(xs):
    out = []
    for at in [10 ** 19, -10 ** 19]:
        for change in [lambda: xs[at], lambda: xs.__len__() if at == 0 else xs[at:], lambda: xs[:at]]:
            try:
                out.append(change())
            except IndexError as error:
                out.append(str(error))
        try:
            xs[at] = 1
        except IndexError as error:
            out.append(str(error))
    return out

#: far [[1, 2]]
# ---
class Plain:
    pass

def far_indices(i):
    out = []
    for target in ("ab", (1, 2), b"ab", range(3), {1}, frozenset(), Plain(), 5, None, 2.5):
        try:
            target[i] = 1
        except (TypeError, IndexError) as error:
            out.append(f"{type(error).__name__}: {error}")
        try:
            del target[i]
        except (TypeError, IndexError) as error:
            out.append(f"{type(error).__name__}: {error}")
    return out

#: far_indices [1]
#: far_indices [1180591620717411303424]
#: far_indices ["x"]
# ---
class Holder:
    def fixed(self):
        return ((1, 2), 3)

    def made(self, n):
        x = (1, 2)
        return (x, n)

def tuples_of_constants(n):
    holder = Holder()
    made = [holder.made(i) for i in range(n)]
    return [made, holder.fixed() is holder.fixed(), holder.fixed(), [(1, 2)[0], (0, 7)[0], (7, -1)[1], b"\x02\x01"[0]], [(2, 1)[1] for _ in range(n)]]

#: tuples_of_constants [3]
# ---
# Methods of receivers that are now of one type and now of another.
from collections import Counter, OrderedDict, defaultdict, deque


class Own:
    def __init__(self):
        self.held = []

    def append(self, item):
        self.held.append(("own", item))

    def add(self, item):
        self.held.insert(0, item)

    def pop(self):
        return self.held.pop()


def box_of(kind):
    return {"list": [1, 2], "deque": deque([1, 2], 3), "own": Own(), "set": {1, 2}}[kind]


def of_any_kind(kinds, n):
    out = []
    for kind in kinds:
        box = box_of(kind)
        last = first = None
        if kind in ("set", "own"):
            for i in range(n):
                box.add(i)
        if kind != "set":
            for i in range(n):
                box.append(i)
            last = box.pop()
        if kind == "deque":
            first = box.popleft()
            box.appendleft(7)
        out.append([kind, last, first, len(box) if kind != "own" else box.held])
    empty = deque()
    try:
        empty.popleft()
    except IndexError as error:
        out.append(str(error))
    for table in ({"a": 1}, defaultdict(list, a=1), Counter("aab"), OrderedDict(a=1)):
        out.append([table.get("a"), table.get("b"), table.get("b", 0), len(table)])
    for text in ("  a b ", b" a b "):
        out.append(str(text.strip()))
        out.append(len(text.split()))
    queue = [5, 6, 7, 8]
    out.append([queue.pop(0), queue.pop(1), queue.pop(-1), queue])
    queue.insert(0, 1)
    queue.insert(-1, 2)
    queue.insert(9, 3)
    return [out, queue, sorted([(2, "b"), (1, "z"), (1, "a")]), (1, 2) < (2,), (1, 2) < (1,), (1.5, 0) >= (1.5,), (True, 1) > (1, 0)]
#: of_any_kind [["list", "deque", "own", "set"], 3]
#: of_any_kind [["own", "list", "own"], 1]
