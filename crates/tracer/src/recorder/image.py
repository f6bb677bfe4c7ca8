_MOST_NODES = 20000
# `copyreg` keeps `__slotnames__` in classes whose instances are copied.
_SKIPPED = frozenset(("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__slotnames__"))
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

# Dicts of the library.
_DICTS = frozenset((_collections.Counter, _collections.OrderedDict, _collections.defaultdict))

# Where the code of what `dataclass` generates says that it is of.
_GENERATED = ("<string>", _dataclasses.__file__)
# By id, as a class may compare in its own way; the second kind is of methods that know their defining class.
_BUILT_IN_METHODS = (id(_types.BuiltinFunctionType), id(type(_re.compile("").search)))
# A metaclass of the program's own could change what anything means.
_METACLASSES = (type, _enum.EnumType, _abc_module.ABCMeta)

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


# Kinds of locks; those of the module are there for it alone.
_LOCK, _RLOCK = type(_thread.allocate_lock()), type(_thread.RLock())


class _TooLarge(Exception):
    pass


def _in_order(items):
    """The items of a set: where their order is that of this process alone, in one that all processes have."""
    kinds = {type(item) for item in items}
    return sorted(items) if kinds in ({str}, {bytes}) else items


def _parts_of_time(value, kind):
    """What makes an object of the module `datetime`, as arguments of its class."""
    if kind is _datetime.timedelta:
        return [value.days, value.seconds, value.microseconds]
    if kind is _datetime.date:
        return [value.year, value.month, value.day]
    if kind is _datetime.time and not value.fold:
        return [value.hour, value.minute, value.second, value.microsecond, value.tzinfo]
    if kind is _datetime.datetime and not value.fold:
        parts = [value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond]
        return [*parts, value.tzinfo]
    if kind is _datetime.timezone:
        return list(value.__getinitargs__())
    return None


def _parts_of_session(value):
    """Headers, params and auth of a Session that has nothing else of its own; None for another."""
    state = value.__dict__
    usual = {"proxies": {}, "stream": False, "verify": True, "cert": None, "max_redirects": 30, "trust_env": True}
    if any(type(state.get(name, _MISSING)) is not type(known) or state[name] != known for name, known in usual.items()):
        return None
    adapters = list(state["adapters"].values())
    plain = all(
        _type_name(type(adapter)) == "requests.adapters.HTTPAdapter" and adapter.max_retries.total == 0
        for adapter in adapters
    )
    if not plain or list(state["adapters"]) != ["https://", "http://"] or state["hooks"] != {"response": []}:
        return None
    headers, params, auth = state["headers"], state["params"], state["auth"]
    if _type_name(type(headers)) != "requests.structures.CaseInsensitiveDict" or type(params) is not dict:
        return None
    if _type_name(type(state["cookies"])) != "requests.cookies.RequestsCookieJar" or len(state["cookies"]) > 0:
        return None
    if auth is not None and (type(auth) is not tuple or any(type(part) is not str for part in auth)):
        return None
    return [dict(headers), params, auth]


def _parts_of_client(value):
    """What a `httpx.Client` was made of that has nothing else of its own; None for another."""
    state = value.__dict__
    usual = {
        "_trust_env": True, "_event_hooks": {"request": [], "response": []}, "_default_encoding": "utf-8", "_mounts": {},
        "max_redirects": 20,
    }
    if any(type(state.get(name, _MISSING)) is not type(known) or state[name] != known for name, known in usual.items()):
        return None
    kinds = {
        "_transport": "HTTPTransport", "_base_url": "URL", "_headers": "Headers", "_params": "QueryParams",
        "_timeout": "Timeout", "_cookies": "Cookies",
    }
    if any(_type_name(type(state.get(name))) != "httpx." + kind for name, kind in kinds.items()):
        return None
    if len(state["_cookies"]) > 0 or value.is_closed or type(state["follow_redirects"]) is not bool:
        return None
    if not _is_usual_pool(state["_transport"].__dict__.get("_pool")):
        return None
    auth = state["_auth"]
    if auth is not None and _type_name(type(auth)) != "httpx.BasicAuth":
        return None
    try:
        headers = [(name.decode("ascii"), text.decode("ascii")) for name, text in state["_headers"].raw]
    except UnicodeError:
        return None
    params = {name: list(items) for name, items in state["_params"]._dict.items()}
    timeout = state["_timeout"]
    header = None if auth is None else auth._auth_header
    return [str(state["_base_url"]), headers, params, header, timeout.connect, timeout.read, state["follow_redirects"]]


