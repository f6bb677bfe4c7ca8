# Methods given to a class, or to one object, afterwards (the third seed's section 5.1.6).

class Bag:
    def __init__(self, items):
        self.items = items

def total(self):
    return sum(self.items)

Bag.total = total
Bag.double = lambda self: [i * 2 for i in self.items]
Bag.size = property(lambda self: len(self.items))

def injected(items):
    bag = Bag(items)
    bag.own = lambda: "own"
    method = bag.total
    return [bag.total(), bag.double(), bag.size, bag.own(), method(), Bag.total(bag)]

#: injected [[1, 2, 3]]
# ---
def local(n):
    class Box:
        pass

    def get(self):
        return self.value + n

    Box.get = get
    box = Box()
    box.value = 1
    setattr(Box, "name", "box")
    return [box.get(), box.name, hasattr(box, "other")]

#: local [4]
