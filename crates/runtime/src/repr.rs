//! `str` and `repr` of values.
//!
//! Holds: what needs Unicode's table of printable characters, and what nests too deep or in itself, is `Unsupported`.

use crate::text::{Short, Text};
use crate::{BailKind, Value, float_text};

/// How deep structures may nest.
const MAX_NESTING: u32 = 100;

type Written = Result<(), BailKind>;

/// Writes `str(v)`.
pub(crate) fn write_str(text: &mut Text<'_>, v: Value<'_>) -> Written {
    match v {
        Value::Str(value) => text.push(value.text()),
        _ => write_repr(text, v, 0),
    }
}

/// Writes `repr(v)`, which stands inside `depth` containers.
pub(crate) fn write_repr(text: &mut Text<'_>, v: Value<'_>, depth: u32) -> Written {
    match v {
        Value::None => text.push("None"),
        Value::Bool(value) => text.push(if value { "True" } else { "False" }),
        Value::Int(value) => text.push(Short::of(format_args!("{value}")).as_str()),
        Value::Float(value) => text.push(float_text::repr(value).as_str()),
        Value::Str(value) => write_quoted(text, value.text()),
        Value::List(_) | Value::Dict(_) if depth >= MAX_NESTING => Err(BailKind::Unsupported),
        Value::List(list) => {
            text.push("[")?;
            let mut index = 0;
            while let Some(item) = list.at(index) {
                if index > 0 {
                    text.push(", ")?;
                }
                write_repr(text, item, depth + 1)?;
                index += 1;
            }
            text.push("]")
        }
        Value::Dict(dict) => {
            text.push("{")?;
            let mut index = 0;
            while let Some((key, value)) = dict.entry(index) {
                if index > 0 {
                    text.push(", ")?;
                }
                write_repr(text, key, depth + 1)?;
                text.push(": ")?;
                write_repr(text, value, depth + 1)?;
                index += 1;
            }
            text.push("}")
        }
        Value::Range(range) => {
            let (start, stop, step) = (range.0.start, range.0.stop, range.0.step);
            text.push("range(")?;
            text.push(Short::of(format_args!("{start}, ")).as_str())?;
            text.push(Short::of(format_args!("{stop}")).as_str())?;
            if step != 1 {
                text.push(Short::of(format_args!(", {step}")).as_str())?;
            }
            text.push(")")
        }
    }
}

/// Writes a string in quotes (`unicode_repr`).
fn write_quoted(text: &mut Text<'_>, value: &str) -> Written {
    if !value.is_ascii() {
        return Err(BailKind::Unsupported);
    }
    let quote = if value.contains('\'') && !value.contains('"') { "\"" } else { "'" };
    text.push(quote)?;
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        if matches!(byte, b' '..=b'~') && byte != b'\\' && byte != quote.as_bytes()[0] {
            continue;
        }
        text.push(&value[plain..at])?;
        plain = at + 1;
        match byte {
            b'\n' => text.push("\\n")?,
            b'\r' => text.push("\\r")?,
            b'\t' => text.push("\\t")?,
            b'\\' | b'\'' | b'"' => {
                text.push("\\")?;
                text.push(&value[at..=at])?;
            }
            _ => text.push(Short::of(format_args!("\\x{byte:02x}")).as_str())?,
        }
    }
    text.push(&value[plain..])?;
    text.push(quote)
}
