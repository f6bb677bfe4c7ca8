# format(), f-strings, str.format and %.
def more(vals):
    out = []
    for spec in ["10", "010", "<10", "é^10", "_x", ",x", "_,d", ",_d", "10.", "10q", "abc", "5.3", ".2f", "+.1%", "e", ".0e", "g", ".10g", "#.3g", "#x", "#o", "08.3f", "=+10d", "z.0f", "_b", "1_000d", ".5", "é", "\t", "0=10", "00010", "-5", "^^5", "  5", "d d", "n", "020,", "021,.2f", "022,", "_e", ",%", "c", "#c", "0c", "5c"]:
        for v in vals:
            try:
                out.append(format(v, spec))
            except Exception as e:
                out.append(type(e).__name__ + ":" + str(e))
    return out
#: more [[1234, -7.25, "ab", null, [1], true]]
#: more [[0.0001, 123456789.12345679, 1e+16, 5e-324, 1.7976931348623157e+308, 12345678901234567890]]
# ---
def pct(vals):
    out = []
    for flag in ["", "-", "+", " ", "0", "#", "-0", "+0", "#0", "# -"]:
        for width in ["", "3", "12"]:
            for prec in ["", ".", ".0", ".3", ".12"]:
                for kind in "diuoxXeEfFgGcrsa%":
                    spec = "%" + flag + width + prec + kind
                    for v in vals:
                        try:
                            out.append(spec % v)
                        except Exception as e:
                            out.append(type(e).__name__ + ":" + str(e))
    return out
#: pct [[0, -42]]
#: pct [[255, 1234567890123456789012]]
#: pct [[1.5, -0.0]]
#: pct [[123456.789, 1e+100]]
#: pct [["é", "hello"]]
#: pct [[null, true, [1]]]
# ---
def pct2(d):
    out = []
    for f, v in [("%d %s", (1, 2)), ("%(a)d %(b)s", {"a": 1, "b": "x"}), ("%s", [1, 2]), ("%s", ([1, 2],)), ("%s %s", (1,)), ("%s", (1, 2)), ("abc", 5), ("abc", [1]), ("abc", {}), ("abc", ()), ("%*d", (5, 3)), ("%-*d|", (5, 3)), ("%.*f", (2, 3.14159)), ("%*d", (-5, 3)), ("%(a)s", 5), ("%(a", {"a": 1}), ("%", 5), ("%5", 5), ("%y", 5), ("%s %y", (1, 2)), ("%%", ()), ("%d%%", 5), ("%(a(b))s", {"a(b)": 3}), ("%(zz)s", {"a": 1}), ("%ld", 5), ("%c%c", ("a", 98)), ("%c", "ab"), ("%c", 1114112), ("%d", "5"), ("%x", 2.5), ("%d", 3.99), ("%d", float("nan")), ("%d", float("inf")), ("%f", "x"), ("%s", None), ("%r", "a'b"), ("%s", 1.0), ("%.2s|", "abc"), ("%5.1s|", "abc"), ("%*s", ("a", 3)), ("%s", {"a": 1}), ("%s and %s", {"a": 1}), ("%é", 5), ("%d", True), ("%5%|", ()), ("%s" * 3, ("a", "b", "c")), ("%i", 10**30), ("%e", 12345.678), ("%g", 1e-5), ("%#.0f", 3), ("%#g", 3)]:
        try:
            out.append(f % v)
        except Exception as e:
            out.append(type(e).__name__ + ":" + str(e))
    return out
