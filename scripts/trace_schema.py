"""Prints docs/trace.schema.json: the JSON of crates/ir/src/trace.rs and value.rs, as a JSON Schema."""

import json

SITE = {"type": "integer", "minimum": 0, "description": "A site's number."}
LINE = {"type": "integer", "minimum": 1}
STR = {"type": "string"}
BOOL = {"type": "boolean"}
INDEX = {"type": "integer", "minimum": 0, "description": "Index into image."}


def ref(name):
    return {"$ref": f"#/$defs/{name}"}


def array(items, **more):
    return {"type": "array", "items": items, **more}


def pair(first, second):
    return {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2}


def record(properties, optional=(), **more):
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def tagged(variants):
    return {"oneOf": [v if k is None else record({k: v}) for k, v in variants]}


ATOM, ATOMS, BLOCK = ref("atom"), array(ref("atom")), ref("block")
KEYWORDS = array(pair(STR, ATOM))
NAMED = array(pair(STR, INDEX))

STATEMENTS = {
    "let": ({"name": STR, "value": ref("expr")}, (), "Names the result of one application; name is a temporary."),
    "set": ({"name": STR, "value": ref("expr")}, (), "Assigns a variable of the source."),
    "update": ({"name": STR, "op": ref("binaryOp"), "value": ATOM, "site": SITE}, (), "name op= value."),
    "setitem": ({"object": ATOM, "index": ATOM, "value": ATOM, "site": SITE}, (), "object[index] = value."),
    "setglobal": ({"name": STR, "value": ATOM}, (), "name = value of a name declared global."),
    "setattr": ({"object": ATOM, "name": STR, "value": ATOM}, (), "object.name = value."),
    "delitem": ({"object": ATOM, "index": ATOM}, (), "del object[index]."),
    "delattr": ({"object": ATOM, "name": STR}, (), "del object.name."),
    "delvar": ({"name": STR}, (), "del name."),
    "push": ({"object": ATOM, "value": ATOM}, (), "Adds to what a comprehension builds."),
    "fresh": ({"name": STR}, (), "A comprehension's variable is a new one from here on."),
    "unpack": (
        {"names": array(STR), "star": SITE, "value": ATOM, "seen": array(ref("types"))},
        ("star", "seen"),
        "a, b, *c = value.",
    ),
    "if": ({"test": ATOM, "then": BLOCK, "else": BLOCK}, (), "A branch; a side that nothing took is a single unknown."),
    "while": ({"next": ref("next"), "body": BLOCK}, ("next",), "An endless loop; with next, until its iterator ends."),
    "break": ({}, (), "Leaves the innermost loop."),
    "continue": ({}, (), "Starts the innermost loop's next round."),
    "return": ({"value": ATOM}, (), "Leaves the function."),
    "def": ({"name": STR, "function": ref("functionId"), "defaults": KEYWORDS}, ("defaults",), "Defines a nested function."),
    "class": (
        {"name": STR, "body": ref("functionId"), "bases": ATOMS, "keywords": KEYWORDS},
        ("keywords",),
        "A class statement in a function.",
    ),
    "raise": ({"exception": ATOM, "cause": ATOM}, ("exception", "cause"), "Raises an exception."),
    "try": (
        {"body": BLOCK, "handlers": array(ref("handler")), "else": BLOCK, "finally": BLOCK},
        ("else", "finally"),
        "try.",
    ),
    "with": ({"context": ATOM, "name": STR, "body": BLOCK}, (), "with; name takes what the context manager gave."),
    "unknown": ({"site": SITE}, (), "A hole: nothing traced came here."),
    "opaque": ({"reason": STR}, (), "Something the native language does not have; it was executed."),
}

