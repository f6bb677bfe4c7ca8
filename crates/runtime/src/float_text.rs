//! The text of a float: `repr` (`float_repr_style` short) and fixed notation, as CPython's `Python/pystrtod.c`.

use crate::text::Short;

/// `repr(value)`.
pub(crate) fn repr(value: f64) -> Short {
    if value.is_nan() {
        return Short::of(format_args!("nan"));
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return Short::of(format_args!("{sign}inf"));
    }
    let scientific = shortest(value.abs());
    let (mantissa, exponent) = scientific.as_str().split_once('e').expect("the format has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a small number");
    if !(-4..16).contains(&exponent) {
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return Short::of(format_args!("{sign}{mantissa}e{exponent_sign}{:02}", exponent.unsigned_abs()));
    }
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent < 0 {
        let zeros = &"000"[..exponent.unsigned_abs() as usize - 1];
        return Short::of(format_args!("{sign}0.{zeros}{first}{rest}"));
    }
    let whole = exponent as usize;
    if rest.len() > whole {
        return Short::of(format_args!("{sign}{first}{}.{}", &rest[..whole], &rest[whole..]));
    }
    let zeros = &"000000000000000"[..whole - rest.len()];
    Short::of(format_args!("{sign}{first}{rest}{zeros}.0"))
}

/// The shortest digits that read back as `value`, in scientific notation: of two equally near ones, the even.
fn shortest(value: f64) -> Short {
    let digits = Short::of(format_args!("{value:e}"));
    let count = digits.as_str().bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    // The standard library rounds a tie up. One needs the exact value to be 17 or 18 digits ending in a fractional 5,
    // so at least 16 digits are left, and the value is an odd number over 2^25 at most.
    if count < 16 || value >= 9_007_199_254_740_992.0 || (value * 33_554_432.0).fract() != 0.0 {
        return digits;
    }
    let even = Short::of(format_args!("{value:.*e}", count - 1));
    if even.as_str().parse() == Ok(value) { even } else { digits }
}
