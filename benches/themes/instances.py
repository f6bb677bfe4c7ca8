"""Instances: making, attributes, operators, a linked list."""


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y


class Node:
    def __init__(self, value, rest=None):
        self.value = value
        self.rest = rest


def main(args):
    position, step, same = Vector(0, 0), Vector(1, -2), 0
    for i in range(args["n"]):
        position = position + step
        same += position == Vector(i, -2 * i)
    chain = None
    for i in range(args["n"] // 10):
        chain = Node(i, chain)
    total = 0
    while chain is not None:
        total += chain.value
        chain = chain.rest
    return {"x": position.x, "y": position.y, "same": same, "total": total}
