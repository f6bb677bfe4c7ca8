"""Records what one traced invocation does, site by site, and describes what the module's globals hold.

Instrumented code has `Recorder.tables` among its constants; `finish` gives the invocation's observations as JSON:
`{"hits": [site…], "types": {site: [type…]}, "globals": {name: value}, "image": [node…]}`.

Stores and subscripts, not calls: a call would need a frame that the source does not need,
so that a recursion near the limit would end elsewhere, and with another message, than in plain CPython.
`Seen`, whose subscript is the value itself, is the worker's.
"""

_MOST_PATTERNS = 64
_dumps = _json.JSONEncoder().encode


def lookup(module_globals, name):
    """What a name holds that functions read, `module:name` in those of a linked module; `_MISSING` if nothing."""
    module, _, name = name.rpartition(":")
    if module:
        module_globals = _module_globals(module)
    value = module_globals.get(name, _MISSING)
    return _builtins.__dict__.get(name, _MISSING) if value is _MISSING else value


def _replaced():
    """Why no name means what it says, if the program put something else in a built-in function's place."""
    now = _builtins.__dict__
    for name, value in __builtins__.items():
        if now.get(name, _MISSING) is not value and name != "_":
            return f"the built-in {name} is replaced"
    for owner, name, value in INTACT:
        if owner.__dict__.get(name, _MISSING) is not value:
            return f"{name} of a library is replaced"
    for is_usual, what in CHECKS:
        if not is_usual():
            return f"{what} is replaced"
    if _sys.stdout is not _sys.__stdout__ or _sys.stderr is not _sys.__stderr__:
        return "sys.stdout or sys.stderr is replaced"
    # Native code writes numbers and times as the locale C does.
    if any(_locale.setlocale(part) != "C" for part in (_locale.LC_NUMERIC, _locale.LC_TIME)):
        return "the locale is not C"
    if (_time.tzname, _time.timezone) != _ZONE:
        return "the time zone was set"
    return None


def _loud():
    """The packages that would log what they do at the moment."""
    return [
        package
        for package, (loggers, level) in LOGGERS.items()
        if any(_logging.getLogger(logger).isEnabledFor(level) for logger in loggers)
    ]


def _silenced(said, nodes, loud):
    """What a name holds, unless that leads to one of these packages."""
    if any("construct" in node and node["construct"][0].partition(".")[0] in loud for node in nodes):
        return {"other": "a client of an HTTP library that logs what it does"}
    package = str(said.get("module") or said.get("builtin")).partition(".")[0]
    return {"other": f"{package} logs what it does"} if package in loud else said


class Recorder:
    """One per worker."""

    def __init__(self, names, codes):
        self._wanted = names
        self._codes = codes
        # Keyed by site, so that nothing needs a comparison, which could meet the recursion limit.
        self._hits = {}
        self._seen = [Seen() for _ in range(codes.sites)]
        self.tables = {"_up_hits": self._hits, "_up_seen": self._seen}
        # What the module `re` has compiled, by its own key.
        self._patterns = {}

    def start(self):
        """Forgets what an earlier invocation left."""
        self._hits.clear()
        for seen in self._seen:
            seen.clear()

    def finish(self, module_globals, loaded=(None, {})):
        """The observations since `start`, as JSON; `module_globals` tells what the names that are read hold.

        `loaded` is the image of the module as it was loaded, and what its names held then, which is what these are said to hold.
        """
        first, at_first = loaded
        image = Image(self._codes, module_globals, first)
        held = {}
        replaced = _replaced()
        for name in self._wanted:
            value = lookup(module_globals, name)
            if value is _MISSING and name not in at_first:
                continue
            if replaced is not None:
                held[name] = {"other": replaced}
            else:
                held[name] = at_first[name] if name in at_first else image.describe(value)
        loud = _loud()
        if loud:
            held = {name: _silenced(said, image.nodes, loud) for name, said in held.items()}
        return _dumps(
            {
                "hits": sorted(self._hits),
                "types": {
                    str(site): sorted(set(map(_type_name, kinds)))
                    for site, seen in enumerate(self._seen)
                    if (kinds := list(seen.classes()))
                },
                "globals": held,
                "image": image.nodes,
                "loaded": 0 if first is None else len(first.nodes),
                "patterns": self._compiled(),
            }
        )

    def _compiled(self):
        """The regular expressions in the cache of `re`, the latest last."""
        cache = _re._cache
        found = []
        for key in list(cache)[-_MOST_PATTERNS:]:
            if key not in self._patterns:
                self._patterns[key] = _pattern(cache[key], key[2])
            node = self._patterns[key]
            if "pattern" in node:
                found.append(node["pattern"])
        return found
