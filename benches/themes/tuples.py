"""Tuples: making, unpacking, indexing, comparing, slicing."""


def main(args):
    first, second, total = 1, 2, 0
    points = [(i, i * i % 17, -i) for i in range(50)]
    for i in range(args["n"]):
        first, second = second, (first + second) % 1000
        x, y, z = points[i % 50]
        total += x * y + z
        if points[i % 50] < (25, 3, 0):
            total += len(points[i % 50][1:])
    head, *rest = sorted(points, key=lambda point: (point[1], -point[0]))
    return {"total": total, "pair": [first, second], "head": list(head), "rest": len(rest)}
