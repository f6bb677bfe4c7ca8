"""Runs programs as they are and as they are printed; reads JSON from stdin, writes JSON to stdout."""
import contextlib
import io
import json
import linecache
import os
import sys
import traceback
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import relocate  # noqa: E402

warnings.simplefilter("ignore")
NAME = "program.py"


def frames(error):
    return "".join(traceback.format_exception(error)).replace(os.path.abspath(__file__), "run.py")


def outcome(source, code):
    linecache.cache[NAME] = (len(source), None, source.splitlines(True), NAME)
    out = io.StringIO()
    result = None
    with contextlib.redirect_stdout(out):
        try:
            exec(code, {"__name__": "__main__", "__builtins__": __builtins__})
        except BaseException as error:
            error.__traceback__ = error.__traceback__.tb_next
            result = frames(error)
    readable = out.getvalue().encode("utf-8", "backslashreplace").decode()
    return {"out": readable, "error": result}


def calls(case):
    space = {"__name__": "module"}
    exec(compile(case["text"], NAME, "exec"), space)
    results = []
    for call in case["calls"]:
        try:
            results.append(json.loads(json.dumps(space["main"](call))))
        except Exception as error:
            results.append({"error": repr(error)})
    return results


def both(case):
    whole = relocate.relocate(case["text"], case["origins"])
    return {
        "original": outcome(case["source"], compile(case["source"], NAME, "exec")),
        "printed": outcome(case["source"], compile(whole, NAME, "exec")),
    }


job = json.load(sys.stdin)
json.dump([calls(case) if "calls" in case else both(case) for case in job], sys.stdout)
