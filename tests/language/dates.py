# The module datetime, but for the clock and the machine's zone.

from datetime import date, datetime, time, timedelta, timezone
import datetime as dt
EPOCH = datetime(1970, 1, 1)
UTC = timezone.utc
DAYS = {"x": date(2020, 2, 29), "t": time(1, 2, 3, 4), "d": timedelta(hours=5), "z": timezone(timedelta(hours=2), "CEST")}

def tries(f):
    try:
        return repr(f())
    except Exception as e:
        return type(e).__name__ + ": " + str(e)

def dates(n):
    d = date(2020, 1, 31) + timedelta(days=n)
    m = datetime(2021, 3, 4, 5, 6, 7, 8) - timedelta(minutes=n * 77, microseconds=n)
    out = [d.isoformat(), str(m), repr(m), repr(d), m.strftime("%Y-%m-%d %H:%M:%S.%f %a %A %b %B %j %U %W %V %G %u %w %p %I %y %c %x %X %%"), d.weekday(), d.isocalendar()[1], list(d.isocalendar()), d.isocalendar().week, m.timetuple().tm_yday]
    out.append(str((m - EPOCH).total_seconds()))
    out.append([str(k) + "=" + str(v) for k, v in DAYS.items()])
    a = m.replace(tzinfo=UTC)
    b = a.astimezone(DAYS["z"])
    out.append([str(a), str(b), a == b, repr(b), b.tzname(), str(b.utcoffset()), a.timestamp(), a.isoformat(timespec="milliseconds")])
    out.append([tries(lambda: date(2020, 2, 30)), tries(lambda: date(2020, 13, 1)), tries(lambda: date(0, 1, 1)), tries(lambda: datetime(2020, 1, 1, 25)),
        tries(lambda: a < m), tries(lambda: a - m), tries(lambda: a == m), tries(lambda: d < m), tries(lambda: d == m), tries(lambda: m - d), tries(lambda: d - m), tries(lambda: d + 1), tries(lambda: 1 + d), tries(lambda: timedelta(1) * timedelta(2)), tries(lambda: date.max + timedelta(1)), tries(lambda: timedelta(days=1000000000))])
    out.append([tries(lambda: datetime.fromisoformat(s)) for s in ("2020-01-02", "2020-01-02T03:04", "20200102", "2020-01-02 03:04:05.678+05:30", "2020-13-01", "abc", "", "2020-01-02T03:04:05Z", "2020-01-02T25:00")])
    out.append([tries(lambda: datetime.strptime(s, f)) for s, f in (("2020-01-02", "%Y-%m-%d"), ("1 Jan 2020", "%d %b %Y"), ("2020-01-02x", "%Y-%m-%d"), ("2020-02-30", "%Y-%m-%d"), ("12/31/99 11:59 PM", "%m/%d/%y %I:%M %p"), ("xx", "%d"))])
    out.append([str(timedelta(days=n, seconds=1.5) / 7), str(timedelta(hours=n) // 5), str(divmod(timedelta(hours=30), timedelta(hours=n or 7))), timedelta(hours=n) / timedelta(minutes=7), str(-timedelta(hours=n)), str(abs(timedelta(hours=-n))), str(timedelta(hours=n) * 1.37), bool(timedelta(0)), str(sum([timedelta(n), timedelta(2)], timedelta()))])
    out.append(sorted({d, d + timedelta(1), date(2020, 1, 1)})[0].isoformat())
    out.append([x.isoformat() for x in {d, d + timedelta(1), date(2020, 1, 1)}])
    out.append(f"{d:%d.%m.%Y} {d} {m:%H} {timedelta(3)} {d!r}")
    out.append([isinstance(m, date), isinstance(d, datetime), type(m).__name__, type(m) is datetime, hash(d) == hash(date(2020, 1, 31) + timedelta(days=n)), a.tzinfo is UTC, m.date() == d, str(m.time()), str(datetime.combine(d, time(5))), list(map(date.isoformat, [d])), str(dt.datetime.max), date.today.__name__ if False else 1])
    days = {}
    days[d] = 1
    days[date.fromordinal(d.toordinal())] = 2
    out.append(len(days))
    out.append(str(max(d, date(2020, 2, 5))))
    return out

#: dates [0]
#: dates [1]
#: dates [3]
#: dates [29]
#: dates [-400]
#: dates [1000]
#: dates [7]
# ---
from datetime import date, datetime, time
def attempt(f):
    try:
        return repr(f())
    except ValueError as e:
        return str(e)
def texts(texts):
    return [[attempt(lambda: kind.fromisoformat(t)) for kind in (datetime, date, time)] for t in texts]

#: texts [["2020-01-26T", "2020-01-26", "20200126", "2020-01", "2020-1-26", "2020-01-26T10", "2020-01-26x10:11"]]
#: texts [["10:11:12.123456789", "T10:11", "10:11:12,5", "10:11:60", "1011", "10:1", "10:11:12.", "10:11Z", "10:11+01:00:30", "10:11-0130"]]
#: texts [["2020-02-30", "0000-01-01", "2020-01-01T24:00", "2020-01-01T10:11:12.5-23:59", "", "x"]]
# ---
from datetime import datetime
def attempt(text, form):
    try:
        return datetime.strptime(text, form).isoformat()
    except ValueError as e:
        return str(e)
def forms(pairs):
    return [attempt(text, form) for text, form in pairs]

#: forms [[["111", "%d%m"], ["1 1", "%d %m"], ["2020366", "%Y%j"], ["2019366", "%Y%j"], ["12 am", "%I %p"], ["12 PM", "%I %p"]]]
#: forms [[["10:11:12.5+0530", "%H:%M:%S.%f%z"], ["10:11:12+05:30:15", "%H:%M:%S%z"], ["10Z", "%H%z"], ["mon sep 7", "%a %b %d"], ["Monday", "%A"]]]
#: forms [[["10:11:61", "%H:%M:%S"], ["  5", "%d"], [" 5", "%d"], ["a\t5", "a %d"], ["100%", "%d%%"], ["70 68", "%y %d"], ["0", "%m"]]]
# ---
from datetime import date, datetime, timedelta, timezone
def edges(n):
    far = datetime(9999, 12, 31, 23, 17, 50, 71430, timezone(timedelta(hours=-n)))
    days = [date(1927, 12, 31) + timedelta(days=k) for k in range(0, 800, 73)]
    out = [str(day) for day in days]
    for make in (lambda: far.astimezone(timezone(timedelta(hours=n))), lambda: date.fromisocalendar(2020, n, 8), lambda: timezone(timedelta(days=n))):
        try:
            out.append(str(make()))
        except (OverflowError, ValueError) as e:
            out.append(str(e))
    return out

#: edges [1]
#: edges [2]
# ---
from datetime import datetime, timezone
def order(year, month, hour):
    out = []
    for make in (lambda: datetime(year, month, 1, hour), lambda: datetime(2020, 1, 1).replace(year, month, hour=hour)):
        try:
            out.append(str(make()))
        except ValueError as e:
            out.append(str(e))
    return out

#: order [2020, 13, 25]
#: order [0, 1, 99]
#: order [2020, 1, 24]
