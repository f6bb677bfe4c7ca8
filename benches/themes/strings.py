"""Texts: concatenation, slices, methods, formatting, comparison."""


def joined(rounds):
    parts = []
    for i in range(rounds):
        parts.append(f"{i:04d}-{i * 2.5:.2f}")
    text = ",".join(parts)
    return [len(text), text[:30], text[::-97][:20]]


def cleaned(rounds):
    line, total = "  The quick brown fox jumps over the lazy dog  ", 0
    for i in range(rounds):
        words = line.strip().lower().replace("o", "0").split(" ")
        total += len(words[i % 9]) + ("fox" in words) + line.find("lazy")
    return total


def compared(rounds):
    names, least = ["delta", "alpha", "echo", "bravo"], 0
    for i in range(rounds):
        if names[i % 4] < names[(i + 1) % 4] and names[i % 4] != "echo":
            least += 1
    return least


def main(args):
    n = args["n"]
    return {"joined": joined(n // 5), "cleaned": cleaned(n // 5), "compared": compared(n)}
