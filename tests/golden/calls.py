def square(x):
    return x * x


def sum_of_squares(x, y):
    return square(x) + square(y)


def main(args):
    return {"r": sum_of_squares(args["x"], args["y"])}
