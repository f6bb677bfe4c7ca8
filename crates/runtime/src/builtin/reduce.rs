//! The built-ins that go through many values: `len`, `min`, `max`, `sum`, `any`, `all`.

use super::convert;
use crate::{Args, BailKind, Cx, Dict, Iter, List, Range, Result, Str, Tuple, Type, Value, attr, call, op, plain};

/// `len(v)`.
pub fn len<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<i64> {
    match v {
        Value::Str(text) => Ok(len_str(text)),
        Value::List(list) => Ok(len_list(list)),
        Value::Dict(dict) => Ok(len_dict(dict)),
        Value::Tuple(tuple) => Ok(tuple.items().len() as i64),
        Value::Set(set) => Ok(set.len() as i64),
        Value::Range(range) => Ok(len_range(*range.0)),
        Value::Bytes(bytes) => Ok(bytes.bytes().len() as i64),
        Value::Instance(_) => match attr::call_special(cx, v, "__len__", &[], g)? {
            Some(Value::Int(len)) if len >= 0 => Ok(len),
            Some(Value::Int(_)) => Err(cx.raise(Type::ValueError, "__len__() should return >= 0", g)),
            Some(_) => Err(BailKind::Exception.at(g)),
            None if matches!(plain(v), Value::Instance(_)) => Err(no_len(cx, v, g)),
            None => len(cx, plain(v), g),
        },
        Value::Object(object) => match object.get().len(cx, g)? {
            Some(len) => Ok(len as i64),
            None => Err(no_len(cx, v, g)),
        },
        Value::Class(class) => match class.form() {
            crate::class::Form::Enum(members) => Ok(crate::enums::distinct(cx, members, g)?.len() as i64),
            _ => Err(no_len(cx, v, g)),
        },
        _ => Err(no_len(cx, v, g)),
    }
}

fn no_len<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::TypeError, &format!("object of type '{}' has no len()", crate::class::type_name(v)), g)
}

/// `len(v)`
pub(super) fn call_len<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => len(cx, *v, g).map(Value::Int),
        _ => Err(BailKind::Exception.at(g)),
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

/// The number of items of a tuple.
#[inline]
#[must_use]
pub fn len_tuple(v: Tuple<'_>) -> i64 {
    v.items().len() as i64
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
type Better<'a> = fn(&'a Cx<'a>, Value<'a>, Value<'a>, u32) -> Result<bool>;

/// `min(*values)`; a single one is iterated.
pub fn min<'a>(cx: &'a Cx<'a>, values: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    best(cx, values, op::lt, "min", g)
}

/// `max(*values)`; a single one is iterated.
pub fn max<'a>(cx: &'a Cx<'a>, values: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    best(cx, values, op::gt, "max", g)
}

/// `min(iterable)`.
pub fn min_of<'a>(cx: &'a Cx<'a>, iterable: Value<'a>, g: u32) -> Result<Value<'a>> {
    best_of(cx, iterable, None, None, op::lt, "min", g)
}

/// `max(iterable)`.
pub fn max_of<'a>(cx: &'a Cx<'a>, iterable: Value<'a>, g: u32) -> Result<Value<'a>> {
    best_of(cx, iterable, None, None, op::gt, "max", g)
}

fn best<'a>(cx: &'a Cx<'a>, values: &[Value<'a>], better: Better<'a>, name: &str, g: u32) -> Result<Value<'a>> {
    match values {
        [] => Err(BailKind::Exception.at(g)),
        [one] => best_of(cx, *one, None, None, better, name, g),
        [first, rest @ ..] => rest.iter().try_fold(*first, |best, &item| {
            // The first of equal ones stays.
            Ok(if better(cx, item, best, g)? { item } else { best })
        }),
    }
}

fn best_of<'a>(
    cx: &'a Cx<'a>,
    iterable: Value<'a>,
    key: Option<Value<'a>>,
    default: Option<Value<'a>>,
    better: Better<'a>,
    name: &str,
    g: u32,
) -> Result<Value<'a>> {
    if let (Value::Set(set), None) = (iterable, key)
        && super::sort::is_total(set.items())
    {
        let items: Vec<Value<'a>> = set.items().collect();
        if items.len() > 1 {
            return best(cx, &items, better, name, g);
        }
    }
    let mut items = Iter::new(cx, iterable, g)?;
    let key_of = |item: Value<'a>| match key {
        None => Ok(item),
        Some(function) => call::call_with(cx, function, &[item], g),
    };
    let Some(mut best) = items.next(cx, g)? else {
        return match default {
            Some(default) => Ok(default),
            None => Err(cx.raise(Type::ValueError, &format!("{name}() arg is an empty sequence"), g)),
        };
    };
    let mut best_key = key_of(best)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        let item_key = key_of(item)?;
        if better(cx, item_key, best_key, g)? {
            (best, best_key) = (item, item_key);
        }
    }
    Ok(best)
}

