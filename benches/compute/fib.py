"""Fibonacci numbers the slow way: recursion."""


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def main(args):
    return {"fib": fib(args["n"])}
