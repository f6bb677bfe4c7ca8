//! How `logging` is set up: the list that `logs.py` of the recorder keeps, read and written.

use crate::{BailKind, Bool, Cx, List, Result, Str, Stream, Value, json, list_new, str_new};

/// A logger that is not as a new one is.
#[derive(Copy, Clone)]
pub(super) struct Setting<'a> {
    pub(super) name: &'a str,
    pub(super) level: i64,
    pub(super) propagate: bool,
    pub(super) disabled: bool,
    /// Whether it has a handler that does nothing.
    pub(super) silent: bool,
    pub(super) handlers: &'a [Sink<'a>],
}

/// What a handler does that writes to a stream.
#[derive(Copy, Clone)]
pub(super) struct Sink<'a> {
    pub(super) stream: Stream,
    pub(super) level: i64,
    pub(super) format: Format<'a>,
}

/// What a formatter does.
#[derive(Copy, Clone, Default)]
pub struct Format<'a> {
    /// None for the message alone.
    pub(super) text: Option<Str<'a>>,
    /// That of times; none for the usual one.
    pub(super) date: Option<Str<'a>>,
}

impl<'a> Setting<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, level: 0, propagate: true, disabled: false, silent: false, handlers: &[] }
    }

    pub(super) fn has_handlers(&self) -> bool {
        self.silent || !self.handlers.is_empty()
    }

    /// How many handlers it has, where that can be told.
    pub(super) fn count(&self) -> Option<usize> {
        if self.silent { None } else { Some(self.handlers.len()) }
    }

    fn is_new(&self) -> bool {
        self.level == 0 && self.propagate && !self.disabled && !self.has_handlers()
    }
}

/// All settings.
#[derive(Copy, Clone)]
pub(super) struct Settings<'a> {
    /// Up to which level nothing is logged at all.
    disable: i64,
    /// By name.
    loggers: &'a [Setting<'a>],
}

/// The name of the root.
pub(super) const ROOT: &str = "root";

impl<'a> Settings<'a> {
    /// Reads what the list holds.
    pub(super) fn read(cx: &'a Cx<'a>, disable: i64, text: Str<'a>, g: u32) -> Result<Self> {
        let Value::List(entries) = json::parse(cx, text.text(), g)? else { return Err(BailKind::Unsupported.at(g)) };
        let mut loggers = Vec::new();
        for entry in entries.to_vec() {
            loggers.push(setting(cx, entry, g)?);
        }
        Ok(Self { disable, loggers: cx.alloc_slice(loggers.len(), |at| loggers[at], g)? })
    }

    /// Writes it into the list.
    pub(super) fn write(self, cx: &'a Cx<'a>, list: List<'a>, g: u32) -> Result<()> {
        let mut entries = Vec::new();
        for logger in self.loggers {
            entries.push(Value::List(entry(cx, logger, g)?));
        }
        let mut text = Vec::new();
        json::dump_within(Value::List(list_new(cx, &entries, g)?), &mut text, cx.memory_bytes())
            .map_err(|kind| kind.at(g))?;
        let text = str::from_utf8(&text).map_err(|_| BailKind::Unsupported.at(g))?;
        list.replace(0, Value::Int(self.disable), g)?;
        list.replace(1, Value::Str(str_new(cx, text, g)?), g)?;
        Ok(())
    }

    fn find(self, name: &str) -> Option<&'a Setting<'a>> {
        self.loggers.binary_search_by(|known| known.name.cmp(name)).ok().map(|at| &self.loggers[at])
    }

