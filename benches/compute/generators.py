"""Readings in windows: generators that feed each other."""


def readings(values):
    for i, value in enumerate(values):
        if value is not None:
            yield i, value


def windows(pairs, size):
    window = []
    for _, value in pairs:
        window.append(value)
        if len(window) > size:
            window.pop(0)
        if len(window) == size:
            yield sum(window) / size


def alarms(means, limit):
    above = False
    for i, mean in enumerate(means):
        if mean > limit and not above:
            yield i
        above = mean > limit


def main(args):
    means = list(windows(readings(args["values"]), args["size"]))
    return {"means": len(means), "highest": max(means), "alarms": list(alarms(means, args["limit"]))}
