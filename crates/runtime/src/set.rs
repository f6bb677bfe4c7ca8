//! Sets and frozensets with CPython's own table, so that they iterate in its order (`Objects/setobject.c`).
//!
//! Holds: the table has the entries that CPython's has, in the same places, as long as every hash is known to be CPython's;
//! a set that holds anything else (a string's hash depends on the process) works, but does not tell its order.

use std::cell::{Cell, RefCell};

use crate::hash::{hash_key, python_hash};
use crate::op::equal_keys;
use crate::{BailKind, Cx, Dict, Iter, Result, Type, Value};

const MINSIZE: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// A set or frozenset; copies share the same items.
#[derive(Copy, Clone)]
pub struct Set<'a>(pub(crate) &'a SetObj<'a>);

pub(crate) struct SetObj<'a> {
    table: RefCell<Table<'a>>,
    is_frozenset: bool,
    frozen: Cell<bool>,
    /// Whether the table's order is CPython's.
    ordered: Cell<bool>,
    /// Where the next pop starts.
    finger: Cell<usize>,
}

#[derive(Copy, Clone)]
enum Entry<'a> {
    Empty,
    /// A removed one.
    Dummy,
    Item(u64, Value<'a>),
}

struct Table<'a> {
    entries: &'a [Cell<Entry<'a>>],
    /// Items and removed ones.
    fill: usize,
    used: usize,
}

/// A set of `items`, or a frozenset.
pub fn set_new<'a>(cx: &'a Cx<'a>, is_frozenset: bool, items: &[Value<'a>], g: u32) -> Result<Set<'a>> {
    let set = empty(cx, is_frozenset, g)?;
    for item in items {
        set.add(cx, *item, g)?;
    }
    Ok(set)
}

/// `{…}` of constants alone: CPython makes a frozenset of three or more when it compiles, and copies that.
pub fn set_literal<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Set<'a>> {
    if items.len() < 3 { set_new(cx, false, items, g) } else { set_new(cx, true, items, g)?.copy(cx, false, g) }
}

fn empty<'a>(cx: &'a Cx<'a>, is_frozenset: bool, g: u32) -> Result<Set<'a>> {
    let table = Table { entries: new_entries(cx, MINSIZE, g)?, fill: 0, used: 0 };
    let object = SetObj {
        table: RefCell::new(table),
        is_frozenset,
        frozen: Cell::new(false),
        ordered: Cell::new(true),
        finger: Cell::new(0),
    };
    Ok(Set(cx.alloc(object, g)?))
}

fn new_entries<'a>(cx: &'a Cx<'a>, size: usize, g: u32) -> Result<&'a [Cell<Entry<'a>>]> {
    cx.alloc_slice(size, |_| Cell::new(Entry::Empty), g)
}

/// `set(source)` or `frozenset(source)` (`set_update_internal`).
pub(crate) fn of_iterable<'a>(cx: &'a Cx<'a>, is_frozenset: bool, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let set = empty(cx, is_frozenset, g)?;
    set.update(cx, source, g)?;
    Ok(set)
}

