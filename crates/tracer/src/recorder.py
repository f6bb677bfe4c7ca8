"""Records what one traced invocation does, site by site.

Instrumented code calls the helpers in `Recorder.names`; `finish` gives the invocation's observations as JSON:
`{"hits": [site…], "types": {site: [type…]}, "globals": {site: [held…]}}`.
"""

import builtins as _builtins
import json as _json
from sys import _getframe
from types import BuiltinFunctionType as _BuiltinFunctionType
from types import FunctionType as _FunctionType

_MISSING = object()
_MIN = -(2**63)
_MAX = 2**63 - 1


def _type_name(value):
    kind = type(value)
    if kind is int:
        return "int" if _MIN <= value <= _MAX else "bigint"
    if kind is str:
        return "surrogates" if _has_surrogates(value) else "str"
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _has_surrogates(text):
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class Recorder:
    """One per worker; `function_ids` maps code objects of top-level functions to their numbers."""

    def __init__(self, function_ids):
        self._function_ids = function_ids
        self._hits = set()
        self._types = {}
        self._globals = {}
        # Bound as locals of closures: these run at every site.
        hits, types, held = self._hits, self._types, self._globals

        def hit(site):
            hits.add(site)

        def see(site, value):
            name = _type_name(value)
            seen = types.get(site)
            if seen is None:
                types[site] = {name}
            elif name not in seen:
                seen.add(name)

        def see_global(site, name, value):
            what = self._held(name, value)
            known = held.setdefault(site, [])
            if what not in known:
                known.append(what)

        def see_named(site, name):
            value = _getframe(1).f_globals.get(name, _MISSING)
            if value is _MISSING:
                value = getattr(_builtins, name, _MISSING)
            if value is not _MISSING:
                see_global(site, name, value)

        self.names = {"_up_hit": hit, "_up_see": see, "_up_global": see_global, "_up_named": see_named}

    def start(self):
        """Forgets what an earlier invocation left."""
        self._hits.clear()
        self._types.clear()
        self._globals.clear()

    def finish(self):
        """The observations since `start`, as JSON."""
        return _json.dumps(
            {
                "hits": sorted(self._hits),
                "types": {str(site): sorted(names) for site, names in sorted(self._types.items())},
                "globals": {str(site): held for site, held in sorted(self._globals.items())},
            }
        )

    def _held(self, name, value):
        kind = type(value)
        if value is None:
            return {"const": "none"}
        if kind is bool:
            return {"const": {"bool": value}}
        if kind is int:
            if _MIN <= value <= _MAX:
                return {"const": {"int": value}}
            return {"other": "bigint"}
        if kind is float:
            return {"const": {"float": repr(value)}}
        if kind is str and not _has_surrogates(value):
            return {"const": {"str": value}}
        if kind is _FunctionType:
            number = self._function_ids.get(value.__code__)
            # Code objects compare by value: two equal functions are interchangeable unless they close over something.
            if number is not None and value.__closure__ is None:
                return {"function": number}
        elif (kind is _BuiltinFunctionType or kind is type) and getattr(_builtins, name, None) is value:
            if getattr(value, "__module__", None) == "builtins" and value.__name__ == name:
                return {"builtin": name}
        return {"other": _type_name(value)}
