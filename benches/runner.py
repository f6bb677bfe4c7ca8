"""Runs a function of benches/compute from bytes to bytes, so often as each line of the input says.

    python runner.py FILE|MODULE ARGUMENTS.json

Prints its answer first, then for each line of the input the nanoseconds that so many calls took.
"""

import importlib
import importlib.util
import json
import os
import sys
import time


def main():
    target, arguments = sys.argv[1:]
    if target.endswith(".py"):
        spec = importlib.util.spec_from_file_location("function", target)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        module = importlib.import_module(target)
    function = module.main
    with open(arguments, "rb") as file:
        body = file.read()
    print(json.dumps(function(json.loads(body))), flush=True)
    for line in sys.stdin:
        count = int(line)
        started = time.perf_counter_ns()
        for _ in range(count):
            json.dumps(function(json.loads(body))).encode()
        print(time.perf_counter_ns() - started, flush=True)


main()
