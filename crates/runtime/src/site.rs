//! What a place of generated code found last, by the class that it found it for (inline caches: Deutsch and Schiffman,
//! "Efficient Implementation of the Smalltalk-80 System", 1984).
//!
//! Finding what was found before is inlined into compiled code; everything else is a call.
//!
//! Holds: what a site says is what the slow way finds; when a class changes, all sites forget.

use std::cell::Cell;

use crate::class::Form;
use crate::dict::{Keys, SCAN, dict_of, dict_of_keys, dict_with_room};
use crate::instance::Instance;
use crate::list::list_with_room;
use crate::lookup::Special;
use crate::op::{self, BinaryOp};
use crate::shape::Shape;
use crate::{
    Class, Cx, Dict, Function, List, Loaded, Result, Str, Tuple, Type, Value, attr, dict_new, instance, list_new,
    load_method, tuple_new,
};

/// What one site knows; which of it is set goes by what the site does.
#[derive(Default, Clone)]
pub(crate) struct Site<'a> {
    /// Instances of this shape have the attribute in the field `at`; those are given it that have no such yet but `after`.
    shape: Cell<Option<&'a Shape<'a>>>,
    at: Cell<usize>,
    after: Cell<Option<&'a Shape<'a>>>,
    /// Instances of this class have the attribute in slot `at` of their dict, if they have one.
    class: Cell<Option<Class<'a>>>,
    /// The method or `__init__` of such instances, or of that class.
    function: Cell<Option<Function<'a>>>,
    /// The list or dict that was made last, and how large the one before it became: the next one has room for either.
    list: Cell<Option<List<'a>>>,
    dict: Cell<Option<Dict<'a>>>,
    before: Cell<usize>,
    /// The tuple that it is.
    tuple: Cell<Option<Tuple<'a>>>,
    /// Dicts that share these keys have the item in the place `at`.
    keys: Cell<Option<&'a Keys<'a>>>,
}

/// A [`record`] has no more names than this.
pub const MOST_NAMES: usize = SCAN;
/// A new list or dict has room for no more items than this.
const MOST_ROOM: usize = 1024;

/// The sites of a version, by number.
#[derive(Default)]
pub(crate) struct Sites<'a>(Cell<&'a [Site<'a>]>);

impl<'a> Sites<'a> {
    #[inline(always)]
    fn get(&self, number: u32) -> Option<&'a Site<'a>> {
        self.0.get().get(number as usize)
    }

    /// A site to be told; none without memory for it, and then the next time is as slow as this one.
    #[cold]
    fn anew(&self, cx: &'a Cx<'a>, number: u32) -> Option<&'a Site<'a>> {
        let places = self.0.get();
        if number as usize >= places.len() {
            let count = (number as usize + 1).next_power_of_two().max(16);
            let copy = |at: usize| places.get(at).cloned().unwrap_or_default();
            self.0.set(cx.alloc_slice(count, copy, u32::MAX).ok()?);
        }
        let site = self.get(number)?;
        site.forget();
        Some(site)
    }

    #[inline]
    fn get_or_anew(&self, cx: &'a Cx<'a>, number: u32) -> Option<&'a Site<'a>> {
        self.get(number).or_else(|| self.anew(cx, number))
    }

    /// A class has changed: nothing that was found need be so any more.
    pub(crate) fn forget(&self) {
        for site in self.0.get() {
            site.forget();
        }
    }
}

impl<'a> Site<'a> {
    fn forget(&self) {
        self.shape.set(None);
        self.after.set(None);
        self.class.set(None);
        self.function.set(None);
    }

    /// Whether it was told of instances of the shape that this one has.
    #[inline(always)]
    fn fits(&self, instance: Instance<'a>) -> bool {
        match (self.shape.get(), instance.shape()) {
            (Some(known), Some(shape)) => std::ptr::eq(known, shape),
            _ => false,
        }
    }

    /// The room of the next one after one that became so large.
    fn room(&self, last: usize) -> usize {
        self.before.replace(last).min(last).min(MOST_ROOM)
    }

    fn is_of(&self, class: Class<'a>) -> bool {
        self.class.get().is_some_and(|known| known.same(class))
    }
}

/// `object.name`
#[inline(always)]
pub fn get<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    if let Value::Instance(instance) = object
        && let Some(known) = cx.sites().get(site)
        && known.fits(instance)
        && let Some(field) = instance.field_at(known.at.get())
    {
        return Ok(field.get());
    }
    get_by_class(cx, object, name, site, g)
}

