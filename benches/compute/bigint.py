"""Factorials, Fibonacci numbers and powers beyond 64 bits."""


def main(args):
    n = args["n"]
    product = 1
    for i in range(2, n + 1):
        product *= i
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    power = pow(a, n, product + 1)
    return {"digits": sum(map(int, str(product))), "fib": str(a), "power": power % 1_000_000_007}
