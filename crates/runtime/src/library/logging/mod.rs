//! `logging` (`Lib/logging/__init__.py`): loggers, and handlers that write to stdout and stderr.
//!
//! How it is set up is part of the module's state; the recorder's `logs.py` keeps it as a list of constants.
//! Loggers are known by their names, and there is one of each.
//! What a format, a handler or a filter of another kind would do is left to CPython.

mod handler;
mod record;
mod settings;

use std::cell::Cell;

pub(crate) use self::handler::Handler;
pub(crate) use self::settings::Format;

use self::settings::{ROOT, Setting, Settings, Sink, text};
use super::streams;
use crate::{Args, BailKind, Builtin, Cx, List, Obj, Result, Str, Stream, Type, Value, list_new, object_new, str_new};

const CRITICAL: i64 = 50;
const WARNING: i64 = 30;

/// Names of levels, and of the methods that log at them.
const LEVELS: &[(&str, &str, i64)] = &[
    ("CRITICAL", "critical", CRITICAL),
    ("FATAL", "fatal", CRITICAL),
    ("ERROR", "error", 40),
    ("WARNING", "warning", WARNING),
    ("WARN", "", WARNING),
    ("INFO", "info", 20),
    ("DEBUG", "debug", 10),
    ("NOTSET", "", 0),
];

/// The functions of `logging`.
pub(super) const TABLE: &[Builtin] = &[
    of_root("debug", |cx, args, g| log(cx, "debug", args, g)),
    of_root("info", |cx, args, g| log(cx, "info", args, g)),
    of_root("warning", |cx, args, g| log(cx, "warning", args, g)),
    of_root("error", |cx, args, g| log(cx, "error", args, g)),
    of_root("critical", |cx, args, g| log(cx, "critical", args, g)),
    of_root("fatal", |cx, args, g| log(cx, "fatal", args, g)),
    of_root("log", |cx, args, g| log(cx, "log", args, g)),
    of_root("basicConfig", |cx, args, g| basic_config(cx, args, g).map(|()| Value::None)),
    of_root("disable", disable),
    of_root("getLevelName", level_name),
    of_root("StreamHandler", handler::new),
    of_root("Formatter", handler::formatter),
    of_root("getLogger", |cx, args, g| {
        let [name] = args.bind(["name"], 0, 1, g)?;
        get_logger(cx, name.unwrap_or(Value::None), g)
    }),
];

const fn of_root(name: &'static str, call: for<'a> fn(&'a Cx<'a>, Args<'_, 'a>, u32) -> Result<Value<'a>>) -> Builtin {
    Builtin { module: "logging", name, call }
}

/// `logging.INFO` and its like.
pub(super) fn constant(name: &str) -> Option<i64> {
    LEVELS.iter().find(|(known, ..)| *known == name).map(|(_, _, level)| *level)
}

/// What knows all loggers.
pub(crate) struct Manager<'a> {
    list: List<'a>,
    /// What the list says, by the number and the place of the text that it was read from.
    read: Cell<Option<(i64, usize, Settings<'a>)>>,
    loggers: Cell<Option<&'a Known<'a>>>,
}

/// A logger, and those that were asked for before.
struct Known<'a> {
    name: &'a str,
    logger: Value<'a>,
    before: Option<&'a Known<'a>>,
}

/// The module's manager as a value, which no program sees.
struct ManagerObject;

/// `logging.root.manager` of the module, of the list of settings.
pub(crate) fn manager_of_module<'a>(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let [Value::List(list)] = *parts else { return Err(BailKind::Unsupported.at(g)) };
    if cx.logging().get().is_none() {
        cx.logging().set(Some(cx.alloc(Manager { list, read: Cell::new(None), loggers: Cell::new(None) }, g)?));
    }
    object_new(cx, ManagerObject, g)
}

/// A logger of the module, of its name.
pub(crate) fn logger_of_module<'a>(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let [name, _] = *parts else { return Err(BailKind::Unsupported.at(g)) };
    get_logger(cx, name, g)
}

fn manager<'a>(cx: &'a Cx<'a>, g: u32) -> Result<&'a Manager<'a>> {
    if cx.logging().get().is_none() {
        let make = cx.module().and_then(|module| module.logging).ok_or_else(|| BailKind::Unsupported.at(g))?;
        make(cx)?;
    }
    cx.logging().get().ok_or_else(|| BailKind::Unsupported.at(g))
}

