"""Titles made ready for addresses, and initials: string methods and characters."""


def slug(title):
    parts = []
    for character in title.lower():
        if character.isalnum():
            parts.append(character)
        elif parts and parts[-1] != "-":
            parts.append("-")
    return "".join(parts).strip("-")


def initials(name):
    return "".join(part[0].upper() + "." for part in name.split() if part)


def main(args):
    slugs = [slug(title) for title in args["titles"]]
    names = [initials(name) for name in args["names"]]
    vowels = sum(text.count(vowel) for text in slugs for vowel in "aeiou")
    return {"slugs": slugs, "initials": names, "vowels": vowels, "longest": max(slugs, key=len)}
