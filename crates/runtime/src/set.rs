//! Sets and frozensets with CPython's own table, so that they iterate in its order (`Objects/setobject.c`).
//!
//! Holds: the table has the entries that CPython's has, in the same places, as long as every hash is known to be CPython's;
//! a set that holds anything else (a hash that is an address) works, but does not tell its order.

use std::cell::{Cell, RefCell};

use crate::op::{equal_keys, equal_plain_keys};
use crate::python_hash::{Holds, PythonHash, python_hash, runs_code};
use crate::state::{Log, Owned, Undo};
use crate::{BailKind, Cx, Result, Type, Value};

const MINSIZE: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// A set or frozenset; copies share the same items.
#[derive(Copy, Clone)]
pub struct Set<'a>(pub(crate) &'a SetObj<'a>);

pub(crate) struct SetObj<'a> {
    table: RefCell<Table<'a>>,
    is_frozenset: bool,
    owner: Owned<'a>,
    /// Whether the table's order is CPython's.
    ordered: Cell<bool>,
    /// Where the next pop starts.
    finger: Cell<usize>,
}

/// What a part of a set was before a write.
pub(crate) struct SetBefore<'a> {
    set: Set<'a>,
    places: &'a [Slot<'a>],
    fill: usize,
    used: usize,
    finger: usize,
    kept: Kept<'a>,
}

/// Which of the places change.
enum Kept<'a> {
    None,
    One(&'a Slot<'a>, Place<'a>),
    All(Vec<Place<'a>>),
}

impl SetBefore<'_> {
    pub(crate) fn restore(self) {
        let Self { set, places, fill, used, finger, kept } = self;
        match kept {
            Kept::None => {}
            Kept::One(place, before) => place.set(before),
            Kept::All(before) => places.iter().zip(&before).for_each(|(place, before)| place.set(*before)),
        }
        *set.0.table.borrow_mut() = Table { places, fill, used };
        set.0.finger.set(finger);
    }
}

/// A place of the table: its hash is looked at before the rest of it.
pub(crate) struct Slot<'a> {
    hash: Cell<i64>,
    kind: Cell<Kind>,
    item: Cell<Value<'a>>,
}

#[derive(Copy, Clone)]
enum Kind {
    Empty,
    /// A removed one.
    Dummy,
    Item(Holds),
}

/// What is there.
#[derive(Copy, Clone)]
enum Place<'a> {
    Empty,
    Dummy,
    Item(Entry<'a>),
}

impl<'a> Slot<'a> {
    fn empty() -> Self {
        Self { hash: Cell::new(0), kind: Cell::new(Kind::Empty), item: Cell::new(Value::None) }
    }

    #[inline]
    fn get(&self) -> Place<'a> {
        match self.kind.get() {
            Kind::Empty => Place::Empty,
            Kind::Dummy => Place::Dummy,
            Kind::Item(holds) => {
                Place::Item(Entry { item: self.item.get(), hash: PythonHash { value: self.hash.get(), holds } })
            }
        }
    }

    #[inline]
    fn set(&self, place: Place<'a>) {
        match place {
            Place::Empty => self.kind.set(Kind::Empty),
            Place::Dummy => self.kind.set(Kind::Dummy),
            Place::Item(entry) => {
                self.hash.set(entry.hash.value);
                self.kind.set(Kind::Item(entry.hash.holds));
                self.item.set(entry.item);
            }
        }
    }
}

/// An item, or what might be one, with its hash.
#[derive(Copy, Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) item: Value<'a>,
    pub(crate) hash: PythonHash,
}

impl<'a> Entry<'a> {
    /// Hashes an item.
    pub(crate) fn of(cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Self> {
        Ok(Self { item, hash: python_hash(cx, item, g)? })
    }

    /// Hashes a key of a dict, whose hash CPython takes from there: bails out if that would run `__hash__` again.
    pub(crate) fn of_key(cx: &'a Cx<'a>, key: Value<'a>, g: u32) -> Result<Self> {
        match key {
            Value::Instance(_) | Value::Tuple(_) if runs_code(cx, key, g)? => Err(BailKind::Unsupported.at(g)),
            _ => Self::of(cx, key, g),
        }
    }
}

struct Table<'a> {
    places: &'a [Slot<'a>],
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
///
/// Code that may have been `stored` in a file had the frozenset's items in another order there (`Python/marshal.c`).
pub fn set_literal<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], stored: bool, g: u32) -> Result<Set<'a>> {
    if items.len() < 3 {
        return set_new(cx, false, items, g);
    }
    let set = set_new(cx, true, items, g)?.copy(cx, false, g)?;
    if stored {
        set.forget_order();
    }
    Ok(set)
}

