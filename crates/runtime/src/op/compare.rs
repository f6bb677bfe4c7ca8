//! Comparisons, identity and membership.
//!
//! Holds: ints and floats compare exactly, as `float_richcompare` does; inside containers CPython takes identical items for equal, which shows only for NaN, so two NaNs that meet there bail out with `Unsupported`.

use std::cmp::Ordering;

use super::dispatch::CompareOp;
use super::equal::{equal, equal_item, first_difference, first_different};
use crate::{BailKind, Cx, Result, Type, Value, attr, class_of, iter_next, iter_value, plain, whole};

/// How deep structures may nest before a comparison bails out.
pub(super) const MAX_NESTING: u32 = 100;

/// One of the four orderings.
#[derive(Copy, Clone)]
enum Order {
    Lt,
    Le,
    Gt,
    Ge,
}

impl Order {
    fn op(self) -> CompareOp {
        match self {
            Order::Lt => CompareOp::Lt,
            Order::Le => CompareOp::Le,
            Order::Gt => CompareOp::Gt,
            Order::Ge => CompareOp::Ge,
        }
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Order::Lt => ordering.is_lt(),
            Order::Le => ordering.is_le(),
            Order::Gt => ordering.is_gt(),
            Order::Ge => ordering.is_ge(),
        }
    }
}

/// Ints up to this, and down to its negative, are floats exactly.
pub(super) const EXACT: u64 = 1 << 53;

/// An int and a float as two floats, where the int is one exactly.
fn as_floats(l: Value<'_>, r: Value<'_>) -> Option<(f64, f64)> {
    match (l, r) {
        (Value::Float(l), Value::Int(r)) if r.unsigned_abs() <= EXACT => Some((l.get(), r as f64)),
        (Value::Int(l), Value::Float(r)) if l.unsigned_abs() <= EXACT => Some((l as f64, r.get())),
        _ => None,
    }
}

/// So many items are compared without counting them.
const FEW: usize = 8;

/// How two values compare where nothing of the program's is asked: numbers of one kind, strings, and short tuples of these
/// as far as they are compared.
#[inline]
pub(crate) fn plain_order(l: Value<'_>, r: Value<'_>) -> Option<Ordering> {
    match (l, r) {
        (Value::Tuple(_), Value::Tuple(_)) => plain_tuples(l, r),
        _ => plain_items(l, r),
    }
}

#[inline(always)]
fn plain_items(l: Value<'_>, r: Value<'_>) -> Option<Ordering> {
    match (l, r) {
        (Value::Int(l), Value::Int(r)) => Some(l.cmp(&r)),
        (Value::Float(l), Value::Float(r)) => l.get().partial_cmp(&r.get()),
        (Value::Str(l), Value::Str(r)) if l.address() == r.address() => Some(Ordering::Equal),
        (Value::Str(l), Value::Str(r)) if l.text().len().min(r.text().len()) <= 64 => Some(l.text().cmp(r.text())),
        _ => None,
    }
}

fn plain_tuples(l: Value<'_>, r: Value<'_>) -> Option<Ordering> {
    let (Value::Tuple(l), Value::Tuple(r)) = (l, r) else { return None };
    let (l, r) = (l.items(), r.items());
    if l.len().min(r.len()) > FEW {
        return None;
    }
    for (left, right) in l.iter().zip(r) {
        let ordering = plain_items(*left, *right)?;
        if ordering.is_ne() {
            return Some(ordering);
        }
    }
    Some(l.len().cmp(&r.len()))
}

/// `l == r`.
pub(super) fn eq<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l == r);
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Eq, l, r, g)?, g);
    }
    equal(cx, l, r, 0, g)
}

/// `l != r`.
pub(super) fn ne<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l != r);
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Ne, l, r, g)?, g);
    }
    equal(cx, l, r, 0, g).map(|equal| !equal)
}

