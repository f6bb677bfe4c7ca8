"""The edit distance of two texts: dynamic programming in two rows."""


def distance(a, b):
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]


def main(args):
    return {"distances": [[distance(a, b) for b in args["others"]] for a in args["words"]]}
