"""Completes a prefix from a list of words, those used most first."""
import bisect

SYLLABLES = ["ka", "to", "mi", "re", "la", "so", "ne", "vi", "du", "pa"]
# Some thousand words, each with how often it is used.
COUNTS = {a + b + c + d: (i * 7919 + j * 104729 + k * 1299709 + m * 15485863) % 1000
          for i, a in enumerate(SYLLABLES) for j, b in enumerate(SYLLABLES)
          for k, c in enumerate(SYLLABLES) for m, d in enumerate(["", "n", "s"])}
WORDS = sorted(COUNTS)


def main(args):
    prefix = args["prefix"].strip().lower()
    limit = args.get("limit", 5)
    start = bisect.bisect_left(WORDS, prefix)
    found = []
    for word in WORDS[start:]:
        if not word.startswith(prefix):
            break
        found.append(word)
    found.sort(key=lambda word: (-COUNTS[word], word))
    return {"prefix": prefix, "count": len(found), "completions": found[:limit]}
