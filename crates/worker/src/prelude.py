"""The Python half of a worker: loads an action, runs it plain or traced, and says how that ended.

The zygote executes this once, so that everything imported here is warm in every worker.
`Worker.load`, `Worker.run`, `Worker.describe` and `check` are called by the Rust half, which reads and writes the frames;
each returns a tuple with the fields of the Rust struct `Answer`, in its order.
"""

# Some of these are here only for actions to find them loaded.
import ast
import atexit
import base64
import builtins
import collections
import datetime
import functools
import hashlib
import io
import itertools
import json
import linecache
import math
import os
import random
import re
import signal
import ssl
import string
import sys
import time
import traceback
import types
import warnings
import __future__

# The numbers of `frame::status`.
SUCCESS, RAISED, NOT_DICT_OR_ARRAY, NOT_SERIALISABLE, OUT_OF_MEMORY, EXITED = range(6)

# Stopping is all that can be done: what the native run sent cannot be taken back, and nothing may be sent twice.
_RERUN_DIFFERS = (
    "The invocation was stopped and nothing was sent twice: it had begun natively and went on in Python, where {}. "
    "Invoke it again only if what it had sent may be sent again."
)
_EXIT_MESSAGE = b"The action did not produce a valid response and exited unexpectedly."
# A line without an end is sent in pieces of this size.
_LONGEST_PENDING = 1 << 16
_FUTURE_FLAGS = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)
# Functions whose codes differ in one of these cannot stand in for each other.
_KIND_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
_MISSING = object()
# Types of which nothing can change, by id, as a class may hash in its own way.
_FIXED = frozenset(
    id(kind)
    for kind in (
        type(None), bool, int, float, complex, str, bytes, range, type(...), types.ModuleType, types.BuiltinFunctionType
    )
)

# The modules of the packages that native code knows, which the zygote imported.
_IMPORTED = []

_loads = json.JSONDecoder().decode
# What `json.dumps(value, ensure_ascii=False)` makes anew for each call.
_dumps = json.JSONEncoder(ensure_ascii=False).encode
# Not one of the clocks that are journalled.
_clock = functools.partial(time.clock_gettime_ns, time.CLOCK_MONOTONIC)
_putenv = os.putenv
# The dictionary of bytes in `os.environ`.
_environment = os.environ._data
_ENVIRON = os.environ
# Among the names to watch: what the environment holds counts too.
_WATCHED_ENVIRONMENT = "os:environ"