EXPRESSIONS = {
    "atom": ({"value": ATOM}, (), "A plain copy."),
    "global": ({"name": STR}, (), "Reads a module-level or built-in name."),
    "intrinsic": ({"name": STR}, (), "The built-in of that name, whatever it means in the module."),
    "import": ({"module": STR, "name": STR}, ("name",), "A module, or an attribute of it."),
    "binop": ({"operator": ref("binaryOp"), "left": ATOM, "right": ATOM}, (), "left op right."),
    "compare": ({"operator": ref("compareOp"), "left": ATOM, "right": ATOM}, (), "A comparison."),
    "unop": ({"operator": {"enum": ["not", "neg", "pos", "invert"]}, "operand": ATOM}, (), "op operand."),
    "index": ({"object": ATOM, "index": ATOM}, (), "object[index]."),
    "attr": ({"object": ATOM, "name": STR}, (), "object.name."),
    "call": ({"callee": ref("callee"), "args": ATOMS, "kwargs": KEYWORDS}, ("kwargs",), "A call."),
    "callspread": ({"callee": ref("callee"), "args": array(ref("argument"))}, (), "A call with stars."),
    "list": ({"items": ATOMS}, (), "[items…]."),
    "tuple": ({"items": ATOMS}, (), "(items…)."),
    "set": ({"items": ATOMS}, (), "{items…}."),
    "spread": (
        {"container": {"enum": ["list", "tuple", "set"]}, "items": array(pair(BOOL, ATOM))},
        (),
        "A display with stars.",
    ),
    "dict": ({"items": array(pair(ATOM, ATOM))}, (), "{key: value, …}."),
    "dictspread": (
        {"items": array(pair({"oneOf": [{"type": "null"}, ATOM]}, ATOM))},
        (),
        "A dict display with **.",
    ),
    "slice": ({"start": ATOM, "stop": ATOM, "step": ATOM}, (), "A slice as a value."),
    "getslice": ({"object": ATOM, "start": ATOM, "stop": ATOM, "step": ATOM}, (), "object[start:stop:step]."),
    "format": ({"parts": array(ref("part"))}, (), "An f-string."),
    "iter": ({"object": ATOM}, (), "iter(object), at the head of a loop."),
    "closure": ({"function": ref("functionId"), "defaults": KEYWORDS}, ("defaults",), "A function as a value."),
    "super": ({"class": ATOM, "object": ATOM}, (), "super() in a method."),
    "yield": ({"value": ATOM}, (), "yield value."),
    "yieldfrom": ({"value": ATOM}, (), "yield from value."),
    "opaque": ({"reason": STR}, (), "Something the native language does not have; it was executed."),
}

CONST = tagged(
    [
        (None, {"const": "none"}),
        (None, {"const": "ellipsis"}),
        ("bool", BOOL),
        ("int", {"type": "integer"}),
        ("bigint", STR),
        ("float", {"type": "string", "description": "Text that reads back exactly."}),
        ("str", STR),
        ("bytes", array({"type": "integer", "minimum": 0, "maximum": 255})),
    ]
)

FIELD = record(
    {"name": STR, "default": INDEX, "factory": INDEX, "init": BOOL, "repr": BOOL, "compare": BOOL},
    ("default", "factory"),
)
FORM = tagged(
    [
        ("namedtuple", array(STR)),
        ("enum", NAMED),
        (
            "dataclass",
            record({"fields": array(FIELD), "eq": BOOL, "order": BOOL, "frozen": BOOL, "generated": array(STR)}),
        ),
    ]
)
MAYBE = {"oneOf": [{"type": "null"}, INDEX]}
NODE = tagged(
    [
        ("const", ref("const")),
        ("builtin", STR),
        ("module", STR),
        ("list", array(INDEX)),
        ("tuple", array(INDEX)),
        ("dict", array(pair(INDEX, INDEX))),
        (
            "dictof",
            {
                "type": "array",
                "prefixItems": [STR, {"anyOf": [INDEX, {"type": "null"}]}, array(pair(INDEX, INDEX))],
                "description": "A class of collections, a default factory, entries.",
            },
        ),
        (
            "deque",
            {
                "type": "array",
                "prefixItems": [{"type": ["integer", "null"], "minimum": 0}, array(INDEX)],
                "description": "maxlen, items.",
            },
        ),
        ("set", pair(BOOL, array(INDEX))),
        (
            "function",
            record(
                {
                    "function": ref("functionId"), "defaults": array(INDEX), "kwdefaults": NAMED, "cells": NAMED,
                    "named": {"type": "boolean"},
                },
                ("defaults", "kwdefaults", "cells", "named"),
            ),
        ),
        (
            "class",
            record(
                {
                    "name": STR,
                    "qualname": STR,
                    "bases": array(INDEX),
                    "dict": NAMED,
                    "registered": array(INDEX),
                    "hooked": BOOL,
                    "form": FORM,
                },
                ("registered", "hooked", "form"),
            ),
        ),
        ("instance", record({"class": INDEX, "dict": NAMED, "payload": INDEX}, ("payload",))),
        ("staticmethod", INDEX),
        ("bound", {"type": "array", "prefixItems": [INDEX, STR], "minItems": 2, "maxItems": 2}),
        ("classmethod", INDEX),
        ("property", {"type": "array", "prefixItems": [MAYBE] * 3, "minItems": 3, "maxItems": 3}),
        ("construct", {"type": "array", "prefixItems": [STR, array(INDEX)], "minItems": 2, "maxItems": 2}),
        ("cached", record({"function": INDEX, "maxsize": MAYBE, "typed": BOOL}, ("maxsize",))),
        (
            "partial",
            {"type": "array", "prefixItems": [INDEX, array(INDEX), NAMED], "minItems": 3, "maxItems": 3},
        ),
        (
            "pattern",
            ref("pattern"),
        ),
        ("other", STR),
    ]
)

