//! Arithmetic of big integers, and the operators of sets, dicts and bytes.
//!
//! Each gives none where the operands are not of these types.

use num_bigint::BigInt;

use crate::op::BinaryOp;
use crate::{BailKind, Bytes, Cx, Result, Value, bytes_new};

/// `l op r`
pub(crate) fn binary<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    l: Value<'a>,
    r: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (l, r) {
        (Value::Bytes(l), Value::Bytes(r)) if op == BinaryOp::Add => concat(cx, l, r, g).map(Some),
        (Value::Big(_), _) | (_, Value::Big(_)) => Err(BailKind::Unsupported.at(g)),
        (Value::Set(_), Value::Set(_)) | (Value::Dict(_), Value::Dict(_)) => Err(BailKind::Unsupported.at(g)),
        _ => Ok(None),
    }
}

/// `l op= r`
pub(crate) fn inplace<'a>(
    _cx: &'a Cx<'a>,
    _op: BinaryOp,
    _l: Value<'a>,
    _r: Value<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    Err(BailKind::Unsupported.at(g))
}

/// `op v`, by the name of the special method.
pub(crate) fn unary<'a>(cx: &'a Cx<'a>, name: &str, v: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    let Value::Big(big) = v else { return Ok(None) };
    let number = match name {
        "__neg__" => -big.number(),
        "__pos__" => return Ok(Some(v)),
        _ => -big.number() - BigInt::from(1),
    };
    crate::big::int_value(cx, &number, g).map(Some)
}

fn concat<'a>(cx: &'a Cx<'a>, l: Bytes<'a>, r: Bytes<'a>, g: u32) -> Result<Value<'a>> {
    bytes_new(cx, &[l.bytes(), r.bytes()].concat(), g).map(Value::Bytes)
}
