class Worker:
    """One action in one process."""

    def __init__(self, channel, world, confine):
        self._world = world
        self._confine = confine
        world.start()
        self._raw = [_Stream(1, "<stdout>", channel.emit), _Stream(2, "<stderr>", channel.emit)]
        self._stdout, self._stderr = (
            io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
            for raw, errors in zip(self._raw, ("strict", "backslashreplace"))
        )
        self._streams = self._stdout, self._stderr
        sys.stdout = sys.__stdout__ = self._stdout
        sys.stderr = sys.__stderr__ = self._stderr
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for after in (channel.close, *(raw.forked for raw in self._raw)):
            os.register_at_fork(after_in_child=after)
        self._module = None
        self._code = None
        self._main = None
        self._instrumented = None
        self._known_codes = None
        self._traced_code = None
        self._tracing = None
        self._watched = []
        # The image of the loaded module, with what its names held.
        self._loaded = None, {}
        self._state = None
        # Whether it was told that the state is not what it was when the module was loaded.
        self._told = False
        # How often it was looked at what the module holds, which takes its time.
        self._looks = 0
        # What the environment holds if the program leaves it alone; nothing where no function reads it.
        self._given = None

    def load(self, payload):
        """Executes a module; `payload` is the JSON of the Rust struct `Load`."""
        wanted = _loads(payload.decode())
        os.environ.update(wanted["environment"])
        given = dict(_environment)
        source, filename = wanted["source"], wanted["filename"]
        if wanted["directory"] is not None:
            os.chdir(wanted["directory"])
            _forget_shadowed(wanted["directory"])
            sys.path.insert(0, wanted["directory"])
        if wanted["temporary"] is not None:
            _make_temporary(wanted["temporary"])
        self._confine(wanted["directory"], wanted["packages"], wanted["temporary"])
        if wanted["packages"] is not None:
            _forget_shadowed(wanted["packages"])
            _put_first(wanted["packages"])
        sys.argv = [filename]
        # No modification time: `linecache.checkcache` keeps such an entry.
        lines = io.StringIO(source, newline=None).readlines()
        linecache.cache[filename] = (len(source), None, lines, filename)
        self._module = module = types.ModuleType("main__")
        module.__file__ = filename
        sys.modules["main__"] = module
        status, message, name = SUCCESS, b"", ""
        self._world.begin([])
        try:
            self._code = compile(source, filename, "exec", dont_inherit=True)
            exec(self._code, module.__dict__)
        except MemoryError as error:
            status, message = OUT_OF_MEMORY, b"The action exhausted its memory and was aborted."
            self._report_shortage(error)
        except Exception as error:
            name = type(error).__name__
            status, message = RAISED, _encode(" ".join(f"{name}: {_text(error)}".split("\n")))
            self._print_exception(error)
        except BaseException as error:
            status, message = EXITED, _EXIT_MESSAGE
            self._report_exit(error)
        else:
            self._main = module.__dict__.get(wanted["main"])
            if not callable(self._main):
                status, message = RAISED, _encode(f"{wanted['main']} is not defined")
        # What is drawn once and then held is of this process alone.
        drawn = self._world.end()[0]
        self._instrumented = wanted["instrumented"]
        values = [(name, self._lookup(name)) for name in wanted["watched"]]
        variables = frozenset(wanted["variables"])
        self._watched = [(name, value, _parts(value)) for name, value in values if name not in variables]
        if status == SUCCESS and self._instrumented is not None:
            self._describe_loaded(values, wanted["variables"], "weakref" in source, "logging" in source)
        if _WATCHED_ENVIRONMENT in wanted["watched"]:
            self._given = given
        self._flush()
        return status, 0, message, name, "", "", "drew" if drawn else "", "", "", "", "", ""

    def _describe_loaded(self, values, variables, is_looked_at, logs):
        """Notes what the module holds now, which is what native code begins with.

        Nothing is held on to if it shows when an object goes.
        """
        image = Image(self._codes(), self._module.__dict__)
        held = {name: image.describe(value) for name, value in values if value is not _MISSING}
        if logs:
            # A function may import it by itself.
            image.describe_logs()
        if is_looked_at or notices_its_end(image):
            names = [name for name, _ in values]
            self._state = Digest(lambda: self._digest(names))
            return
        self._loaded = image, held
        if variables or image.has_logs() or not all(_is_fixed(value) for _, value in values):
            self._state = State(image, variables, self._lookup)

    def run(self, args, environment, settled, traced, journal):
        """One invocation; `args` is JSON, `environment` and `journal` as the Rust function `frame::run` has them.

        Of a settled action the daemon is told a few times only what the module holds. None for a journal if none is to be kept.
        """
        if environment:
            _set_environment(environment, self._given)
        observations = trace_error = before = ""
        tracing = None
        if traced:
            before = self._dump()[0]
        if traced:
            try:
                tracing = self._begin_tracing()
            except Exception as error:
                trace_error = _text(error)
        status, body, name, failing = EXITED, b"", "", RAISED
        drawn, went_on, differs = [], False, None
        if journal is not None:
            self._world.begin([tuple(entry) for entry in _loads(journal.decode() or "[]")])
        start = _clock()
        try:
            # `main` is called from here directly: one frame above it, as in a script.
            result = self._main(_loads(str(args, "utf-8", "surrogatepass")))
            failing = NOT_SERIALISABLE
            body = _print_json(result)
            stop = _clock()
            status = SUCCESS if body[:1] in (b"{", b"[") or body == b"null" else NOT_DICT_OR_ARRAY
        except MemoryError as error:
            stop = _clock()
            status = OUT_OF_MEMORY
            self._report_shortage(error)
        except Exception as error:
            stop = _clock()
            status, name, body = failing, type(error).__name__, _encode(_text(error))
            self._print_exception(error)
        except BaseException as error:
            stop = _clock()
            self._report_exit(error)
        if journal is not None:
            drawn, went_on, differs = self._world.end()
            if differs:
                status, name, body = RAISED, "RerunDiffers", _encode(_RERUN_DIFFERS.format(differs))
        result = None
        if tracing is not None:
            observations = tracing.end()
        changed = after = stays = ""
        if not settled or self._looks < _MOST_LOOKS:
            self._looks += 1
            changed = "\n".join((*self._changed(), *(["random"] if went_on else [])))
            # The daemon needs to be told once.
            after, stays = self._dump() if traced or not self._told else ("", "")
            self._told = self._told or bool(after or stays)
        self._flush()
        journal = _dumps(drawn) if drawn else ""
        answer = status, stop - start, body, name, observations, trace_error, changed, journal, differs or ""
        return *answer, before, after, stays

    def take_up(self, traced_code):
        """What `traced_code` made of the module's source, for traced invocations."""
        self._traced_code = traced_code
        return SUCCESS, 0, b"", "", "", "", "", "", "", "", "", ""

    def describe(self):
        """What the module's names hold, before any invocation."""
        names = self._instrumented["names"]
        observations = Recorder(names, self._codes()).finish(self._module.__dict__, self._loaded)
        return SUCCESS, 0, b"", "", observations, "", "", "", "", "", "", ""

    def take_state(self):
        """The module's state, which from here on lives elsewhere."""
        after, stays = self._dump()
        return SUCCESS, 0, b"", "", "", "", "", "", "", "", after, stays

    def put_state(self, text):
        """Takes up a state from elsewhere."""
        stays = ""
        try:
            if self._state is not None:
                self._state.put(text.decode())
            elif text:
                stays = "the module has none"
        except Exception as error:
            stays = _text(error)
        return SUCCESS, 0, b"", "", "", "", "", "", "", "", "", stays

    def _digest(self, names):
        """What names hold, in short."""
        image = Image(self._codes(), self._module.__dict__)
        held = [image.describe(self._lookup(name)) for name in names]
        return hash(repr((held, image.nodes)))

    def _dump(self):
        """The module's state as a document, and why it must stay here if it cannot be one."""
        try:
            return ("" if self._state is None else self._state.dump()), ""
        except Unmovable as error:
            return "", _text(error)
        except Exception as error:
            return "", f"{type(error).__name__}: {_text(error)}"

    def _changed(self):
        if self._given is not None and (os.environ is not _ENVIRON or _ENVIRON._data != self._given):
            yield "os.environ"
        for place, (name, value, parts) in enumerate(self._watched):
            now = self._lookup(name)
            if value is _MISSING and ":" in name:
                # A module that was imported just now.
                self._watched[place] = name, now, _parts(now)
            elif now is not value or parts is not None and any(a is not b for a, b in zip(parts, _parts(now))):
                yield name

    def _lookup(self, name):
        return lookup(self._module.__dict__, name)

    def _codes(self):
        if self._known_codes is None:
            self._known_codes = Codes(self._code.co_filename, self._instrumented)
        return self._known_codes

    def _begin_tracing(self):
        if self._tracing is None:
            if self._traced_code is None:
                raise LookupError("the action has no traced code")
            self._tracing = _Tracing(
                self._module, self._code, self._instrumented, self._codes(), self._loaded, self._traced_code
            )
            self._traced_code = None
        self._tracing.begin()
        return self._tracing

    def _print_exception(self, error):
        """What `traceback.print_exc()` in `main`'s caller shows, but for the caller's own frame."""
        frames = error.__traceback__.tb_next
        try:
            traceback.print_exception(type(error), error, frames, file=self._stderr)
        except Exception:
            # The stream may be closed, or the exception's own methods fail.
            pass

    def _report_shortage(self, error):
        """Shows a MemoryError after letting go of what its frames hold."""
        traceback.clear_frames(error.__traceback__)
        self._print_exception(error)

    def _report_exit(self, error):
        """What the interpreter does before it exits because of `error`."""
        if not isinstance(error, SystemExit):
            self._print_exception(error)
        elif error.code is not None and not isinstance(error.code, int):
            try:
                print(error.code, file=self._stderr)
            except Exception:
                pass
        atexit._run_exitfuncs()

    def _flush(self):
        stdout, stderr = getattr(sys, "stdout", None), getattr(sys, "stderr", None)
        streams = self._streams
        if stdout is not self._stdout or stderr is not self._stderr:
            # The action has put another object in a stream's place.
            streams = (*streams, stdout, stderr)
        for stream in streams:
            try:
                stream.flush()
            except Exception:
                # It was closed.
                pass
        for raw in self._raw:
            if raw.pending:
                raw.finish()


