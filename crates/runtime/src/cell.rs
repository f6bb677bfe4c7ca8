//! A variable that closures share: a cell in the arena.

use std::cell::Cell;

use crate::{BailKind, Cx, Result};

/// A shared variable; copies share the same cell.
pub struct Ref<'a, T>(&'a Cell<Option<T>>);

impl<T> Copy for Ref<'_, T> {}

impl<T> Clone for Ref<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// A new cell; `None` is an unbound variable.
#[inline]
pub fn new_ref<'a, T: Copy + 'a>(cx: &'a Cx<'a>, value: Option<T>, g: u32) -> Result<Ref<'a, T>> {
    Ok(Ref(cx.alloc(Cell::new(value), g)?))
}

impl<T: Copy> Ref<'_, T> {
    /// The variable's value; bails out with `Exception` while it is unbound.
    #[inline]
    pub fn get(self, g: u32) -> Result<T> {
        self.0.get().ok_or_else(|| BailKind::Exception.at(g))
    }

    /// Binds the variable.
    #[inline]
    pub fn set(self, value: T) {
        self.0.set(Some(value));
    }

    /// Unbinds the variable.
    pub fn clear(self) {
        self.0.set(None);
    }
}
