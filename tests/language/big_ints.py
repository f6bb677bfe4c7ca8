# Ints leave 64 bits.
def fact(n):
    r = 1
    for i in range(2, n + 1):
        r *= i
    return r
#: fact [5]
#: fact [30]
#: fact [100]
# ---
def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
#: fib [10]
#: fib [200]
# ---
def lcg(n):
    x = n
    out = []
    for _ in range(5):
        x = (x * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        out.append(x)
    return out
#: lcg [1]
#: lcg [99]
# ---
def fnv(s):
    h = 0xcbf29ce484222325
    for c in s:
        h ^= ord(c)
        h = (h * 0x100000001b3) & 0xFFFFFFFFFFFFFFFF
    return hex(h)
#: fnv ["hello"]
#: fnv [""]
# ---
def unpacked(n, p):
    n, total = n ** p, 0
    for i, x in enumerate([n, n + 1]):
        total += i * x
    for a, b in [[n, 1], (2, n)]:
        total += a - b
    digits = []
    while n:
        n, digit = divmod(n, 10)
        digits.append(digit)
    return [digits, total]

#: unpacked [3, 4]
#: unpacked [7, 60]
#: unpacked [9, 99]
#: unpacked [2, 63]