/// `min(*values, key=None, default=…)`
pub(super) fn call_min<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    call_best(cx, args, op::lt, "min", g)
}

/// `max(*values, key=None, default=…)`
pub(super) fn call_max<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    call_best(cx, args, op::gt, "max", g)
}

fn call_best<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, better: Better<'a>, name: &str, g: u32) -> Result<Value<'a>> {
    let [key, default] = Args { pos: &[], kw: args.kw }.bind(["key", "default"], 0, 0, g)?;
    let key = key.filter(|key| !matches!(key, Value::None));
    match (args.pos, default) {
        ([], _) => Err(BailKind::Exception.at(g)),
        ([one], _) => best_of(cx, *one, key, default, better, name, g),
        (_, Some(_)) => Err(BailKind::Exception.at(g)),
        (many, None) => {
            let tuple = crate::tuple_new(cx, many, g)?;
            best_of(cx, Value::Tuple(tuple), key, None, better, name, g)
        }
    }
}

/// `sum(iterable, start)`: the additions of CPython 3.11's `builtin_sum`, one by one from the left.
pub fn sum<'a>(cx: &'a Cx<'a>, iterable: Value<'a>, start: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let (Value::Set(set), Value::Int(_)) = (iterable, start)
        && set.items().all(|item| matches!(item, Value::Int(_)))
    {
        let items: Vec<Value<'a>> = set.items().collect();
        let list = crate::list_new(cx, &items, g)?;
        return sum(cx, Value::List(list), start, g);
    }
    if let (Value::List(list), Value::Int(_) | Value::Float(_)) = (iterable, start) {
        return sum_list(cx, list, start, g);
    }
    let mut items = Iter::new(cx, iterable, g)?;
    if let Value::Str(_) = start {
        return Err(cx.raise(Type::TypeError, "sum() can't sum strings [use ''.join(seq) instead]", g));
    }
    if let Value::Bytes(_) = start {
        return Err(BailKind::Exception.at(g));
    }
    let mut total = start;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        total = op::add(cx, total, item, g)?;
    }
    Ok(total)
}

/// The same of a list, from a number on; the items may change while they are added.
fn sum_list<'a>(cx: &'a Cx<'a>, list: List<'a>, mut total: Value<'a>, g: u32) -> Result<Value<'a>> {
    let mut at = 0;
    loop {
        let (sum, end) = sum_alike(list, total, at);
        cx.burn((end - at) * size_of::<Value<'_>>(), g)?;
        let Some(item) = list.at(end) else { return Ok(sum) };
        cx.tick(g)?;
        total = op::add(cx, sum, item, g)?;
        at = end + 1;
    }
}

/// What `total` and the items from `at` on come to, as far as they are all ints or all floats, and where that ends.
fn sum_alike<'a>(list: List<'a>, total: Value<'a>, mut at: usize) -> (Value<'a>, usize) {
    match total {
        Value::Int(mut total) => {
            while let Some(Value::Int(item)) = list.at(at)
                && let Some(sum) = total.checked_add(item)
            {
                total = sum;
                at += 1;
            }
            (Value::Int(total), at)
        }
        Value::Float(total) => {
            let mut total = total.get();
            while let Some(Value::Float(item)) = list.at(at) {
                total += item.get();
                at += 1;
            }
            (Value::float(total), at)
        }
        _ => (total, at),
    }
}

/// `sum(iterable, start)`
pub(super) fn call_sum<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.bind(["", "start"], 0, 2, g)? {
        [Some(iterable), start] => sum(cx, iterable, start.unwrap_or(Value::Int(0)), g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `any(iterable)`
pub(super) fn any<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    until(cx, args, true, g)
}

/// `all(iterable)`
pub(super) fn all<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    until(cx, args, false, g)
}

/// Whether an item's truth is `wanted`, for the first that is; else the opposite.
fn until<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, wanted: bool, g: u32) -> Result<Value<'a>> {
    let [iterable] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let mut items = Iter::new(cx, *iterable, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        if crate::truth(cx, item, g)? == wanted {
            return Ok(Value::bool(wanted));
        }
    }
    Ok(Value::bool(!wanted))
}

/// `abs(v)`
pub(super) fn call_abs<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [v] => convert::abs(cx, *v, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}
