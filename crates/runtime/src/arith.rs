//! Arithmetic of big integers, and the operators of sets, dicts and bytes.
//!
//! Each gives none where the operands are not of these types.

use num_bigint::{BigInt, Sign};

use crate::big::int_value;
use crate::op::BinaryOp;
use crate::set_algebra;
use crate::{BailKind, Bytes, Cx, DictKind, Result, Type, Value, bytes_new, method, whole};

/// Integers of more bits than this are CPython's business: one operation on them takes seconds.
const MOST_BITS: u64 = 1 << 20;

/// `l op r`
pub(crate) fn binary<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Value<'a>,
    r: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (l, r) {
        (Value::Bytes(l), Value::Bytes(r)) if op == BinaryOp::Add => concat(cx, l, r, g).map(Some),
        (Value::Bytes(bytes), times) | (times, Value::Bytes(bytes))
            if op == BinaryOp::Mul && times.index().is_some() =>
        {
            let times = usize::try_from(times.index().unwrap_or(0)).unwrap_or(0);
            cx.reserve(bytes.bytes().len().saturating_mul(times), g)?;
            bytes_new(cx, &bytes.bytes().repeat(times), g).map(|bytes| Some(Value::Bytes(bytes)))
        }
        (Value::Big(_), _) | (_, Value::Big(_)) => {
            if let Some(result) = whole::binary(cx, op, l, r, g)? {
                return Ok(Some(result));
            }
            match (integer(l), integer(r)) {
                (Some(l), Some(r)) => ints(cx, op, &l, &r, g).map(Some),
                _ => with_float(cx, op, l, r, g),
            }
        }
        (Value::Set(l), Value::Set(right)) => match op {
            BinaryOp::BitAnd => set_algebra::intersection(cx, l, r, g).map(|set| Some(Value::Set(set))),
            BinaryOp::Sub => set_algebra::difference(cx, l, r, g).map(|set| Some(Value::Set(set))),
            BinaryOp::BitXor => set_algebra::symmetric_difference(cx, l, r, g).map(|set| Some(Value::Set(set))),
            BinaryOp::BitOr => {
                let result = l.copy(cx, l.is_frozen(), g)?;
                if !l.same(right) {
                    set_algebra::update(cx, result, r, g)?;
                }
                Ok(Some(Value::Set(result)))
            }
            _ => Ok(None),
        },
        (Value::Dict(l), Value::Dict(right))
            if matches!((l.form(), right.form()), (DictKind::Counter, DictKind::Counter)) =>
        {
            crate::dicts::counter_binary(cx, op, l, right, g)
        }
        (Value::Dict(l), Value::Dict(right)) if op == BinaryOp::BitOr => match (l.form(), right.form()) {
            (DictKind::Plain, DictKind::Plain) => {
                let result = l.copy(cx, g)?;
                result.copy_from(cx, right, g)?;
                Ok(Some(Value::Dict(result)))
            }
            _ => Err(BailKind::Unsupported.at(g)),
        },
        (Value::Dict(l), Value::Dict(right))
            if !matches!((l.form(), right.form()), (DictKind::Plain, DictKind::Plain)) =>
        {
            Err(BailKind::Unsupported.at(g))
        }
        _ => Ok(None),
    }
}

/// `l op= r` of a set or dict.
pub(crate) fn inplace<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Value<'a>,
    r: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (l, r) {
        (Value::Set(set), Value::Set(_)) if !set.is_frozen() => {
            match op {
                BinaryOp::BitOr => set_algebra::update(cx, set, r, g)?,
                BinaryOp::Sub => set_algebra::remove_all(cx, set, r, g)?,
                BinaryOp::BitXor => set_algebra::toggle_all(cx, set, r, g)?,
                BinaryOp::BitAnd => set.take(set_algebra::intersection(cx, set, r, g)?, g)?,
                _ => return Ok(None),
            }
            Ok(Some(l))
        }
        (Value::Dict(dict), _) if matches!(dict.form(), DictKind::Counter) => match r {
            Value::Dict(right) => crate::dicts::counter_inplace(cx, op, dict, right, g),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        (Value::Dict(dict), _) if op == BinaryOp::BitOr => {
            method::update(cx, dict, r, g)?;
            Ok(Some(l))
        }
        _ => Ok(None),
    }
}

