class Codes:
    """The numbers of functions: those of the module, and of linked modules that still are what was read of them."""

    def __init__(self, filename, instrumented):
        self.filename = filename
        self.sites = instrumented["sites"]
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
            if _module_globals(name).get("__file__") == code.co_filename:
                known, number = self._functions(name).get(key, (None, None))
                return number if known == code else None
        return None

    def is_own(self, value):
        """Whether a class or function is of the module, or of a linked one and not natively known."""
        name, qualname = _claimed_name(value.__func__ if type(value) is _types.MethodType else value)
        if type(name) is not str or name not in self._linked or qualname in self._linked[name]["native"]:
            return False
        return bool(self._functions(name))

    def _functions(self, name):
        if name not in self._read:
            wanted = self._linked.get(name)
            self._read[name] = {} if wanted is None else self._compiled(_module_globals(name), wanted)
        return self._read[name]

    def _compiled(self, module_globals, wanted):
        file = module_globals.get("__file__")
        try:
            with open(file, "rb") as opened:
                source = opened.read()
            if _sha256(source).hexdigest() != wanted["sha256"]:
                return {}
            # The source's own warnings were shown when it was loaded.
            with _warnings.catch_warnings():
                _warnings.simplefilter("ignore")
                waiting = [compile(source, file, "exec", dont_inherit=True)]
        except (OSError, SyntaxError, TypeError, ValueError):
            return {}
        numbers = {(name, line): number for name, line, number in wanted["codes"]}
        found = {}
        while waiting:
            code = waiting.pop()
            waiting += [const for const in code.co_consts if type(const) is _types.CodeType]
            key = code.co_qualname, code.co_firstlineno
            if key in numbers:
                found[key] = code, numbers[key]
        return found or {None: (None, None)}
