"""Random Python programs for the differential harness: typed enough to run, wild enough to hurt.

`random_programs.py write FOLDER --seed S --count N` writes N programs with their calls.
`random_programs.py shrink FILE COMMAND…` cuts a program down while COMMAND, with the file behind it, still fails.
The same seed gives the same programs under the same Python.
"""

import argparse
import ast
import json
import pathlib
import random
import re
import subprocess
import sys

CALLS = [(1, 2), ("ab", [1, 2, 3]), ([3, 1], {"k": 1}), (2.5, None), (0, "x"), ({"k": [1]}, True)]
NAMES = ["a", "b", "c", "d"]
# What programs may call their variables, too: words that stages of the compiler use themselves.
WORDS = (
    "t item app iter_ m fn value cx op made place flow bail co raised type_ match_ loop t0 app0 item_0 item_1 _ __x "
    "it key list_ rt function method builtin box str_ Result Value Some None_ i64 dyn_ globals_ é"
).split()
LITERALS = (
    "0 1 2 -1 3 7 2.5 -0.5 '' 'ab' 'xyz' 'é' None True False 10**19 -7 {} [] "
    "[1,2,3] ['a','b'] {'k':1,'j':2} (1,2) {1,2} range(4) [[1],[2,3]] (3,'q')"
).split()
BUILTINS = "len str int list sorted sum max min abs bool tuple repr float".split()
ARITHMETIC = "+ - * // % / & | ^ + - +".split()
COMPARISONS = "< <= == != > >= in".split() + ["not in"]

PRELUDE = '''class MyError(Exception):
    pass


class Stop(BaseException):
    pass


class Managed:
    def __init__(self, out, swallow):
        self.out, self.swallow = out, swallow

    def __enter__(self):
        self.out.append("in")

    def __exit__(self, kind, value, trace):
        self.out.append("out" if kind is None else kind.__name__)
        return self.swallow


'''

CLASS = '''class {name}{bases}:
    count = 0

    def __init__(self, v):
        {init}
        self.w = [v]

    def get(self, o):
        return {get}

    def __add__(self, o):
        return {name}(self.v + (o.v if isinstance(o, {name}) else o)).v

    def __len__(self):
        return {length}

    def __repr__(self):
        return f"{name}({{self.v!r}})"

    def __eq__(self, o):
        return self.v == getattr(o, "v", o)

    def __lt__(self, o):
        return self.v < (o.v if isinstance(o, {name}) else o)

    def __getitem__(self, i):
        return {item}

    def __contains__(self, x):
        return {contains}

    def __iter__(self):
        yield self.v
        yield from self.w

    @property
    def twice(self):
        return self.v * 2

    @classmethod
    def make(cls, x):
        return cls(x)


'''

# Every loop ticks, so that programs end; each call counts anew.
MAIN = '''

def ticker():
    n = 0

    def tick():
        nonlocal n
        n += 1
        if n > 40:
            raise Stop

    return tick


def main(args):
    out = []
    try:
        r = run(args["a"], args["b"], out, ticker())
    except Exception as e:
        r = [type(e).__name__, str(e)]
    except Stop:
        r = "stop"
    return {"r": repr(r), "out": repr(out)}
'''


