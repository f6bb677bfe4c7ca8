//! Dicts: insertion-ordered hash tables in the arena (`Objects/dictobject.c`).
//!
//! Holds: the first `filled` slots hold the entries in insertion order, deleted ones as holes; `1`, `1.0` and `True` share one;
//! above [`SCAN`] slots, `index` maps hashes to slots by linear probing and is at most half full.

mod keys;
mod table;
mod undo;

use std::cell::Cell;

pub(crate) use self::keys::{Keys, dict_of_keys};
pub(crate) use self::undo::DictBefore;
use crate::hash::hash_key;
use crate::state::Owned;
use crate::{Cx, Result, Str, Type, Value};

/// Dicts with at most this many slots are searched linearly.
pub(crate) const SCAN: usize = 8;

/// A dict; copies share the same entries.
#[derive(Copy, Clone)]
pub struct Dict<'a>(pub(crate) &'a DictObj<'a>);

pub(crate) struct DictObj<'a> {
    slots: Cell<&'a [Slot<'a>]>,
    /// Slots in use, deleted ones included.
    filled: Cell<usize>,
    /// Entries.
    len: Cell<usize>,
    /// Slot numbers plus one, 0 where empty; a power of two long, or empty for a small dict.
    index: Cell<&'a [Cell<u32>]>,
    /// The slot that a string was last found in: `d[k] = d.get(k, 0) + 1` asks twice.
    last: Cell<usize>,
    /// The string that was looked for then, if the slot still has it.
    sought: Cell<Option<Str<'a>>>,
    kind: Cell<DictKind<'a>>,
    /// Keys that it shares with others; its values are in `values` then, and it has no slots.
    keys: Cell<Option<&'a Keys<'a>>>,
    values: Cell<&'a [Cell<Value<'a>>]>,
    owner: Owned<'a>,
}

/// What a dict is beyond one.
#[derive(Copy, Clone)]
pub enum DictKind<'a> {
    /// `dict`
    Plain,
    /// `collections.defaultdict` with its factory, or `None`.
    Default(Value<'a>),
    /// `collections.Counter`
    Counter,
    /// `collections.OrderedDict`
    Ordered,
}

pub(crate) struct Slot<'a> {
    hash: Cell<u64>,
    /// The key; `None` at a deleted entry.
    key: Cell<Option<Value<'a>>>,
    value: Cell<Value<'a>>,
}

impl Slot<'_> {
    const fn empty() -> Self {
        Self { hash: Cell::new(0), key: Cell::new(None), value: Cell::new(Value::None) }
    }
}

/// A new dict of the given keys and values, later ones replacing the values of equal keys.
///
/// Raises `TypeError` at an unhashable key; bails out with `Unsupported` at NaN.
pub fn dict_new<'a>(cx: &'a Cx<'a>, items: &[(Value<'a>, Value<'a>)], g: u32) -> Result<Dict<'a>> {
    let dict = Dict(cx.alloc(DictObj::of(&[]), g)?);
    if !items.is_empty() {
        dict.rebuild(cx, items.len(), g)?;
    }
    for &(key, value) in items {
        dict.set(cx, key, value, g)?;
    }
    Ok(dict)
}

impl<'a> DictObj<'a> {
    /// Without entries, in a small table.
    fn of(slots: &'a [Slot<'a>]) -> Self {
        Self {
            slots: Cell::new(slots),
            filled: Cell::new(0),
            len: Cell::new(0),
            index: Cell::new(&[]),
            last: Cell::new(0),
            sought: Cell::new(None),
            kind: Cell::new(DictKind::Plain),
            keys: Cell::new(None),
            values: Cell::new(&[]),
            owner: Owned::new(),
        }
    }

    /// With the values of these keys.
    pub(crate) fn sharing(keys: &'a Keys<'a>, values: &'a [Cell<Value<'a>>]) -> Self {
        let (filled, len) = (Cell::new(values.len()), Cell::new(values.len()));
        Self { filled, len, keys: Cell::new(Some(keys)), values: Cell::new(values), ..Self::of(&[]) }
    }
}

