# Classes, with special methods and properties (the third seed's section 5.1.4).

class Vector:
    dimensions = 2
    made = []

    def __init__(self, x, y=0):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, other):
        return self.length2 < other.length2

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return self.dimensions

    def __bool__(self):
        return bool(self.x or self.y)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __contains__(self, v):
        return v in (self.x, self.y)

    def __call__(self, f):
        return Vector(f(self.x), f(self.y))

    def __iter__(self):
        yield self.x
        yield self.y

    @property
    def length2(self):
        return self.x ** 2 + self.y ** 2

    @length2.setter
    def length2(self, value):
        self.x, self.y = value, 0

    @classmethod
    def origin(cls):
        return cls(0)

    @staticmethod
    def of(pair):
        return Vector(*pair)

def vectors(x, y):
    a, b = Vector(x, y), Vector.of((3, 4))
    c = a + b * 2
    d = 2 * c
    d.length2 = 9
    seen = {a: 1, Vector(x, y): 2}
    first, second = c
    return [repr(a), str(c), f"{d}", c == Vector(c.x, c.y), len(seen), a < b, sorted([b, a, Vector.origin()])[0] == Vector(0),
            c[0], c[-1], len(c), bool(Vector.origin()), repr(-c), 4 in b, repr(c(lambda v: v + 1)), list(c), first, second,
            max([a, b]).x, sum(c), d.length2, Vector.dimensions, hasattr(a, "x"), getattr(a, "z", "none"), type(a).__name__]

#: vectors [1, 2]
#: vectors [10, -3]
# ---
class Temperature:
    def __init__(self, celsius):
        self._celsius = celsius
        self.__hidden = 1

    @property
    def fahrenheit(self):
        return self._celsius * 9 / 5 + 32

    def __getattr__(self, name):
        return "no " + name

    def peek(self):
        return self.__hidden

def attributes(c):
    t = Temperature(c)
    t.extra = [c]
    t.extra.append(1)
    setattr(t, "more", 2)
    del t.extra[0]
    return [t.fahrenheit, t.absent, t.extra, t.more, t.peek(), t._Temperature__hidden, sorted(t.__dict__)]

#: attributes [100]
#: attributes [21.5]
# ---
from dataclasses import dataclass, field
from enum import Enum

@dataclass
class Base:
    x: int
    y: int = 2

class Mid(Base):
    def __init__(self):
        super().__init__(7)
        self.z = 1
    def __repr__(self):
        return "mid"

@dataclass(order=True)
class Sub(Mid):
    w: list = field(default_factory=list)

class Child(Base):
    def __init__(self, a):
        Base.__init__(self, a, y=a)

@dataclass(frozen=True)
class Froz:
    a: int
    b: str = "b"

@dataclass
class Ellipse:
    major: float
    minor: float
    PI = 3

@dataclass
class Circle(Ellipse):
    radius: float
    def __init__(self, radius):
        super().__init__(radius, radius)
        self.radius = radius

class Color(Enum):
    RED = 1
    CRIMSON = 1
    BLUE = 2
    def __str__(self):
        return self.name.lower()

def dataclassed(n):
    m, s, c = Mid(), Sub(1, 2, [3]), Child(5)
    out = [repr(m), repr(s), repr(c), repr(Base(1)), m == Mid(), c == Child(5), Base(5, 5) == c, s < Sub(1, 2, [4]), s == Sub(1, 2, [3])]
    out += [hash(Froz(1)) == hash(Froz(1)), {Froz(1): 2}[Froz(1)], repr(Circle(2)), Circle(2) == Circle(2), Circle(1) != Circle(2)]
    out += [Base.__eq__(Base(1), Base(1)), Base(1).__eq__(3) is NotImplemented, Base(1).__repr__()]
    out += [list(Color), len(Color), Color.CRIMSON is Color.RED, Color["CRIMSON"].name, [str(c) for c in Color], Color(1)]
    try:
        hash(Base(1))
    except TypeError as e:
        out.append(str(e))
    return repr(out)

#: dataclassed [1]
# ---
class Equal:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


class Below(Equal):
    pass


class Hashed(Equal):
    def __hash__(self):
        return 7


def unhashed(n):
    out = [hash(Hashed(n)), {Hashed(n): 1}[Hashed(n)], len({Hashed(1), Hashed(1), Hashed(2)})]
    for use in (lambda: hash(Equal(n)), lambda: {Below(n): 1}, lambda: {Equal(n)}, lambda: Below(n) in {1: 2}):
        try:
            out.append(use())
        except TypeError as error:
            out.append(str(error))
    return out

#: unhashed [1]

# ---
class Box:
    kind = "box"

    def __init__(self, names):
        for at, name in enumerate(names):
            setattr(self, name, at)