#[inline(never)]
fn get_by_class<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    if let Value::Instance(instance) = object
        && let Some(dict) = instance.dict_if_made()
        && let Some(known) = cx.sites().get(site)
        && known.is_of(instance.class())
        && dict.has_at(known.at.get(), name)
    {
        return Ok(dict.value_at(known.at.get()));
    }
    get_anew(cx, object, name, site, g)
}

#[cold]
#[inline(never)]
fn get_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    let value = attr::get(cx, object, name, g)?;
    if let Value::Instance(instance) = object
        && attr::reads_own(cx, instance, name, g)?
    {
        learn_place(cx, instance, name, site, None);
    }
    Ok(value)
}

/// Tells a site where an instance has an attribute of its own; `before` is its shape before it was given that.
fn learn_place<'a>(cx: &'a Cx<'a>, instance: Instance<'a>, name: Str<'a>, site: u32, before: Option<&'a Shape<'a>>) {
    let place = match (instance.shape(), instance.dict_if_made()) {
        (Some(shape), _) => shape.position(name).map(|at| (Some(shape), at)),
        (None, Some(dict)) => dict.slot_of(cx, name).map(|slot| (None, slot)),
        (None, None) => None,
    };
    let Some((shape, at)) = place else { return };
    let Some(site) = cx.sites().anew(cx, site) else { return };
    site.at.set(at);
    match (before, shape) {
        (Some(before), Some(after)) if after.is_one_more(before) => {
            site.shape.set(Some(before));
            site.after.set(Some(after));
        }
        (_, Some(shape)) => site.shape.set(Some(shape)),
        (_, None) => site.class.set(Some(instance.class())),
    }
}

/// `object.name = value`
#[inline(always)]
pub fn set<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, value: Value<'a>, site: u32, g: u32) -> Result<()> {
    if let Value::Instance(instance) = object
        && let Some(known) = cx.sites().get(site)
        && known.fits(instance)
        && let Some(field) = instance.field_at(known.at.get())
    {
        field.set(value);
        if let Some(after) = known.after.get() {
            instance.grow(after);
        }
        return Ok(());
    }
    set_by_class(cx, object, name, value, site, g)
}

#[inline(never)]
fn set_by_class<'a>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: Str<'a>,
    value: Value<'a>,
    site: u32,
    g: u32,
) -> Result<()> {
    if let Value::Instance(instance) = object
        && let Some(dict) = instance.dict_if_made()
        && let Some(known) = cx.sites().get(site)
        && known.is_of(instance.class())
        && (dict.replace_own(known.at.get(), name, value) || dict.append_own(cx, known.at.get(), name, value))
    {
        return Ok(());
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
        && attr::stores_own(cx, instance, name, g)?
    {
        learn_place(cx, instance, name, site, before);
    }
    Ok(())
}

/// Looks up the method `name` of `object`, to be called once its arguments are evaluated.
#[inline(always)]
pub fn load<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Loaded<'a>> {
    if let Value::Instance(instance) = object
        && let Some(known) = cx.sites().get(site)
        && known.fits(instance)
        && let Some(function) = known.function.get()
    {
        return Ok(Loaded::Method(Value::Function(function), object));
    }
    load_by_class(cx, object, name, site, g)
}

#[inline(never)]
fn load_by_class<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Loaded<'a>> {
    if let Value::Instance(instance) = object
        && let Some(known) = cx.sites().get(site)
        && known.is_of(instance.class())
        && let Some(function) = known.function.get()
        && !instance.has_own(cx, name)
    {
        return Ok(Loaded::Method(Value::Function(function), object));
    }
    load_anew(cx, object, name, site, g)
}

#[cold]
#[inline(never)]
fn load_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Loaded<'a>> {
    let loaded = load_method(cx, object, name, g)?;
    if let (Value::Instance(instance), Loaded::Method(Value::Function(function), _)) = (object, loaded)
        && let Some(site) = cx.sites().anew(cx, site)
    {
        site.shape.set(instance.shape());
        site.class.set(Some(instance.class()));
        site.function.set(Some(function));
    }
    Ok(loaded)
}

/// The class and its `__init__`, if calling `callee` makes an instance of nothing but attributes and gives it to that.
#[inline(always)]
pub fn init<'a>(cx: &'a Cx<'a>, callee: Value<'a>, site: u32, g: u32) -> Result<Option<(Class<'a>, Function<'a>)>> {
    let Value::Class(class) = callee else { return Ok(None) };
    if let Some(known) = cx.sites().get(site)
        && known.is_of(class)
        && let Some(function) = known.function.get()
    {
        return Ok(Some((class, function)));
    }
    init_anew(cx, class, site, g)
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
            learn_function(cx, class, function, site);
            Ok(Some((class, function)))
        }
        _ => Ok(None),
    }
}

