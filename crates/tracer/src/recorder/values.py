"""What a value is, told without running any code of the program: its constant, its library name, its pattern.

The files of this folder share one namespace; `lib.rs` joins them.
"""

import abc as _abc_module
import builtins as _builtins
import collections as _collections
import dataclasses as _dataclasses
import datetime as _datetime
import enum as _enum
import functools as _functools
import json as _json
import logging as _logging
import os as _os
import re as _re
import sys as _sys
import time as _time
import types as _types
import warnings as _warnings
import _locale
import _thread
import _weakref
from _abc import _get_dump
from hashlib import sha256 as _sha256

# An action that replaces a built-in function replaces it for itself only.
__builtins__ = dict(_builtins.__dict__)

_MISSING = object()
_environ = _os.environ
# The machine's zone, which a program can set for itself.
_ZONE = _time.tzname, _time.timezone
_MIN = -(2**63)
_MAX = 2**63 - 1
_LIBRARY = _os.path.dirname(_os.__file__) + "/"
# Packages that native code knows, with their folders; the prelude enters them.
PACKAGES = {}
# What these packages do rests on: owner, name, and what the owner had under it at first.
INTACT = []
# The same where it takes a look: a function, and what it looks at.
CHECKS = []
# Packages that tell loggers what they do, with these loggers and the level; native code tells nobody.
LOGGERS = {}
_KNOWN_PACKAGES = frozenset(("requests", "httpx"))

# A metaclass of the program's could answer for these by name.
_name_of = type.__dict__["__name__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_module_of = type.__dict__["__module__"].__get__
_bases_of = type.__dict__["__bases__"].__get__
_mro_of = type.__dict__["__mro__"].__get__
_dict_of = type.__dict__["__dict__"].__get__

# Where the public module of what is made elsewhere has it.
_PUBLIC = {
    "_functools": ("functools",),
    "_collections": ("collections",),
    "_csv": ("csv",),
    "_collections_abc": ("collections.abc",),
    "_operator": ("operator",),
    "_heapq": ("heapq",),
    "_bisect": ("bisect",),
    "_random": ("random",),
    "_struct": ("struct",),
    "_json": ("json",),
    "_datetime": ("datetime",),
    "_hashlib": ("hashlib",),
    "_io": ("io",),
    "posix": ("os",),
    "posixpath": ("os.path",),
    "genericpath": ("os.path",),
    "json.encoder": ("json",),
    "json.decoder": ("json",),
    "_statistics": ("statistics",),
    "time": ("time",),
    "zlib": ("zlib", "binascii"),
    "requests.api": ("requests",),
    "requests.sessions": ("requests",),
    "_sre": ("re",),
    "re._compiler": ("re",),
}
# Classes of the interpreter that no module has under their name.
_UNNAMED = frozenset(
    id(kind)
    for kind in (
        type(None), type(NotImplemented), type(...), _types.FunctionType, _types.BuiltinFunctionType, _types.MethodType,
        _types.GeneratorType, _types.ModuleType,
    )
)


def _type_name(kind):
    module, name = _module_of(kind), _qualname_of(kind)
    return name if module == "builtins" else f"{module}.{name}"


def _is_class(value):
    # `isinstance` would ask a value for its `__class__`.
    return issubclass(type(value), type)


def _module_globals(name):
    """What the module of a name holds; nothing if there is none."""
    module = _sys.modules.get(name)
    return module.__dict__ if type(module) is _types.ModuleType else {}


def _is_library(module_globals):
    """Whether a module is Python's own, not one of the program that took its place."""
    file = module_globals.get("__file__")
    if file is None:
        name = module_globals.get("__name__")
        return name in _sys.builtin_module_names and _module_globals(name) is module_globals
    if type(file) is not str:
        return False
    folder = PACKAGES.get(str(module_globals.get("__name__")).partition(".")[0])
    return file.startswith(_LIBRARY) if folder is None else file.startswith(folder)


def is_of_library(kind):
    """Whether a class is of Python's own modules."""
    name = _module_of(kind)
    return name == "builtins" or type(name) is str and _is_library(_module_globals(name))


def _module(value):
    """A module as what a name holds."""
    name = value.__dict__.get("__name__")
    if type(name) is not str:
        return {"other": "a module without a name"}
    root = name.partition(".")[0]
    if (root in _sys.stdlib_module_names or root in _KNOWN_PACKAGES) and not _is_library(value.__dict__):
        return {"other": f"the module {name} is not the library's"}
    return {"module": "os.path" if name == "posixpath" else name}


def _attributes(value):
    """The attributes in the dictionary of an instance."""
    for base in _mro_of(type(value)):
        slot = _dict_of(base).get("__dict__")
        if slot is not None:
            return slot.__get__(value) if type(slot) is _types.GetSetDescriptorType else {}
    return {}


def _is_own_method(value):
    """Whether a bound method is what its name gives of its object."""
    owner, function = value.__self__, value.__func__
    if type(function) is not _types.FunctionType or _is_class(owner):
        return False
    name = function.__name__
    if name in _attributes(owner):
        return False
    held = (_dict_of(base).get(name, _MISSING) for base in _mro_of(type(owner)))
    return next((one for one in held if one is not _MISSING), None) is function


def _registered(value):
    """What is registered with an abstract class or a subclass of it; None where one has a hook."""
    found, waiting, seen = [], [value], set()
    while waiting:
        known = waiting.pop()
        if id(known) in seen:
            continue
        seen.add(id(known))
        if type(known) is not _abc_module.ABCMeta:
            return None
        if any("__subclasshook__" in _dict_of(base) for base in _mro_of(known)[:-1]):
            return None
        found += [one for one in (ref() for ref in _get_dump(known)[0]) if one is not None]
        waiting += type.__subclasses__(known)
    return sorted(found, key=lambda one: (_module_of(one), _qualname_of(one)))


def _constant(value):
    kind = type(value)
    if value is None:
        return "none"
    if kind is bool:
        return {"bool": value}
    if kind is int:
        if _MIN <= value <= _MAX:
            return {"int": value}
        return {"bigint": str(value)} if value.bit_length() < 10000 else None
    if kind is float:
        return {"float": repr(value)}
    if kind is str and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)):
        return {"str": value}
    if kind is bytes:
        return {"bytes": list(value)}
    if value is ...:
        return "ellipsis"
    return None


