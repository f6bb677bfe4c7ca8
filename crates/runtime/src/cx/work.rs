//! How far an invocation may go: its fuel, its deadline, and how deep its calls are.

use std::time::Instant;

use super::{Cx, FUEL};
use crate::{BailKind, Result};

/// Calls of compiled functions that may be under way at once; CPython's own limit is 1000 frames.
const MAX_DEPTH: u32 = 950;
/// The part of the depth that counts frames.
const FRAMES: u32 = 0xffff;
/// What a generator expression in place adds to the depth beside its frame.
const GENERATOR: u32 = FRAMES + 1;
/// Bytes handled in bulk that cost as much fuel as one loop iteration.
const BYTES_PER_FUEL: usize = 64;

impl Cx<'_> {
    /// How many compiled functions are under way.
    pub fn depth(&self) -> u32 {
        self.depth.get()
    }

    /// Returns to a depth after an exception was caught.
    pub fn set_depth(&self, depth: u32) {
        self.depth.set(depth);
    }

    /// Counts one loop iteration; bails out once the deadline has passed.
    #[inline(always)]
    pub fn tick(&self, g: u32) -> Result<()> {
        let fuel = self.fuel.get();
        if fuel == 0 {
            return self.refill(g);
        }
        self.fuel.set(fuel - 1);
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn refill(&self, g: u32) -> Result<()> {
        let now = Instant::now();
        if now >= self.limits.get().deadline {
            return Err(BailKind::Deadline.at(g));
        }
        if let Some(host) = self.host() {
            host.pause(now);
        }
        self.fuel.set(FUEL);
        Ok(())
    }

    /// Counts work on `bytes` bytes that no arena limit bounds.
    pub fn burn(&self, bytes: usize, g: u32) -> Result<()> {
        let cost = u32::try_from(bytes / BYTES_PER_FUEL).unwrap_or(u32::MAX);
        if cost == 0 {
            return Ok(());
        }
        self.fuel.set(self.fuel.get().saturating_sub(cost));
        self.tick(g)
    }

    /// Enters a compiled function; counts like an iteration, because recursion can be endless work within its depth.
    #[inline(always)]
    pub fn enter(&self, g: u32) -> Result<()> {
        let depth = self.depth.get();
        if depth & FRAMES >= MAX_DEPTH {
            return Err(BailKind::Depth.at(g));
        }
        self.depth.set(depth + 1);
        self.tick(g)
    }

    /// Leaves the compiled function that was entered last.
    #[inline(always)]
    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Begins a generator expression in place: until it ends, nothing that stops an iteration may leave it.
    #[inline]
    pub fn enter_generator(&self, g: u32) -> Result<()> {
        self.enter(g)?;
        self.depth.set(self.depth.get() + GENERATOR);
        Ok(())
    }

    /// Ends it.
    #[inline]
    pub fn leave_generator(&self) {
        self.depth.set(self.depth.get().saturating_sub(GENERATOR + 1));
    }

    /// Whether a generator expression runs in place.
    ///
    /// A `StopIteration` that leaves a generator becomes another exception (PEP 479).
    pub(crate) fn is_in_generator(&self) -> bool {
        self.depth.get() >= GENERATOR
    }

    /// What `run` gives, with the generator expressions in place forgotten meanwhile.
    pub(crate) fn outside_generators<T>(&self, run: impl FnOnce() -> T) -> T {
        let depth = self.depth.get();
        self.depth.set(depth & FRAMES);
        let given = run();
        self.depth.set(depth);
        given
    }
}
