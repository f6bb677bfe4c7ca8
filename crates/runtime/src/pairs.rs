//! Iterators whose pairs a loop takes apart: `enumerate`, `zip` and `items()` without tuples.

use crate::{BailKind, Cx, Dict, DictIter, Iter, ListIter, RangeIter, Result, Str, StrIter, TupleIter, Value};

/// What gives the items of pairs.
pub trait Source<'a> {
    /// An item.
    type Item;

    /// The next item.
    fn step(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Self::Item>>;
}

impl<'a> Source<'a> for RangeIter {
    type Item = i64;

    #[inline(always)]
    fn step(&mut self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<i64>> {
        Ok(self.next())
    }
}

impl<'a> Source<'a> for ListIter<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn step(&mut self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(self.next())
    }
}

impl<'a> Source<'a> for TupleIter<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn step(&mut self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(self.next())
    }
}

impl<'a> Source<'a> for StrIter<'a> {
    type Item = Str<'a>;

    #[inline(always)]
    fn step(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Str<'a>>> {
        self.next(cx, g)
    }
}

impl<'a> Source<'a> for Iter<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn step(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        self.next(cx, g)
    }
}

/// `enumerate(items, start)`
pub struct EnumerateIter<S> {
    items: S,
    next: i64,
}

impl<S> EnumerateIter<S> {
    /// Starts counting.
    #[inline]
    pub fn new(items: S, start: i64) -> Self {
        Self { items, next: start }
    }

    /// The next number and item; bails out at a number beyond 64 bits.
    #[inline(always)]
    pub fn next_pair<'a>(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<(i64, S::Item)>>
    where
        S: Source<'a>,
    {
        let Some(item) = self.items.step(cx, g)? else { return Ok(None) };
        let number = self.next;
        self.next = number.checked_add(1).ok_or_else(|| BailKind::Overflow.at(g))?;
        Ok(Some((number, item)))
    }
}

/// `zip(left, right)`
pub struct ZipIter<L, R> {
    left: L,
    right: R,
}

impl<L, R> ZipIter<L, R> {
    /// Starts at the first items.
    #[inline]
    pub fn new(left: L, right: R) -> Self {
        Self { left, right }
    }

    /// The next two items; the right one is not asked for where there is no left one.
    #[inline(always)]
    pub fn next_pair<'a>(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<(L::Item, R::Item)>>
    where
        L: Source<'a>,
        R: Source<'a>,
    {
        let Some(left) = self.left.step(cx, g)? else { return Ok(None) };
        Ok(self.right.step(cx, g)?.map(|right| (left, right)))
    }
}

/// `dict.items()`
pub struct EntriesIter<'a>(DictIter<'a>);

impl<'a> EntriesIter<'a> {
    /// Starts at the first entry.
    #[inline]
    #[must_use]
    pub fn new(dict: Dict<'a>) -> Self {
        Self(DictIter::new(dict))
    }

    /// The next key and value; raises when the size has changed.
    #[inline(always)]
    pub fn next_pair(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<(Value<'a>, Value<'a>)>> {
        self.0.next_entry(cx, g)
    }
}