/// An empty dict with room for so many entries.
pub(crate) fn dict_with_room<'a>(cx: &'a Cx<'a>, room: usize, g: u32) -> Result<Dict<'a>> {
    let slots = if room <= SCAN { cx.alloc_few(room, |_| Slot::empty(), g)? } else { &[] };
    let dict = Dict(cx.alloc(DictObj::of(slots), g)?);
    dict.reserve(cx, room, g)?;
    Ok(dict)
}

/// The same of entries whose keys are strings.
pub(crate) fn dict_of<'a>(cx: &'a Cx<'a>, entries: &[(Str<'a>, Value<'a>)], g: u32) -> Result<Dict<'a>> {
    let dict = dict_with_room(cx, entries.len(), g)?;
    for (key, value) in entries {
        let hash = key.hash(cx);
        match dict.find_str(hash, *key) {
            Some(slot) => dict.0.slots.get()[slot].value.set(*value),
            None => dict.append(cx, hash, Value::Str(*key), *value, g)?,
        }
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

    /// Its address, which tells it from others.
    #[must_use]
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Whether both are the same dict.
    #[must_use]
    pub fn same(self, other: Dict<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Its class.
    #[must_use]
    pub fn kind(self) -> Type {
        match self.0.kind.get() {
            DictKind::Plain => Type::Dict,
            DictKind::Default(_) => Type::DefaultDict,
            DictKind::Counter => Type::Counter,
            DictKind::Ordered => Type::OrderedDict,
        }
    }

    /// What it is beyond a dict.
    #[must_use]
    pub fn form(self) -> DictKind<'a> {
        self.0.kind.get()
    }

    /// Makes it one of the library's dicts.
    pub fn set_form(self, kind: DictKind<'a>) {
        self.0.kind.set(kind);
    }

    /// Makes every change from now on a bailout.
    pub fn freeze(self) {
        self.0.owner.freeze();
    }

    /// Whose it is.
    pub(crate) fn owner(self) -> &'a Owned<'a> {
        &self.0.owner
    }

    /// Makes the entries those of a document.
    pub(crate) fn refill(self, cx: &'a Cx<'a>, entries: &[(Value<'a>, Value<'a>)], g: u32) -> Result<()> {
        self.empty();
        for (key, value) in entries {
            self.append(cx, hash_key(cx, *key, g)?, *key, *value, g)?;
        }
        Ok(())
    }

    /// Sets an entry as a document has it.
    pub(crate) fn put(self, cx: &'a Cx<'a>, key: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let hash = key.hash(cx);
        self.unshare(g)?;
        match self.find_str(hash, key) {
            Some(slot) => self.0.slots.get()[slot].value.set(value),
            None => self.append(cx, hash, Value::Str(key), value, g)?,
        }
        Ok(())
    }

    fn empty(self) {
        self.forget_keys();
        self.0.sought.set(None);
        self.0.slots.set(&[]);
        self.0.index.set(&[]);
        self.0.filled.set(0);
        self.0.len.set(0);
    }

    /// The entry at `place` or the first behind it; moves `place` behind that.
    #[inline]
    pub(crate) fn next_entry(self, place: &mut usize) -> Option<(Value<'a>, Value<'a>)> {
        if let Some(keys) = self.0.keys.get() {
            let (name, value) = (keys.names.get(*place)?, self.0.values.get().get(*place)?);
            *place += 1;
            return Some((Value::Str(*name), value.get()));
        }
        let slots = self.0.slots.get();
        while *place < self.0.filled.get() {
            let slot = &slots[*place];
            *place += 1;
            if let Some(key) = slot.key.get() {
                return Some((key, slot.value.get()));
            }
        }
        None
    }

    /// Keys and values in insertion order, as they are when each is reached.
    pub fn entries(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let mut place = 0;
        std::iter::from_fn(move || self.next_entry(&mut place))
    }

    /// The key and value inserted last.
    pub(crate) fn last_entry(self) -> Option<(Value<'a>, Value<'a>)> {
        self.entries_reversed().next()
    }

    /// Keys and values from the last to the first, as they are when each is reached.
    pub(crate) fn entries_reversed(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let mut place = self.0.filled.get();
        std::iter::from_fn(move || {
            while place > 0 {
                place -= 1;
                if let Some(keys) = self.0.keys.get() {
                    return Some((Value::Str(*keys.names.get(place)?), self.0.values.get().get(place)?.get()));
                }
                let slot = self.0.slots.get().get(place)?;
                if let Some(key) = slot.key.get() {
                    return Some((key, slot.value.get()));
                }
            }
            None
        })
    }

    /// The value of `key`; raises as [`dict_new`] does at a key that cannot be hashed.
    pub fn get(self, cx: &'a Cx<'a>, key: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if let (Some(keys), Value::Str(key)) = (self.0.keys.get(), key) {
            return Ok(keys.position(key).map(|at| self.value_at(at)));
        }
        let hash = hash_key(cx, key, g)?;
        Ok(self.find(cx, hash, key, g)?.map(|slot| self.value_at(slot)))
    }

    /// The value of a string key.
    #[inline]
    #[must_use]
    pub fn get_str(self, cx: &'a Cx<'a>, key: Str<'a>) -> Option<Value<'a>> {
        if let Some(keys) = self.0.keys.get() {
            return self.0.values.get().get(keys.position(key)?).map(Cell::get);
        }
        if self.is_empty() {
            return None;
        }
        self.find_str(key.hash(cx), key).map(|slot| self.0.slots.get()[slot].value.get())
    }

    /// The slot of a string key, until an entry is added or removed.
    #[inline]
    pub(crate) fn slot_of(self, cx: &'a Cx<'a>, key: Str<'a>) -> Option<usize> {
        if let Some(keys) = self.0.keys.get() {
            return keys.position(key);
        }
        if self.is_empty() {
            return None;
        }
        self.find_str(key.hash(cx), key)
    }

    /// Whether that slot has this very key.
    #[inline]
    pub(crate) fn has_at(self, slot: usize, key: Str<'a>) -> bool {
        if let Some(keys) = self.0.keys.get() {
            return keys.names.get(slot).is_some_and(|known| known.address() == key.address());
        }
        self.slot_has(slot, key)
    }

    /// The same of one with a table of its own.
    #[inline]
    fn slot_has(self, slot: usize, key: Str<'a>) -> bool {
        let slots = self.0.slots.get();
        slot < self.0.filled.get()
            && matches!(slots[slot].key.get(), Some(Value::Str(known)) if std::ptr::eq(known.0, key.0))
    }

    /// The value in a slot.
    #[inline]
    pub(crate) fn value_at(self, slot: usize) -> Value<'a> {
        if self.0.keys.get().is_some() {
            return self.0.values.get()[slot].get();
        }
        self.0.slots.get()[slot].value.get()
    }

    /// Sets the value in a slot.
    #[inline]
    pub(crate) fn set_at(self, slot: usize, value: Value<'a>, g: u32) -> Result<()> {
        if self.0.keys.get().is_some() {
            if self.0.owner.is_of_invocation() {
                self.0.values.get()[slot].set(value);
                return Ok(());
            }
            self.unshare(g)?;
        }
        let slot = &self.0.slots.get()[slot];
        if let Some(log) = self.write_entry(slot, g)? {
            log.adopt(value, g)?;
        }
        slot.value.set(value);
        Ok(())
    }

    /// Sets the value in a slot of a dict of the invocation that has this very key there; false if it has not.
    #[inline]
    pub(crate) fn replace_own(self, slot: usize, key: Str<'a>, value: Value<'a>) -> bool {
        let own = self.has_at(slot, key) && self.0.owner.is_of_invocation();
        if own && self.0.keys.get().is_some() {
            self.0.values.get()[slot].set(value);
        } else if own {
            self.0.slots.get()[slot].value.set(value);
        }
        own
    }

    /// Adds an entry as number `slot` to a small dict of the invocation that has room and no such key; false if it is none.
    pub(crate) fn append_own(self, cx: &'a Cx<'a>, slot: usize, key: Str<'a>, value: Value<'a>) -> bool {
        // One that shares its keys has no slots.
        let slots = self.0.slots.get();
        let Some((known, place)) = slots.split_at_checked(slot).and_then(|(known, rest)| Some((known, rest.first()?)))
        else {
            return false;
        };
        let hash = key.hash(cx);
        let fits = self.0.filled.get() == slot
            && self.0.index.get().is_empty()
            && self.0.owner.is_of_invocation()
            && known.iter().all(|slot| slot.hash.get() != hash);
        if fits {
            place.hash.set(hash);
            place.key.set(Some(Value::Str(key)));
            place.value.set(value);
            self.0.filled.set(slot + 1);
            self.0.len.set(self.len() + 1);
        }
        fits
    }

    /// Makes room for so many entries in a dict that never had any.
    pub(crate) fn reserve(self, cx: &'a Cx<'a>, room: usize, g: u32) -> Result<()> {
        let is_new = self.0.slots.get().is_empty() && self.0.keys.get().is_none();
        if is_new && room > 0 { self.rebuild(cx, room, g) } else { Ok(()) }
    }

    /// Sets the value of `key`, which keeps its place if it is there.
    pub fn set(self, cx: &'a Cx<'a>, key: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        let hash = hash_key(cx, key, g)?;
        if let Some(slot) = self.find(cx, hash, key, g)? {
            return self.set_at(slot, value, g);
        }
        self.add(cx, hash, key, value, g)
    }

    /// The value of `key`, set to `default` if it is missing.
    pub(crate) fn set_default(self, cx: &'a Cx<'a>, key: Value<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
        let hash = hash_key(cx, key, g)?;
        if let Some(slot) = self.find(cx, hash, key, g)? {
            return Ok(self.value_at(slot));
        }
        self.add(cx, hash, key, default, g)?;
        Ok(default)
    }

    /// Adds an entry, whose key is not there.
    fn add(self, cx: &'a Cx<'a>, hash: u64, key: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        self.unshare(g)?;
        if let Some(log) = self.write_table(g)? {
            log.adopt_key(key, g)?;
            log.adopt(value, g)?;
        }
        self.append(cx, hash, key, value, g)
    }

    /// Removes `key`; gives its value if it was there.
    pub fn remove(self, cx: &'a Cx<'a>, key: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        self.unshare(g)?;
        let hash = hash_key(cx, key, g)?;
        let Some(slot) = self.find(cx, hash, key, g)? else { return Ok(None) };
        // The index keeps the slot's number, so that probing goes on behind it.
        let slot = &self.0.slots.get()[slot];
        self.write_entry(slot, g)?;
        self.0.sought.set(None);
        slot.key.set(None);
        self.0.len.set(self.len() - 1);
        Ok(Some(slot.value.replace(Value::None)))
    }

    /// Removes all entries.
    pub fn clear(self, g: u32) -> Result<()> {
        self.unshare(g)?;
        self.write_table(g)?;
        self.empty();
        Ok(())
    }

    /// A new dict of the same class with the same entries.
    pub fn copy(self, cx: &'a Cx<'a>, g: u32) -> Result<Dict<'a>> {
        let copy = dict_new(cx, &[], g)?;
        copy.set_form(self.form());
        copy.copy_from(cx, self, g)?;
        Ok(copy)
    }

    /// Sets all entries of `other`.
    pub(crate) fn copy_from(self, cx: &'a Cx<'a>, other: Dict<'a>, g: u32) -> Result<()> {
        if self.is_empty() && !other.is_empty() {
            self.write_table(g)?;
            self.rebuild(cx, other.len(), g)?;
        }
        let mut place = 0;
        while let Some((key, value)) = other.next_entry(&mut place) {
            cx.tick(g)?;
            self.set(cx, key, value, g)?;
        }
        Ok(())
    }
}