class Label(Box):
    @property
    def size(self):
        return self.kind * 2

def places(names, others):
    boxes = [Box(names), Box(others), Label(names), Box(reversed(names))]
    seen = []
    for box in boxes * 2:
        seen.append([box.a, box.b, box.kind])
        box.a = seen[-1][0] + 10
    boxes[0].kind = "of its own"
    del boxes[1].a
    boxes[1].c = 1
    boxes[1].a = "behind"
    boxes[3].__dict__["b"] = "by its dict"
    for box in boxes:
        seen.append([box.a, box.b, box.kind, list(box.__dict__)])
    seen.append(boxes[2].size)
    del boxes[1].a
    try:
        seen.append(boxes[1].a)
    except AttributeError as error:
        seen.append(str(error))
    return seen

#: places [["a", "b"], ["b", "x", "y", "a"]]
#: places [["x", "a", "y", "b"], ["b", "a", "c", "d", "e", "f", "g", "h", "i", "j"]]

# ---
class Record:
    pass

def one_wide(width, count):
    wide = Record()
    for at in range(width):
        setattr(wide, f"field{at}", at)
    narrow = []
    for at in range(count):
        record = Record()
        record.at = at
        narrow.append(record)
    return [len(wide.__dict__), wide.field7, sum(record.at for record in narrow)]

#: one_wide [4000, 3000]
#: one_wide [31, 5]

# ---
class Receiver:
    def __init__(self, best, other):
        self.best, self.other = best, other

    def better(self, receiver, made, loaded):
        return max(self.best, receiver) + made - loaded

    def __add__(self, other):
        return Receiver(self.best + other.best, max(self.other, other.other))

    def __mul__(self, function):
        return Receiver(self.best * function, self.other)

class Louder(Receiver):
    def better(self, receiver, made, loaded):
        return -super().better(receiver, made, loaded)

    def __radd__(self, other):
        return "reflected"

def names(best, other):
    made, receiver, function, loaded = Receiver(best, other), 3, 4, 5
    class_, item = Louder(other, best), 7
    best = max(best, other, item)
    other = min(other, best, receiver)
    found = [made.better(receiver, function, loaded), class_.better(best, other, item)]
    for one in [made, class_, made * function, made + made, class_ + made]:
        found.append([one.best, one.other, one.better(receiver, item, loaded)])
    one.better = lambda receiver, made, loaded: "hidden"
    found.append(one.better(best, other, function))
    found.append(made + class_)
    found.append([min(True, best, other), max(best, True) + True, True + True])
    return found

#: names [2, 9]
#: names [5, 1]

# ---
class Shape:
    def __init__(self, size):
        self.size = size

    def area(self):
        return self.size

class Square(Shape):
    def area(self):
        return self.size * self.size

class Empty(Shape):
    def __init__(self):
        self.colour = "none"
        self.size = 0

def areas(sizes):
    shapes = []
    for size in sizes:
        shapes += [Shape(size), Square(size), Empty()]
    total = 0
    for shape in shapes * 2:
        total += shape.area()
        shape.size += 1
    shapes[0].extra = 1
    del shapes[0].size
    shapes[0].size = total
    return [total, [shape.area() for shape in shapes], [list(shape.__dict__) for shape in shapes]]

#: areas [[1, 2, 3]]
#: areas [[2.5, 4]]

# ---
class Metres:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        if not isinstance(other, Metres):
            return NotImplemented
        return Metres(self.n + other.n)

    def __mul__(self, other):
        return NotImplemented

class Feet:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        return f"{other.n} and {self.n} feet"

def mixed(n):
    metres, feet = Metres(n), Feet(n)
    out = [(metres + metres).n, metres + feet]
    for operands in [(metres, 5), (metres, metres), (feet, metres)]:
        try:
            out.append((operands[0] * operands[1]))
        except TypeError as error:
            out.append(str(error))
        try:
            out.append((operands[0] + operands[1]).n)
        except (TypeError, AttributeError) as error:
            out.append(str(error))
    return out

#: mixed [3]
#: mixed [4.5]
# ---
# Instances whose __init__ does nothing but store.
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.kind = "point"
        self.level = -1


class Named(Point):
    @property
    def y(self):
        return self._y

    @y.setter
    def y(self, value):
        self._y = value * 2


class Loud:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __setattr__(self, name, value):
        object.__setattr__(self, name, (name, value))


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Wide(Point):
    pass


def made_at_once(values):
    out = []
    for value in values:
        point, named, loud, slotted, wide = Point(value, 1), Named(1, value), Loud(value, 2), Slotted(value, 3), Wide(0, 0)
        point.x += 1
        wide.more = value
        wide.most = point
        out.append([point.x, point.y, point.kind, point.level, named.x, named.y, named._y, loud.x, loud.y, slotted.x, slotted.y])
        out.append([wide.x, wide.y, wide.more, wide.most.x, hasattr(point, "more"), hasattr(named, "kind"), point is wide.most])
    return out
