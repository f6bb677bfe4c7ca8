# The second seed's first program: a small helper, inlined.
def f(x):
    def g(y):
        return x + y
    return g(10) + g(7)


def main(args):
    return {"answer": f(args["x"])}
