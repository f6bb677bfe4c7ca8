"""Records what one traced invocation does, site by site, and describes what the module's globals hold.

Instrumented code stores into the tables of `Recorder.names`; `finish` gives the invocation's observations as JSON:
`{"hits": [site…], "types": {site: [type…]}, "globals": {name: value}, "image": [node…]}`.

Stores into dicts, not calls: a call would need a frame that the source does not need,
so that a recursion near the limit would end elsewhere, and with another message, than in plain CPython.
"""

import builtins as _builtins
import json as _json
import sys as _sys
import types as _types
from hashlib import sha256 as _sha256

_MISSING = object()
_MIN = -(2**63)
_MAX = 2**63 - 1
_MOST_NODES = 20000
_MOST_PATTERNS = 64

# Where the public module of what is made elsewhere has it.
_PUBLIC = {
    "_functools": ("functools",),
    "_collections": ("collections",),
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
    "posixpath": ("os.path",),
    "genericpath": ("os.path",),
    "json.encoder": ("json",),
    "json.decoder": ("json",),
    "_statistics": ("statistics",),
    "time": ("time",),
    "zlib": ("zlib", "binascii"),
    "_sre": ("re",),
    "re._compiler": ("re",),
}
_SKIPPED = frozenset(("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__"))
_ENUM_PARTS = frozenset(
    (
        "_generate_next_value_", "_new_member_", "_use_args_", "_member_names_", "_member_map_", "_value2member_map_",
        "_unhashable_values_", "_member_type_", "_value_repr_", "__new__", "_sort_order_", "__format__",
        "__reduce_ex__", "__reduce__", "__str__", "__repr__",
    )
)
_NAMED_TUPLE_PARTS = frozenset(
    ("__slots__", "_fields", "_make", "_replace", "_asdict", "__new__", "__repr__", "__getnewargs__", "__orig_bases__")
)


