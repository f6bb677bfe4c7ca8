# Clocks and random numbers: every tier sees the same world.

import os
import random
import time
def draws(n):
    begin = time.perf_counter()
    out = [time.time(), time.time_ns(), time.monotonic(), time.monotonic_ns(), time.perf_counter_ns()]
    out += [random.random(), random.randint(1, 6), random.choice("abc"), random.getrandbits(130), os.urandom(n).hex()]
    items = list(range(n))
    random.shuffle(items)
    out += [items, random.sample(items, 3), random.choices("xyz", k=n), random.uniform(1, 2), random.expovariate(2)]
    out += [random.triangular(), random.randrange(0, 100, 7), random.randbytes(3).hex()]
    return out + [time.perf_counter() - begin]

#: draws [5]
#: draws [30]
# ---
import random
def seeded(n):
    random.seed(n)
    return [random.random(), random.gauss(0, 1), random.randint(1, 100)]

#: seeded [1]
#: seeded [2]
# ---
from datetime import datetime, timedelta, timezone
def clocks(hours):
    zone = timezone(timedelta(hours=hours))
    first = datetime.now(timezone.utc)
    later = datetime.now(zone)
    return [first.isoformat(), later.isoformat(), datetime.utcnow().isoformat(), later >= first, str(datetime.now(tz=zone).date())]

#: clocks [2]
#: clocks [-7]
# ---
import time
def measured(n):
    started = time.time()
    total = 0
    for i in range(n):
        total += i
        if time.time() < started:
            return None
    return {"total": total, "ms": round((time.time() - started) * 1000, 3)}

#: measured [3]
#: measured [100]
# ---
import secrets
import uuid
def tokens(n):
    limits = []
    for make in (lambda: secrets.randbelow(0), lambda: secrets.choice([])):
        try:
            make()
        except (ValueError, IndexError) as e:
            limits.append(str(e))
    drawn = [secrets.token_hex(n), secrets.token_urlsafe(n), secrets.token_bytes(n).hex(), secrets.randbelow(10 ** n)]
    return drawn + [secrets.choice("abc"), len(secrets.token_hex()), limits, str(uuid.uuid4()), uuid.uuid4().version]

#: tokens [5]
#: tokens [17]
# ---
import uuid
def names(name):
    u = uuid.uuid5(uuid.NAMESPACE_DNS, name)
    return [str(u), u.hex, u == uuid.UUID(str(u)), str(uuid.uuid3(uuid.NAMESPACE_URL, name)), u.int % 97]

#: names ["python.org"]
# ---
import os
from os import environ, getenv
def settings(name):
    out = [os.environ.get(name), os.environ.get(name, "none"), getenv(name), os.getenv(name, default=3), name in environ, name in os.environ]
    out += [os.environ is environ, os.environ.get("PATH") == environ["PATH"], "PATH" in environ, getenv("PATH") is not None]
    for read in (lambda: os.environ[name], lambda: environ["NOBODY HAS THIS"]):
        try:
            out.append(read())
        except KeyError as e:
            out.append(["KeyError", str(e), e.args[0]])
    return out

#: settings ["PATH"]
#: settings ["NOBODY_HAS_THIS_EITHER"]
#: settings ["MALLOC_ARENA_MAX"]
# ---
import time
def stamps(seconds):
    parts = time.gmtime(seconds)
    fields = [parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour, parts.tm_wday, parts.tm_yday, parts.tm_isdst, parts.tm_zone, parts.tm_gmtoff]
    now = time.gmtime()
    text = [time.strftime("%Y-%m-%d %H:%M:%S %a %j %p", parts), time.strftime("%Y-%m-%dT%H:%M:%SZ", now), repr(parts)]
    return [fields, text, list(now), now[0] > 2000, len(parts), parts == time.gmtime(seconds), time.gmtime(seconds) < now]

#: stamps [0]
#: stamps [1700000000.9]
#: stamps [-86401]
