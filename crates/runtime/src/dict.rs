//! Dicts: insertion-ordered hash tables in the arena.
//!
//! Holds: the first `len` slots are the entries in insertion order; `1`, `1.0` and `True` share one; above [`SCAN`] slots, `index` maps hashes to slots by linear probing and is at most half full.

use std::cell::Cell;

use crate::op::cmp_int_float;
use crate::string::hash_word;
use crate::{BailKind, Cx, Result, Str, Value};

/// Dicts with at most this many slots are searched linearly.
const SCAN: usize = 8;

/// A dict; copies share the same entries.
#[derive(Copy, Clone)]
pub struct Dict<'a>(pub(crate) &'a DictObj<'a>);

pub(crate) struct DictObj<'a> {
    slots: Cell<&'a [Slot<'a>]>,
    len: Cell<usize>,
    /// Slot numbers plus one, 0 where empty; a power of two long, or empty for a small dict.
    index: Cell<&'a [Cell<u32>]>,
}

struct Slot<'a> {
    hash: Cell<u64>,
    key: Cell<Value<'a>>,
    value: Cell<Value<'a>>,
}

/// A new dict of the given keys and values, later ones replacing the values of equal keys.
///
/// Bails out with `Exception` at an unhashable key, with `Unsupported` at NaN.
pub fn dict_new<'a>(cx: &Cx<'a>, items: &[(Value<'a>, Value<'a>)], g: u32) -> Result<Dict<'a>> {
    let object = DictObj { slots: Cell::new(&[]), len: Cell::new(0), index: Cell::new(&[]) };
    let dict = Dict(cx.alloc(object, g)?);
    if !items.is_empty() {
        dict.grow(cx, items.len(), g)?;
    }
    for &(key, value) in items {
        dict.set(cx, key, value, g)?;
    }
    Ok(dict)
}

impl<'a> Dict<'a> {
    /// The number of entries.
    #[inline]
    #[must_use]
    pub fn len(self) -> usize {
        self.0.len.get()
    }

    /// Whether there are no entries.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether both are the same dict.
    #[must_use]
    pub fn same(self, other: Dict<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// The key and value inserted as the `index`th, if there are so many.
    #[must_use]
    pub fn entry(self, index: usize) -> Option<(Value<'a>, Value<'a>)> {
        if index >= self.len() {
            return None;
        }
        let slot = &self.0.slots.get()[index];
        Some((slot.key.get(), slot.value.get()))
    }

    /// The value of `key`; bails out as [`dict_new`] does at a key that cannot be hashed.
    pub(crate) fn get(self, cx: &Cx<'a>, key: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let hash = hash_key(cx, key, g)?;
        Ok(self.find(hash, key).map(|slot| slot.value.get()))
    }

    /// The value of a string key.
    pub(crate) fn get_str(self, cx: &Cx<'a>, key: Str<'a>) -> Option<Value<'a>> {
        self.find(key.hash(cx), Value::Str(key)).map(|slot| slot.value.get())
    }

    /// Sets the value of `key`, which keeps its place if it is there.
    pub(crate) fn set(self, cx: &Cx<'a>, key: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let hash = hash_key(cx, key, g)?;
        if let Some(slot) = self.find(hash, key) {
            slot.value.set(value);
            return Ok(());
        }
        let len = self.len();
        if len == self.0.slots.get().len() {
            self.grow(cx, (len * 2).max(4), g)?;
        }
        let slot = &self.0.slots.get()[len];
        slot.hash.set(hash);
        slot.key.set(key);
        slot.value.set(value);
        self.0.len.set(len + 1);
        add_to_index(self.0.index.get(), hash, len);
        Ok(())
    }

    fn find(self, hash: u64, key: Value<'a>) -> Option<&'a Slot<'a>> {
        let slots = &self.0.slots.get()[..self.len()];
        let index = self.0.index.get();
        let found = |slot: &&Slot<'a>| slot.hash.get() == hash && same_key(slot.key.get(), key);
        if index.is_empty() {
            return slots.iter().find(found);
        }
        let mask = index.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let number = index[place].get() as usize;
            if number == 0 {
                return None;
            }
            let slot = &slots[number - 1];
            if found(&slot) {
                return Some(slot);
            }
            place = (place + 1) & mask;
        }
    }

    fn grow(self, cx: &Cx<'a>, room: usize, g: u32) -> Result<()> {
        let old = &self.0.slots.get()[..self.len()];
        let index: &[Cell<u32>] = if room <= SCAN {
            &[]
        } else {
            if room >= u32::MAX as usize / 4 {
                return Err(BailKind::Memory.at(g));
            }
            cx.alloc_slice((room * 2).next_power_of_two(), |_| Cell::new(0), g)?
        };
        let copy = |number: usize| match old.get(number) {
            Some(slot) => Slot { hash: slot.hash.clone(), key: slot.key.clone(), value: slot.value.clone() },
            None => Slot { hash: Cell::new(0), key: Cell::new(Value::None), value: Cell::new(Value::None) },
        };
        let slots = cx.alloc_slice(room, copy, g)?;
        for (number, slot) in old.iter().enumerate() {
            add_to_index(index, slot.hash.get(), number);
        }
        self.0.slots.set(slots);
        self.0.index.set(index);
        Ok(())
    }
}

/// Enters slot `number` into the index, if there is one.
fn add_to_index(index: &[Cell<u32>], hash: u64, number: usize) {
    if index.is_empty() {
        return;
    }
    let mask = index.len() - 1;
    let mut place = hash as usize & mask;
    while index[place].get() != 0 {
        place = (place + 1) & mask;
    }
    index[place].set(number as u32 + 1);
}

/// The hash of a key; equal keys have the same.
fn hash_key<'a>(cx: &Cx<'a>, key: Value<'a>, g: u32) -> Result<u64> {
    let word = match key {
        Value::Str(text) => return Ok(text.hash(cx)),
        Value::None => 0x6E6F_6E65,
        Value::Bool(value) => u64::from(value),
        Value::Int(value) => value as u64,
        Value::Float(value) if value.is_nan() => return Err(BailKind::Unsupported.at(g)),
        Value::Float(value) => {
            let whole = value as i64;
            if cmp_int_float(whole, value) == Some(std::cmp::Ordering::Equal) { whole as u64 } else { value.to_bits() }
        }
        Value::List(_) | Value::Dict(_) => return Err(BailKind::Exception.at(g)),
        Value::Range(_) => return Err(BailKind::Unsupported.at(g)),
    };
    Ok(hash_word(word, cx.seed))
}

/// Equality of two hashable keys.
fn same_key(l: Value<'_>, r: Value<'_>) -> bool {
    match (l, r) {
        (Value::Str(l), Value::Str(r)) => std::ptr::eq(l.0, r.0) || l.text() == r.text(),
        (Value::None, Value::None) => true,
        _ => crate::op::compare_numbers(l, r) == Some(Some(std::cmp::Ordering::Equal)),
    }
}