impl<'a> Set<'a> {
    /// The number of items.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.table.borrow().used
    }

    /// Whether there are no items.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether it is a frozenset.
    #[must_use]
    pub fn is_frozen(self) -> bool {
        self.0.is_frozenset
    }

    /// Its address, which tells it from others.
    #[must_use]
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Whether both are the same object.
    #[must_use]
    pub fn same(self, other: Set<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Makes every change from now on a bailout.
    pub fn freeze(self) {
        self.0.frozen.set(true);
    }

    /// Its order is not CPython's from here on.
    pub(crate) fn forget_order(self) {
        self.0.ordered.set(false);
    }

    fn thaw(self, g: u32) -> Result<()> {
        if self.0.frozen.get() { Err(BailKind::State.at(g)) } else { Ok(()) }
    }

    /// The hash that places an item, and whether it is CPython's.
    fn hash(cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<(u64, bool)> {
        match python_hash(item) {
            Some(hash) => Ok((hash as u64, true)),
            None => Ok((hash_key(cx, item, g)?, false)),
        }
    }

    /// Adds an item; true if it is new (`set_add_entry`).
    pub fn add(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        self.thaw(g)?;
        let (hash, known) = Self::hash(cx, item, g)?;
        self.add_hashed(cx, hash, known, item, g)
    }

    fn add_hashed(self, cx: &'a Cx<'a>, hash: u64, known: bool, item: Value<'a>, g: u32) -> Result<bool> {
        match self.find(cx, hash, item, g)? {
            Ok(_) => Ok(false),
            Err(place) => {
                let mut table = self.0.table.borrow_mut();
                table.entries[place].set(Entry::Item(hash, item));
                table.fill += 1;
                table.used += 1;
                if !known {
                    self.forget_order();
                }
                let mask = table.entries.len() - 1;
                if table.fill * 5 >= mask * 3 {
                    let used = table.used;
                    resize(cx, &mut table, if used > 50000 { used * 2 } else { used * 4 }, g)?;
                }
                Ok(true)
            }
        }
    }

    /// The place of an item, or the free one where it would go (`set_lookkey`).
    fn find(self, cx: &'a Cx<'a>, hash: u64, item: Value<'a>, g: u32) -> Result<core::result::Result<usize, usize>> {
        let entries = self.0.table.borrow().entries;
        let mask = entries.len() - 1;
        let mut perturb = hash;
        let mut start = hash as usize & mask;
        loop {
            let probes = if start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for place in start..=start + probes {
                match entries[place].get() {
                    Entry::Empty => return Ok(Err(place)),
                    Entry::Item(known, other) if known == hash => {
                        let equal = equal_keys(cx, other, item, g)?;
                        // The program's own `__eq__` may have changed the set.
                        if !std::ptr::eq(entries, self.0.table.borrow().entries) {
                            return Err(BailKind::Unsupported.at(g));
                        }
                        if equal {
                            return Ok(Ok(place));
                        }
                    }
                    _ => {}
                }
            }
            perturb >>= PERTURB_SHIFT;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Removes an item; true if it was there.
    pub fn remove(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        self.thaw(g)?;
        let (hash, _) = Self::hash(cx, item, g)?;
        match self.find(cx, hash, item, g)? {
            Ok(place) => {
                let mut table = self.0.table.borrow_mut();
                table.entries[place].set(Entry::Dummy);
                table.used -= 1;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// Whether the item is there.
    pub fn contains(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        // A set is looked up as the frozenset of its items.
        let (hash, _) = match item {
            Value::Set(set) if !set.is_frozen() => return Err(BailKind::Unsupported.at(g)),
            _ => Self::hash(cx, item, g)?,
        };
        Ok(self.find(cx, hash, item, g)?.is_ok())
    }

    /// Removes all items.
    pub(crate) fn clear(self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        self.thaw(g)?;
        *self.0.table.borrow_mut() = Table { entries: new_entries(cx, MINSIZE, g)?, fill: 0, used: 0 };
        self.0.ordered.set(true);
        self.0.finger.set(0);
        Ok(())
    }

    /// Makes the table anew if more than a quarter of it are removed ones (the end of `set_difference_update_internal`).
    pub(crate) fn compact(self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        let mut table = self.0.table.borrow_mut();
        let mask = table.entries.len() - 1;
        if table.fill - table.used <= mask / 4 {
            return Ok(());
        }
        let used = table.used;
        resize(cx, &mut table, if used > 50000 { used * 2 } else { used * 4 }, g)
    }

    /// Makes the items of `other` its own; `other` is given up.
    pub(crate) fn take(self, other: Set<'a>, g: u32) -> Result<()> {
        self.thaw(g)?;
        let table = other.0.table.borrow();
        *self.0.table.borrow_mut() = Table { entries: table.entries, fill: table.fill, used: table.used };
        self.0.ordered.set(other.0.ordered.get());
        Ok(())
    }

    /// A copy (`make_new_set` with a set).
    pub(crate) fn copy(self, cx: &'a Cx<'a>, is_frozenset: bool, g: u32) -> Result<Set<'a>> {
        let copy = empty(cx, is_frozenset, g)?;
        copy.merge(cx, self, g)?;
        Ok(copy)
    }

    /// Adds all items of an iterable (`set_update_internal`).
    pub(crate) fn update(self, cx: &'a Cx<'a>, source: Value<'a>, g: u32) -> Result<()> {
        self.thaw(g)?;
        match source {
            Value::Set(other) => self.merge(cx, other, g),
            Value::Dict(dict) => self.update_from_keys(cx, dict, g),
            _ => {
                let mut items = Iter::new(cx, source, g)?;
                while let Some(item) = items.next(cx, g)? {
                    cx.tick(g)?;
                    self.add(cx, item, g)?;
                }
                Ok(())
            }
        }
    }

    fn update_from_keys(self, cx: &'a Cx<'a>, dict: Dict<'a>, g: u32) -> Result<()> {
        let room = dict.len();
        {
            let mut table = self.0.table.borrow_mut();
            let mask = table.entries.len() - 1;
            if (table.fill + room) * 5 >= mask * 3 {
                let wanted = (table.used + room) * 2;
                resize(cx, &mut table, wanted, g)?;
            }
        }
        for (key, _) in dict.entries() {
            cx.tick(g)?;
            self.add(cx, key, g)?;
        }
        Ok(())
    }

    /// Adds all items of another set (`set_merge`).
    fn merge(self, cx: &'a Cx<'a>, other: Set<'a>, g: u32) -> Result<()> {
        if self.same(other) || other.is_empty() {
            return Ok(());
        }
        if !other.0.ordered.get() {
            self.forget_order();
        }
        let (entries, other_fill, other_used) = {
            let table = other.0.table.borrow();
            (table.entries, table.fill, table.used)
        };
        {
            let mut table = self.0.table.borrow_mut();
            let mask = table.entries.len() - 1;
            if (table.fill + other_used) * 5 >= mask * 3 {
                let wanted = (table.used + other_used) * 2;
                resize(cx, &mut table, wanted, g)?;
            }
            // An empty set of the same size takes the other's table as it is.
            if table.fill == 0 && table.entries.len() == entries.len() && other_fill == other_used {
                for (place, entry) in table.entries.iter().zip(entries) {
                    place.set(entry.get());
                }
                (table.fill, table.used) = (other_fill, other_used);
                return Ok(());
            }
            // An empty one needs no comparisons.
            if table.fill == 0 {
                for entry in entries {
                    if let Entry::Item(hash, item) = entry.get() {
                        insert_clean(table.entries, hash, item);
                    }
                }
                (table.fill, table.used) = (other_used, other_used);
                return Ok(());
            }
        }
        let known = other.0.ordered.get();
        for entry in entries {
            if let Entry::Item(hash, item) = entry.get() {
                cx.tick(g)?;
                self.add_hashed(cx, hash, known, item, g)?;
            }
        }
        Ok(())
    }

    /// The items in the table's order, for what does not show it.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'a>> + Clone {
        let entries = self.0.table.borrow().entries;
        entries.iter().filter_map(|entry| match entry.get() {
            Entry::Item(_, item) => Some(item),
            _ => None,
        })
    }

    /// Whether iterating shows CPython's order.
    pub(crate) fn is_ordered(self) -> bool {
        self.0.ordered.get() || self.len() < 2
    }

    /// Removes and gives the first item from where the last pop ended (`set_pop`).
    pub(crate) fn pop_first(self, g: u32) -> Result<Option<Value<'a>>> {
        if !self.is_ordered() {
            return Err(BailKind::Unsupported.at(g));
        }
        self.thaw(g)?;
        let mut table = self.0.table.borrow_mut();
        if table.used == 0 {
            return Ok(None);
        }
        let mask = table.entries.len() - 1;
        let mut place = self.0.finger.get() & mask;
        loop {
            if let Entry::Item(_, item) = table.entries[place].get() {
                table.entries[place].set(Entry::Dummy);
                table.used -= 1;
                self.0.finger.set(place + 1);
                return Ok(Some(item));
            }
            place = (place + 1) & mask;
        }
    }
}

/// Enters an item that is not there into a table without removed ones (`set_insert_clean`).
fn insert_clean<'a>(entries: &[Cell<Entry<'a>>], hash: u64, item: Value<'a>) {
    let mask = entries.len() - 1;
    let mut perturb = hash;
    let mut start = hash as usize & mask;
    loop {
        let probes = if start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        for entry in &entries[start..=start + probes] {
            if let Entry::Empty = entry.get() {
                entry.set(Entry::Item(hash, item));
                return;
            }
        }
        perturb >>= PERTURB_SHIFT;
        start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
    }
}

/// Moves the items into a table larger than `wanted` (`set_table_resize`).
fn resize<'a>(cx: &'a Cx<'a>, table: &mut Table<'a>, wanted: usize, g: u32) -> Result<()> {
    let mut size = MINSIZE;
    while size <= wanted {
        size = size.checked_mul(2).ok_or(BailKind::Memory.at(g))?;
    }
    let entries = new_entries(cx, size, g)?;
    cx.burn(size * 8, g)?;
    for entry in table.entries {
        if let Entry::Item(hash, item) = entry.get() {
            insert_clean(entries, hash, item);
        }
    }
    *table = Table { entries, fill: table.used, used: table.used };
    Ok(())
}

/// An iterator over the items in CPython's order.
pub(crate) struct SetIter<'a> {
    set: Option<Set<'a>>,
    place: usize,
    len: usize,
}

impl<'a> SetIter<'a> {
    /// Starts at the first item.
    #[must_use]
    pub(crate) fn new(set: Set<'a>) -> Self {
        Self { set: Some(set), place: 0, len: set.len() }
    }

    /// The next item; bails out where the order is not known.
    pub(crate) fn next(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let Some(set) = self.set else { return Ok(None) };
        if set.len() != self.len {
            self.len = usize::MAX;
            return Err(cx.raise(Type::RuntimeError, "Set changed size during iteration", g));
        }
        if !set.is_ordered() {
            return Err(BailKind::Unsupported.at(g));
        }
        let entries = set.0.table.borrow().entries;
        while let Some(entry) = entries.get(self.place) {
            self.place += 1;
            if let Entry::Item(_, item) = entry.get() {
                return Ok(Some(item));
            }
        }
        self.set = None;
        Ok(None)
    }
}
