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
    let items = cx.alloc_few(items.len(), |at| items[at], g)?;
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
