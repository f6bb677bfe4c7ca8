"""Dicts with keys that are ints, texts and tuples: making, reading, counting, iterating."""


def counted(rounds):
    counts = {}
    for i in range(rounds):
        key = i * 7 % 101
        counts[key] = counts.get(key, 0) + 1
    return sum(value for key, value in counts.items() if key % 2)


def by_text(rounds):
    words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    table = {word: index for index, word in enumerate(words)}
    total = 0
    for i in range(rounds):
        total += table[words[i % 5]]
        if "omega" in table:
            total -= 1
    return total


def by_tuple(rounds):
    grid = {(x, y): x * y for x in range(20) for y in range(20)}
    total = 0
    for i in range(rounds):
        total += grid[i % 20, i // 20 % 20]
    return total


def main(args):
    n = args["n"]
    return {"counted": counted(n), "texts": by_text(n), "tuples": by_tuple(n)}
