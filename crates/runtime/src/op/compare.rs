//! Comparisons, identity and membership.
//!
//! Holds: ints and floats compare exactly, as `float_richcompare` does; inside containers CPython takes identical items for equal, which shows only for NaN, so two NaNs that meet there bail out with `Unsupported`.

use std::cmp::Ordering;

use crate::{BailKind, Cx, Dict, List, Result, Value};

/// How deep structures may nest before a comparison bails out.
const MAX_NESTING: u32 = 100;

/// One of the four orderings.
#[derive(Copy, Clone)]
enum Order {
    Lt,
    Le,
    Gt,
    Ge,
}

impl Order {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Lt => ordering.is_lt(),
            Order::Le => ordering.is_le(),
            Order::Gt => ordering.is_gt(),
            Order::Ge => ordering.is_ge(),
        }
    }
}

/// `l == r`.
pub fn eq<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    equal(cx, l, r, 0, g)
}

/// `l != r`.
pub fn ne<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    equal(cx, l, r, 0, g).map(|equal| !equal)
}

/// `l < r`.
pub fn lt<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    order(cx, Order::Lt, l, r, 0, g)
}

/// `l <= r`.
pub fn le<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    order(cx, Order::Le, l, r, 0, g)
}

/// `l > r`.
pub fn gt<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    order(cx, Order::Gt, l, r, 0, g)
}

/// `l >= r`.
pub fn ge<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    order(cx, Order::Ge, l, r, 0, g)
}

/// `l is r`; bails out with `Unsupported` where CPython's identity depends on how the objects came to be.
pub fn is<'a>(_cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    let unknown = Err(BailKind::Unsupported.at(g));
    match (l, r) {
        (Value::None, Value::None) => Ok(true),
        (Value::Bool(l), Value::Bool(r)) => Ok(l == r),
        (Value::List(l), Value::List(r)) => Ok(l.same(r)),
        (Value::Dict(l), Value::Dict(r)) => Ok(l.same(r)),
        (Value::Int(l), Value::Int(r)) if l != r => Ok(false),
        (Value::Int(l), Value::Int(_)) if (-5..=256).contains(&l) => Ok(true),
        (Value::Float(l), Value::Float(r)) if l != r && !(l.is_nan() && r.is_nan()) => Ok(false),
        (Value::Str(l), Value::Str(r)) if l.text() != r.text() => Ok(false),
        (Value::Range(l), Value::Range(r)) if !l.0.same(r.0) => Ok(false),
        (Value::Int(_), Value::Int(_))
        | (Value::Float(_), Value::Float(_))
        | (Value::Str(_), Value::Str(_))
        | (Value::Range(_), Value::Range(_)) => unknown,
        _ => Ok(false),
    }
}

/// `l is not r`.
pub fn is_not<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    is(cx, l, r, g).map(|same| !same)
}

