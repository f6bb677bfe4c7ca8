# What instances have, in which order, however they got it.

class Thing:
    kind = "thing"

    def __init__(self, a, b, order):
        if order:
            self.a = a
            self.b = b
        else:
            self.b = b
            self.a = a

    def total(self):
        return self.a + self.b

    def kinds(self):
        return self.kind

def orders(n):
    things = [Thing(i, i * 2, i % 2) for i in range(n)]
    for at, thing in enumerate(things):
        if at % 3 == 0:
            thing.c = at
        if at % 5 == 0:
            thing.kind = f"own {at}"
        if at % 7 == 0:
            thing.total = lambda: -1
    return [[thing.total(), thing.kinds(), thing.a, thing.b, getattr(thing, "c", None), list(thing.__dict__)] for thing in things]

#: orders [2]
#: orders [40]
# ---
class Bag:
    pass

def many(n):
    bag = Bag()
    for i in range(n):
        setattr(bag, f"name{i}", i)
    total = 0
    for i in range(n):
        setattr(bag, f"name{i}", getattr(bag, f"name{i}") + 1)
        total += getattr(bag, f"name{i}")
    other = Bag()
    other.name0 = "x"
    return [total, list(bag.__dict__), other.name0, hasattr(other, "name1")]

#: many [3]
#: many [29]
#: many [45]
# ---
import copy

class Node:
    def __init__(self, value, after):
        self.value = value
        self.after = after

def deleted(values):
    head = None
    for value in values:
        head = Node(value, head)
    seen = []
    node = head
    while node is not None:
        if node.value % 2:
            del node.value
        else:
            node.__dict__["extra"] = node.value
            node.value += 1
        seen.append([getattr(node, "value", None), getattr(node, "extra", None), sorted(node.__dict__)])
        node.value = 7
        seen.append(list(node.__dict__))
        node = node.after
    shallow = copy.copy(head)
    deep = copy.deepcopy(head)
    shallow.value = 1
    deep.after.value = "deep"
    return [seen, head.value, shallow.value, shallow.after is head.after, deep.after is head.after, head.after.value]

#: deleted [[1, 2]]
#: deleted [[4, 6, 9, 11]]
# ---
class Counter:
    def __init__(self):
        self.count = 0
        self.names = []

    def add(self, name, by=1):
        self.count += by
        self.names.append(name)
        return self

KEPT = Counter()

def kept(names):
    fresh = Counter()
    for name in names:
        KEPT.add(name)
        fresh.add(name, 2)
    KEPT.last = fresh
    fresh.count += 1
    KEPT.last.later = len(names)
    return [KEPT.count, KEPT.names, KEPT.last.count, KEPT.last.names, KEPT.last.later, list(KEPT.last.__dict__)]

#: kept [["a", "b"]]
#: kept [["c"]]
# ---
class Ball:
    def __init__(self, place):
        self.place = place
        self.hits = 0

class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

def slots(n):
    balls = []
    for i in range(n):
        ball = Ball(Vector(i, -i))
        ball.place.x += 0.5
        ball.hits += i
        balls.append(ball)
    try:
        balls[0].place.z = 1
    except AttributeError:
        balls[0].hits = "none"
    try:
        missing = balls[-1].absent
    except AttributeError as error:
        missing = str(error)
    return [[b.place.x, b.place.y, b.hits] for b in balls] + [missing]

#: slots [1]
#: slots [5]
# ---
def counted(n):
    class Local:
        def __init__(self, n):
            self.n = n
            if n > 2:
                self.large = True

        def size(self):
            try:
                return self.large
            except AttributeError:
                return False

    first = [Local(i) for i in range(n)]
    before = [one.size() for one in first]
    Local.large = "class"
    return [before, [one.size() for one in first], [one.n for one in first]]

#: counted [5]
#: counted [1]
# ---
class Loose:
    pass

class Tight:
    __slots__ = ("b",)

def missing(n):
    loose, tight, said = Loose(), Tight(), []
    for name in ("nope", "b", "zz"):
        for thing in (loose, tight):
            try:
                delattr(thing, name)
            except AttributeError as error:
                said.append(str(error))
    try:
        del loose.nope
    except AttributeError as error:
        said.append(str(error))
    for i in range(n):
        other = Loose()
        setattr(other, f"k{i}", i)
        said.append(other.__dict__)
    return said

#: missing [50]
# ---
import enum

class Color(enum.Enum):
    RED = 1
    BLUE = 2

class Painter:
    def paint(self, color):
        match color:
            case Color.RED:
                return "red"
            case {"color": Color.BLUE}:
                return "blue"
            case _:
                return "none"

def dotted_patterns(n):
    return [Painter().paint(color) for color in (Color.RED, {"color": Color.BLUE}, n)]

#: dotted_patterns [1]
