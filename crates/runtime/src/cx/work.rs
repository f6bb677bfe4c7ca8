//! How far an invocation may go: its fuel, its deadline, and how deep its calls are.

use std::cell::Cell;
use std::time::Instant;

use super::Cx;
use crate::{BailKind, Result};

/// Calls of compiled functions that may be under way at once; CPython's own limit is 1000 frames.
const MAX_DEPTH: u32 = 950;
/// Loop iterations from one look at the clock to the next.
const FUEL: u64 = 1024;
/// Bytes handled in bulk that cost as much fuel as one loop iteration.
const BYTES_PER_FUEL: usize = 64;

/// Depth and fuel in one word, so that a call counts both at once.
///
/// Its lower part is the depth: in [`FRAMES`] the compiled functions under way, above [`NO_FRAMES`], and above these, by [`GENERATOR`] each,
/// the generator expressions in place.
/// Its upper part is the fuel that is left; it is negative if a count takes more than there is.
pub(super) struct Work(Cell<i64>);

/// The part of the depth that counts frames.
const FRAMES: u32 = 0xffff;
/// The bit of it that the first frame too many sets.
const FULL: u32 = 0x8000;
/// Its value without a frame.
const NO_FRAMES: u32 = FULL - 1 - MAX_DEPTH;
/// What a generator expression in place adds to the depth beside its frame; there cannot be more of them than frames.
const GENERATOR: u32 = FRAMES + 1;
/// The whole depth.
const DEPTH: i64 = UNIT - 1;
/// One unit of fuel.
const UNIT: i64 = 1 << 28;

impl Work {
    /// That of an invocation that begins.
    pub(super) fn new() -> Self {
        Self(Cell::new(FUEL as i64 * UNIT + NO_FRAMES as i64))
    }

    pub(super) fn reset(&self) {
        self.0.set(Self::new().0.get());
    }

    fn depth(&self) -> u32 {
        (self.0.get() & DEPTH) as u32
    }

    fn set_depth(&self, depth: u32) {
        self.0.set((self.0.get() & !DEPTH) | i64::from(depth));
    }

    fn set_fuel(&self, fuel: u64) {
        self.0.set((fuel as i64 * UNIT) | (self.0.get() & DEPTH));
    }

    fn fuel(&self) -> u64 {
        (self.0.get() / UNIT) as u64
    }
}

impl Cx<'_> {
    /// How many compiled functions are under way, as a number for [`Cx::set_depth`].
    pub fn depth(&self) -> u32 {
        self.work.depth()
    }

    /// Says that each compiled function may stand for so many of CPython's frames: no more of these may come about than if each
    /// stood for one.
    pub fn stand_for(&self, frames: u32) {
        let spare = MAX_DEPTH - MAX_DEPTH / frames.max(1);
        self.set_depth(self.depth() + spare);
    }

    /// Returns to a depth after an exception was caught.
    pub fn set_depth(&self, depth: u32) {
        self.work.set_depth(depth);
    }

    /// Counts one loop iteration; bails out once the deadline has passed.
    #[inline(always)]
    pub fn tick(&self, g: u32) -> Result<()> {
        let work = self.work.0.get() - UNIT;
        if work < 0 {
            return self.refill(g);
        }
        self.work.0.set(work);
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
        self.work.set_fuel(FUEL);
        Ok(())
    }

    /// Counts work on `bytes` bytes that no arena limit bounds.
    pub fn burn(&self, bytes: usize, g: u32) -> Result<()> {
        let cost = bytes / BYTES_PER_FUEL;
        if cost == 0 {
            return Ok(());
        }
        self.work.set_fuel(self.work.fuel().saturating_sub(cost as u64));
        self.tick(g)
    }

    /// Enters a compiled function; counts like an iteration, because recursion can be endless work within its depth.
    #[inline(always)]
    pub fn enter(&self, g: u32) -> Result<()> {
        let work = self.work.0.get() + (1 - UNIT);
        if work < 0 || work & i64::from(FULL) != 0 {
            return self.enter_at_end(g);
        }
        self.work.0.set(work);
        Ok(())
    }

    /// Enters one where either the fuel or the depth is at its end.
    #[cold]
    #[inline(never)]
    fn enter_at_end(&self, g: u32) -> Result<()> {
        let depth = self.depth() + 1;
        if depth & FULL != 0 {
            return Err(BailKind::Depth.at(g));
        }
        self.tick(g)?;
        self.set_depth(depth);
        Ok(())
    }

    /// Leaves the compiled function that was entered last.
    #[inline(always)]
    pub fn leave(&self) {
        self.work.0.set(self.work.0.get() - 1);
    }

    /// Begins a generator expression in place: until it ends, nothing that stops an iteration may leave it.
    #[inline]
    pub fn enter_generator(&self, g: u32) -> Result<()> {
        self.enter(g)?;
        self.work.0.set(self.work.0.get() + i64::from(GENERATOR));
        Ok(())
    }

    /// Ends it.
    #[inline]
    pub fn leave_generator(&self) {
        self.work.0.set(self.work.0.get() - i64::from(GENERATOR + 1));
    }

    /// Whether a generator expression runs in place.
    ///
    /// A `StopIteration` that leaves a generator becomes another exception (PEP 479).
    pub(crate) fn is_in_generator(&self) -> bool {
        self.depth() >= GENERATOR
    }

    /// What `run` gives, with the generator expressions in place forgotten meanwhile.
    pub(crate) fn outside_generators<T>(&self, run: impl FnOnce() -> T) -> T {
        let depth = self.depth();
        self.set_depth(depth & FRAMES);
        let given = run();
        self.set_depth(depth);
        given
    }
}