#: made_at_once [[1, 2, 3, 4]]
#: made_at_once [[]]
#: made_at_once [[5.5, 7]]
# ---
# Methods change under the places that call them.

class Shape:
    def __init__(self, size):
        self.size = size

    def area(self):
        return self.size

    def grow(self, by):
        self.size = self.size + by
        return self


class Square(Shape):
    def area(self):
        return self.size * self.size


class Labelled(Shape):
    def __init__(self, size, label):
        self.label = label
        self.size = size

    def area(self):
        return len(self.label)


def areas(sizes):
    shapes = []
    for size in sizes:
        shapes.append(Shape(size))
        shapes.append(Square(size))
        shapes.append(Labelled(size, "x" * size))
    out = [shape.area() for shape in shapes]
    for at, shape in enumerate(shapes):
        if at % 4 == 1:
            shape.area = lambda: -1
        if at % 5 == 2:
            shape.extra = at
        if at % 7 == 3:
            del shape.size
            shape.size = at
    out.append([shape.area() for shape in shapes])
    out.append([shape.grow(1).size for shape in shapes])
    out.append([sorted(shape.__dict__) for shape in shapes])
    out.append([shape.grow(2).area() for shape in shapes])
    return out
#: areas [[1, 2, 3, 4]]
#: areas [[5]]
#: areas [[]]
# ---

class Shape:
    def __init__(self, size):
        self.size = size

    def area(self):
        return self.size

    def grow(self, by):
        self.size = self.size + by
        return self


class Square(Shape):
    def area(self):
        return self.size * self.size


class Labelled(Shape):
    def __init__(self, size, label):
        self.label = label
        self.size = size

    def area(self):
        return len(self.label)


def doubled(self):
    return self.size * 2


def replaced(size):
    class Local(Shape):
        pass

    shape, out = Local(size), []
    for at in range(6):
        out.append(shape.area())
        if at == 2:
            Local.area = doubled
        if at == 4:
            Local.area = Shape.area
    return out
#: replaced [3]
#: replaced [4]
# ---

class Shape:
    def __init__(self, size):
        self.size = size

    def area(self):
        return self.size

    def grow(self, by):
        self.size = self.size + by
        return self


class Square(Shape):
    def area(self):
        return self.size * self.size


class Labelled(Shape):
    def __init__(self, size, label):
        self.label = label
        self.size = size

    def area(self):
        return len(self.label)


def in_turn(count):
    shape, out = Shape(count), []
    for at in range(count):
        shape.grow(at)
        out.append(shape.size)
        if at == 2:
            shape.__dict__["size"] = 100
        if at == 4:
            del shape.size
            shape.size = -at
            out.append(shape.area())
    return out
#: in_turn [7]
#: in_turn [3]
# ---
# Variables are called as what compiled code calls its own.

class Box:
    def __init__(self):
        self.items = []

    def put(self, this):
        self.items.append(this)
        return this


def put_all(boxes, sites, made):
    out = []
    for this in sites:
        for holder in boxes:
            holder.append(this)
            out.append(holder.count(this))
    box = Box()
    for function in made:
        out.append(box.put(function))
    this, function = box, box.items
    out.append(this.put(len(function)))
    return boxes, out, box.items
#: put_all [[[1], [2, 2]], [2, "a", 3], [4, 5]]
#: put_all [[[1], [], [3]], [1, 3], []]
# ---
# Operators lead to each other, and small methods are part of their callers.

class Pair:
    def __init__(self, first, second):
        self.first = first
        self.second = second

    def __add__(self, other):
        return Pair(self.first + other.first, self.second * other.second)

    def __mul__(self, other):
        return Pair(self.first * other.first, self.second + other.second)

    def head(self):
        return self.first

    def tail(self, default):
        if self.second is None:
            return default
        return self.second

    def clamp(self, most):
        return most if self.first > most else self.first


def nested(depth, left, right):
    a, b = Pair(left, right), Pair(right, left)
    for _ in range(depth):
        a, b = Pair(a, b), Pair(b, a)
    total = a + b
    shown = []
    while isinstance(total, Pair):
        shown.append([type(total.head()).__name__, type(total.tail(0)).__name__])
        total = total.head()
    try:
        shown.append(Pair("a", 1).clamp(3))
    except TypeError as error:
        shown.append(str(error))
    return total, shown, Pair(9, None).tail("none"), Pair(9, 1).clamp(5)
#: nested [3, 2, 5]
#: nested [0, 1.5, 2]
#: nested [6, 1, 1]