def _is_usual_pool(pool):
    """Whether connections are made as a client makes them by itself."""
    if _type_name(type(pool)) != "httpcore.ConnectionPool":
        return False
    usual = {
        "_proxy": None, "_http1": True, "_http2": False, "_retries": 0, "_local_address": None, "_uds": None,
        "_socket_options": None,
    }
    if any(pool.__dict__.get(name, _MISSING) != known for name, known in usual.items()):
        return False
    context = pool.__dict__.get("_ssl_context")
    return _type_name(type(context)) == "ssl.SSLContext" and _trusts_as_usual(context)


def _trusts_as_usual(context):
    """Whether TLS is set up as `httpx` sets it up."""
    if not _USUAL_TLS:
        # Made once: that takes as long as many invocations.
        _USUAL_TLS.append(_features(_module_globals("httpx")["create_ssl_context"]()))
    return _features(context) == _USUAL_TLS[0]


_USUAL_TLS = []
_TLS_FEATURES = (
    "check_hostname", "verify_mode", "verify_flags", "options", "minimum_version", "maximum_version", "keylog_filename"
)


def _features(context):
    trusted = _sha256(b"".join(sorted(context.get_ca_certs(binary_form=True)))).digest()
    return [getattr(context, name) for name in _TLS_FEATURES], trusted


# Objects that ask others: by their type, the name under which native code makes one, and what makes it the same.
_CLIENTS = {
    "requests.sessions.Session": ("requests.Session", _parts_of_session),
    "httpx.Client": ("httpx.Client", _parts_of_client),
}


