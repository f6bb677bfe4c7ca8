"""Planets around a sun: floats in lists of lists."""


def main(args):
    bodies = [list(body) for body in args["bodies"]]
    dt = args["dt"]
    for _ in range(args["steps"]):
        for i in range(len(bodies)):
            a = bodies[i]
            for j in range(i + 1, len(bodies)):
                b = bodies[j]
                dx = a[0] - b[0]
                dy = a[1] - b[1]
                dz = a[2] - b[2]
                squared = dx * dx + dy * dy + dz * dz
                force = dt / (squared * squared**0.5)
                a[3] -= dx * b[6] * force
                a[4] -= dy * b[6] * force
                a[5] -= dz * b[6] * force
                b[3] += dx * a[6] * force
                b[4] += dy * a[6] * force
                b[5] += dz * a[6] * force
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]
    energy = 0.0
    for i, a in enumerate(bodies):
        energy += 0.5 * a[6] * (a[3] ** 2 + a[4] ** 2 + a[5] ** 2)
        for b in bodies[i + 1 :]:
            energy -= a[6] * b[6] / ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) ** 0.5
    return {"energy": energy}
