//! What is asked for over and over, remembered: strings of special names, and attributes of classes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::{Class, Cx, Result, Str, Value};

/// Places of the cache, at first and at most, powers of two: many invocations wait at once, few ask for many attributes.
const PLACES: [usize; 2] = [16, 256];

/// Mixes addresses, which no client chooses.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = (self.0.rotate_left(29) ^ number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

type Names<'a> = HashMap<(usize, usize), Str<'a>, BuildHasherDefault<AddressHasher>>;

/// What one lookup gave: the class, the name, when, and what.
type Known<'a> = Option<(Class<'a>, Str<'a>, u64, Option<Value<'a>>)>;

/// The memory of lookups of one invocation.
#[derive(Default)]
pub(crate) struct Lookups<'a> {
    /// By address and length of the text in the program.
    names: RefCell<Names<'a>>,
    attributes: Cell<&'a [Cell<Known<'a>>]>,
    /// How often the cache did not know.
    misses: Cell<usize>,
    /// How often a class has changed; what was known before does not hold any more.
    epoch: Cell<u64>,
}

impl<'a> Lookups<'a> {
    /// Frees what the arena does not.
    pub(crate) fn clear(&self) {
        *self.names.borrow_mut() = Names::default();
    }

    /// The string of a name that the runtime itself uses.
    pub(crate) fn name(&self, cx: &'a Cx<'a>, name: &'static str, g: u32) -> Result<Str<'a>> {
        let key = (name.as_ptr().addr(), name.len());
        if let Some(known) = self.names.borrow().get(&key) {
            return Ok(*known);
        }
        let made = crate::str_new(cx, name, g)?;
        self.names.borrow_mut().insert(key, made);
        Ok(made)
    }

    /// A class has changed, or has just been filled.
    pub(crate) fn forget(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }

    /// The attribute of a class as `find` finds it, found once.
    pub(crate) fn attribute(
        &self,
        cx: &'a Cx<'a>,
        class: Class<'a>,
        name: Str<'a>,
        find: impl FnOnce() -> Option<Value<'a>>,
    ) -> Option<Value<'a>> {
        let mixed = class.address().rotate_left(7) ^ name.address();
        let mut places = self.attributes.get();
        let at = |places: &[_]| (mixed >> 4) & places.len().wrapping_sub(1);
        if let Some(place) = places.get(at(places))
            && let Some((of, named, epoch, found)) = place.get()
            && of.same(class)
            && named.address() == name.address()
            && epoch == self.epoch.get()
        {
            return found;
        }
        self.misses.set(self.misses.get() + 1);
        if places.len() < PLACES[1] && self.misses.get() > places.len() * 2 || places.is_empty() {
            let count = (places.len() * 4).clamp(PLACES[0], PLACES[1]);
            // Without room for it, there is no cache.
            let Ok(made) = cx.alloc_slice(count, |_| Cell::new(None), u32::MAX) else { return find() };
            self.attributes.set(made);
            self.misses.set(0);
            places = made;
        }
        let found = find();
        places[at(places)].set(Some((class, name, self.epoch.get(), found)));
        found
    }
}