    pub(super) fn of(self, name: &'a str) -> Setting<'a> {
        self.find(name).copied().unwrap_or_else(|| Setting::new(name))
    }

    /// The same with a logger set up so.
    pub(super) fn with(self, cx: &'a Cx<'a>, setting: Setting<'a>, g: u32) -> Result<Self> {
        let mut loggers: Vec<Setting<'a>> =
            self.loggers.iter().copied().filter(|known| known.name != setting.name).collect();
        if !setting.is_new() || setting.name == ROOT {
            loggers.push(setting);
            loggers.sort_by_key(|setting| setting.name);
        }
        Ok(Self { loggers: cx.alloc_slice(loggers.len(), |at| loggers[at], g)?, ..self })
    }

    /// The same with nothing logged up to that level.
    pub(super) fn disabled(self, level: i64) -> Self {
        Self { disable: level, ..self }
    }

    /// The settings of a logger that has any, and of those above it, the root last.
    fn chain(self, name: &str) -> impl Iterator<Item = &'a Setting<'a>> {
        let mut next = Some(name);
        std::iter::from_fn(move || {
            loop {
                let name = next?;
                next = match name.rfind('.') {
                    Some(dot) => Some(&name[..dot]),
                    None if name == ROOT => None,
                    None => Some(ROOT),
                };
                if let Some(found) = self.find(name) {
                    return Some(found);
                }
            }
        })
    }

    /// `getEffectiveLevel()`
    pub(super) fn effective_level(self, name: &str) -> i64 {
        self.chain(name).map(|setting| setting.level).find(|level| *level != 0).unwrap_or(0)
    }

    /// `isEnabledFor(level)`
    pub(super) fn is_enabled(self, name: &str, level: i64) -> bool {
        let disabled = self.find(name).is_some_and(|setting| setting.disabled);
        !disabled && self.disable < level && level >= self.effective_level(name)
    }

    /// `hasHandlers()`
    pub(super) fn has_handlers(self, name: &str) -> bool {
        for setting in self.chain(name) {
            if setting.has_handlers() {
                return true;
            }
            if !setting.propagate {
                break;
            }
        }
        false
    }

    /// The handlers of a record; none if there are none at all, not even such that do nothing.
    pub(super) fn handlers(self, name: &str) -> Option<Vec<&'a Sink<'a>>> {
        let (mut found, mut handlers) = (false, Vec::new());
        for setting in self.chain(name) {
            found |= setting.has_handlers();
            handlers.extend(setting.handlers);
            if !setting.propagate {
                break;
            }
        }
        found.then_some(handlers)
    }
}

/// An entry of the list.
fn setting<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<Setting<'a>> {
    let malformed = || BailKind::Unsupported.at(g);
    let Value::List(parts) = value else { return Err(malformed()) };
    let [
        Value::Str(name),
        Value::Int(level),
        Value::Bool(propagate),
        Value::Bool(disabled),
        Value::Bool(silent),
        Value::List(handlers),
    ] = parts.to_vec()[..]
    else {
        return Err(malformed());
    };
    let handlers: Option<Vec<Sink<'a>>> = handlers.to_vec().into_iter().map(sink).collect();
    let handlers = handlers.ok_or_else(malformed)?;
    let handlers = cx.alloc_slice(handlers.len(), |at| handlers[at], g)?;
    let [propagate, disabled, silent] = [propagate, disabled, silent].map(Bool::get);
    Ok(Setting { name: name.text(), level, propagate, disabled, silent, handlers })
}

fn sink(value: Value<'_>) -> Option<Sink<'_>> {
    let Value::List(parts) = value else { return None };
    let [Value::Int(number), Value::Int(level), format, date] = parts.to_vec()[..] else { return None };
    let stream = if number == 1 { Stream::Stdout } else { Stream::Stderr };
    Some(Sink { stream, level, format: Format { text: text(format)?, date: text(date)? } })
}

/// A text, or none for None.
pub(super) fn text(value: Value<'_>) -> Option<Option<Str<'_>>> {
    match value {
        Value::None => Some(None),
        Value::Str(text) => Some(Some(text)),
        _ => None,
    }
}

fn entry<'a>(cx: &'a Cx<'a>, setting: &Setting<'a>, g: u32) -> Result<List<'a>> {
    let text = |text: Option<Str<'a>>| text.map_or(Value::None, Value::Str);
    let mut handlers = Vec::new();
    for handler in setting.handlers {
        let (number, level) = (Value::Int(handler.stream.number().into()), Value::Int(handler.level));
        let parts = [number, level, text(handler.format.text), text(handler.format.date)];
        handlers.push(Value::List(list_new(cx, &parts, g)?));
    }
    let name = str_new(cx, setting.name, g)?;
    let flags = [setting.propagate, setting.disabled, setting.silent].map(Value::bool);
    let handlers = Value::List(list_new(cx, &handlers, g)?);
    list_new(cx, &[Value::Str(name), Value::Int(setting.level), flags[0], flags[1], flags[2], handlers], g)
}
