//! Methods of `int` and `bool` (`Objects/longobject.c`).

use num_bigint::{BigInt, Sign};

use crate::{Args, BailKind, Cx, Result, Type, Value, arith, big, bytes_new, tuple_new};

/// Their names.
pub(super) const METHODS: &[&str] = &["as_integer_ratio", "bit_count", "bit_length", "conjugate", "to_bytes"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, v: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if name == "to_bytes" {
        return to_bytes(cx, v, args, g);
    }
    match (name, v, args.positional(g)?) {
        ("bit_length", Value::Big(big), []) => Ok(Value::Int(big.bits() as i64)),
        ("bit_length", _, []) => match v.index() {
            Some(value) => Ok(Value::Int(i64::from(64 - value.unsigned_abs().leading_zeros()))),
            None => Err(BailKind::Unsupported.at(g)),
        },
        ("bit_count", Value::Big(big), []) => {
            Ok(Value::Int(big.number().magnitude().iter_u64_digits().map(|digit| i64::from(digit.count_ones())).sum()))
        }
        ("bit_count", _, []) => match v.index() {
            Some(value) => Ok(Value::Int(i64::from(value.unsigned_abs().count_ones()))),
            None => Err(BailKind::Unsupported.at(g)),
        },
        ("conjugate", Value::Bool(value), []) => Ok(Value::Int(i64::from(value.get()))),
        ("conjugate", _, []) => Ok(v),
        ("as_integer_ratio", _, []) => {
            let number = v.index().map_or(v, Value::Int);
            tuple_new(cx, &[number, Value::Int(1)], g).map(Value::Tuple)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// Whether bytes come in little-endian order.
fn little<'a>(cx: &'a Cx<'a>, order: Option<Value<'a>>, g: u32) -> Result<bool> {
    match order {
        None => Ok(false),
        Some(Value::Str(order)) if order.text() == "little" => Ok(true),
        Some(Value::Str(order)) if order.text() == "big" => Ok(false),
        Some(Value::Str(_)) => Err(cx.raise(Type::ValueError, "byteorder must be either 'little' or 'big'", g)),
        Some(_) => Err(BailKind::Exception.at(g)),
    }
}

/// `v.to_bytes(length, byteorder, *, signed)`
fn to_bytes<'a>(cx: &'a Cx<'a>, v: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [length, order, signed] = args.bind(["length", "byteorder", "signed"], 0, 2, g)?;
    let signed = signed.map_or(Ok(false), |signed| crate::truth(cx, signed, g))?;
    let little = little(cx, order, g)?;
    let length = match length.map(Value::index) {
        None => 1,
        Some(Some(length)) => match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => return Err(cx.raise(Type::ValueError, "length argument must be non-negative", g)),
        },
        Some(None) => return Err(BailKind::Exception.at(g)),
    };
    cx.reserve(length, g)?;
    let number = arith::integer(v).ok_or_else(|| BailKind::Unsupported.at(g))?;
    let negative = number.sign() == Sign::Minus;
    if negative && !signed {
        return Err(cx.raise(Type::OverflowError, "can't convert negative int to unsigned", g));
    }
    let mut bytes = match signed {
        true if number.sign() == Sign::NoSign => Vec::new(),
        true => number.to_signed_bytes_le(),
        false => match number.to_bytes_le().1 {
            zero if number.sign() == Sign::NoSign => zero[..0].to_vec(),
            bytes => bytes,
        },
    };
    if bytes.len() > length {
        return Err(cx.raise(Type::OverflowError, "int too big to convert", g));
    }
    bytes.resize(length, if negative { 0xFF } else { 0 });
    if !little {
        bytes.reverse();
    }
    bytes_new(cx, &bytes, g).map(Value::Bytes)
}

/// `int.name(*args)`
pub(super) fn call_of_class<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if name != "from_bytes" {
        return Err(BailKind::Unsupported.at(g));
    }
    let [source, order, signed] = args.bind(["bytes", "byteorder", "signed"], 1, 2, g)?;
    let signed = signed.map_or(Ok(false), |signed| crate::truth(cx, signed, g))?;
    let little = little(cx, order, g)?;
    if let Some(Value::Int(_) | Value::Bool(_) | Value::Float(_) | Value::None | Value::Big(_)) = source {
        return Err(BailKind::Unsupported.at(g));
    }
    let Some(mut bytes) = source.map(|source| super::bytes::content(cx, source, g)).transpose()? else {
        return Err(BailKind::Exception.at(g));
    };
    if little {
        bytes.reverse();
    }
    let number = match signed {
        true => BigInt::from_signed_bytes_be(&bytes),
        false => BigInt::from_bytes_be(Sign::Plus, &bytes),
    };
    big::int_value(cx, &number, g)
}