impl<'a> Manager<'a> {
    fn settings(&self, cx: &'a Cx<'a>, g: u32) -> Result<Settings<'a>> {
        let (Some(Value::Int(disable)), Some(Value::Str(text))) = (self.list.at(0), self.list.at(1)) else {
            return Err(BailKind::Unsupported.at(g));
        };
        if let Some((known, address, settings)) = self.read.get()
            && (known, address) == (disable, text.address())
        {
            return Ok(settings);
        }
        let settings = Settings::read(cx, disable, text, g)?;
        self.read.set(Some((disable, text.address(), settings)));
        Ok(settings)
    }

    fn set(&self, cx: &'a Cx<'a>, setting: Setting<'a>, g: u32) -> Result<()> {
        self.settings(cx, g)?.with(cx, setting, g)?.write(cx, self.list, g)
    }
}

fn get_logger<'a>(cx: &'a Cx<'a>, name: Value<'a>, g: u32) -> Result<Value<'a>> {
    let manager = manager(cx, g)?;
    let name = match name {
        Value::None => ROOT,
        Value::Str(name) if name.text().is_empty() => ROOT,
        // Whose parent is whose is then more than a matter of dots.
        Value::Str(name) if name.text().split('.').any(str::is_empty) => return Err(BailKind::Unsupported.at(g)),
        Value::Str(name) => name.text(),
        _ => return Err(BailKind::Exception.at(g)),
    };
    let mut next = manager.loggers.get();
    while let Some(known) = next {
        if known.name == name {
            return Ok(known.logger);
        }
        next = known.before;
    }
    let logger = object_new(cx, Logger { name, of_module: Cell::new(false) }, g)?;
    manager.loggers.set(Some(cx.alloc(Known { name, logger, before: manager.loggers.get() }, g)?));
    Ok(logger)
}

/// Logs at the root, which is set up now if it was not.
fn log<'a>(cx: &'a Cx<'a>, method: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if !manager(cx, g)?.settings(cx, g)?.of(ROOT).has_handlers() {
        basic_config(cx, Args::of(&[]), g)?;
    }
    at_level(cx, ROOT, method, args, g)
}

/// `basicConfig(**kwargs)`
fn basic_config<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<()> {
    let unsupported = || BailKind::Unsupported.at(g);
    let manager = manager(cx, g)?;
    let root = manager.settings(cx, g)?.of(ROOT);
    let force = args.keyword("force").map_or(Ok(false), |force| crate::truth(cx, force, g))?;
    if !args.pos.is_empty() || force {
        return Err(unsupported());
    }
    if root.has_handlers() {
        return Ok(());
    }
    let mut level = root.level;
    let usual = str_new(cx, "%(levelname)s:%(name)s:%(message)s", g)?;
    let (mut stream, mut format) = (Stream::Stderr, Format { text: Some(usual), date: None });
    for (name, value) in args.kw {
        match (name.text(), *value) {
            ("force", _) | ("level" | "stream" | "filename" | "handlers", Value::None) => {}
            ("level", value) => level = checked_level(cx, value, g)?,
            ("format", Value::Str(text)) => format.text = record::format(text).ok_or_else(unsupported)?,
            ("datefmt", value) => format.date = text(value).ok_or_else(unsupported)?,
            ("stream", value) => stream = streams::stream(value).ok_or_else(unsupported)?,
            ("style", Value::Str(style)) if style.text() == "%" => {}
            _ => return Err(unsupported()),
        }
    }
    let handlers = cx.alloc_slice(1, |_| Sink { stream, level: 0, format }, g)?;
    manager.set(cx, Setting { level, handlers, ..root }, g)
}

/// `disable(level=CRITICAL)`
fn disable<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [level] = args.bind(["level"], 0, 1, g)?;
    let level = checked_level(cx, level.unwrap_or(Value::Int(CRITICAL)), g)?;
    let manager = manager(cx, g)?;
    manager.settings(cx, g)?.disabled(level).write(cx, manager.list, g)?;
    Ok(Value::None)
}

