//! The commonest operators on the commonest operands, inlined into compiled code; everything else goes on to the others.
//!
//! Each of these gives what the function of the same name in `generic`, `compare` or `item` gives.

use super::{BinaryOp, compare, dispatch, generic, item};
use crate::string::same_text;
use crate::typed::{Typed, held};
use crate::{Cx, List, Result, Str, Tuple, Value};

macro_rules! arithmetic {
    ($($(#[$doc:meta])* $name:ident, $checked:ident, $op:tt;)+) => {
        $($(#[$doc])*
        #[inline]
        pub fn $name<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
            match (l, r) {
                (Value::Int(left), Value::Int(right)) => match left.$checked(right) {
                    Some(value) => Ok(Value::Int(value)),
                    None => generic::$name(cx, l, r, g),
                },
                (Value::Float(left), Value::Float(right)) => Ok(Value::float(left.get() $op right.get())),
                _ => generic::$name(cx, l, r, g),
            }
        })+
    };
}

arithmetic! {
    /// `l + r`.
    add, checked_add, +;
    /// `l - r`.
    sub, checked_sub, -;
    /// `l * r`.
    mul, checked_mul, *;
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident, $op:tt;)+) => {
        $($(#[$doc])*
        #[inline]
        pub fn $name<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, g: u32) -> Result<bool> {
            match (l, r) {
                (Value::Int(l), Value::Int(r)) => Ok(l $op r),
                (Value::Float(l), Value::Float(r)) => Ok(l.get() $op r.get()),
                _ => compare::$name(cx, l, r, g),
            }
        })+
    };
}

comparisons! {
    /// `l == r`.
    eq, ==;
    /// `l != r`.
    ne, !=;
    /// `l < r`.
    lt, <;
    /// `l <= r`.
    le, <=;
    /// `l > r`.
    gt, >;
    /// `l >= r`.
    ge, >=;
}

/// `l op r` of a float and an int (`float_richcompare`), where `op` says it of two floats.
#[inline(always)]
pub fn float_int(l: f64, r: i64, op: impl Fn(f64, f64) -> bool) -> bool {
    if r.unsigned_abs() <= compare::EXACT { op(l, r as f64) } else { op(difference(l, r), 0.0) }
}

/// A float that is to zero as `l` is to `r`.
#[cold]
#[inline(never)]
fn difference(l: f64, r: i64) -> f64 {
    compare::cmp_int_float(r, l).map_or(f64::NAN, |ordering| -f64::from(ordering as i8))
}

/// `l op= r` in place where there is such a method.
#[inline]
pub fn inplace<'a>(cx: &'a Cx<'a>, op: BinaryOp, l: Value<'a>, r: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (op, l, r) {
        (BinaryOp::Add, Value::Int(_), Value::Int(_)) | (BinaryOp::Add, Value::Float(_), Value::Float(_)) => {
            add(cx, l, r, g)
        }
        (BinaryOp::Sub, Value::Int(_), Value::Int(_)) | (BinaryOp::Sub, Value::Float(_), Value::Float(_)) => {
            sub(cx, l, r, g)
        }
        (BinaryOp::Mul, Value::Int(_), Value::Int(_)) | (BinaryOp::Mul, Value::Float(_), Value::Float(_)) => {
            mul(cx, l, r, g)
        }
        _ => dispatch::inplace(cx, op, l, r, g),
    }
}

/// `obj[idx]`.
#[inline]
pub fn index<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, g: u32) -> Result<Value<'a>> {
    let found = match (obj, idx) {
        (Value::List(list), Value::Int(at)) => usize::try_from(at).ok().and_then(|at| list.at(at)),
        (Value::Tuple(tuple), Value::Int(at)) => usize::try_from(at).ok().and_then(|at| tuple.items().get(at).copied()),
        _ => None,
    };
    match found {
        Some(item) => Ok(item),
        None => item::index(cx, obj, idx, g),
    }
}

/// `obj[idx] = val`.
#[inline]
pub fn set_index<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, val: Value<'a>, g: u32) -> Result<()> {
    if let (Value::List(list), Value::Int(at)) = (obj, idx)
        && let Ok(at) = usize::try_from(at)
        && list.replace_own(at, val)
    {
        return Ok(());
    }
    item::set_index(cx, obj, idx, val, g)
}

/// `list[at]`.
#[inline(always)]
pub fn list_get<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    match usize::try_from(at).ok().and_then(|at| list.at(at)) {
        Some(item) => Ok(item),
        None => item::list_get(cx, list, at, g),
    }
}

/// `list[at]` as a `T`, else a bailout at `h`.
#[inline(always)]
pub fn list_get_as<'a, T: Typed<'a>>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32, h: u32) -> Result<T> {
    match usize::try_from(at).ok().and_then(|at| list.at(at)).and_then(T::of) {
        Some(item) => Ok(item),
        None => list_get_anew(cx, list, at, g, h),
    }
}

#[cold]
#[inline(never)]
fn list_get_anew<'a, T: Typed<'a>>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32, h: u32) -> Result<T> {
    held(item::list_get(cx, list, at, g)?, h)
}

/// `tuple[at]`.
#[inline(always)]
pub fn tuple_get<'a>(cx: &'a Cx<'a>, tuple: Tuple<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    match usize::try_from(at).ok().and_then(|at| tuple.items().get(at)) {
        Some(item) => Ok(*item),
        None => item::index(cx, Value::Tuple(tuple), Value::Int(at), g),
    }
}

/// `tuple[at]` as a `T`, else a bailout at `h`.
#[inline(always)]
pub fn tuple_get_as<'a, T: Typed<'a>>(cx: &'a Cx<'a>, tuple: Tuple<'a>, at: i64, g: u32, h: u32) -> Result<T> {
    match usize::try_from(at).ok().and_then(|at| tuple.items().get(at)).and_then(|item| T::of(*item)) {
        Some(item) => Ok(item),
        None => tuple_get_anew(cx, tuple, at, g, h),
    }
}

#[cold]
#[inline(never)]
fn tuple_get_anew<'a, T: Typed<'a>>(cx: &'a Cx<'a>, tuple: Tuple<'a>, at: i64, g: u32, h: u32) -> Result<T> {
    held(item::index(cx, Value::Tuple(tuple), Value::Int(at), g)?, h)
}

/// `list[at] = val`.
#[inline(always)]
pub fn list_set<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, val: Value<'a>, g: u32) -> Result<()> {
    match usize::try_from(at) {
        Ok(at) if list.replace_own(at, val) => Ok(()),
        _ => item::list_set(cx, list, at, val, g),
    }
}

/// `l == r` of strings.
#[inline(always)]
pub fn str_eq<'a>(cx: &'a Cx<'a>, l: Str<'a>, r: Str<'a>, g: u32) -> Result<bool> {
    let (left, right) = (l.text(), r.text());
    if left.len() != right.len() {
        return Ok(false);
    }
    if l.address() == r.address() {
        return Ok(true);
    }
    if left.len() > 16 {
        cx.burn(left.len(), g)?;
    }
    Ok(same_text(left, right))
}
