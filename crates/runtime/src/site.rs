//! What a place of generated code found last, by the class that it found it for (inline caches: Deutsch and Schiffman,
//! "Efficient Implementation of the Smalltalk-80 System", 1984).
//!
//! Not inlined: compiled code has one at every attribute, and compiling it must not take long.
//!
//! Holds: what a site says is what the slow way finds, as long as no class has changed since.

use std::cell::Cell;

use crate::class::Form;
use crate::instance::Instance;
use crate::lookup::Special;
use crate::op::{self, BinaryOp};
use crate::shape::Shape;
use crate::{Class, Cx, Function, Loaded, Result, Str, Type, Value, attr, instance, load_method};

/// What one site knows.
#[derive(Copy, Clone)]
pub(crate) struct Known<'a> {
    class: Class<'a>,
    epoch: u64,
    found: Found<'a>,
}

/// What it found.
#[derive(Copy, Clone)]
enum Found<'a> {
    /// Reading or storing the attribute means this field of instances of that shape.
    Field(&'a Shape<'a>, usize),
    /// Storing it means one field more: instances of the first shape then have the second.
    Added(&'a Shape<'a>, &'a Shape<'a>),
    /// The entry of the instance's dict, last seen in that slot.
    Slot(usize),
    /// A method; no attribute of instances of that shape hides it.
    Method(Function<'a>, Option<&'a Shape<'a>>),
    /// The `__init__` of a class that makes plain instances.
    Init(Function<'a>),
}

/// The sites of a version, by number.
#[derive(Default)]
pub(crate) struct Sites<'a>(Cell<&'a [Cell<Option<Known<'a>>>]>);

impl<'a> Sites<'a> {
    #[inline]
    fn get(&self, number: u32) -> Option<Known<'a>> {
        self.0.get().get(number as usize).and_then(Cell::get)
    }

    #[inline]
    fn of(&self, cx: &'a Cx<'a>, number: u32, class: Class<'a>) -> Option<Found<'a>> {
        let known = self.get(number)?;
        (known.class.same(class) && known.epoch == cx.lookups().epoch()).then_some(known.found)
    }

    #[cold]
    fn learn(&self, cx: &'a Cx<'a>, number: u32, class: Class<'a>, found: Found<'a>) {
        let number = number as usize;
        let places = self.0.get();
        if number >= places.len() {
            let count = (number + 1).next_power_of_two().max(16);
            let copy = |at| Cell::new(places.get(at).and_then(Cell::get));
            // Without memory for it, the next time is as slow as this one.
            let Ok(more) = cx.alloc_slice(count, copy, u32::MAX) else { return };
            self.0.set(more);
        }
        let epoch = cx.lookups().epoch();
        self.0.get()[number].set(Some(Known { class, epoch, found }));
    }
}

/// `object.name`
#[inline(never)]
pub fn get<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    if let Value::Instance(instance) = object {
        match cx.sites().of(cx, site, instance.class()) {
            Some(Found::Field(shape, at))
                if is(instance, shape)
                    && let Some(field) = instance.field_at(at) =>
            {
                return Ok(field.get());
            }
            Some(Found::Slot(slot))
                if let Some(dict) = instance.dict_if_made()
                    && dict.has_at(slot, name) =>
            {
                return Ok(dict.value_at(slot));
            }
            _ => {}
        }
    }
    get_anew(cx, object, name, site, g)
}

#[inline]
fn is<'a>(instance: Instance<'a>, shape: &'a Shape<'a>) -> bool {
    instance.shape().is_some_and(|known| std::ptr::eq(known, shape))
}

/// Where an instance has an attribute of its own.
fn place<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, name: Str<'a>) -> Option<Found<'a>> {
    match (instance.shape(), instance.dict_if_made()) {
        (Some(shape), _) => shape.position(name).map(|at| Found::Field(shape, at)),
        (None, Some(dict)) => dict.slot_of(cx, name).map(Found::Slot),
        (None, None) => None,
    }
}

#[cold]
#[inline(never)]
fn get_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    let value = attr::get(cx, object, name, g)?;
    if let Value::Instance(instance) = object
        && let Some(found) = place(cx, instance, name)
        && attr::reads_own(cx, instance, name, g)?
    {
        cx.sites().learn(cx, site, instance.class(), found);
    }
    Ok(value)
}

/// `object.name = value`
#[inline(never)]
pub fn set<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, value: Value<'a>, site: u32, g: u32) -> Result<()> {
    if let Value::Instance(instance) = object {
        match cx.sites().of(cx, site, instance.class()) {
            Some(Found::Field(shape, at))
                if is(instance, shape)
                    && let Some(field) = instance.field_at(at) =>
            {
                field.set(value);
                return Ok(());
            }
            Some(Found::Added(before, after)) if is(instance, before) && instance.add_known(after, value) => {
                return Ok(());
            }
            Some(Found::Slot(slot))
                if let Some(dict) = instance.dict_if_made()
                    && (dict.replace_own(slot, name, value) || dict.append_own(cx, slot, name, value)) =>
            {
                return Ok(());
            }
            _ => {}
        }
    }
    set_anew(cx, object, name, value, site, g)
}

