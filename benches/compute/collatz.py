"""The longest of the Collatz sequences: ints in local variables."""


def main(args):
    best, longest = 0, 0
    for start in range(1, args["limit"]):
        n = start
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > longest:
            best, longest = start, steps
    return {"start": best, "steps": longest}