def warm(site_packages):
    """What the zygote does once, before its first fork; returns what native code must know of the packages there."""
    if site_packages is not None:
        import site

        site.addsitedir(site_packages)
    os.environ.pop("MALLOC_ARENA_MAX", None)
    sys.dont_write_bytecode = True
    # An embedding program has no idea where the interpreter is.
    program = os.path.join(sys.prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    if os.path.exists(program):
        sys.executable = program
    # A first use of each leaves its caches filled.
    compile(ast.parse("def f(x):\n    return x"), "<warm>", "exec")
    _loads(_dumps({"warm": [1, 2.5, None, "é"]}))
    facts = _facts()
    # What the libraries compiled for themselves is of no use to programs, and traces tell what the cache holds.
    re.purge()
    import gc

    gc.collect()
    gc.freeze()
    return facts


def _facts():
    """What the packages that native code knows are like here; nothing of those that are missing or of another kind."""
    facts = {}
    try:
        import requests
        import urllib3

        if requests.__version__.split(".")[0] == "2" and requests.compat.json is json:
            facts["requests.user_agent"] = requests.utils.default_user_agent()
            facts["requests.bundle"] = requests.certs.where()
            facts["requests.accept_encoding"] = requests.utils.DEFAULT_ACCEPT_ENCODING
            _keep_intact(requests, urllib3)
            _IMPORTED.extend(name for name in sys.modules if name.partition(".")[0] == "requests")
            PACKAGES["requests"] = os.path.dirname(requests.__file__) + os.sep
    except Exception:
        facts.clear()
    _keep_urlopen_intact()
    bundle = ssl.get_default_verify_paths().cafile
    if bundle is not None:
        facts["ssl.cafile"] = bundle
    if any(os.path.exists(os.path.expanduser(file)) for file in ("~/.netrc", "~/_netrc")):
        facts["netrc"] = "1"
    return facts


def _keep_intact(requests, urllib3):
    """Notes what `requests.get` and its like rest on, so that a program that replaces a part of it is noticed."""
    import http.client
    import socket

    classes = (
        requests.Session, requests.adapters.HTTPAdapter, requests.models.PreparedRequest, requests.models.Request,
        requests.Response, requests.structures.CaseInsensitiveDict, urllib3.PoolManager, urllib3.HTTPConnectionPool,
        urllib3.connection.HTTPConnection, http.client.HTTPConnection, http.client.HTTPResponse,
    )
    functions = (
        (requests.sessions, "Session"), (requests.sessions, "HTTPAdapter"), (requests.api, "request"),
        (requests.utils, "default_headers"), (requests.sessions, "default_headers"), (socket, "create_connection"),
        (socket, "socket"), (socket, "getaddrinfo"), (socket, "_GLOBAL_DEFAULT_TIMEOUT"),
        (requests.adapters, "DEFAULT_RETRIES"), (requests.models, "DEFAULT_REDIRECT_LIMIT"),
    )
    for owner in classes:
        INTACT.extend((owner, name, value) for name, value in owner.__dict__.items() if _is_watched(name))
    INTACT.extend((owner, name, owner.__dict__[name]) for owner, name in functions)


def _keep_urlopen_intact():
    """The same for `urllib.request.urlopen`."""
    import socket
    import urllib.request

    module = urllib.request
    for owner in (module.Request, module.HTTPHandler, module.HTTPSHandler, module.AbstractHTTPHandler, module.OpenerDirector):
        INTACT.extend((owner, name, value) for name, value in owner.__dict__.items() if _is_watched(name))
    INTACT.extend((module, name, module.__dict__[name]) for name in ("urlopen", "Request", "build_opener"))
    usual = [type(handler) for handler in module.build_opener().handlers]

    def is_usual():
        opener = module._opener
        return opener is None or type(opener) is module.OpenerDirector and (
            [type(handler) for handler in opener.handlers] == usual
        )

    CHECKS.append((is_usual, "the opener of urllib.request"))
    CHECKS.append((lambda: socket.getdefaulttimeout() is None, "the timeout of sockets"))
    INTACT.extend((ssl, name, ssl.__dict__[name]) for name in ("_create_default_https_context", "create_default_context"))


def _is_watched(name):
    """Whether a class's attribute decides what it does; the interpreter's own notes change by themselves."""
    return name not in ("__dict__", "__weakref__", "__doc__", "__annotations__", "__abstractmethods__", "_abc_impl")


def _forget_shadowed(directory):
    """Forgets packages that stand in the action's own folder, so that it imports its own."""
    for package in list(PACKAGES):
        if any(os.path.exists(os.path.join(directory, name)) for name in (package, package + ".py")):
            del PACKAGES[package]
            for name in _IMPORTED:
                if name.partition(".")[0] == package:
                    sys.modules.pop(name, None)


class _Stream(io.RawIOBase):
    """One of the two standard streams: complete lines go to the daemon as soon as they are written."""

    mode = "wb"

    def __init__(self, number, name, emit):
        self._number = number
        self.name = name
        self._emit = emit
        self._pending = bytearray()
        self._direct = False

    def writable(self):
        return True

    def fileno(self):
        return self._number

    def write(self, data):
        data = bytes(data)
        end = data.rfind(b"\n") + 1
        if self._direct:
            self._emit(self._number, data)
        elif end and not self._pending:
            self._emit(self._number, data[:end])
            self._pending += data[end:]
        else:
            self._pending += data
            if end:
                end += len(self._pending) - len(data)
                self._emit(self._number, bytes(self._pending[:end]))
                del self._pending[:end]
        if len(self._pending) > _LONGEST_PENDING:
            self.finish()
        return len(data)

    def finish(self):
        """Sends the line whose end is missing."""
        if self._pending:
            self._emit(self._number, bytes(self._pending))
            self._pending.clear()

    def forked(self):
        """In a process that the action forked: what is pending is its parent's, and nobody will call `finish`."""
        self._pending.clear()
        self._direct = True


class Worker:
    """One action in one process."""

    def __init__(self, channel, world):
        self._world = world
        world.start()
        self._raw = [_Stream(1, "<stdout>", channel.emit), _Stream(2, "<stderr>", channel.emit)]
        self._stdout, self._stderr = (
            io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
            for raw, errors in zip(self._raw, ("strict", "backslashreplace"))
        )
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
        self._tracing = None
        self._watched = []
        # The image of the loaded module, with what its names held.
        self._loaded = None, {}
        self._state = None
        # Whether it was told that the state is not what it was when the module was loaded.
        self._told = False
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
            self._describe_loaded(values, wanted["variables"], "weakref" in source)
        if _WATCHED_ENVIRONMENT in wanted["watched"]:
            self._given = given
        self._flush()
        return status, 0, message, name, "", "", "drew" if drawn else "", "", "", "", "", ""

    def _describe_loaded(self, values, variables, is_looked_at):
        """Notes what the module holds now, which is what native code begins with.

        Nothing is held on to if it shows when an object goes.
        """
        image = Image(self._codes(), self._module.__dict__)
        held = {name: image.describe(value) for name, value in values if value is not _MISSING}
        if is_looked_at or notices_its_end(image):
            names = [name for name, _ in values]
            self._state = Digest(lambda: self._digest(names))
            return
        self._loaded = image, held
        if variables or not all(_is_fixed(value) for _, value in values):
            self._state = State(image, variables, self._lookup)

    def run(self, args, environment, traced, journal):
        """One invocation; `args` is JSON, `environment` and `journal` as the Rust function `frame::run` has them.

        None for a journal if none is to be kept.
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
        changed = "\n".join((*self._changed(), *(["random"] if went_on else [])))
        # A look at all that the module holds takes its time; the daemon needs to be told once.
        after, stays = self._dump() if traced or not self._told else ("", "")
        self._told = self._told or bool(after or stays)
        self._flush()
        journal = _dumps(drawn) if drawn else ""
        answer = status, stop - start, body, name, observations, trace_error, changed, journal, differs or ""
        return *answer, before, after, stays

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
            if self._instrumented is None:
                raise LookupError("the action has no instrumented code")
            self._tracing = _Tracing(self._module, self._code, self._instrumented, self._codes(), self._loaded)
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
        # The action may have put another object in a stream's place, or closed it.
        for stream in (self._stdout, self._stderr, sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        for raw in self._raw:
            raw.finish()


class _Tracing:
    """The instrumented functions of a module, and the recorder that they tell what happens."""

    def __init__(self, module, code, instrumented, codes, loaded):
        filename = code.co_filename
        tree = ast.parse(instrumented["text"])
        _relocate(tree, instrumented["origins"])
        flags = code.co_flags & _FUTURE_FLAGS
        plain = _functions(code)
        # The source's own warnings were shown when it was loaded.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
        traced = _functions(compiled)
        self._globals = module.__dict__
        self._codes = []
        self._swapped = []
        for function in instrumented["functions"]:
            key = function["name"], function["line"]
            before, after = plain.get(key), traced.get(key)
            if before is not None and after is not None and _alike(before, after):
                self._codes.append((function["name"], before, after))
        self._recorder = Recorder(instrumented["names"], codes)
        self._loaded = loaded
        self._names = dict(self._recorder.names, _up_iter=iter, _up_next=next, _up_end=object())

    def begin(self):
        """Puts the instrumented code in place, in functions that still are what the module defined."""
        for name, plain, traced in self._codes:
            function = self._globals.get(name)
            if type(function) is types.FunctionType and function.__code__ is plain:
                function.__code__ = traced
                self._swapped.append((function, plain, traced))
        self._globals.update(self._names)
        self._recorder.start()

    def end(self):
        """Puts the plain code back; returns the observations' JSON, or nothing if they cannot be printed."""
        for function, plain, traced in self._swapped:
            if function.__code__ is traced:
                function.__code__ = plain
        self._swapped.clear()
        for name in self._names:
            self._globals.pop(name, None)
        try:
            return self._recorder.finish(self._globals, self._loaded)
        except Exception:
            return ""


def check(payload):
    """Compiles a source; the body is CPython's message with line and caret, or empty."""
    wanted = _loads(payload.decode())
    message = ""
    try:
        compile(wanted["source"], wanted["filename"], "exec", dont_inherit=True)
    except Exception as error:
        message = "".join(traceback.format_exception_only(error))
    return (RAISED if message else SUCCESS), 0, _encode(message), "", "", "", "", "", "", "", "", ""


def _set_environment(variables, given):
    # `os.environ` encodes and sets one by one; most variables are what they were in the invocation before.
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
        if hasattr(node, "lineno"):
            place, end_place = places[node.lineno - 1], places[node.end_lineno - 1]
            start = _position(place, callee, node.col_offset, False)
            end = _position(end_place, callee, node.end_col_offset, True)
            kind = place[0]
            node.lineno, node.col_offset = start
            # CPython refuses ranges that end before they begin.
            node.end_lineno, node.end_col_offset = max(start, end)
        else:
            kind = None
        for child in ast.iter_child_nodes(node):
            inside = callee or (kind == "call" and isinstance(node, ast.Call) and child is node.func)
            visit(child, inside)

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
