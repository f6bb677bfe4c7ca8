//! A bailout: which guard failed, and of which kind.

/// The result of every operation that can bail out.
pub type Result<T> = core::result::Result<T, Bail>;

/// A failed guard; the invocation runs again in CPython.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Bail {
    /// The guard's id in its compiled function; `u32::MAX` outside every guard.
    pub guard: u32,
    /// Why it failed.
    pub kind: BailKind,
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
    pub const fn at(self, g: u32) -> Bail {
        Bail { guard: g, kind: self }
    }
}
