//! What CPython asks of objects, in which order, and what it makes of their answers.

use crate::cases::native;

#[test]
fn what_raises_stop_iteration_ends_what_goes_over_it() {
    let made = [
        ("map(st, xs)", 0),
        ("filter(st, xs)", 0),
        ("iter(lambda: next(it), None)", 0),
        // What raises it below a generator is left to CPython.
        ("(a for a in map(st, xs))", 1),
    ];
    for (made, bailing) in made {
        let body = format!(
            "def st(x):\n    if x == 2:\n        raise StopIteration\n    return x\n\n\
             def main(args):\n    xs = args[\"xs\"]\n    it = iter(xs)\n    try:\n        a = list({made})\n        it = iter(xs)\n        \
             b = sum({made})\n        it = iter(xs)\n        c = [(i, x) for i, x in enumerate({made})]\n        \
             return {{\"a\": a, \"b\": b, \"c\": c}}\n    except StopIteration:\n        return {{\"e\": \"StopIteration\"}}\n"
        );
        native(&body, &[r#"{"xs": [1, 2, 3]}"#, r#"{"xs": [1, 3]}"#], bailing);
    }
}

#[test]
fn a_property_that_has_no_value_falls_back_to_getattr() {
    native(
        "class A:\n    def __init__(self, known):\n        self.known = known\n    def __getattr__(self, n):\n        \
         if n == \"missing\":\n            raise AttributeError(\"none\")\n        return \"fallback \" + n\n    \
         @property\n    def p(self):\n        if self.known:\n            return self.known\n        return self.missing\n    \
         @property\n    def q(self):\n        raise KeyError(\"q\")\n\n\
         def main(args):\n    a = A(args[\"known\"])\n    out = [a.p, hasattr(a, \"p\"), getattr(a, \"p\", \"default\")]\n    \
         try:\n        out.append(a.q)\n    except KeyError as e:\n        out.append(repr(e))\n    return {\"out\": out}\n",
        &[r#"{"known": ""}"#, r#"{"known": "yes"}"#],
        0,
    );
}

#[test]
fn classes_of_except_are_all_looked_at() {
    native(
        "E = (KeyError, (ValueError,))\nF = (KeyError, ValueError)\n\n\
         def main(args):\n    out = []\n    for E_ in (E, F):\n        try:\n            try:\n                out.append({}[\"x\"])\n            \
         except E_ as e:\n                out.append(\"caught\")\n        except TypeError as e:\n            out.append(str(e))\n    \
         return {\"out\": out}\n",
        &["{}"],
        0,
    );
}

#[test]
fn a_running_generator_takes_nothing() {
    native(
        "def main(args):\n    def gen():\n        try:\n            if args[\"k\"] == 0:\n                me[0].throw(KeyError(\"x\"))\n            \
         else:\n                me[0].send(5)\n        except ValueError as e:\n            out.append(str(e))\n        \
         x = yield 1\n        yield x\n    out = []\n    me = [None]\n    me[0] = gen()\n    try:\n        \
         out.append(next(me[0]))\n        out.append(next(me[0]))\n    except KeyError as e:\n        out.append(repr(e))\n    \
         return {\"out\": out}\n",
        &[r#"{"k": 0}"#, r#"{"k": 1}"#],
        0,
    );
}

#[test]
fn lists_and_tuples_of_an_object_ask_for_its_length() {
    for made in
        ["list(b)", "[*b]", "(*b, 1)", "tuple(b)", "sorted(b)", "xs.extend(b)", "f(*b)", "{*b}", "sum(b)", "set(b)"]
    {
        let body = format!(
            "class B:\n    def __init__(self, log, fails):\n        self.log = log\n        self.fails = fails\n    \
             def __len__(self):\n        self.log.append(\"len\")\n        if self.fails:\n            raise RuntimeError(\"len\")\n        \
             return 1\n    def __iter__(self):\n        self.log.append(\"iter\")\n        return iter([1])\n\n\
             def f(*args):\n    return args\n\n\
             def main(args):\n    xs, log = [], []\n    b = B(log, args[\"fails\"])\n    try:\n        made = {made}\n    \
             except RuntimeError as e:\n        made = str(e)\n    return {{\"made\": repr(made), \"xs\": xs, \"log\": log}}\n"
        );
        native(&body, &[r#"{"fails": false}"#, r#"{"fails": true}"#], 0);
    }
}

#[test]
fn what_is_printed_before_an_error_is_printed() {
    native(
        "class R:\n    def __str__(self):\n        raise ValueError(\"no\")\n\n\
         def main(args):\n    try:\n        print(\"a\", [1], R(), \"b\")\n    except ValueError as e:\n        print(e)\n    return {}\n",
        &["{}"],
        0,
    );
}

#[test]
fn documents_without_a_value_have_a_context() {
    native(
        "import json\n\n\
         def main(args):\n    out = []\n    for text in args[\"texts\"]:\n        try:\n            json.loads(text)\n        \
         except ValueError as e:\n            out.append([str(e), repr(e.__context__), repr(e.__cause__), e.__suppress_context__])\n    \
         return {\"out\": out}\n",
        &[r#"{"texts": ["nope", "[1, nope]", "{\"a\": }", "{\"a\" 1}", "[1] 2", ""]}"#],
        0,
    );
}

#[test]
fn sequences_are_reversible_and_views_contain() {
    native(
        "from collections.abc import Collection, Container, Reversible\n\n\
         def main(args):\n    values = [\"x\", b\"x\", (1,), [1], {}, {1}, {}.values(), {}.keys(), 1, range(3)]\n    \
         return {\"out\": [[isinstance(v, c) for c in (Collection, Container, Reversible)] for v in values]}\n",
        &["{}"],
        0,
    );
}

#[test]
fn spaces_of_c_around_digits_of_other_scripts_are_none() {
    native(
        "def main(args):\n    out = []\n    for text in args[\"texts\"]:\n        for convert in (int, float):\n            try:\n                \
         out.append(convert(text))\n            except ValueError as e:\n                out.append(str(e))\n    return {\"out\": out}\n",
        &[
            r#"{"texts": ["\u001c\u0661", "\u0661\u001f", "\u2003\u0661\u2003", " \u0661\t", "1_0", "_1", "+ 1", "nan", "-Inf"]}"#,
        ],
        0,
    );
}

/// What these raise or give is not known to native code.
#[test]
fn what_is_not_sure_is_left_to_cpython() {
    let cases = [
        "\"ab\" * I()",
        "[1] * I()",
        "[W()] < [W()]",
        "(W(),) < (W(),)",
        "int(\"9\" * 198 + \"x\")",
        "int(\"9\" * 5000 + \"x\")",
        "A(1.5) + \"a\"",
        "len(A(1.5))",
        "12345678901234567890 @ 0.5",
        "\",\".join(N())",
        "1 in N()",
        "f(*object())",
        "C.BLUE",
        "int.from_bytes(5, \"big\")",
        "math.trunc(\"x\")",
    ];
    for case in cases {
        let body = format!(
            "import math\nfrom enum import Enum\n\n\
             class I:\n    def __index__(self):\n        return 2\n\n\
             class W:\n    def __lt__(self, other):\n        return [\"lt\"]\n\n\
             class A(float):\n    pass\n\n\
             class N:\n    def __iter__(self):\n        return 5\n\n\
             class C(Enum):\n    RED = 1\n\n\
             def f(*args):\n    return args\n\n\
             def main(args):\n    try:\n        return {{\"r\": {case}}}\n    except (TypeError, ValueError, AttributeError) as e:\n        \
             return {{\"e\": str(e), \"c\": repr(e.__context__)}}\n"
        );
        native(&body, &["{}"], 1);
    }
}

#[test]
fn what_has_no_order_says_the_name_of_its_class() {
    native(
        "class D(dict):\n    pass\n\nclass Id(int):\n    pass\n\n\
         def main(args):\n    out = []\n    for l, r in [(D(), D()), ({}, D()), (Id(3), \"a\"), ([Id(3)], [\"a\"]), ((1, D()), (1, D(a=1))), (None, 1)]:\n        \
         try:\n            out.append(l < r)\n        except TypeError as e:\n            out.append(str(e))\n        out.append(l == r)\n    \
         return {\"out\": out}\n",
        &["{}"],
        0,
    );
}
