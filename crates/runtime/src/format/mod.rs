//! `format(v, spec)`, f-strings, `str.format` and `%`.

mod fixed;
mod float;
mod number;
mod percent;
mod spec;
mod template;

pub(crate) use self::fixed::Fixed;
pub(crate) use self::percent::format as percent;
pub(crate) use self::template::format as template;

use self::spec::Spec;
use crate::repr::{write_repr, write_str};
use crate::{BailKind, Cx, Result, Str, Type, Value};

/// A piece of an f-string.
#[derive(Copy, Clone)]
pub enum Part<'p, 'a> {
    /// Literal text.
    Text(&'p str),
    /// `{v}`.
    Value(Value<'a>),
    /// `{v!s}`.
    Str(Value<'a>),
    /// `{v!r}`.
    Repr(Value<'a>),
    /// `{v!a}`.
    Ascii(Value<'a>),
    /// `{v:spec}`.
    Spec(Value<'a>, Str<'a>),
}

/// The string of the parts one after another.
pub fn format<'a>(cx: &'a Cx<'a>, parts: &[Part<'_, 'a>], g: u32) -> Result<Str<'a>> {
    if let [Part::Value(Value::Str(text))] = parts {
        return Ok(*text);
    }
    cx.build(
        |text| {
            parts.iter().try_for_each(|part| match *part {
                Part::Text(part) => {
                    text.push_str(part);
                    Ok(())
                }
                Part::Value(value) => write_format(cx, text, value, "", g),
                Part::Str(value) => write_str(cx, text, value, g),
                Part::Repr(value) => write_repr(cx, text, value, g),
                Part::Ascii(value) => {
                    text.push_str(&crate::repr::ascii_text(cx, value, g)?);
                    Ok(())
                }
                Part::Spec(value, spec) => write_format(cx, text, value, spec.text(), g),
            })
        },
        g,
    )
}

/// Writes `format(v, spec)`.
pub(crate) fn write_format<'a>(cx: &'a Cx<'a>, out: &mut String, v: Value<'a>, spec: &str, g: u32) -> Result<()> {
    match v {
        Value::Instance(_) => {
            let text = crate::str_new(cx, spec, g)?;
            if let Some(result) = crate::attr::call_special(cx, v, "__format__", &[Value::Str(text)], g)? {
                return match result {
                    Value::Str(text) => crate::repr::push(cx, out, text.text(), g),
                    _ => Err(BailKind::Exception.at(g)),
                };
            }
            match (spec, crate::plain(v)) {
                ("", _) => write_str(cx, out, v, g),
                (_, Value::Instance(_)) => Err(no_spec(cx, v, g)),
                // A subclass of a built-in type may have changed what it is formatted by.
                _ => Err(BailKind::Unsupported.at(g)),
            }
        }
        Value::Object(object) if !spec.is_empty() => object.get().format(cx, out, spec, g),
        _ if spec.is_empty() => write_str(cx, out, v, g),
        Value::Str(text) => write_text(cx, out, text.text(), &Spec::parse(cx, spec, "str", '<', g)?, g),
        Value::Float(value) => number::write_float(cx, out, value.get(), &Spec::parse(cx, spec, "float", '>', g)?, g),
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => {
            let name = crate::class::type_name(v);
            let spec = Spec::parse(cx, spec, name, '>', g)?;
            if let Value::Int(value) = v
                && number::write_small(cx, out, value, &spec, g)?
            {
                return Ok(());
            }
            let value = crate::arith::integer(v).ok_or_else(|| BailKind::Unsupported.at(g))?;
            number::write_int(cx, out, &value, name, &spec, g)
        }
        _ => Err(no_spec(cx, v, g)),
    }
}

/// The `TypeError` of a value that takes no format spec (`object.__format__`).
fn no_spec<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> crate::Bail {
    let text = format!("unsupported format string passed to {}.__format__", crate::class::type_name(v));
    cx.raise(Type::TypeError, &text, g)
}

/// Writes a string, cut to the precision and padded (`format_string_internal`).
fn write_text<'a>(cx: &'a Cx<'a>, out: &mut String, value: &str, spec: &Spec, g: u32) -> Result<()> {
    if !matches!(spec.kind, None | Some('s')) {
        return Err(spec.unknown(cx, "str", g));
    }
    let refused = match spec.sign {
        Some(' ') => Some("Space not allowed in string format specifier"),
        Some(_) => Some("Sign not allowed in string format specifier"),
        None if spec.no_negative_zero => Some("Negative zero coercion (z) not allowed in string format specifier"),
        None if spec.alternate => Some("Alternate form (#) not allowed in string format specifier"),
        None if spec.align == '=' => Some("'=' alignment not allowed in string format specifier"),
        None => None,
    };
    if let Some(text) = refused {
        return Err(cx.raise(Type::ValueError, text, g));
    }
    let end = match spec.precision {
        Some(precision) => value.char_indices().nth(precision).map_or(value.len(), |(at, _)| at),
        None => value.len(),
    };
    let value = &value[..end];
    let padding = spec.width.unwrap_or(0).saturating_sub(value.chars().count());
    let before = match spec.align {
        '>' => padding,
        '^' => padding / 2,
        _ => 0,
    };
    cx.reserve(out.len() + value.len() + padding * spec.fill.len_utf8(), g)?;
    pad(out, spec.fill, before);
    out.push_str(value);
    pad(out, spec.fill, padding - before);
    Ok(())
}

fn pad(text: &mut String, fill: char, count: usize) {
    text.extend(std::iter::repeat_n(fill, count));
}