/// Whether a special method or a library type decides.
fn is_rich(l: Value<'_>, r: Value<'_>) -> bool {
    let rich = |v: Value<'_>| matches!(v, Value::Instance(_) | Value::Object(_));
    rich(l) || rich(r)
}

/// The result of a comparison, which is a bool but for special methods that give something else.
fn plain_bool(result: Value<'_>, g: u32) -> Result<bool> {
    match result {
        Value::Bool(result) => Ok(result.get()),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `l < r`.
pub(super) fn lt<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l < r);
    }
    if let Some(ordering) = plain_tuples(l, r) {
        return Ok(ordering.is_lt());
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Lt, l, r, g)?, g);
    }
    order(cx, Order::Lt, l, r, 0, g)
}

/// `l <= r`.
pub(super) fn le<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l <= r);
    }
    if let Some(ordering) = plain_tuples(l, r) {
        return Ok(ordering.is_le());
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Le, l, r, g)?, g);
    }
    order(cx, Order::Le, l, r, 0, g)
}

/// `l > r`.
pub(super) fn gt<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l > r);
    }
    if let Some(ordering) = plain_tuples(l, r) {
        return Ok(ordering.is_gt());
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Gt, l, r, g)?, g);
    }
    order(cx, Order::Gt, l, r, 0, g)
}

/// `l >= r`.
pub(super) fn ge<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    if let Some((l, r)) = as_floats(l, r) {
        return Ok(l >= r);
    }
    if let Some(ordering) = plain_tuples(l, r) {
        return Ok(ordering.is_ge());
    }
    if is_rich(l, r) {
        return plain_bool(rich_compare(cx, CompareOp::Ge, l, r, g)?, g);
    }
    order(cx, Order::Ge, l, r, 0, g)
}

/// `l is r`; bails out with `Unsupported` where CPython's identity depends on how the objects came to be.
pub fn is<'a>(_cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    let unknown = || Err(BailKind::Unsupported.at(g));
    match (l, r) {
        (Value::None, Value::None) => Ok(true),
        (Value::Bool(l), Value::Bool(r)) => Ok(l.get() == r.get()),
        (Value::List(l), Value::List(r)) => Ok(l.same(r)),
        (Value::Dict(l), Value::Dict(r)) => Ok(l.same(r)),
        (Value::Set(l), Value::Set(r)) if !l.is_frozen() || !r.is_frozen() => Ok(l.same(r)),
        (Value::Instance(l), Value::Instance(r)) => Ok(l.same(r)),
        (Value::Class(l), Value::Class(r)) => Ok(l.same(r)),
        (Value::Function(l), Value::Function(r)) => Ok(l.same(r)),
        (Value::Object(l), Value::Object(r)) => Ok(l.same(r)),
        (Value::Builtin(l), Value::Builtin(r)) => Ok(std::ptr::eq(l, r)),
        (Value::NotImplemented, Value::NotImplemented) | (Value::Ellipsis, Value::Ellipsis) => Ok(true),
        (Value::Tuple(l), Value::Tuple(r)) if l.same(r) || l.items().is_empty() && r.items().is_empty() => Ok(true),
        (Value::Tuple(l), Value::Tuple(r)) if l.items().len() != r.items().len() => Ok(false),
        (Value::Tuple(_), Value::Tuple(_))
        | (Value::Big(_), Value::Big(_))
        | (Value::Bytes(_), Value::Bytes(_))
        | (Value::Set(_), Value::Set(_))
        | (Value::Method(_), _)
        | (_, Value::Method(_)) => unknown(),
        (Value::Int(l), Value::Int(r)) if l != r => Ok(false),
        (Value::Int(l), Value::Int(_)) if (-5..=256).contains(&l) => Ok(true),
        (Value::Float(l), Value::Float(r)) if l.get() != r.get() && !(l.get().is_nan() && r.get().is_nan()) => {
            Ok(false)
        }
        (Value::Str(l), Value::Str(r)) if l.text() != r.text() => Ok(false),
        (Value::Range(l), Value::Range(r)) if !l.0.same(r.0) => Ok(false),
        (Value::Int(_), Value::Int(_))
        | (Value::Float(_), Value::Float(_))
        | (Value::Str(_), Value::Str(_))
        | (Value::Range(_), Value::Range(_)) => unknown(),
        _ => Ok(false),
    }
}

