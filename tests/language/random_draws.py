# Draws of `random` after a seed: the same Mersenne Twister.

import random


def attempt(function, *args):
    try:
        return function(*args)
    except (ValueError, IndexError, TypeError) as error:
        return [type(error).__name__, str(error)]


def draws(seed):
    random.seed(seed)
    items = list(range(10))
    random.shuffle(items)
    return [random.random(), random.randint(1, 6), random.randrange(10), random.randrange(5, 50, 7),
            random.randrange(10, -10, -3), random.choice("abcdef"), items, random.sample(range(100), 4),
            random.sample(range(1000), 30), random.sample(["a", "b", "c"], 3), random.choices([1, 2, 3], k=5),
            random.choices("xyz", weights=[1, 5, 2], k=6), random.choices("xy", cum_weights=[1, 3], k=4),
            random.uniform(1, 10), random.uniform(-1.5, 2.5), [random.gauss(0, 1) for _ in range(3)],
            random.normalvariate(5, 2), random.expovariate(1.5), random.triangular(), random.triangular(1.0, 5.0, 2.0),
            random.getrandbits(5), [random.getrandbits(k) for k in (1, 31, 32, 33, 63, 95)], random.getrandbits(64), random.getrandbits(100), random.getrandbits(0),
            random.randbytes(5).hex(), random.randint(10 ** 20, 10 ** 21), random.randint(-5, 5),
            [attempt(random.randint, 5, 1), attempt(random.randrange, 0), attempt(random.choice, []),
             attempt(random.sample, [1], 2), attempt(random.randrange, 1, 5, 0), attempt(random.getrandbits, -1),
             attempt(random.choices, [1, 2], [1])]]

#: draws [42]
#: draws [0]
#: draws [-7]
#: draws [123456789012345678901234567890]
#: draws ["a text"]
#: draws [2.5]
#: draws [true]
# ---
import random


def generators(seed, n):
    first, second = random.Random(seed), random.Random(seed)
    out = [first.random() == second.random(), first.randint(1, 100), second.randint(1, 100), first.choice([1, 2, 3])]
    first.seed(n)
    for _ in range(700):
        first.random()
    deck = [f"{rank}{suit}" for rank in "A23" for suit in "SH"]
    first.shuffle(deck)
    walk = 0
    for _ in range(n):
        walk += first.choice((-1, 1))
    inside = sum(first.random() ** 2 + first.random() ** 2 <= 1 for _ in range(200))
    return out, deck, walk, inside

#: generators [1, 5]
#: generators ["seed", 20]
