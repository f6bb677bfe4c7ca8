# Objects that cannot be described, but that hold nothing from one invocation to the next that a program could miss.
_STATELESS = frozenset(
    (
        "logging.Logger", "logging.RootLogger", "logging.StreamHandler", "logging.NullHandler", "logging.Formatter",
        "_thread.lock", "_thread.RLock", "decimal.Decimal", "uuid.UUID",
        "pathlib.PosixPath", "pathlib.PurePosixPath", "range", "slice", "complex", "types.GenericAlias",
        "types.UnionType", "typing.TypeVar", "re.Pattern", "string.Template", "mappingproxy", "functools.partial",
        "method", "method-wrapper", "wrapper_descriptor", "zoneinfo.ZoneInfo", "typing._GenericAlias",
        "typing._UnionGenericAlias", "typing._CallableGenericAlias", "typing._LiteralGenericAlias",
    )
)
_CHANGING = frozenset(("list", "dict", "dictof", "deque", "set", "instance", "class"))


class Unmovable(Exception):
    """Why the module's state cannot leave this process."""


class State:
    """What the objects of a module hold beyond what they held when it was loaded, as a document that moves.

    The document is the JSON of `{"nodes": N, "names": {name: value}, "objects": [[index, content]…], "new": [content…]}`,
    or nothing where all is as it was. `N` is the number of objects that the loaded module has; an index below that is one of
    them, by its place in the image, and one from there on is a new one. A value is an index or a constant.
    Taking it up and giving it away run no code of the module's own.
    """

    def __init__(self, image, variables, read):
        self._image = image
        self._read = read
        # Names that functions rebind, with what they held at first.
        self._variables = [(name, read(name)) for name in variables]
        self._mutable = [index for index, node in enumerate(image.nodes) if _is_mutable(node)]
        # What could change, and has no place in the document.
        self._fixed = [index for index, node in enumerate(image.nodes) if _is_fixed_part(node)]
        self._class_names = {
            index: frozenset(_dict_of(image.alive[index])) for index in self._mutable if "class" in image.nodes[index]
        }
        self._caches = [value for node, value in zip(image.nodes, image.alive) if "cached" in node]
        # What has no place in the document, if it may hold something.
        self._opaque = next(filter(None, map(_opaque, image.nodes, image.alive)), None)
        # By id: what the document that is being written enters as new.
        self._numbers = {}
        self._new = []

    def dump(self):
        """What the module holds now; raises `Unmovable`."""
        self._numbers, self._new = {}, []
        if self._image.has_logs():
            try:
                _LOGS.refresh()
            except _Unusual as unusual:
                raise Unmovable(f"logging is set up with {unusual}") from None
        try:
            return self._dumped()
        finally:
            self._numbers, self._new = {}, []

    def _dumped(self):
        names, objects = {}, []
        for name, first in self._variables:
            now = self._read(name)
            if now is _MISSING and first is not _MISSING:
                raise Unmovable(f"{name} was deleted")
            if not _same(now, first):
                names[name] = self._value(now)
        for index in self._mutable:
            content = self._content(index)
            if content is not None:
                objects.append([index, content])
        contents, place = [], 0
        while place < len(self._new):
            contents.append(self._described(self._new[place]))
            place += 1
        for index in self._fixed:
            node, value = self._image.nodes[index], self._image.alive[index]
            if type(value) is _LOCK or type(value) is _RLOCK:
                if value.locked() if type(value) is _LOCK else value._is_owned():
                    raise Unmovable("a lock of the module is held")
                continue
            if "function" in node:
                if not self._is_same_function(value, node["function"]):
                    raise Unmovable(f"the function {value.__qualname__} has changed, or what it captured")
            elif not self._is_same_client(value, node["construct"][1]):
                raise Unmovable(f"a {_name_of(type(value))} has changed")
        if not names and not objects:
            return ""
        if any(value.cache_info().currsize for value in self._caches):
            raise Unmovable("a function of the module remembers its results")
        if self._opaque is not None:
            raise Unmovable(f"the module holds a value of type {self._opaque}")
        return _dumps({"nodes": len(self._image.nodes), "names": names, "objects": objects, "new": contents})

    def put(self, text):
        """Takes up a document, whatever is held now; raises `Unmovable`."""
        wanted = _json.loads(text) if text else {"names": {}, "objects": [], "new": []}
        if text and wanted["nodes"] != len(self._image.nodes):
            raise Unmovable("the module's objects differ from process to process")
        made = [None] * len(wanted["new"])
        for place in range(len(made)):
            self._make(wanted["new"], made, place)
        for content, value in zip(wanted["new"], made):
            self._fill(value, content, made)
        for name, first in self._variables:
            self._write(name, self._read_value(wanted["names"][name], made) if name in wanted["names"] else first)
        contents = {index: content for index, content in wanted["objects"]}
        for index in self._mutable:
            if index in contents:
                self._fill(self._image.alive[index], contents[index], made, index)
            elif self._content(index) is not None:
                self._fill(self._image.alive[index], self._image.nodes[index], (), index)
        if self._image.has_logs():
            try:
                _LOGS.apply()
            except _Unusual as unusual:
                raise Unmovable(f"logging is set up with {unusual}") from None
        self._numbers, self._new = {}, []

    def _value(self, value):
        """A value in the document."""
        constant = _constant(value)
        if constant is not None:
            return constant
        index = self._image.index.get(id(value))
        if index is not None:
            return index
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._new)
            self._new.append(value)
            if number >= _MOST_NODES:
                raise Unmovable("the module holds too many new objects")
        return len(self._image.nodes) + number

    def _library(self, value):
        """A class or function of a library in the document, or anything else."""
        name = None if id(value) in self._image.index else _library_name(value)
        return self._value(value) if name is None else {"builtin": name}

    def _key(self, value):
        is_member = type(type(value)) is _enum.EnumType and id(value) in self._image.index
        if is_member or _is_plain_key(value):
            return self._value(value)
        raise Unmovable(f"a key is of type {_type_name(type(value))}")

    def _all(self, values):
        return [self._value(value) for value in values]

    def _named(self, items):
        return [[name, self._value(item)] for name, item in items if type(name) is str]

    def _entries(self, value):
        return [[self._key(key), self._value(item)] for key, item in value.items()]

    def _described(self, value):
        kind = type(value)
        if kind is list:
            return {"list": self._all(value)}
        if kind is tuple:
            return {"tuple": self._all(value)}
        if kind is dict:
            return {"dict": self._entries(value)}
        if type(kind) is type and kind in _DICTS:
            factory = self._library(value.default_factory) if kind is _collections.defaultdict else None
            return {"dictof": ["collections." + kind.__name__, factory, self._entries(value)]}
        if kind is _collections.deque:
            return {"deque": [value.maxlen, self._all(value)]}
        if kind is set or kind is frozenset:
            return {"set": [kind is frozenset, [self._key(item) for item in value]]}
        parts = _parts_of_time(value, kind)
        if parts is not None:
            return {"construct": ["datetime." + kind.__name__, self._all(parts)]}
        if kind not in _UNNAMED_KINDS and type(kind) in _METACLASSES:
            index = self._image.index.get(id(kind))
            node = {} if index is None else self._image.nodes[index]
            if "class" in node and "namedtuple" in node["class"].get("form", {}) and not _attributes(value):
                return {"named": [index, self._all(tuple.__iter__(value))]}
            if "class" in node and node["class"].get("form", {}).keys() <= {"dataclass"} and _has_plain_instances(kind):
                return {"instance": {"class": index, "dict": self._named(_instance_items(value))}}
        raise Unmovable(f"the module holds a value of type {_type_name(kind)}")

    def _content(self, index):
        """What an object of the loaded module holds; nothing if that is what it held at first."""
        node, value, alive = self._image.nodes[index], self._image.alive[index], self._image.alive
        if "list" in node:
            first = node["list"]
            if len(value) == len(first) and all(_same(now, alive[at]) for now, at in zip(value, first)):
                return None
        elif "deque" in node:
            first = node["deque"][1]
            if len(value) == len(first) and all(_same(now, alive[at]) for now, at in zip(value, first)):
                return None
        elif "dict" in node or "dictof" in node:
            first = node["dict"] if "dict" in node else node["dictof"][2]
            if "dictof" in node and node["dictof"][1] is not None and value.default_factory is not alive[node["dictof"][1]]:
                raise Unmovable("what makes the values of a defaultdict was replaced")
            same = len(value) == len(first) and all(
                _same(key, alive[at]) and _same(item, alive[item_at])
                for (key, item), (at, item_at) in zip(value.items(), first)
            )
            if same:
                return None
            return {"dict": self._entries(value)}
        elif "set" in node:
            first, now = node["set"][1], _in_order(value)
            # The order is that of the table, which tells what was there before.
            if len(now) == len(first) and all(_same(item, alive[at]) for item, at in zip(now, first)):
                return None
        elif "instance" in node:
            first, items = node["instance"], _instance_items(value)
            same = len(items) == len(first["dict"]) and all(
                name == known and _same(item, alive[at]) for (name, item), (known, at) in zip(items, first["dict"])
            )
            payload = first.get("payload")
            if payload is not None and not _is_same_payload(value, alive[payload]):
                raise Unmovable(f"an instance of {_name_of(type(value))} has changed, which inherits from a built-in class")
            if same:
                return None
            if payload is not None:
                raise Unmovable(f"an instance of {_name_of(type(value))} has changed, which inherits from a built-in class")
            return {"instance": {"class": first["class"], "dict": self._named(items)}}
        else:
            return self._class_content(index, node["class"], value)
        return self._described(value)

    def _class_content(self, index, node, value):
        alive = self._image.alive
        first = {name: alive[at] for name, at in node["dict"]}
        changed = []
        for name, item in _dict_of(value).items():
            if name in first:
                if not _same(item, first[name]):
                    changed.append((name, item))
            elif name not in self._class_names[index] and name != "__slotnames__":
                changed.append((name, item))
        gone = [name for name in first if name not in _dict_of(value)]
        if gone:
            raise Unmovable(f"the attribute {gone[0]} of {_name_of(value)} was deleted")
        for name, item in changed:
            if type(item) in (_types.FunctionType, staticmethod, classmethod, property) or name.startswith("__"):
                raise Unmovable(f"the attribute {name} of {_name_of(value)} was replaced")
        return {"class": self._named(changed)} if changed else None

    def _is_same_function(self, value, node):
        alive = self._image.alive
        first, now = node.get("defaults", ()), value.__defaults__ or ()
        if len(now) != len(first) or any(one is not alive[at] for one, at in zip(now, first)):
            return False
        first, now = dict(node.get("kwdefaults", ())), value.__kwdefaults__ or {}
        if now.keys() != first.keys() or any(now[name] is not alive[at] for name, at in first.items()):
            return False
        first = dict(node.get("cells", ()))
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or ()):
            try:
                now = cell.cell_contents
            except ValueError:
                now = _MISSING
            if not _same(now, alive[first[name]] if name in first else _MISSING):
                return False
        return True

    def _is_same_client(self, value, parts):
        _, parts_of = _CLIENTS[_type_name(type(value))]
        now, alive = parts_of(value), self._image.alive
        if now is None:
            return False
        return all(part == alive[at] for part, at in zip(now, parts))

    def _make(self, contents, made, place):
        """A new object: whole if it is immutable, empty if not."""
        if made[place] is not None:
            return made[place]
        ((kind, content),) = contents[place].items()
        if kind == "list":
            made[place] = []
        elif kind == "dict":
            made[place] = {}
        elif kind == "dictof":
            made[place] = getattr(_collections, content[0].rpartition(".")[2])()
            if content[1] is not None:
                made[place].default_factory = self._read_value(content[1], made)
        elif kind == "deque":
            made[place] = _collections.deque(maxlen=content[0])
        elif kind == "set" and not content[0]:
            made[place] = set()
        elif kind == "instance":
            made[place] = object.__new__(self._image.alive[content["class"]])
        else:
            items = content if kind == "tuple" else content[1]
            first = len(self._image.nodes)
            values = [
                self._make(contents, made, item - first) if type(item) is int and item >= first else self._read_value(item, made)
                for item in items
            ]
            if kind == "named":
                made[place] = tuple.__new__(self._image.alive[content[0]], values)
            elif kind == "construct":
                made[place] = _of_library(content[0])(*values)
            else:
                made[place] = tuple(values) if kind == "tuple" else frozenset(values)
        return made[place]

    def _read_value(self, value, made):
        if type(value) is int:
            first = len(self._image.nodes)
            return self._image.alive[value] if value < first else made[value - first]
        if type(value) is str:
            return None if value == "none" else ...
        ((kind, content),) = value.items()
        if kind == "float":
            return float(content)
        if kind == "builtin":
            return _of_library(content)
        if kind == "bigint":
            return int(content)
        if kind == "bytes":
            return bytes(content)
        return content

    def _fill(self, value, node, made, index=None):
        """Gives an object what a node or a part of a document says."""
        read = lambda item: self._read_value(item, made)
        ((kind, content),) = node.items()
        if kind == "list":
            value[:] = map(read, content)
        elif kind == "deque":
            value.clear()
            value.extend(map(read, content[1]))
        elif kind == "dict" or kind == "dictof":
            # `Counter.update` counts.
            setitem = type(value).__setitem__
            value.clear()
            for key, item in content if kind == "dict" else content[2]:
                setitem(value, read(key), read(item))
        elif kind == "set" and not content[0]:
            value.clear()
            value.update(map(read, content[1]))
        elif kind == "instance":
            _fill_instance(value, [(name, read(item)) for name, item in content["dict"]])
        elif kind == "class":
            self._fill_class(value, content, read, index)

    def _fill_class(self, value, content, read, index):
        first = self._image.nodes[index]["class"]["dict"]
        wanted = {name: self._image.alive[at] for name, at in first}
        if content is not self._image.nodes[index]["class"]:
            wanted.update((name, read(item)) for name, item in content)
        for name, item in wanted.items():
            if _dict_of(value).get(name, _MISSING) is not item:
                type.__setattr__(value, name, item)
        for name in [name for name in _dict_of(value) if name not in wanted and name not in self._class_names[index]]:
            type.__delattr__(value, name)

    def _write(self, name, value):
        module, _, name = name.rpartition(":")
        held = _module_globals(module) if module else self._image.module_globals
        if value is _MISSING:
            held.pop(name, None)
        else:
            held[name] = value


