"""The Python half of a worker: loads an action, runs it plain or traced, and says how that ended.

The zygote executes this once, so that everything imported here is warm in every worker.
`check`, `traced_code` and the methods of `Worker` that have no underscore are called by the Rust half, which reads and writes the frames;
each returns a tuple with the fields of the Rust struct `Answer`, in its order.
The files of this folder share one namespace, which the Rust module `child` joins.
"""

# Some of these are here only for actions to find them loaded.
import ast
import atexit
import base64
import builtins
import collections
import datetime
import functools
import gc
import hashlib
import io
import itertools
import json
import linecache
import logging
import marshal
import math
import os
import random
import re
import signal
import ssl
import string
import sys
import tempfile
import time
import traceback
import types
import warnings
import weakref
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
# How often the daemon is told what a settled action's module holds, which it shows.
_MOST_LOOKS = 16
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

# Of each package that the zygote imported, beside the standard library, its modules.
_INSTALLED = {}

_loads = json.JSONDecoder().decode
# What `json.dumps(value, ensure_ascii=False)` makes anew for each call.
_dumps = json.JSONEncoder(ensure_ascii=False).encode
# Not one of the clocks that are journalled.
_clock = functools.partial(time.clock_gettime_ns, time.CLOCK_MONOTONIC)
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
    _note_installed()
    # What the libraries compiled for themselves is of no use to programs, and traces tell what the cache holds.
    re.purge()
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
            _know(requests)
            LOGGERS["requests"] = ("urllib3.connectionpool", "urllib3.util.retry"), logging.DEBUG
    except Exception:
        facts.clear()
    try:
        facts.update(_facts_of_httpx())
    except Exception:
        pass
    _keep_urlopen_intact()
    bundle = ssl.get_default_verify_paths().cafile
    if bundle is not None:
        facts["ssl.cafile"] = bundle
    if any(os.path.exists(os.path.expanduser(file)) for file in ("~/.netrc", "~/_netrc")):
        facts["netrc"] = "1"
    return facts


def _know(package):
    """Notes where a package lies whose functions native code has."""
    PACKAGES[package.__name__] = os.path.dirname(package.__file__) + os.sep


def _facts_of_httpx():
    """The same for `httpx`, of which native code knows one version."""
    import certifi
    import h11
    import httpcore
    import httpx

    if not httpx.__version__.startswith("0.28.") or not httpcore.__version__.startswith("1."):
        return {}
    client = httpx.Client()
    client.close()
    classes = (
        httpx.Client, httpx.Client.__base__, httpx.Request, httpx.Response, httpx.Headers, httpx.URL, httpx.QueryParams,
        httpx.Timeout, httpx.HTTPTransport, httpx.BasicAuth, httpx.Auth, httpcore.ConnectionPool, httpcore.HTTPConnection,
        httpcore.Request, httpcore.Response, h11.Connection,
    )
    modules = {module: sys.modules[module] for module in ("httpx._api", "httpx._client", "httpx._transports.default")}
    functions = (
        (modules["httpx._api"], "Client"), (modules["httpx._api"], "request"), (modules["httpx._client"], "USER_AGENT"),
        (modules["httpx._client"], "ACCEPT_ENCODING"), (modules["httpx._client"], "HTTPTransport"),
        (modules["httpx._transports.default"], "create_ssl_context"), (httpcore, "ConnectionPool"),
    )
    for owner in classes:
        INTACT.extend((owner, name, value) for name, value in owner.__dict__.items() if _is_watched(name))
    INTACT.extend((owner, name, owner.__dict__[name]) for owner, name in functions)
    _know(httpx)
    LOGGERS["httpx"] = ("httpx", "httpcore.connection", "httpcore.http11"), logging.INFO
    return {
        "httpx.user_agent": client.headers["user-agent"],
        "httpx.accept_encoding": client.headers["accept-encoding"],
        "httpx.bundle": certifi.where(),
    }


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


def _make_temporary(folder):
    """Has `tempfile` use a folder of the action's own; without room for it, that of all."""
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        tempfile.tempdir = folder
    except OSError:
        pass


def _note_installed():
    """Notes what has been imported that is not of the standard library, by package."""
    for name, module in sys.modules.items():
        package = name.partition(".")[0]
        if package not in sys.stdlib_module_names and os.path.isabs(getattr(module, "__file__", None) or ""):
            _INSTALLED.setdefault(package, []).append(name)


def _forget_shadowed(directory):
    """Forgets packages that stand in a folder of the action's own, so that it imports these."""
    for package in list(_INSTALLED):
        if any(os.path.exists(os.path.join(directory, name)) for name in (package, package + ".py")):
            PACKAGES.pop(package, None)
            for name in _INSTALLED.pop(package):
                sys.modules.pop(name, None)


def _put_first(packages):
    """Puts a virtual environment's packages before all others, as its `activate_this.py` does."""
    import site

    known = len(sys.path)
    site.addsitedir(packages)
    sys.path[:] = sys.path[known:] + sys.path[:known]
