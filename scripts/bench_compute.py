"""Runs the functions of benches/compute side by side on what users would pick, and writes tables and a plot.

    python3 scripts/bench_compute.py TARGET OUT.md [--rounds R] [--functions a,b,…] [--peers A,B,…]
                                     [--figures OUT.json]

TARGET is cargo's folder of the release build. Every figure is the time of a call from bytes to bytes (arguments read
from JSON, the function run, the result written as JSON), on one pinned core, in rounds that rotate the peers: medians,
and as the spread the middle half. A peer that is not installed, or does not answer as CPython does, is named.
"""

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BENCHES = os.path.join(os.path.dirname(HERE), "benches")
sys.path.insert(0, BENCHES)
from arguments import arguments  # noqa: E402

ROUND_NANOS = 40_000_000
BASE = "CPython 3.11"


class Absent(Exception):
    """A peer that cannot be measured, with the reason."""


def need(program, module):
    """A Python must be there, and have a module."""
    if shutil.which(program) is None:
        raise Absent(f"{program} is not installed")
    if subprocess.run([program, "-c", f"import {module}"], capture_output=True).returncode:
        raise Absent(f"{program} does not run, or has no {module}")


class Interpreter:
    def __init__(self, name, program):
        self.name, self.program = name, program
        need(program, "json")

    def command(self, function, args, folder):
        source = os.path.join(BENCHES, "compute", f"{function}.py")
        return [self.program, os.path.join(BENCHES, "runner.py"), source, args], None


class Mypyc:
    """The file as it is, compiled by mypyc without annotations."""

    name = "mypyc"

    def __init__(self, program):
        self.program = program
        need(program, "mypyc")

    def command(self, function, args, folder):
        build = os.path.join(folder, "mypyc", function)
        os.makedirs(build, exist_ok=True)
        shutil.copy(os.path.join(BENCHES, "compute", f"{function}.py"), os.path.join(build, f"compiled_{function}.py"))
        made = subprocess.run([self.program, "-m", "mypyc", f"compiled_{function}.py"], cwd=build, capture_output=True, text=True)
        if made.returncode:
            raise Absent((made.stdout + made.stderr).strip().splitlines()[-1])
        return [self.program, os.path.join(BENCHES, "runner.py"), f"compiled_{function}", args], build


class Rust:
    name = "Rust"

    def __init__(self, target):
        self.program = os.path.join(target, "upshift-compute")
        if not os.path.exists(self.program):
            raise Absent("upshift-compute is not built")

    def command(self, function, args, folder):
        return [self.program, function, args], None


class Upshift:
    name = "Upshift"

    def __init__(self, target):
        self.command_line = [os.path.join(target, "examples", "native"), os.path.join(target, "upshift")]
        if not all(map(os.path.exists, self.command_line)):
            raise Absent("the example `native` is not built")

    def command(self, function, args, folder):
        return [*self.command_line, os.path.join(BENCHES, "compute", f"{function}.py"), args], None


class Running:
    """A program that waits for counts of calls."""

    def __init__(self, command, folder, expected, pin):
        preexec = (lambda: os.sched_setaffinity(0, {pin})) if pin is not None else None
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=preexec)
        answer = self.child.stdout.readline()
        if not answer:
            raise Absent((self.child.stderr.read().strip().splitlines() or ["it ended"])[-1])
        if expected is not None and not same(json.loads(answer), expected):
            raise Absent("answers otherwise than CPython")
        self.answer = json.loads(answer)
        self.count, self.times = 1, []

    def calls(self, count):
        print(count, file=self.child.stdin, flush=True)
        return int(self.child.stdout.readline())

    def warm(self):
        """Finds how many calls make a round, warming what gets warm."""
        spent = 0
        while spent < ROUND_NANOS * 4:
            took = self.calls(self.count)
            spent += took
            self.count = max(1, round(self.count * min(ROUND_NANOS / max(took, 1), 10)))

    def round(self):
        self.times.append(self.calls(self.count) / self.count)

    def end(self):
        self.child.stdin.close()
        self.child.wait(10)