/// `getLevelName(level)`
fn level_name<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.bind(["level"], 1, 1, g)? {
        [Some(Value::Int(level))] => Ok(Value::Str(str_new(cx, &name_of(level), g)?)),
        [Some(Value::Str(name))] if let Some(level) = constant(name.text()) => Ok(Value::Int(level)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn name_of(level: i64) -> String {
    // Of two names for a level, the first is the one that shows.
    match LEVELS.iter().find(|(.., known)| *known == level) {
        Some((name, ..)) => (*name).to_owned(),
        None => format!("Level {level}"),
    }
}

/// `_checkLevel(level)`
fn checked_level<'a>(cx: &'a Cx<'a>, level: Value<'a>, g: u32) -> Result<i64> {
    match level {
        Value::Int(level) => Ok(level),
        Value::Str(name) => match constant(name.text()) {
            Some(level) => Ok(level),
            None => {
                let mut message = "Unknown level: ".to_owned();
                crate::repr::write_repr(cx, &mut message, level, g)?;
                Err(cx.raise(Type::ValueError, &message, g))
            }
        },
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `logger.info(…)` and its like, and `logger.log(level, …)`.
fn at_level<'a>(cx: &'a Cx<'a>, name: &'a str, method: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let known = LEVELS.iter().find(|(_, known, _)| *known == method);
    let (level, args) = match (known, args.pos) {
        (Some((.., level)), _) => (*level, args),
        (None, [Value::Int(level), rest @ ..]) => (*level, Args { pos: rest, kw: args.kw }),
        (None, _) => return Err(BailKind::Unsupported.at(g)),
    };
    let [message, values @ ..] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let settings = manager(cx, g)?.settings(cx, g)?;
    if settings.is_enabled(name, level) {
        if !args.kw.iter().all(|(name, value)| record::is_without_effect(name.text(), *value)) {
            return Err(BailKind::Unsupported.at(g));
        }
        record::emit(cx, settings.handlers(name), (name, level), (*message, values), g)?;
    }
    Ok(Value::None)
}

/// A logger.
struct Logger<'a> {
    name: &'a str,
    /// Whether a document of the module's state can name it.
    of_module: Cell<bool>,
}

impl<'a> Obj<'a> for Logger<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_of_module(&self) -> bool {
        self.of_module.get()
    }

    fn give(&self) {
        self.of_module.set(true);
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        let setting = manager(cx, g)?.settings(cx, g)?.of(self.name);
        Ok(Some(match name {
            "name" => Value::Str(str_new(cx, self.name, g)?),
            "level" => Value::Int(setting.level),
            "propagate" => Value::bool(setting.propagate),
            "handlers" => {
                // How many there are can be asked for, and nothing else.
                let count = setting.count().ok_or_else(|| BailKind::Unsupported.at(g))?;
                let list = list_new(cx, &vec![crate::image::foreign(cx, g)?; count], g)?;
                list.freeze();
                Value::List(list)
            }
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn set_attr(&self, cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let manager = manager(cx, g)?;
        match (name.text(), value) {
            ("propagate", Value::Bool(propagate)) => {
                let propagate = propagate.get();
                manager.set(cx, Setting { propagate, ..manager.settings(cx, g)?.of(self.name) }, g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        let logs = !name.is_empty() && LEVELS.iter().any(|(_, known, _)| *known == name);
        let asks = matches!(
            name,
            "log" | "isEnabledFor" | "getEffectiveLevel" | "hasHandlers" | "setLevel" | "addHandler" | "getChild"
        );
        // CPython tells where an exception was raised.
        logs || asks || name == "exception"
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let manager = manager(cx, g)?;
        match name {
            "exception" => return Err(BailKind::Unsupported.at(g)),
            "isEnabledFor" | "getEffectiveLevel" | "hasHandlers" | "setLevel" | "addHandler" | "getChild" => {}
            _ => return at_level(cx, self.name, name, args, g),
        }
        let settings = manager.settings(cx, g)?;
        match (name, args.positional(g)?) {
            ("isEnabledFor", [Value::Int(level)]) => Ok(Value::bool(settings.is_enabled(self.name, *level))),
            ("getEffectiveLevel", []) => Ok(Value::Int(settings.effective_level(self.name))),
            ("hasHandlers", []) => Ok(Value::bool(settings.has_handlers(self.name))),
            ("setLevel", [level]) => {
                let setting = settings.of(self.name);
                let level = checked_level(cx, *level, g)?;
                if setting.level != level {
                    manager.set(cx, Setting { level, ..setting }, g)?;
                }
                Ok(Value::None)
            }
            ("addHandler", [handler]) => {
                let setting = settings.of(self.name);
                let new = handler::attach(*handler, g)?;
                let all: Vec<Sink<'a>> = setting.handlers.iter().copied().chain([new]).collect();
                let handlers = cx.alloc_slice(all.len(), |at| all[at], g)?;
                manager.set(cx, Setting { handlers, ..setting }, g)?;
                Ok(Value::None)
            }
            ("getChild", [Value::Str(suffix)]) if self.name == ROOT => get_logger(cx, Value::Str(*suffix), g),
            ("getChild", [Value::Str(suffix)]) => {
                let name = str_new(cx, &format!("{}.{}", self.name, suffix.text()), g)?;
                get_logger(cx, Value::Str(name), g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

impl<'a> Obj<'a> for ManagerObject {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }
}