/// `l is not r`.
pub fn is_not<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    is(cx, l, r, g).map(|same| !same)
}

/// `item in container`.
pub fn contains<'a>(cx: &'a Cx<'a>, item: Value<'a>, container: Value<'a>, g: u32) -> Result<bool> {
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
            let number = number.get();
            let whole = number as i64;
            Ok(cmp_int_float(whole, number) == Some(Ordering::Equal) && range.0.contains(whole))
        }
        (Value::Range(range), Value::Int(_) | Value::Bool(_)) => {
            Ok(item.index().is_some_and(|number| range.0.contains(number)))
        }
        (Value::Tuple(tuple), _) => {
            for element in tuple.items() {
                cx.tick(g)?;
                if equal_item(cx, *element, item, 0, g)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (Value::Set(set), _) => set.contains(cx, item, g),
        (Value::Bytes(bytes), Value::Bytes(part)) => {
            let (bytes, part) = (bytes.bytes(), part.bytes());
            cx.burn(bytes.len(), g)?;
            Ok(part.is_empty() || bytes.windows(part.len()).any(|window| window == part))
        }
        (Value::Bytes(bytes), Value::Int(byte @ 0..=255)) => Ok(bytes.bytes().contains(&(byte as u8))),
        (Value::Bytes(_), Value::Int(_)) => Err(cx.raise(Type::ValueError, "byte must be in range(0, 256)", g)),
        (Value::Bytes(_), Value::Object(_) | Value::Instance(_) | Value::Bool(_) | Value::Big(_)) => {
            Err(BailKind::Unsupported.at(g))
        }
        (Value::Bytes(_), _) => {
            let name = crate::class::type_name(item);
            let text = format!("a bytes-like object is required, not '{name}'");
            Err(cx.raise(Type::TypeError, &text, g))
        }
        (Value::Str(_), _) => {
            let name = crate::class::type_name(item);
            let text = format!("'in <string>' requires string as left operand, not {name}");
            Err(cx.raise(Type::TypeError, &text, g))
        }
        _ => contains_other(cx, item, container, g),
    }
}

/// Membership in an instance, a library object or an iterator (`PySequence_Contains`).
fn contains_other<'a>(cx: &'a Cx<'a>, item: Value<'a>, container: Value<'a>, g: u32) -> Result<bool> {
    if let Some(result) = attr::call_special(cx, container, "__contains__", &[item], g)? {
        return crate::truth(cx, result, g);
    }
    if let Value::Object(object) = container
        && let Some(result) = object.get().contains(cx, item, g)?
    {
        return Ok(result);
    }
    match container {
        Value::Instance(_) if attr::special(cx, container, "__iter__", g)?.is_none() => {
            let inner = plain(container);
            if !matches!(inner, Value::Instance(_)) {
                return contains(cx, item, inner, g);
            }
        }
        Value::Object(_) | Value::Instance(_) | Value::Range(_) => {}
        Value::Class(_) => return Err(BailKind::Unsupported.at(g)),
        _ => {
            let name = crate::class::type_name(container);
            return Err(cx.raise(Type::TypeError, &format!("argument of type '{name}' is not iterable"), g));
        }
    }
    // A `TypeError` has another text here.
    let items = iter_value(cx, container, g).map_err(|bail| crate::exception::untold(cx, bail, Type::TypeError, g))?;
    while let Some(element) = iter_next(cx, items, g)? {
        cx.tick(g)?;
        if equal_item(cx, element, item, 0, g)? {
            return Ok(true);
        }
    }
    Ok(false)
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
    let trunc = f.trunc();
    Some(i.cmp(&(trunc as i64)).then(trunc.partial_cmp(&f)?))
}

