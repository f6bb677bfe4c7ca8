//! What the module holds from one invocation to the next, in an instance that outlives them.
//!
//! Objects of the module are written in place, and every write is noted before, so that a failed invocation leaves nothing.
//! What is stored in them becomes the module's too, and must be something that can move to CPython: [`dump`] writes the whole
//! state as a document, [`load`] takes one up; `state.py` of the crate `tracer` is the other side of both.
//! Holds: after [`Log::undo`] the objects are good for `dump` and for nothing else.

mod dump;
mod load;

use std::cell::{Cell, RefCell};

use crate::class::Form;
use crate::dict::DictBefore;
use crate::library::datetime::is_temporal;
use crate::library::deque::{DequeBefore, as_deque};
use crate::list::ListBefore;
use crate::set::SetBefore;
use crate::{BailKind, Class, Cx, Dict, DictKind, Instance, Result, Tuple, Type, Value};

pub(crate) use dump::dump;
pub(crate) use load::load;

/// What compiled code tells of its module.
#[derive(Copy, Clone, Debug)]
pub struct Module {
    /// How many objects the loaded module has, which the document of a state counts by.
    pub loaded: usize,
    /// Those of them that compiled code can make, by their index, in order.
    pub objects: &'static [(usize, Make)],
    /// How `logging` is set up, if compiled code may ask.
    pub logging: Option<Make>,
    /// Names that functions rebind.
    pub variables: &'static [(&'static str, Find)],
}

impl Module {
    /// That of a program that keeps nothing.
    pub const NONE: Self = Self { loaded: 0, objects: &[], logging: None, variables: &[] };

    /// Whether there is anything that could change.
    #[must_use]
    pub const fn is_stateful(&self) -> bool {
        !self.objects.is_empty() || !self.variables.is_empty()
    }
}

/// Makes an object of the module, if it is not there yet.
pub type Make = for<'a> fn(&'a Cx<'a>) -> Result<Value<'a>>;

/// Finds a variable of the module, with its first value if it has none yet.
pub type Find = for<'a> fn(&'a Cx<'a>) -> Result<&'a Variable<'a>>;

/// The epoch of what is as the module's source made it, of what came in a document, and of the first invocation.
const LOADED: u32 = 0;
const MOVED: u32 = 1;
const FIRST: u32 = 2;

/// Whose an object is.
#[derive(Copy, Clone)]
enum Owner<'a> {
    /// The invocation's that made it.
    Invocation,
    /// The module's; it is never written natively.
    Constant,
    /// The module's: what it was before is noted in the log, so often in the invocation of that epoch.
    Module { log: &'a Log<'a>, epoch: u32, noted: u32 },
}

/// As a count of notes: all of the object has been noted.
const ALL: u32 = u32::MAX;

/// Whose an object is, as a part of it.
pub(crate) struct Owned<'a>(Cell<Owner<'a>>);

impl<'a> Owned<'a> {
    /// The invocation's.
    pub(crate) const fn new() -> Self {
        Self(Cell::new(Owner::Invocation))
    }

    /// Makes every write from now on a bailout.
    pub(crate) fn freeze(&self) {
        self.0.set(Owner::Constant);
    }

    /// Makes it the module's, as its source made it.
    pub(crate) fn give(&self, log: &'a Log<'a>) {
        self.0.set(Owner::Module { log, epoch: LOADED, noted: 0 });
    }

    /// Makes it the module's, as a document has it.
    fn move_in(&self, log: &'a Log<'a>) {
        self.0.set(Owner::Module { log, epoch: MOVED, noted: 0 });
    }

    /// Whether it may differ from what the module's source made.
    fn is_changed(&self) -> bool {
        matches!(self.0.get(), Owner::Module { epoch, .. } if epoch != LOADED)
    }

    /// Whether it is the invocation's.
    #[inline(always)]
    pub(crate) fn is_of_invocation(&self) -> bool {
        matches!(self.0.get(), Owner::Invocation)
    }

