//! Methods of `float` (`Objects/floatobject.c`).

use num_bigint::BigInt;

use crate::{Args, BailKind, Cx, Result, Type, Value, big, str_new, tuple_new};

/// Their names.
pub(super) const METHODS: &[&str] = &["as_integer_ratio", "conjugate", "hex", "is_integer"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, v: f64, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (name, args.positional(g)?) {
        ("is_integer", []) => Ok(Value::bool(v.is_finite() && v.trunc() == v)),
        ("conjugate", []) => Ok(Value::float(v)),
        ("hex", []) => str_new(cx, &hex(v), g).map(Value::Str),
        ("as_integer_ratio", []) => {
            if v.is_nan() {
                return Err(cx.raise(Type::ValueError, "cannot convert NaN to integer ratio", g));
            }
            if v.is_infinite() {
                return Err(cx.raise(Type::OverflowError, "cannot convert Infinity to integer ratio", g));
            }
            let (mantissa, exponent) = parts(v);
            let shift = mantissa.trailing_zeros().min(52);
            let (mantissa, exponent) = match mantissa {
                0 => (0, 0),
                _ => (mantissa >> shift, exponent + shift as i32),
            };
            let mut numerator = BigInt::from(mantissa);
            let mut denominator = BigInt::from(1);
            match u32::try_from(exponent) {
                Ok(exponent) => numerator <<= exponent,
                Err(_) => denominator <<= exponent.unsigned_abs(),
            }
            if v < 0.0 {
                numerator = -numerator;
            }
            let pair = [big::int_value(cx, &numerator, g)?, big::int_value(cx, &denominator, g)?];
            tuple_new(cx, &pair, g).map(Value::Tuple)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The mantissa as a whole number, and the exponent of two that goes with it.
fn parts(v: f64) -> (u64, i32) {
    let bits = v.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52) & 0x7FF {
        0 => (fraction, -1074),
        exponent => (fraction | 1 << 52, exponent as i32 - 1075),
    }
}

/// `v.hex()` (`float_hex_impl`)
fn hex(v: f64) -> String {
    let sign = if v.is_sign_negative() { "-" } else { "" };
    if v.is_nan() {
        return "nan".to_owned();
    }
    if v.is_infinite() {
        return format!("{sign}inf");
    }
    if v == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = v.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let (whole, exponent) = match (bits >> 52) & 0x7FF {
        0 => (0, -1022),
        exponent => (1, exponent as i32 - 1023),
    };
    format!("{sign}0x{whole}.{fraction:013x}p{exponent:+}")
}
