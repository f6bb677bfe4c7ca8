def scale(x, factor=2, offset=1):
    return x * factor + offset


def main(args):
    x = args["x"]
    return {"r": [scale(x), scale(x, 3), scale(x, offset=0), scale(factor=5, x=x)]}
