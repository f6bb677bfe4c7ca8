//! Squares and square roots as the C library's `pow` gives them, without calling it.
//!
//! glibc's `pow` (`sysdeps/ieee754/dbl-64/e_pow.c`) is off by no more units in the last place than 0.511, of its exponential,
//! and 1.5 / 2^15 for each unit of the power's natural logarithm, of its own logarithm: by less than 0.5131 where the power is
//! between 2^-64 and 2^64.
//! So where the exact power is within 0.486 units of a float, all others are more than 0.514 away, and that one is what it
//! gives; this is so for 97 of a hundred operands, and the others ask `pow`.
//! What is exact is found by splitting factors in halves (Dekker, "A Floating-Point Technique for Extending the Available
//! Precision", 1971).

/// Units in the last place that the exact power may be off.
const SURE: f64 = 0.486;

/// `x ** 2.0`, where that is sure.
#[inline(always)]
pub(super) fn square(x: f64) -> Option<f64> {
    if !(2.4e-10..4.2e9).contains(&x.abs()) {
        return None;
    }
    let square = x * x;
    (rest_of_square(x, square).abs() < SURE * unit(square) && !is_power_of_two(square)).then_some(square)
}

/// `x ** 0.5`, where that is sure.
#[inline(always)]
pub(super) fn root(x: f64) -> Option<f64> {
    if !(3e-39..3e38).contains(&x) {
        return None;
    }
    let root = x.sqrt();
    let square = root * root;
    // The exact root is `root + rest / (2 * root)`, but for what is smaller than that by 50 binary digits.
    let rest = (x - square) - rest_of_square(root, square);
    (rest.abs() < SURE * unit(root) * 2.0 * root && !is_power_of_two(root)).then_some(root)
}

/// What the exact square of `x` is more than `square`, the nearest float.
#[inline(always)]
fn rest_of_square(x: f64, square: f64) -> f64 {
    let scaled = x * 134_217_729.0;
    let high = scaled - (scaled - x);
    let low = x - high;
    ((high * high - square) + 2.0 * high * low) + low * low
}

/// The unit in the last place of a float that is not near the smallest.
#[inline(always)]
fn unit(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits((x.to_bits() & EXPONENT) - (52 << 52))
}

/// Floats below such a one are nearer than those above it.
#[inline(always)]
fn is_power_of_two(x: f64) -> bool {
    x.to_bits() << 12 == 0
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// As many floats of any size that has a square as CI has time for.
    fn floats() -> impl Iterator<Item = f64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        (0..400_000).map(move |at| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            match at % 4 {
                0 => (state >> 11) as f64 / 1e12,
                1 => f64::from(state as u32) / 1024.0,
                2 => f64::from_bits(state),
                _ => f64::from((state >> 40) as u32) / 100.0,
            }
        })
    }

    #[test]
    fn what_is_sure_is_what_pow_gives() {
        let pow = |x: f64, y: f64| black_box(x).powf(black_box(y)).to_bits();
        let (mut squares, mut roots) = (0, 0);
        for x in floats() {
            if let Some(square) = square(x) {
                assert_eq!(square.to_bits(), pow(x, 2.0), "{x:?} ** 2");
                squares += 1;
            }
            if let Some(root) = root(x) {
                assert_eq!(root.to_bits(), pow(x, 0.5), "{x:?} ** 0.5");
                roots += 1;
            }
        }
        assert!(squares > 250_000 && roots > 250_000, "{squares} squares, {roots} roots");
    }

    #[test]
    fn what_is_not_is_left() {
        for x in [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-300, 1e300, 5e-324] {
            assert_eq!(square(x), None, "{x:?}");
        }
        for x in [0.0, -0.0, -4.0, f64::NAN, f64::INFINITY, 5e-324, f64::MAX] {
            assert_eq!(root(x), None, "{x:?}");
        }
        // The exact square is 129/256 of a unit above a float.
        assert_eq!(square(1.0 + 63.0 / f64::from(1 << 30)), None);
        // Powers beyond what the bound is for.
        assert_eq!((square(1e10), square(1e-10), root(1e39), root(1e-39)), (None, None, None, None));
    }
}
