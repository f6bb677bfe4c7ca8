//! Methods of `dict`.

use crate::{Args, BailKind, Cx, Dict, Result, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["get"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (name, args.positional(g)?) {
        ("get", [key]) => dict_get(cx, dict, *key, Value::None, g),
        ("get", [key, default]) => dict_get(cx, dict, *key, *default, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `dict.name(*args)`
pub(super) fn call_of_class<'a>(_cx: &'a Cx<'a>, _name: &str, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    Err(BailKind::Unsupported.at(g))
}

/// `dict.get(key, default)`.
pub fn dict_get<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Value<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
    Ok(dict.get(cx, key, g)?.unwrap_or(default))
}
