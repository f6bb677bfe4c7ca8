# How the program has set up `logging`, as a value that is part of the module's state.

# What a record has that is the same in every process and natively.
_RECORD_FIELDS = frozenset(("name", "levelno", "levelname", "message", "asctime", "created", "msecs"))
_FORMAT_FIELD = _re.compile(r"%(?:\((\w+)\)[#0+ -]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|%)")
_CONVERTERS = (_time.localtime, _time.gmtime)
_LEVEL_NAMES = dict(_logging._levelToName)
_LOG_CLASSES = (
    _logging.LogRecord, _logging.PercentStyle, _logging.Formatter, _logging.Filterer, _logging.Handler,
    _logging.StreamHandler, _logging.NullHandler, _logging._StderrHandler, _logging.Manager, _logging.Logger,
    _logging.RootLogger,
)
# What the rest of this file takes for granted: owner, name, and what the owner had under it at first.
_LOG_PARTS = [
    (kind, name, part)
    for kind in _LOG_CLASSES
    for name, part in _dict_of(kind).items()
    if type(part) is _types.FunctionType or type(part) is property
]
_LOG_PARTS += [
    (_logging, name, part)
    for name, part in _logging.__dict__.items()
    if type(part) is _types.FunctionType or name in ("raiseExceptions", "_srcfile", "_logRecordFactory", "_loggerClass")
]
_LOGGER_PARTS = frozenset(
    ("filters", "name", "level", "parent", "propagate", "handlers", "disabled", "_cache", "manager")
)
_HANDLER_PARTS = frozenset(("filters", "_name", "level", "formatter", "_closed", "lock", "stream"))


class _Unusual(Exception):
    """What native code does not know of how `logging` is set up."""


def _text_or_none(value):
    return value is None or type(value) is str


def _format_of(formatter):
    """The format and the date format of a formatter."""
    if formatter is None:
        return None, None
    style = formatter.__dict__.get("_style")
    if type(formatter) is not _logging.Formatter or formatter.__dict__.keys() != {"_style", "_fmt", "datefmt"}:
        raise _Unusual("a formatter of its own")
    kind = _dict_of(_logging.Formatter)
    if kind["converter"] not in _CONVERTERS or kind["default_time_format"] != "%Y-%m-%d %H:%M:%S":
        raise _Unusual("times are formatted in a way of its own")
    if kind["default_msec_format"] != "%s,%03d":
        raise _Unusual("times are formatted in a way of its own")
    if type(style) is not _logging.PercentStyle or style.__dict__.get("_defaults") is not None:
        raise _Unusual("the style of a format is not %")
    fmt, datefmt = style.__dict__.get("_fmt"), formatter.datefmt
    if type(fmt) is not str or not _text_or_none(datefmt):
        raise _Unusual("a format that is no text")
    fields = {match[1] for match in _FORMAT_FIELD.finditer(fmt)} - {None}
    if not fields <= _RECORD_FIELDS or "%" in _FORMAT_FIELD.sub("", fmt):
        raise _Unusual("a format with " + ", ".join(sorted(fields - _RECORD_FIELDS) or ["unknown fields"]))
    return None if fmt == "%(message)s" else fmt, datefmt


def _handler_of(handler):
    """Stream, level, format and date format of a handler; none of one that does nothing."""
    kind = type(handler)
    if kind is _logging.NullHandler:
        return None
    if kind is not _logging.StreamHandler or not handler.__dict__.keys() <= _HANDLER_PARTS or handler.filters:
        raise _Unusual(f"a {_name_of(kind)} that native code does not know")
    if handler._name is not None or _dict_of(kind)["terminator"] != "\n":
        raise _Unusual("a handler with a name or an end of lines of its own")
    number = 1 if handler.stream is _sys.__stdout__ else 2 if handler.stream is _sys.__stderr__ else 0
    if number == 0 or type(handler.level) is not int:
        raise _Unusual("a handler that writes elsewhere than to stdout or stderr")
    return (number, handler.level, *_format_of(handler.formatter))


