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
# ---
def around(bits, small):
    out = []
    for size in [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]:
        for big in [size, -size]:
            out.append([big + small, big - small, small - big, big * small, small * big, big + big, big - big, big * big, big - (big - small), big // 7, big % 7, big // -7, big % -7, -big // 7, small // big, small % big, big // big, big & 0xFFFFFFFFFFFFFFFF, big | small, big ^ small, big >> 3, big << 5, big >> 200, big > small, big == big + 0, big < -big, big <= big, hash(big), big // (1 << 40), big % ((1 << 40) + 1), big / 3])
    return out
#: around [63, 5]
#: around [64, -5]
#: around [95, 9223372036854775807]
#: around [126, -9223372036854775808]
#: around [127, 3]
#: around [128, -1]
#: around [190, 4294967296]
