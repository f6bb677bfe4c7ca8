def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


def main(args):
    limit = args["limit"]
    found = []
    if limit > 5000:
        print("limit lowered from", limit)
        limit = 5000
    for n in range(limit):
        if is_prime(n):
            found.append(n)
    return {"count": len(found), "largest": max(found), "sum": sum(found)}
