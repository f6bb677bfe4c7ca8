//! The operators on values of unknown type.

use super::dispatch::{BinaryOp, other, other_unary};
use super::{
    float_div, float_floordiv, float_mod, float_pow, int_add, int_div, int_floordiv, int_lshift, int_mod, int_mul,
    int_pow_int, int_rshift, int_sub, list_concat, list_repeat, str_concat, str_repeat,
};
use crate::{Cx, Iter, Result, Value, tuple_new};

/// Two operands as CPython's numeric tower brings them together.
enum Numbers {
    Ints(i64, i64),
    Floats(f64, f64),
}

/// The operands as numbers, or nothing when one is not a number.
fn numbers(l: Value<'_>, r: Value<'_>) -> Option<Numbers> {
    let float = |v: Value<'_>| match v {
        Value::Float(value) => Some(value.get()),
        _ => v.index().map(|value| value as f64),
    };
    if let (Some(l), Some(r)) = (l.index(), r.index()) {
        return Some(Numbers::Ints(l, r));
    }
    Some(Numbers::Floats(float(l)?, float(r)?))
}

/// The operands as ints within `i64`.
fn ints(l: Value<'_>, r: Value<'_>) -> Option<(i64, i64)> {
    Some((l.index()?, r.index()?))
}

/// An int operation's result, with big integers where it does not fit.
#[inline]
fn small<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: i64, r: i64, result: Result<i64>, g: u32) -> Result<Value<'a>> {
    match result {
        Ok(value) => Ok(Value::Int(value)),
        Err(bail) if bail.kind() == crate::BailKind::Overflow => {
            match crate::whole::binary(cx, op, Value::Int(l), Value::Int(r), g)? {
                Some(result) => Ok(result),
                None => crate::arith::ints(cx, op, &l.into(), &r.into(), g),
            }
        }
        Err(bail) => Err(bail),
    }
}

/// `l + r`.
pub(super) fn add<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => str_concat(cx, l, r, g).map(Value::Str),
        (Value::List(l), Value::List(r)) => list_concat(cx, l, r, g).map(Value::List),
        (Value::Tuple(l), Value::Tuple(r)) => {
            let items = [l.items(), r.items()].concat();
            tuple_new(cx, &items, g).map(Value::Tuple)
        }
        _ => match numbers(l, r) {
            Some(Numbers::Ints(l, r)) => small(cx, BinaryOp::Add, l, r, int_add(l, r, g), g),
            Some(Numbers::Floats(l, r)) => Ok(Value::float(l + r)),
            None => other(cx, BinaryOp::Add, l, r, g),
        },
    }
}

/// `l - r`.
pub(super) fn sub<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => small(cx, BinaryOp::Sub, l, r, int_sub(l, r, g), g),
        Some(Numbers::Floats(l, r)) => Ok(Value::float(l - r)),
        None => other(cx, BinaryOp::Sub, l, r, g),
    }
}

/// `l * r`.
pub(super) fn mul<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r.index(), r, l.index()) {
        (Value::Str(text), Some(count), ..) | (.., Value::Str(text), Some(count)) => {
            str_repeat(cx, text, count, g).map(Value::Str)
        }
        (Value::List(list), Some(count), ..) | (.., Value::List(list), Some(count)) => {
            list_repeat(cx, list, count, g).map(Value::List)
        }
        (Value::Tuple(tuple), Some(count), ..) | (.., Value::Tuple(tuple), Some(count)) => {
            let count = usize::try_from(count).unwrap_or(0);
            cx.reserve(tuple.items().len().saturating_mul(count).saturating_mul(size_of::<Value<'_>>()), g)?;
            tuple_new(cx, &tuple.items().repeat(count), g).map(Value::Tuple)
        }
        _ => match numbers(l, r) {
            Some(Numbers::Ints(l, r)) => small(cx, BinaryOp::Mul, l, r, int_mul(l, r, g), g),
            Some(Numbers::Floats(l, r)) => Ok(Value::float(l * r)),
            None => other(cx, BinaryOp::Mul, l, r, g),
        },
    }
}

/// `l / r`.
pub fn div<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => int_div(cx, l, r, g).map(Value::float),
        Some(Numbers::Floats(l, r)) => float_div(cx, l, r, g).map(Value::float),
        None => other(cx, BinaryOp::Div, l, r, g),
    }
}

/// `l // r`.
pub fn floordiv<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => small(cx, BinaryOp::FloorDiv, l, r, int_floordiv(cx, l, r, g), g),
        Some(Numbers::Floats(l, r)) => float_floordiv(cx, l, r, g).map(Value::float),
        None => other(cx, BinaryOp::FloorDiv, l, r, g),
    }
}

