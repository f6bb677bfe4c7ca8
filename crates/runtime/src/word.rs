//! What a [`Value`](crate::Value) holds of a bool and of a float: whole words.
//!
//! Holds: every kind of value is one word beside the tag, an int or a pointer to the compiler, so that values are passed and
//! copied as two registers; a bool's byte or a float among them would make each a block of memory, written in parts and
//! read as a whole, for which processors stall.

use std::fmt;

/// A bool as a word.
#[derive(Copy, Clone, PartialEq, Eq)]
#[repr(u64)]
pub enum Bool {
    /// `False`
    False,
    /// `True`
    True,
}

impl Bool {
    /// The bool.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> bool {
        matches!(self, Self::True)
    }
}

/// A float as its bits; no equality, since that of floats is another one than that of bits.
#[derive(Copy, Clone)]
pub struct Float(u64);

impl Float {
    /// The word of a float.
    #[inline(always)]
    #[must_use]
    pub const fn new(value: f64) -> Self {
        Self(value.to_bits())
    }

    /// The float.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl fmt::Debug for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
