//! Methods of `int` and `bool`.

use crate::{Args, BailKind, Cx, Result, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &["bit_length"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(_cx: &'a Cx<'a>, v: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match (name, v, args.positional(g)?) {
        ("bit_length", Value::Big(big), []) => Ok(Value::Int(big.bits() as i64)),
        ("bit_length", _, []) => match v.index() {
            Some(value) => Ok(Value::Int(i64::from(64 - value.unsigned_abs().leading_zeros()))),
            None => Err(BailKind::Unsupported.at(g)),
        },
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `int.name(*args)`
pub(super) fn call_of_class<'a>(_cx: &'a Cx<'a>, _name: &str, _args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    Err(BailKind::Unsupported.at(g))
}
