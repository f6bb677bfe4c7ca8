# The second seed's second program: x is nonlocally mutable, so it lives in a Ref.
def f(x):
    def g(y):
        return h(y) + x

    def h(z):
        nonlocal x
        x = z
        return x + 1
    return g(10) + g(7)


def main(args):
    return {"answer": f(args["x"])}
