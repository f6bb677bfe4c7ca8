"""Runs programs in CPython; gives each one's syntax tree and what came out of it, a line of JSON a program."""

import ast
import contextlib
import io
import json
import struct
import sys


def dump(node):
    if isinstance(node, ast.Constant):
        v = node.value
        if v is None or v is True or v is False:
            return {"_": "Constant", "kind": "n", "v": v}
        if v is ...:
            return {"_": "Constant", "kind": "e"}
        if isinstance(v, int):
            return {"_": "Constant", "kind": "i", "v": str(v)}
        if isinstance(v, float):
            return {"_": "Constant", "kind": "f", "v": str(struct.unpack("<Q", struct.pack("<d", v))[0])}
        if isinstance(v, bytes):
            return {"_": "Constant", "kind": "b", "v": list(v)}
        return {"_": "Constant", "kind": "s", "v": v}
    if isinstance(node, ast.AST):
        made = {"_": type(node).__name__}
        for name, value in ast.iter_fields(node):
            made[name] = dump(value)
        return made
    if isinstance(node, list):
        return [dump(item) for item in node]
    return node


def outcome(tree):
    names = {"__name__": "program"}
    log = io.StringIO()
    *statements, last = tree.body
    try:
        with contextlib.redirect_stdout(log):
            exec(compile(ast.Module(statements, []), "program", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "program", "eval"), names)
            result = repr(value)
    except Exception as error:
        result = f"!{type(error).__name__}: {error}"
    return result, log.getvalue()


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for source in json.loads(sys.stdin.buffer.read()):
    tree = ast.parse(source)
    result, log = outcome(tree)
    print(json.dumps({"tree": dump(tree.body), "result": result, "log": log}, ensure_ascii=False))
