//! What dicts of the module were before a write, for an invocation that fails.

use super::{Dict, Slot};
use crate::state::{Log, Undo};
use crate::{Result, Value};

/// What a part of a dict was before a write; the index does not go back, so that the dict cannot be searched any more.
pub(crate) enum DictBefore<'a> {
    /// An entry, and how many there were.
    Entry(Dict<'a>, &'a Slot<'a>, Option<Value<'a>>, Value<'a>, usize),
    /// What lies behind what is filled does not matter.
    Table(Dict<'a>, &'a [Slot<'a>], usize, usize),
    All(Dict<'a>, &'a [Slot<'a>], Vec<(Option<Value<'a>>, Value<'a>)>, usize),
}

impl DictBefore<'_> {
    pub(crate) fn restore(self) {
        match self {
            Self::Entry(dict, slot, key, value, len) => {
                dict.0.sought.set(None);
                slot.key.set(key);
                slot.value.set(value);
                dict.0.len.set(len);
            }
            Self::Table(dict, slots, filled, len) => {
                dict.0.slots.set(slots);
                dict.0.filled.set(filled);
                dict.0.len.set(len);
            }
            Self::All(dict, slots, entries, len) => {
                for (slot, (key, value)) in slots.iter().zip(&entries) {
                    slot.key.set(*key);
                    slot.value.set(*value);
                }
                dict.0.slots.set(slots);
                dict.0.filled.set(entries.len());
                dict.0.len.set(len);
            }
        }
    }
}

impl<'a> Dict<'a> {
    /// Before an entry is written.
    #[inline]
    pub(super) fn write_entry(self, slot: &'a Slot<'a>, g: u32) -> Result<Option<&'a Log<'a>>> {
        let before = move || Undo::Dict(DictBefore::Entry(self, slot, slot.key.get(), slot.value.get(), self.len()));
        self.0.owner.write(self.len(), before, move || self.noted(), g)
    }

    /// Before an entry is added, or all are left behind.
    #[inline]
    pub(super) fn write_table(self, g: u32) -> Result<Option<&'a Log<'a>>> {
        let before = move || Undo::Dict(DictBefore::Table(self, self.0.slots.get(), self.0.filled.get(), self.len()));
        self.0.owner.write(self.len(), before, move || self.noted(), g)
    }

    fn noted(self) -> Undo<'a> {
        let slots = self.0.slots.get();
        let entries = slots[..self.0.filled.get()].iter().map(|slot| (slot.key.get(), slot.value.get())).collect();
        Undo::Dict(DictBefore::All(self, slots, entries, self.len()))
    }
}
