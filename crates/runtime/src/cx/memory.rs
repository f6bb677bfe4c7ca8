//! The arena of an invocation, and what is bounded by its memory limit.

use std::cell::Cell;

use bumpalo::Bump;

use super::Cx;
use crate::{BailKind, Result, Str, Stream};

impl<'a> Cx<'a> {
    /// Bails out if a structure outside the arena of `bytes` bytes would pass the memory limit.
    pub(crate) fn reserve(&self, bytes: usize, g: u32) -> Result<()> {
        if bytes > self.limits.get().memory_bytes { Err(BailKind::Memory.at(g)) } else { Ok(()) }
    }

    /// Makes a part of the module, which later invocations need, too.
    pub(crate) fn keep<T>(&self, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.arena.used();
        let made = make();
        self.kept.set(self.kept.get() + self.arena.used().saturating_sub(before));
        made
    }

    /// What the module's containers took of the arena so far, in bytes.
    pub(crate) fn kept(&self) -> usize {
        self.kept.get()
    }

    /// The raw arena, for allocations of a shape that no helper here has.
    pub(crate) fn bump(&self) -> &'a Bump {
        &self.arena.bump
    }

    /// Moves `value` into the arena.
    pub(crate) fn alloc<T: 'a>(&self, value: T, g: u32) -> Result<&'a T> {
        match self.arena.bump.try_alloc(value) {
            Ok(place) => Ok(place),
            Err(_) => Err(BailKind::Memory.at(g)),
        }
    }

    /// The same of what `make` makes, inlined.
    #[inline(always)]
    pub(crate) fn alloc_in_place<T: 'a>(&self, make: impl FnOnce() -> T, g: u32) -> Result<&'a T> {
        match self.arena.bump.try_alloc_with(make) {
            Ok(place) => Ok(place),
            Err(_) => Err(BailKind::Memory.at(g)),
        }
    }

    /// A slice of `len` items in the arena.
    pub(crate) fn alloc_slice<T: 'a>(&self, len: usize, item: impl FnMut(usize) -> T, g: u32) -> Result<&'a [T]> {
        if len.checked_mul(size_of::<T>()).is_none_or(|bytes| bytes > self.limits.get().memory_bytes) {
            return Err(BailKind::Memory.at(g));
        }
        match self.arena.bump.try_alloc_slice_fill_with(len, item) {
            Ok(place) => Ok(place),
            Err(_) => Err(BailKind::Memory.at(g)),
        }
    }

    /// The same of mostly few items: of a known number, the arena takes them at once.
    #[inline]
    pub(crate) fn alloc_few<T: 'a>(&self, len: usize, item: impl Fn(usize) -> T, g: u32) -> Result<&'a [T]> {
        Ok(match len {
            0 => &[],
            1 => self.alloc([item(0)], g)?,
            2 => self.alloc([item(0), item(1)], g)?,
            3 => self.alloc([item(0), item(1), item(2)], g)?,
            4 => self.alloc([item(0), item(1), item(2), item(3)], g)?,
            _ => self.alloc_slice(len, item, g)?,
        })
    }

    /// A copy of a text in the arena.
    pub(crate) fn alloc_text(&self, text: &str, g: u32) -> Result<&'a str> {
        if text.len() > self.memory_bytes() {
            return Err(BailKind::Memory.at(g));
        }
        self.arena.bump.try_alloc_str(text).map(|text| &*text).map_err(|_| BailKind::Memory.at(g))
    }

    /// An ASCII string with a text that `change` makes of that of `s`, which must stay ASCII.
    pub(crate) fn changed_ascii(&'a self, s: Str<'a>, change: impl FnOnce(&mut str), g: u32) -> Result<Str<'a>> {
        let whole = s.text();
        if whole.len() > self.memory_bytes() {
            return Err(BailKind::Memory.at(g));
        }
        let made = self.arena.bump.try_alloc_str(whole).map_err(|_| BailKind::Memory.at(g))?;
        change(made);
        s.part(self, made, g)
    }

    /// The literal of the program with that text.
    pub(crate) fn literal_of(&self, text: &str) -> Option<Str<'a>> {
        self.literals.iter().map(Str).find(|literal| literal.text() == text)
    }

    /// The memory limit in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.limits.get().memory_bytes
    }

    /// Appends to the log.
    pub(crate) fn print(&self, stream: Stream, text: &str, g: u32) -> Result<()> {
        self.reserve(self.arena.log.len() + text.len(), g)?;
        self.arena.log.push(stream, text);
        Ok(())
    }

    /// The string that `write` writes; `write` may build other strings.
    pub(crate) fn build(&'a self, write: impl FnOnce(&mut String) -> Result<()>, g: u32) -> Result<Str<'a>> {
        let mut buffer = self.arena.scratch.take();
        buffer.clear();
        let made = write(&mut buffer).and_then(|()| crate::str_new(self, &buffer, g));
        self.arena.scratch.replace(buffer);
        made
    }

    /// The one-character string of an ASCII character.
    #[inline]
    pub(crate) fn letter(&'a self, code: u8, g: u32) -> Result<Str<'a>> {
        match self.letters.get().get(usize::from(code)).and_then(Cell::get) {
            Some(letter) => Ok(letter),
            None => self.make_letter(code, g),
        }
    }

    #[cold]
    fn make_letter(&'a self, code: u8, g: u32) -> Result<Str<'a>> {
        if self.letters.get().is_empty() {
            self.letters.set(self.alloc_slice(128, |_| Cell::new(None), g)?);
        }
        let place = &self.letters.get()[usize::from(code)];
        let letter = crate::str_new(self, char::from(code).encode_utf8(&mut [0; 4]), g)?;
        place.set(Some(letter));
        Ok(letter)
    }
}
