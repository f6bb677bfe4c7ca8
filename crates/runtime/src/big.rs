//! Integers beyond 64 bits.
//!
//! Holds: a [`Big`] never fits `i64`; [`int_value`] makes the smallest form of a result.

use num_bigint::{BigInt, Sign};

use crate::{BailKind, Cx, Result, Value};

/// An int that does not fit `i64`.
#[derive(Copy, Clone)]
pub struct Big<'a>(&'a BigObj<'a>);

pub(crate) struct BigObj<'a> {
    negative: bool,
    /// Little-endian.
    digits: &'a [u32],
}

impl<'a> Big<'a> {
    /// The digits of its size, the lowest first; the last is not zero.
    pub(crate) fn digits(self) -> &'a [u32] {
        self.0.digits
    }

    /// The number, for arithmetic.
    #[must_use]
    pub fn number(self) -> BigInt {
        BigInt::from_slice(if self.0.negative { Sign::Minus } else { Sign::Plus }, self.0.digits)
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.negative
    }

    /// Its size in bits, without sign.
    #[must_use]
    pub fn bits(self) -> u64 {
        let top = self.0.digits.last().map_or(32, |digit| digit.leading_zeros());
        self.0.digits.len() as u64 * 32 - u64::from(top)
    }
}

/// An int of any size.
pub(crate) fn int_value<'a>(cx: &'a Cx<'a>, number: &BigInt, g: u32) -> Result<Value<'a>> {
    if let Ok(small) = i64::try_from(number) {
        return Ok(Value::Int(small));
    }
    let mut digits = number.magnitude().iter_u32_digits();
    let digits = cx.alloc_slice(digits.len(), |_| digits.next().unwrap_or(0), g)?;
    Ok(Value::Big(Big(cx.alloc(BigObj { negative: number.sign() == Sign::Minus, digits }, g)?)))
}

/// The int of these digits, the lowest first, of which the last is not zero.
pub(crate) fn big_of<'a>(cx: &'a Cx<'a>, negative: bool, digits: &'a [u32], g: u32) -> Result<Value<'a>> {
    if let [] | [_] | [_, _] = digits {
        let size = digits.iter().rev().fold(0, |size, digit| size << 32 | i128::from(*digit));
        if let Ok(small) = i64::try_from(if negative { -size } else { size }) {
            return Ok(Value::Int(small));
        }
    }
    Ok(Value::Big(Big(cx.alloc(BigObj { negative, digits }, g)?)))
}

/// The int that decimal `digits` spell, as the source's literals are written.
pub fn int_literal<'a>(cx: &'a Cx<'a>, digits: &str, g: u32) -> Result<Value<'a>> {
    let number = digits.parse::<BigInt>().map_err(|_| BailKind::Unsupported.at(g))?;
    int_value(cx, &number, g)
}

/// The float equal to an integer beyond 64 bits, if there is one.
pub(crate) fn exact_float(number: &BigInt) -> Option<f64> {
    let bits = number.bits();
    let zeros = number.trailing_zeros().unwrap_or(0);
    if bits > 1024 || bits - zeros > 53 {
        return None;
    }
    let mantissa = i64::try_from(number >> zeros).ok()?;
    // Exact: the mantissa has at most 53 bits, and the scale is a power of two within range.
    Some(mantissa as f64 * 2f64.powi(zeros as i32))
}

/// How an integer beyond 64 bits compares with a float; `None` for NaN.
pub(crate) fn compare_float(number: &BigInt, float: f64) -> Option<std::cmp::Ordering> {
    use std::cmp::Ordering;
    if float.is_nan() {
        return None;
    }
    if float.is_infinite() {
        return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    // Whole parts decide, then what the float has behind the point.
    let whole = float_to_int(float.trunc())?;
    Some(number.cmp(&whole).then_with(|| 0.0f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}

/// The integer equal to a float without a fraction.
pub(crate) fn float_to_int(whole: f64) -> Option<BigInt> {
    if !whole.is_finite() {
        return None;
    }
    let bits = whole.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64 - 1075;
    let mantissa = bits & 0xF_FFFF_FFFF_FFFF | if bits >> 52 & 0x7FF == 0 { 0 } else { 1 << 52 };
    let size = BigInt::from(mantissa);
    let size = if exponent >= 0 { size << exponent } else { size >> -exponent };
    Some(if whole < 0.0 { -size } else { size })
}

/// The float nearest to an integer, ties to even; none where CPython raises `OverflowError`.
pub(crate) fn nearest_float(number: &BigInt) -> Option<f64> {
    let bits = number.bits();
    if bits > 1024 {
        return None;
    }
    let magnitude = number.magnitude();
    // 64 bits with a sticky last one round as the whole number does.
    let shift = bits.saturating_sub(64);
    let mut top = u64::try_from(magnitude >> shift).ok()?;
    if shift > 0 && magnitude.trailing_zeros().is_some_and(|zeros| zeros < shift) {
        top |= 1;
    }
    let float = top as f64 * 2f64.powi(shift as i32);
    if float.is_infinite() {
        return None;
    }
    Some(if number.sign() == Sign::Minus { -float } else { float })
}
