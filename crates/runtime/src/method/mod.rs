//! Methods of the built-in types, one module a type.
//!
//! Each has `METHODS`, the names that it knows, and `call`, which bails out with `Exception` at wrong arguments.

mod bytes;
mod dict;
mod direct;
mod float;
mod guessed;
mod int;
mod list;
mod set;
mod special;
mod str;
mod text;
mod tuple;

pub use self::dict::dict_get;
pub use self::direct::{
    dict_get_or_none, dict_get_str_or, dict_get_str_or_none, list_pop_last, str_count, str_ends_with, str_find,
    str_is_alnum, str_is_alpha, str_is_digit, str_is_space, str_join, str_lines, str_lower, str_lstrip, str_lstrip_of,
    str_replace, str_rstrip, str_rstrip_of, str_split, str_starts_with, str_strip, str_strip_of, str_upper, str_words,
};
pub use self::guessed::{object_append, object_append_left, object_pop, object_pop_left, set_add};
pub(crate) use self::list::integer;
pub use self::list::{list_append, list_extend, list_insert, list_pop, push};

pub(crate) use self::bytes::{METHODS as BYTES, byte, content as bytes_content, from_hex, shared as bytes_method};
pub(crate) use self::dict::update;

use crate::{Args, BailKind, Class, Cx, Result, Type, Value, library, plain, type_of};

/// The names of the methods of a built-in type.
fn names(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::List => list::METHODS,
        Type::Tuple => tuple::METHODS,
        Type::Str => str::METHODS,
        Type::Bytes => bytes::METHODS,
        Type::Dict | Type::DefaultDict | Type::Counter | Type::OrderedDict => dict::METHODS,
        Type::Set => set::METHODS,
        Type::FrozenSet => set::FROZEN_METHODS,
        Type::Int | Type::Bool => int::METHODS,
        Type::Float => float::METHODS,
        _ => &[],
    }
}

/// Whether instances of the type have a method of that name that is known here.
#[must_use]
pub fn exists(ty: Type, name: &str) -> bool {
    names(ty).contains(&name) || special::exists(ty, name) || library::datetime::has_method(ty, name)
}

/// Methods and attributes that a built-in type has in CPython, and that are not known here.
const UNKNOWN: &[(Type, &[&str])] = &[
    (Type::Int, &["denominator", "from_bytes", "imag", "numerator", "real"]),
    (Type::Bool, &["denominator", "from_bytes", "imag", "numerator", "real"]),
    (Type::Float, &["fromhex", "imag", "real"]),
    (Type::Bytes, &["expandtabs", "fromhex", "istitle", "maketrans"]),
];

/// Whether the type has such a method or attribute.
pub(crate) fn is_unknown(ty: Type, name: &str) -> bool {
    UNKNOWN.iter().any(|(known, names)| *known == ty && names.contains(&name))
}

/// `receiver.name(*args)` of a built-in type.
pub fn call<'a>(cx: &'a Cx<'a>, receiver: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if let Value::Instance(instance) = receiver
        && let crate::class::Form::NamedTuple(fields) = instance.class().form()
        && crate::named_tuple::has_method(name)
    {
        return crate::named_tuple::call(cx, instance, fields, name, args, g);
    }
    if name.starts_with("__") {
        return special::call(cx, receiver, name, args, g);
    }
    match plain(receiver) {
        Value::List(list) => list::call(cx, list, name, args, g),
        Value::Str(text) => str::call(cx, text, name, args, g),
        Value::Dict(dict) => dict::call(cx, dict, name, args, g),
        Value::Tuple(tuple) => tuple::call(cx, tuple, name, args, g),
        Value::Set(set) => set::call(cx, set, name, args, g),
        Value::Bytes(bytes) => bytes::call(cx, bytes, name, args, g),
        v @ (Value::Int(_) | Value::Big(_) | Value::Bool(_)) => int::call(cx, v, name, args, g),
        Value::Float(value) => float::call(cx, value.get(), name, args, g),
        Value::Object(object) if object.get().has_method(name) => object.get().method(cx, receiver, name, args, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
    .map_err(|bail| missing(cx, receiver, name, bail, g))
}

/// A method that the type does not have is an `AttributeError`.
fn missing<'a>(cx: &'a Cx<'a>, receiver: Value<'a>, name: &str, bail: crate::Bail, g: u32) -> crate::Bail {
    let unknown = bail.kind() == BailKind::Unsupported
        && !name.starts_with("__")
        && !exists(type_of(receiver), name)
        && !is_unknown(type_of(receiver), name)
        && !names(type_of(receiver)).is_empty();
    match unknown {
        true => {
            let text = format!("'{}' object has no attribute '{name}'", crate::class::type_name(receiver));
            cx.raise(Type::AttributeError, &text, g)
        }
        false => bail,
    }
}

/// Whether the built-in class has a class or static method of that name (`dict.fromkeys`, `str.maketrans`).
#[must_use]
pub fn exists_of_class(ty: Type, name: &str) -> bool {
    matches!(
        (ty, name),
        (Type::Dict | Type::OrderedDict, "fromkeys")
            | (Type::Str, "maketrans")
            | (Type::Int, "from_bytes")
            | (Type::Bytes | Type::ByteArray, "fromhex")
            | (Type::Bytes, "maketrans")
    ) || library::datetime::has_class_method(ty, name)
}

/// `class.name(*args)` of such a method.
pub fn call_of_class<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    name: &str,
    args: Args<'_, 'a>,
    g: u32,
) -> Result<Value<'a>> {
    if let crate::class::Form::NamedTuple(fields) = class.form() {
        return crate::named_tuple::make_of(cx, class, fields, args, g);
    }
    match class.builtin() {
        Some(Type::Dict) => dict::call_of_class(cx, name, args, g),
        Some(Type::Str) => str::call_of_class(cx, name, args, g),
        Some(Type::Int) => int::call_of_class(cx, name, args, g),
        Some(Type::Bytes) => bytes::call_of_class(cx, name, args, g),
        Some(ty) if library::datetime::has_class_method(ty, name) => {
            library::datetime::class_method(cx, ty, name, args, g)
        }
        Some(Type::ByteArray) => crate::bytearray::bytearray_new(cx, &from_hex(cx, args, g)?, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
