def sign(x):
    if x > 0:
        return "positive"
    elif x < 0:
        return "negative"
    else:
        return "zero"


def main(args):
    return {"r": sign(args["x"])}
