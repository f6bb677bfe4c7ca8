//! The memory of one instance, kept for the next one.
//!
//! Holds: an arena handed out by [`take`] is empty; one that grew past what its instance may is dropped instead of kept.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bumpalo::Bump;

use crate::printed::Printed;

/// So many are kept.
const KEPT: usize = 16;

static ARENAS: Mutex<Vec<Arena>> = Mutex::new(Vec::new());

/// Where the values of one instance live, with its reusable text buffers.
#[derive(Default)]
pub struct Arena {
    pub(crate) bump: Bump,
    /// What the invocation under way has printed.
    pub(crate) log: Printed,
    /// Where texts are built before they are copied into the arena.
    pub(crate) scratch: RefCell<String>,
}

impl Arena {
    /// An empty arena, which allocates at its first use.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes of it are in use, without what the latest chunk has left.
    pub(crate) fn used(&self) -> usize {
        self.bump.allocated_bytes() - self.bump.chunk_capacity()
    }
}

/// An empty arena.
pub(crate) fn take() -> Arena {
    arenas().pop().unwrap_or_default()
}

/// Empties the arena and keeps it for another instance, unless it or a buffer is larger than so many bytes.
pub(crate) fn give_back(mut arena: Arena, most: usize) {
    let buffers = arena.log.capacity().max(arena.scratch.get_mut().capacity());
    let used = arena.used();
    if used > most || buffers > most {
        return;
    }
    arena.bump.reset();
    arena.bump.set_allocation_limit(None);
    // What one instance needed, the next one finds in one piece: memory that is handed back comes anew, page by page.
    if !(used..=most).contains(&arena.bump.chunk_capacity()) {
        arena.bump = Bump::with_capacity(used);
    }
    arena.log.clear();
    arena.scratch.get_mut().clear();
    let mut arenas = arenas();
    if arenas.len() < KEPT {
        arenas.push(arena);
    }
}

fn arenas() -> MutexGuard<'static, Vec<Arena>> {
    ARENAS.lock().unwrap_or_else(PoisonError::into_inner)
}