/// `l % r`; string formatting bails out with `Unsupported`.
pub fn modulo<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, numbers(l, r)) {
        (Value::Str(format), _) => crate::format::percent(cx, format, r, g).map(Value::Str),
        (_, Some(Numbers::Ints(l, r))) => small(cx, BinaryOp::Mod, l, r, int_mod(cx, l, r, g), g),
        (_, Some(Numbers::Floats(l, r))) => float_mod(cx, l, r, g).map(Value::float),
        (_, None) => other(cx, BinaryOp::Mod, l, r, g),
    }
}

/// `l ** r`.
pub fn pow<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => match r {
            0.. => small(cx, BinaryOp::Pow, l, r, int_pow_int(l, r, g), g),
            _ => float_pow(cx, l as f64, r as f64, g).map(Value::float),
        },
        Some(Numbers::Floats(l, r)) => float_pow(cx, l, r, g).map(Value::float),
        None => other(cx, BinaryOp::Pow, l, r, g),
    }
}

/// `l << r`.
pub fn lshift<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match ints(l, r) {
        Some((l, r)) => small(cx, BinaryOp::LShift, l, r, int_lshift(cx, l, r, g), g),
        None => other(cx, BinaryOp::LShift, l, r, g),
    }
}

/// `l >> r`.
pub fn rshift<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match ints(l, r) {
        Some((l, r)) => small(cx, BinaryOp::RShift, l, r, int_rshift(cx, l, r, g), g),
        None => other(cx, BinaryOp::RShift, l, r, g),
    }
}

/// `l & r`; two bools give a bool.
pub fn bit_and<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let (Value::Bool(l), Value::Bool(r)) = (l, r) {
        return Ok(Value::bool(l.get() & r.get()));
    }
    match ints(l, r) {
        Some((l, r)) => Ok(Value::Int(l & r)),
        None => other(cx, BinaryOp::BitAnd, l, r, g),
    }
}

/// `l | r`; two bools give a bool, two dicts bail out with `Unsupported`.
pub fn bit_or<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r) {
        (Value::Bool(l), Value::Bool(r)) => Ok(Value::bool(l.get() | r.get())),
        _ => match ints(l, r) {
            Some((l, r)) => Ok(Value::Int(l | r)),
            None => other(cx, BinaryOp::BitOr, l, r, g),
        },
    }
}

/// `l ^ r`; two bools give a bool.
pub fn bit_xor<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let (Value::Bool(l), Value::Bool(r)) = (l, r) {
        return Ok(Value::bool(l.get() ^ r.get()));
    }
    match ints(l, r) {
        Some((l, r)) => Ok(Value::Int(l ^ r)),
        None => other(cx, BinaryOp::BitXor, l, r, g),
    }
}

/// `l += r`: extends a list in place by anything that can be iterated, and gives the same list.
pub fn iadd<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    let Value::List(list) = l else {
        return match l {
            Value::Instance(_) | Value::Object(_) | Value::Dict(_) | Value::Set(_) => {
                super::inplace(cx, BinaryOp::Add, l, r, g)
            }
            _ => add(cx, l, r, g),
        };
    };
    crate::method::list_extend(cx, list, r, g)?;
    Ok(l)
}

/// `l *= r`: repeats a list in place, and gives the same list.
pub fn imul<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r.index()) {
        (Value::List(list), Some(count)) => {
            list.repeat(cx, count, g)?;
            Ok(l)
        }
        _ if matches!(l, Value::Instance(_) | Value::Object(_)) => super::inplace(cx, BinaryOp::Mul, l, r, g),
        _ => mul(cx, l, r, g),
    }
}

/// `-v`.
pub fn neg<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(value), _) => Ok(Value::float(-value.get())),
        (_, Some(value)) if value != i64::MIN => Ok(Value::Int(-value)),
        _ => other_unary(cx, "__neg__", v, g),
    }
}

/// `+v`.
pub fn pos<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(_), _) => Ok(v),
        (_, Some(value)) => Ok(Value::Int(value)),
        _ => other_unary(cx, "__pos__", v, g),
    }
}

/// `~v`.
pub fn invert<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match v.index() {
        Some(value) => Ok(Value::Int(!value)),
        None => other_unary(cx, "__invert__", v, g),
    }
}

/// Appends every item of `source`; it must not be `list` itself.
pub(crate) fn extend_from<'a>(cx: &'a Cx<'a>, list: crate::List<'a>, source: Value<'a>, g: u32) -> Result<()> {
    let mut items = Iter::new(cx, source, g)?;
    crate::iter::ask_length(cx, source, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        list.push(cx, item, g)?;
    }
    Ok(())
}
