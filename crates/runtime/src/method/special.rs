//! Special methods of built-in types, called by name: `items.__contains__`, `super().__setitem__(key, value)`.
//!
//! What their operators would ask of the other operand's class too, they do not: such operands bail out.

use crate::op::{self, BinaryOp, CompareOp};
use crate::{Args, BailKind, Cx, Result, Type, Value, iter_value, method, plain};

const NUMBER: &[&str] = &[
    "__add__",
    "__radd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__truediv__",
    "__rtruediv__",
    "__floordiv__",
    "__rfloordiv__",
    "__mod__",
    "__rmod__",
    "__pow__",
    "__rpow__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__bool__",
    "__int__",
    "__float__",
    "__eq__",
    "__ne__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__hash__",
    "__str__",
    "__repr__",
];
const INT: &[&str] = &[
    "__and__",
    "__rand__",
    "__or__",
    "__ror__",
    "__xor__",
    "__rxor__",
    "__lshift__",
    "__rlshift__",
    "__rshift__",
    "__rrshift__",
    "__invert__",
    "__index__",
];
const COMPARED: &[&str] = &["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__str__", "__repr__"];
const SEQUENCE: &[&str] = &["__add__", "__mul__", "__rmul__", "__len__", "__iter__", "__contains__", "__getitem__"];
const LIST: &[&str] = &["__setitem__", "__delitem__", "__reversed__", "__iadd__"];
const DICT: &[&str] = &[
    "__len__",
    "__iter__",
    "__contains__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__reversed__",
    "__eq__",
    "__ne__",
    "__or__",
    "__str__",
    "__repr__",
];
const SET: &[&str] = &["__len__", "__iter__", "__contains__", "__and__", "__or__", "__sub__", "__xor__"];

/// Whether a built-in type has the special method `name`, and it is known here.
pub(super) fn exists(ty: Type, name: &str) -> bool {
    let lists: &[&[&str]] = match ty {
        Type::Int | Type::Bool => &[NUMBER, INT],
        Type::Float => &[NUMBER],
        Type::Str => &[COMPARED, SEQUENCE, &["__hash__", "__mod__"]],
        Type::Tuple => &[COMPARED, SEQUENCE, &["__hash__"]],
        Type::List => &[COMPARED, SEQUENCE, LIST],
        Type::Dict => &[DICT],
        Type::Set => &[COMPARED, SET],
        Type::FrozenSet => &[COMPARED, SET, &["__hash__"]],
        _ => &[],
    };
    lists.iter().any(|list| list.contains(&name))
}

/// `receiver.name(*args)`; `receiver` may be an instance of a subclass.
pub(super) fn call<'a>(
    cx: &'a Cx<'a>,
    receiver: Value<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    let unsupported = || Err(BailKind::Unsupported.at(g));
    let v = plain(receiver);
    if !args.kw.is_empty() || !exists(crate::type_of(v), name) {
        return unsupported();
    }
    let missing = |cx: &'a Cx<'a>| -> Result<bool> {
        let Value::Instance(instance) = receiver else { return Ok(false) };
        Ok(instance.class().lookup(cx, cx.name("__missing__", g)?).is_some())
    };
    let function = |name: &str| match crate::library::find("builtins", name) {
        Some(found) => crate::call(cx, Value::Builtin(found), Args::of(&[v]), g),
        None => {
            crate::call(cx, Value::Class(cx.class(Type::named(name).unwrap_or(Type::Object), g)?), Args::of(&[v]), g)
        }
    };
    match (name, args.pos) {
        ("__len__", []) => function("len"),
        ("__iter__", []) => iter_value(cx, v, g),
        ("__contains__", [item]) => op::contains(cx, *item, v, g).map(Value::bool),
        ("__getitem__", [_]) if missing(cx)? => unsupported(),
        ("__getitem__", [key]) => op::index(cx, v, *key, g),
        ("__setitem__", [key, value]) => op::set_index(cx, v, *key, *value, g).map(|()| Value::None),
        ("__delitem__", [key]) => op::del_index(cx, v, *key, g).map(|()| Value::None),
        ("__neg__", []) => op::neg(cx, v, g),
        ("__pos__", []) => op::pos(cx, v, g),
        ("__invert__", []) => op::invert(cx, v, g),
        ("__abs__", []) => function("abs"),
        ("__bool__", []) => crate::truth(cx, v, g).map(Value::bool),
        ("__int__" | "__index__", []) => function("int"),
        ("__float__", []) => function("float"),
        ("__reversed__", []) => function("reversed"),
        ("__hash__", []) => function("hash"),
        ("__str__", []) => function("str"),
        ("__repr__", []) => function("repr"),
        ("__iadd__", [other]) => {
            method::call(cx, v, "extend", Args::of(&[*other]), g)?;
            Ok(receiver)
        }
        (_, [other]) => match (name, v) {
            ("__mod__", Value::Str(format)) => crate::format::percent(cx, format, *other, g).map(Value::Str),
            _ => with_other(cx, v, name, plain(*other), g),
        },
        _ => unsupported(),
    }
}

fn with_other<'a>(cx: &'a Cx<'a>, v: Value<'a>, name: &str, other: Value<'a>, g: u32) -> Result<Value<'a>> {
    let (ty, of) = (crate::type_of(v), crate::type_of(other));
    let int = |ty: Type| matches!(ty, Type::Int | Type::Bool);
    let set = |ty: Type| matches!(ty, Type::Set | Type::FrozenSet);
    let alike = ty == of || int(ty) && int(of) || set(ty) && set(of) || ty == Type::Float && int(of);
    let compared = match name {
        "__eq__" => Some(CompareOp::Eq),
        "__ne__" => Some(CompareOp::Ne),
        "__lt__" => Some(CompareOp::Lt),
        "__le__" => Some(CompareOp::Le),
        "__gt__" => Some(CompareOp::Gt),
        "__ge__" => Some(CompareOp::Ge),
        _ => None,
    };
    if let Some(compared) = compared {
        return if alike { op::rich_compare(cx, compared, v, other, g) } else { Err(BailKind::Unsupported.at(g)) };
    }
    let Some((operator, reflected)) = BinaryOp::of_method(name) else { return Err(BailKind::Unsupported.at(g)) };
    let repeated = operator == BinaryOp::Mul && int(of) && matches!(ty, Type::Str | Type::List | Type::Tuple);
    match (alike || repeated, reflected) {
        (false, _) => Err(BailKind::Unsupported.at(g)),
        (true, false) => op::binary(cx, operator, v, other, g),
        (true, true) => op::binary(cx, operator, other, v, g),
    }
}
