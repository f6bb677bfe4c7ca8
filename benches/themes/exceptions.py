"""Exceptions: raised and caught, passed through finally, not raised at all."""


class Refused(ValueError):
    pass


def checked(value):
    if value % 3 == 0:
        raise Refused(f"refused: {value}")
    return value


def main(args):
    caught, total, last = 0, 0, ""
    for i in range(args["n"]):
        try:
            total += checked(i)
        except Refused as error:
            caught += 1
            last = str(error)
        finally:
            total += 1
        try:
            total += [1, 2][i % 4]
        except IndexError:
            total -= 1
    return {"caught": caught, "total": total, "last": last}
