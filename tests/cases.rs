//! Small programs with a sharp edge each, in every tier: what people really write, and what goes wrong in compilers.

use crate::support::check;

/// Must agree in every tier, and run natively for every call but those counted in `bailing`.
pub(crate) fn native(body: &str, calls: &[&str], bailing: usize) {
    let report = check(body, calls, true);
    assert!(report.mismatches.is_empty(), "{:#?}\n{}", report.mismatches, report.rust.unwrap_or_default());
    assert_eq!(report.native_calls + bailing, calls.len(), "{:?} {:?}\n{body}", report.reason, report.bailouts);
}

/// Must agree, and stay in Python for a reason that contains `reason`.
fn python(body: &str, calls: &[&str], reason: &str) {
    let report = check(body, calls, false);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    assert_eq!(report.native_calls, 0, "{body}");
    let found = report.reason.unwrap_or_default();
    assert!(found.contains(reason), "{found}\n{body}");
}

#[test]
fn aliases_are_one_object() {
    native(
        "def main(args):\n    a = [1]\n    b = a\n    b.append(2)\n    a += [3]\n    d = {\"x\": a}\n    d[\"x\"].append(4)\n    c = a + [5]\n    return {\"a\": a, \"b\": b, \"c\": c, \"same\": a is b, \"other\": a is c, \"equal\": c == a + [5]}\n",
        &["{}"],
        0,
    );
}

