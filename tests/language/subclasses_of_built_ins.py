# Classes that inherit from built-in ones, and call their special methods by name.

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableSequence, Sequence, Set, Sized

FIND = re.compile(r"\d+").findall
SEARCH = re.compile(r"b+").search
VOWEL = frozenset("aeiou").__contains__


class Accumulator:
    def __init__(self):
        self.start = 5

    def add(self, x):
        return self.start + x


ADD = Accumulator().add


class Log(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)

    def __getitem__(self, key):
        return super().__getitem__(key) + 1

    def __missing__(self, key):
        return -1


class History(list):
    def append(self, x):
        super().append(x)
        return self

    def __contains__(self, x):
        return super().__contains__(x) or x == "all"


class Reversed(list):
    def __iter__(self):
        return super().__reversed__()


class Money(int):
    def __add__(self, other):
        return Money(super().__add__(other))

    def __repr__(self):
        return "$" + super().__repr__()

    def __eq__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        return super().__eq__(other)

    __hash__ = int.__hash__


def subclasses(text):
    log = Log()
    log["a"] = 4
    history = History([1])
    history.append(2).append(3)
    money = Money(3) + 4
    return [FIND(text + " 12 a3"), [c for c in text if VOWEL(c)], ADD(3), dict(log), len(log), log.get("a"),
            [1 in history, "all" in history, 7 in history, len(history), list(history)], history,
            [repr(money), money == 7, money == Money(7), type(money).__name__, money], list(Reversed([1, 2])),
            list(map({"a": 1, "b": 2}.get, "abc")), sorted([3, 1], key=[0, 5, 2, 1].__getitem__),
            list(filter({1, 2}.__contains__, [1, 3, 2]))]

#: subclasses ["hello 5"]
# ---
def special(n):
    return [(5).__add__(n), [1, 2].__contains__(n), {"a": 1}.__getitem__("a"), "abc".__len__(), (1, 2).__eq__((1, 2)),
            "a".__lt__("b"), (n).__rsub__(10), list([1].__iter__()), (7).__mod__(4), "ab".__mul__(n), (2.5).__int__(),
            (-n).__abs__(), (n).__neg__(), (n).__bool__(), (n).__str__(), {1: 2}.__contains__(n), {1, 2}.__contains__(n),
            "abc".__getitem__(1), "x".__hash__() == hash("x"), hasattr([], "__len__"), hasattr(5, "__index__")]

#: special [2]
#: special [0]
# ---
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableSequence, Sequence, Set, Sized


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Unhashable:
    def __eq__(self, other):
        return True

    def __len__(self):
        return 1


def flatten(items):
    for item in items:
        if isinstance(item, Iterable) and not isinstance(item, (str, bytes)):
            yield from flatten(item)
        else:
            yield item


def abstract(items):
    values = [1, 2.5, "a", b"b", [1], (1,), {1: 2}, {1}, frozenset(), range(3), None, len, abstract, Countdown,
              Countdown(1), Unhashable(), iter([]), (x for x in "a"), {}.keys(), {}.values(), True, enumerate([])]
    kinds = (Callable, Hashable, Iterable, Iterator, Mapping, MutableSequence, Sequence, Set, Sized)
    return [list(flatten(items)), [[isinstance(value, kind) for kind in kinds] for value in values],
            [issubclass(kind, Sequence) for kind in (list, dict, str, Countdown)]]

#: abstract [[1, [2, [3, [4, {"a": 5}]]], "six"]]
# ---
from abc import ABC, abstractmethod


class Shape(ABC):
    @abstractmethod
    def area(self):
        ...


@Shape.register
class Blob:
    def area(self):
        return 1


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side ** 2


class Closing(ABC):
    @classmethod
    def __subclasshook__(cls, other):
        return hasattr(other, "close")


class File(Closing):
    def close(self):
        return "closed"


def registered(side):
    shapes = [Blob(), Square(side), 5]
    return [[isinstance(shape, Shape) for shape in shapes], issubclass(Blob, Shape), issubclass(int, Shape),
            [shape.area() for shape in shapes if isinstance(shape, Shape)], File().close(), isinstance(File(), File)]

#: registered [3]
# ---
from collections import OrderedDict


class Table(dict):
    pass


class Raw(bytes):
    pass


class Loud(str):
    def __str__(self):
        return "LOUD"


def compared(text):
    table, raw = Table(a=1), Raw(text.encode())
    return [table == OrderedDict(a=1), OrderedDict(a=1) != table,
            raw == bytearray(text.encode()), bytearray(text.encode()) == raw, raw < bytearray(b"zz"), raw != b"x", raw == 5,
            "%s %r %d".__mod__((Loud(text), Loud(text), 3)), "%s".__mod__(Loud(text)), "%(k)s".__mod__({"k": Loud(text)})]

#: compared ["abc"]
#: compared ["zzz"]