def _claimed_name(value):
    """The module and qualified name that a function or class says are its own; nothing for other values."""
    kind = type(value)
    if kind is _types.MethodType and type(value.__func__) is _types.FunctionType:
        # `random.randint` and its like are methods of a hidden instance.
        return "random", value.__func__.__name__
    if _is_class(value):
        return _module_of(value), _qualname_of(value)
    if kind is not _types.BuiltinFunctionType and kind is not _types.FunctionType:
        return None, ""
    name, module = value.__qualname__, value.__module__
    if type(module) is str:
        return module, name.removeprefix("openssl_") if module == "_hashlib" else name
    owner = getattr(value, "__self__", None)
    if _is_class(owner):
        return None if _module_of(owner) == "builtins" else _module_of(owner), name
    if _module_of(type(owner)) == "random":
        return "random", value.__name__
    return None, ""


def _library_name(value):
    """The qualified name under which a library has a function or class, if it has it."""
    module, name = _claimed_name(value)
    if type(module) is not str:
        return None
    if id(value) in _UNNAMED:
        return name
    if value is _thread.allocate_lock:
        module, name = "threading", "Lock"
    for place in (*_PUBLIC.get(module, ()), module):
        if not _is_library(_module_globals(place)):
            continue
        found = _sys.modules.get(place, _MISSING)
        for part in name.split("."):
            found = getattr(found, part, _MISSING) if found is not _MISSING else _MISSING
        same = type(found) is type(value) is _types.BuiltinFunctionType and found == value
        if found is value or same:
            return name if place == "builtins" else f"{place}.{name}"
    return None


def _pattern(value, flags):
    try:
        with _warnings.catch_warnings():
            _warnings.simplefilter("error")
            parsed = _re._parser.parse(value.pattern, flags)
            code = _re._compiler._code(parsed, flags)
    except Exception:
        return {"other": "a pattern that is compiled with a warning"}
    pattern = _constant(value.pattern)
    if pattern is None:
        return {"other": "a pattern with such characters"}
    return {
        "pattern": {
            "pattern": pattern,
            "given": flags,
            "flags": value.flags,
            "code": [int(word) for word in code],
            "groups": value.groups,
            "names": [[name, number] for name, number in value.groupindex.items()],
        }
    }
