# Libraries: collections, functools, heapq, bisect, math, operator, string, copy.

from collections import Counter, OrderedDict, defaultdict, deque
import bisect, heapq

def containers(xs):
    c = Counter(xs)
    d = defaultdict(list)
    for x in xs:
        d[x % 2].append(x)
    q = deque(xs, maxlen=3)
    q.appendleft(0)
    q.rotate(1)
    h = xs[:]
    heapq.heapify(h)
    heapq.heappush(h, 0)
    o = OrderedDict(sorted(c.items()))
    o.move_to_end(xs[0])
    return [c.most_common(2), c[99], dict(c), dict(d), list(q), [heapq.heappop(h) for _ in range(3)], heapq.nlargest(2, xs), bisect.bisect(sorted(xs), 2), bisect.bisect_left(sorted(xs), 2), list(o), sorted((c + Counter([1])).elements())]

#: containers [[3, 1, 2, 3, 1, 3]]
# ---
from functools import lru_cache, partial, reduce
import operator

@lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def functions(n):
    add = partial(operator.add, n)
    return [fib(n), add(5), reduce(lambda a, b: a * b, range(1, n), 1), list(map(operator.itemgetter(1), [(1, 2), (3, 4)])), sorted([3, 1, 2], key=operator.neg)]

#: functions [10]
#: functions [90]
# ---
import math

def numbers(x, y):
    return [math.sqrt(x), math.hypot(x, y), math.floor(x / y), math.ceil(x / y), math.gcd(12, 18), math.factorial(20), math.comb(10, 3), math.log(x), math.log2(8), math.pi, math.sin(x), math.fsum([0.1] * 10), math.isclose(0.1 + 0.2, 0.3), math.prod([1, 2, 3]), math.isqrt(17), math.dist([0, 0], [3, 4]), math.inf > x, math.copysign(1, -0.0), round(math.e, 4)]

#: numbers [2, 3.5]
# ---
import copy, string

def copies(x):
    shallow, deep = copy.copy(x), copy.deepcopy(x)
    x[0].append(9)
    return [x, shallow, deep, string.ascii_lowercase[:5], string.digits, "".join(c for c in "a1!b" if c in string.punctuation)]

#: copies [[[1], {"a": [2]}]]
# ---
def raw(text):
    b = text.encode()
    a = bytearray(b)
    a[0] = 72
    a.append(33)
    a += b"?"
    return [b.decode(), list(b[:3]), b.hex(), a.decode(), b.upper().decode(), b.find(b"l"), b[::-1].decode(), int.from_bytes(b[:2], "big"), (1000).to_bytes(2, "little").hex(), bytes(3).hex(), b.split(b"l")[0].decode(), bytes.fromhex("6869").decode(), repr(b[:2]), repr(a[:2]), b == bytes(b), sum(b)]

#: raw ["hello"]
# ---
import unicodedata
def plain(text):
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFKC", "NFKD")]
    try:
        unicodedata.normalize("NFX", text or "a")
    except ValueError as e:
        forms.append(str(e))
    return [kept, forms, [unicodedata.category(c) for c in text], [unicodedata.combining(c) for c in text], unicodedata.is_normalized("NFC", text)]

#: plain ["Crème Brûlée à l'Ærø — ﬁn ① Ａ"]
#: plain ["a\u0301\u0327 \uac00 ½"]
#: plain [""]
# ---
from urllib.parse import quote, urlencode, urljoin, urlparse, urlsplit
def addresses(text):
    u = urlparse(text)
    parts = [u.scheme, u.hostname, u.port, u.username, u.path, u.query, u.fragment, list(u), u.geturl(), str(u)]
    made = [urljoin(text, "../d?e=1"), urlencode({"a": "b c", "d": [1, 2], "é": "&/"}, doseq=True), u._replace(path="/z").geturl()]
    return [parts, made, urlsplit(text).netloc, quote(text), quote(text, safe=""), quote("ü~ é", safe="é "), urlparse(text) == u]

#: addresses ["https://user:pw@example.com:8080/a/b;c?x=1&y=2#f"]
#: addresses ["a/b"]
#: addresses [""]
# ---
import operator
from fractions import Fraction
def indexed(n):
    return [operator.index(n), operator.index(True), int(Fraction(7 * n, 2))]

#: indexed [3]
#: indexed [-5]
