//! The text of a float: `repr` (`float_repr_style` short) and fixed notation, as CPython's `Python/pystrtod.c`.

use crate::text::Short;

/// `repr(value)`.
pub(crate) fn repr(value: f64) -> Short {
    if value.is_nan() {
        return Short::of(format_args!("nan"));
    }
    plain(value).unwrap_or_else(|| by_digits(value))
}

/// The same, from the digits.
fn by_digits(value: f64) -> Short {
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

/// The same, where no exponent is needed and no two shortest texts are equally near.
fn plain(value: f64) -> Option<Short> {
    let size = value.abs();
    if !(1e-4..1e16).contains(&size) {
        return None;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    // The sign, the point and zeros in front are counted too: there it is asked once more than needed.
    (text.len() < TIES || !may_tie(size)).then(|| Short::text(text))
}

/// Of two shortest texts that are equally near, each has so many digits at least.
const TIES: usize = 16;

/// Whether two texts of as many digits may be equally near.
///
/// That needs the exact value to be 17 or 18 digits ending in a fractional 5, so it is an odd number over 2^25 at most.
fn may_tie(value: f64) -> bool {
    value < 9_007_199_254_740_992.0 && (value * 33_554_432.0).fract() == 0.0 && value.fract() != 0.0
}

/// The shortest digits that read back as `value`, in scientific notation: of two equally near ones, the even.
fn shortest(value: f64) -> Short {
    let digits = Short::of(format_args!("{value:e}"));
    let count = digits.as_str().bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    // The standard library rounds a tie up, of which at least 16 digits are left.
    if count < TIES || !may_tie(value) {
        return digits;
    }
    let even = Short::of(format_args!("{value:.*e}", count - 1));
    if even.as_str().parse() == Ok(value) { even } else { digits }
}

#[cfg(test)]
mod tests {
    use super::{by_digits, plain};

    /// Both ways give one text, wherever the quick one answers.
    #[test]
    fn the_quick_way_gives_the_same_text() {
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 12
        };
        let mut answered = 0;
        for round in 0..200_000_u32 {
            let fraction = random() as f64 / (1_u64 << 52) as f64;
            let value = match round % 5 {
                0 => (fraction - 0.5) * 1e16,
                1 => fraction * 10_f64.powi((round % 21) as i32 - 5),
                2 => (random() % 100_000_000) as f64 / 100.0,
                3 => (random() % (1 << 50)) as f64,
                _ => 10_f64.powi((round % 22) as i32 - 5) * (1.0 + f64::EPSILON * f64::from(round % 3)),
            };
            if let Some(text) = plain(value) {
                answered += 1;
                assert_eq!(text.as_str(), by_digits(value).as_str(), "{value:e}");
            }
        }
        assert!(answered > 140_000, "{answered}");
    }
}