#[cold]
#[inline(never)]
fn set_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, value: Value<'a>, site: u32, g: u32) -> Result<()> {
    let before = match object {
        Value::Instance(instance) => instance.shape(),
        _ => None,
    };
    attr::set(cx, object, name, value, g)?;
    if let Value::Instance(instance) = object
        && let Some(found) = place(cx, instance, name)
        && attr::stores_own(cx, instance, name, g)?
    {
        let found = match (before, instance.shape()) {
            (Some(before), Some(after)) if after.is_one_more(before) => Found::Added(before, after),
            _ => found,
        };
        cx.sites().learn(cx, site, instance.class(), found);
    }
    Ok(())
}

/// Looks up the method `name` of `object`, to be called once its arguments are evaluated.
#[inline(never)]
pub fn load<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Loaded<'a>> {
    if let Value::Instance(instance) = object
        && let Some(Found::Method(function, shape)) = cx.sites().of(cx, site, instance.class())
        && (shape.is_some_and(|shape| is(instance, shape)) || !instance.has_own(cx, name))
    {
        return Ok(Loaded::Method(Value::Function(function), object));
    }
    load_anew(cx, object, name, site, g)
}

#[cold]
#[inline(never)]
fn load_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Loaded<'a>> {
    let loaded = load_method(cx, object, name, g)?;
    if let (Value::Instance(instance), Loaded::Method(Value::Function(function), _)) = (object, loaded) {
        cx.sites().learn(cx, site, instance.class(), Found::Method(function, instance.shape()));
    }
    Ok(loaded)
}

/// The class and its `__init__`, if calling `callee` makes an instance of nothing but attributes and gives it to that.
#[inline(never)]
pub fn init<'a>(cx: &'a Cx<'a>, callee: Value<'a>, site: u32, g: u32) -> Result<Option<(Class<'a>, Function<'a>)>> {
    let Value::Class(class) = callee else { return Ok(None) };
    match cx.sites().of(cx, site, class) {
        Some(Found::Init(function)) => Ok(Some((class, function))),
        _ => init_anew(cx, class, site, g),
    }
}

#[cold]
#[inline(never)]
fn init_anew<'a>(cx: &'a Cx<'a>, class: Class<'a>, site: u32, g: u32) -> Result<Option<(Class<'a>, Function<'a>)>> {
    let plain = class.builtin().is_none()
        && matches!(class.form(), Form::Plain)
        && class.layout() == Type::Object
        && class.special(cx, Special::Del, g)?.is_none()
        && class.special(cx, Special::New, g)?.is_none()
        && class.special(cx, Special::AbstractMethods, g)?.is_none();
    match class.special(cx, Special::Init, g)? {
        Some(Value::Function(function)) if plain => {
            cx.sites().learn(cx, site, class, Found::Init(function));
            Ok(Some((class, function)))
        }
        _ => Ok(None),
    }
}

/// A new instance of such a class, with room for as many attributes as others have.
pub fn make<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Value<'a>> {
    instance::instance_with_fields(cx, class, g).map(Value::Instance)
}

/// `l.name` as the method of an operator that goes first, if it is a function of the program.
#[inline(never)]
pub fn operator<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, name: Str<'a>, site: u32) -> Option<Function<'a>> {
    let Value::Instance(instance) = l else { return None };
    let class = instance.class();
    // The reflected method of a subclass would go first.
    match r {
        Value::Instance(other) if !other.class().same(class) => return None,
        Value::Object(_) => return None,
        _ => {}
    }
    match cx.sites().of(cx, site, class) {
        Some(Found::Method(function, _)) => Some(function),
        _ => operator_anew(cx, class, name, site),
    }
}

#[cold]
#[inline(never)]
fn operator_anew<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, site: u32) -> Option<Function<'a>> {
    let plain = class.layout() == Type::Object && matches!(class.form(), Form::Plain | Form::Dataclass(_));
    match class.lookup(cx, name) {
        Some(Value::Function(function)) if plain => {
            cx.sites().learn(cx, site, class, Found::Method(function, None));
            Some(function)
        }
        _ => None,
    }
}

/// The result of an operator's method; after `NotImplemented`, what the right operand makes of it.
#[inline]
pub fn operated<'a>(
    cx: &'a Cx<'a>,
    op: BinaryOp,
    made: Value<'a>,
    l: Value<'a>,
    r: Value<'a>,
    g: u32,
) -> Result<Value<'a>> {
    if let Value::NotImplemented = made { op::declined(cx, op, l, r, g) } else { Ok(made) }
}
