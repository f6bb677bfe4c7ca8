"""Calls of functions and methods: plain, with defaults and keywords, recursive, through a closure."""


class Counter:
    def __init__(self, step):
        self.step = step
        self.count = 0

    def add(self, times=1):
        self.count += self.step * times
        return self.count


def plain(a, b, c):
    return a + b - c


def defaults(a, b=2, *, c=3):
    return a * b - c


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def adder(n):
    def add(x):
        return x + n

    return add


def main(args):
    total, counter, add = 0, Counter(2), adder(5)
    for i in range(args["n"]):
        total += plain(i, 2, 1) + defaults(i, c=i) + defaults(i, 3) + add(i) + counter.add() - counter.add(times=-1)
    return {"total": total, "fib": fib(16), "count": counter.count}