class Digest:
    """The state of a module whose objects must not be held: it is only told whether it changed."""

    def __init__(self, describe):
        self._describe = describe
        self._first = describe()

    def dump(self):
        if self._describe() == self._first:
            return ""
        raise Unmovable("the module has objects that notice when they are no longer used")

    def put(self, text):
        if text:
            raise Unmovable("the module has objects that notice when they are no longer used")


def notices_its_end(image):
    """Whether an object of the image has a `__del__`, or something else does something when one goes."""
    for node, value in zip(image.nodes, image.alive):
        kind = type(value)
        if "instance" in node and any("__del__" in _dict_of(base) for base in _mro_of(kind)):
            return True
        if "other" in node and (_module_of(kind) in ("weakref", "_weakrefset") or kind is _weakref.ReferenceType):
            return True
    return False


# Kinds whose instances `_described` knows without a class of the module.
_UNNAMED_KINDS = frozenset((list, tuple, dict, set, frozenset, _collections.deque)) | _DICTS


def _of_library(name):
    module, _, name = name.rpartition(".")
    found = _sys.modules[module or "builtins"]
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _is_mutable(node):
    if "set" in node:
        return not node["set"][0]
    return not _CHANGING.isdisjoint(node)


def _is_fixed_part(node):
    fixed = {"threading.Lock", "threading.RLock", *(name for name, _ in _CLIENTS.values())}
    return "function" in node or node.get("construct", ("",))[0] in fixed


