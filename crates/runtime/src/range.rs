//! Ranges of `i64`, and the loop over one.

use crate::{BailKind, Cx, Result, Value};

/// `range(start, stop, step)`; its length fits `i64`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first number.
    pub start: i64,
    /// Where it ends, exclusively.
    pub stop: i64,
    /// The difference between two numbers; not 0.
    pub step: i64,
}

/// A range as a value.
#[derive(Copy, Clone)]
pub struct RangeRef<'a>(pub(crate) &'a Range);

/// A range as a value.
pub fn range_value<'a>(cx: &'a Cx<'a>, range: Range, g: u32) -> Result<Value<'a>> {
    Ok(Value::Range(RangeRef(cx.alloc(range, g)?)))
}

impl Range {
    /// A range; bails out with `Exception` at step 0, with `Unsupported` when its length does not fit `i64`.
    #[inline]
    pub fn new(start: i64, stop: i64, step: i64, g: u32) -> Result<Self> {
        let range = Self { start, stop, step };
        if step == 0 {
            return Err(BailKind::Exception.at(g));
        }
        match range.count() {
            Some(_) => Ok(range),
            None => Err(BailKind::Unsupported.at(g)),
        }
    }

    /// How many numbers there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> i64 {
        self.count().unwrap_or(i64::MAX)
    }

    /// Whether there are no numbers.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn count(&self) -> Option<i64> {
        let span = if self.step > 0 {
            if self.start >= self.stop {
                return Some(0);
            }
            self.stop.wrapping_sub(self.start)
        } else {
            if self.start <= self.stop {
                return Some(0);
            }
            self.start.wrapping_sub(self.stop)
        };
        // The true difference lies in 1..2^64, so the wrapped one, read as unsigned, is exact.
        let count = (span as u64 - 1) / self.step.unsigned_abs().max(1);
        i64::try_from(count).ok()?.checked_add(1)
    }

    /// The number at `index`, which must be below the length.
    pub(crate) fn at(&self, index: i64) -> i64 {
        self.start.wrapping_add(self.step.wrapping_mul(index))
    }

    /// Whether `number` is one of them.
    pub(crate) fn contains(&self, number: i64) -> bool {
        let (start, number, step) = (i128::from(self.start), i128::from(number), i128::from(self.step));
        let inside = if step > 0 {
            start <= number && number < i128::from(self.stop)
        } else {
            i128::from(self.stop) < number && number <= start
        };
        inside && (number - start) % step == 0
    }

    /// Equality as of the sequences of numbers.
    pub(crate) fn same(&self, other: &Range) -> bool {
        let len = self.len();
        len == other.len() && (len == 0 || self.start == other.start && (len == 1 || self.step == other.step))
    }
}

/// The loop over a range.
#[derive(Copy, Clone, Debug)]
pub struct RangeIter {
    next: i64,
    left: i64,
    step: i64,
}

impl RangeIter {
    /// Starts at the range's first number.
    #[inline]
    #[must_use]
    pub fn new(range: Range) -> Self {
        Self { next: range.start, left: range.len(), step: range.step }
    }

    /// How many numbers are left.
    pub(crate) fn left(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }

    /// The next number.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "generated code calls it without the trait")]
    pub fn next(&mut self) -> Option<i64> {
        if self.left == 0 {
            return None;
        }
        let number = self.next;
        self.left -= 1;
        self.next = number.wrapping_add(self.step);
        Some(number)
    }
}