DEFS = {
    "functionId": {"type": "integer", "minimum": 0, "description": "Index into functions."},
    "types": array(STR, uniqueItems=True, description="Types seen, by name."),
    "function": record(
        {
            "id": ref("functionId"),
            "name": STR,
            "qualname": STR,
            "line": LINE,
            "parent": ref("functionId"),
            "generator": BOOL,
            "params": array(ref("param")),
            "locals": array(STR),
            "free": array(STR),
            "nonlocals": array(STR),
            "body": BLOCK,
        },
        ("parent", "generator", "free", "nonlocals"),
    ),
    "param": record(
        {
            "name": STR,
            "site": SITE,
            "seen": ref("types"),
            "kind": {"enum": ["positional", "plain", "star", "keyword", "doublestar"]},
            "default": tagged([(None, {"const": "computed"}), ("const", ref("const"))]),
        },
        ("kind", "default"),
    ),
    "block": array(ref("stmt")),
    "stmt": {
        "oneOf": [
            record({"line": LINE, "kind": {"const": kind}, **fields}, optional, description=text)
            for kind, (fields, optional, text) in STATEMENTS.items()
        ]
    },
    "handler": record(
        {"line": LINE, "before": BLOCK, "class": ATOM, "name": STR, "body": BLOCK}, ("before", "class", "name")
    ),
    "next": record({"item": STR, "iter": STR, "site": SITE, "seen": ref("types")}),
    "expr": {
        "oneOf": [
            record(
                {"site": SITE, "seen": ref("types"), "op": {"const": op}, **fields},
                ("seen", *optional),
                description=text,
            )
            for op, (fields, optional, text) in EXPRESSIONS.items()
        ]
    },
    "atom": tagged([("var", STR), ("const", ref("const"))]),
    "const": CONST,
    "callee": tagged(
        [("var", STR), ("global", record({"name": STR})), ("method", record({"object": ATOM, "name": STR}))]
    ),
    "argument": tagged(
        [("positional", ATOM), ("star", ATOM), ("keyword", pair(STR, ATOM)), ("doublestar", ATOM)]
    ),
    "part": tagged(
        [
            ("text", STR),
            (
                "value",
                record(
                    {"value": ATOM, "conversion": {"enum": ["s", "r", "a"]}, "spec": ATOM}, ("conversion", "spec")
                ),
            ),
        ]
    ),
    "globalValue": tagged(
        [
            ("function", ref("functionId")),
            ("builtin", STR),
            ("module", STR),
            ("const", ref("const")),
            ("image", INDEX),
            ("other", {"type": "string", "description": "Why a read of it stays in Python."}),
        ]
    ),
    "node": NODE,
    "pattern": record(
        {
            "pattern": ref("const"),
            "given": INDEX,
            "flags": INDEX,
            "code": array(INDEX),
            "groups": INDEX,
            "names": array(pair(STR, INDEX)),
        },
        ("names",),
    ),
    "binaryOp": {
        "enum": "add sub mul div floordiv mod pow matmul lshift rshift bitor bitxor bitand".split(),
    },
    "compareOp": {"enum": "eq ne lt le gt ge is is_not in not_in".split()},
}

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Upshift trace IR, version 2",
    "description": "A normalised program cut down to what its traced invocations did.",
    **record(
        {
            "version": {"const": 6},
            "source": {"type": "string", "description": "BLAKE3 of the module's source, hexadecimal."},
            "invocations": {"type": "integer", "minimum": 0},
            "entry": ref("functionId"),
            "functions": array(ref("function")),
            "modules": {
                "type": "array",
                "items": STR,
                "description": "Linked modules; lines of the first are counted from 1,000,000, of the next from 2,000,000.",
            },
            "globals": {"type": "object", "additionalProperties": ref("globalValue")},
            "image": array(ref("node")),
            "loaded": {
                "type": "integer",
                "minimum": 0,
                "description": "How many of image the loaded module had; these come first. Missing if that differs from process to process.",
            },
            "variables": {"type": "array", "items": STR, "description": "Names that functions declare global."},
            "changes": {"type": "boolean", "description": "Whether an invocation was seen to change an object of the module."},
            "patterns": array(ref("pattern")),
            "wide": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "description": "Lines on which a native run met an int beyond 64 bits.",
            },
        },
        ("modules", "globals", "image", "loaded", "variables", "changes", "patterns", "wide"),
    ),
    "$defs": DEFS,
}

print(json.dumps(SCHEMA, indent=2, ensure_ascii=False))
