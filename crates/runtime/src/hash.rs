//! Hashes: the keyed one of dicts here, and CPython's own where a result can show it (`Python/pyhash.c`).

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
        Value::Bool(value) => u64::from(value),
        Value::Int(value) => value as u64,
        Value::Float(value) if value.is_nan() => return Err(BailKind::Unsupported.at(g)),
        Value::Float(value) => hash_float(value),
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
            for item in set.items() {
                sum = sum.wrapping_add(hash_key(cx, item, g)?);
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

fn hash_instance<'a>(cx: &'a Cx<'a>, instance: crate::Instance<'a>, g: u32) -> Result<u64> {
    let v = Value::Instance(instance);
    let class = instance.class();
    let (hash, eq) = (cx.name("__hash__", g)?, cx.name("__eq__", g)?);
    // A class that defines `__eq__` alone has no hash.
    for known in class.mro() {
        match known.dict().get_str(cx, hash) {
            Some(Value::None) => return Err(unhashable(cx, v, g)),
            Some(_) => {
                return match attr::call_special(cx, v, "__hash__", &[], g)? {
                    Some(Value::Int(value)) => Ok(hash_word(value as u64, cx.seed)),
                    Some(Value::Big(value)) => hash_key(cx, Value::Big(value), g),
                    Some(Value::Bool(value)) => Ok(hash_word(u64::from(value), cx.seed)),
                    _ => Err(BailKind::Exception.at(g)),
                };
            }
            None if known.dict().get_str(cx, eq).is_some() => return Err(unhashable(cx, v, g)),
            None => {}
        }
    }
    match class.form() {
        crate::class::Form::Dataclass(dataclass) if dataclass.generated.contains(&"__eq__") => {
            if !dataclass.generated.contains(&"__hash__") {
                return Err(unhashable(cx, v, g));
            }
            let mut sum = 19;
            for field in dataclass.fields.iter().filter(|field| field.compare) {
                sum = hash_word(sum ^ hash_key(cx, attr::get(cx, v, field.name, g)?, g)?, cx.seed);
            }
            return Ok(sum);
        }
        _ => {}
    }
    match (instance.payload(), instance.is_exception()) {
        (Value::None, _) | (_, true) => Ok(hash_word(std::ptr::from_ref(instance.0).addr() as u64, cx.seed)),
        (payload, false) => hash_key(cx, payload, g),
    }
}

/// The `TypeError` of a value that cannot be hashed.
#[cold]
pub(crate) fn unhashable<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Bail {
    cx.raise(Type::TypeError, &format!("unhashable type: '{}'", crate::class::type_name(v)), g)
}

const MODULUS: u64 = (1 << 61) - 1;

/// CPython's own hash of a value where that is the same in every process; none where it is not.
pub(crate) fn python_hash(v: Value<'_>) -> Option<i64> {
    match v {
        Value::Bool(value) => Some(i64::from(value)),
        Value::Int(value) => Some(hash_int(value)),
        Value::Big(value) => {
            let number = value.number();
            let remainder = number.magnitude() % num_bigint::BigUint::from(MODULUS);
            let size = i64::try_from(&remainder).unwrap_or(0);
            let hash = if value.is_negative() { -size } else { size };
            Some(if hash == -1 { -2 } else { hash })
        }
        Value::Float(value) => hash_double(value),
        Value::Tuple(tuple) => {
            let mut hash = 0x27D4_EB2F_1656_67C5_u64;
            for item in tuple.items() {
                let lane = python_hash(*item)?;
                hash = hash.wrapping_add((lane as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F));
                hash = hash.rotate_left(31).wrapping_mul(0x9E37_79B1_85EB_CA87);
            }
            hash = hash.wrapping_add(tuple.items().len() as u64 ^ (0x27D4_EB2F_1656_67C5 ^ 3_527_539));
            Some(if hash == u64::MAX { 1_546_275_796 } else { hash as i64 })
        }
        Value::Set(set) if set.is_frozen() => {
            let mut hash = 0u64;
            for item in set.items() {
                let one = python_hash(item)?;
                hash ^= shuffle(one as u64);
            }
            // The table's size does not matter: empty places cancel out in CPython's fast path only pairwise.
            frozen_hash(set.len(), hash)
        }
        _ => None,
    }
}

fn shuffle(hash: u64) -> u64 {
    ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
}

/// `frozenset_hash`, given the items' shuffled hashes combined.
fn frozen_hash(used: usize, items: u64) -> Option<i64> {
    let mut hash = items;
    hash ^= (used as u64 + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    Some(if hash == u64::MAX { 590_923_713 } else { hash as i64 })
}

/// `long_hash`
fn hash_int(value: i64) -> i64 {
    let size = (value.unsigned_abs() % MODULUS) as i64;
    let hash = if value < 0 { -size } else { size };
    if hash == -1 { -2 } else { hash }
}

/// `_Py_HashDouble`; a NaN's hash is its address.
fn hash_double(value: f64) -> Option<i64> {
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { 314_159 } else { -314_159 });
    }
    let number = crate::big::float_to_int(value);
    if value.trunc() == value {
        let number = number?;
        let size = number.magnitude() % num_bigint::BigUint::from(MODULUS);
        let size = i64::try_from(&size).ok()?;
        let hash = if value < 0.0 { -size } else { size };
        return Some(if hash == -1 { -2 } else { hash });
    }
    // The fraction's bits, 28 at a time, as a number modulo the prime.
    let (mut mantissa, mut exponent) = fraction(value.abs());
    let mut hash = 0u64;
    while mantissa != 0.0 {
        hash = ((hash << 28) & MODULUS) | hash >> (61 - 28);
        mantissa *= 268_435_456.0;
        exponent -= 28;
        let digit = mantissa as u64;
        mantissa -= digit as f64;
        hash += digit;
        if hash >= MODULUS {
            hash -= MODULUS;
        }
    }
    let shift = if exponent >= 0 { exponent % 61 } else { 60 - (-1 - exponent) % 61 } as u32;
    hash = ((hash << shift) & MODULUS) | hash >> (61 - shift);
    let hash = if value < 0.0 { -(hash as i64) } else { hash as i64 };
    Some(if hash == -1 { -2 } else { hash })
}

/// `frexp` of a positive number: a mantissa in [0.5, 1) and an exponent.
pub(crate) fn fraction(value: f64) -> (f64, i32) {
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32;
    if exponent == 0 {
        if value == 0.0 {
            return (value, 0);
        }
        let (mantissa, exponent) = fraction(value * 2f64.powi(64));
        return (mantissa, exponent - 64);
    }
    (f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52), exponent - 1022)
}
