//! Methods of `str`.

use crate::{Args, BailKind, Cx, Result, Str, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &[];

/// `receiver.name(*args)`
pub(super) fn call<'a>(
    _cx: &'a Cx<'a>,
    _receiver: Str<'a>,
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
