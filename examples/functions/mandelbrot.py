def steps(x0, y0, limit):
    x = 0.0
    y = 0.0
    n = 0
    while x * x + y * y <= 4.0 and n < limit:
        t = x * x - y * y + x0
        y = 2.0 * x * y + y0
        x = t
        n += 1
    return n


def main(args):
    size = args["size"]
    rows = []
    for j in range(size):
        row = ""
        for i in range(size):
            n = steps(i * 3.0 / size - 2.25, j * 3.0 / size - 1.5, 50)
            row += "#" if n == 50 else "."
        rows.append(row)
    return {"rows": rows}
