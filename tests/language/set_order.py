# The order of sets of texts depends on the process: native code has the hash secret of CPython's.

def texts(words):
    seen = set(words)
    order = [word for word in seen]
    letters = set("".join(words))
    return order, sorted(seen), list(letters), "".join(letters), [word for word in frozenset(words) | {"x", "yz"}]

#: texts [["pear", "apple", "fig", "plum", "cherry", "quince", "melon", "lemon", "lime"]]
#: texts [["a"]]
#: texts [["", "é", "ÿ", "Ā", "日本語", "😀", "naïve", "a😀b"]]
# ---

def hashes(text, number):
    data = text.encode()
    return [hash(text) % 7 == hash(str(text)) % 7, [b.decode() for b in {data, data + b"!", b"", b"abc", b"xyz"}],
            list({(text, number), (number, text), (text, (text,)), ()}), hash(text) == hash("".join(list(text))),
            list({None, True, 2.5, text, 2 ** 70, -1, -2, (None, text)}), hash("") == 0, hash(b"") == 0]

#: hashes ["spam", 3]
#: hashes ["ÿ€😀", -1]
# ---

def algebra(left, right):
    a, b = set(left), set(right)
    results = [a | b, a & b, a - b, a ^ b, b - a, a.union(right), a.intersection(right), a.difference(right),
               a.symmetric_difference(right)]
    a |= b
    a -= {"k1", "k3"}
    a ^= set("k1 k9".split())
    a.discard("k2")
    a.add("k0")
    popped = [a.pop() for _ in range(3)] if len(a) > 3 else []
    return [list(result) for result in results], list(a), popped, list(a.copy())

#: algebra [["k1", "k2", "k3", "k4", "k5", "k6", "k7"], ["k5", "k6", "k7", "k8", "k9"]]
#: algebra [[], ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"]]
#: algebra [["x", "y", "z"], []]
# ---

def views(left, right):
    a = dict.fromkeys(left, 1)
    b = dict(zip(right, range(len(right))))
    return [list(a.keys() & b.keys()), list(a.keys() | b.keys()), list(a.keys() - b.keys()), list(a.keys() ^ b.keys()),
            list(a.keys() & set(right)), list(set(right) & a.keys()), list(set(right) - a.keys()),
            list(a.keys() - right), list(a.items() | b.items()), list(a.items() & b.items()),
            list(a.items() - b.items()), list(a.keys() | right), list(set(right) | a.keys())]

#: views [["k1", "k2", "k3", "k4", "k5", "k6", "k7"], ["k5", "k6", "k7", "k8", "k9"]]
#: views [[], ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"]]
#: views [["x", "y", "z"], []]
#: views [[5, 70, 8, 22, 13], [8, 13, 100, 70, 1, 2, 3, 4]]
# ---

from dataclasses import dataclass
from enum import Enum
from collections import namedtuple


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        print("hash", self.x)
        return hash((self.x, self.y))

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


@dataclass(frozen=True)
class Card:
    suit: str
    rank: int


class Colour(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


Pair = namedtuple("Pair", "left right")


def objects(names):
    points = {Point(name, i) for i, name in enumerate(names)} | {Point(names[0], 0)}
    cards = {Card(name, i % 3) for i, name in enumerate(names)}
    pairs = {Pair(name, name[:1]) for name in names}
    colours = {Colour.BLUE, Colour.RED, Colour.GREEN}
    mixed = {(Point(1, 2), name) for name in names}
    return [str(p) for p in points], [c.suit for c in cards], [p.left for p in pairs], [c.name for c in colours], [
        name for _, name in mixed]

#: objects [["pear", "apple", "fig", "plum", "cherry", "quince", "melon", "lemon", "lime"]]# ---

def step(sets, choice, i, j, item):
    a, b = sets[i], sets[j]
    match choice:
        case 0:
            a.discard(item)
        case 1:
            sets[i] = a | b
        case 2:
            sets[i] = a & b
        case 3:
            sets[i] = a - b
        case 4:
            sets[i] = a ^ b
        case 5:
            a |= b
        case 6:
            a &= b
        case 7:
            a -= b
        case 8:
            a ^= b
        case 9:
            return a.pop() if a else None
        case 10:
            sets[i] = a.difference(list(b), [item])
        case 11:
            sets[i] = a.symmetric_difference(dict.fromkeys(b))
        case 12:
            a.symmetric_difference_update(dict.fromkeys(list(b) + [item]))
        case 13:
            a.update(dict.fromkeys([item, 1, "q"]), [2], (3,))
        case 14:
            a.intersection_update(list(b) + [item])
        case 15:
            sets[i] = set(frozenset(a) | frozenset([item]))
        case 16:
            sets[i] = dict.fromkeys(a).keys() & dict.fromkeys(b).keys()
        case 17:
            sets[i] = dict.fromkeys(a).keys() - b
        case 18:
            sets[i] = dict.fromkeys(a).keys() ^ b
        case 19:
            a.clear()
        case _:
            a.add(item)
    return list(sets[i])


def steps(seed, count):
    sets = [set(), set(), set()]
    out = []
    for _ in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        number = seed >> 33
        item = [number % 50, str(number % 40), "é" + str(number % 30), (number % 7, "x"), None][number % 5]
        out.append(step(sets, number // 7 % 60, number // 11 % 3, number // 13 % 3, item))
    return out

#: steps [1, 400]
#: steps [2, 400]
#: steps [3, 400]
#: steps [12345, 400]
# ---
def keys(rows):
    seen, out = set(), []
    for row in rows:
        for key in ((row, 1), (row, True), (row, 1.0), (1, row), (row,), row, (row, (row, 1)), (row, 1, 2, 3, 4), ()):
            out.append(key in seen)
            seen.add(key)
        out.append(len(seen))
    for row in rows:
        seen.discard((row, 1.0))
        out.append([len(seen), (row, True) in seen, (row, 1) in seen])
    return out
#: keys [[1, 2, 3, true, 1.0, 0, false]]
#: keys [[1, 1, 9223372036854775807, -1, -2]]
#: keys [["a", "b", null, 1, "a"]]
