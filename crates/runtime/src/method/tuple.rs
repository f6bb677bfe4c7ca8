//! Methods of `tuple`.

use crate::{Args, BailKind, Cx, Result, Tuple, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &[];

/// `receiver.name(*args)`
pub(super) fn call<'a>(
    _cx: &'a Cx<'a>,
    _receiver: Tuple<'a>,
    name: &str,
    _args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    debug_assert!(!METHODS.contains(&name));
    Err(BailKind::Unsupported.at(g))
}
