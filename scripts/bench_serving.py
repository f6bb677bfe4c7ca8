"""Serves `authorize` on Upshift and on what users would pick instead, and writes tables of requests a second.

    python3 scripts/bench_serving.py TARGET OUT.json [--rounds R] [--seconds S] [--peers "A;B;…"]

TARGET is cargo's folder of the release build. Each server gets the same POST on 32 connections from `wrk`, in rounds that
rotate the servers; server and load share the machine. A peer that is not installed is skipped by name.
Then a function that computes for half a second runs all the time, and the times of `authorize` are taken again.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVING = os.path.join(ROOT, "benches", "serving")
COMPUTE = os.path.join(ROOT, "benches", "compute")
UNITS = {"us": 1, "ms": 1000, "s": 1_000_000}
ACTIONS = "/api/v1/namespaces/_/actions/{}?blocking=true&result=true"
# Runs for half a second in CPython with the `n` that it is given.
BUSY = "def main(args):\n    total = 0\n    for i in range(args['n']):\n        total += i * i % 7\n    return {'total': total}\n"


class Absent(Exception):
    """A server that cannot be measured, with the reason."""


class Server:
    """A server that is up and answers."""

    def __init__(self, command, port, path="/", environment=None, folder=None):
        if shutil.which(command[0]) is None and not os.path.exists(command[0]):
            raise Absent(f"{os.path.basename(command[0])} is not installed")
        self.url, self.port = f"http://127.0.0.1:{port}{path}", port
        self.child = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # Of the same session as the load: kernels share processors between sessions first, whatever their threads are.
            process_group=0,
        )

    def wait(self, body, expected):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if post(self.url, body) == expected:
                    return
                raise Absent("answers otherwise")
            except (OSError, http.client.HTTPException):
                if self.child.poll() is not None:
                    raise Absent("it ended") from None
                time.sleep(0.05)
        raise Absent("it does not answer")

    def end(self):
        os.killpg(self.child.pid, signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)


def post(url, body, patience=5):
    request = urllib.request.Request(url, data=body.encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=patience) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def upshift(target, folder, threshold):
    functions = os.path.join(folder, f"functions-{threshold}")
    os.makedirs(functions, exist_ok=True)
    shutil.copy(os.path.join(COMPUTE, "authorize.py"), functions)
    with open(os.path.join(functions, "busy.py"), "w") as file:
        file.write(BUSY)
    port = free_port()
    command = [os.path.join(target, "upshift"), "serve", functions, "--listen", f"127.0.0.1:{port}", "--workers", "1"]
    command += ["--state", os.path.join(folder, f"state-{threshold}"), "--threshold", str(threshold)]
    return Server(command, port, ACTIONS.format("authorize"))


def makers(target, folder):
    python = os.path.dirname(sys.executable)
    tool = lambda name: os.path.join(python, name)
    path = {"PYTHONPATH": COMPUTE}

    def granian():
        port = free_port()
        command = [tool("granian"), "--interface", "rsgi", "--workers", "1", "--host", "127.0.0.1", "--port", str(port)]
        return Server([*command, "--no-ws", "--log-level", "error", "on_granian:serve"], port, "/", path, SERVING)

    def fastapi():
        port = free_port()
        command = [tool("uvicorn"), "--port", str(port), "--log-level", "error", "--no-access-log", "on_fastapi:app"]
        return Server(command, port, "/", path, SERVING)

    def flask():
        port = free_port()
        return Server([sys.executable, "on_flask.py", str(port)], port, "/", path, SERVING)

    def framework():
        port = free_port()
        command = [tool("functions-framework"), "--target", "serve", "--source", "on_framework.py", "--port", str(port)]
        return Server([*command, "--host", "127.0.0.1"], port, "/", None, SERVING)

    def bare():
        port = free_port()
        return Server([os.path.join(target, "upshift-bare"), "authorize", "--listen", f"127.0.0.1:{port}"], port)

    return {
        "hyper and Rust, 1 thread": bare,
        "Upshift, native": lambda: upshift(target, folder, 10),
        "Upshift, Python tier": lambda: upshift(target, folder, 0),
        "granian and orjson": granian,
        "FastAPI on uvicorn": fastapi,
        "Flask on gevent": flask,
        "functions-framework": framework,
    }


def drive(server, script, seconds, connections=32):
    """Requests a second, and the median and the 99th percentile in microseconds."""
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency", "-s", script, server.url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"{server.url} fails: {text}")
    percentile = lambda share: next(
        float(number) * UNITS[unit] for number, unit in re.findall(rf"{share}%\s+([\d.]+)(us|ms|s)", text)
    )
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), percentile(50), percentile(99)


def beside_busy(server, script, seconds):
    """The same while another function of the daemon computes for half a second at a time."""
    url = server.url.replace("authorize", "busy")
    body = json.dumps({"n": 300_000})
    for _ in range(40):
        post(url, body, 60)
    # As many rounds as take half a second in the tier that it runs in.
    started = time.monotonic()
    post(url, body, 60)
    rounds = max(1, round(300_000 * 0.5 / max(time.monotonic() - started, 1e-4)))
    body, over = json.dumps({"n": rounds}), threading.Event()

    def busy():
        while not over.is_set():
            post(url, body, 60)

    thread = threading.Thread(target=busy)
    thread.start()
    time.sleep(0.2)
    figures = drive(server, script, seconds)
    over.set()
    thread.join()
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--peers")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: sh scripts/setup.sh --bench")
    sys.path.insert(0, os.path.join(ROOT, "benches"))
    from arguments import arguments

    body = json.dumps(arguments()["authorize"])
    sys.path.insert(0, COMPUTE)
    import authorize

    expected = authorize.main(json.loads(body))
    figures, skipped = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "post.lua")
        with open(script, "w") as file:
            file.write(f"wrk.method = 'POST'\nwrk.body = {json.dumps(body)}\nwrk.headers['Content-Type'] = 'application/json'\n")
        servers = {}
        try:
            for name, make in makers(os.path.abspath(options.target), folder).items():
                if options.peers and name not in options.peers.split(";"):
                    continue
                try:
                    server = make()
                    servers[name] = server
                    server.wait(body, expected)
                    # Threads start, and the native version comes.
                    drive(server, script, 2)
                except Absent as reason:
                    skipped[name] = str(reason)
                    if name in servers:
                        servers.pop(name).end()
                    print(f"{name} is skipped: {reason}", flush=True)
            names = list(servers)
            for turn in range(options.rounds):
                start = turn % len(names)
                for name in names[start:] + names[:start]:
                    figures.setdefault(name, []).append(drive(servers[name], script, options.seconds))
            busy = {}
            for name in names:
                if name.startswith("Upshift"):
                    alone = [drive(servers[name], script, options.seconds, 1) for _ in range(3)]
                    beside = [beside_busy(servers[name], script, options.seconds) for _ in range(3)]
                    quiet = [drive(servers[name], script, options.seconds) for _ in range(3)]
                    busy[name] = {"one": alone, "quiet": quiet, "beside": beside}
        finally:
            for server in servers.values():
                server.end()
    medians = lambda rows: [statistics.median(column) for column in zip(*rows)]
    result = {
        "served": {
            name: {"rate": medians(rows)[0], "p50": medians(rows)[1], "p99": medians(rows)[2], "rates": sorted(row[0] for row in rows)}
            for name, rows in figures.items()
        },
        "busy": {name: {kind: medians(rows) for kind, rows in kinds.items()} for name, kinds in busy.items()},
        "skipped": skipped,
        "rounds": options.rounds,
    }
    with open(options.out, "w") as file:
        json.dump(result, file, indent=1)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