/// `op v`, by the name of the special method.
pub(crate) fn unary<'a>(cx: &'a Cx<'a>, name: &str, v: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    if let Value::Dict(dict) = v
        && matches!(dict.form(), DictKind::Counter)
        && matches!(name, "__neg__" | "__pos__")
    {
        return crate::dicts::counter_unary(cx, dict, name == "__neg__", g).map(Some);
    }
    let (Value::Big(_) | Value::Int(_), Some(number)) = (v, integer(v)) else { return Ok(None) };
    let number = match name {
        "__neg__" => -number,
        "__pos__" => return Ok(Some(v)),
        _ => -number - BigInt::from(1),
    };
    crate::big::int_value(cx, &number, g).map(Some)
}

fn concat<'a>(cx: &'a Cx<'a>, l: Bytes<'a>, r: Bytes<'a>, g: u32) -> Result<Value<'a>> {
    bytes_new(cx, &[l.bytes(), r.bytes()].concat(), g).map(Value::Bytes)
}

/// An int of any size.
pub(crate) fn integer(v: Value<'_>) -> Option<BigInt> {
    match v {
        Value::Big(big) => Some(big.number()),
        _ => v.index().map(BigInt::from),
    }
}

/// A big integer meets a float.
fn with_float<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    use BinaryOp::{BitAnd, BitOr, BitXor, LShift, RShift};
    if matches!(op, BitAnd | BitOr | BitXor | LShift | RShift) {
        return Ok(None);
    }
    let float = |v: Value<'a>| match v {
        Value::Float(value) => Ok(Some(value.get())),
        Value::Big(big) => match crate::big::nearest_float(&big.number()) {
            Some(value) => Ok(Some(value)),
            None => Err(cx.raise(Type::OverflowError, "int too large to convert to float", g)),
        },
        _ => Ok(None),
    };
    match (float(l)?, float(r)?) {
        (Some(l), Some(r)) => crate::op::binary(cx, op, Value::float(l), Value::float(r), g).map(Some),
        _ => repeat(cx, op, l, r, g),
    }
}

/// A sequence repeated more often than memory allows, or less than once.
fn repeat<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    let sequence = |v: Value<'a>| matches!(v, Value::Str(_) | Value::List(_) | Value::Tuple(_) | Value::Bytes(_));
    match (l, r) {
        (Value::Big(_), v) | (v, Value::Big(_)) if op == BinaryOp::Mul && sequence(v) => {
            Err(cx.raise(Type::OverflowError, "cannot fit 'int' into an index-sized integer", g))
        }
        _ => Ok(None),
    }
}

