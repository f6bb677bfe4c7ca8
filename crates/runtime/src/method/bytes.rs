//! Methods of `bytes`.

use crate::{Args, BailKind, Bytes, Cx, Result, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["decode"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(
    cx: &'a Cx<'a>,
    receiver: Bytes<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    match name {
        "decode" => crate::codec::decode(cx, receiver, args, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `class.name(*args)`
pub(super) fn call_of_class<'a>(_cx: &'a Cx<'a>, _name: &str, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    Err(BailKind::Unsupported.at(g))
}
