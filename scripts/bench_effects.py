"""Drives the six examples of examples/functions that serverless papers use, in either tier, and writes a table.

    python3 scripts/bench_effects.py BINARIES OUT.md [--seconds S] [--connections 1,32,…] [--delays 0,5,50]

BINARIES is the folder with upshift, upshift-backing and upshift-load. The load, the services and the daemon share the
machine. Ratios are native to Python within one run; everything else depends on the machine.
"""

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import tempfile
import time

ASKING = ["login", "banking", "upload", "status"]
COMPUTING = ["autocomplete", "maze"]
FUNCTIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "examples", "functions")


class Process:
    """A program that is ended with what it started."""

    def __init__(self, arguments, ready):
        self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.child.stdout:
            if ready in line:
                self.address = line.split("http://")[1].split()[0].strip("\x1b[0m")
                break
        else:
            raise SystemExit(f"{arguments[0]} does not start")
        # Nobody reads on, but the pipe must not fill.
        subprocess.Popen(["cat"], stdin=self.child.stdout, stdout=subprocess.DEVNULL)

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(15)

    def usage(self):
        """Processor seconds of it and its descendants, and the peak of its own memory in MB."""
        ticks, waiting = 0, [self.child.pid]
        while waiting:
            pid = waiting.pop()
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
                ticks += sum(map(int, fields[11:15]))
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as file:
                        waiting += map(int, file.read().split())
            except OSError:
                continue
        with open(f"/proc/{self.child.pid}/status") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        return ticks / os.sysconf("SC_CLK_TCK"), peak / 1024


def measure(binaries, action, tier, delay, connections, seconds):
    folder = tempfile.mkdtemp()
    backing = Process([f"{binaries}/upshift-backing", "--listen", "127.0.0.1:0", "--delay", str(delay)], "http://")
    daemon = None
    try:
        functions = os.path.join(folder, "functions")
        os.mkdir(functions)
        with open(os.path.join(FUNCTIONS, f"{action}.py")) as file:
            source = file.read().replace("127.0.0.1:3280", backing.address)
        with open(os.path.join(functions, f"{action}.py"), "w") as file:
            file.write(source)
        threshold = "10" if tier == "native" else "0"
        state = os.path.join(folder, "state")
        daemon = Process(
            [f"{binaries}/upshift", "serve", functions, "--listen", "127.0.0.1:0", "--state", state, "--threshold", threshold],
            "serving on",
        )
        calls = os.path.join(FUNCTIONS, f"{action}.calls.jsonl")
        if action == "banking":
            # Everybody has accounts of their own, so that what is measured is not who comes first.
            calls = os.path.join(folder, "calls.jsonl")
            with open(calls, "w") as file:
                for pair in range(10000):
                    args = {"from": f"user{2 * pair}", "to": f"user{2 * pair + 1}", "amount": 1}
                    print(json.dumps({"args": args}), file=file)
        load = [f"{binaries}/upshift-load", action, "--calls", calls]
        load += ["--daemon", daemon.address]
        drive = lambda count, time: json.loads(
            subprocess.run([*load, "--connections", str(count), "--seconds", str(time)], capture_output=True, check=True).stdout
        )
        for _ in range(20):
            if drive(2, 0.5)["native"] > 0 or tier == "python":
                break
        before = daemon.usage()[0]
        figures = drive(connections, seconds)
        after, peak = daemon.usage()
        figures["cpu_us"] = (after - before) * 1e6 / max(figures["done"], 1)
        figures["peak_mb"] = peak
        return figures
    finally:
        for process in (daemon, backing):
            if process is not None:
                process.end()
        shutil.rmtree(folder, ignore_errors=True)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("out")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", default="1,32,1000,5000")
    parser.add_argument("--delays", default="0,5,50")
    options = parser.parse_args()
    numbers = lambda text: [int(number) for number in text.split(",")]
    points = [(action, delay) for delay in numbers(options.delays) for action in ASKING] + [(action, 0) for action in COMPUTING]
    lines = [
        "| function | services answer after | in flight | Python a second | native a second | ratio | native p50 / p99 ms | Python p50 / p99 ms | processor a call, native / Python µs | peak native MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    ratios = {}
    for action, delay in points:
        for connections in numbers(options.connections):
            python, native = (
                measure(options.binaries, action, tier, delay, connections, options.seconds) for tier in ("python", "native")
            )
            ratio = native["rate"] / python["rate"] if python["rate"] else float("inf")
            kind = "asking" if action in ASKING else "computing"
            ratios.setdefault(kind, []).append(ratio)
            milliseconds = lambda figures: f"{figures['p50'] / 1000:.1f} / {figures['p99'] / 1000:.1f}"
            note = "" if native["native"] == native["done"] else f" ({native['native']} of {native['done']} native)"
            lines.append(
                f"| {action} | {delay} ms | {connections} | {python['rate']:.0f} | {native['rate']:.0f}{note} | {ratio:.1f} | "
                f"{milliseconds(native)} | {milliseconds(python)} | {native['cpu_us']:.0f} / {python['cpu_us']:.0f} | "
                f"{native['peak_mb']:.0f} |"
            )
            failed = native["failed"] + python["failed"]
            print(lines[-1], f"{failed} failed" if failed else "", flush=True)
    means = ", ".join(f"{geometric_mean(values):.1f}x for those {kind}" for kind, values in ratios.items())
    with open(options.out, "w") as file:
        print("# Functions that ask services, natively and in Python", file=file)
        print(f"\nGeometric means of the ratios: {means}.", file=file)
        print(f"Written by `make bench-effects`, {os.cpu_count()} cores, {options.seconds:g} s a figure.\n", file=file)
        print("\n".join(lines), file=file)


if __name__ == "__main__":
    main()
