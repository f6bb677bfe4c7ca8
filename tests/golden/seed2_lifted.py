# The second seed's last program: captured variables become extra arguments.
def f(x):
    def g(y):
        if y > 10:
            return h(y + n)
        else:
            return x

    def h(z):
        n = 0
        n = 100 + z
        return x + n
    n = 0
    n = 500
    return g(15) + g(7)


def main(args):
    return {"answer": f(args["x"])}
