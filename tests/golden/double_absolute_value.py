def double_absolute_value(x):
    if x < 0:
        x = -x
    return x * 2


def main(args):
    return {"r": double_absolute_value(args["x"])}
