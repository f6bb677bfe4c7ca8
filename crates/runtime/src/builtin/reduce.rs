//! The built-ins that go through many values: `len`, `min`, `max`, `sum`.

use crate::{BailKind, Cx, Dict, Iter, List, Range, Result, Str, Value, op};

/// `len(v)`.
pub fn len(v: Value<'_>, g: u32) -> Result<i64> {
    match v {
        Value::Str(text) => Ok(len_str(text)),
        Value::List(list) => Ok(len_list(list)),
        Value::Dict(dict) => Ok(len_dict(dict)),
        Value::Range(range) => Ok(len_range(*range.0)),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Err(BailKind::Exception.at(g)),
    }
}

/// The length of a string in code points.
#[inline]
#[must_use]
pub fn len_str(v: Str<'_>) -> i64 {
    v.chars() as i64
}

/// The length of a list.
#[inline]
#[must_use]
pub fn len_list(v: List<'_>) -> i64 {
    v.len() as i64
}

/// The number of entries of a dict.
#[inline]
#[must_use]
pub fn len_dict(v: Dict<'_>) -> i64 {
    v.len() as i64
}

/// The length of a range.
#[inline]
#[must_use]
pub fn len_range(v: Range) -> i64 {
    v.len()
}

/// Whether the new item takes the place of the best one so far.
type Better<'a> = fn(&Cx<'a>, Value<'a>, Value<'a>, u32) -> Result<bool>;

/// `min(*values)`; a single one is iterated.
pub fn min<'a>(cx: &Cx<'a>, values: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    best(cx, values, op::lt, g)
}

/// `max(*values)`; a single one is iterated.
pub fn max<'a>(cx: &Cx<'a>, values: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    best(cx, values, op::gt, g)
}

/// `min(iterable)`; bails out with `Exception` when it is empty.
pub fn min_of<'a>(cx: &Cx<'a>, iterable: Value<'a>, g: u32) -> Result<Value<'a>> {
    best_of(cx, iterable, op::lt, g)
}

/// `max(iterable)`; bails out with `Exception` when it is empty.
pub fn max_of<'a>(cx: &Cx<'a>, iterable: Value<'a>, g: u32) -> Result<Value<'a>> {
    best_of(cx, iterable, op::gt, g)
}

fn best<'a>(cx: &Cx<'a>, values: &[Value<'a>], better: Better<'a>, g: u32) -> Result<Value<'a>> {
    match values {
        [] => Err(BailKind::Exception.at(g)),
        [one] => best_of(cx, *one, better, g),
        [first, rest @ ..] => rest.iter().try_fold(*first, |best, &item| {
            // The first of equal ones stays.
            Ok(if better(cx, item, best, g)? { item } else { best })
        }),
    }
}

fn best_of<'a>(cx: &Cx<'a>, iterable: Value<'a>, better: Better<'a>, g: u32) -> Result<Value<'a>> {
    let mut items = Iter::new(cx, iterable, g)?;
    let mut best = items.next(cx, g)?.ok_or(BailKind::Exception.at(g))?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        if better(cx, item, best, g)? {
            best = item;
        }
    }
    Ok(best)
}

/// `sum(iterable, start)`: the additions of CPython 3.11's `builtin_sum`, one by one from the left.
pub fn sum<'a>(cx: &Cx<'a>, iterable: Value<'a>, start: Value<'a>, g: u32) -> Result<Value<'a>> {
    let mut items = Iter::new(cx, iterable, g)?;
    if let Value::Str(_) = start {
        return Err(BailKind::Exception.at(g));
    }
    let mut total = start;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        total = op::add(cx, total, item, g)?;
    }
    Ok(total)
}
