//! The table of a dict: slots in insertion order, and an index by hash above a few.

use std::cell::Cell;

use super::{Dict, SCAN, Slot};
use crate::op::equal_keys;
use crate::string::same_text;
use crate::{BailKind, Cx, Result, Str, Value};

impl<'a> Dict<'a> {
    pub(super) fn append(self, cx: &'a Cx<'a>, hash: u64, key: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        if self.0.filled.get() == self.0.slots.get().len() {
            self.rebuild(cx, (self.len() * 2).max(4), g)?;
        }
        let filled = self.0.filled.get();
        let slot = &self.0.slots.get()[filled];
        slot.hash.set(hash);
        slot.key.set(Some(key));
        slot.value.set(value);
        self.0.filled.set(filled + 1);
        self.0.len.set(self.len() + 1);
        add_to_index(self.0.index.get(), hash, filled);
        Ok(())
    }

    /// The slot of a string key in a table of its own.
    #[inline]
    pub(super) fn find_str(self, hash: u64, key: Str<'a>) -> Option<usize> {
        let slots = &self.0.slots.get()[..self.0.filled.get()];
        let found = |slot: &Slot<'a>| {
            slot.hash.get() == hash
                && matches!(slot.key.get(), Some(Value::Str(known)) if std::ptr::eq(known.0, key.0) || same_text(known.text(), key.text()))
        };
        let index = self.0.index.get();
        if index.is_empty() {
            return slots.iter().position(found);
        }
        let last = self.0.last.get();
        if self.0.sought.get().is_some_and(|sought| std::ptr::eq(sought.0, key.0)) || self.slot_has(last, key) {
            return Some(last);
        }
        let mask = index.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let number = index[place].get() as usize;
            if number == 0 {
                return None;
            }
            if found(&slots[number - 1]) {
                self.0.last.set(number - 1);
                self.0.sought.set(Some(key));
                return Some(number - 1);
            }
            place = (place + 1) & mask;
        }
    }

    pub(super) fn find(self, cx: &'a Cx<'a>, hash: u64, key: Value<'a>, g: u32) -> Result<Option<usize>> {
        if let Value::Str(key) = key {
            return Ok(match self.0.keys.get() {
                Some(keys) => keys.position(key),
                None => self.find_str(hash, key),
            });
        }
        self.unshare(g)?;
        let (filled, slots) = (self.0.filled.get(), self.0.slots.get());
        let found = |number: usize| {
            let slot = &slots[number];
            match slot.key.get() {
                Some(known) if slot.hash.get() == hash => {
                    let equal = equal_keys(cx, known, key, g)?;
                    // The program's own `__eq__` may have changed the dict.
                    let changed = !std::ptr::eq(slots, self.0.slots.get()) || filled != self.0.filled.get();
                    if changed { Err(BailKind::Unsupported.at(g)) } else { Ok(equal) }
                }
                _ => Ok(false),
            }
        };
        let index = self.0.index.get();
        if index.is_empty() {
            for number in 0..filled {
                if found(number)? {
                    return Ok(Some(number));
                }
            }
            return Ok(None);
        }
        let mask = index.len() - 1;
        let mut place = hash as usize & mask;
        loop {
            let number = index[place].get() as usize;
            if number == 0 {
                return Ok(None);
            }
            if found(number - 1)? {
                return Ok(Some(number - 1));
            }
            place = (place + 1) & mask;
        }
    }

    /// Moves the entries into a table with room for `room`, without holes.
    pub(super) fn rebuild(self, cx: &'a Cx<'a>, room: usize, g: u32) -> Result<()> {
        self.unshare(g)?;
        self.0.sought.set(None);
        let old = &self.0.slots.get()[..self.0.filled.get()];
        let room = room.max(self.len());
        let index: &[Cell<u32>] = if room <= SCAN {
            &[]
        } else {
            if room >= u32::MAX as usize / 4 {
                return Err(BailKind::Memory.at(g));
            }
            cx.alloc_slice((room * 2).next_power_of_two(), |_| Cell::new(0), g)?
        };
        let mut live = old.iter().filter(|slot| slot.key.get().is_some());
        let copy = |_| match live.next() {
            Some(slot) => Slot { hash: slot.hash.clone(), key: slot.key.clone(), value: slot.value.clone() },
            None => Slot::empty(),
        };
        let slots = cx.alloc_slice(room, copy, g)?;
        for (number, slot) in slots[..self.len()].iter().enumerate() {
            add_to_index(index, slot.hash.get(), number);
        }
        self.0.slots.set(slots);
        self.0.index.set(index);
        self.0.filled.set(self.len());
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
