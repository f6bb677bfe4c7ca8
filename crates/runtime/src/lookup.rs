//! What is asked for over and over, remembered: strings of special names, and attributes of classes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::{Class, Cx, Dict, Result, Str, Value};

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

/// What one lookup gave.
#[derive(Copy, Clone)]
struct Known<'a> {
    class: Class<'a>,
    name: Str<'a>,
    epoch: u64,
    found: Option<Value<'a>>,
    /// The slot that the attribute last had in the dict of an instance.
    slot: usize,
}

/// What the runtime itself asks of the program's classes, at every use of an instance.
#[derive(Copy, Clone)]
pub(crate) enum Special {
    AbstractMethods,
    Del,
    GetAttr,
    GetAttribute,
    Init,
    New,
    SetAttr,
    Slots,
}

impl Special {
    pub(crate) const COUNT: usize = 8;

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AbstractMethods => "__abstractmethods__",
            Self::Del => "__del__",
            Self::GetAttr => "__getattr__",
            Self::GetAttribute => "__getattribute__",
            Self::Init => "__init__",
            Self::New => "__new__",
            Self::SetAttr => "__setattr__",
            Self::Slots => "__slots__",
        }
    }
}

/// Those of a class that were asked for.
pub(crate) struct Specials<'a> {
    epoch: Cell<u64>,
    found: [Cell<Option<Option<Value<'a>>>>; Special::COUNT],
}

impl<'a> Specials<'a> {
    pub(crate) fn new() -> Self {
        Self { epoch: Cell::new(0), found: [const { Cell::new(None) }; Special::COUNT] }
    }

    /// Where the answer is kept; empty if a class has changed since.
    #[inline]
    pub(crate) fn place(&self, cx: &'a Cx<'a>, special: Special) -> &Cell<Option<Option<Value<'a>>>> {
        let epoch = cx.lookups().epoch.get();
        if self.epoch.get() != epoch {
            self.found.iter().for_each(|place| place.set(None));
            self.epoch.set(epoch);
        }
        &self.found[special as usize]
    }
}

/// The memory of lookups of one invocation.
#[derive(Default)]
pub(crate) struct Lookups<'a> {
    /// By address and length of the text in the program.
    names: RefCell<Names<'a>>,
    attributes: Cell<&'a [Cell<Option<Known<'a>>>]>,
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
        match self.known(cx, class, name) {
            Some(place) => match place.get() {
                Some(known) if self.is_of(&known, class, name) => known.found,
                _ => self.learn(place, class, name, find()).found,
            },
            None => find(),
        }
    }

    /// The same, and the slot in the dict of an instance, if it has the attribute.
    #[inline]
    pub(crate) fn of_instance(
        &self,
        cx: &'a Cx<'a>,
        (class, dict): (Class<'a>, Dict<'a>),
        name: Str<'a>,
        find: impl FnOnce() -> Option<Value<'a>>,
    ) -> (Option<Value<'a>>, Option<usize>) {
        let Some(place) = self.known(cx, class, name) else {
            return (find(), dict.slot_of(cx, name));
        };
        let known = match place.get() {
            Some(known) if self.is_of(&known, class, name) => known,
            _ => self.learn(place, class, name, find()),
        };
        if dict.has_at(known.slot, name) {
            return (known.found, Some(known.slot));
        }
        let slot = dict.slot_of(cx, name);
        if let Some(slot) = slot {
            place.set(Some(Known { slot, ..known }));
        }
        (known.found, slot)
    }

    #[inline]
    fn is_of(&self, known: &Known<'a>, class: Class<'a>, name: Str<'a>) -> bool {
        known.class.same(class) && known.name.address() == name.address() && known.epoch == self.epoch.get()
    }

    fn learn(
        &self,
        place: &Cell<Option<Known<'a>>>,
        class: Class<'a>,
        name: Str<'a>,
        found: Option<Value<'a>>,
    ) -> Known<'a> {
        let known = Known { class, name, epoch: self.epoch.get(), found, slot: 0 };
        place.set(Some(known));
        known
    }

    /// Where an attribute of a class is remembered; none without memory for that.
    #[inline]
    fn known(&self, cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>) -> Option<&'a Cell<Option<Known<'a>>>> {
        let mixed = class.address().rotate_left(7) ^ name.address();
        let places = self.attributes.get();
        let at = |places: &[_]| (mixed >> 4) & places.len().wrapping_sub(1);
        if let Some(place) = places.get(at(places))
            && place.get().is_some_and(|known| self.is_of(&known, class, name))
        {
            return Some(place);
        }
        let places = self.after_miss(cx, places)?;
        Some(&places[at(places)])
    }

    /// The places after another miss: more of them if there were many.
    #[cold]
    fn after_miss(
        &self,
        cx: &'a Cx<'a>,
        places: &'a [Cell<Option<Known<'a>>>],
    ) -> Option<&'a [Cell<Option<Known<'a>>>]> {
        self.misses.set(self.misses.get() + 1);
        if places.len() < PLACES[1] && self.misses.get() > places.len() * 2 || places.is_empty() {
            let count = (places.len() * 4).clamp(PLACES[0], PLACES[1]);
            let made = cx.alloc_slice(count, |_| Cell::new(None), u32::MAX).ok()?;
            self.attributes.set(made);
            self.misses.set(0);
            return Some(made);
        }
        Some(places)
    }
}
