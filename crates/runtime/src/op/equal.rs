//! Equality, of values and of what containers hold.
//!
//! Holds: inside containers CPython takes identical items for equal, which shows only for NaN, so two NaNs that meet there bail
//! out with `Unsupported`.

use std::cmp::Ordering;

use super::compare::{MAX_NESTING, compare_numbers};
use super::dispatch::CompareOp;
use super::rich_compare;
use crate::string::same_text;
use crate::{BailKind, Cx, Dict, List, Result, Tuple, Type, Value};

/// `l == r` (`PyObject_RichCompare`).
pub(super) fn equal<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => {
            if l.text().len() != r.text().len() {
                return Ok(false);
            }
            cx.burn(l.text().len(), g)?;
            Ok(same_text(l.text(), r.text()))
        }
        (Value::None, Value::None) => Ok(true),
        (Value::List(l), Value::List(r)) => Ok(l.len() == r.len() && first_difference(cx, l, r, depth, g)?.is_none()),
        (Value::Tuple(l), Value::Tuple(r)) => {
            Ok(l.items().len() == r.items().len() && first_different(cx, l, r, depth, g)?.is_none())
        }
        (Value::Dict(l), Value::Dict(r)) => equal_dicts(cx, l, r, depth, g),
        (Value::Set(l), Value::Set(r)) => {
            Ok(l.len() == r.len() && crate::set_algebra::is_subset(cx, l, Value::Set(r), g)?)
        }
        (Value::Bytes(l), Value::Bytes(r)) => Ok(l.bytes() == r.bytes()),
        (Value::Range(l), Value::Range(r)) => Ok(l.0.same(r.0)),
        (Value::Instance(_) | Value::Object(_), _) | (_, Value::Instance(_) | Value::Object(_)) => {
            if depth >= MAX_NESTING {
                return Err(BailKind::Unsupported.at(g));
            }
            crate::truth(cx, rich_compare(cx, CompareOp::Eq, l, r, g)?, g)
        }
        (Value::Method(_), Value::Method(_)) => Err(BailKind::Unsupported.at(g)),
        (Value::Class(l), Value::Class(r)) => Ok(l.same(r)),
        (Value::Function(l), Value::Function(r)) => Ok(l.same(r)),
        (Value::Builtin(l), Value::Builtin(r)) => Ok(std::ptr::eq(l, r)),
        (Value::NotImplemented, Value::NotImplemented) | (Value::Ellipsis, Value::Ellipsis) => Ok(true),
        _ => Ok(compare_numbers(l, r) == Some(Some(Ordering::Equal))),
    }
}

/// Equality of two keys of one hash: identical ones are equal.
pub(crate) fn equal_keys<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    equal_item(cx, l, r, 0, g)
}

/// Equality of items (`PyObject_RichCompareBool`): identical ones are equal.
#[inline]
pub(crate) fn equal_item<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    match (l, r) {
        (Value::Int(l), Value::Int(r)) => Ok(l == r),
        (Value::Str(l), Value::Str(r)) if l.address() == r.address() => Ok(true),
        _ => equal_other(cx, l, r, depth, g),
    }
}

fn equal_other<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    match (l, r) {
        (Value::Float(l), Value::Float(r)) if l.get().is_nan() && r.get().is_nan() => Err(BailKind::Unsupported.at(g)),
        (Value::List(l), Value::List(r)) if l.same(r) => Ok(true),
        (Value::Tuple(l), Value::Tuple(r)) if l.same(r) => Ok(true),
        (Value::Tuple(l), Value::Tuple(r)) if let Some(equal) = equal_ints(l, r) => Ok(equal),
        (Value::Dict(l), Value::Dict(r)) if l.same(r) => Ok(true),
        (Value::Instance(l), Value::Instance(r)) if l.same(r) => Ok(true),
        (Value::Object(l), Value::Object(r)) if l.same(r) => Ok(true),
        _ => equal(cx, l, r, depth, g),
    }
}

/// Whether two keys are equal, where that takes neither the program's code nor a look into something deeper.
#[inline]
pub(crate) fn equal_plain_keys(l: Value<'_>, r: Value<'_>) -> Option<bool> {
    match (l, r) {
        (Value::Int(l), Value::Int(r)) => Some(l == r),
        (Value::Str(l), Value::Str(r)) if l.address() == r.address() => Some(true),
        (Value::Tuple(l), Value::Tuple(r)) => equal_ints(l, r),
        _ => None,
    }
}

/// Whether two short tuples of ints are equal; none if they are others.
#[inline]
fn equal_ints(l: Tuple<'_>, r: Tuple<'_>) -> Option<bool> {
    const MOST: usize = 4;
    let (l, r) = (l.items(), r.items());
    if l.len() != r.len() || l.len() > MOST {
        return None;
    }
    let mut equal = true;
    for (l, r) in l.iter().zip(r) {
        let (Value::Int(l), Value::Int(r)) = (l, r) else { return None };
        equal &= l == r;
    }
    Some(equal)
}

/// The first index at which the items differ, within the shorter tuple.
pub(super) fn first_different<'a>(
    cx: &'a Cx<'a>,
    l: Tuple<'a>,
    r: Tuple<'a>,
    depth: u32,
    g: u32,
) -> Result<Option<usize>> {
    if depth >= MAX_NESTING {
        return Err(BailKind::Unsupported.at(g));
    }
    for (index, (left, right)) in l.items().iter().zip(r.items()).enumerate() {
        cx.tick(g)?;
        if !equal_item(cx, *left, *right, depth + 1, g)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The first index at which the items differ, within the shorter list.
pub(super) fn first_difference<'a>(
    cx: &'a Cx<'a>,
    l: List<'a>,
    r: List<'a>,
    depth: u32,
    g: u32,
) -> Result<Option<usize>> {
    if depth >= MAX_NESTING {
        return Err(BailKind::Unsupported.at(g));
    }
    let mut index = 0;
    while let (Some(left), Some(right)) = (l.at(index), r.at(index)) {
        cx.tick(g)?;
        if !equal_item(cx, left, right, depth + 1, g)? {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

fn equal_dicts<'a>(cx: &'a Cx<'a>, l: Dict<'a>, r: Dict<'a>, depth: u32, g: u32) -> Result<bool> {
    let counters = l.kind() == Type::Counter && r.kind() == Type::Counter;
    if l.len() != r.len() && !counters {
        return Ok(false);
    }
    if depth >= MAX_NESTING {
        return Err(BailKind::Unsupported.at(g));
    }
    if l.kind() == Type::OrderedDict && r.kind() == Type::OrderedDict {
        // In order.
        for ((left_key, _), (right_key, _)) in l.entries().zip(r.entries()) {
            if !equal_item(cx, left_key, right_key, depth + 1, g)? {
                return Ok(false);
            }
        }
    }
    if counters {
        // A missing element counts as zero.
        for (one, other) in [(l, r), (r, l)] {
            for (key, count) in one.entries() {
                let count_there = other.get(cx, key, g)?.unwrap_or(Value::Int(0));
                if !equal_item(cx, count, count_there, depth + 1, g)? {
                    return Ok(false);
                }
            }
        }
        return Ok(true);
    }
    let mut place = 0;
    while let Some((key, left)) = l.next_entry(&mut place) {
        cx.tick(g)?;
        let Some(right) = r.get(cx, key, g)? else { return Ok(false) };
        if !equal_item(cx, left, right, depth + 1, g)? {
            return Ok(false);
        }
    }
    Ok(true)
}
