//! What a place of generated code found last, by the class that it found it for (inline caches: Deutsch and Schiffman,
//! "Efficient Implementation of the Smalltalk-80 System", 1984).
//!
//! Finding what was found before is inlined into compiled code; everything else is a call.
//!
//! Holds: what a site says is what the slow way finds; when a class changes, all sites forget.

mod attributes;
mod displays;
mod instances;
mod methods;

use std::cell::Cell;

pub use self::attributes::{get, get_as, set};
pub use self::displays::{dict, item, item_as, list, record, tuple};
pub use self::instances::{built, init, learn_built, make};
pub use self::methods::{load, operated, operator};
use crate::dict::{Keys, SCAN};
use crate::instance::Instance;
use crate::shape::Shape;
use crate::{Class, Cx, Dict, Function, List, Tuple, Type};

/// What one site found last; of which kind that is goes by what the site does.
#[derive(Copy, Clone, Default)]
enum Found<'a> {
    #[default]
    Nothing,
    /// Instances of this shape have the attribute in that field.
    Field(&'a Shape<'a>, u32),
    /// Instances of the first shape have no such attribute yet; with it, they have the second.
    Added(&'a Shape<'a>, &'a Shape<'a>),
    /// Instances of this class that have a dict have the attribute in that slot of it.
    Slot(Class<'a>, u32),
    /// A method of that class, which no attribute of instances of that shape hides.
    Method(Option<&'a Shape<'a>>, Class<'a>, Function<'a>),
    /// Values of that built-in type have the method.
    Named(Type),
    /// The `__init__` of that class, or the method of an operator.
    Function(Class<'a>, Function<'a>),
    /// Instances of that class get the names of that shape when they are made, from what their `__init__` is given.
    Built(Class<'a>, &'a Shape<'a>),
    /// They do not.
    NotBuilt,
    /// The list that was made last, and how long the one before it became.
    List(List<'a>, u32),
    /// The same of a dict.
    Dict(Dict<'a>, u32),
    /// The tuple that it is.
    Tuple(Tuple<'a>),
    /// Dicts that share these keys have the item in that place.
    Keys(&'a Keys<'a>, u32),
}

/// A [`record`] has no more names than this.
pub const MOST_NAMES: usize = SCAN;
/// A new list or dict has room for no more items than this.
const MOST_ROOM: usize = 1024;

/// The sites of a version, by number.
#[derive(Default)]
pub(crate) struct Sites<'a> {
    found: Cell<&'a [Cell<Found<'a>>]>,
    /// How many there are.
    count: Cell<u32>,
}

impl<'a> Sites<'a> {
    /// There are so many; nothing is taken up for them before the first of them finds something.
    pub(crate) fn expect(&self, count: u32) {
        self.count.set(count);
    }

    #[inline(always)]
    fn get(&self, number: u32) -> Found<'a> {
        self.found.get().get(number as usize).map_or(Found::Nothing, Cell::get)
    }

    /// Tells a site; without memory for it, the next time is as slow as this one.
    fn learn(&self, cx: &'a Cx<'a>, number: u32, found: Found<'a>) {
        if self.found.get().is_empty() {
            let Ok(places) = cx.alloc_slice(self.count.get() as usize, |_| Cell::default(), u32::MAX) else { return };
            self.found.set(places);
        }
        if let Some(place) = self.found.get().get(number as usize) {
            place.set(found);
        }
    }

    /// A class has changed: what was found of classes need not be so any more.
    pub(crate) fn forget(&self) {
        for place in self.found.get() {
            match place.get() {
                Found::Field(..)
                | Found::Added(..)
                | Found::Slot(..)
                | Found::Method(..)
                | Found::Function(..)
                | Found::Built(..)
                | Found::NotBuilt => place.set(Found::Nothing),
                Found::Nothing
                | Found::Named(_)
                | Found::List(..)
                | Found::Dict(..)
                | Found::Tuple(_)
                | Found::Keys(..) => {}
            }
        }
    }
}

/// Whether an instance has that shape.
#[inline(always)]
fn is<'a>(instance: Instance<'a>, shape: &'a Shape<'a>) -> bool {
    instance.shape().is_some_and(|known| std::ptr::eq(known, shape))
}
