//! A bailout: which guard failed, and of which kind.
//!
//! What travels in an `Err` has no size, so that results come back in registers: a value's two words, a float in its own.
//! Guard and kind are noted for the thread meanwhile, and one bailout is on its way at a time.
//! So who keeps one back while other operations run keeps the [`Bailout`], not the [`Bail`].

use std::cell::Cell;
use std::fmt;

/// The result of every operation that can bail out.
pub type Result<T> = core::result::Result<T, Bail>;

/// A failed guard on its way up; the invocation runs again in CPython.
///
/// Holds: it is the last one that was made on this thread; without optimisation each is compared with the note when it is
/// looked at.
#[must_use]
pub struct Bail {
    #[cfg(debug_assertions)]
    made: Bailout,
}

#[cfg(not(debug_assertions))]
const _: () = assert!(size_of::<Bail>() == 0 && size_of::<Result<crate::Value<'static>>>() == 16);

/// Which guard failed, and why.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Bailout {
    /// Why it failed.
    pub kind: BailKind,
    /// The guard's id in its compiled function; `u32::MAX` outside every guard.
    pub guard: u32,
}

thread_local! {
    /// The bailout that is on its way.
    static NOTED: Cell<Bailout> = const { Cell::new(Bailout { kind: BailKind::Panic, guard: u32::MAX }) };
}

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

impl Bail {
    /// Which guard failed, and why.
    // Never inlined, as is what notes it: an invocation may go on in another thread, so no address of the note may be kept.
    #[inline(never)]
    #[must_use]
    pub fn bailout(&self) -> Bailout {
        let noted = NOTED.get();
        #[cfg(debug_assertions)]
        assert_eq!(self.made, noted, "a bailout was kept while another one was made");
        noted
    }

    /// Why it failed.
    #[must_use]
    pub fn kind(&self) -> BailKind {
        self.bailout().kind
    }
}

impl fmt::Debug for Bail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bailout().fmt(f)
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
    #[cold]
    #[inline(never)]
    pub fn at(self, g: u32) -> Bail {
        let bailout = Bailout { kind: self, guard: g };
        NOTED.set(bailout);
        Bail {
            #[cfg(debug_assertions)]
            made: bailout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bailout_has_its_guard_and_its_kind() {
        for kind in [BailKind::Type, BailKind::Branch, BailKind::Panic] {
            for guard in [0, 1, u32::MAX] {
                let bail = kind.at(guard);
                assert_eq!((bail.kind(), bail.bailout()), (kind, Bailout { kind, guard }));
            }
        }
        assert_eq!(format!("{:?}", BailKind::Type.at(7)), "Bailout { kind: Type, guard: 7 }");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "a bailout was kept while another one was made")]
    fn one_is_on_its_way_at_a_time() {
        let kept = BailKind::Type.at(1);
        let _ = BailKind::Branch.at(2);
        let _ = kept.kind();
    }
}
