"""Records what one traced invocation does, site by site.

Instrumented code stores into the tables of `Recorder.names`; `finish` gives the invocation's observations as JSON:
`{"hits": [site…], "types": {site: [type…]}, "globals": {site: [held…]}}`.

Stores into dicts, not calls: a call would need a frame that the source does not need,
so that a recursion near the limit would end elsewhere, and with another message, than in plain CPython.
"""

import builtins as _builtins
import json as _json
from types import BuiltinFunctionType as _BuiltinFunctionType
from types import FunctionType as _FunctionType

_MISSING = object()
_MIN = -(2**63)
_MAX = 2**63 - 1


def _type_name(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class Recorder:
    """One per worker; `function_ids` maps code objects of top-level functions to their numbers."""

    def __init__(self, function_ids):
        self._function_ids = function_ids
        # Keyed by site; by site and class; by site, with the name that was read there.
        self._hits = {}
        self._seen = {}
        self._named = {}
        self.names = {"_up_hits": self._hits, "_up_seen": self._seen, "_up_named": self._named}

    def start(self):
        """Forgets what an earlier invocation left."""
        self._hits.clear()
        self._seen.clear()
        self._named.clear()

    def finish(self, module_globals):
        """The observations since `start`, as JSON; `module_globals` tells what the names that were read hold."""
        types = {}
        for site, kind in self._seen:
            types.setdefault(site, set()).add(_type_name(kind))
        held = {}
        for site, name in self._named.items():
            value = module_globals.get(name, _MISSING)
            if value is _MISSING:
                value = getattr(_builtins, name, _MISSING)
            if value is not _MISSING:
                held[site] = [self._held(name, value)]
        return _json.dumps(
            {
                "hits": sorted(self._hits),
                "types": {str(site): sorted(names) for site, names in sorted(types.items())},
                "globals": {str(site): values for site, values in sorted(held.items())},
            }
        )

    def _held(self, name, value):
        kind = type(value)
        if value is None:
            return {"const": "none"}
        if kind is bool:
            return {"const": {"bool": value}}
        if kind is int and _MIN <= value <= _MAX:
            return {"const": {"int": value}}
        if kind is float:
            return {"const": {"float": repr(value)}}
        if kind is str and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)):
            return {"const": {"str": value}}
        if kind is _FunctionType:
            number = self._function_ids.get(value.__code__)
            # Code objects compare by value: two equal functions are interchangeable unless they close over something.
            if number is not None and value.__closure__ is None:
                return {"function": number}
        elif (kind is _BuiltinFunctionType or kind is type) and getattr(_builtins, name, None) is value:
            if getattr(value, "__module__", None) == "builtins" and value.__name__ == name:
                return {"builtin": name}
        return {"other": _type_name(kind)}
