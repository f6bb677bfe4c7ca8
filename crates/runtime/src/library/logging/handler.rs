//! Handlers and formatters that an invocation makes (`StreamHandler`, `Formatter`), until a logger has them.

use std::cell::Cell;

use super::settings::{Format, Sink, text};
use super::{checked_level, record};
use crate::library::streams;
use crate::{Args, BailKind, Cx, Obj, Result, Stream, Type, Value, object_new};

/// A `StreamHandler`.
pub struct Handler<'a> {
    sink: Cell<Sink<'a>>,
    /// A logger has it: it is the module's now, and what it does is part of the settings.
    is_attached: Cell<bool>,
}

/// A `Formatter`, which never changes.
struct Formatter<'a>(Format<'a>);

/// `StreamHandler(stream=None)`
pub(super) fn new<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let stream = match args.bind(["stream"], 0, 1, g)? {
        [None | Some(Value::None)] => Stream::Stderr,
        [Some(stream)] => streams::stream(stream).ok_or_else(|| BailKind::Unsupported.at(g))?,
    };
    let sink = Sink { stream, level: 0, format: Format::default() };
    object_new(cx, Handler { sink: Cell::new(sink), is_attached: Cell::new(false) }, g)
}

/// `Formatter(fmt=None, datefmt=None, style='%')`
pub(super) fn formatter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let [format, date, style] = args.bind(["fmt", "datefmt", "style"], 0, 3, g)?;
    if !matches!(style, None | Some(Value::Str(_))) || matches!(style, Some(Value::Str(style)) if style.text() != "%") {
        return Err(unsupported());
    }
    let text_of = |value: Option<Value<'a>>| text(value.unwrap_or(Value::None)).ok_or_else(unsupported);
    let format = match text_of(format)? {
        Some(format) if format.chars() > 0 => record::format(format).ok_or_else(unsupported)?,
        _ => None,
    };
    object_new(cx, Formatter(Format { text: format, date: text_of(date)? }), g)
}

/// What a handler that is given to a logger does; a handler that a logger has is given only once.
pub(super) fn attach<'a>(handler: Value<'a>, g: u32) -> Result<Sink<'a>> {
    match handler {
        Value::Object(object) if let Some(handler) = object.get().as_handler() => {
            match handler.is_attached.replace(true) {
                false => Ok(handler.sink.get()),
                true => Err(BailKind::Unsupported.at(g)),
            }
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

impl<'a> Obj<'a> for Handler<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_handler(&self) -> Option<&Handler<'a>> {
        Some(self)
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            _ if self.has_method(name) => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "setFormatter" | "setLevel")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let unsupported = || BailKind::Unsupported.at(g);
        if self.is_attached.get() {
            return Err(unsupported());
        }
        let sink = self.sink.get();
        self.sink.set(match (name, args.positional(g)?) {
            ("setLevel", [level]) => Sink { level: checked_level(cx, *level, g)?, ..sink },
            ("setFormatter", [Value::Object(formatter)]) => {
                Sink { format: formatter.get().as_format().ok_or_else(unsupported)?, ..sink }
            }
            _ => return Err(unsupported()),
        });
        Ok(Value::None)
    }
}

impl<'a> Obj<'a> for Formatter<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_format(&self) -> Option<Format<'a>> {
        Some(self.0)
    }
}
