//! A record on its way to the handlers (`Logger._log`, `Logger.callHandlers`, `Formatter.format`).

use super::settings::{Format, Sink};
use super::{WARNING, name_of};
use crate::journal::Source;
use crate::library::{datetime, time};
use crate::repr::write_str;
use crate::{BailKind, Bool, Cx, Result, Str, Stream, Type, Value, dict_new, op, str_new};

/// The fields of a record that formats may have natively.
const FIELDS: &[&str] = &["name", "levelno", "levelname", "message", "asctime", "created", "msecs"];

/// The handler that there is where there is none (`logging.lastResort`).
const LAST_RESORT: Sink<'_> =
    Sink { stream: Stream::Stderr, level: WARNING, format: Format { text: None, date: None } };

/// Whether a keyword argument of a logging method says what goes without saying.
pub(super) fn is_without_effect(name: &str, value: Value<'_>) -> bool {
    match name {
        "exc_info" | "stack_info" => matches!(value, Value::None | Value::Bool(Bool::False) | Value::Int(0)),
        "extra" => matches!(value, Value::None),
        // No format here says where a record comes from.
        "stacklevel" => matches!(value, Value::Int(_)),
        _ => false,
    }
}

/// A format as settings have it: nothing for the message alone; not where it is not known natively, or not valid.
pub(super) fn format(format: Str<'_>) -> Option<Option<Str<'_>>> {
    if format.text() == "%(message)s" {
        return Some(None);
    }
    let (mut rest, mut fields) = (format.text(), 0);
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            rest = behind;
            continue;
        }
        let (name, behind) = rest.strip_prefix('(')?.split_once(')')?;
        if !FIELDS.contains(&name) {
            return None;
        }
        let spec = behind.trim_start_matches(['#', '0', '+', ' ', '-']);
        let spec = spec.trim_start_matches(|c: char| c.is_ascii_digit());
        let spec = match spec.strip_prefix('.') {
            Some(precision) if precision.starts_with(|c: char| c.is_ascii_digit()) => {
                precision.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            Some(_) => return None,
            None => spec,
        };
        rest = spec.strip_prefix(|c: char| "diouxXeEfFgGcrsa".contains(c))?;
        fields += 1;
    }
    (fields > 0).then_some(Some(format))
}

/// Gives a record of that logger and level to its handlers, or to the last resort where there are none.
pub(super) fn emit<'a>(
    cx: &'a Cx<'a>,
    handlers: Option<Vec<&'a Sink<'a>>>,
    (name, level): (&'a str, i64),
    (message, values): (Value<'a>, &[Value<'a>]),
    g: u32,
) -> Result<()> {
    let created = time::rounded(cx.journal().clock(Source::Time, g)?);
    let values = match values {
        [] => None,
        [one] if is_mapping(cx, *one, g)? && crate::truth(cx, *one, g)? => Some(*one),
        several => Some(Value::Tuple(crate::tuple_new(cx, several, g)?)),
    };
    let record = Record { name, level, message, values, created };
    for handler in handlers.unwrap_or_else(|| vec![&LAST_RESORT]) {
        if level >= handler.level {
            // What fails here is reported by `Handler.handleError`, and goes no further.
            let line = record.line(cx, handler.format, g).map_err(|bail| match cx.catch(bail) {
                Ok(_) => BailKind::Unsupported.at(g),
                Err(bail) => bail,
            })?;
            cx.print(handler.stream, &line, g)?;
        }
    }
    Ok(())
}

fn is_mapping<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<bool> {
    match value {
        Value::Dict(_) => Ok(true),
        Value::Instance(_) | Value::Object(_) => {
            crate::is_instance(cx, value, Value::Class(cx.class(Type::AnyMapping, g)?), g)
        }
        _ => Ok(false),
    }
}

struct Record<'a> {
    name: &'a str,
    level: i64,
    message: Value<'a>,
    values: Option<Value<'a>>,
    created: f64,
}

impl<'a> Record<'a> {
    /// The line for a handler.
    fn line(&self, cx: &'a Cx<'a>, format: Format<'a>, g: u32) -> Result<String> {
        let message = self.message(cx, g)?;
        let mut line = match format.text {
            None => message.text().to_owned(),
            Some(text) => {
                let fields = dict_new(cx, &[], g)?;
                for name in FIELDS {
                    let value = match *name {
                        "name" => Value::Str(str_new(cx, self.name, g)?),
                        "levelno" => Value::Int(self.level),
                        "levelname" => Value::Str(str_new(cx, &name_of(self.level), g)?),
                        "message" => Value::Str(message),
                        "asctime" if !text.text().contains("%(asctime)") => continue,
                        "asctime" => self.time(cx, format, g)?,
                        "created" => Value::float(self.created),
                        _ => Value::float(self.msecs()),
                    };
                    fields.set(cx, Value::Str(str_new(cx, name, g)?), value, g)?;
                }
                let Value::Str(line) = op::modulo(cx, Value::Str(text), Value::Dict(fields), g)? else {
                    return Err(BailKind::Unsupported.at(g));
                };
                line.text().to_owned()
            }
        };
        line.push('\n');
        Ok(line)
    }

    /// `getMessage()`
    fn message(&self, cx: &'a Cx<'a>, g: u32) -> Result<Str<'a>> {
        let message = match self.message {
            Value::Str(message) => message,
            message => cx.build(|text| write_str(cx, text, message, g), g)?,
        };
        let Some(values) = self.values else { return Ok(message) };
        match op::modulo(cx, Value::Str(message), values, g)? {
            Value::Str(message) => Ok(message),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn msecs(&self) -> f64 {
        ((self.created - self.created.trunc()) * 1000.0).trunc()
    }

    /// `formatTime(record, datefmt)`
    fn time(&self, cx: &'a Cx<'a>, format: Format<'a>, g: u32) -> Result<Value<'a>> {
        if !cx.is_utc() {
            return Err(BailKind::Unsupported.at(g));
        }
        let seconds = self.created.floor() as i64;
        if let Some(date) = format.date.filter(|date| date.chars() > 0) {
            return datetime::format_seconds(cx, seconds, date.text(), g);
        }
        let Value::Str(time) = datetime::format_seconds(cx, seconds, "%Y-%m-%d %H:%M:%S", g)? else {
            return Err(BailKind::Unsupported.at(g));
        };
        Ok(Value::Str(str_new(cx, &format!("{},{:03}", time.text(), self.msecs() as i64), g)?))
    }
}
