//! The operators on values of unknown type.

use super::{
    float_div, float_floordiv, float_mod, float_pow, int_add, int_div, int_floordiv, int_lshift, int_mod, int_mul,
    int_neg, int_pow, int_rshift, int_sub, list_concat, list_repeat, str_concat, str_repeat,
};
use crate::{BailKind, Cx, Iter, Result, Value};

/// Two operands as CPython's numeric tower brings them together.
enum Numbers {
    Ints(i64, i64),
    Floats(f64, f64),
}

/// The operands as numbers, or nothing when one is not a number.
fn numbers(l: Value<'_>, r: Value<'_>) -> Option<Numbers> {
    let float = |v: Value<'_>| match v {
        Value::Float(value) => Some(value),
        _ => v.index().map(|value| value as f64),
    };
    if let (Some(l), Some(r)) = (l.index(), r.index()) {
        return Some(Numbers::Ints(l, r));
    }
    Some(Numbers::Floats(float(l)?, float(r)?))
}

/// The operands as ints, or the `TypeError` that CPython raises.
fn ints(l: Value<'_>, r: Value<'_>, g: u32) -> Result<(i64, i64)> {
    match (l.index(), r.index()) {
        (Some(l), Some(r)) => Ok((l, r)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `l + r`.
pub fn add<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => str_concat(cx, l, r, g).map(Value::Str),
        (Value::List(l), Value::List(r)) => list_concat(cx, l, r, g).map(Value::List),
        _ => match numbers(l, r) {
            Some(Numbers::Ints(l, r)) => int_add(l, r, g).map(Value::Int),
            Some(Numbers::Floats(l, r)) => Ok(Value::Float(l + r)),
            None => Err(BailKind::Exception.at(g)),
        },
    }
}

/// `l - r`.
pub fn sub<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => int_sub(l, r, g).map(Value::Int),
        Some(Numbers::Floats(l, r)) => Ok(Value::Float(l - r)),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// `l * r`.
pub fn mul<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r.index(), r, l.index()) {
        (Value::Str(text), Some(count), ..) | (.., Value::Str(text), Some(count)) => {
            str_repeat(cx, text, count, g).map(Value::Str)
        }
        (Value::List(list), Some(count), ..) | (.., Value::List(list), Some(count)) => {
            list_repeat(cx, list, count, g).map(Value::List)
        }
        _ => match numbers(l, r) {
            Some(Numbers::Ints(l, r)) => int_mul(l, r, g).map(Value::Int),
            Some(Numbers::Floats(l, r)) => Ok(Value::Float(l * r)),
            None => Err(BailKind::Exception.at(g)),
        },
    }
}

/// `l / r`.
pub fn div<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => int_div(l, r, g).map(Value::Float),
        Some(Numbers::Floats(l, r)) => float_div(l, r, g).map(Value::Float),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// `l // r`.
pub fn floordiv<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => int_floordiv(l, r, g).map(Value::Int),
        Some(Numbers::Floats(l, r)) => float_floordiv(l, r, g).map(Value::Float),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// `l % r`; string formatting bails out with `Unsupported`.
pub fn modulo<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, numbers(l, r)) {
        (Value::Str(_), _) => Err(BailKind::Unsupported.at(g)),
        (_, Some(Numbers::Ints(l, r))) => int_mod(l, r, g).map(Value::Int),
        (_, Some(Numbers::Floats(l, r))) => float_mod(l, r, g).map(Value::Float),
        (_, None) => Err(BailKind::Exception.at(g)),
    }
}

/// `l ** r`.
pub fn pow<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match numbers(l, r) {
        Some(Numbers::Ints(l, r)) => int_pow(l, r, g),
        Some(Numbers::Floats(l, r)) => float_pow(l, r, g).map(Value::Float),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// `l << r`.
pub fn lshift<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    let (l, r) = ints(l, r, g)?;
    int_lshift(l, r, g).map(Value::Int)
}

/// `l >> r`.
pub fn rshift<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    let (l, r) = ints(l, r, g)?;
    int_rshift(l, r, g).map(Value::Int)
}

/// `l & r`; two bools give a bool.
pub fn bit_and<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let (Value::Bool(l), Value::Bool(r)) = (l, r) {
        return Ok(Value::Bool(l & r));
    }
    ints(l, r, g).map(|(l, r)| Value::Int(l & r))
}

/// `l | r`; two bools give a bool, two dicts bail out with `Unsupported`.
pub fn bit_or<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r) {
        (Value::Bool(l), Value::Bool(r)) => Ok(Value::Bool(l | r)),
        (Value::Dict(_), Value::Dict(_)) => Err(BailKind::Unsupported.at(g)),
        _ => ints(l, r, g).map(|(l, r)| Value::Int(l | r)),
    }
}

/// `l ^ r`; two bools give a bool.
pub fn bit_xor<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let (Value::Bool(l), Value::Bool(r)) = (l, r) {
        return Ok(Value::Bool(l ^ r));
    }
    ints(l, r, g).map(|(l, r)| Value::Int(l ^ r))
}

/// `l += r`: extends a list in place by anything that can be iterated, and gives the same list.
pub fn iadd<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    let Value::List(list) = l else { return add(cx, l, r, g) };
    crate::method::list_extend(cx, list, r, g)?;
    Ok(l)
}

/// `l *= r`: repeats a list in place, and gives the same list.
pub fn imul<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (l, r.index()) {
        (Value::List(list), Some(count)) => {
            list.repeat(cx, count, g)?;
            Ok(l)
        }
        _ => mul(cx, l, r, g),
    }
}

/// `-v`.
pub fn neg<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(value), _) => Ok(Value::Float(-value)),
        (_, Some(value)) => int_neg(value, g).map(Value::Int),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `+v`.
pub fn pos<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (v, v.index()) {
        (Value::Float(_), _) => Ok(v),
        (_, Some(value)) => Ok(Value::Int(value)),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `~v`.
pub fn invert<'a>(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    v.index().map(|value| Value::Int(!value)).ok_or(BailKind::Exception.at(g))
}

/// Appends every item of `source`; it must not be `list` itself.
pub(crate) fn extend_from<'a>(cx: &Cx<'a>, list: crate::List<'a>, source: Value<'a>, g: u32) -> Result<()> {
    let mut items = Iter::new(cx, source, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        list.push(cx, item, g)?;
    }
    Ok(())
}
