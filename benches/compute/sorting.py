"""A league table: sorting with keys, several times."""


def main(args):
    table = {}
    for game in args["games"]:
        for side, other in (("home", "away"), ("away", "home")):
            row = table.setdefault(game[side], {"team": game[side], "points": 0, "goals": 0, "against": 0})
            scored, conceded = game["score"][side], game["score"][other]
            row["goals"] += scored
            row["against"] += conceded
            row["points"] += 3 if scored > conceded else 1 if scored == conceded else 0
    ranked = sorted(table.values(), key=lambda row: (-row["points"], row["against"] - row["goals"], row["team"]))
    attack = sorted(table.values(), key=lambda row: row["goals"], reverse=True)
    names = sorted((row["team"] for row in ranked), key=str.lower)
    return {"table": ranked, "attack": [row["team"] for row in attack[:3]], "names": names}