    /// Whether it is the module's.
    pub(crate) fn is_of_module(&self) -> bool {
        matches!(self.0.get(), Owner::Module { .. })
    }

    /// Whether it was not made by native code, and so may have a past that does not show.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.0.get(), Owner::Module { epoch: LOADED | MOVED, .. })
    }

    /// To be called before a write. `before` is what undoes it; `all` notes the object of that size as a whole.
    ///
    /// Gives the log if what is written becomes the module's.
    #[inline]
    pub(crate) fn write(
        &self,
        size: usize,
        before: impl FnOnce() -> Undo<'a>,
        all: impl FnOnce() -> Undo<'a>,
        g: u32,
    ) -> Result<Option<&'a Log<'a>>> {
        match self.0.get() {
            Owner::Invocation => Ok(None),
            Owner::Constant => Err(BailKind::State.at(g)),
            Owner::Module { log, epoch, noted } => {
                let now = log.epoch.get();
                let noted = if epoch == now { noted } else { 0 };
                // Noting one write after another must not take more than the object itself.
                let noted = match noted {
                    ALL => ALL,
                    many if many as usize > size / 4 + 8 => {
                        log.undo.borrow_mut().push(all());
                        ALL
                    }
                    some => {
                        log.undo.borrow_mut().push(before());
                        some + 1
                    }
                };
                self.0.set(Owner::Module { log, epoch: now, noted });
                Ok(Some(log))
            }
        }
    }

    /// The same before a write that leaves nothing as it was: `before` notes the object as a whole, once an invocation.
    #[inline]
    pub(crate) fn write_all(&self, before: impl FnOnce() -> Undo<'a>, g: u32) -> Result<Option<&'a Log<'a>>> {
        match self.0.get() {
            Owner::Invocation => Ok(None),
            Owner::Constant => Err(BailKind::State.at(g)),
            Owner::Module { log, epoch, noted } => {
                let now = log.epoch.get();
                if epoch != now || noted != ALL {
                    log.undo.borrow_mut().push(before());
                    self.0.set(Owner::Module { log, epoch: now, noted: ALL });
                }
                Ok(Some(log))
            }
        }
    }

    /// To be called before a write that is not the module's to undo.
    pub(crate) fn thaw(&self, g: u32) -> Result<()> {
        if matches!(self.0.get(), Owner::Invocation) { Ok(()) } else { Err(BailKind::State.at(g)) }
    }

    /// Makes it the module's if it is the invocation's; true if it was.
    fn adopt(&self, log: &'a Log<'a>) -> bool {
        let is_new = matches!(self.0.get(), Owner::Invocation);
        if is_new {
            // If the invocation fails, nothing leads to it any more.
            self.0.set(Owner::Module { log, epoch: log.epoch.get(), noted: ALL });
        }
        is_new
    }
}

