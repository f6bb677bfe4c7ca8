//! How values of one static type become values of another, as Rust text.

use upshift_ir::Const;

use crate::Ty;

/// `text` of type `ty` as the runtime's `Value`; a range needs the arena, see [`super::stmt::Printer::boxed`].
pub(super) fn boxed(text: &str, ty: Ty) -> String {
    match ty {
        Ty::Bool => format!("Value::bool({text})"),
        Ty::Int => format!("Value::Int({text})"),
        Ty::Float => format!("Value::float({text})"),
        Ty::Str => format!("Value::Str({text})"),
        Ty::List => format!("Value::List({text})"),
        Ty::Tuple => format!("Value::Tuple({text})"),
        Ty::Dict => format!("Value::Dict({text})"),
        Ty::Number => format!("{text}.value()"),
        Ty::None | Ty::Never | Ty::Any | Ty::Loaded => text.to_owned(),
        Ty::Range | Ty::Iter(_) => format!("rt::range_value(cx, {text}, 0)?"),
    }
}

/// The `Value` method that holds a value to `ty`, or `None` where every value is fine.
pub(super) fn guard_method(ty: Ty) -> Option<&'static str> {
    match ty {
        Ty::Bool => Some("as_bool"),
        Ty::Int => Some("as_int"),
        Ty::Float => Some("as_float"),
        Ty::Number => Some("as_number"),
        Ty::Str => Some("as_str"),
        Ty::List => Some("as_list"),
        Ty::Tuple => Some("as_tuple"),
        Ty::Dict => Some("as_dict"),
        Ty::Range => Some("as_range"),
        Ty::None | Ty::Never | Ty::Any | Ty::Iter(_) | Ty::Loaded => None,
    }
}

/// A constant other than a string, as Rust of its own static type.
pub(super) fn constant(constant: &Const) -> String {
    match constant {
        Const::None => "Value::None".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) if *value == i64::MIN => "i64::MIN".to_owned(),
        Const::Int(value) if *value < 0 => format!("({value}_i64)"),
        Const::Int(value) => format!("{value}_i64"),
        Const::Float(value) => float(value.0),
        Const::Ellipsis => "Value::Ellipsis".to_owned(),
        Const::Str(_) | Const::BigInt(_) | Const::Bytes(_) => {
            unreachable!("strings are literals of the table, the others need a guard")
        }
    }
}

/// A constant other than a string as a `Value`; `at` is the guard of making it.
pub(super) fn boxed_constant(value: &Const, at: usize) -> String {
    match value {
        Const::BigInt(digits) => format!("rt::int_literal(cx, {digits:?}, {at})?"),
        Const::Bytes(bytes) => format!("Value::Bytes(rt::bytes_new(cx, &{bytes:?}, {at})?)"),
        other => boxed(&constant(other), Ty::of_const(other).unwrap_or(Ty::Any)),
    }
}

/// A float as a Rust expression that is it to the bit.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        return format!("f64::from_bits(0x{:x})", value.to_bits());
    }
    if value.is_sign_negative() { format!("({value:?}_f64)") } else { format!("{value:?}_f64") }
}

/// An int constant as the float that CPython would convert it to, where that is exact.
pub(super) fn int_as_float(value: i64) -> Option<String> {
    (value.unsigned_abs() <= 1 << 53).then(|| float(value as f64))
}