def check(payload):
    """Compiles a source; the body is CPython's message with line and caret, or empty."""
    wanted = _loads(payload.decode())
    message = ""
    try:
        # Nobody sees warnings here; they would fill the streams of a process that checks many.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(wanted["source"], wanted["filename"], "exec", dont_inherit=True)
    except Exception as error:
        message = "".join(traceback.format_exception_only(error))
    return (RAISED if message else SUCCESS), 0, _encode(message), "", "", "", "", "", "", "", "", ""


def _set_environment(variables, given):
    # `os.environ` encodes one by one; most variables are what they were in the invocation before.
    for variable in variables.split(b"\0"):
        name, _, value = variable.partition(b"=")
        if _environment.get(name) != value:
            _environment[name] = value
            _putenv(name, value)
        if given is not None:
            given[name] = value


def _parts(value):
    """What a function is made of, which can be replaced in it."""
    if type(value) is types.FunctionType:
        return value.__code__, value.__defaults__, value.__kwdefaults__, bool(value.__dict__)
    return None


def _is_fixed(value):
    """Whether nothing that the value reaches can change, as far as a look at it tells."""
    kind = type(value)
    if value is _MISSING or id(kind) in _FIXED:
        return True
    if kind is types.FunctionType:
        if value.__closure__ is not None or value.__dict__ or value.__kwdefaults__:
            return False
        return all(map(_is_fixed, value.__defaults__ or ()))
    return issubclass(kind, type) and is_of_library(value)


def _print_json(value):
    try:
        return _dumps(value).encode()
    except UnicodeEncodeError:
        # Lone surrogates, which only escapes can carry.
        return json.dumps(value).encode()


def _text(error):
    try:
        return str(error)
    except Exception:
        return f"<unprintable {type(error).__name__} object>"


def _encode(text):
    return text.encode("utf-8", "backslashreplace")