/// What a part of an object was before a write.
pub(crate) enum Undo<'a> {
    List(ListBefore<'a>),
    Dict(DictBefore<'a>),
    Set(SetBefore<'a>),
    Deque(DequeBefore<'a>),
    Variable(&'a Variable<'a>, Option<Value<'a>>),
}

/// What the invocation under way has written.
pub(crate) struct Log<'a> {
    undo: RefCell<Vec<Undo<'a>>>,
    epoch: Cell<u32>,
    /// What classes of the module had at first: their attributes, most of which never change.
    classes: RefCell<Vec<(Class<'a>, Attributes<'a>)>>,
}

/// Names and values.
type Attributes<'a> = Vec<(Value<'a>, Value<'a>)>;

impl Default for Log<'_> {
    fn default() -> Self {
        Self { undo: RefCell::default(), epoch: Cell::new(FIRST), classes: RefCell::default() }
    }
}

impl<'a> Log<'a> {
    /// How often something was noted.
    pub(crate) fn writes(&self) -> usize {
        self.undo.borrow().len()
    }

    /// What was written stays.
    pub(crate) fn commit(&self) {
        let mut undo = self.undo.borrow_mut();
        if !undo.is_empty() {
            undo.clear();
            self.epoch.set(self.epoch.get() + 1);
        }
    }

    /// Nothing of what was written stays.
    pub(crate) fn undo(&self) {
        for undo in self.undo.borrow_mut().drain(..).rev() {
            match undo {
                Undo::List(before) => before.restore(),
                Undo::Dict(before) => before.restore(),
                Undo::Set(before) => before.restore(),
                Undo::Deque(before) => before.restore(),
                Undo::Variable(variable, before) => variable.value.set(before),
            }
        }
    }

    /// Frees what the arena does not.
    pub(crate) fn close(&self) {
        self.undo.take();
        self.classes.take();
    }

    /// Makes a value the module's, with all that it reaches; bails out at what could not move to CPython.
    pub(crate) fn adopt(&'a self, value: Value<'a>, g: u32) -> Result<()> {
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            match value {
                Value::None | Value::Ellipsis | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {}
                Value::Str(_) | Value::Bytes(_) => {}
                Value::Tuple(tuple) => waiting.extend(tuple.items()),
                Value::List(list) => {
                    if list.owner().adopt(self) {
                        waiting.extend(list.to_vec());
                    }
                }
                Value::Dict(dict) => {
                    if !can_move(dict.form()) {
                        return Err(BailKind::State.at(g));
                    }
                    if dict.owner().adopt(self) {
                        for (key, value) in dict.entries() {
                            self.adopt_key(key, g)?;
                            waiting.push(value);
                        }
                    }
                }
                Value::Set(set) => {
                    if set.owner().adopt(self) {
                        set.items().try_for_each(|item| self.adopt_key(item, g))?;
                    }
                }
                Value::Instance(instance) if instance.is_of_module() => {}
                Value::Instance(instance) if let Some((class, items)) = named(instance) => {
                    if !class.dict().owner().is_of_module() {
                        return Err(BailKind::State.at(g));
                    }
                    waiting.extend(items.items());
                }
                Value::Instance(instance) => {
                    let class = instance.class();
                    let is_plain = matches!(instance.payload(), Value::None) && !instance.is_exception();
                    if !is_plain || !class.dict().owner().is_of_module() || !class.has_plain_instances() {
                        return Err(BailKind::State.at(g));
                    }
                    if let Some(dict) = instance.attributes(g)?
                        && dict.owner().adopt(self)
                    {
                        waiting.extend(dict.entries().map(|(_, value)| value));
                    }
                    instance.give(self);
                }
                Value::Class(class) if class.dict().owner().is_of_module() => {}
                Value::Object(object) if object.get().is_of_module() => {}
                value => match as_deque(value) {
                    Some(deque) => {
                        if deque.owner().adopt(self) {
                            waiting.extend(deque.items());
                        }
                    }
                    None if is_temporal(value) => {}
                    None => return Err(BailKind::State.at(g)),
                },
            }
        }
        Ok(())
    }

    /// The same for a key, or an item of a set: constants, members of enumerations, and tuples and frozensets of such.
    pub(crate) fn adopt_key(&'a self, key: Value<'a>, g: u32) -> Result<()> {
        match key {
            Value::None | Value::Ellipsis | Value::Bool(_) | Value::Int(_) | Value::Big(_) => Ok(()),
            Value::Str(_) | Value::Bytes(_) => Ok(()),
            Value::Float(number) if !number.get().is_nan() => Ok(()),
            Value::Tuple(tuple) => tuple.items().iter().try_for_each(|item| self.adopt_key(*item, g)),
            Value::Instance(member) if member.is_of_module() && matches!(member.class().form(), Form::Enum(_)) => {
                Ok(())
            }
            Value::Set(set) if set.is_frozen() => {
                set.owner().adopt(self);
                set.items().try_for_each(|item| self.adopt_key(item, g))
            }
            _ => Err(BailKind::State.at(g)),
        }
    }
}

/// The class and the items of a named tuple without attributes.
fn named<'a>(instance: Instance<'a>) -> Option<(Class<'a>, Tuple<'a>)> {
    let is_bare = instance.dict_if_made().is_none_or(Dict::is_empty);
    match (instance.class().form(), instance.payload()) {
        (Form::NamedTuple(_), Value::Tuple(items)) if is_bare => Some((instance.class(), items)),
        _ => None,
    }
}

