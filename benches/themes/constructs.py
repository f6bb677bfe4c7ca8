"""Control flow: nested loops, chains of if, break, continue, conditional expressions, match."""


def nested(rounds):
    found = 0
    for i in range(rounds):
        for j in range(10):
            if j == i % 7:
                continue
            if i * j > 5000 and j > 7:
                break
            found += 1
    return found


def chain(rounds):
    counts = [0, 0, 0, 0]
    i = 0
    while i < rounds:
        if i % 15 == 0:
            counts[0] += 1
        elif i % 5 == 0:
            counts[1] += 1
        elif i % 3 == 0:
            counts[2] += 1
        else:
            counts[3] += 1
        i += 1
    return counts


def matched(rounds):
    total = 0
    for i in range(rounds):
        match i % 4:
            case 0:
                total += 1
            case 1 | 2:
                total += 2 if i > 10 else 3
            case _:
                total -= 1
    return total


def main(args):
    n = args["n"]
    return {"nested": nested(n // 10), "chain": chain(n), "match": matched(n)}
