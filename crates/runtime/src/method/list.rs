//! Methods of `list`.

use crate::op::extend_from;
use crate::{Args, BailKind, Cx, List, Result, Type, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["append", "extend", "insert", "pop"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, list: List<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (name, args.positional(g)?) {
        ("append", [value]) => list_append(cx, list, *value, g).map(|()| Value::None),
        ("extend", [source]) => list_extend(cx, list, *source, g).map(|()| Value::None),
        ("insert", [Value::Int(at), value]) => list_insert(cx, list, *at, *value, g).map(|()| Value::None),
        ("pop", []) => list_pop(cx, list, -1, g),
        ("pop", [Value::Int(at)]) => list_pop(cx, list, *at, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `list.append(value)`.
pub fn list_append<'a>(cx: &'a Cx<'a>, list: List<'a>, value: Value<'a>, g: u32) -> Result<()> {
    list.push(cx, value, g)
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
    let at = match usize::try_from(at) {
        Ok(at) => at.min(len),
        Err(_) => len.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
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
