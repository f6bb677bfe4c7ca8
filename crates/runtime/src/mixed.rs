//! Numbers of which compiled code knows that they are an int or a float, as a sum of floats that begins with 0.

use crate::Value;

/// An int within 64 bits or a float.
///
/// What it is as a float is there in any case, so that a loop that adds floats to it does nothing else.
#[derive(Copy, Clone, Debug)]
pub struct Number {
    /// The float, or the float that is nearest to the int.
    float: f64,
    /// The int, if it is one.
    int: i64,
    is_int: bool,
}

impl Number {
    /// An int.
    #[inline(always)]
    #[must_use]
    pub const fn int(value: i64) -> Self {
        Self { float: value as f64, int: value, is_int: true }
    }

    /// A float.
    #[inline(always)]
    #[must_use]
    pub const fn float(value: f64) -> Self {
        Self { float: value, int: 0, is_int: false }
    }

    /// What arithmetic with a float takes it for (`PyLong_AsDouble`, which rounds to even, as `as` does).
    #[inline(always)]
    #[must_use]
    pub const fn as_float(self) -> f64 {
        self.float
    }

    /// The value.
    #[inline(always)]
    #[must_use]
    pub const fn value<'a>(self) -> Value<'a> {
        if self.is_int { Value::Int(self.int) } else { Value::float(self.float) }
    }
}
