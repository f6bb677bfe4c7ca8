//! Digits of a float in each notation (`format_float_short` of `Python/pystrtod.c`).

use super::Fixed;

/// How the digits are written.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `e`: scientific.
    Exponent,
    /// `f`: fixed.
    Fixed,
    /// `g`: whichever is shorter.
    General,
    /// `repr`: the fewest digits that read back.
    Repr,
}

/// Details of the text.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Style {
    /// `#`: trailing zeros and the point stay.
    pub(crate) alternate: bool,
    /// At least one digit follows the point.
    pub(crate) dot_zero: bool,
    /// What rounds to zero has no sign.
    pub(crate) no_negative_zero: bool,
    /// `E`, `INF` and `NAN` in capitals.
    pub(crate) upper: bool,
}

/// The text of `value`, with a sign if it has one; `precision` is what the notation takes it for.
pub(crate) fn text(value: f64, notation: Notation, precision: usize, style: Style) -> String {
    let negative = value.is_sign_negative();
    if notation == Notation::Fixed
        && !style.alternate
        && let Some(fixed) = Fixed::of(value.abs(), precision)
    {
        let mut text = String::with_capacity(24);
        if negative && !(fixed.is_zero() && style.no_negative_zero) {
            text.push('-');
        }
        fixed.write(&mut text);
        return text;
    }
    let text = if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if negative { "-inf".to_owned() } else { "inf".to_owned() }
    } else {
        let (digits, point) = digits(value.abs(), notation, precision);
        let zero = digits.bytes().all(|digit| digit == b'0');
        let sign = if negative && !(zero && style.no_negative_zero) { "-" } else { "" };
        format!("{sign}{}", arrange(&digits, point, notation, precision, style))
    };
    if style.upper { text.to_uppercase() } else { text }
}

/// Significant digits without trailing zeros, and how many of them stand before the point.
fn digits(value: f64, notation: Notation, precision: usize) -> (String, i64) {
    let scientific = |text: String| {
        let (mantissa, exponent) = text.split_once('e').expect("the format has an exponent");
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        (digits, exponent.parse::<i64>().expect("an exponent is a small number") + 1)
    };
    let (digits, point) = match notation {
        Notation::Exponent => scientific(format!("{value:.precision$e}")),
        Notation::General => scientific(format!("{value:.*e}", precision.max(1) - 1)),
        Notation::Repr => {
            let text = crate::float_text::repr(value);
            let (mantissa, exponent) = text.as_str().split_once('e').unwrap_or((text.as_str(), "0"));
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let all = format!("{whole}{fraction}");
            let significant = all.trim_start_matches('0');
            let point = whole.len() as i64 - (all.len() - significant.len()) as i64;
            (significant.to_owned(), point + exponent.parse::<i64>().unwrap_or(0))
        }
        Notation::Fixed => {
            let text = format!("{value:.precision$}");
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let all = format!("{whole}{fraction}");
            let significant = all.trim_start_matches('0');
            (significant.to_owned(), whole.len() as i64 - (all.len() - significant.len()) as i64)
        }
    };
    match digits.trim_end_matches('0') {
        "" => ("0".to_owned(), 1),
        significant => (significant.to_owned(), point),
    }
}

fn arrange(digits: &str, point: i64, notation: Notation, precision: usize, style: Style) -> String {
    let count = digits.len() as i64;
    let precision = precision as i64;
    let (exponent, mut end) = match notation {
        Notation::Exponent => (true, precision + 1),
        Notation::Fixed => (false, point + precision),
        Notation::General => {
            let precision = precision.max(1);
            let exponent = point <= -4 || point > precision - i64::from(style.dot_zero);
            (exponent, if style.alternate { precision } else { count })
        }
        Notation::Repr => (point <= -4 || point > 16, count),
    };
    let exponent = exponent.then_some(point - 1);
    let point = if exponent.is_some() { 1 } else { point };
    let start = if point <= 0 { point - 1 } else { 0 };
    end = end.max(if exponent.is_none() && style.dot_zero { point + 1 } else { point });
    let mut out = String::new();
    for place in start..end {
        if place == point {
            out.push('.');
        }
        let digit = usize::try_from(place).ok().and_then(|place| digits.as_bytes().get(place));
        out.push(digit.map_or('0', |digit| char::from(*digit)));
    }
    if end == point && style.alternate {
        out.push('.');
    }
    if let Some(exponent) = exponent {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("e{sign}{:02}", exponent.unsigned_abs()));
    }
    out
}