fn empty<'a>(cx: &'a Cx<'a>, is_frozenset: bool, g: u32) -> Result<Set<'a>> {
    let table = Table { places: new_places(cx, MINSIZE, g)?, fill: 0, used: 0 };
    let object = SetObj {
        table: RefCell::new(table),
        is_frozenset,
        owner: Owned::new(),
        ordered: Cell::new(true),
        finger: Cell::new(0),
    };
    Ok(Set(cx.alloc(object, g)?))
}

fn new_places<'a>(cx: &'a Cx<'a>, size: usize, g: u32) -> Result<&'a [Slot<'a>]> {
    cx.alloc_slice(size, |_| Slot::empty(), g)
}

/// Where a lookup ended.
enum Found {
    /// At the item.
    Item(usize),
    /// At an empty place; and the last removed one on the way.
    Free { empty: usize, removed: Option<usize> },
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
        self.0.owner.freeze();
    }

    /// Whose it is.
    pub(crate) fn owner(self) -> &'a Owned<'a> {
        &self.0.owner
    }

    /// Before a place changes.
    fn write_place(self, place: &'a Slot<'a>, g: u32) -> Result<Option<&'a Log<'a>>> {
        self.write(|| Kept::One(place, place.get()), g)
    }

    /// Before it gets another table, or its finger moves.
    fn write_table(self, g: u32) -> Result<Option<&'a Log<'a>>> {
        self.write(|| Kept::None, g)
    }

    /// Before any of its places may change.
    fn write_all(self, g: u32) -> Result<Option<&'a Log<'a>>> {
        self.forget_past();
        self.0.owner.write_all(|| self.before(self.all()), g)
    }

    fn write(self, kept: impl FnOnce() -> Kept<'a>, g: u32) -> Result<Option<&'a Log<'a>>> {
        self.forget_past();
        let size = self.0.table.borrow().places.len();
        self.0.owner.write(size, || self.before(kept()), || self.before(self.all()), g)
    }

    /// Native code did not see how the table of such a set came to be, which shows in the order of what is added.
    fn forget_past(self) {
        if self.0.owner.is_foreign() {
            self.forget_order();
        }
    }

    fn all(self) -> Kept<'a> {
        Kept::All(self.0.table.borrow().places.iter().map(Slot::get).collect())
    }

    fn before(self, kept: Kept<'a>) -> Undo<'a> {
        let Table { places, fill, used } = *self.0.table.borrow();
        Undo::Set(SetBefore { set: self, places, fill, used, finger: self.0.finger.get(), kept })
    }

    /// Makes the items those of a document, in an order that is not known.
    pub(crate) fn refill(self, cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
        let made = set_new(cx, false, items, g)?;
        let table = made.0.table.borrow();
        *self.0.table.borrow_mut() = Table { places: table.places, fill: table.fill, used: table.used };
        self.forget_order();
        Ok(())
    }

    /// Its order is not CPython's from here on.
    pub(crate) fn forget_order(self) {
        self.0.ordered.set(false);
    }

    /// Adds an item; true if it is new.
    pub fn add(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        self.add_entry(cx, Entry::of(cx, item, g)?, g)
    }

    /// Adds an item that has been hashed (`set_add_entry`).
    pub(crate) fn add_entry(self, cx: &'a Cx<'a>, entry: Entry<'a>, g: u32) -> Result<bool> {
        let (place, reused) = match self.find(cx, entry, g)? {
            Found::Item(_) => return Ok(false),
            Found::Free { empty, removed } => (removed.unwrap_or(empty), removed.is_some()),
        };
        let places = self.0.table.borrow().places;
        if let Some(log) = self.write_place(&places[place], g)? {
            log.adopt_key(entry.item, g)?;
        }
        if !entry.hash.is_known() {
            self.forget_order();
        }
        let mut table = self.0.table.borrow_mut();
        table.places[place].set(Place::Item(entry));
        table.used += 1;
        if !reused {
            table.fill += 1;
            let mask = table.places.len() - 1;
            if table.fill * 5 >= mask * 3 {
                let used = table.used;
                resize(cx, &mut table, if used > 50000 { used * 2 } else { used * 4 }, g)?;
            }
        }
        Ok(true)
    }

    /// Where an item is, or where it would go (`set_lookkey`).
    fn find(self, cx: &'a Cx<'a>, entry: Entry<'a>, g: u32) -> Result<Found> {
        cx.tick(g)?;
        let places = self.0.table.borrow().places;
        let mask = places.len() - 1;
        let hash = entry.hash.value as u64;
        let mut perturb = hash;
        let mut start = hash as usize & mask;
        let mut removed = None;
        loop {
            let probes = if start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
            for place in start..=start + probes {
                let slot = &places[place];
                match slot.kind.get() {
                    Kind::Empty => return Ok(Found::Free { empty: place, removed }),
                    // CPython takes the last one that it passes.
                    Kind::Dummy => removed = Some(place),
                    Kind::Item(_) if slot.hash.get() == entry.hash.value => {
                        match equal_plain_keys(slot.item.get(), entry.item) {
                            Some(true) => return Ok(Found::Item(place)),
                            Some(false) => continue,
                            None => {}
                        }
                        let equal = equal_keys(cx, slot.item.get(), entry.item, g)?;
                        // The program's own `__eq__` may have changed the set.
                        let kept = std::ptr::eq(places, self.0.table.borrow().places);
                        if !kept || !matches!(slot.kind.get(), Kind::Item(_)) {
                            return Err(BailKind::Unsupported.at(g));
                        }
                        if equal {
                            return Ok(Found::Item(place));
                        }
                    }
                    Kind::Item(_) => {}
                }
            }
            perturb >>= PERTURB_SHIFT;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Removes an item; true if it was there.
    pub fn remove(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        // A set is looked up as the frozenset of its items.
        match item {
            Value::Set(set) if !set.is_frozen() => Err(BailKind::Unsupported.at(g)),
            _ => self.remove_entry(cx, Entry::of(cx, item, g)?, g),
        }
    }

    /// Removes an item that has been hashed (`set_discard_entry`).
    pub(crate) fn remove_entry(self, cx: &'a Cx<'a>, entry: Entry<'a>, g: u32) -> Result<bool> {
        let Found::Item(place) = self.find(cx, entry, g)? else { return Ok(false) };
        let places = self.0.table.borrow().places;
        self.write_place(&places[place], g)?;
        let mut table = self.0.table.borrow_mut();
        table.places[place].set(Place::Dummy);
        table.used -= 1;
        Ok(true)
    }

    /// Whether the item is there.
    pub fn contains(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        match item {
            Value::Set(set) if !set.is_frozen() => Err(BailKind::Unsupported.at(g)),
            _ => self.contains_entry(cx, Entry::of(cx, item, g)?, g),
        }
    }

    /// Whether an item that has been hashed is there.
    pub(crate) fn contains_entry(self, cx: &'a Cx<'a>, entry: Entry<'a>, g: u32) -> Result<bool> {
        Ok(matches!(self.find(cx, entry, g)?, Found::Item(_)))
    }

    /// Removes all items.
    pub(crate) fn clear(self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        self.write_table(g)?;
        *self.0.table.borrow_mut() = Table { places: new_places(cx, MINSIZE, g)?, fill: 0, used: 0 };
        self.0.ordered.set(true);
        Ok(())
    }

    /// Makes the table anew if more than a quarter of it are removed ones (the end of `set_difference_update_internal`).
    pub(crate) fn compact(self, cx: &'a Cx<'a>, g: u32) -> Result<()> {
        self.write_table(g)?;
        let mut table = self.0.table.borrow_mut();
        let mask = table.places.len() - 1;
        if table.fill - table.used <= mask / 4 {
            return Ok(());
        }
        let used = table.used;
        resize(cx, &mut table, if used > 50000 { used * 2 } else { used * 4 }, g)
    }

    /// Makes the items of `other` its own; `other` is given up.
    pub(crate) fn take(self, other: Set<'a>, g: u32) -> Result<()> {
        if let Some(log) = self.write_table(g)? {
            other.items().try_for_each(|item| log.adopt_key(item, g))?;
        }
        let table = other.0.table.borrow();
        *self.0.table.borrow_mut() = Table { places: table.places, fill: table.fill, used: table.used };
        self.0.ordered.set(other.0.ordered.get());
        Ok(())
    }

    /// A copy (`make_new_set` with a set).
    pub(crate) fn copy(self, cx: &'a Cx<'a>, is_frozenset: bool, g: u32) -> Result<Set<'a>> {
        let copy = empty(cx, is_frozenset, g)?;
        copy.merge(cx, self, g)?;
        Ok(copy)
    }

    /// Makes room for so many more items at once.
    pub(crate) fn make_room(self, cx: &'a Cx<'a>, items: usize, g: u32) -> Result<()> {
        self.write_table(g)?;
        let mut table = self.0.table.borrow_mut();
        let mask = table.places.len() - 1;
        if (table.fill + items) * 5 >= mask * 3 {
            let wanted = (table.used + items) * 2;
            resize(cx, &mut table, wanted, g)?;
        }
        Ok(())
    }

    /// Adds all items of another set (`set_merge`).
    pub(crate) fn merge(self, cx: &'a Cx<'a>, other: Set<'a>, g: u32) -> Result<()> {
        if self.same(other) || other.is_empty() {
            return Ok(());
        }
        if let Some(log) = self.write_all(g)? {
            other.items().try_for_each(|item| log.adopt_key(item, g))?;
        }
        if !other.0.ordered.get() {
            self.forget_order();
        }
        let (places, other_fill, other_used) = {
            let table = other.0.table.borrow();
            (table.places, table.fill, table.used)
        };
        self.make_room(cx, other_used, g)?;
        {
            let mut table = self.0.table.borrow_mut();
            // An empty set of the same size takes the other's table as it is.
            if table.fill == 0 && table.places.len() == places.len() && other_fill == other_used {
                for (place, other) in table.places.iter().zip(places) {
                    place.set(other.get());
                }
                (table.fill, table.used) = (other_fill, other_used);
                return Ok(());
            }
            // An empty one needs no comparisons.
            if table.fill == 0 {
                for entry in other.entries() {
                    insert_clean(table.places, entry);
                }
                (table.fill, table.used) = (other_used, other_used);
                return Ok(());
            }
        }
        for entry in other.entries() {
            self.add_entry(cx, entry, g)?;
        }
        Ok(())
    }

    /// The items with their hashes in the table's order, for what does not show it.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry<'a>> + Clone {
        let places = self.0.table.borrow().places;
        places.iter().filter_map(|place| match place.get() {
            Place::Item(entry) => Some(entry),
            _ => None,
        })
    }

    /// The items in the table's order, for what does not show it.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'a>> + Clone {
        self.entries().map(|entry| entry.item)
    }

    /// Whether iterating shows CPython's order.
    pub(crate) fn is_ordered(self) -> bool {
        self.0.ordered.get() || self.len() < 2
    }

    /// Removes and gives the first item from where the last pop ended (`set_pop`).
    pub(crate) fn pop_first(self, g: u32) -> Result<Option<Value<'a>>> {
        // Where the last pop of one that native code did not make ended is not known.
        self.write_all(g)?;
        if !self.is_ordered() {
            return Err(BailKind::Unsupported.at(g));
        }
        let mut table = self.0.table.borrow_mut();
        if table.used == 0 {
            return Ok(None);
        }
        let mask = table.places.len() - 1;
        let mut place = self.0.finger.get() & mask;
        loop {
            if let Place::Item(entry) = table.places[place].get() {
                table.places[place].set(Place::Dummy);
                table.used -= 1;
                self.0.finger.set(place + 1);
                return Ok(Some(entry.item));
            }
            place = (place + 1) & mask;
        }
    }
}

/// Enters an item that is not there into a table without removed ones (`set_insert_clean`).
fn insert_clean<'a>(places: &[Slot<'a>], entry: Entry<'a>) {
    let mask = places.len() - 1;
    let mut perturb = entry.hash.value as u64;
    let mut start = perturb as usize & mask;
    loop {
        let probes = if start + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        for place in &places[start..=start + probes] {
            if let Place::Empty = place.get() {
                place.set(Place::Item(entry));
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
        size = size.checked_mul(2).ok_or_else(|| BailKind::Memory.at(g))?;
    }
    let places = new_places(cx, size, g)?;
    cx.burn(size * 8, g)?;
    for place in table.places {
        if let Place::Item(entry) = place.get() {
            insert_clean(places, entry);
        }
    }
    *table = Table { places, fill: table.used, used: table.used };
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
        let places = set.0.table.borrow().places;
        while let Some(place) = places.get(self.place) {
            self.place += 1;
            if let Place::Item(entry) = place.get() {
                return Ok(Some(entry.item));
            }
        }
        self.set = None;
        Ok(None)
    }
}