#[test]
fn loops_see_what_changes_under_them() {
    native(
        "def main(args):\n    xs = [1, 2, 3]\n    n = 0\n    for x in xs:\n        if n < 4:\n            xs.append(x * 2)\n        n += 1\n    return {\"xs\": xs, \"n\": n}\n",
        &["{}"],
        0,
    );
    // The dict grows while it is iterated: RuntimeError in CPython.
    native(
        "def main(args):\n    d = {\"a\": 1}\n    for k in d:\n        if args[\"grow\"]:\n            d[\"b\"] = 2\n    return {\"d\": d}\n",
        &[r#"{"grow": false}"#, r#"{"grow": true}"#],
        1,
    );
}

#[test]
fn equal_keys_share_a_slot() {
    native(
        "def main(args):\n    d = {1: \"int\", True: \"bool\", 1.0: \"float\", 0: \"zero\", -0.0: \"minus\"}\n    d[2.0] = 1\n    d[2] = 2\n    return {\"d\": d, \"n\": len(d), \"in\": True in d, \"get\": d.get(0.0)}\n",
        &["{}"],
        0,
    );
}

#[test]
fn division_and_remainder_follow_python() {
    native(
        "def main(args):\n    a = args[\"a\"]\n    b = args[\"b\"]\n    return {\"r\": [a // b, a % b, a / b, -a // b, -a % b, a // -b, a % -b, 0 * a, -0.0 * b, a ** 2, 2 ** -1]}\n",
        &[
            r#"{"a": 7, "b": 2}"#,
            r#"{"a": 7.5, "b": 2}"#,
            r#"{"a": -7, "b": 2.5}"#,
            r#"{"a": 1e308, "b": 1e-5}"#,
            r#"{"a": 0, "b": 0}"#,
        ],
        2,
    );
}

#[test]
fn ints_leave_64_bits_by_a_bailout() {
    let calls =
        [r#"{"x": 9223372036854775807, "y": 1}"#, r#"{"x": -9223372036854775808, "y": -1}"#, r#"{"x": 3, "y": 4}"#];
    for op in ["+", "-", "*", "//"] {
        let body = format!("def main(args):\n    return {{\"r\": args[\"x\"] {op} args[\"y\"]}}\n");
        let report = check(&body, &calls, true);
        assert!(report.mismatches.is_empty() && report.accelerated, "{op}: {report:#?}");
    }
}

#[test]
fn unbound_names_raise_as_in_cpython() {
    native(
        "def main(args):\n    if args[\"set\"]:\n        x = 1\n    for i in range(args[\"n\"]):\n        last = i\n    return {\"x\": x, \"last\": last}\n",
        &[r#"{"set": true, "n": 3}"#, r#"{"set": false, "n": 3}"#, r#"{"set": true, "n": 0}"#],
        2,
    );
}

#[test]
fn names_that_mean_something_in_rust() {
    native(
        "def fn(match, type):\n    return match + type\n\n\ndef main(args):\n    cx = 1\n    rt = 2\n    op = 3\n    Some = 4\n    Value = 5\n    self = 6\n    crate = 7\n    _ = 8\n    __ = 9\n    Ünï = 10\n    bound = builtin = method = args[\"n\"]\n    result = fn(match=cx, type=rt) + op + Some + Value + self + crate + _ + __ + Ünï + bound + builtin + method\n    return {\"r\": result}\n",
        &[r#"{"n": 1}"#],
        0,
    );
}

#[test]
fn strings_with_everything_in_them() {
    native(
        "def main(args):\n    s = \"q\\\"uo'te\\\\ {brace} \\n\\t\\0 é 漢 😀\"\n    for c in s:\n        last = c\n    return {\"s\": s, \"n\": len(s), \"last\": last, \"f\": f\"{{{s}}}\", \"i\": s[-1] + s[3], \"in\": \"漢\" in s, \"lt\": \"é\" < \"漢\"}\n",
        &["{}"],
        0,
    );
}

#[test]
fn nested_functions_share_variables() {
    native(
        "def main(args):\n    count = 0\n    names = []\n\n    def add(name):\n        nonlocal count\n        count += 1\n        names.append(name)\n        if count < args[\"n\"]:\n            add(name + \"'\")\n        return count\n\n    first = add(\"a\")\n    count = 100\n    second = add(\"b\")\n    return {\"first\": first, \"second\": second, \"count\": count, \"names\": names}\n",
        &[r#"{"n": 3}"#, r#"{"n": 0}"#],
        0,
    );
}

#[test]
fn and_or_give_operands() {
    native(
        "def main(args):\n    x = args[\"x\"]\n    return {\"r\": [x or \"default\", x and [x], not x, x is None, x is not None, 1 < 2 < 3 > 2, x == 0, x != 0, x in [0, None, \"\"]]}\n",
        &[
            r#"{"x": 0}"#,
            r#"{"x": null}"#,
            r#"{"x": ""}"#,
            r#"{"x": "a"}"#,
            r#"{"x": [0]}"#,
            r#"{"x": 0.0}"#,
            r#"{"x": false}"#,
        ],
        0,
    );
}

#[test]
fn printing_is_part_of_the_answer() {
    native(
        "def main(args):\n    print()\n    print(\"a\", 1, 2.50, None, True, [1, \"x\", {}], sep=\"-\", end=\"!\")\n    print(\"b\", end=\"\")\n    print(\"é\\nnext\")\n    print(1e16, 1e-5, -0.0, 123456789012345680.0)\n    print(\"no end\", end=\"\")\n    return {}\n",
        &["{}"],
        0,
    );
}

#[test]
fn code_behind_what_always_raises_was_never_traced() {
    native(
        "def helper(i, by=2):\n    return i + by\n\n\ndef main(args):\n    n = args[\"n\"]\n    if n > 5:\n        n = n // 0\n        n = helper(helper(n, by=n), by=n)\n    return {\"n\": n}\n",
        &[r#"{"n": 1}"#, r#"{"n": 9}"#],
        1,
    );
}

#[test]
fn results_that_are_no_dict() {
    native("def main(args):\n    return [1, {\"a\": args[\"x\"]}]\n", &[r#"{"x": 1}"#], 0);
    native("def main(args):\n    return args[\"x\"]\n", &[r#"{"x": {"k": 1}}"#, r#"{"x": 1}"#, r#"{"x": null}"#], 2);
}

#[test]
fn what_is_not_pure_stays_in_python() {
    for (body, reason) in [
        (
            "import time\ndef main(args):\n    return {\"n\": time.process_time() < 0}\n",
            "time.process_time is not in the native language yet",
        ),
        ("import os\ndef main(args):\n    return {\"n\": os.getcwd()}\n", "os.getcwd"),
        (
            "import builtins\nbuiltins.sum = lambda x: 7\ndef main(args):\n    return {\"n\": sum([])}\n",
            "the built-in sum is replaced",
        ),
        (
            "def make():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step\n\nstep = make()\n\ndef main(args):\n    return {\"n\": step()}\n",
            "module state cannot leave Python: the function make.<locals>.step has changed, or what it captured",
        ),
        (
            "def main(args):\n    main.n = getattr(main, \"n\", 0) + 1\n    return {\"n\": main.n}\n",
            "module state changed: main",
        ),
    ] {
        python(body, &[r#"{"x": 0}"#, r#"{"x": 0}"#], reason);
    }
}

#[test]
fn module_objects_are_read_natively() {
    native("len = lambda x: 7\ndef main(args):\n    return {\"n\": len([])}\n", &["{}"], 0);
    native("class A:\n    n = 1\n\ndef main(args):\n    return {\"n\": A.n}\n", &["{}"], 0);
}

/// CPython closes a generator, or calls `__del__`, when the last reference goes.
#[test]
fn what_happens_when_objects_die_is_left_to_python() {
    let abandoned = "def steps(log):\n    try:\n        yield 1\n    finally:\n        log.append(\"closed\")\n\ndef main(args):\n    log = []\n    for _ in steps(log):\n        if args[\"leave\"]:\n            break\n    return {\"log\": log}\n";
    native(abandoned, &[r#"{"leave": false}"#, r#"{"leave": true}"#], 1);
    let deleted = "class D:\n    def __init__(self, log):\n        self.log = log\n\n    def __del__(self):\n        self.log.append(1)\n\ndef main(args):\n    log = []\n    D(log)\n    return {\"log\": log}\n";
    let report = check(deleted, &["{}"], false);
    assert!(report.mismatches.is_empty() && report.native_calls == 0, "{report:#?}");
}

#[test]
fn closures_of_the_module_are_known_without_being_traced() {
    native(
        "def twice(f):\n    def inner(*args):\n        return [f(*args), f(*args)]\n    return inner\n\n@twice\ndef shout(s):\n    return s.upper()\n\ndef main(args):\n    return {\"r\": shout(args[\"s\"])}\n",
        &[r#"{"s": "a"}"#],
        0,
    );
}

#[test]
fn code_behind_a_try_that_always_leaves() {
    native(
        "def g(a):\n    try:\n        pass\n    finally:\n        raise KeyError(a)\n    match a:\n        case [x, *y]:\n            pass\n        case int(n) | str(n):\n            pass\n    yield a\n\ndef main(args):\n    try:\n        return {\"r\": sum(g(args[\"x\"]))}\n    except KeyError as e:\n        return {\"r\": str(e)}\n",
        &[r#"{"x": 1}"#, r#"{"x": 2}"#],
        0,
    );
}

#[test]
fn code_behind_an_endless_loop() {
    native(
        "def g(n):\n    while True:\n        try:\n            n += 1\n            if n > 9:\n                return n\n        except KeyError:\n            continue\n        finally:\n            n += 1\n    b = b\n    b |= n\n    return b\n\ndef h(p):\n    while p:\n        b = b\n    while True:\n        while p:\n            break\n        return 1\n    c = c + b\n    return c\n\ndef main(args):\n    return {\"r\": [g(args[\"n\"]), h(0)]}\n",
        &[r#"{"n": 1}"#, r#"{"n": 20}"#],
        0,
    );
}

#[test]
fn describing_what_the_module_holds_runs_none_of_its_code() {
    let calls = [
        r#"{"what": "things"}"#,
        r#"{"what": "lying"}"#,
        r#"{"what": "method"}"#,
        r#"{"what": "made"}"#,
        r#"{"what": "nothing"}"#,
    ];
    python(include_str!("programs/watchful.py"), &calls, "the built-in sorted is replaced");
}

#[test]
fn a_module_that_took_a_librarys_place_is_not_taken_for_it() {
    python(
        "import sys, types\nfake = types.ModuleType('heapq')\ndef heappop(heap):\n    return 'fake'\nheappop.__module__ = 'heapq'\nfake.heappop = heappop\nsys.modules['heapq'] = fake\nimport heapq\nfrom heapq import heappop as other\ndef main(args):\n    return {'a': heapq.heappop([1]) if args['a'] else other([1])}\n",
        &[r#"{"a": true}"#, r#"{"a": false}"#],
        "heapq",
    );
}

#[test]
fn what_an_import_may_not_have_bound_is_not_known() {
    native(
        "def f(c):\n    if c:\n        import math\n        c = math.floor(c)\n    return math.floor(1.5)\n\ndef g(c):\n    for i in range(c):\n        from math import ceil\n    return ceil(1.5)\n\ndef h(c):\n    def inner():\n        return math.ceil(c)\n    if c:\n        return inner()\n    import math\n    return inner()\n\ndef main(args):\n    try:\n        return {\"r\": [f, g, h][args[\"i\"]](args[\"c\"])}\n    except NameError as e:\n        return {\"r\": str(e)}\n",
        &[
            r#"{"c": 1, "i": 0}"#,
            r#"{"c": 0, "i": 0}"#,
            r#"{"c": 1, "i": 1}"#,
            r#"{"c": 0, "i": 1}"#,
            r#"{"c": 0, "i": 2}"#,
            r#"{"c": 1, "i": 2}"#,
        ],
        5,
    );
}

#[test]
fn comprehensions_whose_variables_are_called_like_temporaries() {
    native(
        "def f(rows):\n    a = [(item, t) for item in range(len(rows)) for t in range(len(rows[item])) if rows[item][t] == '+']\n    b = {m: [fn for fn in range(m) if fn != app] for app in rows[0] for m in (iter for iter in range(3))}\n    c = [[t + item for item in range(t)] for t in range(4)]\n    d = [iter + m for m in range(2) for iter in (app * 2 for app in range(m + 2))]\n    return [a, b, c, d, {t for t in range(5) if t}, {item: t for item in range(2) for t in range(2)}]\n\ndef main(args):\n    return {\"r\": repr(f(args[\"rows\"]))}\n",
        &[r#"{"rows": ["+-+", "| |", "+-+"]}"#],
        0,
    );
}

#[test]
fn what_is_too_large_to_describe_leaves_the_rest() {
    native(
        "BIG = [list(range(300)) for _ in range(300)]\nSMALL = {\"a\": [1, 2]}\n\ndef main(args):\n    if args[\"i\"]:\n        return {\"r\": len(BIG)}\n    return {\"r\": SMALL[\"a\"]}\n",
        &[r#"{"i": 0}"#],
        0,
    );
}

#[test]
fn state_that_a_traced_call_changes_is_kept_natively() {
    native(
        "GRID = [[3, 0], [0, 0]]\n\ndef drain(grid):\n    out = []\n    for row in grid:\n        for i in range(len(row)):\n            if row[i] > 0:\n                out.append(row[i])\n                row[i] = 0\n    return out\n\ndef main(args):\n    return {\"r\": drain(GRID)}\n",
        &["{}", "{}"],
        0,
    );
    native("n = 0\ndef main(args):\n    global n\n    n += 1\n    return {\"n\": n}\n", &["{}", "{}", "{}"], 0);
    native("xs = []\ndef main(args):\n    xs.append(1)\n    return {\"n\": len(xs)}\n", &["{}", "{}", "{}"], 0);
    native(
        "def f(x=[]):\n    x.append(1)\n    return len(x)\n\ndef main(args):\n    return {\"n\": f()}\n",
        &["{}", "{}", "{}"],
        0,
    );
}

/// What Python puts into a class, native code gives back, also what it would not put there itself.
#[test]
fn class_attributes_of_every_kind_come_back() {
    let calls = [0, 1, 2, 3, 4, 5].map(|i| format!("{{\"i\": {i}}}"));
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    native(
        r#"
import datetime, re
P = [re.compile("a"), re.compile("b")]
class C:
    seen = None
    pat = None
    kind = None
    n = 0
class D: pass
S = {8, 16, 3}
def main(args):
    if args["i"] % 3 == 0:
        C.seen = datetime.datetime(2024, 1, 1 + args["i"])
        C.pat = P[args["i"] % 2]
        C.kind = D
    C.n += 1
    return {"seen": str(C.seen), "pat": C.pat is P[0], "kind": C.kind is D, "n": C.n}
"#,
        &calls,
        2,
    );
    native(
        r#"
S = {0, 8, 16, 3}
log = []
def main(args):
    if args["i"] % 3 == 0:
        S.remove(0)
        S.add(0)
    if args["i"] == 4:
        log.append(S.pop())
    return {"s": list(S), "log": log}
"#,
        &calls,
        4,
    );
    python(
        r#"
import functools
table = {"a": 0}
@functools.lru_cache
def get(k):
    return table[k]
def main(args):
    table["a"] += 1
    if args["i"] == 4:
        return {"x": get("a"), "i": str(args["i"]).zfill(4)}
    return {"x": get("a")}
"#,
        &calls,
        "a function of the module remembers its results",
    );
}

/// A function is one object, whether a name or a table of the module holds it; two of one source are two.
#[test]
fn functions_of_the_module_are_one_object_each() {
    native(
        r#"
def helper(x):
    return x + 1

class C:
    f = staticmethod(helper)

H = {"a": helper}
L = []
for i in range(2):
    def twice(x):
        return x * 2
    L.append(twice)
first = L[0]

def main(args):
    same = [H["a"] is helper, helper in H.values(), C.f is helper, {helper: args["i"]}[H["a"]]]
    return {"same": same, "loop": [twice is f for f in L], "first": [first is L[0], first is twice], "v": first(helper(1))}
"#,
        &[r#"{"i": 1}"#, r#"{"i": 2}"#],
        0,
    );
}

/// The first read of either leads to the other, which leads back.
#[test]
fn objects_of_the_module_that_lead_back_to_each_other_are_one_each() {
    native(
        "import enum\nclass Mood(enum.Enum):\n    GOOD = 1\n    BAD = 2\n\nweights = {Mood.GOOD: 5}\nclass Base:\n    kinds = []\n\nclass Sub(Base):\n    pass\n\nBase.kinds.append(Sub)\nfirst = [Sub()]\ntriple = (first, Sub, 1)\nfirst.append(triple)\n\ndef main(args):\n    weight = weights.get(Mood.GOOD, 0)\n    sub = triple[1]\n    return {\"weight\": weight, \"same\": [sub is Base.kinds[0], Sub is sub, first[1] is triple, type(first[0]) is Sub]}\n",
        &["{}"],
        0,
    );
}

/// What functions keep in the module: each way to write an object, and objects that lead to each other.
#[test]
fn state_of_every_kind_is_kept_natively() {
    let source = include_str!("programs/state.py");
    let call = |n: usize| format!("{{\"n\": {n}, \"key\": \"{}\"}}", ["a", "b", "c"][n % 3]);
    let calls: Vec<String> = (0..12).map(call).collect();
    native(source, &calls.iter().map(String::as_str).collect::<Vec<_>>(), 0);
}

#[test]
fn what_could_rebind_a_name_matters_only_when_it_does() {
    native(
        "import collections\nN = 3\n_cache = None\n\ndef bench():\n    return eval(\"N\", globals())\n\ndef fill():\n    global _cache\n    _cache = 1\n\ndef main(args):\n    global N\n    return {\"r\": N + len(collections.Counter(args[\"t\"])), \"c\": _cache}\n\nif __name__ == \"__main__\":\n    exec(\"N = 4\")\n",
        &[r#"{"t": "ab"}"#],
        0,
    );
    for line in [
        "globals()[\"N\"] += 1",
        "f.__code__ = (lambda: 9).__code__",
        "f.__defaults__ = (1,)",
        "f.flag = 1",
        "g.__kwdefaults__['y'] += 1",
    ] {
        let body = format!(
            "N = 3\ndef f(x=0):\n    return N\n\ndef g(*, y=1):\n    return y\n\ndef main(args):\n    {line}\n    return {{\"r\": f() + g()}}\n"
        );
        let report = check(&body, &["{}", "{}"], false);
        assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
        assert_eq!(report.native_calls, 0, "{body}");
        assert!(report.reason.unwrap().starts_with("module state "), "{body}");
    }
}

#[test]
fn logging_of_ones_own_kind_stays_in_python() {
    let set_up =
        |how: &str| format!("import logging\n{how}\n\ndef main(args):\n    logging.warning('x')\n    return {{}}\n");
    for (how, reason) in [
        ("logging.basicConfig(format='%(lineno)d %(message)s')", "a format with lineno"),
        ("logging.basicConfig(format='{message}', style='{')", "the style of a format is not %"),
        ("logging.getLogger().addFilter(lambda record: False)", "a logger with filters"),
        ("logging.addLevelName(30, 'ATTENTION')", "levels or records of its own"),
        (
            "class Own(logging.StreamHandler):\n    pass\nlogging.getLogger().addHandler(Own())",
            "a Own that native code",
        ),
    ] {
        let report = check(&set_up(how), &["{}", "{}"], false);
        assert!(report.mismatches.is_empty(), "{how}: {:#?}", report.mismatches);
        assert!(report.reason.as_deref().unwrap_or_default().contains(reason), "{how}: {:?}", report.reason);
    }
    // Who replaces a part of it and logs nothing is none the slower.
    native(
        "import logging\nlogging.Logger.callHandlers = None\n\ndef main(args):\n    return {\"n\": sum(args[\"n\"])}\n",
        &[r#"{"n": [1, 2]}"#],
        0,
    );
    // What goes wrong in a handler is CPython's to report, and goes no further.
    let bad = "import logging\n\ndef main(args):\n    logging.warning('%d', args['n'])\n    return {}\n";
    let report = check(bad, &[r#"{"n": 1}"#, r#"{"n": 2}"#, r#"{"n": "x"}"#], true);
    assert_eq!((report.mismatches.len(), report.native_calls, report.bailouts.len()), (0, 2, 1), "{:?}", report.reason);
}

#[test]
fn what_csv_makes_of_the_wrong_things_is_its_own() {
    let body = "import csv, io\n\ndef main(args):\n    out = io.StringIO()\n    writer = csv.writer(out)\n    try:\n        if args[\"how\"] == 0:\n            csv.writer(5)\n        elif args[\"how\"] == 1:\n            writer.writerow(args[\"row\"])\n        else:\n            writer.writerows(args[\"row\"])\n    except TypeError as error:\n        return {\"error\": str(error)}\n    except csv.Error as error:\n        return {\"csv\": str(error)}\n    return {\"out\": out.getvalue()}\n";
    let calls = [
        r#"{"how": 1, "row": [1]}"#,
        r#"{"how": 2, "row": [[1]]}"#,
        r#"{"how": 2, "row": 5}"#,
        r#"{"how": 0, "row": []}"#,
        r#"{"how": 1, "row": 5}"#,
        r#"{"how": 2, "row": [5]}"#,
    ];
    native(body, &calls, 3);
}

#[test]
fn a_class_that_says_what_its_attributes_are_is_asked_for_methods_too() {
    native(
        "class Odd:\n    def __getattribute__(self, name):\n        return lambda: name\n\n    def size(self):\n        return 1\n\ndef main(args):\n    return {\"r\": Odd().size() if args[\"odd\"] else 0}\n",
        &[r#"{"odd": true}"#, r#"{"odd": false}"#],
        1,
    );
}

#[test]
fn a_comprehension_knows_nothing_of_its_run_before() {
    native(
        "def main(args):\n    out = []\n    for row in args[\"rows\"]:\n        try:\n            out.append([y for b in row if b or y for y in (b or [0])])\n        except UnboundLocalError:\n            out.append(\"unbound\")\n    return {\"r\": out}\n",
        &[r#"{"rows": [[[1], []], [[2]]]}"#, r#"{"rows": [[[1]], [[]]]}"#],
        1,
    );
}

#[test]
fn an_iteration_that_a_generator_expression_ends_by_mistake_is_an_error() {
    native(
        "def main(args):\n    items = iter(args[\"xs\"])\n    try:\n        return {\"r\": sum(next(items) for _ in range(args[\"n\"]))}\n    except RuntimeError as e:\n        return {\"r\": str(e)}\n",
        &[r#"{"xs": [1, 2, 3], "n": 2}"#, r#"{"xs": [1, 2, 3], "n": 5}"#],
        1,
    );
}

#[test]
fn an_argument_is_what_it_was_before_the_items_came_about() {
    native(
        "def main(args):\n    key = lambda x: -x\n\n    def seen(x):\n        nonlocal key\n        key = abs\n        return x\n\n    return {\"r\": sorted((seen(x) for x in args[\"xs\"]), key=key)}\n",
        &[r#"{"xs": [1, -3, 2]}"#],
        0,
    );
}

#[test]
fn an_exception_out_of_a_generator_expression_leaves_none_under_way() {
    native(
        "class Numbers:\n    def __init__(self, numbers):\n        self.numbers = numbers\n\n    def __getitem__(self, at):\n        return sum(self.numbers[i] for i in range(at, at + 1))\n\ndef main(args):\n    total = 0\n    for _ in range(1000):\n        for number in Numbers(args[\"xs\"]):\n            total += number\n    items = iter([])\n    try:\n        next(items)\n    except StopIteration:\n        total += 1\n    return {\"r\": total}\n",
        &[r#"{"xs": [1, 2]}"#],
        0,
    );
}

#[test]
fn tracing_shows_no_warning_of_the_source_again() {
    let source = "import warnings\nwarnings.simplefilter(\"error\")\n\nclass Words:\n    def split(self, text):\n        return [text, \"\\d\"]\n\ndef main(args):\n    return {\"r\": Words().split(args[\"x\"])}\n";
    native(source, &[r#"{"x": "a"}"#], 0);
    native(&source.replace("error", "always"), &[r#"{"x": "a"}"#], 0);
}

#[test]
fn targets_that_observe_on_their_way_keep_nothing_from_being_traced() {
    let source = "\
class Box:
    def put(self, seen, keys):
        seen[[key for key in keys][0]] = len(keys)
        return seen

def main(args):
    return {\"r\": sorted(Box().put({}, args[\"keys\"]).items())}
";
    native(source, &[r#"{"keys": [3, 4]}"#], 0);
}

#[test]
fn long_expressions_keep_nothing_from_being_traced() {
    let sum = |name: &str| (0..900).map(|number| format!("{name}{number}\"")).collect::<Vec<_>>().join(" + ");
    let (top, kept) = (sum("\"s"), sum("x + \"t"));
    let source = format!(
        "TEXT = {top}\n\nclass Box:\n    def size(self, text):\n        return len(text)\n\ndef main(args):\n    texts = [{kept} for x in args[\"xs\"]]\n    return {{\"r\": Box().size(TEXT), \"s\": [len(text) for text in texts]}}\n"
    );
    native(&source, &[r#"{"xs": ["a"]}"#], 0);
}

#[test]
fn a_tuple_of_a_variable_is_a_new_one_each_time() {
    let source = "class Pairs:\n    def made(self):\n        x = (1, 2)\n        return (x, 3)\n\ndef main(args):\n    pairs, before, same = Pairs(), None, []\n    for _ in range(args[\"n\"]):\n        now = pairs.made()\n        same.append(now is before)\n        before = now\n    return {\"r\": same}\n";
    let report = check(source, &[r#"{"n": 3}"#], false);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
}

#[test]
fn what_deque_misses_is_named() {
    let body = "from collections import deque\n\ndef main(args):\n    try:\n        deque([1]).remove(args[\"x\"])\n    \
                except ValueError as error:\n        return {\"error\": str(error)}\n";
    native(body, &[r#"{"x": 5}"#, r#"{"x": "a"}"#], 0);
}

#[test]
fn recursion_ends_where_cpython_counts_more_than_one_frame_a_call() {
    let ways = [
        "def f(n):\n    return [f(n - 1) for _ in range(1)][0] if n else 0\n",
        "def f(n):\n    return sorted([n], key=lambda x: f(x - 1))[0] if n else 0\n",
        "class N:\n    def __init__(self, n):\n        self.c = N(n - 1) if n else None\n\ndef f(n):\n    N(n)\n    return n\n",
        "class N:\n    def __call__(self, n):\n        return self(n - 1) if n else 0\n\ndef f(n):\n    return N()(n)\n",
        "class N:\n    def __init__(self, n):\n        self.n = n\n    def __eq__(self, other):\n        return \
         N(self.n - 1) == other if self.n else True\n\ndef f(n):\n    return N(n) == 1\n",
    ];
    for way in ways {
        let body = format!(
            "{way}\ndef main(args):\n    try:\n        return {{\"result\": f(args[\"n\"])}}\n    except RecursionError:\n        \
             return {{\"error\": 1}}\n"
        );
        let calls = [5, 100, 300, 490, 700].map(|n| format!("{{\"n\": {n}}}"));
        let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
        let report = check(&body, &calls, false);
        assert!(report.mismatches.is_empty(), "{way}: {:#?}", report.mismatches);
        assert!(report.native_calls >= 2, "{way}: {:?} {:?}", report.reason, report.bailouts);
    }
}
