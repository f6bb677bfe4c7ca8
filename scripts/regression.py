#!/usr/bin/env python3
"""Runs CPython's own tests of pure-Python modules on the modules' normal forms.

    regression.py FOLDER [MODULE...]

writes the normal forms to FOLDER and runs each module's tests three times: as the module is, in normal form, and
in normal form with the recorder's stores in it, as in a traced invocation.
It fails if a test passes in the first way only. Modules are left out whose tests look at a module's path (tabnanny),
at the local variables of functions (dis) or at the names of `builtins` (inspect).
It needs the `test` package that comes with the interpreter (Debian: libpython3.11-testsuite).
"""

import os
import re
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor

# Module: its tests, if they are not called test_<module>.
MODULES = {
    "abc": None, "argparse": None, "ast": "test_ast", "base64": None, "bdb": None, "bisect": None, "calendar": None,
    "cmd": None, "code": None, "codeop": None, "colorsys": None, "configparser": None, "contextlib": None,
    "copy": None, "copyreg": None, "csv": None, "dataclasses": None, "datetime": None, "difflib": None,
    "enum": None, "filecmp": None, "fileinput": None, "fnmatch": None, "fractions": None, "functools": None,
    "genericpath": None, "getopt": None, "glob": None, "graphlib": None, "hashlib": None, "heapq": None,
    "hmac": None, "imghdr": None, "ipaddress": None, "keyword": None, "linecache": None,
    "locale": None, "mimetypes": None, "netrc": None, "nturl2path": "test_urllib", "ntpath": None,
    "numbers": "test_abstract_numbers", "operator": None, "optparse": None, "pathlib": None,
    "pickle": None, "pickletools": None, "plistlib": None, "posixpath": None, "pprint": None, "queue": None,
    "quopri": None, "random": None, "reprlib": None, "rlcompleter": None, "sched": None, "shelve": None,
    "shlex": None, "shutil": None, "smtplib": None, "sndhdr": None, "stat": None, "statistics": None,
    "string": None, "stringprep": None, "symtable": None, "tarfile": None, "tempfile": None,
    "textwrap": None, "threading": None, "timeit": None, "tokenize": None, "types": None, "typing": None,
    "uu": None, "uuid": None, "weakref": None, "webbrowser": None, "zipapp": None, "zipfile": None,
}
SECONDS = 400
# What a worker provides for instrumented code; Python runs this file by itself.
NAMES = """import builtins
builtins._up_iter, builtins._up_next, builtins._up_end = iter, next, object()
class Seen:
    def __getitem__(self, value):
        return value
builtins._up_hits, builtins._up_seen = {}, [Seen()] * 100000
"""


def run(test, folder):
    """The verdict of CPython's test runner, and that on each test."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    if folder:
        environment["PYTHONPATH"] = folder
    command = [sys.executable, "-W", "ignore", "-m", "test", "-v", "--timeout", str(SECONDS), test]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace",
                              timeout=SECONDS + 60, cwd=folder or "/")
    except subprocess.TimeoutExpired:
        return "timed out", {}
    results = {}
    test = None
    for line in (done.stdout + done.stderr).splitlines():
        test = match[0] if (match := re.match(r"\w+ \([\w.]+\)", line)) else test
        if test and (match := re.search(r"\.\.\. (ok|FAIL|ERROR|skipped)\b", line)):
            results[test] = match[1]
            test = None
    return ("passed" if done.returncode == 0 else "failed"), results


def judge(module, test, folders):
    plain, before = run(test, None)
    verdicts, worse = [], set()
    for folder in folders:
        verdict, after = run(test, folder)
        verdicts.append(verdict)
        # A doctest may be gone: the recorder's stores in front of a docstring make it an ordinary text.
        gone = (None,) if len(after) >= 0.9 * len(before) else ()
        worse |= {name for name, result in before.items() if result == "ok" and after.get(name) not in ("ok", *gone)}
    return module, len(before), plain, verdicts, sorted(worse)


def main():
    folders = [os.path.abspath(os.path.join(sys.argv[1], way)) for way in ("plain", "recording")]
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "sitecustomize.py"), "w") as file:
            file.write(NAMES)
    library = sysconfig.get_path("stdlib")
    chosen = sys.argv[2:] or MODULES
    tests = {module: MODULES[module] or f"test_{module}" for module in chosen}
    if not os.path.exists(os.path.join(library, "test", "test_heapq.py")):
        sys.exit("the interpreter has no tests: install libpython3.11-testsuite")
    files = [os.path.join(library, f"{module}.py") for module in chosen]
    subprocess.run(["cargo", "run", "--quiet", "--release", "-p", "upshift-tracer", "--example", "normal_form", "--",
                    *folders, *files], check=True)
    modules = count = 0
    bad = False
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        judged = pool.map(lambda module: judge(module, tests[module], folders), chosen)
        for module, number, plain, verdicts, worse in judged:
            if plain == "passed":
                same = verdicts == ["passed", "passed"] and not worse
                modules += same
                count += number if same else 0
                bad |= not same
            print(f"{module:14} {number:5} tests  as it is: {plain:9}  in normal form: {verdicts[0]:9}  "
                  f"recording: {verdicts[1]}", *worse[:5], flush=True)
    print(f"{modules} modules, {count} tests are as green in normal form as they are without")
    sys.exit(bad)


if __name__ == "__main__":
    main()
