//! Bytes: immutable byte strings in the arena.

use crate::{Cx, Result};

/// A bytes object.
#[derive(Copy, Clone)]
pub struct Bytes<'a>(pub(crate) &'a BytesObj<'a>);

pub(crate) struct BytesObj<'a> {
    bytes: &'a [u8],
}

/// A bytes object with a copy of `bytes`.
pub fn bytes_new<'a>(cx: &'a Cx<'a>, bytes: &[u8], g: u32) -> Result<Bytes<'a>> {
    let bytes: &'a [u8] = if bytes.is_empty() { &[] } else { cx.alloc_slice(bytes.len(), |at| bytes[at], g)? };
    Ok(Bytes(cx.alloc(BytesObj { bytes }, g)?))
}

impl<'a> Bytes<'a> {
    /// The bytes.
    #[inline]
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.0.bytes
    }
}
