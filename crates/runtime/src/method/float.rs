//! Methods of `float`.

use crate::{Args, BailKind, Cx, Result, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["is_integer"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(_cx: &'a Cx<'a>, v: f64, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (name, args.positional(g)?) {
        ("is_integer", []) => Ok(Value::Bool(v.is_finite() && v.trunc() == v)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
