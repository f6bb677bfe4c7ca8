"""The arguments of each function of benches/compute, the same every time."""

import random

WORDS = (
    "the a of and to in is was for on that with by as at from his her it an were which be this had or are not but have "
    "city river house summer winter letter garden station captain engine morning mountain village teacher market window"
).split()
COUNTRIES = ["AT", "BR", "CA", "DE", "FI", "IN", "JP", "NZ"]


def _text(rng, count):
    words = [rng.choice(WORDS) for _ in range(count)]
    lines = [" ".join(words[i : i + 12]).capitalize() + "." for i in range(0, count, 12)]
    return "\n".join(lines)


def _document(rng, depth):
    if depth == 0:
        return rng.choice([None, True, 7, 2.5, " padded ", "text", 123456])
    if depth % 2:
        return [_document(rng, depth - 1) for _ in range(6)]
    return {f"field_{name}": _document(rng, depth - 1) for name in rng.sample(WORDS, 5)}


def _maze(rng, size):
    rows = [[("#" if rng.random() < 0.25 else ".") for _ in range(size)] for _ in range(size)]
    for i in range(size):
        rows[i][i] = "."
        rows[i][min(i + 1, size - 1)] = "."
    return ["".join(row) for row in rows]


def arguments():
    rng = random.Random(20)
    pick, whole, real = rng.choice, rng.randint, lambda: round(rng.uniform(-1, 1), 4)
    customers = [f"customer{n}" for n in range(40)]
    orders = [
        {
            "customer": pick(customers),
            "item": pick(WORDS),
            "price": round(rng.uniform(1, 200), 2),
            "quantity": whole(1, 9),
            "status": pick(["open", "sent", "sent", "cancelled"]),
        }
        for _ in range(1000)
    ]
    teams = [f"{pick(WORDS).title()} {pick('AbcDeF')}{n}" for n in range(20)]
    places = [f"n{n}" for n in range(300)]
    hosts = ["10.0.0.%d" % n for n in range(9)]
    log = [
        f'{pick(hosts)} - - [10/Oct/2025:13:55:{whole(10, 59)} +0000] "{pick(["GET", "POST"])} '
        f'/{pick(WORDS)}/{whole(1, 999)}?q={pick(WORDS)} HTTP/1.1" {pick([200, 200, 304, 404, 500])} {pick(["-", 512, 20480])}'
        for _ in range(200)
    ]
    return {
        "nbody": {
            "bodies": [[real() * 20, real() * 20, real() * 5, real(), real(), real() / 9, abs(real()) / 20] for _ in range(5)],
            "steps": 500,
            "dt": 0.01,
        },
        "mandelbrot": {"width": 60, "height": 40, "most": 100},
        "matrix": {"a": [[real() for _ in range(24)] for _ in range(24)], "times": 4},
        "collatz": {"limit": 1500},
        "sieve": {"limit": 60000},
        "bigint": {"n": 400},
        "fib": {"n": 20},
        "words": {"text": _text(rng, 6000)},
        "slugs": {
            "titles": [_text(rng, 8).replace("\n", " ") + pick(["!", " (2nd)", " & more", "?"]) for _ in range(150)],
            "names": [f"{pick(WORDS)} {pick(WORDS)} {pick(WORDS)}" for _ in range(150)],
        },
        "regex": {"lines": log + ["this is no line of a log"] * 3},
        "group": {"orders": orders},
        "join": {
            "customers": [
                {"id": n, "name": f"{pick(WORDS)} {pick(WORDS)} {n}", "country": pick(COUNTRIES)} for n in range(60)
            ],
            "products": [{"sku": f"S{n}", "title": pick(WORDS), "price": whole(100, 9999)} for n in range(50)],
            "orders": [{"customer": whole(0, 64), "sku": f"S{whole(0, 54)}", "quantity": whole(1, 9)} for _ in range(800)],
        },
        "transform": {"document": _document(rng, 4)},
        "classes": {
            "particles": [[abs(real()) * 9, abs(real()) * 9, real(), real()] for _ in range(20)],
            "steps": 60,
            "dt": 0.5,
            "size": 10,
        },
        "closures": {"lines": [[round(rng.uniform(1, 99), 2), whole(1, 150)] for _ in range(1500)]},
        "generators": {
            "values": [pick([None, whole(0, 100), whole(0, 100), whole(0, 100)]) for _ in range(3000)],
            "size": 8,
            "limit": 62,
        },
        "exceptions": {
            "rows": [
                pick([{"net": str(whole(1, 999)), "tax": "19"}, {"net": "12,50", "tax": "2.4"}, {"net": "much", "tax": "1"},
                      {"net": "5", "tax": "-1"}, {"net": "8"}])
                for _ in range(800)
            ]
        },
        "life": {"rows": ["".join(pick(".#.") for _ in range(40)) for _ in range(40)], "steps": 10},
        "maze": {"rows": _maze(rng, 60)},
        "dijkstra": {
            "edges": [[pick(places), pick(places), whole(1, 50)] for _ in range(1200)],
            "from": "n0",
            "to": "n299",
        },
        "distance": {
            "words": [_text(rng, 6).lower()[:28] for _ in range(6)],
            "others": [_text(rng, 6).lower()[:28] for _ in range(6)],
        },
        "knapsack": {
            "capacity": 1000,
            "items": [{"weight": whole(5, 90), "value": whole(10, 500)} for _ in range(60)],
        },
        "sorting": {
            "games": [
                {"home": home, "away": away, "score": {"home": whole(0, 5), "away": whole(0, 5)}}
                for home in teams
                for away in teams
                if home != away
            ]
        },
        "authorize": {
            "user": {"id": 17, "name": "Ada", "roles": ["guest", "viewer", "editor"], "suspended": False},
            "resource": {"id": "doc-4711", "owner": 23, "kind": "document"},
            "action": "write",
        },
        "validate": {
            "rules": {
                "name": {"kind": "text", "required": True, "most": 40},
                "age": {"kind": "int", "least": 18, "most": 120},
                "email": {"kind": "email", "required": True},
                "plan": {"kind": "choice", "choices": ["free", "team", "company"]},
                "note": {"kind": "text", "most": 10},
            },
            "form": {"name": "Ada Lovelace", "age": 36, "email": "ada@example.org", "plan": "gold", "note": "much too long a note"},
        },
        "route": {
            "method": "GET",
            "url": "/shops/17/orders/4711?include=items&include=customer&page=2",
            "routes": [
                {"method": method, "path": path, "handler": f"{method.lower()}:{path}"}
                for path in ("/", "/shops", "/shops/:shop", "/shops/:shop/items", "/shops/:shop/items/:item",
                             "/shops/:shop/orders", "/shops/:shop/orders/:order")
                for method in ("POST", "PUT", "DELETE", "GET")
            ],
        },
    }
