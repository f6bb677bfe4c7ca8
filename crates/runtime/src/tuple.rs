//! Tuples: immutable sequences in the arena.

use std::cell::Cell;

use crate::{Cx, Result, Value};

/// A tuple.
#[derive(Copy, Clone)]
pub struct Tuple<'a>(pub(crate) &'a TupleObj<'a>);

pub(crate) struct TupleObj<'a> {
    /// Set once, when the items behind the tuple have their place.
    items: Cell<&'a [Value<'a>]>,
}

/// A tuple and its items, in one piece of the arena.
struct Whole<'a, const N: usize> {
    object: TupleObj<'a>,
    items: [Value<'a>; N],
}

/// A tuple of `items`.
pub fn tuple_new<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Tuple<'a>> {
    match *items {
        [a, b] => tuple(cx, [a, b], g),
        [a, b, c] => tuple(cx, [a, b, c], g),
        _ => tuple_of(cx, cx.alloc_few(items.len(), |at| items[at], g)?, g),
    }
}

/// The same of so many.
#[inline]
pub fn tuple<'a, const N: usize>(cx: &'a Cx<'a>, items: [Value<'a>; N], g: u32) -> Result<Tuple<'a>> {
    let whole = Whole { object: TupleObj { items: Cell::new(&[]) }, items };
    let whole: &'a Whole<'a, N> = cx.alloc(whole, g)?;
    whole.object.items.set(&whole.items);
    Ok(Tuple(&whole.object))
}

/// A tuple of items that are in the arena already.
pub(crate) fn tuple_of<'a>(cx: &'a Cx<'a>, items: &'a [Value<'a>], g: u32) -> Result<Tuple<'a>> {
    Ok(Tuple(cx.alloc(TupleObj { items: Cell::new(items) }, g)?))
}

impl<'a> Tuple<'a> {
    /// The items.
    #[inline]
    #[must_use]
    pub fn items(self) -> &'a [Value<'a>] {
        self.0.items.get()
    }

    /// Whether both are the same tuple.
    #[must_use]
    pub fn same(self, other: Tuple<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
