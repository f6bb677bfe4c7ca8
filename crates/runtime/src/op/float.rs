//! Arithmetic on `f64`, as CPython's `Objects/floatobject.c`.

use super::power;
use crate::{BailKind, Cx, Result, Type, Value};

/// `l / r`; raises at zero.
#[inline]
pub fn float_div<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    if r == 0.0 {
        return Err(cx.raise(Type::ZeroDivisionError, "float division by zero", g));
    }
    Ok(l / r)
}

/// `l // r` (`_float_div_mod`); raises at zero.
pub fn float_floordiv<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    if r == 0.0 {
        return Err(cx.raise(Type::ZeroDivisionError, "float floor division by zero", g));
    }
    let rest = l % r;
    let mut quotient = (l - rest) / r;
    if rest != 0.0 && (r < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return Ok(0.0_f64.copysign(l / r));
    }
    let floor = quotient.floor();
    Ok(if quotient - floor > 0.5 { floor + 1.0 } else { floor })
}

/// `l % r` (`float_rem`); raises at zero.
pub fn float_mod<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    if r == 0.0 {
        return Err(cx.raise(Type::ZeroDivisionError, "float modulo", g));
    }
    let rest = l % r;
    if rest == 0.0 {
        return Ok(0.0_f64.copysign(r));
    }
    Ok(if (r < 0.0) != (rest < 0.0) { rest + r } else { rest })
}

/// `l ** r` (`float_pow`).
///
/// Raises where CPython divides by zero or overflows; bails out with `Unsupported` at a complex or subnormal result.
#[inline]
pub fn float_pow<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    let quick = match r {
        2.0 => power::square(l),
        0.5 => power::root(l),
        _ => None,
    };
    match quick {
        Some(result) => Ok(result),
        None => float_pow_any(cx, l, r, g),
    }
}

/// The same of any operands; not inlined, so that the compiler never knows the exponent and makes something else of it.
#[inline(never)]
fn float_pow_any<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    // The commonest operands, which none of the cases below is about.
    if l > 0.0 && l.is_finite() && r.is_finite() && r != 0.0 && l != 1.0 {
        return power(cx, l, r, g);
    }
    if r == 0.0 || l == 1.0 {
        return Ok(1.0);
    }
    if l.is_nan() {
        return Ok(l);
    }
    if r.is_nan() {
        return Ok(r);
    }
    let odd = r.abs() % 2.0 == 1.0;
    if r.is_infinite() {
        let size = l.abs();
        return Ok(match (size == 1.0, (r > 0.0) == (size > 1.0)) {
            (true, _) => 1.0,
            (false, true) => f64::INFINITY,
            (false, false) => 0.0,
        });
    }
    if l.is_infinite() {
        return Ok(match (r > 0.0, odd) {
            (true, true) => l,
            (true, false) => f64::INFINITY,
            (false, true) => 0.0_f64.copysign(l),
            (false, false) => 0.0,
        });
    }
    if l == 0.0 {
        if r < 0.0 {
            let text = "0.0 cannot be raised to a negative power";
            return Err(cx.raise(Type::ZeroDivisionError, text, g));
        }
        return Ok(if odd { l } else { 0.0 });
    }
    if l < 0.0 && r != r.floor() {
        return Err(BailKind::Unsupported.at(g));
    }
    let result = power(cx, l.abs(), r, g)?;
    Ok(if l < 0.0 && odd { -result } else { result })
}

/// `l ** r` by the C library, of finite operands above zero but for `r`.
fn power<'a>(cx: &'a Cx<'a>, l: f64, r: f64, g: u32) -> Result<f64> {
    let result = std::hint::black_box(l).powf(std::hint::black_box(r));
    if result.is_infinite() {
        let text = crate::str_new(cx, "Numerical result out of range", g)?;
        return Err(cx.raise_with(Type::OverflowError, &[Value::Int(34), Value::Str(text)], g));
    }
    // The C library may report an underflow here, which CPython then raises.
    if result.is_subnormal() {
        return Err(BailKind::Unsupported.at(g));
    }
    Ok(result)
}
