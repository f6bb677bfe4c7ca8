//! Sets and frozensets.

use std::cell::Cell;

use crate::{BailKind, Cx, Dict, Result, Value, dict_new};

/// A set or frozenset; copies share the same items.
#[derive(Copy, Clone)]
pub struct Set<'a>(pub(crate) &'a SetObj<'a>);

pub(crate) struct SetObj<'a> {
    items: Dict<'a>,
    is_frozenset: bool,
    frozen: Cell<bool>,
}

/// A set of `items`, or a frozenset.
pub fn set_new<'a>(cx: &'a Cx<'a>, is_frozenset: bool, items: &[Value<'a>], g: u32) -> Result<Set<'a>> {
    let object = SetObj { items: dict_new(cx, &[], g)?, is_frozenset, frozen: Cell::new(false) };
    let set = Set(cx.alloc(object, g)?);
    for item in items {
        set.add(cx, *item, g)?;
    }
    Ok(set)
}

/// `set(source)` or `frozenset(source)`
pub(crate) fn of_iterable<'a>(cx: &'a Cx<'a>, is_frozenset: bool, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let items = match source {
        Value::Set(set) => set.items().collect(),
        _ => crate::builtin::collect(cx, source, g)?,
    };
    set_new(cx, is_frozenset, &items, g)
}

impl<'a> Set<'a> {
    /// The number of items.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.items.len()
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

    /// Whether both are the same object.
    #[must_use]
    pub fn same(self, other: Set<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Makes every change from now on a bailout.
    pub fn freeze(self) {
        self.0.frozen.set(true);
    }

    /// Adds an item; true if it is new.
    pub fn add(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        if self.0.frozen.get() {
            return Err(BailKind::State.at(g));
        }
        let before = self.len();
        self.0.items.set_default(cx, item, Value::None, g)?;
        Ok(self.len() > before)
    }

    /// Removes an item; true if it was there.
    pub fn remove(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        if self.0.frozen.get() {
            return Err(BailKind::State.at(g));
        }
        Ok(self.0.items.remove(cx, item, g)?.is_some())
    }

    /// Whether the item is there.
    pub fn contains(self, cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<bool> {
        Ok(self.0.items.get(cx, item, g)?.is_some())
    }

    /// The items in some order, for what does not show it.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'a>> {
        self.0.items.entries().map(|(item, _)| item)
    }
}

/// An iterator over the items in CPython's order.
pub struct SetIter<'a> {
    set: Set<'a>,
    done: bool,
}

impl<'a> SetIter<'a> {
    /// Starts at the first item.
    #[must_use]
    pub fn new(set: Set<'a>) -> Self {
        Self { set, done: false }
    }

    /// The next item; bails out where the order is not known.
    pub fn next(&mut self, _cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match (self.done, self.set.len()) {
            (true, _) | (_, 0) => Ok(None),
            (false, 1) => {
                self.done = true;
                Ok(self.set.items().next())
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}
