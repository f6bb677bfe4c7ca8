//! The keyed hash of dicts; the order of a dict does not depend on it.

use crate::class::Form;
use crate::op::cmp_int_float;
use crate::string::hash_word;
use crate::{Bail, BailKind, Cx, Result, Type, Value, attr};

/// The hash of a dict's key; equal keys have the same.
pub(crate) fn hash_key<'a>(cx: &'a Cx<'a>, key: Value<'a>, g: u32) -> Result<u64> {
    let word = match key {
        Value::Str(text) => return Ok(text.hash(cx)),
        Value::None => 0x6E6F_6E65,
        Value::Ellipsis => 0x6E6F_6E66,
        Value::NotImplemented => 0x6E6F_6E67,
        Value::Bool(value) => u64::from(value.get()),
        Value::Int(value) => value as u64,
        Value::Float(value) if value.get().is_nan() => return Err(BailKind::Unsupported.at(g)),
        Value::Float(value) => hash_float(value.get()),
        Value::Big(value) => {
            // A float equal to it must have the same.
            let number = value.number();
            match crate::big::exact_float(&number) {
                Some(float) => float.to_bits(),
                None => {
                    let digits = number.magnitude().to_u64_digits();
                    digits.iter().fold(7, |hash, digit| hash_word(hash ^ digit, cx.seed))
                }
            }
        }
        Value::Bytes(bytes) => bytes.bytes().iter().fold(11, |hash, byte| hash_word(hash ^ u64::from(*byte), cx.seed)),
        Value::Tuple(tuple) => {
            cx.enter(g)?;
            let mut hash = 13;
            for item in tuple.items() {
                cx.tick(g)?;
                hash = hash_word(hash ^ hash_key(cx, *item, g)?, cx.seed);
            }
            cx.leave();
            hash
        }
        Value::Set(set) if set.is_frozen() => {
            // In any order.
            let mut sum = 17u64;
            for entry in set.entries() {
                sum = sum.wrapping_add(entry.hash.value as u64);
            }
            sum
        }
        Value::List(_) | Value::Dict(_) | Value::Set(_) => return Err(unhashable(cx, key, g)),
        Value::Range(_) => return Err(BailKind::Unsupported.at(g)),
        Value::Class(class) => std::ptr::from_ref(class.0).addr() as u64,
        Value::Function(function) => std::ptr::from_ref(function.0).addr() as u64,
        Value::Builtin(builtin) => std::ptr::from_ref(builtin).addr() as u64,
        Value::Method(_) => return Err(BailKind::Unsupported.at(g)),
        Value::Object(object) => object.get().hash(cx, g)? as u64,
        Value::Instance(instance) => return hash_instance(cx, instance, g),
    };
    Ok(hash_word(word, cx.seed))
}

fn hash_float(value: f64) -> u64 {
    let whole = value as i64;
    if cmp_int_float(whole, value) == Some(std::cmp::Ordering::Equal) { whole as u64 } else { value.to_bits() }
}

/// What the hash of an instance comes of.
pub(crate) enum HashOf<'a> {
    /// What `__hash__` of its class gave.
    Result(Value<'a>),
    /// The fields that a dataclass compares.
    Fields(&'a [crate::class::Field<'a>]),
    /// What it holds as an instance of a built-in class.
    Payload(Value<'a>),
    /// The name of an enum's member.
    Name,
    /// Which object it is.
    Identity,
}

/// What an instance is hashed by (`slot_tp_hash`, or what its class was made as); it may be the error of one that cannot.
pub(crate) fn hash_of<'a>(cx: &'a Cx<'a>, instance: crate::Instance<'a>, g: u32) -> Result<HashOf<'a>> {
    let v = Value::Instance(instance);
    let class = instance.class();
    let (hash, eq) = (cx.name("__hash__", g)?, cx.name("__eq__", g)?);
    // A class that defines `__eq__` alone has no hash.
    for known in class.mro() {
        match known.dict().get_str(cx, hash) {
            Some(Value::None) => return Err(unhashable(cx, v, g)),
            Some(Value::Object(method)) if method.get().as_generated().is_some() => {
                let fields = method.get().as_generated().map_or(&[][..], |form| form.fields);
                return Ok(HashOf::Fields(fields));
            }
            Some(_) => {
                return match attr::call_special(cx, v, "__hash__", &[], g)? {
                    Some(result @ (Value::Int(_) | Value::Big(_) | Value::Bool(_))) => Ok(HashOf::Result(result)),
                    _ => Err(BailKind::Exception.at(g)),
                };
            }
            None if known.dict().get_str(cx, eq).is_some() => return Err(unhashable(cx, v, g)),
            None => {}
        }
    }
    match (class.form(), instance.payload()) {
        // A mixed-in type comes before Enum, and its method is the one.
        (Form::Enum(_), Value::None) => Ok(HashOf::Name),
        (_, Value::None) => Ok(HashOf::Identity),
        _ if instance.is_exception() => Ok(HashOf::Identity),
        (_, payload) => Ok(HashOf::Payload(payload)),
    }
}

fn hash_instance<'a>(cx: &'a Cx<'a>, instance: crate::Instance<'a>, g: u32) -> Result<u64> {
    match hash_of(cx, instance, g)? {
        HashOf::Result(known) | HashOf::Payload(known) => hash_key(cx, known, g),
        HashOf::Fields(fields) => {
            let mut sum = 19;
            for field in fields.iter().filter(|field| field.compare) {
                let value = attr::get(cx, Value::Instance(instance), field.name, g)?;
                sum = hash_word(sum ^ hash_key(cx, value, g)?, cx.seed);
            }
            Ok(sum)
        }
        HashOf::Name | HashOf::Identity => Ok(hash_word(std::ptr::from_ref(instance.0).addr() as u64, cx.seed)),
    }
}

/// The `TypeError` of a value that cannot be hashed.
#[cold]
pub(crate) fn unhashable<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Bail {
    cx.raise(Type::TypeError, &format!("unhashable type: '{}'", crate::class::type_name(v)), g)
}