/// `item in container`.
pub fn contains<'a>(cx: &Cx<'a>, item: Value<'a>, container: Value<'a>, g: u32) -> Result<bool> {
    match (container, item) {
        (Value::List(list), _) => {
            let mut index = 0;
            while let Some(element) = list.at(index) {
                cx.tick(g)?;
                if equal_item(cx, element, item, 0, g)? {
                    return Ok(true);
                }
                index += 1;
            }
            Ok(false)
        }
        (Value::Str(text), Value::Str(part)) => {
            cx.burn(text.text().len(), g)?;
            Ok(text.text().contains(part.text()))
        }
        (Value::Dict(dict), _) => Ok(dict.get(cx, item, g)?.is_some()),
        (Value::Range(range), Value::Float(number)) => {
            let whole = number as i64;
            Ok(cmp_int_float(whole, number) == Some(Ordering::Equal) && range.0.contains(whole))
        }
        (Value::Range(range), _) => Ok(item.index().is_some_and(|number| range.0.contains(number))),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// How an int compares with a float, exactly; `None` for NaN.
#[must_use]
pub fn cmp_int_float(i: i64, f: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if f.is_nan() {
        return None;
    }
    if f >= LIMIT {
        return Some(Ordering::Less);
    }
    if f < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = f.trunc();
    Some(i.cmp(&(whole as i64)).then(whole.partial_cmp(&f)?))
}

/// How two numbers compare (inner `None` for NaN); the outer `None` when one is not a number.
pub(crate) fn compare_numbers(l: Value<'_>, r: Value<'_>) -> Option<Option<Ordering>> {
    Some(match (l, r) {
        (Value::Float(l), Value::Float(r)) => l.partial_cmp(&r),
        (Value::Float(l), _) => cmp_int_float(r.index()?, l).map(Ordering::reverse),
        (_, Value::Float(r)) => cmp_int_float(l.index()?, r),
        _ => Some(l.index()?.cmp(&r.index()?)),
    })
}

/// `l == r` (`PyObject_RichCompare`).
fn equal<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => {
            if l.text().len() != r.text().len() {
                return Ok(false);
            }
            cx.burn(l.text().len(), g)?;
            Ok(l.text() == r.text())
        }
        (Value::None, Value::None) => Ok(true),
        (Value::List(l), Value::List(r)) => Ok(l.len() == r.len() && first_difference(cx, l, r, depth, g)?.is_none()),
        (Value::Dict(l), Value::Dict(r)) => equal_dicts(cx, l, r, depth, g),
        (Value::Range(l), Value::Range(r)) => Ok(l.0.same(r.0)),
        _ => Ok(compare_numbers(l, r) == Some(Some(Ordering::Equal))),
    }
}

/// Equality of items (`PyObject_RichCompareBool`): identical ones are equal.
fn equal_item<'a>(cx: &Cx<'a>, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    match (l, r) {
        (Value::Float(l), Value::Float(r)) if l.is_nan() && r.is_nan() => Err(BailKind::Unsupported.at(g)),
        (Value::List(l), Value::List(r)) if l.same(r) => Ok(true),
        (Value::Dict(l), Value::Dict(r)) if l.same(r) => Ok(true),
        _ => equal(cx, l, r, depth, g),
    }
}

/// The first index at which the items differ, within the shorter list.
fn first_difference<'a>(cx: &Cx<'a>, l: List<'a>, r: List<'a>, depth: u32, g: u32) -> Result<Option<usize>> {
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

fn equal_dicts<'a>(cx: &Cx<'a>, l: Dict<'a>, r: Dict<'a>, depth: u32, g: u32) -> Result<bool> {
    if l.len() != r.len() {
        return Ok(false);
    }
    if depth >= MAX_NESTING {
        return Err(BailKind::Unsupported.at(g));
    }
    let mut index = 0;
    while let Some((key, left)) = l.entry(index) {
        cx.tick(g)?;
        let Some(right) = r.get(cx, key, g)? else { return Ok(false) };
        if !equal_item(cx, left, right, depth + 1, g)? {
            return Ok(false);
        }
        index += 1;
    }
    Ok(true)
}

/// One of the four orderings (`PyObject_RichCompare`).
fn order<'a>(cx: &Cx<'a>, order_by: Order, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    if let Some(ordering) = compare_numbers(l, r) {
        return Ok(ordering.is_some_and(|ordering| order_by.holds(ordering)));
    }
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => {
            cx.burn(l.text().len().min(r.text().len()), g)?;
            Ok(order_by.holds(l.text().cmp(r.text())))
        }
        (Value::List(l), Value::List(r)) => match first_difference(cx, l, r, depth, g)? {
            None => Ok(order_by.holds(l.len().cmp(&r.len()))),
            Some(index) => match (l.at(index), r.at(index)) {
                (Some(left), Some(right)) => order(cx, order_by, left, right, depth + 1, g),
                _ => Err(BailKind::Unsupported.at(g)),
            },
        },
        _ => Err(BailKind::Exception.at(g)),
    }
}
