"""Lookups of module-level names, built-ins, class attributes and attributes of instances."""

LIMIT = 10
TABLE = {"a": 1, "b": 2}


class Base:
    kind = 3

    def area(self):
        return self.width * self.kind


class Box(Base):
    scale = 2

    def __init__(self, width):
        self.width = width
        self.depth = width + 1


def main(args):
    boxes, total = [Box(1), Box(2), Box(3)], 0
    for i in range(args["n"]):
        box = boxes[i % 3]
        total += LIMIT + TABLE["a"] + len(boxes) + box.width * box.depth + box.scale + Base.kind + box.area()
        box.depth = i % 5
    return {"total": total, "depths": [box.depth for box in boxes]}
