//! The texts that `int()` and `float()` read, as `PyLong_FromString` and `PyFloat_FromString`.

use crate::BailKind;

/// No setting of `sys.set_int_max_str_digits` refuses as many digits as this.
const MAX_DIGITS: usize = 640;

/// What `int(text)` gives.
pub(crate) fn parse_int(text: &str) -> Result<i64, BailKind> {
    let text = strip(text)?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = without_underscores(digits)?;
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BailKind::Exception);
    }
    // CPython counts leading zeros too when it limits the digits of a conversion.
    if plain.len() > MAX_DIGITS {
        return Err(BailKind::Unsupported);
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    format!("{sign}{plain}").parse().map_err(|_| BailKind::Overflow)
}

/// What `float(text)` gives.
pub(crate) fn parse_float(text: &str) -> Result<f64, BailKind> {
    let text = strip(text)?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let word = unsigned.to_ascii_lowercase();
    let size = match word.as_str() {
        "nan" => f64::NAN,
        "inf" | "infinity" => f64::INFINITY,
        _ => {
            let plain = without_underscores(unsigned)?;
            if !is_decimal(&plain) {
                return Err(BailKind::Exception);
            }
            plain.parse().map_err(|_| BailKind::Unsupported)?
        }
    };
    Ok(if negative { -size } else { size })
}

/// The text without the whitespace around it; other than ASCII is not read here.
fn strip(text: &str) -> Result<&str, BailKind> {
    if !text.is_ascii() {
        return Err(BailKind::Unsupported);
    }
    Ok(text.trim_matches([' ', '\t', '\n', '\r', '\x0B', '\x0C']))
}

/// The text without its underscores, each of which must stand between two digits.
fn without_underscores(text: &str) -> Result<String, BailKind> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1))) {
            return Err(BailKind::Exception);
        }
    }
    Ok(text.replace('_', ""))
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
