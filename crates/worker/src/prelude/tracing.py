class _Tracing:
    """The instrumented functions of a module, and the recorder that they tell what happens.

    What they record by are constants of their code: a function that outlives its traced invocation goes on working.
    """

    def __init__(self, module, code, instrumented, codes, loaded, traced_code):
        """`traced_code` is what `traced_code` made of the module's source."""
        self._globals = module.__dict__
        self._recorder = Recorder(instrumented["names"], codes)
        self._loaded = loaded
        tables = dict(self._recorder.tables, _up_iter=iter, _up_next=next, _up_end=object())
        printed, observed = marshal.loads(traced_code)
        # Function, plain code, traced code.
        self._swapped = []
        # Functions that are printed go by their names, as `main` does.
        self._printed = []
        traced, plain = _functions(_filled(printed, tables)), _functions(code)
        for function in instrumented["functions"]:
            key = function["name"], function["line"]
            before, after = plain.get(key), traced.get(key)
            if before is not None and after is not None and _alike(before, after):
                self._printed.append((function["name"], before, after))
        # The others are found by their code; which of them there are is known since the module was loaded.
        self._kept = []
        if observed is not None:
            printed = {id(before) for _, before, _ in self._printed}
            pairs = _pairs(code, _filled(observed, tables))
            pairs = {id(before): after for before, after in pairs if id(before) not in printed}
            self._kept = _holders(pairs)

    def begin(self):
        """Puts the instrumented code in place, in functions that still are what the module defined."""
        for name, plain, traced in self._printed:
            self._swap(self._globals.get(name), plain, traced)
        for function, plain, traced in self._kept:
            self._swap(function(), plain, traced)
        self._recorder.start()

    def _swap(self, function, plain, traced):
        if type(function) is types.FunctionType and function.__code__ is plain:
            function.__code__ = traced
            self._swapped.append((function, plain, traced))

    def end(self):
        """Puts the plain code back; returns the observations' JSON, or nothing if they cannot be printed."""
        for function, plain, traced in self._swapped:
            if function.__code__ is traced:
                function.__code__ = plain
        self._swapped.clear()
        try:
            return self._recorder.finish(self._globals, self._loaded)
        except Exception:
            return ""


def _pairs(plain, traced):
    """The codes within two codes of one source, of which one observes."""
    inner = [[const for const in code.co_consts if type(const) is types.CodeType] for code in (plain, traced)]
    for before, after in zip(*inner):
        if before.co_name == after.co_name and _alike(before, after):
            yield before, after
            yield from _pairs(before, after)


def _holders(pairs):
    """Weak references to the functions that there are, with their code and what it is while it is traced."""
    functions = [thing for thing in gc.get_objects() if type(thing) is types.FunctionType]
    codes = [(function, function.__code__, pairs.get(id(function.__code__))) for function in functions]
    return [(weakref.ref(function), plain, traced) for function, plain, traced in codes if traced is not None]


def _functions(code):
    return {
        (const.co_name, const.co_firstlineno): const for const in code.co_consts if type(const) is types.CodeType
    }


def _alike(before, after):
    return (
        before.co_freevars == after.co_freevars
        and before.co_argcount == after.co_argcount
        and before.co_posonlyargcount == after.co_posonlyargcount
        and before.co_kwonlyargcount == after.co_kwonlyargcount
        and before.co_flags & _KIND_FLAGS == after.co_flags & _KIND_FLAGS
    )


def _relocate(tree, origins):
    """Gives every node of instrumented code the position of what it comes from, so that tracebacks show the source."""
    places = _places(origins)

    def visit(node, callee):
        held = node.__dict__
        if "lineno" in held:
            place, end_place = places[node.lineno - 1], places[node.end_lineno - 1]
            start = _position(place, callee, node.col_offset, False)
            end = _position(end_place, callee, node.end_col_offset, True)
            kind = place[0]
            node.lineno, node.col_offset = start
            # CPython refuses ranges that end before they begin.
            node.end_lineno, node.end_col_offset = max(start, end)
        else:
            kind = None
        is_call = kind == "call" and type(node) is ast.Call
        for name, child in held.items():
            if type(child) is list:
                for item in child:
                    if isinstance(item, ast.AST) and not isinstance(item, _LEAVES):
                        visit(item, callee)
            elif isinstance(child, ast.AST) and not isinstance(child, _LEAVES):
                visit(child, callee or is_call and name == "func")

    visit(tree, False)


def _places(origins):
    """Origins as (kind, numbers); a generated line takes those of the line behind it.

    CPython fuses a store with the load behind it once code is warm, and reports an unbound variable at the store.
    """
    places, following = [], ("span", (1, 0, 1, 0))
    for origin in reversed(origins):
        if origin != "generated":
            ((kind, numbers),) = origin.items()
            if kind == "call" and len(numbers) != 8:
                numbers = [*numbers[0], *numbers[1]]
            following = (kind, numbers)
            places.append(following)
        elif following[0] == "verbatim":
            line = following[1][0]
            places.append(("span", (line, 0, line, 0)))
        else:
            places.append(("span", following[1][:4]))
    places.reverse()
    return places


def _position(place, callee, column, end):
    kind, numbers = place
    if kind == "verbatim":
        return numbers[0], max(column + numbers[1], 0)
    first = (4 if kind == "call" and callee else 0) + (2 if end else 0)
    return numbers[first], numbers[first + 1]


def traced_code(payload):
    """What a module's functions run as while they are traced; `payload` is the JSON of the Rust struct `Instrument`.

    The body is a pair, marshalled: the code of the instrumented functions, and that of the source where parts of it are observed.
    Nothing of the module runs for it.
    """
    wanted = _loads(payload.decode())
    source, filename, instrumented = wanted["source"], wanted["filename"], wanted["instrumented"]
    kept, observed = instrumented["kept"], None
    try:
        flags = _quietly(compile, source, filename, "exec", dont_inherit=True).co_flags & _FUTURE_FLAGS
        tree = _quietly(ast.parse, instrumented["text"])
        _deeply(_relocate, tree, instrumented["origins"])
        printed = _observed_code(tree, _ObservingPrinted(kept), filename, flags)
        if any(kept.values()):
            observed = _observed_code(_quietly(ast.parse, source), _Observing(kept), filename, flags)
        status, body = SUCCESS, marshal.dumps((printed, observed))
    except Exception as error:
        status, body = RAISED, _encode(f"{type(error).__name__}: {_text(error)}")
    return status, 0, body, "", "", "", "", "", "", "", "", ""