/// How two numbers compare (inner `None` for NaN); the outer `None` when one is not a number.
pub(crate) fn compare_numbers<'a>(l: Value<'a>, r: Value<'a>) -> Option<Option<Ordering>> {
    Some(match (l, r) {
        (Value::Big(l), Value::Big(r)) => Some(whole::order(l, r)),
        (Value::Big(big), other) | (other, Value::Big(big)) => {
            let ordering = match other {
                Value::Float(float) => crate::big::compare_float(&big.number(), float.get()),
                _ => other.index().map(|_| if big.is_negative() { Ordering::Less } else { Ordering::Greater }),
            };
            let swapped = matches!(r, Value::Big(_));
            if !matches!(other, Value::Float(_)) && other.index().is_none() {
                return None;
            }
            if swapped { ordering.map(Ordering::reverse) } else { ordering }
        }
        (Value::Float(l), Value::Float(r)) => l.get().partial_cmp(&r.get()),
        (Value::Float(l), _) => cmp_int_float(r.index()?, l.get()).map(Ordering::reverse),
        (_, Value::Float(r)) => cmp_int_float(l.index()?, r.get()),
        _ => Some(l.index()?.cmp(&r.index()?)),
    })
}

/// `l op r` as a value, by the program's special methods and the library's types (`do_richcompare`).
pub fn rich_compare<'a>(cx: &'a Cx<'a>, op: CompareOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    if !matches!((l, r), (Value::Instance(_) | Value::Object(_), _) | (_, Value::Instance(_) | Value::Object(_))) {
        return match op {
            CompareOp::Eq => eq(cx, l, r, g),
            CompareOp::Ne => ne(cx, l, r, g),
            CompareOp::Lt => lt(cx, l, r, g),
            CompareOp::Le => le(cx, l, r, g),
            CompareOp::Gt => gt(cx, l, r, g),
            CompareOp::Ge => ge(cx, l, r, g),
        }
        .map(Value::bool);
    }
    let swapped = match op {
        CompareOp::Eq | CompareOp::Ne => op,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    };
    let tries = if right_first(cx, l, r, g)? { [(swapped, r, l), (op, l, r)] } else { [(op, l, r), (swapped, r, l)] };
    for (op, this, other) in tries {
        if let Some(result) = compare_method(cx, op, this, other, g)? {
            return Ok(result);
        }
    }
    match op {
        CompareOp::Eq => is(cx, l, r, g).map(Value::bool),
        CompareOp::Ne => is(cx, l, r, g).map(|same| Value::bool(!same)),
        _ => Err(not_ordered(cx, op, l, r, g)),
    }
}

/// Whether the right operand is of a subclass of the left one's class, so that it is asked first.
pub(super) fn right_first<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
    // No class inherits from those of library objects.
    if [l, r].into_iter().any(|v| crate::type_of(v) == crate::Type::LibraryObject) {
        return Ok(false);
    }
    let (left, right) = (class_of(cx, l, g)?, class_of(cx, r, g)?);
    Ok(!left.same(right) && right.is(left))
}

