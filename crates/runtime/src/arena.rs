//! The memory of one invocation, kept by its thread for the next one.
//!
//! An invocation may end on another thread than it began on, so neither function is inlined: its caller keeps no address
//! of thread-local storage.
//! Holds: an arena handed out by [`take`] is empty; one that grew past [`KEEP_BYTES`] is dropped instead of kept.

use std::cell::{Cell, RefCell};

use bumpalo::Bump;

/// Arenas and buffers larger than this are freed after the invocation.
const KEEP_BYTES: usize = 16 << 20;

thread_local! {
    static KEPT: Cell<Option<Arena>> = const { Cell::new(None) };
}

/// Where the values of one invocation live, with its reusable text buffers.
#[derive(Default)]
pub struct Arena {
    pub(crate) bump: Bump,
    /// What the invocation printed so far.
    pub(crate) log: RefCell<String>,
    /// Where texts are built before they are copied into the arena.
    pub(crate) scratch: RefCell<String>,
}

impl Arena {
    /// An empty arena, which allocates at its first use.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// This thread's arena, or a new one; empty, and within `limit` bytes.
#[inline(never)]
pub(crate) fn take(limit: usize) -> Arena {
    match KEPT.take() {
        Some(arena) if arena.bump.allocated_bytes() <= limit => arena,
        _ => Arena::new(),
    }
}

/// Empties the arena and keeps it for this thread's next invocation, unless it is oversized.
#[inline(never)]
pub(crate) fn give_back(mut arena: Arena) {
    let buffers = arena.log.get_mut().capacity().max(arena.scratch.get_mut().capacity());
    if arena.bump.allocated_bytes() > KEEP_BYTES || buffers > KEEP_BYTES {
        return;
    }
    arena.bump.reset();
    arena.log.get_mut().clear();
    arena.scratch.get_mut().clear();
    KEPT.set(Some(arena));
}
