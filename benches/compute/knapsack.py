"""What to carry: dynamic programming over a list of ints."""


def main(args):
    capacity = args["capacity"]
    best = [0] * (capacity + 1)
    for item in args["items"]:
        weight, value = item["weight"], item["value"]
        for room in range(capacity, weight - 1, -1):
            better = best[room - weight] + value
            if better > best[room]:
                best[room] = better
    return {"value": best[capacity]}