def _type_name(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def lookup(module_globals, name):
    """What a name holds that functions read, `module:name` in those of a linked module; `_MISSING` if nothing."""
    module, _, name = name.rpartition(":")
    if module:
        module_globals = getattr(_sys.modules.get(module), "__dict__", {})
    value = module_globals.get(name, _MISSING)
    return getattr(_builtins, name, _MISSING) if value is _MISSING else value


class Codes:
    """The numbers of functions: those of the module, and of linked modules that still are what was read of them."""

    def __init__(self, filename, instrumented):
        self.filename = filename
        self._own = {(name, line): number for name, line, number in instrumented["codes"]}
        self._linked = {module["name"]: module for module in instrumented["linked"]}
        self.computed = frozenset(instrumented["computed"])
        # By name: the codes and numbers of a linked module's functions; nothing if its file has changed.
        self._read = {}

    def number(self, function):
        """The number of a function, if it has one."""
        code = function.__code__
        key = code.co_qualname, code.co_firstlineno
        if code.co_filename == self.filename:
            return self._own.get(key)
        # `functools.wraps` gives functions another `__module__`.
        for name in self._linked:
            if getattr(_sys.modules.get(name), "__file__", None) == code.co_filename:
                known, number = self._functions(name).get(key, (None, None))
                return number if known == code else None
        return None

    def is_own(self, value):
        """Whether a class or function is of the module, or of a linked one and not natively known."""
        name = value.__module__
        if name not in self._linked or value.__qualname__ in self._linked[name]["native"]:
            return False
        return bool(self._functions(name))

    def _functions(self, name):
        if name not in self._read:
            wanted = self._linked.get(name)
            self._read[name] = {} if wanted is None else self._compiled(_sys.modules.get(name), wanted)
        return self._read[name]

    def _compiled(self, module, wanted):
        try:
            with open(module.__file__, "rb") as file:
                source = file.read()
            if _sha256(source).hexdigest() != wanted["sha256"]:
                return {}
            numbers = {(name, line): number for name, line, number in wanted["codes"]}
            found = {}
            waiting = [compile(source, module.__file__, "exec", dont_inherit=True)]
            while waiting:
                code = waiting.pop()
                waiting += [const for const in code.co_consts if type(const) is _types.CodeType]
                key = code.co_qualname, code.co_firstlineno
                if key in numbers:
                    found[key] = code, numbers[key]
            return found or {None: (None, None)}
        except (OSError, SyntaxError, AttributeError, ValueError):
            return {}


class Recorder:
    """One per worker."""

    def __init__(self, names, codes):
        self._wanted = names
        self._codes = codes
        # Keyed by site; by site and class.
        self._hits = {}
        self._seen = {}
        self.names = {"_up_hits": self._hits, "_up_seen": self._seen}
        # What the module `re` has compiled, by its own key.
        self._patterns = {}

    def start(self):
        """Forgets what an earlier invocation left."""
        self._hits.clear()
        self._seen.clear()

    def finish(self, module_globals):
        """The observations since `start`, as JSON; `module_globals` tells what the names that are read hold."""
        types = {}
        for site, kind in self._seen:
            types.setdefault(site, set()).add(_type_name(kind))
        image = Image(self._codes, module_globals)
        held = {}
        for name in self._wanted:
            value = lookup(module_globals, name)
            if value is not _MISSING:
                held[name] = image.describe(value)
        return _json.dumps(
            {
                "hits": sorted(self._hits),
                "types": {str(site): sorted(names) for site, names in sorted(types.items())},
                "globals": held,
                "image": image.nodes,
                "patterns": self._compiled(),
            }
        )

    def _compiled(self):
        """The regular expressions in the cache of `re`, the latest last."""
        cache = getattr(_sys.modules.get("re"), "_cache", None) or {}
        found = []
        for key in list(cache)[-_MOST_PATTERNS:]:
            if key not in self._patterns:
                self._patterns[key] = _pattern(cache[key], key[2])
            node = self._patterns[key]
            if "pattern" in node:
                found.append(node["pattern"])
        return found


class Image:
    """Objects as nodes that refer to each other by index; describing runs no code of the module's own."""

    def __init__(self, codes, module_globals):
        self._codes = codes
        self._module_name = module_globals.get("__name__")
        self.nodes = []
        self._index = {}
        self._alive = []

    def describe(self, value):
        """What a name holds."""
        try:
            constant = _constant(value)
            if constant is not None:
                return {"const": constant}
            if value is NotImplemented:
                return {"builtin": "NotImplemented"}
            if type(value) is _types.ModuleType:
                return {"module": value.__name__ if value.__name__ != "posixpath" else "os.path"}
            number = self._plain_function(value)
            if number is not None:
                return {"function": number}
            name = self._library_name(value)
            if name is not None:
                return {"builtin": name}
            start = len(self.nodes)
            index = self._node(value)
            node = self.nodes[index]
            if index == start and "other" in node:
                return node
            return {"image": index}
        except RecursionError:
            return {"other": "its value nests too deeply"}
        except _TooLarge:
            return {"other": "its value is too large"}

    def _plain_function(self, value):
        if type(value) is not _types.FunctionType or value.__closure__ is not None or value.__kwdefaults__:
            return None
        if value.__dict__ or any(_constant(default) is None for default in value.__defaults__ or ()):
            return None
        if self._library_name(value) is not None or "." in value.__code__.co_qualname:
            return None
        number = self._codes.number(value)
        return None if number in self._codes.computed else number

    def _library_name(self, value):
        name = _library_name(value)
        return None if name is None or "." in name and self._codes.is_own(value) else name

    def _is_own_class(self, value):
        return type.__getattribute__(value, "__module__") == self._module_name or self._codes.is_own(value)

    def _node(self, value):
        known = self._index.get(id(value))
        if known is not None:
            return known
        if len(self.nodes) >= _MOST_NODES:
            raise _TooLarge
        index = len(self.nodes)
        self._index[id(value)] = index
        self._alive.append(value)
        self.nodes.append(None)
        self.nodes[index] = self._described(value)
        return index

    def _all(self, values):
        return [self._node(value) for value in values]

    def _described(self, value):
        constant = _constant(value)
        if constant is not None:
            return {"const": constant}
        if value is NotImplemented:
            return {"builtin": "NotImplemented"}
        kind = type(value)
        if kind is list:
            return {"list": self._all(value)}
        if kind is tuple:
            return {"tuple": self._all(value)}
        if kind is dict:
            return {"dict": [[self._node(key), self._node(item)] for key, item in value.items()]}
        if kind is set or kind is frozenset:
            return {"set": [kind is frozenset, self._all(value)]}
        if kind is _types.FunctionType and self._library_name(value) is None:
            return self._function(value)
        if kind is staticmethod:
            return {"staticmethod": self._node(value.__func__)}
        if kind is classmethod:
            return {"classmethod": self._node(value.__func__)}
        if kind is property:
            return {"property": [None if part is None else self._node(part) for part in (value.fget, value.fset, value.fdel)]}
        if kind is _types.ModuleType:
            return {"module": value.__name__}
        name = self._library_name(value)
        if name is not None:
            return {"builtin": name}
        if kind is _types.BuiltinFunctionType and type(value.__self__).__module__ in ("builtins", "re"):
            if not isinstance(value.__self__, (type, _types.ModuleType)):
                return {"bound": [self._node(value.__self__), value.__name__]}
        if kind is _types.MethodType and _is_own_method(value):
            return {"bound": [self._node(value.__self__), value.__func__.__name__]}
        module, qualname = kind.__module__, kind.__qualname__
        if module == "functools" and qualname == "_lru_cache_wrapper":
            parameters = value.cache_parameters()
            return {
                "cached": {
                    "function": self._node(value.__wrapped__),
                    "maxsize": parameters["maxsize"],
                    "typed": bool(parameters["typed"]),
                }
            }
        if module == "functools" and qualname == "partial" and kind.__name__ == "partial":
            keywords = [[key, self._node(item)] for key, item in value.keywords.items()]
            return {"partial": [self._node(value.func), self._all(value.args), keywords]}
        if module == "re" and qualname == "Pattern":
            return _pattern(value, value.flags)
        if isinstance(value, type):
            return self._class(value)
        if self._is_own_class(kind):
            return self._instance(value, kind)
        return {"other": f"a value of type {_type_name(kind)} is not in the native language yet"}

    def _function(self, value):
        number = self._codes.number(value)
        if number is None:
            return {"other": f"the function {value.__qualname__} is not of this module"}
        node = {"function": {"function": number}}
        inner = node["function"]
        if value.__defaults__:
            inner["defaults"] = self._all(value.__defaults__)
        if value.__kwdefaults__:
            inner["kwdefaults"] = [[key, self._node(item)] for key, item in value.__kwdefaults__.items()]
        cells = []
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or ()):
            try:
                contents = cell.cell_contents
            except ValueError:
                continue
            cells.append([name, self._node(contents)])
        if cells:
            inner["cells"] = cells
        return node

    def _class(self, value):
        metaclass = type(value)
        meta = f"{metaclass.__module__}.{metaclass.__qualname__}"
        if meta not in ("builtins.type", "enum.EnumType", "enum.EnumMeta", "abc.ABCMeta"):
            return {"other": f"the class {value.__name__} has a metaclass"}
        if not self._is_own_class(value):
            return {"other": f"the class {_type_name(value)} is not in the native language yet"}
        own = type.__getattribute__(value, "__dict__")
        registered = []
        if meta == "abc.ABCMeta":
            registered = _registered(value)
        skipped, form = _SKIPPED, None
        if meta.startswith("enum."):
            if any(base.__name__ in ("Flag", "IntFlag") for base in value.__mro__):
                return {"other": f"the flags {value.__name__} are not in the native language yet"}
            skipped = skipped | _ENUM_PARTS | frozenset(own["_member_map_"])
            # What the class statement itself defines stays.
            for name in ("__str__", "__repr__", "__format__", "__new__"):
                part = own.get(name)
                if type(part) is _types.FunctionType and part.__code__.co_filename == self._codes.filename:
                    skipped = skipped - {name}
            form = {"enum": [[name, self._node(member)] for name, member in own["_member_map_"].items()]}
        elif tuple in value.__bases__ and "_fields" in own:
            skipped = skipped | _NAMED_TUPLE_PARTS | frozenset(own["_fields"])
            form = {"namedtuple": list(own["_fields"])}
        elif "__dataclass_fields__" in own:
            form, generated = self._dataclass(value, own)
            skipped = skipped | {"__dataclass_fields__", "__dataclass_params__"} | generated
        entries = []
        for name, item in own.items():
            if name in skipped or type(item) is _types.MemberDescriptorType:
                continue
            if type(item) is _types.GetSetDescriptorType or name in ("_abc_impl", "__parameters__"):
                continue
            entries.append([name, self._node(item)])
        node = {
            "class": {
                "name": value.__name__,
                "qualname": value.__qualname__,
                "bases": self._all(value.__bases__),
                "dict": entries,
            }
        }
        if form is not None:
            node["class"]["form"] = form
        if registered is None:
            node["class"]["hooked"] = True
        elif registered:
            node["class"]["registered"] = self._all(registered)
        return node

    def _dataclass(self, value, own):
        params = own["__dataclass_params__"]
        fields = []
        import dataclasses

        for field in own["__dataclass_fields__"].values():
            if field._field_type is not dataclasses._FIELD:
                continue
            node = {"name": field.name, "init": field.init, "repr": field.repr, "compare": field.compare}
            if field.default is not dataclasses.MISSING:
                node["default"] = self._node(field.default)
            if field.default_factory is not dataclasses.MISSING:
                node["factory"] = self._node(field.default_factory)
            fields.append(node)
        generated = []
        for name in ("__init__", "__repr__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"):
            part = own.get(name)
            if type(part) is _types.FunctionType and part.__code__.co_filename != self._codes.filename:
                generated.append(name)
        if params.frozen:
            generated += ["__setattr__", "__delattr__"]
        form = {
            "fields": fields,
            "eq": params.eq,
            "order": params.order,
            "frozen": params.frozen,
            "generated": generated,
        }
        return {"dataclass": form}, frozenset(generated)

    def _instance(self, value, kind):
        entries = []
        try:
            own = object.__getattribute__(value, "__dict__")
        except AttributeError:
            own = {}
        payload = None
        for base in kind.__mro__:
            if base in (bytearray, BaseException):
                return {"other": f"an instance of {kind.__name__}, which inherits from {base.__name__}"}
            if base in _PLAIN and "_value_" not in own:
                payload = self._node(_PLAIN[base](value))
                break
        for name, item in own.items():
            if name in ("__objclass__", "_sort_order_"):
                continue
            entries.append([name, self._node(item)])
        for base in kind.__mro__:
            for name, slot in type.__getattribute__(base, "__dict__").items():
                if type(slot) is _types.MemberDescriptorType:
                    try:
                        entries.append([name, self._node(slot.__get__(value, kind))])
                    except AttributeError:
                        pass
        instance = {"class": self._node(kind), "dict": entries}
        if payload is not None:
            instance["payload"] = payload
        return {"instance": instance}


