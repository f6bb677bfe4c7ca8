"""How soon points of a part of the plane escape: floats in local variables."""


def main(args):
    width, height, most = args["width"], args["height"], args["most"]
    total = 0
    inside = 0
    for row in range(height):
        ci = 2.0 * row / height - 1.0
        for column in range(width):
            cr = 3.0 * column / width - 2.0
            zr = zi = 0.0
            count = 0
            while count < most and zr * zr + zi * zi <= 4.0:
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                count += 1
            total += count
            if count == most:
                inside += 1
    return {"inside": inside, "mean": total / (width * height)}
