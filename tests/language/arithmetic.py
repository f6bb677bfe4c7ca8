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