class Logs:
    """One per process: what native code knows of how `logging` is set up.

    `settings` is `[disabled level, loggers]`, the latter the JSON of a sorted list of
    `[name, level, propagates, is disabled, has handlers that do nothing, handlers]` with a handler as `_handler_of` tells it.
    The root has an entry, and every logger that differs from a new one.
    """

    def __init__(self):
        self.settings = [0, ""]
        # By what they do: the program may have a handler elsewhere, too.
        self._handlers = {}

    def refresh(self):
        """Has `settings` tell how `logging` is set up now; raises `_Unusual`."""
        try:
            self.settings[:] = self._told()
        except (AttributeError, TypeError, ValueError) as error:
            raise _Unusual("parts that are not as they were made") from error

    def _told(self):
        for owner, name, part in _LOG_PARTS:
            if owner.__dict__.get(name, _MISSING) is not part:
                raise _Unusual(f"a {name} of its own")
        manager = _logging.root.manager
        plain = (
            _logging._levelToName == _LEVEL_NAMES and manager.loggerClass is None and manager.logRecordFactory is None
            and type(manager) is _logging.Manager and type(manager._disable) is int
            and _logging.lastResort is _logging._defaultLastResort and _logging.lastResort.level == _logging.WARNING
            and _logging.lastResort.formatter is None and not _logging.lastResort.filters
            and _logging._defaultFormatter.__dict__.keys() == {"_style", "_fmt", "datefmt"}
        )
        if not plain:
            raise _Unusual("levels or records of its own")
        found = [self._logger(_logging.root)]
        for logger in list(manager.loggerDict.values()):
            if type(logger) is not _logging.PlaceHolder:
                entry = self._logger(logger)
                if entry[1:] != (0, True, False, False, ()):
                    found.append(entry)
        return manager._disable, _dumps(sorted(found))

    def _logger(self, logger):
        is_plain = type(logger) is _logging.Logger or type(logger) is _logging.RootLogger
        if not is_plain or not logger.__dict__.keys() <= _LOGGER_PARTS:
            raise _Unusual("a logger of its own")
        if logger.filters or type(logger.level) is not int or type(logger.propagate) is not bool:
            raise _Unusual("a logger with filters")
        if type(logger.disabled) is not bool or type(logger.name) is not str:
            raise _Unusual("a logger of its own")
        disable, effective = logger.manager._disable, logger.getEffectiveLevel()
        if any(enabled != (disable < level and level >= effective) for level, enabled in logger._cache.items()):
            raise _Unusual("a logger that goes by an earlier level")
        specs = []
        for handler in logger.handlers:
            spec = _handler_of(handler)
            specs.append(spec)
            self._handlers.setdefault(spec, handler)
        handlers = tuple(spec for spec in specs if spec is not None)
        return logger.name, logger.level, logger.propagate, logger.disabled, None in specs, handlers

    def apply(self):
        """Sets `logging` up as `settings` says."""
        manager = _logging.root.manager
        loggers = {entry[0]: (*entry[:5], tuple(map(tuple, entry[5]))) for entry in _json.loads(self.settings[1])}
        known = {"root": _logging.root}
        known.update((name, item) for name, item in manager.loggerDict.items() if type(item) is not _logging.PlaceHolder)
        for name in loggers:
            known.setdefault(name, None)
        # What loggers have found out goes by levels that may change now.
        manager._clear_cache()
        for name, logger in known.items():
            wanted = loggers.get(name, (name, 0, True, False, False, ()))
            logger = _logging.getLogger(name) if logger is None else logger
            if self._logger(logger) != wanted:
                _, logger.level, logger.propagate, logger.disabled, silent, handlers = wanted
                logger.handlers = [self._handler(spec) for spec in ((None,) if silent else ()) + handlers]
        manager._disable = self.settings[0]
        manager._clear_cache()

    def _handler(self, spec):
        known = self._handlers.get(spec)
        if known is not None and _handler_of(known) == spec:
            return known
        if spec is None:
            return _logging.NullHandler()
        number, level, fmt, datefmt = spec
        handler = _logging.StreamHandler(_sys.__stdout__ if number == 1 else _sys.__stderr__)
        handler.setLevel(level)
        handler.setFormatter(_logging.Formatter(fmt, datefmt))
        self._handlers[spec] = handler
        return handler


_LOGS = Logs()
