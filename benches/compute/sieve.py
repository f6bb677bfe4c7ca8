"""Primes by the sieve of Eratosthenes: a list of flags."""


def main(args):
    limit = args["limit"]
    is_prime = [True] * (limit + 1)
    is_prime[0] = is_prime[1] = False
    for n in range(2, int(limit**0.5) + 1):
        if is_prime[n]:
            for multiple in range(n * n, limit + 1, n):
                is_prime[multiple] = False
    primes = [n for n, prime in enumerate(is_prime) if prime]
    return {"count": len(primes), "last": primes[-5:]}
