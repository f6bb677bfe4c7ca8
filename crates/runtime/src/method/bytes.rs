//! Methods of `bytes`.

use crate::{Args, BailKind, Bytes, Cx, Result, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &[];

/// `receiver.name(*args)`
pub(super) fn call<'a>(
    _cx: &'a Cx<'a>,
    _receiver: Bytes<'a>,
    name: &str,
    _args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    debug_assert!(!METHODS.contains(&name));
    Err(BailKind::Unsupported.at(g))
}

/// `class.name(*args)`
pub(super) fn call_of_class<'a>(_cx: &'a Cx<'a>, _name: &str, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    Err(BailKind::Unsupported.at(g))
}
