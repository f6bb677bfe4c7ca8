//! Lists: growable arrays of values in the arena.
//!
//! Holds: the items are what `room` begins with; growing moves them into a larger slice and leaves the old one to the arena.

use std::cell::Cell;

use crate::slice::Selection;
use crate::state::{Log, Owned, Undo};
use crate::{BailKind, Cx, Result, Value};

/// A list; copies share the same items.
#[derive(Copy, Clone)]
pub struct List<'a>(pub(crate) &'a ListObj<'a>);

pub(crate) struct ListObj<'a> {
    items: Cell<&'a [Cell<Value<'a>>]>,
    /// The items, and places for more behind them.
    room: Cell<&'a [Cell<Value<'a>>]>,
    owner: Owned<'a>,
}

/// What a part of a list was before a write.
pub(crate) enum ListBefore<'a> {
    Item(&'a Cell<Value<'a>>, Value<'a>),
    /// What lies behind the length does not matter.
    Len(List<'a>, &'a [Cell<Value<'a>>], usize),
    All(List<'a>, &'a [Cell<Value<'a>>], Vec<Value<'a>>),
}

impl ListBefore<'_> {
    pub(crate) fn restore(self) {
        match self {
            Self::Item(place, value) => place.set(value),
            Self::Len(list, items, len) => {
                list.0.room.set(items);
                list.set_len(len);
            }
            Self::All(list, items, values) => {
                for (place, value) in items.iter().zip(&values) {
                    place.set(*value);
                }
                list.0.room.set(items);
                list.set_len(values.len());
            }
        }
    }
}

/// A new list of `items`.
pub fn list_new<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<List<'a>> {
    list_filled(cx, items.len(), |number| items[number], g)
}

/// The selected items of a list as a new list.
pub(crate) fn list_part<'a>(cx: &'a Cx<'a>, list: List<'a>, part: &Selection, g: u32) -> Result<List<'a>> {
    let from = list.0.room.get();
    list_filled(cx, part.count, |number| from[part.at(number)].get(), g)
}

/// A list of `len` items, made by their numbers.
fn list_filled<'a>(cx: &'a Cx<'a>, len: usize, item: impl Fn(usize) -> Value<'a>, g: u32) -> Result<List<'a>> {
    let items: &[Cell<Value<'a>>] = match len {
        0 => &[],
        _ => cx.alloc_slice(len, |number| Cell::new(item(number)), g)?,
    };
    Ok(List(cx.alloc(ListObj { items: Cell::new(items), room: Cell::new(items), owner: Owned::new() }, g)?))
}

/// `l + r` as a new list.
pub fn list_concat<'a>(cx: &'a Cx<'a>, l: List<'a>, r: List<'a>, g: u32) -> Result<List<'a>> {
    let result = list_with_room(cx, l.len() + r.len(), g)?;
    result.extend(cx, l, g)?;
    result.extend(cx, r, g)?;
    Ok(result)
}

/// `l * count` as a new list; a count below one gives the empty list.
pub fn list_repeat<'a>(cx: &'a Cx<'a>, l: List<'a>, count: i64, g: u32) -> Result<List<'a>> {
    let total = repeated_len(l.len(), count, g)?;
    let from = &l.0.room.get()[..l.len()];
    match from {
        [only] => list_filled(cx, total, |_| only.get(), g),
        _ => list_filled(cx, total, |number| from[number % from.len()].get(), g),
    }
}

/// An empty list with room for `room` items.
pub(crate) fn list_with_room<'a>(cx: &'a Cx<'a>, room: usize, g: u32) -> Result<List<'a>> {
    let list = list_new(cx, &[], g)?;
    list.reserve(cx, room, g)?;
    Ok(list)
}

/// The length of `len` items repeated `count` times.
fn repeated_len(len: usize, count: i64, g: u32) -> Result<usize> {
    len.checked_mul(usize::try_from(count).unwrap_or(0)).ok_or_else(|| BailKind::Memory.at(g))
}

impl<'a> List<'a> {
    /// The number of items.
    #[inline(always)]
    #[must_use]
    pub fn len(self) -> usize {
        self.0.items.get().len()
    }