class Image:
    """Objects as nodes that refer to each other by index; describing runs no code of the module's own."""

    def __init__(self, codes, module_globals, first=None):
        """Empty, or with all that another image has."""
        self._codes = codes
        self.module_globals = module_globals
        self._module_name = module_globals.get("__name__")
        self._is_first = first is None
        self.nodes = [] if first is None else list(first.nodes)
        # The objects that the nodes are of, and their numbers by id.
        self.alive = [] if first is None else list(first.alive)
        self.index = {} if first is None else dict(first.index)
        # The functions that names hold without a node, by their numbers: two of one code are different objects.
        self._named = {} if first is None else dict(first._named)

    def describe(self, value):
        """What a name holds."""
        before = len(self.nodes)
        try:
            constant = _constant(value)
            if constant is not None:
                return {"const": constant}
            if value is NotImplemented:
                return {"builtin": "NotImplemented"}
            if value is _environ:
                return {"builtin": "os.environ"}
            if type(value) is _types.ModuleType:
                if value is _logging:
                    self.describe_logs()
                return _module(value)
            if value is _sys.__stdout__ or value is _sys.__stderr__:
                return {"builtin": "sys.stdout" if value is _sys.__stdout__ else "sys.stderr"}
            number = self._plain_function(value)
            if number is not None:
                return {"function": number}
            name = self._library_name(value)
            if name is not None:
                if name.startswith("logging."):
                    self.describe_logs()
                return {"builtin": name}
            start = len(self.nodes)
            index = self._node(value)
            node = self.nodes[index]
            if index == start and "other" in node:
                return node
            return {"image": index}
        except RecursionError:
            self._forget(before)
            return {"other": "its value nests too deeply"}
        except _TooLarge:
            self._forget(before)
            return {"other": "its value is too large"}

    def describe_logs(self):
        """How `logging` is set up becomes part of the image."""
        before = len(self.nodes)
        try:
            self._node(_logging.root.manager)
        except _TooLarge:
            self._forget(before)

    def has_logs(self):
        return id(_LOGS.settings) in self.index

    def _forget(self, before):
        """Drops the nodes of a value that could not be described whole; none of those before leads to them."""
        for value in self.alive[before:]:
            del self.index[id(value)]
        del self.nodes[before:], self.alive[before:]

    def _plain_function(self, value):
        if type(value) is not _types.FunctionType or value.__closure__ is not None or value.__kwdefaults__:
            return None
        if value.__dict__ or any(_constant(default) is None for default in value.__defaults__ or ()):
            return None
        if self._library_name(value) is not None or "." in value.__code__.co_qualname:
            return None
        number = self._codes.number(value)
        if number is None or number in self._codes.computed or self._named.setdefault(number, value) is not value:
            return None
        index = self.index.get(id(value))
        if index is not None:
            self.nodes[index]["function"]["named"] = True
        return number

    def _library_name(self, value):
        name = _library_name(value)
        return None if name is None or "." in name and self._codes.is_own(value) else name

    def _is_own_class(self, value):
        return _module_of(value) == self._module_name or self._codes.is_own(value)

    def _node(self, value):
        known = self.index.get(id(value))
        if known is not None:
            return known
        if len(self.nodes) >= _MOST_NODES:
            raise _TooLarge
        index = len(self.nodes)
        self.index[id(value)] = index
        self.alive.append(value)
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
        if type(kind) is type and kind in _DICTS:
            items = [[self._node(key), self._node(item)] for key, item in value.items()]
            factory = self._node(value.default_factory) if kind is _collections.defaultdict else None
            return {"dictof": ["collections." + kind.__name__, factory, items]}
        if kind is _collections.deque:
            return {"deque": [value.maxlen, self._all(value)]}
        if kind is set or kind is frozenset:
            return {"set": [kind is frozenset, self._all(_in_order(value))]}
        if kind is _types.FunctionType and self._library_name(value) is None:
            return self._function(value)
        if kind is staticmethod:
            return {"staticmethod": self._node(value.__func__)}
        if kind is classmethod:
            return {"classmethod": self._node(value.__func__)}
        if kind is property:
            return {"property": [None if part is None else self._node(part) for part in (value.fget, value.fset, value.fdel)]}
        if kind is _types.ModuleType:
            return _module(value)
        name = self._library_name(value)
        if name is not None:
            return {"builtin": name}
        if id(kind) in _BUILT_IN_METHODS and _module_of(type(value.__self__)) in ("builtins", "re"):
            if not _is_class(value.__self__) and type(value.__self__) is not _types.ModuleType:
                return {"bound": [self._node(value.__self__), value.__name__]}
        if kind is _types.MethodType and _is_own_method(value):
            return {"bound": [self._node(value.__self__), value.__func__.__name__]}
        if kind is _functools._lru_cache_wrapper:
            parameters = value.cache_parameters()
            return {
                "cached": {
                    "function": self._node(value.__wrapped__),
                    "maxsize": parameters["maxsize"],
                    "typed": bool(parameters["typed"]),
                }
            }
        if kind is _functools.partial:
            keywords = [[key, self._node(item)] for key, item in value.keywords.items()]
            return {"partial": [self._node(value.func), self._all(value.args), keywords]}
        if kind is _re.Pattern:
            return _pattern(value, value.flags)
        if _type_name(kind) in _CLIENTS and is_of_library(kind):
            name, parts_of = _CLIENTS[_type_name(kind)]
            parts = parts_of(value)
            if parts is None:
                return {"other": f"a {_name_of(kind)} that is set up in a way that native code does not know"}
            return {"construct": [name, self._all(parts)]}
        if _type_name(kind) == "httpx.Timeout" and is_of_library(kind):
            return {"construct": ["httpx.Timeout", self._all([(value.connect, value.read, value.write, value.pool)])]}
        parts = _parts_of_time(value, kind)
        if parts is not None:
            return {"construct": ["datetime." + kind.__name__, self._all(parts)]}
        if kind is _LOCK and not value.locked():
            return {"construct": ["threading.Lock", []]}
        if kind is _RLOCK and not value._is_owned():
            return {"construct": ["threading.RLock", []]}
        if value is _logging.root.manager or kind is _logging.Logger or kind is _logging.RootLogger:
            return self._logs(value)
        if value is _sys.__stdout__ or value is _sys.__stderr__:
            return {"builtin": "sys.stdout" if value is _sys.__stdout__ else "sys.stderr"}
        if _is_class(value):
            return self._class(value)
        if kind is object:
            return {"instance": {"class": self._node(object), "dict": []}}
        if type(kind) not in _METACLASSES:
            return {"other": f"the class {_name_of(kind)} has a metaclass"}
        if self._is_own_class(kind):
            return self._instance(value, kind)
        return {"other": f"a value of type {_type_name(kind)} is not in the native language yet"}

    def _logs(self, value):
        """A logger by its name, or what knows them all by the settings."""
        if not self.has_logs() and not self._is_first:
            return {"other": "logging was not there when the module was loaded"}
        try:
            if not self.has_logs():
                _LOGS.refresh()
        except _Unusual as unusual:
            return {"other": f"logging is set up with {unusual}"}
        if value is _logging.root.manager:
            return {"construct": ["logging.Manager", self._all([_LOGS.settings])]}
        if value is not _logging.getLogger(value.name):
            return {"other": "a logger that getLogger does not know"}
        return {"construct": ["logging.Logger", self._all([value.name, _logging.root.manager])]}

    def _function(self, value):
        number = self._codes.number(value)
        if number is None:
            return {"other": f"the function {value.__qualname__} is not of this module"}
        node = {"function": {"function": number}}
        inner = node["function"]
        if self._named.get(number) is value:
            inner["named"] = True
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
        if metaclass not in _METACLASSES:
            return {"other": f"the class {_name_of(value)} has a metaclass"}
        if not self._is_own_class(value):
            return {"other": f"the class {_type_name(value)} is not in the native language yet"}
        own = _dict_of(value)
        registered = _registered(value) if metaclass is _abc_module.ABCMeta else []
        skipped, form = _SKIPPED, None
        if metaclass is _enum.EnumType:
            if _enum.Flag in _mro_of(value):
                return {"other": f"the flags {value.__name__} are not in the native language yet"}
            skipped = skipped | _ENUM_PARTS | frozenset(own["_member_map_"])
            # What the class statement itself defines stays.
            for name in ("__str__", "__repr__", "__format__", "__new__"):
                part = own.get(name)
                if type(part) is _types.FunctionType and part.__code__.co_filename != _enum.__file__:
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
        for field in own["__dataclass_fields__"].values():
            if field._field_type is not _dataclasses._FIELD:
                continue
            node = {"name": field.name, "init": field.init, "repr": field.repr, "compare": field.compare}
            if field.default is not _dataclasses.MISSING:
                node["default"] = self._node(field.default)
            if field.default_factory is not _dataclasses.MISSING:
                node["factory"] = self._node(field.default_factory)
            fields.append(node)
        generated = []
        for name in ("__init__", "__repr__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"):
            part = own.get(name)
            if type(part) is _types.FunctionType and part.__code__.co_filename in _GENERATED:
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
        own = _attributes(value)
        payload = None
        for base in _mro_of(kind):
            if base in (bytearray, BaseException):
                return {"other": f"an instance of {kind.__name__}, which inherits from {base.__name__}"}
            if base in _PLAIN and "_value_" not in own:
                payload = self._node(_PLAIN[base](value))
                break
        for name, item in own.items():
            if name in ("__objclass__", "_sort_order_"):
                continue
            entries.append([name, self._node(item)])
        for base in _mro_of(kind):
            for name, slot in _dict_of(base).items():
                if type(slot) is _types.MemberDescriptorType:
                    try:
                        entries.append([name, self._node(slot.__get__(value, kind))])
                    except AttributeError:
                        pass
        instance = {"class": self._node(kind), "dict": entries}
        if payload is not None:
            instance["payload"] = payload
        return {"instance": instance}
