def main(args):
    a = args["a"]
    b = args["b"]
    return {
        "sum": a + b,
        "difference": a - b,
        "product": a * b,
        "quotient": a / b,
        "floor": a // b,
        "rest": a % b,
        "power": a ** 2,
        "negated": -a,
    }
