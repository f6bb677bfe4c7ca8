//! The texts that `int()` and `float()` read, as `PyLong_FromString` and `PyFloat_FromString`.

use std::borrow::Cow;

use num_bigint::BigInt;

use crate::unicode::{decimal_value, is_space};
use crate::{BailKind, Cx, Result, Str, Type, Value, repr};

/// No setting of `sys.set_int_max_str_digits` refuses as many digits as this.
const MAX_DIGITS: usize = 640;

/// The `repr` of a text of so many bytes is not cut in an error, whatever is in it.
const MOST_SHOWN: usize = 49;

/// What C's `isspace` knows; other spaces become one of these in text that is not ASCII.
const C_SPACE: [char; 6] = [' ', '\t', '\n', '\r', '\x0B', '\x0C'];

/// What `int(text, base)` gives.
pub(crate) fn parse_int<'a>(cx: &'a Cx<'a>, source: Str<'a>, base: u32, g: u32) -> Result<Value<'a>> {
    let invalid = || {
        // CPython cuts the text (`%.200R`), and has another error for very many digits.
        if source.text().len() > MOST_SHOWN {
            return Err(BailKind::Unsupported.at(g));
        }
        let shown = repr::repr_text(cx, Value::Str(source), g)?;
        let text = format!("invalid literal for int() with base {base}: {shown}");
        Err(cx.raise(Type::ValueError, &text, g))
    };
    let text = plain_digits(source.text());
    let text = text.trim_matches(C_SPACE);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let prefixed = |letter: char| {
        let rest = unsigned.strip_prefix('0')?;
        rest.strip_prefix([letter, letter.to_ascii_uppercase()])
    };
    let (digits, radix) = match base {
        0 => match (prefixed('x'), prefixed('o'), prefixed('b')) {
            (Some(digits), ..) => (digits, 16),
            (_, Some(digits), _) => (digits, 8),
            (.., Some(digits)) => (digits, 2),
            _ => (unsigned, 10),
        },
        16 => (prefixed('x').unwrap_or(unsigned), 16),
        8 => (prefixed('o').unwrap_or(unsigned), 8),
        2 => (prefixed('b').unwrap_or(unsigned), 2),
        _ => (unsigned, base),
    };
    // One underscore may follow the prefix.
    let digits = if digits.len() < unsigned.len() { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    let Some(plain) = without_underscores(digits, radix) else { return invalid() };
    if plain.is_empty() || !plain.chars().all(|letter| letter.is_digit(radix)) {
        return invalid();
    }
    // `010` means nothing in base 0.
    if base == 0 && radix == 10 && plain.len() > 1 && plain.starts_with('0') && plain.chars().any(|c| c != '0') {
        return invalid();
    }
    // CPython counts leading zeros too when it limits the digits of a conversion.
    if plain.len() > MAX_DIGITS && !radix.is_power_of_two() {
        return Err(BailKind::Unsupported.at(g));
    }
    let negative = text.starts_with('-');
    if let Ok(number) = i64::from_str_radix(&plain, radix) {
        return Ok(Value::Int(if negative { -number } else { number }));
    }
    let Some(number) = BigInt::parse_bytes(plain.as_bytes(), radix) else { return invalid() };
    crate::big::int_value(cx, &if negative { -number } else { number }, g)
}

/// What `float(text)` gives.
pub(crate) fn parse_float<'a>(cx: &'a Cx<'a>, source: Str<'a>, g: u32) -> Result<f64> {
    let invalid = || {
        let shown = repr::repr_text(cx, Value::Str(source), g)?;
        Err(cx.raise(Type::ValueError, &format!("could not convert string to float: {shown}"), g))
    };
    let text = plain_digits(source.text());
    let text = text.trim_matches(C_SPACE);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is = |name: &str| unsigned.eq_ignore_ascii_case(name);
    let size = match without_underscores(unsigned, 10) {
        Some(plain) if is_decimal(&plain) => plain.parse().map_err(|_| BailKind::Unsupported.at(g))?,
        _ if is("nan") => f64::NAN,
        _ if is("inf") || is("infinity") => f64::INFINITY,
        _ => return invalid(),
    };
    Ok(if text.starts_with('-') { -size } else { size })
}

/// The text with decimal digits of every script as ASCII (`_PyUnicode_TransformDecimalAndSpaceToASCII`).
fn plain_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |letter: char| {
        if letter < '\x7f' {
            return letter;
        }
        let digit = decimal_value(letter).and_then(|value| char::from_digit(value, 10));
        digit.unwrap_or(if is_space(letter) { ' ' } else { letter })
    };
    Cow::Owned(text.chars().map(plain).collect())
}

/// The text without its underscores, each of which must stand between two digits.
fn without_underscores(text: &str, radix: u32) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let letters: Vec<char> = text.chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|letter| letter.is_digit(radix));
    for (at, letter) in letters.iter().enumerate() {
        if *letter == '_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1))) {
            return None;
        }
    }
    Some(Cow::Owned(text.replace('_', "")))
}

/// Whether `text` is digits with an optional point, and an optional exponent.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}
