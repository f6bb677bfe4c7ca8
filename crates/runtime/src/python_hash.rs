//! CPython's own hashes (`Python/pyhash.c` and the `tp_hash` of each type), by which sets are ordered.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::hash::{HashOf, hash_key, hash_of};
use crate::{BailKind, Cx, Instance, Result, Value, attr};

const MODULUS: u64 = (1 << 61) - 1;

/// What hashes depend on in one process of CPython and in all that are forked from it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct HashSecret {
    /// The two keys of SipHash (`_Py_HashSecret`), for texts and bytes.
    pub keys: [u64; 2],
    /// `hash(None)`, which is an address.
    pub none: i64,
}

impl HashSecret {
    /// The secret from its three words: the keys, and the hash of None.
    #[must_use]
    pub fn from_words([first, second, none]: [u64; 3]) -> Self {
        Self { keys: [first, second], none: none as i64 }
    }
}

/// The hash of a value.
#[derive(Copy, Clone)]
pub struct PythonHash {
    /// CPython's, if that is known; else one of Upshift's own. Equal values have the same.
    pub(crate) value: i64,
    pub(crate) holds: Holds,
}

/// Where a hash is CPython's.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// Nowhere: CPython's is an address, or follows from one.
    Nowhere,
    /// In processes with this [`HashSecret`].
    Here,
    /// In every process.
    Everywhere,
}

impl PythonHash {
    /// Of an object that is hashed by the bytes that CPython keeps.
    pub(crate) fn of_bytes<'a>(cx: &'a Cx<'a>, bytes: &[u8]) -> Self {
        Self::here(hash_bytes(cx, bytes))
    }

    fn everywhere(value: i64) -> Self {
        Self { value, holds: Holds::Everywhere }
    }

    fn here(value: i64) -> Self {
        Self { value, holds: Holds::Here }
    }

    /// Whether it is CPython's in the process that this invocation stands in for.
    pub(crate) fn is_known(self) -> bool {
        self.holds > Holds::Nowhere
    }
}

