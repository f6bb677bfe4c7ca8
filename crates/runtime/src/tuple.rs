//! Tuples: immutable sequences in the arena.

use crate::{Cx, Result, Value};

/// A tuple.
#[derive(Copy, Clone)]
pub struct Tuple<'a>(pub(crate) &'a TupleObj<'a>);

pub(crate) struct TupleObj<'a> {
    items: &'a [Value<'a>],
}

/// A tuple of `items`.
pub fn tuple_new<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Tuple<'a>> {
    // Of a known number, the arena takes them at once.
    let items: &'a [Value<'a>] = match *items {
        [] => &[],
        [a] => cx.alloc([a], g)?,
        [a, b] => cx.alloc([a, b], g)?,
        [a, b, c] => cx.alloc([a, b, c], g)?,
        [a, b, c, d] => cx.alloc([a, b, c, d], g)?,
        _ => cx.alloc_slice(items.len(), |at| items[at], g)?,
    };
    tuple_of(cx, items, g)
}

/// A tuple of items that are in the arena already.
pub(crate) fn tuple_of<'a>(cx: &'a Cx<'a>, items: &'a [Value<'a>], g: u32) -> Result<Tuple<'a>> {
    Ok(Tuple(cx.alloc(TupleObj { items }, g)?))
}

impl<'a> Tuple<'a> {
    /// The items.
    #[inline]
    #[must_use]
    pub fn items(self) -> &'a [Value<'a>] {
        self.0.items
    }

    /// Whether both are the same tuple.
    #[must_use]
    pub fn same(self, other: Tuple<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
