"""Lists: append, index, slices, sort, comprehensions, insertion and removal."""


def sieve(limit):
    flags = [True] * (limit + 1)
    flags[0] = flags[1] = False
    for i in range(2, int(limit**0.5) + 1):
        if flags[i]:
            flags[i * i :: i] = [False] * len(flags[i * i :: i])
    return sum(flags)


def sliced(rounds):
    items, total = list(range(100)), 0
    for i in range(rounds):
        part = items[i % 50 : i % 50 + 10]
        total += part[0] + part[-1] + len(items[::3])
    return total


def built(rounds):
    items = []
    for i in range(rounds):
        items.append(i * 37 % 1009)
    items.sort()
    squares = [x * x for x in items if x % 3 == 0]
    while len(items) > 10:
        items.pop()
    items.insert(0, -1)
    return [items, sum(squares)]


def main(args):
    n = args["n"]
    return {"sieve": sieve(n), "sliced": sliced(n), "built": built(n)}