/// Whether a dict of that kind can be a new object of a document.
fn can_move(kind: DictKind<'_>) -> bool {
    match kind {
        DictKind::Plain | DictKind::Counter | DictKind::Ordered | DictKind::Default(Value::None) => true,
        DictKind::Default(Value::Class(class)) if class.dict().owner().is_of_module() => true,
        DictKind::Default(factory) => factory_name(factory).is_some(),
    }
}

/// What a document calls what makes the values of a `defaultdict`.
fn factory_name(factory: Value<'_>) -> Option<&'static str> {
    let Value::Class(class) = factory else { return None };
    Some(match class.builtin()? {
        Type::List => "list",
        Type::Dict => "dict",
        Type::Int => "int",
        Type::Set => "set",
        Type::Float => "float",
        Type::Str => "str",
        Type::Tuple => "tuple",
        Type::Bool => "bool",
        _ => return None,
    })
}

/// A name of the module that functions rebind.
pub struct Variable<'a> {
    value: Cell<Option<Value<'a>>>,
    owner: Owned<'a>,
    begun: Cell<bool>,
}

impl<'a> Variable<'a> {
    pub(crate) fn new() -> Self {
        Self { value: Cell::new(None), owner: Owned::new(), begun: Cell::new(false) }
    }

    /// Whether it has got its first value; says so if not.
    pub fn begins(&self, cx: &'a Cx<'a>) -> bool {
        if self.begun.get() {
            return false;
        }
        self.begun.set(true);
        self.owner.give(cx.state());
        true
    }

    /// Gives it its first value.
    pub fn begin(&self, value: Value<'a>) {
        self.value.set(Some(value));
    }

    /// What it holds; bails out if that is nothing.
    #[inline]
    pub fn get(&self, g: u32) -> Result<Value<'a>> {
        self.value.get().ok_or_else(|| BailKind::Exception.at(g))
    }

    /// Makes it hold something else.
    pub fn set(&'a self, value: Value<'a>, g: u32) -> Result<()> {
        if let Some(log) = self.owner.write_all(|| Undo::Variable(self, self.value.get()), g)? {
            log.adopt(value, g)?;
        }
        self.value.set(Some(value));
        Ok(())
    }
}

/// Makes an object of the module's source one that may be written.
pub fn own<'a>(cx: &'a Cx<'a>, value: Value<'a>) {
    let log = cx.state();
    match value {
        Value::List(list) => list.owner().give(log),
        Value::Dict(dict) => dict.owner().give(log),
        Value::Set(set) => set.owner().give(log),
        Value::Class(class) => {
            class.dict().owner().give(log);
            log.classes.borrow_mut().push((class, class.dict().entries().collect()));
        }
        Value::Instance(instance) => {
            if let Some(dict) = instance.dict_if_made() {
                dict.owner().give(log);
            }
            instance.give(log);
            // What an instance of a subclass of a built-in class holds has no place in a document.
            match instance.payload() {
                Value::List(list) => list.freeze(),
                Value::Dict(dict) => dict.freeze(),
                Value::Set(set) => set.freeze(),
                _ => {}
            }
        }
        value => match as_deque(value) {
            Some(deque) => deque.owner().give(log),
            None => {
                if let Value::Object(object) = value {
                    object.get().give();
                }
            }
        },
    }
}
