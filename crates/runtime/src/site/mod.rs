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
pub use self::methods::{load, method, operated, operator};
use crate::dict::{Keys, SCAN};
use crate::instance::Instance;
use crate::shape::Shape;
use crate::{BailKind, Class, Cx, Dict, Function, List, Result, Tuple, Type, Value};

/// One site: a place of generated code.
pub struct Site<'a> {
    /// The address of what the quick way asks for: of a shape for attributes and methods, of a class for operators and
    /// `__init__`s; [`NOBODY`] as long as nothing was found that goes by these.
    key: Cell<usize>,
    /// The field of instances of that shape.
    at: Cell<usize>,
    /// The method, for one that goes by these.
    function: Cell<Option<Function<'a>>>,
    found: Cell<Found<'a>>,
}

/// The key of a site that knows nothing; no address, and no instance's shape either.
const NOBODY: usize = 1;

/// What a site found last; of which kind that is goes by what the site does.
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
    all: Cell<&'a [Site<'a>]>,
    /// How many there are.
    count: Cell<u32>,
}

impl<'a> Sites<'a> {
    /// There are so many; nothing is taken up for them before the first is reached.
    pub(crate) fn expect(&self, count: u32) {
        self.count.set(count);
    }

    /// The sites, made if there are none yet.
    #[cold]
    #[inline(never)]
    fn made(&self, cx: &'a Cx<'a>) -> Result<&'a [Site<'a>]> {
        if self.all.get().is_empty() {
            self.all.set(cx.alloc_slice(self.count.get() as usize, |_| Site::new(), u32::MAX)?);
        }
        Ok(self.all.get())
    }

    /// A class has changed: what was found of classes need not be so any more.
    pub(crate) fn forget(&self) {
        self.all.get().iter().for_each(Site::forget);
    }
}

impl<'a> Cx<'a> {
    /// The sites of the version, `N` of them; compiled functions ask for them once.
    #[inline(always)]
    pub fn sites<const N: usize>(&'a self) -> Result<&'a [Site<'a>; N]> {
        match self.all_sites().all.get().first_chunk() {
            Some(sites) => Ok(sites),
            None => self.all_sites().made(self)?.first_chunk().ok_or_else(|| BailKind::Unsupported.at(u32::MAX)),
        }
    }
}

impl<'a> Site<'a> {
    fn new() -> Self {
        Self { key: Cell::new(NOBODY), at: Cell::new(0), function: Cell::new(None), found: Cell::default() }
    }

    #[inline(always)]
    fn found(&self) -> Found<'a> {
        self.found.get()
    }

    fn learn(&self, found: Found<'a>) {
        let (key, at, function) = match found {
            Found::Field(shape, at) => (shape.address(), at as usize, None),
            Found::Method(Some(shape), _, function) => (shape.address(), 0, Some(function)),
            Found::Function(class, function) => (class.address(), 0, Some(function)),
            _ => (NOBODY, 0, None),
        };
        self.key.set(key);
        self.at.set(at);
        self.function.set(function);
        self.found.set(found);
    }

    fn forget(&self) {
        match self.found() {
            Found::Field(..)
            | Found::Added(..)
            | Found::Slot(..)
            | Found::Method(..)
            | Found::Function(..)
            | Found::Built(..)
            | Found::NotBuilt => self.learn(Found::Nothing),
            Found::Nothing
            | Found::Named(_)
            | Found::List(..)
            | Found::Dict(..)
            | Found::Tuple(_)
            | Found::Keys(..) => {}
        }
    }

    /// The field of an instance that this site knows by its shape.
    #[inline(always)]
    fn field(&self, instance: Instance<'a>) -> Option<&'a Cell<Value<'a>>> {
        if instance.shape_address() == self.key.get() { instance.field_at(self.at.get()) } else { None }
    }

    /// The function that this site knows for what has that address.
    #[inline(always)]
    fn function_of(&self, address: usize) -> Option<Function<'a>> {
        if address == self.key.get() { self.function.get() } else { None }
    }
}

/// Whether an instance has that shape.
#[inline(always)]
fn is<'a>(instance: Instance<'a>, shape: &'a Shape<'a>) -> bool {
    instance.shape().is_some_and(|known| std::ptr::eq(known, shape))
}
