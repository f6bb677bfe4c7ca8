"""Arithmetic on small ints, floats and ints beyond 64 bits."""


def ints(rounds):
    a, b, total = 2, 3, 0
    for i in range(rounds):
        c = a + b * i - (i >> 1)
        d = (c // 7) ^ (c % 11)
        total += (c & 1023) - d
    return total


def floats(rounds):
    x, y = 2.5, 0.0
    for i in range(rounds):
        y += x * i / 3.0 - y * 0.25
        x = -x if y > 1e6 else x + 0.001
    return round(y, 6)


def long_ints(rounds):
    value = 10**30
    for i in range(1, rounds // 10):
        value = value * 3 + i - value // 5
        value %= 10**60 + 7
    return str(value)


def main(args):
    n = args["n"]
    return {"ints": ints(n), "floats": floats(n), "long": long_ints(n)}