    /// Whether there are no items.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The item at `index`, if there is one.
    #[inline(always)]
    #[must_use]
    pub fn at(self, index: usize) -> Option<Value<'a>> {
        self.0.items.get().get(index).map(Cell::get)
    }

    fn set_len(self, len: usize) {
        self.0.items.set(&self.0.room.get()[..len]);
    }

    /// Its address, which tells it from others.
    #[must_use]
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Whether both are the same list.
    #[must_use]
    pub fn same(self, other: List<'a>) -> bool {
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

    /// Before a write that leaves the items as they are, up to the length.
    #[inline]
    fn write_behind(self, g: u32) -> Result<Option<&'a Log<'a>>> {
        let before = move || Undo::List(ListBefore::Len(self, self.0.room.get(), self.len()));
        self.0.owner.write(self.len(), before, move || self.noted(), g)
    }

    /// Before any other write.
    #[inline]
    fn write(self, g: u32) -> Result<Option<&'a Log<'a>>> {
        self.0.owner.write_all(move || self.noted(), g)
    }

    fn noted(self) -> Undo<'a> {
        Undo::List(ListBefore::All(self, self.0.room.get(), self.to_vec()))
    }

    /// Makes the items those of a document.
    pub(crate) fn refill(self, cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
        self.reserve(cx, items.len(), g)?;
        for (place, item) in self.0.room.get().iter().zip(items) {
            place.set(*item);
        }
        self.set_len(items.len());
        Ok(())
    }

    /// Makes `items` the list's.
    pub(crate) fn assign(self, cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<()> {
        if let Some(log) = self.write(g)? {
            items.iter().try_for_each(|item| log.adopt(*item, g))?;
        }
        self.refill(cx, items, g)
    }

    /// The items as they are now.
    pub(crate) fn to_vec(self) -> Vec<Value<'a>> {
        self.0.items.get().iter().map(Cell::get).collect()
    }

    /// Replaces the item at `index`; false when there is none.
    pub(crate) fn replace(self, index: usize, value: Value<'a>, g: u32) -> Result<bool> {
        let Some(place) = self.0.items.get().get(index) else { return Ok(false) };
        let before = move || Undo::List(ListBefore::Item(place, place.get()));
        if let Some(log) = self.0.owner.write(self.len(), before, move || self.noted(), g)? {
            log.adopt(value, g)?;
        }
        place.set(value);
        Ok(true)
    }

    /// Replaces the item at `index` of a list of the invocation; false if it is not, or there is none.
    #[inline(always)]
    pub(crate) fn replace_own(self, index: usize, value: Value<'a>) -> bool {
        match self.0.items.get().get(index) {
            Some(place) if self.0.owner.is_of_invocation() => {
                place.set(value);
                true
            }
            _ => false,
        }
    }

    /// Appends to a list of the invocation that has room; false if it is none.
    #[inline(always)]
    pub(crate) fn push_own(self, value: Value<'a>) -> bool {
        let len = self.len();
        match self.0.room.get().get(..=len) {
            Some(items) if self.0.owner.is_of_invocation() => {
                items[len].set(value);
                self.0.items.set(items);
                true
            }
            _ => false,
        }
    }

    /// Takes the last item of a list of the invocation, if it is one and has any.
    #[inline(always)]
    pub(crate) fn pop_own(self) -> Option<Value<'a>> {
        if !self.0.owner.is_of_invocation() {
            return None;
        }
        let (item, rest) = self.0.items.get().split_last()?;
        self.0.items.set(rest);
        Some(item.get())
    }

    /// Appends an item.
    pub(crate) fn push(self, cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<()> {
        if let Some(log) = self.write_behind(g)? {
            log.adopt(value, g)?;
        }
        let len = self.len();
        if len == self.0.room.get().len() {
            self.grow(cx, (len * 2).max(4), g)?;
        }
        self.0.room.get()[len].set(value);
        self.set_len(len + 1);
        Ok(())
    }

    /// Appends the items that `other` has now; `other` may be this list.
    pub(crate) fn extend(self, cx: &'a Cx<'a>, other: List<'a>, g: u32) -> Result<()> {
        if let Some(log) = self.write_behind(g)? {
            other.to_vec().into_iter().try_for_each(|item| log.adopt(item, g))?;
        }
        let (len, more) = (self.len(), other.len());
        self.reserve(cx, len + more, g)?;
        let (items, source) = (self.0.room.get(), other.0.room.get());
        for index in 0..more {
            items[len + index].set(source[index].get());
        }
        self.set_len(len + more);
        Ok(())
    }

    /// Repeats the items in place.
    pub(crate) fn repeat(self, cx: &'a Cx<'a>, count: i64, g: u32) -> Result<()> {
        self.write_behind(g)?;
        let len = self.len();
        let total = repeated_len(len, count, g)?;
        self.reserve(cx, total, g)?;
        let items = self.0.room.get();
        for index in len..total {
            items[index].set(items[index - len].get());
        }
        self.set_len(total);
        Ok(())
    }

    /// Inserts an item before `index`, which is at most the length.
    pub(crate) fn insert(self, cx: &'a Cx<'a>, index: usize, value: Value<'a>, g: u32) -> Result<()> {
        self.write(g)?;
        self.push(cx, value, g)?;
        let items = &self.0.items.get();
        for pair in items[index..].windows(2).rev() {
            pair[1].set(pair[0].get());
        }
        items[index].set(value);
        Ok(())
    }

    /// Removes and returns the item at `index`, if there is one.
    pub(crate) fn remove(self, index: usize, g: u32) -> Result<Option<Value<'a>>> {
        let Some(value) = self.at(index) else { return Ok(None) };
        if index + 1 == self.len() {
            // What is appended next would take its place.
            let place = &self.0.room.get()[index];
            let before = move || Undo::List(ListBefore::Item(place, place.get()));
            self.0.owner.write(self.len(), before, move || self.noted(), g)?;
            self.write_behind(g)?;
        } else {
            self.write(g)?;
        }
        let items = &self.0.items.get();
        for pair in items[index..].windows(2) {
            pair[0].set(pair[1].get());
        }
        self.set_len(items.len() - 1);
        Ok(Some(value))
    }

    /// Makes room for `room` items in all.
    fn reserve(self, cx: &'a Cx<'a>, room: usize, g: u32) -> Result<()> {
        let now = self.0.room.get().len();
        if room <= now {
            return Ok(());
        }
        // A list that grows again and again grows by half at least, so that extending in a loop stays linear.
        self.grow(cx, if now == 0 { room } else { room.max(now + now / 2) }, g)
    }

    fn grow(self, cx: &'a Cx<'a>, room: usize, g: u32) -> Result<()> {
        let items = &self.0.items.get();
        let larger = cx.alloc_slice(room, |index| Cell::new(items.get(index).map_or(Value::None, Cell::get)), g)?;
        self.0.room.set(larger);
        self.set_len(items.len());
        Ok(())
    }
}
