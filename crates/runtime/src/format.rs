//! f-strings: `format(v, spec)` as CPython's `Python/formatter_unicode.c`, for the specs that are exact here.
//!
//! Supported: fill, align, sign, zero-fill and width; `s` with precision; `d`; `f`, `F` and `%` with precision; a float's plain form.
//! Anything else is `Unsupported`.

use crate::repr::{write_repr, write_str};
use crate::text::Short;
use crate::{BailKind, Cx, Result, Str, Value, float_text};

/// Widths and precisions above this bail out.
const MAX_SIZE: usize = 1000;

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
            match spec {
                "" => write_str(cx, out, v, g),
                _ => Err(BailKind::Unsupported.at(g)),
            }
        }
        Value::Object(object) if !spec.is_empty() => object.get().format(cx, out, spec, g),
        _ if spec.is_empty() => write_str(cx, out, v, g),
        _ => Spec::parse(spec).and_then(|spec| write_spec(out, v, &spec)).map_err(|kind| kind.at(g)),
    }
}

/// A parsed format spec.
struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
    zero: bool,
}

impl Spec {
    fn parse(spec: &str) -> core::result::Result<Self, BailKind> {
        let is_align = |letter: char| matches!(letter, '<' | '>' | '^' | '=');
        let mut result = Self { fill: ' ', align: None, sign: '-', width: 0, precision: None, kind: None, zero: false };
        let mut rest = spec;
        let mut letters = spec.chars();
        let mut filled = false;
        match (letters.next(), letters.next()) {
            (Some(fill), Some(align)) if is_align(align) => {
                (result.fill, result.align, filled) = (fill, Some(align), true);
                rest = letters.as_str();
            }
            (Some(align), _) if is_align(align) => {
                result.align = Some(align);
                rest = &spec[1..];
            }
            _ => {}
        }
        if let Some(after) = rest.strip_prefix(['+', '-', ' ']) {
            result.sign = rest.chars().next().unwrap_or('-');
            rest = after;
        }
        if rest.starts_with('0') {
            if filled {
                return Err(BailKind::Unsupported);
            }
            (result.zero, result.fill) = (true, '0');
            rest = &rest[1..];
        }
        if let Some(width) = number(&mut rest)? {
            result.width = width;
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            result.precision = Some(number(&mut rest)?.ok_or(BailKind::Unsupported)?);
        }
        let mut letters = rest.chars();
        result.kind = letters.next();
        if letters.next().is_some() {
            return Err(BailKind::Unsupported);
        }
        Ok(result)
    }
}

/// The number at the start of `rest`, which it leaves behind.
fn number(rest: &mut &str) -> core::result::Result<Option<usize>, BailKind> {
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number <= MAX_SIZE => Ok(Some(number)),
        _ => Err(BailKind::Unsupported),
    }
}

fn write_spec(text: &mut String, value: Value<'_>, spec: &Spec) -> core::result::Result<(), BailKind> {
    match (value, value.index(), spec.kind) {
        (Value::Str(value), _, None | Some('s')) => write_text(text, value.text(), spec),
        (_, Some(value), None | Some('d')) if spec.precision.is_none() => {
            let digits = Short::of(format_args!("{}", value.unsigned_abs()));
            write_number(text, value < 0, digits.as_str(), spec)
        }
        (_, Some(value), Some('f' | 'F' | '%')) => write_float(text, value as f64, spec),
        (Value::Float(value), _, None | Some('f' | 'F' | '%')) => write_float(text, value, spec),
        _ => Err(BailKind::Unsupported),
    }
}

fn write_float(text: &mut String, value: f64, spec: &Spec) -> core::result::Result<(), BailKind> {
    let negative = value.is_sign_negative() && !value.is_nan();
    let size = value.abs();
    let percent = spec.kind == Some('%');
    let size = if percent { size * 100.0 } else { size };
    let digits = match (spec.kind, spec.precision) {
        (None, None) => float_text::repr(size).as_str().to_owned(),
        // A precision without a type means general notation.
        (None, Some(_)) => return Err(BailKind::Unsupported),
        _ if !size.is_finite() => {
            let name = if size.is_nan() { "nan" } else { "inf" };
            if spec.kind == Some('F') { name.to_uppercase() } else { name.to_owned() }
        }
        (_, precision) => format!("{size:.*}", precision.unwrap_or(6)),
    };
    write_number(text, negative, &if percent { digits + "%" } else { digits }, spec)
}

/// Writes sign and digits, padded; numbers stand to the right unless told otherwise.
fn write_number(text: &mut String, negative: bool, digits: &str, spec: &Spec) -> core::result::Result<(), BailKind> {
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, '+') => "+",
        (false, ' ') => " ",
        (false, _) => "",
    };
    let padding = spec.width.saturating_sub(sign.len() + digits.len());
    let align = spec.align.unwrap_or(if spec.zero { '=' } else { '>' });
    let (before, between, after) = match align {
        '<' => (0, 0, padding),
        '^' => (padding / 2, 0, padding - padding / 2),
        '=' => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    pad(text, spec.fill, before);
    text.push_str(sign);
    pad(text, spec.fill, between);
    text.push_str(digits);
    pad(text, spec.fill, after);
    Ok(())
}

/// Writes a string, cut to the precision and padded; strings stand to the left unless told otherwise.
fn write_text(text: &mut String, value: &str, spec: &Spec) -> core::result::Result<(), BailKind> {
    if spec.zero || spec.sign != '-' || spec.align == Some('=') {
        return Err(BailKind::Unsupported);
    }
    let end = match spec.precision {
        Some(precision) => value.char_indices().nth(precision).map_or(value.len(), |(at, _)| at),
        None => value.len(),
    };
    let value = &value[..end];
    let padding = spec.width.saturating_sub(value.chars().count());
    let before = match spec.align {
        Some('>') => padding,
        Some('^') => padding / 2,
        _ => 0,
    };
    pad(text, spec.fill, before);
    text.push_str(value);
    pad(text, spec.fill, padding - before);
    Ok(())
}

fn pad(text: &mut String, fill: char, count: usize) {
    text.extend(std::iter::repeat_n(fill, count));
}