#: pct2 [1]
# ---
def sf(x):
    out = []
    for f, a, k in [("{}", (1,), {}), ("{0}{1}{0}", (1, 2), {}), ("{a}{b}", (), {"a": 1, "b": 2}), ("{:>{w}}", ("x",), {"w": 5}), ("{!r:^{w}.{p}}", ("abcdef",), {"w": 9, "p": 3}), ("{", (), {}), ("}", (), {}), ("{{}}", (), {}), ("{0", (1,), {}), ("{}{0}", (1,), {}), ("{0}{}", (1,), {}), ("{x}", (), {}), ("{0[a]}", ({"a": 5},), {}), ("{0[1]}", ([1, 2],), {}), ("{0.real}", (5,), {}), ("{!x}", (1,), {}), ("{!}", (1,), {}), ("{0[}", ([1],), {}), ("{0.}", (1,), {}), ("{:d}", ("a",), {}), ("{:,}", (1234567,), {}), ("{2}", (1,), {}), ("{:{}}", (1, 5), {}), ("{:{}{}}", (1, "<", 5), {}), ("{a!s:>5}", (), {"a": None}), ("{0[a b]}", ({"a b": 1},), {}), ("{0[-1]}", ([1],), {}), ("{:.2f}", (2,), {}), ("{!r}", ("é",), {}), ("{!a}", ("é",), {})]:
        try:
            out.append(f.format(*a, **k))
        except Exception as e:
            out.append(type(e).__name__ + ":" + str(e))
    return out
#: sf [1]
# ---
def sf2(x):
    out = []
    for f,a in [("{!x}",(1,)),("{!}",(1,)),("{!r",(1,)),("{!",(1,)),("{!rr}",(1,)),("{!r:}",(1,)),("{!é}",(1,)),("{a{b}}",(1,)),("{:{:{}}}",(1,2,3)),("{0[}",([1],)),("{99999999999999999999}",()),("{0[99999999999999999999999]}",([1],)),("{[a]}",({'a':1},)),("{a}b}",()),("{0x}",(1,)),("{ 0}",(1,)),("{0!r }",(1,)),("{}}",(1,)),("{:}}",(1,)),("{:{}",(1,2)),("{0.a.}",(1,)),("{0]}",(1,)),("{0[a]b}",({'a':1},)),("{!\x01}",(1,)), ("{:{{}}}",(1,2)), ("{0[}]}", ({"}": 4},))]:
        try:
            out.append(f.format(*a))
        except Exception as e:
            out.append(type(e).__name__ + ":" + str(e))
    return out
#: sf2 [1]
# ---
def decimals(numbers, ints):
    out = []
    for number in numbers:
        out.append([f"{number:.2f}|{number:.0f}|{number:10.3f}|{number:<+9.1f}|{number:,.2f}|{number:#.0f}|{number:z.1f}|{number:.1%}|{number:015.4f}|{number:.17f}", "%.2f %5.1f %-8.3f| %+.0f %.10f" % (number, number, number, number, number), round(number, 2), round(number, 0), round(number, 5), round(number), "{:.1f}".format(number)])
    for one in ints:
        out.append([f"{one:05d}|{one:>8}|{one:<6}|{one:^9}|{one:+}|{one: d}|{one:,}|{one:_}|{one:x}|{one:08b}|{one:.2f}|{one:010,}", "%d %5d %-5d| %05d %+d %x %s %%" % (one, one, one, one, one, abs(one), one), "%s and %r" % (str(one), str(one)), round(one, 2)])
    return out
#: decimals [[0.5, 1.5, 2.5, 0.125, 2.675, 1.005, -0.001, -0.0, 0.0, 123456.789, 1e15, 1e22, 1e-7, 0.1, 99.995, -2.5], []]
#: decimals [[4503599627370495.5, 9007199254740993.0, 5e-324, 1.7976931348623157e308, 0.3, 1e16, 0.05, 0.15, 0.25, 0.35, 0.45], [0, 7, -7, 1234567, -1234567, 9223372036854775807, -9223372036854775808, 123456789012345678901234567890]]
# ---
def percents(text, number):
    out = []
    for form, values in [("%s", text), ("é%sé%s", (text, number)), ("100%%", ()), ("%s %s", (text,)), ("%s", (text, number)), ("%(a)s-%(a)5d", {"a": number}), ("%", text), ("%y", text), ("plain", ()), ("%.2s|%5s|%-5s|", (text, text, text)), ("%c%c", ("é", 97)), ("%é", 1)]:
        try:
            out.append(form % values)
        except (TypeError, ValueError) as error:
            out.append(str(error))
    return out
#: percents ["né", 42]
