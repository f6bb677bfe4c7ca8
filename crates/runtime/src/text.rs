//! Short texts on the stack.

use std::fmt::{self, Write};

/// A short ASCII text on the stack: a number, at most.
pub(crate) struct Short {
    bytes: [u8; 40],
    len: usize,
}

impl Short {
    /// What `arguments` print as; they must fit.
    pub(crate) fn of(arguments: fmt::Arguments<'_>) -> Self {
        let mut short = Self { bytes: [0; 40], len: 0 };
        short.write_fmt(arguments).expect("a number's text is short");
        short
    }

    /// That text; it must fit.
    pub(crate) fn text(text: &str) -> Self {
        let mut short = Self { bytes: [0; 40], len: text.len() };
        short.bytes[..text.len()].copy_from_slice(text.as_bytes());
        short
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).expect("only whole texts are written")
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