fn learn_function<'a>(cx: &'a Cx<'a>, class: Class<'a>, function: Function<'a>, site: u32) {
    if let Some(site) = cx.sites().anew(cx, site) {
        site.class.set(Some(class));
        site.function.set(Some(function));
    }
}

/// A new instance of such a class, with room for as many attributes as others have.
#[inline]
pub fn make<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Value<'a>> {
    instance::instance_with_fields(cx, class, g).map(Value::Instance)
}

/// `[]`, with room for what those before came to.
pub fn list<'a>(cx: &'a Cx<'a>, site: u32, g: u32) -> Result<List<'a>> {
    let Some(known) = cx.sites().get_or_anew(cx, site) else { return list_new(cx, &[], g) };
    let made = list_with_room(cx, known.room(known.list.get().map_or(0, List::len)), g)?;
    known.list.set(Some(made));
    Ok(made)
}

/// `{}`, with room for what those before came to.
pub fn dict<'a>(cx: &'a Cx<'a>, site: u32, g: u32) -> Result<Dict<'a>> {
    let Some(known) = cx.sites().get_or_anew(cx, site) else { return dict_new(cx, &[], g) };
    let made = dict_with_room(cx, known.room(known.dict.get().map_or(0, Dict::len)), g)?;
    known.dict.set(Some(made));
    Ok(made)
}

/// A tuple of constants, which is one object.
#[inline]
pub fn tuple<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], site: u32, g: u32) -> Result<Tuple<'a>> {
    if let Some(known) = cx.sites().get(site).and_then(|known| known.tuple.get()) {
        return Ok(known);
    }
    let made = tuple_new(cx, items, g)?;
    if let Some(known) = cx.sites().get_or_anew(cx, site) {
        known.tuple.set(Some(made));
    }
    Ok(made)
}

/// `{…}` of strings that the program knows, all different.
pub fn record<'a>(cx: &'a Cx<'a>, names: &[Str<'a>], values: &[Value<'a>], site: u32, g: u32) -> Result<Dict<'a>> {
    let known = cx.sites().get_or_anew(cx, site);
    let keys = match known.and_then(|known| known.keys.get()) {
        Some(keys) => Some(keys),
        None => Keys::new(cx, names, g)?,
    };
    match keys {
        Some(keys) => {
            known.inspect(|known| known.keys.set(Some(keys)));
            dict_of_keys(cx, keys, |at| values[at], g)
        }
        None => {
            let entries: Vec<(Str<'a>, Value<'a>)> = names.iter().copied().zip(values.iter().copied()).collect();
            dict_of(cx, &entries, g)
        }
    }
}

/// `dict[name]`
#[inline(always)]
pub fn item<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    if let Some(keys) = dict.keys()
        && let Some(known) = cx.sites().get(site)
        && known.keys.get().is_some_and(|known| std::ptr::eq(known, keys))
        && let Some(value) = dict.shared_at(known.at.get())
    {
        return Ok(value.get());
    }
    item_anew(cx, dict, name, site, g)
}

#[inline(never)]
fn item_anew<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: Str<'a>, site: u32, g: u32) -> Result<Value<'a>> {
    if let Some(keys) = dict.keys()
        && let Some(at) = keys.position(name)
    {
        if let Some(known) = cx.sites().get_or_anew(cx, site) {
            known.at.set(at);
            known.keys.set(Some(keys));
        }
        return Ok(dict.value_at(at));
    }
    op::dict_get_str(cx, dict, name, g)
}

/// `l.name` as the method of an operator that goes first, if it is a function of the program.
#[inline(always)]
pub fn operator<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, name: Str<'a>, site: u32) -> Option<Function<'a>> {
    let Value::Instance(instance) = l else { return None };
    let class = instance.class();
    // The reflected method of a subclass would go first.
    match r {
        Value::Instance(other) if !other.class().same(class) => return None,
        Value::Object(_) => return None,
        _ => {}
    }
    if let Some(known) = cx.sites().get(site)
        && known.is_of(class)
    {
        return known.function.get();
    }
    operator_anew(cx, class, name, site)
}

#[cold]
#[inline(never)]
fn operator_anew<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, site: u32) -> Option<Function<'a>> {
    let plain = class.layout() == Type::Object && matches!(class.form(), Form::Plain | Form::Dataclass(_));
    match class.lookup(cx, name) {
        Some(Value::Function(function)) if plain => {
            learn_function(cx, class, function, site);
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
