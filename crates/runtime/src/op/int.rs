//! Arithmetic on `i64`, as CPython's `Objects/longobject.c` where the result fits.

use crate::{BailKind, Cx, Result, Type};

/// `l + r`.
#[inline]
pub fn int_add(l: i64, r: i64, g: u32) -> Result<i64> {
    l.checked_add(r).ok_or_else(|| BailKind::Overflow.at(g))
}

/// `l - r`.
#[inline]
pub fn int_sub(l: i64, r: i64, g: u32) -> Result<i64> {
    l.checked_sub(r).ok_or_else(|| BailKind::Overflow.at(g))
}

/// `l * r`.
#[inline]
pub fn int_mul(l: i64, r: i64, g: u32) -> Result<i64> {
    l.checked_mul(r).ok_or_else(|| BailKind::Overflow.at(g))
}

/// `l / r`, correctly rounded; raises at zero.
#[inline]
pub fn int_div<'a>(cx: &'a Cx<'a>, l: i64, r: i64, g: u32) -> Result<f64> {
    const EXACT: u64 = 1 << 53;
    if r == 0 {
        return Err(cx.raise(Type::ZeroDivisionError, "division by zero", g));
    }
    if l.unsigned_abs() <= EXACT && r.unsigned_abs() <= EXACT {
        return Ok(l as f64 / r as f64);
    }
    Ok(divide_large(l, r))
}

/// The correctly rounded quotient of operands that may not fit a float; `r` is not 0.
#[inline(never)]
fn divide_large(l: i64, r: i64) -> f64 {
    if l == 0 {
        // Zero counts as positive, so a negative divisor gives a negative zero.
        return if r < 0 { -0.0 } else { 0.0 };
    }
    let (dividend, divisor) = (u128::from(l.unsigned_abs()), u128::from(r.unsigned_abs()));
    let shift = dividend.leading_zeros();
    let dividend = dividend << shift;
    // At least 2^127 / 2^63, so the sticky lowest bit lies below the rounding position.
    let quotient = (dividend / divisor) | u128::from(dividend % divisor != 0);
    let scale = f64::from_bits(u64::from(1023 - shift) << 52);
    let result = quotient as f64 * scale;
    if (l < 0) == (r < 0) { result } else { -result }
}

/// `l // r`, rounded down; raises at zero.
#[inline]
pub fn int_floordiv<'a>(cx: &'a Cx<'a>, l: i64, r: i64, g: u32) -> Result<i64> {
    if r == 0 {
        return Err(cx.raise(Type::ZeroDivisionError, "integer division or modulo by zero", g));
    }
    let quotient = l.checked_div(r).ok_or_else(|| BailKind::Overflow.at(g))?;
    let inexact = quotient.wrapping_mul(r) != l;
    Ok(if inexact && (l < 0) != (r < 0) { quotient - 1 } else { quotient })
}

/// `l % r`, with the sign of `r`; raises at zero.
#[inline]
pub fn int_mod<'a>(cx: &'a Cx<'a>, l: i64, r: i64, g: u32) -> Result<i64> {
    if r == 0 {
        return Err(cx.raise(Type::ZeroDivisionError, "integer modulo by zero", g));
    }
    let rest = l.wrapping_rem(r);
    Ok(if rest != 0 && (rest < 0) != (r < 0) { rest + r } else { rest })
}

/// `l ** r` as an int; bails out with `Type` at a negative exponent.
pub fn int_pow_int(l: i64, r: i64, g: u32) -> Result<i64> {
    if r < 0 {
        return Err(BailKind::Type.at(g));
    }
    match l {
        0 | 1 => Ok(if r == 0 { 1 } else { l }),
        -1 => Ok(if r % 2 == 0 { 1 } else { -1 }),
        _ => u32::try_from(r).ok().and_then(|r| l.checked_pow(r)).ok_or_else(|| BailKind::Overflow.at(g)),
    }
}

/// `-v`.
#[inline]
pub fn int_neg(v: i64, g: u32) -> Result<i64> {
    v.checked_neg().ok_or_else(|| BailKind::Overflow.at(g))
}

/// `abs(v)`.
#[inline]
pub fn int_abs(v: i64, g: u32) -> Result<i64> {
    v.checked_abs().ok_or_else(|| BailKind::Overflow.at(g))
}

/// `l << r`; raises at a negative count.
#[inline]
pub fn int_lshift<'a>(cx: &'a Cx<'a>, l: i64, r: i64, g: u32) -> Result<i64> {
    if r < 0 {
        return Err(cx.raise(Type::ValueError, "negative shift count", g));
    }
    if l == 0 {
        return Ok(0);
    }
    if r > 63 || (l << r) >> r != l {
        return Err(BailKind::Overflow.at(g));
    }
    Ok(l << r)
}

/// `l >> r`, rounding down; raises at a negative count.
#[inline]
pub fn int_rshift<'a>(cx: &'a Cx<'a>, l: i64, r: i64, g: u32) -> Result<i64> {
    if r < 0 {
        return Err(cx.raise(Type::ValueError, "negative shift count", g));
    }
    Ok(l >> r.min(63))
}

/// `l & r`.
#[inline]
pub fn int_bit_and(l: i64, r: i64, _g: u32) -> Result<i64> {
    Ok(l & r)
}

/// `l | r`.
#[inline]
pub fn int_bit_or(l: i64, r: i64, _g: u32) -> Result<i64> {
    Ok(l | r)
}

/// `l ^ r`.
#[inline]
pub fn int_bit_xor(l: i64, r: i64, _g: u32) -> Result<i64> {
    Ok(l ^ r)
}

/// `~v`.
#[inline]
pub fn int_invert(v: i64, _g: u32) -> Result<i64> {
    Ok(!v)
}

/// The float that CPython computes with when an int meets a float: rounded half to even.
#[inline]
#[must_use]
pub fn int_to_float(i: i64, _g: u32) -> f64 {
    i as f64
}
