# Arithmetic, as the third seed's section 5.1.1 lists it, with Python 3's semantics.

def whole(a, b):
    return [a + b, a - b, a * b, a // b, a % b, divmod(a, b), -a, +a, ~a, a ** 2, abs(a), a & b, a | b, a ^ b, a << 3, a >> 1]

#: whole [7, 3]
#: whole [-7, 3]
#: whole [7, -3]
#: whole [9223372036854775807, -9223372036854775808]
# ---
def real(a, b):
    return [a + b, a - b, a * b, a / b, a // b, a % b, divmod(a, b), -a, a ** b, round(a, 1), int(a), a.is_integer()]

#: real [7.5, 2.25]
#: real [7.5, -2.25]
#: real [1e300, 0.5]
# ---
def mixed(a, b):
    return [a + b, a * b, a / b, a // b, a == b, a < b, max(a, b), sum([a, b, True]), a if a > b else b, int(b), float(a)]

#: mixed [7, 2.5]
#: mixed [true, 0.5]
# ---
def errors(op):
    try:
        if op == 0:
            return 1 // 0
        if op == 1:
            return 1 % 0
        if op == 2:
            return 1.0 / 0
        if op == 3:
            return 1 << -1
        if op == 4:
            return "a" + 1
        if op == 5:
            return [] - []
        if op == 6:
            return 0 ** -1
        if op == 7:
            return int("x1")
        return 2.0 ** 10000
    except (ZeroDivisionError, ValueError, TypeError, OverflowError) as error:
        return [type(error).__name__, str(error)]

#: errors [0]
#: errors [1]
#: errors [2]
#: errors [3]
#: errors [4]
#: errors [5]
#: errors [6]
#: errors [7]
#: errors [8]
# ---
# Sums that begin with the int 0 and go on with floats.
def half(values):
    total = 0
    for value in values:
        total += value
    return total


def sums(values, weights):
    total = half(values)
    product = sum(v * w for v, w in zip(values, weights))
    mean = total / len(values) if values else 0
    try:
        ratio = 0
        for v, w in zip(values, weights):
            ratio = ratio + v / w
    except ZeroDivisionError:
        ratio = -1
    signs = [total == 0, total < 1, 1.5 > total, not total, -total, +total, abs(total), total * 2, total - 1, total // 2.0]
    return [total, product, mean, ratio, signs, f"{total} {product:.2f}", max(total, 1), {product: 1}.get(total), str(product), (0, -1, -1.5)]
#: sums [[1.5, 2.25], [2.0, 4.0]]
#: sums [[], []]
#: sums [[-0.0], [1.0]]
#: sums [[-0.0, 0.0], [3.5, 0.0]]
#: sums [[1e308, 1e308], [1.0, 1.0]]
#: sums [[0.1, 0.2, 0.3], [1.0, 1.0, 1.0]]
# ---
# Floats and ints, exactly.
def compared(f, i):
    return [f < i, f <= i, f > i, f >= i, f == i, f != i, i < f, i <= f, i > f, i >= f, i == f, i != f]
#: compared [0.5, 1]
#: compared [1.0, 1]
#: compared [9007199254740992.0, 9007199254740993]
#: compared [9007199254740994.0, 9007199254740993]
#: compared [-9007199254740992.0, -9007199254740993]
#: compared [9.3e18, 9223372036854775807]
#: compared [9.2e18, 9223372036854775807]
#: compared [-1e300, -9223372036854775807]
#: compared [Infinity, 9223372036854775807]
#: compared [NaN, 9223372036854775807]
#: compared [NaN, 0]