def same(a, b):
    """Equal, but for the last digits of floats: sums of another order are no other answer."""
    if isinstance(a, float) and isinstance(b, (int, float)) or isinstance(b, float) and isinstance(a, int):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def measure(peers, function, args, folder, rounds, pin):
    """Nanoseconds of a call by peer: median and quartiles, or the reason why not."""
    path = os.path.join(folder, f"{function}.json")
    with open(path, "w") as file:
        json.dump(args, file)
    running, results, expected = {}, {}, None
    for peer in peers:
        try:
            command, place = peer.command(function, path, folder)
            running[peer.name] = Running(command, place, expected, pin)
            expected = running[peer.name].answer if expected is None else expected
        except Absent as absent:
            results[peer.name] = str(absent)
    programs = list(running.values())
    for program in programs:
        program.warm()
    for turn in range(rounds):
        start = turn % len(programs)
        for program in programs[start:] + programs[:start]:
            program.round()
    for name, program in running.items():
        program.end()
        low, middle, high = statistics.quantiles(program.times, n=4)
        results[name] = (middle, low, high)
    return results


def geometric_mean(values):
    return math.exp(statistics.fmean(map(math.log, values))) if values else float("nan")


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())


def tables(names, results, absent, rounds):
    yield "# Functions that compute, side by side\n"
    yield f"Written by `make bench-compute` on {processor()}, {os.cpu_count()} processors, {rounds} rotated rounds, pinned to one."
    yield "A figure is how many times as quick as CPython 3.11 a call is, from bytes to bytes; in parentheses the middle half of the rounds.\n"
    for peer, reason in absent.items():
        yield f"Not measured: {peer} ({reason}).\n"
    yield f"| function | {BASE} µs | " + " | ".join(name for name in names if name != BASE) + " |"
    yield "| --- |" + " --- |" * len(names)
    ratios, notes = {}, []
    for function, figures in results.items():
        base = figures[BASE][0]
        cells = []
        for name in names:
            figure = figures.get(name)
            if name == BASE:
                continue
            if figure is None or isinstance(figure, str):
                cells.append("–")
                if figure:
                    notes.append(f"{function}, {name}: {figure}")
                continue
            middle, low, high = figure
            ratios.setdefault(name, []).append(base / middle)
            cells.append(f"{base / middle:.2f} ({base / high:.2f} to {base / low:.2f})")
        yield f"| {function} | {base / 1000:.1f} | " + " | ".join(cells) + " |"
    means = " | ".join(f"**{geometric_mean(ratios.get(name, [])):.2f}**" for name in names if name != BASE)
    yield f"| geometric mean | | {means} |"
    for note in notes:
        yield f"\n– {note}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("out")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--functions")
    parser.add_argument("--peers")
    parser.add_argument("--figures")
    options = parser.parse_args()
    makers = {
        BASE: lambda: Interpreter(BASE, sys.executable),
        "CPython 3.13": lambda: Interpreter("CPython 3.13", "python3.13"),
        "PyPy": lambda: Interpreter("PyPy", "pypy3"),
        "mypyc": lambda: Mypyc(sys.executable),
        "Rust": lambda: Rust(os.path.abspath(options.target)),
        "Upshift": lambda: Upshift(os.path.abspath(options.target)),
    }
    peers, absent = [], {}
    wanted = options.peers.split(",") if options.peers else makers
    for name, make in makers.items():
        try:
            if name in wanted or name == BASE:
                peers.append(make())
        except Absent as reason:
            absent[name] = reason
            print(f"{name} is skipped: {reason}", flush=True)
    if sys.version_info[:2] != (3, 11):
        raise SystemExit("run this with CPython 3.11")
    every = arguments()
    chosen = options.functions.split(",") if options.functions else sorted(every)
    pin = max(os.sched_getaffinity(0))
    results, names = {}, [peer.name for peer in peers]
    with tempfile.TemporaryDirectory() as folder:
        for function in chosen:
            results[function] = measure(peers, function, every[function], folder, options.rounds, pin)
            base = results[function][BASE][0]
            shown = (
                f"{name} {figure if isinstance(figure, str) else f'{base / figure[0]:.2f}'}"
                for name, figure in results[function].items()
                if name != BASE
            )
            print(f"{function}: {base / 1000:.1f} µs; " + ", ".join(shown), flush=True)
    with open(options.out, "w") as file:
        print("\n".join(tables(names, results, absent, options.rounds)), file=file)
    if options.figures:
        ratios = {
            function: {name: round(row[BASE][0] / row[name][0], 3) for name in names if name != BASE and isinstance(row.get(name), tuple)}
            for function, row in results.items()
        }
        with open(options.figures, "w") as file:
            json.dump({"peers": [name for name in names if name != BASE], "ratios": ratios}, file, indent=1)


main()
