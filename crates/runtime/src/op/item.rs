//! Subscripts.

use crate::{BailKind, Cx, Dict, List, Result, Str, Value};

/// `obj[idx]`.
pub fn index<'a>(cx: &Cx<'a>, obj: Value<'a>, idx: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (obj, idx.index()) {
        (Value::Dict(dict), _) => dict_get(cx, dict, idx, g),
        (Value::List(list), Some(at)) => list_get(list, at, g),
        (Value::Str(text), Some(at)) => str_get(cx, text, at, g).map(Value::Str),
        (Value::Range(range), Some(at)) => {
            let len = range.0.len();
            let at = if at < 0 { at + len } else { at };
            if (0..len).contains(&at) { Ok(Value::Int(range.0.at(at))) } else { Err(BailKind::Exception.at(g)) }
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `obj[idx] = val`.
pub fn set_index<'a>(cx: &Cx<'a>, obj: Value<'a>, idx: Value<'a>, val: Value<'a>, g: u32) -> Result<()> {
    match (obj, idx.index()) {
        (Value::Dict(dict), _) => dict.set(cx, idx, val, g),
        (Value::List(list), Some(at)) => list_set(list, at, val, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `list[at]`; bails out with `Exception` out of range.
pub fn list_get<'a>(list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    place(at, list.len()).and_then(|at| list.at(at)).ok_or(BailKind::Exception.at(g))
}

/// `list[at] = val`; bails out with `Exception` out of range.
pub fn list_set<'a>(list: List<'a>, at: i64, val: Value<'a>, g: u32) -> Result<()> {
    match place(at, list.len()) {
        Some(at) if list.replace(at, val) => Ok(()),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `text[at]`; bails out with `Exception` out of range.
pub fn str_get<'a>(cx: &Cx<'a>, text: Str<'a>, at: i64, g: u32) -> Result<Str<'a>> {
    match place(at, text.chars()) {
        Some(at) if at < text.chars() => text.at(cx, at, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `dict[key]`; bails out with `Exception` when it is missing.
pub fn dict_get<'a>(cx: &Cx<'a>, dict: Dict<'a>, key: Value<'a>, g: u32) -> Result<Value<'a>> {
    dict.get(cx, key, g)?.ok_or(BailKind::Exception.at(g))
}

/// `dict[key]` with a string key; bails out with `Exception` when it is missing.
pub fn dict_get_str<'a>(cx: &Cx<'a>, dict: Dict<'a>, key: Str<'a>, g: u32) -> Result<Value<'a>> {
    dict.get_str(cx, key).ok_or(BailKind::Exception.at(g))
}

/// `dict[key] = val`.
pub fn dict_set<'a>(cx: &Cx<'a>, dict: Dict<'a>, key: Value<'a>, val: Value<'a>, g: u32) -> Result<()> {
    dict.set(cx, key, val, g)
}

/// An index with negative ones counted from the end; it may still be past the end.
fn place(at: i64, len: usize) -> Option<usize> {
    match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    }
}
