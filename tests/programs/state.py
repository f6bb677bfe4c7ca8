import enum
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import date, datetime, timedelta, timezone

xs = [3, 1, 2]
rows = [[0] * 3 for _ in range(3)]
shared = {"row": rows[0], "t": ([], 1)}
table = {1: "one", (1, 2): None}
names = {"x"}
hits = Counter("ab")
lru = OrderedDict(a=1)
groups = defaultdict(list)
totals = defaultdict(int, b=2)
recent = deque([1, 2], maxlen=3)
waiting = deque()
calls = 0
last = None
expires = None
days = {}
Point = namedtuple("Point", "x y")
places = [Point(0, 0)]


class Mood(enum.Enum):
    GOOD = 1
    BAD = 2


moods = []
weights = {Mood.GOOD: 1}


class Account:
    """Data on the class, data on the instance."""
    opened = 0
    owners = []
    best = None

    def __init__(self, owner):
        self.owner = owner
        self.moves = []

    def move(self, amount):
        self.moves.append(amount)
        Account.opened += 1
        return sum(self.moves)


class Slotted:
    __slots__ = ("value", "other")


main_account = Account("main")
accounts = {"main": main_account}
slotted = Slotted()


def memo(n, known={}):
    if n not in known:
        known[n] = n * n
    return known[n]


def main(args):
    global calls, last, expires
    n, key = args["n"], args["key"]
    calls += 1
    xs.append(n)
    xs.sort()
    xs.insert(0, n)
    if len(xs) > 6:
        xs.pop()
        del xs[1:3]
    xs[0] += 1
    rows[n % 3][n % 2] += n
    rows.append(rows.pop(0))
    if n % 4 == 3:
        rows[1] = [n] * 3
        xs.reverse()
        table.clear()
        waiting.clear()
    shared["t"][0].append(key)
    shared["row"][2] = n
    table[key] = [n, table.get(key)]
    table[(n, key)] = {"xs": xs, "deep": ({"n": n},)}
    table.pop((n - 2, "a"), None)
    names.add(key)
    names.discard("x" if n > 4 else "y")
    names.update([key * 2])
    hits[key] += n
    hits.update([key])
    lru[key] = n
    lru.move_to_end("a", last=n % 2 == 0)
    if len(lru) > 2:
        lru.popitem(last=False)
        lru.setdefault("a", n)
    groups[key].append(n)
    totals[key] += 1
    recent.append(n)
    recent.rotate(1)
    waiting.append(recent)
    waiting.extendleft([n, key])
    if n % 3 == 2:
        waiting.pop()
        waiting[0] = last
    account = accounts.setdefault(key, Account(key))
    balance = account.move(n)
    if account.owner not in Account.owners:
        Account.owners.append(account.owner)
    if Account.best is None or balance > sum(Account.best.moves):
        Account.best = account
    account.note = (n, [key])
    if n % 5 == 4:
        del account.note
        accounts.pop("b", None)
    main_account.link = accounts
    slotted.value = n
    if n % 2:
        slotted.other = [slotted.value]
    now = datetime(2024, 2, 27, 23, n, 5, n, tzinfo=timezone.utc if n % 2 else timezone(timedelta(hours=2), "two"))
    stale = expires is None or expires < now
    if stale:
        expires = now + timedelta(hours=n)
    days[key] = (date(2024, 1, 1 + n), timedelta(n), [now.time()])
    places.append(Point(n, places[-1]))
    weights[Mood.BAD if n % 3 else Mood.GOOD] = weights.get(Mood.BAD, 0) + n
    moods.append(Mood.GOOD if n % 2 else Mood(2))
    if len(places) > 3:
        del places[0], moods[:2]
    before, last = last, {"n": n, "groups": groups[key]}
    return {
        "stale": stale, "expires": str(expires), "zone": expires.tzinfo is timezone.utc, "days": repr(days), "places": repr(places)[-60:],
        "moods": [mood.name for mood in moods], "good": Mood.GOOD in moods, "weights": [(mood.name, weight) for mood, weight in weights.items()],
        "calls": calls, "xs": xs, "rows": rows, "same": shared["row"] is rows[0], "shared": shared["t"], "table": str(table),
        "names": sorted(names), "hits": hits, "lru": list(lru.items()), "groups": groups, "totals": totals,
        "recent": list(recent), "waiting": len(waiting), "before": before, "memo": memo(n), "opened": Account.opened,
        "owners": Account.owners, "best": Account.best.owner, "linked": main_account.link is accounts,
        "moves": [account.moves for account in accounts.values()], "slots": getattr(slotted, "other", None),
    }