def _opaque(node, value):
    """The type of a value that the image only names, if such a value may hold anything."""
    if "other" not in node:
        return None
    name = _type_name(type(value))
    return None if name in _STATELESS or _is_class(value) or _library_name(value) is not None else name


def _same(now, first):
    if now is first:
        return True
    constant = _constant(now)
    return constant is not None and constant == _constant(first) and type(now) is type(first)


def _is_plain_key(value):
    if type(value) is tuple or type(value) is frozenset:
        return all(map(_is_plain_key, value))
    # A NaN is found by its identity alone.
    return _constant(value) is not None and value == value


def _has_plain_instances(kind):
    """Whether `object.__new__` and attributes make an instance of the class."""
    return all(base is object or base not in _PLAIN and base not in (bytearray, BaseException) for base in _mro_of(kind))


def _is_same_payload(value, first):
    for base in _mro_of(type(value)):
        if base in _PLAIN:
            now = _PLAIN[base](value)
            return base not in (list, dict, set) or now == first
    return True


def _slots(kind):
    for base in _mro_of(kind):
        for name, slot in _dict_of(base).items():
            if type(slot) is _types.MemberDescriptorType:
                yield name, slot


def _instance_items(value):
    """The attributes of an instance, those of slots last."""
    items = [(name, item) for name, item in _attributes(value).items() if name not in ("__objclass__", "_sort_order_")]
    for name, slot in _slots(type(value)):
        try:
            items.append((name, slot.__get__(value, type(value))))
        except AttributeError:
            pass
    return items


def _fill_instance(value, items):
    kind = type(value)
    slots = dict(_slots(kind))
    wanted = dict(items)
    held = _attributes(value)
    for name in list(held):
        if name not in wanted and name not in ("__objclass__", "_sort_order_"):
            del held[name]
    # What is there keeps its place, which shows.
    if list(held) != [name for name in wanted if name not in slots]:
        for name in list(held):
            if name in wanted:
                del held[name]
    for name, item in items:
        if name in slots:
            slots[name].__set__(value, item)
        else:
            held[name] = item
    for name, slot in slots.items():
        if name not in wanted:
            try:
                slot.__delete__(value)
            except AttributeError:
                pass
