"""A collection of functions against the native language.

`collection.py unpack COLLECTION FOLDER` writes each function of a JSON-lines collection (`id`, `code`, `calls`) to a file
with its calls, for `upshift check --json`.
`collection.py report CHECKED COLLECTION` prints, as Markdown, how many of them were native and why the others were not,
from what `upshift check --json` printed.
"""

import collections
import json
import pathlib
import statistics
import sys


def functions(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line.strip()]


def unpack(collection, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for function in functions(collection):
        path = folder / f"{function['id']}.py"
        path.write_text(function["code"])
        calls = [json.dumps({"args": call["args"]}) for call in function["calls"]]
        path.with_suffix(".calls.jsonl").write_text("\n".join(calls) + "\n")


def report(checked, collection):
    reports = functions(checked)
    native = [report for report in reports if report["accelerated"]]
    wrong = [report for report in reports if report["mismatches"]]
    faster = [report["python_us"] / report["native_us"] for report in native if report["native_us"]]
    print(f"# {pathlib.Path(collection).stem} in the native language\n")
    print(f"Of {len(reports)} functions {len(native)} run natively, and {len(wrong)} gave another answer than CPython.")
    calls, native_calls = (sum(report[key] for report in reports) for key in ("calls", "native_calls"))
    print(f"Of {calls} calls {native_calls} were answered natively.")
    print(f"A native call takes {1 / statistics.geometric_mean(faster):.2f} of CPython's time, in the geometric mean.\n")
    print("| function | why it stays in Python |\n| --- | --- |")
    for found in reports:
        if not found["accelerated"]:
            print(f"| {pathlib.Path(found['file']).stem} | {found['reason']} |")
    partly = collections.Counter(
        bailout["kind"] for found in native for bailout in found["bailouts"]
    )
    if partly:
        print("\nBailouts of functions that are native otherwise: " + ", ".join(f"{n} {kind}" for kind, n in partly.most_common()) + ".")


if __name__ == "__main__":
    commands = {"unpack": unpack, "report": report}
    if len(sys.argv) != 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
