//! String buffers with spare room, so that `s = s + t` in a loop copies each byte a bounded number of times.
//!
//! Holds: the bytes below `used` are UTF-8, were written once and never change; every `&str` handed out lies below `used`; only bytes at or above `used` are ever written.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::slice;

use crate::{BailKind, Cx, Result};

/// A block of arena memory that one string after another grows into.
pub(crate) struct Buffer<'a> {
    start: NonNull<u8>,
    capacity: usize,
    used: Cell<usize>,
    arena: PhantomData<&'a [u8]>,
}

impl<'a> Buffer<'a> {
    /// A buffer of at least `capacity` bytes that begins with `left + right`, and that text.
    pub(crate) fn new(
        cx: &'a Cx<'a>,
        left: &str,
        right: &str,
        capacity: usize,
        g: u32,
    ) -> Result<(&'a Buffer<'a>, &'a str)> {
        let memory = || BailKind::Memory.at(g);
        let capacity = capacity.max(left.len().checked_add(right.len()).ok_or_else(memory)?);
        if capacity > cx.memory_bytes() {
            return Err(memory());
        }
        let layout = Layout::array::<u8>(capacity).map_err(|_| memory())?;
        let start = cx.bump().try_alloc_layout(layout).map_err(|_| memory())?;
        let buffer = cx.alloc(Buffer { start, capacity, used: Cell::new(0), arena: PhantomData }, g)?;
        buffer.write(left);
        buffer.write(right);
        Ok((buffer, buffer.text()))
    }

    /// `left + right` in place, when `left` is all that the buffer holds and `right` fits behind it.
    pub(crate) fn append(&'a self, left: &str, right: &str) -> Option<&'a str> {
        let whole = ptr::eq(left.as_ptr(), self.start.as_ptr()) && left.len() == self.used.get();
        if !whole || right.len() > self.capacity - self.used.get() {
            return None;
        }
        self.write(right);
        Some(self.text())
    }

    /// Writes `text` at the used end.
    fn write(&self, text: &str) {
        let used = self.used.get();
        assert!(text.len() <= self.capacity - used, "the callers checked the room");
        // SAFETY: `start..start + capacity` is one arena block that only this buffer writes to, and the assertion keeps the
        // write inside it. Every reference handed out covers bytes below `used` only, so nothing that is read changes, and
        // `text`, which may be such a reference, does not overlap the written bytes.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), self.start.as_ptr().add(used), text.len());
        }
        self.used.set(used + text.len());
    }

    /// All the text written so far.
    fn text(&self) -> &'a str {
        // SAFETY: the bytes below `used` are initialised, are whole `&str`s one after another, and are never written again;
        // the arena they live in is borrowed for `'a`.
        unsafe { str::from_utf8_unchecked(slice::from_raw_parts(self.start.as_ptr(), self.used.get())) }
    }
}
