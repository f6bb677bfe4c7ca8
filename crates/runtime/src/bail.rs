//! A bailout: which guard failed, and of which kind.

use core::fmt;
use core::num::NonZeroU64;

/// The result of every operation that can bail out.
pub type Result<T> = core::result::Result<T, Bail>;

/// A failed guard; the invocation runs again in CPython.
///
/// It is one word: so the result of an operation that gives an int or an object is two registers.
#[derive(Copy, Clone, PartialEq, Eq)]
#[repr(transparent)]
pub struct Bail(NonZeroU64);

/// Why a guard failed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BailKind {
    /// A value has another type than the traced one.
    Type,
    /// A branch that was never traced.
    Branch,
    /// A call reached another function than the traced one.
    Callee,
    /// A global holds something else than in the trace.
    Global,
    /// An integer left the range of `i64`.
    Overflow,
    /// An operation that the runtime cannot do exactly as CPython.
    Unsupported,
    /// The arena is at its limit.
    Memory,
    /// The recursion is too deep.
    Depth,
    /// The deadline has passed.
    Deadline,
    /// CPython would raise an exception here, which nothing native may catch.
    Exception,
    /// An exception is on its way; [`Cx::catch`](crate::Cx::catch) has it.
    Raised,
    /// A module-level object would change.
    State,
    /// An external effect ended in a way that only CPython knows what to make of.
    Effect,
    /// The caller asked for this guard to fail.
    Forced,
    /// The compiled code panicked.
    Panic,
}

/// Bits of the guard's id, below the kind.
const GUARD: u32 = u32::BITS;

/// Every kind, at the place of its number.
const KINDS: [BailKind; 15] = [
    BailKind::Type,
    BailKind::Branch,
    BailKind::Callee,
    BailKind::Global,
    BailKind::Overflow,
    BailKind::Unsupported,
    BailKind::Memory,
    BailKind::Depth,
    BailKind::Deadline,
    BailKind::Exception,
    BailKind::Raised,
    BailKind::State,
    BailKind::Effect,
    BailKind::Forced,
    BailKind::Panic,
];

impl Bail {
    /// The guard's id in its compiled function; `u32::MAX` outside every guard.
    #[must_use]
    pub const fn guard(self) -> u32 {
        self.0.get() as u32
    }

    /// Why it failed.
    #[must_use]
    pub const fn kind(self) -> BailKind {
        KINDS[(self.0.get() >> GUARD) as usize - 1]
    }
}

impl fmt::Debug for Bail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bail").field("guard", &self.guard()).field("kind", &self.kind()).finish()
    }
}

impl BailKind {
    /// The kind's name in the API, the activation record and the dashboard.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            BailKind::Type => "type",
            BailKind::Branch => "branch",
            BailKind::Callee => "callee",
            BailKind::Global => "global",
            BailKind::Overflow => "overflow",
            BailKind::Unsupported => "unsupported",
            BailKind::Memory => "memory",
            BailKind::Depth => "depth",
            BailKind::Deadline => "fuel",
            BailKind::Exception | BailKind::Raised => "exception",
            BailKind::State => "state",
            BailKind::Effect => "effect",
            BailKind::Forced => "forced",
            BailKind::Panic => "panic",
        }
    }

    /// A bailout of this kind at guard `g`.
    #[inline]
    #[must_use]
    pub const fn at(self, g: u32) -> Bail {
        // Numbers of kinds begin with 0; the word is never 0.
        match NonZeroU64::new(((self as u64 + 1) << GUARD) | g as u64) {
            Some(word) => Bail(word),
            None => unreachable!(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bailout_has_its_guard_and_its_kind() {
        for (number, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            for guard in [0, 1, u32::MAX] {
                assert_eq!((kind.at(guard).guard(), kind.at(guard).kind()), (guard, kind));
            }
        }
        assert_eq!(format!("{:?}", BailKind::Type.at(7)), "Bail { guard: 7, kind: Type }");
    }

    #[test]
    fn results_are_two_words_at_most() {
        assert_eq!(size_of::<Result<()>>(), 8);
        assert_eq!(size_of::<Result<i64>>(), 16);
        assert_eq!(size_of::<Result<crate::Value<'_>>>(), 16);
    }
}