class Writer:
    """Writes one program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = 0
        self.functions = []
        self.generators = []
        self.classes = []

    def pick(self, *choices):
        return self.random.choice(choices)

    def likely(self, share):
        return self.random.random() < share

    def expression(self, names, depth):
        part = lambda: self.expression(names, depth - 1)
        inner = lambda extra: self.expression(names + extra, depth - 1)
        c = self.random.random()
        if depth <= 0 or c < 0.25:
            return self.pick(*names) if names and self.likely(0.7) else self.pick(*LITERALS)
        if c < 0.45:
            return f"({part()} {self.pick(*ARITHMETIC)} {part()})"
        if c < 0.53:
            return f"({part()} {self.pick(*COMPARISONS)} {part()})"
        if c < 0.57:
            return f"({part()} {self.pick('and', 'or')} {part()})"
        if c < 0.63:
            return self.pick(f"({part()} if {part()} else {part()})", f"(not {part()})")
        if c < 0.68:
            return f"{self.pick(*BUILTINS)}({part()})"
        if c < 0.72:
            index = self.pick("0", "-1", "1", "2", part(), "1:", "::-1", ":2", "'k'")
            return f"{part()}[{index}]"
        if c < 0.80:
            source = self.pick("range(3)", part(), "[1, 2]")
            kind = self.pick("[{}]", "[{}]", "sum({})", "list({})", "{{{}}}")
            if kind == "{{{}}}":
                return f"{{{inner(['x'])}: {inner(['x'])} for x in {source}}}"
            condition = self.pick("", " if x", f" if {inner(['x'])}")
            return kind.format(f"{inner(['x'])} for x in {source}{condition}")
        if c < 0.83:
            return f"(lambda x, y={part()}: {inner(['x', 'y'])})({part()})"
        if c < 0.86 and names:
            return f"f'{{{self.pick(*names)}}}:{{{self.pick(*names)}!r}}'"
        if c < 0.92:
            return self.pick(f"[{part()}, *{part()}]", f"({part()}, {part()})", f"{{'a': {part()}, 'b': {part()}}}")
        if c < 0.96 and self.functions:
            name, count = self.pick(*self.functions)
            return f"{name}({', '.join(part() for _ in range(count))})"
        if c < 0.98 and self.generators:
            return f"{self.pick('list', 'sum', 'tuple')}({self.pick(*self.generators)}({part()}))"
        if self.classes:
            k = self.pick(*self.classes)
            return self.pick(
                f"{k}({part()}).get({part()})", f"({k}({part()}) + {part()})", f"len({k}({part()}))",
                f"str({k}({part()}))", f"({k}({part()}) == {k}({part()}))", f"{k}({part()})[{part()}]",
                f"{k}.make({part()}).twice", f"list({k}({part()}))", f"({k}({part()}) < {part()})",
                f"({part()} in {k}({part()}))",
            )
        return part()

    def block(self, names, depth, indent, *, loop=False, function=True, generator=False, ticks=False):
        """Lines of statements; `loop` and the like say what may stand there."""
        pad, names, lines = "    " * indent, list(names), []
        within = {"function": function, "generator": generator, "ticks": ticks}

        def nested(extra=(), loop=loop, **changes):
            lines.extend(self.block(names + list(extra), depth - 1, indent + 1, loop=loop, **{**within, **changes}))

        for _ in range(self.random.randint(1, 4)):
            c = self.random.random()
            if c < 0.25 or depth <= 0:
                name = self.pick(*NAMES)
                lines.append(f"{pad}{name} = {self.expression(names, 2)}")
                names = list(dict.fromkeys([*names, name]))
            elif c < 0.33:
                op = self.pick("+=", "-=", "*=", "|=", "//=")
                lines.append(f"{pad}{self.pick(*names)} {op} {self.expression(names, 1)}")
            elif c < 0.38:
                lines.append(f"{pad}{self.pick(*names)}[{self.expression(names, 1)}] = {self.expression(names, 1)}")
            elif c < 0.43:
                lines.append(f"{pad}out.append({self.expression(names, 2)})")
            elif c < 0.50:
                lines.append(f"{pad}if {self.expression(names, 2)}:")
                nested()
                if self.likely(0.5):
                    lines.append(f"{pad}else:")
                    nested()
            elif c < 0.62:
                name = self.pick(*NAMES, "i")
                source = self.pick("range(3)", "[1, 2, 3]", self.expression(names, 1), "enumerate([4, 5])")
                head = f"for {name} in {source}:" if c < 0.58 else f"while {self.expression(names, 1)}:"
                lines.append(pad + head)
                lines.append(f"{pad}    {'tick()' if ticks else 'pass'}")
                nested([name] if c < 0.58 else [], loop=True)
                if c >= 0.58 and not ticks:
                    lines.append(f"{pad}    break")
                if self.likely(0.2):
                    lines.append(f"{pad}else:")
                    nested()
            elif c < 0.74:
                lines.append(f"{pad}try:")
                nested()
                caught = self.likely(0.8)
                if caught:
                    kind = self.pick("TypeError", "(TypeError, ValueError)", "ZeroDivisionError", "Exception", "LookupError")
                    lines.append(f"{pad}except {kind} as e:")
                    lines.append(f"{pad}    out.append(type(e).__name__ + str(e))")
                    nested()
                if not caught or self.likely(0.3):
                    lines.append(f"{pad}finally:")
                    nested(loop=False, function=False, generator=False)
            elif c < 0.78 and loop:
                lines.append(pad + self.pick("break", "continue"))
                break
            elif c < 0.82 and function:
                lines.append(f"{pad}return" + ("" if generator else " " + self.expression(names, 2)))
                break
            elif c < 0.86 and generator:
                lines.append(pad + self.pick(f"yield {self.expression(names, 1)}", "yield from range(2)"))
            elif c < 0.89:
                x, y = self.random.sample(NAMES, 2)
                lines.append(f"{pad}{self.pick(f'{x}, {y}', f'{x}, *{y}', f'*{x}, {y}')} = {self.expression(names, 1)}")
                names = list(dict.fromkeys([*names, x, y]))
            elif c < 0.92:
                lines.append(f"{pad}raise {self.pick('ValueError', 'KeyError', 'MyError')}({self.expression(names, 1)})")
                break
            elif c < 0.95 and depth > 1:
                self.made += 1
                name = f"h{self.made}"
                lines.append(f"{pad}def {name}(p, q=2, *r):")
                lines.extend(self.block(["p", "q", "r", *names], depth - 2, indent + 1, ticks=ticks))
                lines.append(f"{pad}    return p")
                lines.append(f"{pad}out.append({name}({self.expression(names, 1)}))")
            elif c < 0.97:
                lines.append(f"{pad}with Managed(out, {self.pick('True', 'False')}):")
                nested()
            else:
                subject = self.pick(*names)
                lines += [
                    f"{pad}match {subject}:",
                    f"{pad}    case [x, *y]:", f"{pad}        out.append([x, y])",
                    f"{pad}    case {{'k': z}}:", f"{pad}        out.append(z)",
                    f"{pad}    case int(n) | str(n):", f"{pad}        out.append(n)",
                    f"{pad}    case _:", f"{pad}        out.append('other')",
                ]
        return lines

    def definition(self):
        for number in range(self.random.randint(0, 2)):
            name, base = f"K{number}", self.pick(*self.classes) if self.classes and self.likely(0.6) else None
            yield CLASS.format(
                name=name,
                bases=f"({base})" if base else "",
                init="super().__init__(v)" if base else "self.v = v",
                get=self.pick("self.v + o", "[self.v, o]", "o", "self.w + [o]", "self.w[o]"),
                length=self.pick("2", "len(self.w)", "len(self.v)"),
                item=self.pick("self.w[i]", "(self.v, i)[i]", "self.v[i]"),
                contains=self.pick("x in self.w", "x == self.v"),
            )
            self.classes.append(name)
        for number in range(self.random.randint(0, 3)):
            params = NAMES[: self.random.randint(1, 3)]
            body = "\n".join(self.block(params, 2, 1))
            yield f"def f{number}({', '.join(params)}):\n    out = []\n{body}\n    return a\n\n\n"
            self.functions.append((f"f{number}", len(params)))
        if self.likely(0.6):
            body = "\n".join(self.block(["a"], 2, 1, generator=True))
            yield f"def g0(a):\n    out = []\n{body}\n    yield a\n\n\n"
            self.generators.append("g0")

    def program(self):
        parts = [PRELUDE, *self.definition()]
        body = "\n".join(self.block(["a", "b"], 3, 1, ticks=True))
        return self.renamed("".join(parts) + f"def run(a, b, out, tick):\n{body}\n    return a\n" + MAIN)

    def renamed(self, text):
        """The program with other names for some variables; what stands in quotes or behind a `!` is no name."""
        if self.likely(0.5):
            return text
        words = self.random.sample(WORDS, 4)
        for name, word in zip(self.random.sample(["a", "b", "c", "d", "x", "y", "p", "q"], 4), words):
            text = re.sub(rf"(?<![\w'\"!.]){name}(?![\w'\"])", word, text)
        return text


def write(folder, seed, count):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(seed, seed + count):
        path = folder / f"p{number:06}.py"
        path.write_text(Writer(number).program())
        calls = [json.dumps({"args": {"a": a, "b": b}}) for a, b in CALLS]
        path.with_suffix(".calls.jsonl").write_text("\n".join(calls) + "\n")


def places(tree):
    """Every statement of `tree`, as the list that it is in and its index, the largest first."""
    found = []
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                found += [(block, at) for at in range(len(block))]
    return sorted(found, key=lambda place: -len(ast.dump(place[0][place[1]])))


def smaller(text):
    """The programs that lack one statement of `text`, or have that statement's body in its place."""
    for number in range(len(places(ast.parse(text)))):
        for keep_body in (False, True):
            tree = ast.parse(text)
            block, at = places(tree)[number]
            body = getattr(block[at], "body", []) if keep_body else []
            if keep_body and not body:
                continue
            block[at : at + 1] = body
            if not block:
                block.append(ast.Pass())
            yield ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def shrink(path, command):
    """Cuts the program down while the command fails on it; the calls beside it stay."""
    fails = lambda: subprocess.run([*command, str(path)], capture_output=True).returncode != 0
    if not fails():
        sys.exit(f"{path}: the command does not fail on it")
    best, again = path.read_text(), True
    while again:
        again = False
        for text in smaller(best):
            try:
                compile(text, str(path), "exec")
            except SyntaxError:
                continue
            if len(text) < len(best):
                path.write_text(text)
                if fails():
                    best, again = text, True
                    break
    path.write_text(best)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write")
    writing.add_argument("folder", type=pathlib.Path)
    writing.add_argument("--seed", type=int, default=0)
    writing.add_argument("--count", type=int, default=100)
    shrinking = commands.add_parser("shrink")
    shrinking.add_argument("file", type=pathlib.Path)
    shrinking.add_argument("with_command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if args.command == "write":
        write(args.folder, args.seed, args.count)
    else:
        shrink(args.file, args.with_command)


if __name__ == "__main__":
    main()
