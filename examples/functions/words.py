def split(text):
    words = []
    word = ""
    for c in text:
        if c == " " or c == "." or c == ",":
            if word:
                words.append(word)
            word = ""
        else:
            word += c
    if word:
        words.append(word)
    return words


def main(args):
    counts = {}
    for word in split(args["text"]):
        counts[word] = counts.get(word, 0) + 1
    best = None
    for word in counts:
        if best is None or counts[word] > counts[best]:
            best = word
    return {"counts": counts, "best": best}