# What an instance of a subclass holds, by the methods of the built-in class alone.
_PLAIN = {
    list: list.copy,
    dict: dict.copy,
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    int: int.__pos__,
    float: float.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}


class _TooLarge(Exception):
    pass


def _is_own_method(value):
    """Whether a bound method is what its name gives of its object."""
    owner, name = value.__self__, getattr(value.__func__, "__name__", None)
    if isinstance(owner, type) or name in getattr(owner, "__dict__", ()):
        return False
    held = (type.__getattribute__(base, "__dict__").get(name) for base in type(owner).__mro__)
    return next((one for one in held if one is not None), None) is value.__func__


def _registered(value):
    """What is registered with a class or a subclass of it; None where one has a hook."""
    import _abc

    found, waiting, seen = [], [value], set()
    while waiting:
        known = waiting.pop()
        if known in seen:
            continue
        seen.add(known)
        if type(known).__module__ != "abc":
            continue
        if any("__subclasshook__" in type.__getattribute__(base, "__dict__") for base in known.__mro__[:-1]):
            return None
        found += [one for one in (ref() for ref in _abc._get_dump(known)[0]) if one is not None]
        waiting += type.__subclasses__(known)
    return sorted(found, key=lambda one: (one.__module__, one.__qualname__))


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


def _library_name(value):
    """The qualified name under which a library has a function or class, if it has it."""
    kind = type(value)
    if kind is _types.BuiltinFunctionType or kind is _types.FunctionType or isinstance(value, type):
        name, module = value.__qualname__, value.__module__
    elif kind is _types.MethodType:
        # `random.randint` and its like are methods of a hidden instance.
        module = "random"
        name = value.__func__.__name__
    else:
        return None
    if type(module) is not str:
        owner = getattr(value, "__self__", None)
        if isinstance(owner, type) and owner.__module__ == "builtins":
            return None
        if isinstance(owner, type):
            module = owner.__module__
        elif type(owner).__module__ == "random":
            module = "random"
            name = value.__name__
        else:
            return None
    if module == "_hashlib":
        name = name.removeprefix("openssl_")
    for place in (*_PUBLIC.get(module, ()), module):
        found = _sys.modules.get(place, _MISSING)
        for part in name.split("."):
            found = getattr(found, part, _MISSING) if found is not _MISSING else _MISSING
        if found is value or (kind is _types.BuiltinFunctionType and found is not _MISSING and found == value):
            if place == "main__":
                return None
            return name if place == "builtins" else f"{place}.{name}"
    return None


def _pattern(value, flags):
    import re
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            parsed = re._parser.parse(value.pattern, flags)
            code = re._compiler._code(parsed, flags)
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
