"""The product of two matrices, and its trace: floats in nested lists."""


def multiply(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def main(args):
    a = args["a"]
    product = a
    for _ in range(args["times"]):
        product = multiply(product, a)
    return {"trace": sum(product[i][i] for i in range(len(product)))}