/// Whether hashing a value calls a method of the program's.
pub(crate) fn runs_code<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<bool> {
    match v {
        Value::Instance(instance) => {
            let hash = cx.name("__hash__", g)?;
            Ok(instance.class().mro().iter().any(|class| class.dict().get_str(cx, hash).is_some()))
        }
        Value::Tuple(tuple) => {
            for item in tuple.items() {
                if runs_code(cx, *item, g)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

/// `hash(v)`; runs `__hash__` of the program's own classes, once.
pub(crate) fn python_hash<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<PythonHash> {
    let known = match v {
        Value::None => return Ok(PythonHash::here(cx.hash_secret().none)),
        Value::Bool(value) => i64::from(value.get()),
        Value::Int(value) => hash_int(value),
        Value::Big(value) => hash_number(&value.number()),
        Value::Float(value) => match hash_double(value.get()) {
            Some(hash) => hash,
            None => return own_hash(cx, v, g),
        },
        Value::Str(text) => return Ok(PythonHash::here(text.python_hash(cx))),
        Value::Bytes(bytes) => return Ok(PythonHash::here(hash_bytes(cx, bytes.bytes()))),
        Value::Tuple(tuple) if let Some(hash) = hash_of_ints(tuple.items()) => hash,
        Value::Tuple(tuple) if tuple.items().iter().all(is_flat) => {
            return hash_tuple(cx, tuple.items().iter().map(|item| Ok(*item)), tuple.items().len(), g);
        }
        Value::Tuple(tuple) => {
            cx.enter(g)?;
            let hash = hash_tuple(cx, tuple.items().iter().map(|item| Ok(*item)), tuple.items().len(), g);
            cx.leave();
            return hash;
        }
        Value::Set(set) if set.is_frozen() => {
            let (mut sum, mut holds) = (0u64, Holds::Everywhere);
            for entry in set.entries() {
                sum ^= shuffle(entry.hash.value as u64);
                holds = holds.min(entry.hash.holds);
            }
            return Ok(PythonHash { value: frozen_hash(set.len(), sum), holds });
        }
        Value::Instance(instance) => return hash_instance(cx, instance, g),
        Value::Object(object) => match object.get().python_hash(cx, g)? {
            Some(hash) => return Ok(hash),
            None => return own_hash(cx, v, g),
        },
        _ => return own_hash(cx, v, g),
    };
    Ok(PythonHash::everywhere(known))
}

/// Whether hashing it leads to nothing else.
fn is_flat(item: &Value<'_>) -> bool {
    matches!(item, Value::Int(_) | Value::Str(_) | Value::None)
}

/// A hash that is not CPython's.
fn own_hash<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<PythonHash> {
    Ok(PythonHash { value: hash_key(cx, v, g)? as i64, holds: Holds::Nowhere })
}

/// `tuplehash`
fn hash_tuple<'a>(
    cx: &'a Cx<'a>,
    items: impl Iterator<Item = Result<Value<'a>>>,
    len: usize,
    g: u32,
) -> Result<PythonHash> {
    cx.burn(len * size_of::<Value<'_>>(), g)?;
    let (mut hash, mut holds) = (TupleHash::new(), Holds::Everywhere);
    for item in items {
        let lane = match item? {
            Value::Int(value) => PythonHash::everywhere(hash_int(value)),
            item => python_hash(cx, item, g)?,
        };
        holds = holds.min(lane.holds);
        hash.add(lane.value);
    }
    Ok(PythonHash { value: hash.finish(len), holds })
}

/// The same of a few ints.
fn hash_of_ints(items: &[Value<'_>]) -> Option<i64> {
    const MOST: usize = 8;
    if items.len() > MOST {
        return None;
    }
    let mut hash = TupleHash::new();
    for item in items {
        let Value::Int(value) = item else { return None };
        hash.add(hash_int(*value));
    }
    Some(hash.finish(items.len()))
}

struct TupleHash(u64);

impl TupleHash {
    const PRIME: u64 = 0x27D4_EB2F_1656_67C5;

    fn new() -> Self {
        Self(Self::PRIME)
    }

    #[inline]
    fn add(&mut self, lane: i64) {
        let hash = self.0.wrapping_add((lane as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F));
        self.0 = hash.rotate_left(31).wrapping_mul(0x9E37_79B1_85EB_CA87);
    }

    #[inline]
    fn finish(self, len: usize) -> i64 {
        match self.0.wrapping_add(len as u64 ^ (Self::PRIME ^ 3_527_539)) {
            u64::MAX => 1_546_275_796,
            hash => hash as i64,
        }
    }
}

fn hash_instance<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, g: u32) -> Result<PythonHash> {
    let v = Value::Instance(instance);
    match hash_of(cx, instance, g)? {
        HashOf::Result(Value::Bool(value)) => Ok(PythonHash::everywhere(i64::from(value.get()))),
        HashOf::Result(Value::Int(-1)) => Ok(PythonHash::everywhere(-2)),
        // The program's own hash may come of texts.
        HashOf::Result(Value::Int(value)) => Ok(PythonHash::here(value)),
        HashOf::Result(Value::Big(value)) => Ok(PythonHash::here(hash_number(&value.number()))),
        HashOf::Result(_) => Err(BailKind::Exception.at(g)),
        HashOf::Fields(fields) => {
            let compared = fields.iter().filter(|field| field.compare);
            let len = compared.clone().count();
            hash_tuple(cx, compared.map(|field| attr::get(cx, v, field.name, g)), len, g)
        }
        HashOf::Name => python_hash(cx, Value::Str(crate::enums::name_of(cx, instance, g)?), g),
        HashOf::Payload(payload) => python_hash(cx, payload, g),
        HashOf::Identity => own_hash(cx, v, g),
    }
}

/// `_Py_HashBytes`
fn hash_bytes<'a>(cx: &'a Cx<'a>, bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    let [first, second] = cx.hash_secret().keys;
    let mut hasher = SipHasher13::new_with_keys(first, second);
    hasher.write(bytes);
    let hash = hasher.finish() as i64;
    if hash == -1 { -2 } else { hash }
}

/// `unicode_hash`: of the text as CPython keeps it, in units of one, two or four bytes.
pub(crate) fn hash_text<'a>(cx: &'a Cx<'a>, text: &str) -> i64 {
    match text.chars().max() {
        None => 0,
        Some('\0'..='\x7F') => hash_bytes(cx, text.as_bytes()),
        Some('\u{80}'..='\u{FF}') => hash_bytes(cx, &text.chars().map(|letter| letter as u8).collect::<Vec<_>>()),
        Some('\u{100}'..='\u{FFFF}') => {
            hash_bytes(cx, &text.chars().flat_map(|letter| (letter as u16).to_le_bytes()).collect::<Vec<_>>())
        }
        Some(_) => hash_bytes(cx, &text.chars().flat_map(|letter| (letter as u32).to_le_bytes()).collect::<Vec<_>>()),
    }
}

/// `long_hash` of a number of any size.
fn hash_number(number: &num_bigint::BigInt) -> i64 {
    let size = i64::try_from(number.magnitude() % MODULUS).unwrap_or(0);
    let hash = if number.sign() == num_bigint::Sign::Minus { -size } else { size };
    if hash == -1 { -2 } else { hash }
}

fn shuffle(hash: u64) -> u64 {
    ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167)
}

/// `frozenset_hash`, given the items' shuffled hashes combined.
fn frozen_hash(used: usize, items: u64) -> i64 {
    let mut hash = items;
    hash ^= (used as u64 + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    if hash == u64::MAX { 590_923_713 } else { hash as i64 }
}

/// `long_hash`
fn hash_int(value: i64) -> i64 {
    let size = value.unsigned_abs();
    let size = (if size < MODULUS { size } else { size % MODULUS }) as i64;
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
        return number.map(|number| hash_number(&number));
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
fn fraction(value: f64) -> (f64, i32) {
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
