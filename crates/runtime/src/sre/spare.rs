//! What searches leave for those that follow: their stacks, and which characters fit the sets that they met.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::machine::{Frame, Repeat};

/// The stacks of a search.
#[derive(Default)]
pub(super) struct Stacks {
    pub(super) marks: Vec<Option<usize>>,
    pub(super) frames: Vec<Frame>,
    /// Marks that frames have pushed.
    pub(super) saved: Vec<Option<usize>>,
    /// Places that repeats have pushed.
    pub(super) lasts: Vec<Option<usize>>,
    pub(super) repeats: Vec<Repeat>,
}

/// Whether each of the first 256 characters fits an operation, as far as somebody asked.
pub(super) struct Fits([Cell<Option<bool>>; 256]);

impl Fits {
    pub(super) fn new() -> Self {
        Self([const { Cell::new(None) }; 256])
    }

    #[inline]
    pub(super) fn of(&self, letter: u8) -> &Cell<Option<bool>> {
        &self.0[usize::from(letter)]
    }
}

/// So many operations are found without hashing.
const NEAR: usize = 32;

/// The spare parts of one context.
pub(crate) struct Spare<'a> {
    /// One set for a search, more where a replacement's function searches.
    stacks: RefCell<Vec<Stacks>>,
    /// By the address of the operation in its program.
    fits: RefCell<HashMap<usize, &'a Fits>>,
    /// Those asked for last, by the last digits of their addresses.
    near: [Cell<Option<(usize, &'a Fits)>>; NEAR],
}

impl Default for Spare<'_> {
    fn default() -> Self {
        Self { stacks: RefCell::default(), fits: RefCell::default(), near: [const { Cell::new(None) }; NEAR] }
    }
}

impl<'a> Spare<'a> {
    pub(super) fn take(&self) -> Stacks {
        self.stacks.borrow_mut().pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, mut stacks: Stacks) {
        stacks.frames.clear();
        stacks.saved.clear();
        stacks.lasts.clear();
        stacks.repeats.clear();
        self.stacks.borrow_mut().push(stacks);
    }

    /// The table of an operation; `make` makes a new one.
    pub(super) fn fits<E>(&self, address: usize, make: impl FnOnce() -> Result<&'a Fits, E>) -> Result<&'a Fits, E> {
        let near = &self.near[address / size_of::<u32>() % NEAR];
        if let Some((known, fits)) = near.get()
            && known == address
        {
            return Ok(fits);
        }
        let known = self.fits.borrow().get(&address).copied();
        let fits = match known {
            Some(fits) => fits,
            None => {
                let made = make()?;
                self.fits.borrow_mut().insert(address, made);
                made
            }
        };
        near.set(Some((address, fits)));
        Ok(fits)
    }

    /// Frees what the arena does not.
    pub(crate) fn clear(&self) {
        self.stacks.take();
        self.fits.take();
    }
}
