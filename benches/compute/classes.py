"""Particles in a box: classes, methods, attributes."""


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def scaled(self, factor):
        return Vector(self.x * factor, self.y * factor)


class Particle:
    def __init__(self, place, speed):
        self.place = place
        self.speed = speed
        self.bounces = 0

    def move(self, dt, size):
        self.place = self.place + self.speed.scaled(dt)
        if not 0 <= self.place.x <= size:
            self.speed = Vector(-self.speed.x, self.speed.y)
            self.bounces += 1
        if not 0 <= self.place.y <= size:
            self.speed = Vector(self.speed.x, -self.speed.y)
            self.bounces += 1


def main(args):
    particles = [Particle(Vector(x, y), Vector(vx, vy)) for x, y, vx, vy in args["particles"]]
    for _ in range(args["steps"]):
        for particle in particles:
            particle.move(args["dt"], args["size"])
    return {
        "bounces": sum(particle.bounces for particle in particles),
        "centre": [sum(p.place.x for p in particles) / len(particles), sum(p.place.y for p in particles) / len(particles)],
    }