/// What the special method of `this` says; none for `NotImplemented`.
fn compare_method<'a>(
    cx: &'a Cx<'a>,
    op: CompareOp,
    this: Value<'a>,
    other: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match this {
        Value::Instance(_) => {}
        Value::Object(object) => return Ok(object.get().compare(cx, op, this, other, g)?.map(Value::bool)),
        _ => return compare_built_in(cx, op, this, other, g),
    }
    let name = match op {
        CompareOp::Eq => "__eq__",
        CompareOp::Ne => "__ne__",
        CompareOp::Lt => "__lt__",
        CompareOp::Le => "__le__",
        CompareOp::Gt => "__gt__",
        CompareOp::Ge => "__ge__",
    };
    match attr::call_special(cx, this, name, &[other], g)? {
        Some(Value::NotImplemented) => return Ok(None),
        Some(result) => return Ok(Some(result)),
        None => {}
    }
    // `!=` inverts `==`.
    if op == CompareOp::Ne
        && let Some(result) = attr::call_special(cx, this, "__eq__", &[other], g)?
    {
        return match result {
            Value::NotImplemented => Ok(None),
            result => crate::truth(cx, result, g).map(|equal| Some(Value::bool(!equal))),
        };
    }
    compare_built_in(cx, op, this, other, g)
}

/// What the method of the built-in class that `this` is of, or inherits from, says; none for `NotImplemented`.
fn compare_built_in<'a>(
    cx: &'a Cx<'a>,
    op: CompareOp,
    this: Value<'a>,
    other: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    let (this, other) = (plain(this), plain(other));
    let number = |v: Value<'a>| matches!(v, Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Bool(_));
    let alike = match (this, other) {
        (Value::Instance(_), _) | (_, Value::Object(_) | Value::Instance(_)) => false,
        (Value::Dict(_), Value::Dict(_)) => matches!(op, CompareOp::Eq | CompareOp::Ne),
        (Value::Set(_), Value::Set(_)) => true,
        _ => crate::type_of(this) == crate::type_of(other) || number(this) && number(other),
    };
    if alike { rich_compare(cx, op, this, other, g).map(Some) } else { Ok(None) }
}

/// The `TypeError` of operands that have no order.
#[cold]
fn not_ordered<'a>(cx: &'a Cx<'a>, op: CompareOp, l: Value<'a>, r: Value<'a>, g: u32) -> crate::Bail {
    let symbol = match op {
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
    };
    let name = crate::class::type_name;
    let text = format!("'{symbol}' not supported between instances of '{}' and '{}'", name(l), name(r));
    cx.raise_exactly(Type::TypeError, &text, g)
}

/// One of the four orderings (`PyObject_RichCompare`).
fn order<'a>(cx: &'a Cx<'a>, order_by: Order, l: Value<'a>, r: Value<'a>, depth: u32, g: u32) -> Result<bool> {
    if let (Value::Int(l), Value::Int(r)) = (l, r) {
        return Ok(order_by.holds(l.cmp(&r)));
    }
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
        (Value::Tuple(l), Value::Tuple(r)) => match first_different(cx, l, r, depth, g)? {
            None => Ok(order_by.holds(l.items().len().cmp(&r.items().len()))),
            Some(index) => order(cx, order_by, l.items()[index], r.items()[index], depth + 1, g),
        },
        (Value::Bytes(l), Value::Bytes(r)) => Ok(order_by.holds(l.bytes().cmp(r.bytes()))),
        (Value::Set(l), Value::Set(r)) => match order_by {
            Order::Le | Order::Lt if l.len() > r.len() => Ok(false),
            Order::Ge | Order::Gt if l.len() < r.len() => Ok(false),
            Order::Lt | Order::Gt if l.len() == r.len() => Ok(false),
            _ => {
                let (part, whole) = if matches!(order_by, Order::Le | Order::Lt) { (l, r) } else { (r, l) };
                crate::set_algebra::is_subset(cx, part, Value::Set(whole), g)
            }
        },
        (Value::Instance(_) | Value::Object(_), _) | (_, Value::Instance(_) | Value::Object(_)) => {
            match rich_compare(cx, order_by.op(), l, r, g)? {
                // Of sequences whose items differ, this very value is the result.
                result if depth > 0 && !matches!(result, Value::Bool(_)) => Err(BailKind::Unsupported.at(g)),
                result => crate::truth(cx, result, g),
            }
        }
        _ => Err(not_ordered(cx, order_by.op(), l, r, g)),
    }
}