/// `l op r` of ints of any size.
pub(crate) fn ints<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: &BigInt, r: &BigInt, g: u32) -> Result<Value<'a>> {
    use num_integer::Integer;
    cx.burn(((l.bits() + r.bits()) / 8) as usize, g)?;
    let zero = r.sign() == Sign::NoSign;
    let number = match op {
        BinaryOp::Add => l + r,
        BinaryOp::Sub => l - r,
        BinaryOp::Mul => {
            cx.burn((l.bits() / 64 * (r.bits() / 64)) as usize, g)?;
            l * r
        }
        BinaryOp::Div if zero => return Err(cx.raise(Type::ZeroDivisionError, "division by zero", g)),
        BinaryOp::Div => return divide(cx, l, r, g).map(Value::float),
        BinaryOp::FloorDiv if zero => {
            return Err(cx.raise(Type::ZeroDivisionError, "integer division or modulo by zero", g));
        }
        BinaryOp::FloorDiv => l.div_floor(r),
        BinaryOp::Mod if zero => return Err(cx.raise(Type::ZeroDivisionError, "integer modulo by zero", g)),
        BinaryOp::Mod => l.mod_floor(r),
        BinaryOp::Pow => return power(cx, l, r, g),
        BinaryOp::LShift | BinaryOp::RShift if r.sign() == Sign::Minus => {
            return Err(cx.raise(Type::ValueError, "negative shift count", g));
        }
        BinaryOp::LShift if l.sign() == Sign::NoSign => BigInt::ZERO,
        BinaryOp::LShift => match u64::try_from(r) {
            Ok(count) if l.bits().saturating_add(count) < MOST_BITS => l << count,
            _ => return Err(BailKind::Memory.at(g)),
        },
        BinaryOp::RShift => match u64::try_from(r) {
            Ok(count) => l >> count.min(l.bits() + 1),
            Err(_) => BigInt::from(if l.sign() == Sign::Minus { -1 } else { 0 }),
        },
        BinaryOp::BitAnd => l & r,
        BinaryOp::BitOr => l | r,
        BinaryOp::BitXor => l ^ r,
        BinaryOp::MatMul => return Err(BailKind::Unsupported.at(g)),
    };
    int_value(cx, &number, g)
}

/// `l / r`, correctly rounded (`long_true_divide`).
fn divide<'a>(cx: &'a Cx<'a>, l: &BigInt, r: &BigInt, g: u32) -> Result<f64> {
    if l.sign() == Sign::NoSign {
        return Ok(if r.sign() == Sign::Minus { -0.0 } else { 0.0 });
    }
    let (top, bottom) = (l.magnitude(), r.magnitude());
    // A quotient of 66 bits or more, with a sticky last one, rounds as the exact one does.
    let shift = bottom.bits() as i64 - top.bits() as i64 + 66;
    let (top, bottom) = if shift >= 0 { (top << shift, bottom.clone()) } else { (top.clone(), bottom << -shift) };
    let mut quotient = &top / &bottom;
    if &quotient * &bottom != top {
        quotient |= num_bigint::BigUint::from(1u32);
    }
    let exponent = quotient.bits() as i64 - shift;
    if exponent > 1024 {
        return Err(cx.raise(Type::OverflowError, "integer division result too large for a float", g));
    }
    // Subnormal results round at another place.
    if exponent < -1020 {
        return Err(BailKind::Unsupported.at(g));
    }
    let Some(float) = crate::big::nearest_float(&BigInt::from(quotient)) else {
        return Err(BailKind::Unsupported.at(g));
    };
    // Scaling by a power of two is exact; in two steps, because one alone may be out of range.
    let half = (-shift / 2) as i32;
    let float = float * 2f64.powi(half) * 2f64.powi((-shift) as i32 - half);
    if float.is_infinite() {
        return Err(cx.raise(Type::OverflowError, "integer division result too large for a float", g));
    }
    Ok(if l.sign() == r.sign() { float } else { -float })
}

fn power<'a>(cx: &'a Cx<'a>, l: &BigInt, r: &BigInt, g: u32) -> Result<Value<'a>> {
    if r.sign() == Sign::Minus {
        return match (crate::big::nearest_float(l), crate::big::nearest_float(r)) {
            (Some(l), Some(r)) => crate::op::float_pow(cx, l, r, g).map(Value::float),
            _ => Err(cx.raise(Type::OverflowError, "int too large to convert to float", g)),
        };
    }
    let one = BigInt::from(1);
    let exponent = match u32::try_from(r) {
        Ok(exponent) => exponent,
        Err(_) if *l == BigInt::ZERO || *l == one => return int_value(cx, l, g),
        Err(_) => return Err(BailKind::Memory.at(g)),
    };
    if l.bits().saturating_mul(u64::from(exponent)) > MOST_BITS {
        return Err(BailKind::Memory.at(g));
    }
    let bits = l.bits() * u64::from(exponent) / 64;
    cx.burn((bits * bits / 4) as usize, g)?;
    int_value(cx, &l.pow(exponent), g)
}
