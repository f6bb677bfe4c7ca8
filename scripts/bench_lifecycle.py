"""Takes functions from their deployment to native code, and a daemon to thousands of actions, and writes what it took.

    python3 scripts/bench_lifecycle.py TARGET OUT.json [--actions 10,1000,10000] [--native N] [--functions a,b,…]

TARGET is cargo's folder of the release build. The machine should be idle otherwise: what is measured is one request after
another, and one compilation at a time.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMPUTE = os.path.join(ROOT, "benches", "compute")
THRESHOLD = 10
ACTION = "/api/v1/namespaces/_/actions/{}"
# From a few lines to what people write at most in one file.
FUNCTIONS = ["authorize", "validate", "route", "words", "group", "join", "regex", "slugs", "sorting", "transform", "exceptions", "classes"]


class Daemon:
    def __init__(self, target, folder, functions, threshold):
        state = os.path.join(folder, f"state-{time.monotonic_ns()}")
        command = [os.path.join(target, "upshift"), "serve", *functions, "--listen", "127.0.0.1:0", "--state", state]
        started = time.monotonic()
        self.child = subprocess.Popen(
            [*command, "--threshold", str(threshold)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        for line in self.child.stdout:
            if "serving on" in line:
                self.address = line.split("http://")[1].split()[0].split("\x1b")[0]
                break
        else:
            raise SystemExit("upshift does not start")
        self.start = time.monotonic() - started
        subprocess.Popen(["cat"], stdin=self.child.stdout, stdout=subprocess.DEVNULL)
        self.connection = http.client.HTTPConnection(self.address)

    def request(self, method, path, body):
        """Seconds, the tier, and the answer."""
        started = time.monotonic()
        self.connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.monotonic() - started
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text[:300]}")
        return took, answer.headers.get("X-Upshift-Tier"), text

    def deploy(self, name, source):
        document = json.dumps({"exec": {"kind": "python:3", "code": source}})
        return self.request("PUT", ACTION.format(name) + "?overwrite=true", document)[0]

    def invoke(self, name, body):
        return self.request("POST", ACTION.format(name) + "?blocking=true&result=true", body)

    def memory(self):
        """Resident bytes of the daemon alone, and of it with all its processes, shared pages in proportion."""
        own, total, waiting = 0, 0, [self.child.pid]
        while waiting:
            pid = waiting.pop()
            try:
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    share = next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as file:
                        waiting += map(int, file.read().split())
            except OSError:
                continue
            own = own or share
            total += share
        return own, total

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(30)


def source_of(function):
    with open(os.path.join(COMPUTE, f"{function}.py")) as file:
        return file.read()


def way_up(target, folder, function, body):
    """One function, from its deployment to native code, beside the same in Python alone."""
    figures, source = {"lines": source_of(function).count("\n")}, source_of(function)
    plain = Daemon(target, folder, [], 0)
    try:
        plain.deploy("warm", source_of("authorize"))
        plain.deploy(function, source)
        figures["plain_first"] = plain.invoke(function, body)[0]
        times = [plain.invoke(function, body)[0] for _ in range(100)]
        figures["plain"], figures["plain_100"] = statistics.median(times[-50:]), sum(times)
    finally:
        plain.end()
    daemon = Daemon(target, folder, [], THRESHOLD)
    try:
        started = time.monotonic()
        daemon.deploy(function, source)
        daemon.invoke(function, body)
        figures["first_answer"] = time.monotonic() - started
        traced = [daemon.invoke(function, body) for _ in range(THRESHOLD - 1)]
        reached = time.monotonic()
        figures["traced"] = statistics.median(took for took, tier, _ in traced)
        later, live = [], None
        while time.monotonic() < reached + 10:
            took, tier, _ = daemon.invoke(function, body)
            later.append(took)
            if tier == "native":
                live = time.monotonic() - reached
                break
            time.sleep(0.002)
        figures["live"] = live
        first = [took for took, _, _ in traced] + later
        first += [daemon.invoke(function, body)[0] for _ in range(max(0, 100 - len(first)))]
        figures["first_100"] = sum(first[:100])
        if live:
            figures["native"] = statistics.median(daemon.invoke(function, body)[0] for _ in range(50))
    finally:
        daemon.end()
    return figures


def scale(target, folder, count, native, body):
    """A daemon with so many actions, of which some become native."""
    functions = os.path.join(folder, f"actions-{count}")
    os.makedirs(functions)
    source = source_of("authorize")
    for number in range(count):
        with open(os.path.join(functions, f"action{number}.py"), "w") as file:
            file.write(source.replace("no role allows it", f"no role allows it ({number})"))
    daemon = Daemon(target, folder, [functions], THRESHOLD)
    try:
        figures = {"actions": count, "start": daemon.start}
        time.sleep(1)
        figures["idle"] = daemon.memory()
        made = 0
        for number in range(min(native, count)):
            for _ in range(THRESHOLD):
                daemon.invoke(f"action{number}", body)
            end = time.monotonic() + 10
            while time.monotonic() < end and daemon.invoke(f"action{number}", body)[1] != "native":
                time.sleep(0.005)
            made += 1
        figures["native"], figures["after"] = made, daemon.memory()
        times = [daemon.invoke(f"action{number % max(made, 1)}", body)[0] for number in range(2000)]
        figures["p50"], figures["p99"] = (statistics.quantiles(times, n=100)[at] for at in (49, 98))
        cold = [daemon.invoke(f"action{count - 1 - number}", body)[0] for number in range(min(20, count - made))]
        figures["cold"] = statistics.median(cold) if cold else None
        return figures
    finally:
        daemon.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("out")
    parser.add_argument("--actions", default="10,1000,10000")
    parser.add_argument("--native", type=int, default=30)
    parser.add_argument("--functions", default=",".join(FUNCTIONS))
    options = parser.parse_args()
    sys.path.insert(0, os.path.join(ROOT, "benches"))
    from arguments import arguments

    every, target = arguments(), os.path.abspath(options.target)
    result = {"way_up": {}, "scale": [], "threshold": THRESHOLD}
    with tempfile.TemporaryDirectory() as folder:
        for function in options.functions.split(","):
            result["way_up"][function] = way_up(target, folder, function, json.dumps(every[function]))
            print(function, {name: round(figure, 4) for name, figure in result["way_up"][function].items() if figure}, flush=True)
        for count in map(int, options.actions.split(",")):
            result["scale"].append(scale(target, folder, count, options.native, json.dumps(every["authorize"])))
            print(result["scale"][-1], flush=True)
    with open(options.out, "w") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
