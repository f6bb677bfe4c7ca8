# Classes that a function makes.
def local_class(n):
    class Node:
        """A node."""
        count = 0
        kinds, size = ["a"], 3
        def __init__(self, v, nxt=None):
            self.v = v
            self.nxt = nxt
            Node.count += 1
        def __repr__(self):
            return f"Node({self.v})"
        @staticmethod
        def make(v):
            return Node(v)
        @classmethod
        def of(cls, v):
            return cls(v)
        @property
        def twice(self):
            return self.v * 2
    class Sub(Node):
        def __init__(self, v):
            super().__init__(v + n)
            self.extra = [v]
        def total(self):
            return sum(self.extra) + self.twice
    head = None
    for i in range(n):
        head = Node(i, head)
    out = []
    while head:
        out.append(head.v)
        head = head.nxt
    s = Sub(5)
    return [out, repr(s), s.total(), Node.count, str(Node.make(3)), Sub.of(2).v, isinstance(s, Node), Sub.__name__, Node.__qualname__, Sub.kinds, Sub.size, type(s).__name__]
#: local_class [4]
#: local_class [0]
# ---
def local2(xs):
    class Heap:
        def __init__(self): self.h = []
        def push(self, x):
            self.h.append(x)
            self._up(len(self.h) - 1)
        def _up(self, i):
            while i > 0 and self.h[(i - 1) // 2] > self.h[i]:
                self.h[i], self.h[(i - 1) // 2] = self.h[(i - 1) // 2], self.h[i]
                i = (i - 1) // 2
        def __len__(self): return len(self.h)
        __bool__ = lambda self: True
    class MyErr(Exception):
        pass
    h = Heap()
    for x in xs:
        h.push(x)
    try:
        raise MyErr("no")
    except MyErr as e:
        err = [str(e), type(e).__name__]
    return [h.h, len(h), err, bool(h)]
#: local2 [[5, 2, 8, 1]]
# ---
def unhashed_here(n):
    class Equal:
        def __eq__(self, other):
            return True

    class Below(Equal):
        pass

    out = []
    for use in (lambda: hash(Equal()), lambda: {Below(): 1}, lambda: {Equal()}):
        try:
            out.append(use())
        except TypeError as error:
            out.append(str(error))
    return out

#: unhashed_here [1]
# ---
def replaced(n):
    class Shape:
        kind = "plain"

        def __init__(self, size):
            self.size = size

        def area(self):
            return self.size

        def __add__(self, other):
            return self.size + other.size

    out = []
    for round in range(n):
        shape = Shape(round)
        out.append([shape.area(), shape + shape, shape.size, shape.kind])
        if round == 2:
            Shape.area = lambda self: -self.size
        if round == 3:
            Shape.kind = property(lambda self: "counted")
        if round == 4:
            shape.area = lambda: "of its own"
            out.append(shape.area())
    return out

#: replaced [7]
