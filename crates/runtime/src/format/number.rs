//! Ints and floats under a format spec (`format_long_internal`, `format_float_internal`).

use num_bigint::BigInt;

use super::float::{self, Notation, Style};
use super::spec::Spec;
use crate::{BailKind, Cx, Result, Type};

/// Digits with what stands around them.
struct Number<'s> {
    negative: bool,
    /// `0x` and its like.
    prefix: &'s str,
    /// What can be grouped.
    digits: &'s str,
    /// The point, and what follows.
    rest: &'s str,
}

/// Writes `format(value, spec)` of an int of the type called `name`.
pub(super) fn write_int<'a>(
    cx: &'a Cx<'a>,
    out: &mut String,
    value: &BigInt,
    name: &str,
    spec: &Spec,
    g: u32,
) -> Result<()> {
    let error = |text: &str| Err(cx.raise(Type::ValueError, text, g));
    match spec.kind {
        None | Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => {}
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let Some(value) = crate::big::nearest_float(value) else {
                return Err(cx.raise(Type::OverflowError, "int too large to convert to float", g));
            };
            return write_float(cx, out, value, spec, g);
        }
        Some(_) => return Err(spec.unknown(cx, name, g)),
    }
    if spec.precision.is_some() {
        return error("Precision not allowed in integer format specifier");
    }
    if spec.no_negative_zero {
        return error("Negative zero coercion (z) not allowed in integer format specifier");
    }
    if spec.kind == Some('c') {
        if spec.sign.is_some() {
            return error("Sign not allowed with integer format specifier 'c'");
        }
        if spec.alternate {
            return error("Alternate form (#) not allowed with integer format specifier 'c'");
        }
        let Ok(code) = i64::try_from(value) else {
            return Err(cx.raise(Type::OverflowError, "Python int too large to convert to C long", g));
        };
        let Ok(code) =
            u32::try_from(code).and_then(|code| if code > 0x0010_ffff { u32::try_from(-1) } else { Ok(code) })
        else {
            return Err(cx.raise(Type::OverflowError, "%c arg not in range(0x110000)", g));
        };
        let Some(letter) = char::from_u32(code) else { return Err(BailKind::Unsupported.at(g)) };
        let mut buffer = [0; 4];
        let text = letter.encode_utf8(&mut buffer);
        return write(cx, out, &Number { negative: false, prefix: "", digits: "", rest: text }, spec, g);
    }
    let (radix, prefix) = match spec.kind {
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = value.magnitude().to_str_radix(radix);
    if radix == 10 && digits.len() > 4300 {
        return Err(BailKind::Exception.at(g));
    }
    if spec.kind == Some('X') {
        digits.make_ascii_uppercase();
    }
    let prefix = if spec.alternate { prefix } else { "" };
    let negative = value.sign() == num_bigint::Sign::Minus;
    write(cx, out, &Number { negative, prefix, digits: &digits, rest: "" }, spec, g)
}

/// The same of one that fits a word, if it is written in its decimal digits; false if it is not.
pub(super) fn write_small<'a>(cx: &'a Cx<'a>, out: &mut String, value: i64, spec: &Spec, g: u32) -> Result<bool> {
    if !matches!(spec.kind, None | Some('d')) || spec.precision.is_some() || spec.no_negative_zero {
        return Ok(false);
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs());
    write(cx, out, &Number { negative: value < 0, prefix: "", digits, rest: "" }, spec, g)?;
    Ok(true)
}

/// Writes `format(value, spec)` of a float.
pub(super) fn write_float<'a>(cx: &'a Cx<'a>, out: &mut String, value: f64, spec: &Spec, g: u32) -> Result<()> {
    let mut style = Style {
        alternate: spec.alternate,
        no_negative_zero: spec.no_negative_zero,
        upper: matches!(spec.kind, Some('E' | 'F' | 'G')),
        dot_zero: spec.kind.is_none(),
    };
    let notation = match (spec.kind, spec.precision) {
        (None, None) => Notation::Repr,
        (None | Some('g' | 'G' | 'n'), _) => Notation::General,
        (Some('e' | 'E'), _) => Notation::Exponent,
        (Some('f' | 'F' | '%'), _) => Notation::Fixed,
        _ => return Err(spec.unknown(cx, "float", g)),
    };
    style.dot_zero &= value.is_finite();
    let percent = spec.kind == Some('%');
    let value = if percent { value * 100.0 } else { value };
    let mut text = float::text(value, notation, spec.precision.unwrap_or(6), style);
    if percent {
        text.push('%');
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.as_str()),
    };
    let end = unsigned.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    write(cx, out, &Number { negative, prefix: "", digits, rest }, spec, g)
}

fn write<'a>(cx: &'a Cx<'a>, out: &mut String, number: &Number<'_>, spec: &Spec, g: u32) -> Result<()> {
    let sign = match (number.negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let width = spec.width.unwrap_or(0);
    let fixed = sign.len() + number.prefix.len() + number.rest.chars().count();
    let grouped;
    let digits = match spec.separator {
        Some(separator) if !number.digits.is_empty() => {
            let zeros = if spec.fill == '0' && spec.align == '=' { width.saturating_sub(fixed) } else { 0 };
            let size = if matches!(spec.kind, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
            grouped = group(number.digits, separator, size, zeros);
            &grouped
        }
        _ => number.digits,
    };
    let padding = width.saturating_sub(fixed + digits.len());
    let (before, between, after) = match spec.align {
        '<' => (0, 0, padding),
        '^' => (padding / 2, 0, padding - padding / 2),
        '=' => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    cx.reserve(out.len() + (fixed + digits.len() + padding) * 4, g)?;
    super::pad(out, spec.fill, before);
    out.push_str(sign);
    out.push_str(number.prefix);
    super::pad(out, spec.fill, between);
    out.push_str(digits);
    out.push_str(number.rest);
    super::pad(out, spec.fill, after);
    Ok(())
}

/// `digits` in groups, with zeros in front up to `width` (`_PyUnicode_InsertThousandsGrouping`).
fn group(digits: &str, separator: char, size: usize, width: usize) -> String {
    let (mut remaining, mut width) = (digits.len(), width as i64);
    let mut groups: Vec<String> = Vec::new();
    loop {
        let wanted = (remaining as i64).max(width).max(1).min(size as i64) as usize;
        let taken = remaining.min(wanted);
        groups.push(format!("{}{}", "0".repeat(wanted - taken), &digits[remaining - taken..remaining]));
        remaining -= taken;
        width -= wanted as i64;
        if remaining == 0 && width <= 0 {
            break;
        }
        width -= 1;
    }
    groups.reverse();
    groups.join(separator.encode_utf8(&mut [0; 4]))
}
