//! Text under construction, bounded by the memory limit.

use std::fmt::{self, Write};

use crate::BailKind;

/// A growing text that refuses to pass its limit.
pub(crate) struct Text<'t> {
    pub(crate) buffer: &'t mut String,
    /// The largest length allowed, in bytes.
    pub(crate) limit: usize,
}

impl Text<'_> {
    /// Appends `text`.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), BailKind> {
        if text.len() > self.limit.saturating_sub(self.buffer.len()) {
            return Err(BailKind::Memory);
        }
        self.buffer.try_reserve(text.len()).map_err(|_| BailKind::Memory)?;
        self.buffer.push_str(text);
        Ok(())
    }

    /// Appends `fill` as often as `count` says.
    pub(crate) fn pad(&mut self, fill: char, count: usize) -> Result<(), BailKind> {
        let mut bytes = [0; 4];
        let fill = &*fill.encode_utf8(&mut bytes);
        for _ in 0..count {
            self.push(fill)?;
        }
        Ok(())
    }
}

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
