//! Methods of `list` (`Objects/listobject.c`).

use crate::op::{equal_item, extend_from};
use crate::{Args, BailKind, Cx, List, Result, Type, Value, attr, builtin, repr};

/// Their names.
pub(super) const METHODS: &[&str] =
    &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, list: List<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if name == "sort" {
        return builtin::sort_list(cx, list, args, g).map(|()| Value::None);
    }
    if !METHODS.contains(&name) {
        return Err(BailKind::Unsupported.at(g));
    }
    match (name, args.positional(g)?) {
        ("append", [value]) => list_append(cx, list, *value, g).map(|()| Value::None),
        ("extend", [source]) => list_extend(cx, list, *source, g).map(|()| Value::None),
        ("insert", [at, value]) => {
            let at = integer(cx, *at, g)?;
            list_insert(cx, list, at, *value, g).map(|()| Value::None)
        }
        ("pop", []) => list_pop(cx, list, -1, g),
        ("pop", [at]) => {
            let at = integer(cx, *at, g)?;
            list_pop(cx, list, at, g)
        }
        ("clear", []) => list.assign(cx, &[], g).map(|()| Value::None),
        ("copy", []) => crate::list_new(cx, &list.to_vec(), g).map(Value::List),
        ("reverse", []) => {
            let mut items = list.to_vec();
            cx.burn(items.len() * size_of::<Value<'_>>(), g)?;
            items.reverse();
            list.assign(cx, &items, g).map(|()| Value::None)
        }
        ("count", [value]) => {
            let mut count = 0;
            let mut at = 0;
            while let Some(item) = list.at(at) {
                cx.tick(g)?;
                count += i64::from(equal_item(cx, item, *value, 0, g)?);
                at += 1;
            }
            Ok(Value::Int(count))
        }
        ("index", [value]) => index(cx, list, *value, 0, i64::MAX, g),
        ("index", [value, start]) => {
            let start = place(cx, *start, g)?;
            index(cx, list, *value, start, i64::MAX, g)
        }
        ("index", [value, start, stop]) => {
            let (start, stop) = (place(cx, *start, g)?, place(cx, *stop, g)?);
            index(cx, list, *value, start, stop, g)
        }
        ("remove", [value]) => {
            let mut at = 0;
            while let Some(item) = list.at(at) {
                cx.tick(g)?;
                if equal_item(cx, item, *value, 0, g)? {
                    cx.burn((list.len() - at) * size_of::<Value<'_>>(), g)?;
                    list.remove(at, g)?;
                    return Ok(Value::None);
                }
                at += 1;
            }
            Err(cx.raise(Type::ValueError, "list.remove(x): x not in list", g))
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// An index argument; raises as CPython where it is no integer.
pub(crate) fn integer<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<i64> {
    match v {
        Value::Int(value) => Ok(value),
        Value::Bool(value) => Ok(i64::from(value.get())),
        Value::Big(_) => Err(BailKind::Exception.at(g)),
        Value::Instance(_) => match attr::index_of(cx, v, g)? {
            Some(Value::Int(value)) => Ok(value),
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => {
            let name = crate::class::type_name(v);
            Err(cx.raise(Type::TypeError, &format!("'{name}' object cannot be interpreted as an integer"), g))
        }
    }
}

/// A start or stop of a search.
pub(super) fn place<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<i64> {
    match v {
        Value::Int(_) | Value::Bool(_) | Value::Big(_) | Value::Instance(_) => integer(cx, v, g),
        _ => {
            let text = "slice indices must be integers or have an __index__ method";
            Err(cx.raise(Type::TypeError, text, g))
        }
    }
}

/// A bound of a search, with negative ones counted from the end.
pub(super) fn clamp(at: i64, len: usize) -> usize {
    match usize::try_from(at) {
        Ok(at) => at.min(len),
        Err(_) => len.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}

fn index<'a>(cx: &'a Cx<'a>, list: List<'a>, value: Value<'a>, start: i64, stop: i64, g: u32) -> Result<Value<'a>> {
    let stop = clamp(stop, list.len());
    let mut at = clamp(start, list.len());
    while at < stop {
        let Some(item) = list.at(at) else { break };
        cx.tick(g)?;
        if equal_item(cx, item, value, 0, g)? {
            return Ok(Value::Int(at as i64));
        }
        at += 1;
    }
    let text = format!("{} is not in list", repr::repr_text(cx, value, g)?);
    Err(cx.raise(Type::ValueError, &text, g))
}

/// `list.append(value)`.
#[inline(always)]
pub fn list_append<'a>(cx: &'a Cx<'a>, list: List<'a>, value: Value<'a>, g: u32) -> Result<()> {
    match list.push_own(value) {
        true => Ok(()),
        false => list.push(cx, value, g),
    }
}

/// Adds to the list or set that a comprehension builds.
pub fn push<'a>(cx: &'a Cx<'a>, object: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
    match object {
        Value::List(list) => list.push(cx, value, g),
        Value::Set(set) => set.add(cx, value, g).map(|_| ()),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `list.extend(source)`.
pub fn list_extend<'a>(cx: &'a Cx<'a>, list: List<'a>, source: Value<'a>, g: u32) -> Result<()> {
    match source {
        Value::List(other) => list.extend(cx, other, g),
        _ => extend_from(cx, list, source, g),
    }
}

/// `list.insert(at, value)`; an index out of range means the nearer end.
pub fn list_insert<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, value: Value<'a>, g: u32) -> Result<()> {
    let len = list.len();
    let at = clamp(at, len);
    cx.burn((len - at) * size_of::<Value<'_>>(), g)?;
    list.insert(cx, at, value, g)
}

/// `list.pop(at)`, with `at` -1 for `list.pop()`.
pub fn list_pop<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    let len = list.len();
    if len == 0 {
        return Err(cx.raise(Type::IndexError, "pop from empty list", g));
    }
    let at = match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => len.checked_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    if let Some(at) = at {
        cx.burn(len.saturating_sub(at) * size_of::<Value<'_>>(), g)?;
        if let Some(item) = list.remove(at, g)? {
            return Ok(item);
        }
    }
    Err(cx.raise(Type::IndexError, "pop index out of range", g))
}
