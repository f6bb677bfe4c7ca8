"""Counts the instructions of the runtime's hot operations, and holds them against what is recorded.

    python3 scripts/counts.py [--update]

Each case of the example `counts` runs under callgrind with two numbers of rounds; the difference of both is the rounds'
own. It fails where a case takes more than 5 % and more than two instructions beyond benches/counts.json, and where one
side has a case that the other has not; `--update` writes that file. Other compilers, processors and C libraries make
other instructions of the same source: there, nothing is compared.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECORDED = os.path.join(ROOT, "benches", "counts.json")
UPDATE = "python3 scripts/counts.py --update"
# What a count may be beyond the recorded one; both must be exceeded.
SHARE, INSTRUCTIONS = 0.05, 2
SIDE_BY_SIDE = 2
FLAGS = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
# The C library copies and compares with what a processor has; the oldest ways are the same on all.
OLDEST = "glibc.cpu.hwcaps=" + ",".join(
    f"-{name}" for name in "AVX AVX2 AVX512F AVX512VL AVX512BW BMI1 BMI2 ERMS FSRM LZCNT MOVBE RTM SSE4_1 SSE4_2 SSSE3".split()
)


def output(*command):
    # The library that compiled functions link is built without the caller's flags, too.
    environment = {name: value for name, value in os.environ.items() if name not in FLAGS}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"this failed: {' '.join(command)}")
    return done.stdout


def built():
    """The program that runs the cases."""
    command = ["cargo", "build", "--release", "-p", "upshift-runtime", "--example", "counts"]
    messages = output(*command, "--message-format", "json-render-diagnostics").splitlines()
    programs = [json.loads(line).get("executable") for line in messages]
    return next(program for program in programs if program)


def surroundings():
    """What the instructions of one source depend on."""
    with open("/proc/cpuinfo") as file:
        has_avx2 = " avx2 " in file.read()
    return {
        "compiler": output(os.environ.get("RUSTC", "rustc"), "--version").strip(),
        "architecture": platform.machine() + (" with AVX2" if has_avx2 else ""),
        "libc": " ".join(platform.libc_ver()),
    }


def instructions(program, case, rounds):
    # The caller's environment lies on the program's stack, and may set what allocates.
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, case, str(rounds)]
    environment = {"PATH": os.environ["PATH"], "GLIBC_TUNABLES": OLDEST}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not collected:
        raise SystemExit(f"{case} does not run under callgrind:\n{done.stderr}")
    return int(collected[1])


def counted(program):
    """Instructions of one round, by case."""
    cases = [line.split() for line in output(program, "--list").splitlines()]
    runs = [(case, int(rounds) * times) for case, rounds in cases for times in (1, 2)]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        totals = list(pool.map(lambda run: instructions(program, *run), runs))
    pairs = zip(cases, totals[::2], totals[1::2])
    return {case: round((double - single) / int(rounds), 1) for (case, rounds), single, double in pairs}


def row(case, before, now):
    ratio = f"{now / before:.3f}" if before and now is not None else "–"
    cells = ["–" if count is None else f"{count:.1f}" for count in (before, now)]
    return f"{case:<20} {cells[0]:>12} {cells[1]:>12} {ratio:>8}"


def complaint(case, before, now):
    """What is wrong with a case, if anything is."""
    if before is None:
        return f"{case}: {now} instructions, and none recorded; {UPDATE} records them"
    if now is None:
        return f"{case}: {before} instructions are recorded, and there is no such case; {UPDATE} forgets it"
    if now > before * (1 + SHARE) and now > before + INSTRUCTIONS:
        return (
            f"{case}: {before} instructions before, {now} now, {now / before:.3f} times as many; "
            f"make it as quick as it was, or, if that is the price of something, record it with {UPDATE}"
        )
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is not installed: run `make setup-test`")
    here, counts = surroundings(), counted(built())
    recorded = {"counts": {}}
    if os.path.exists(RECORDED):
        with open(RECORDED) as file:
            recorded = json.load(file)
    before = recorded["counts"]
    print(f"{'instructions':<20} {'before':>12} {'now':>12} {'ratio':>8}")
    names = [*counts, *(case for case in before if case not in counts)]
    for case in names:
        print(row(case, before.get(case), counts.get(case)))
    if options.update:
        with open(RECORDED, "w") as file:
            json.dump({**here, "counts": counts}, file, indent=1)
            file.write("\n")
        return
    others = [f"{recorded[key]}, here {here[key]}" for key in here if key in recorded and recorded[key] != here[key]]
    if others:
        print(f"the counts are not compared: they are recorded for {'; '.join(others)}")
        return
    complaints = [text for case in names if (text := complaint(case, before.get(case), counts.get(case)))]
    sys.stdout.flush()
    for text in complaints:
        print(text, file=sys.stderr)
    sys.exit(1 if complaints else 0)


main()
