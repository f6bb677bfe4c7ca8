"""How often words are in a text: strings and a dict."""


def main(args):
    counts = {}
    for line in args["text"].splitlines():
        for word in line.lower().split():
            word = word.strip(".,;:!?'\"()")
            if word:
                counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {"words": sum(counts.values()), "different": len(counts), "top": [[word, count] for word, count in ranked[:10]]}
