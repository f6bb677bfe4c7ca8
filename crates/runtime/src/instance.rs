//! Instances of the program's classes and of exceptions.

use std::cell::Cell;

use crate::class::WIDEST;
use crate::dict::dict_of;
use crate::shape::Shape;
use crate::state::Log;
use crate::{Class, Cx, Dict, Result, Str, Type, Value, tuple_new};

/// An instance; copies share it.
#[derive(Copy, Clone)]
pub struct Instance<'a>(pub(crate) &'a InstanceObj<'a>);

pub(crate) struct InstanceObj<'a> {
    /// The names of its attributes, until it has a dict.
    shape: Cell<Option<&'a Shape<'a>>>,
    /// Their values, and room for more.
    fields: Cell<&'a [Cell<Value<'a>>]>,
    class: Cell<Class<'a>>,
    /// One that has no shape has this.
    rest: Cell<Option<&'a RestObj<'a>>>,
}

/// What an instance has that is more than its attributes in fields.
struct RestObj<'a> {
    dict: Cell<Option<Dict<'a>>>,
    /// Where its attributes are noted before they change, if it is the module's.
    log: Cell<Option<&'a Log<'a>>>,
    /// Of an instance of a class that inherits from a built-in one.
    inherited: Option<InheritedObj<'a>>,
}

/// What an instance has of a built-in class above its own.
struct InheritedObj<'a> {
    /// An exception's `args`, a list subclass's list.
    payload: Cell<Value<'a>>,
    error: Option<ErrorObj<'a>>,
}

/// An instance and its first fields, in one piece of the arena.
struct Whole<'a, const N: usize> {
    object: InstanceObj<'a>,
    room: [Cell<Value<'a>>; N],
}

/// Where an instance has an attribute itself.
#[derive(Copy, Clone)]
pub(crate) enum Own<'a> {
    /// In its dict.
    Slot(Dict<'a>, usize),
    /// In a field.
    Field(Instance<'a>, usize),
}

impl<'a> Own<'a> {
    pub(crate) fn get(self) -> Value<'a> {
        match self {
            Self::Slot(dict, slot) => dict.value_at(slot),
            Self::Field(instance, at) => instance.field_at(at).map_or(Value::None, Cell::get),
        }
    }

    pub(crate) fn set(self, value: Value<'a>, g: u32) -> Result<()> {
        match self {
            Self::Slot(dict, slot) => dict.set_at(slot, value, g),
            Self::Field(instance, at) => {
                if let Some(field) = instance.field_at(at) {
                    field.set(value);
                }
                Ok(())
            }
        }
    }
}

/// What exceptions have beside their arguments.
pub(crate) struct ErrorObj<'a> {
    pub(crate) cause: Cell<Value<'a>>,
    pub(crate) context: Cell<Value<'a>>,
    pub(crate) suppress: Cell<bool>,
}

/// An instance without attributes.
pub fn instance_new<'a>(cx: &'a Cx<'a>, class: Class<'a>, payload: Value<'a>, g: u32) -> Result<Instance<'a>> {
    let none = || Cell::new(Value::None);
    let is_error = class.layout().is(Type::BaseException);
    let error = is_error.then(|| ErrorObj { cause: none(), context: none(), suppress: Cell::new(false) });
    let inherited = match (class.layout(), payload) {
        (Type::Object, Value::None) => None,
        _ => {
            if !is_error {
                cx.inherit(class.layout());
            }
            Some(InheritedObj { payload: Cell::new(payload), error })
        }
    };
    let rest: &'a RestObj<'a> = cx.alloc(RestObj { inherited, ..RestObj::new() }, g)?;
    let object = InstanceObj::new(class, None);
    object.rest.set(Some(rest));
    Ok(Instance(cx.alloc(object, g)?))
}

/// An instance of a class of the program whose instances are their attributes, with room for as many as others have.
pub(crate) fn instance_with_fields<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Instance<'a>> {
    let shape = class.shape(cx, g)?;
    match class.width() {
        1 => instance_of(cx, class, shape, [Value::None; 1], g),
        2 => instance_of(cx, class, shape, [Value::None; 2], g),
        3 => instance_of(cx, class, shape, [Value::None; 3], g),
        4 => instance_of(cx, class, shape, [Value::None; 4], g),
        width => {
            let fields = cx.alloc_few(width, |_| Cell::new(Value::None), g)?;
            let object = InstanceObj::new(class, Some(shape));
            object.fields.set(fields);
            Ok(Instance(cx.alloc(object, g)?))
        }
    }
}

/// An instance of such a class whose first fields are `values`, of which those that `shape` names count.
#[inline(always)]
pub(crate) fn instance_of<'a, const N: usize>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    shape: &'a Shape<'a>,
    values: [Value<'a>; N],
    g: u32,
) -> Result<Instance<'a>> {
    // Written where it stays: a value that is made elsewhere first is copied in one piece right behind its parts.
    let make = || Whole { object: InstanceObj::new(class, Some(shape)), room: values.map(Cell::new) };
    let whole: &'a Whole<'a, N> = cx.alloc_in_place(make, g)?;
    whole.object.fields.set(&whole.room);
    Ok(Instance(&whole.object))
}

impl<'a> InstanceObj<'a> {
    #[inline(always)]
    fn new(class: Class<'a>, shape: Option<&'a Shape<'a>>) -> Self {
        Self { shape: Cell::new(shape), fields: Cell::new(&[]), class: Cell::new(class), rest: Cell::new(None) }
    }

    fn inherited(&self) -> Option<&'a InheritedObj<'a>> {
        self.rest.get()?.inherited.as_ref()
    }

    fn log(&self) -> Option<&'a Log<'a>> {
        self.rest.get()?.log.get()
    }
}

impl RestObj<'_> {
    fn new() -> Self {
        Self { dict: Cell::new(None), log: Cell::new(None), inherited: None }
    }
}

/// An exception with these `args`.
pub fn exception_new<'a>(cx: &'a Cx<'a>, class: Class<'a>, args: &[Value<'a>], g: u32) -> Result<Instance<'a>> {
    let args = tuple_new(cx, args, g)?;
    instance_new(cx, class, Value::Tuple(args), g)
}

impl<'a> Instance<'a> {
    /// Its class.
    #[inline]
    #[must_use]
    pub fn class(self) -> Class<'a> {
        self.0.class.get()
    }

    /// What it holds as an instance of a built-in class.
    #[must_use]
    pub fn payload(self) -> Value<'a> {
        self.0.inherited().map_or(Value::None, |inherited| inherited.payload.get())
    }

    /// Makes `payload` that, of an instance of such a class.
    pub(crate) fn set_payload(self, payload: Value<'a>) {
        if let Some(inherited) = self.0.inherited() {
            inherited.payload.set(payload);
        }
    }

    /// What it has as an exception.
    pub(crate) fn error(self) -> Option<&'a ErrorObj<'a>> {
        self.0.inherited()?.error.as_ref()
    }

    /// Its attributes, if it has any or room for some; from now on they are a dict's.
    pub(crate) fn attributes(self, g: u32) -> Result<Option<Dict<'a>>> {
        match self.0.shape.get() {
            Some(shape) => self.dict(shape.cx, g).map(Some),
            None => Ok(self.dict_if_made()),
        }
    }

    /// Its attributes, if they are in a dict already.
    #[inline]
    pub(crate) fn dict_if_made(self) -> Option<Dict<'a>> {
        self.0.rest.get()?.dict.get()
    }

    /// Its attributes as a dict, made at the first use.
    pub fn dict(self, cx: &'a Cx<'a>, g: u32) -> Result<Dict<'a>> {
        if let Some(dict) = self.dict_if_made() {
            return Ok(dict);
        }
        let rest = match self.0.rest.get() {
            Some(rest) => rest,
            None => cx.alloc(RestObj::new(), g)?,
        };
        let names = self.0.shape.get().map(Shape::names).unwrap_or_default();
        let entries: Vec<(Str<'a>, Value<'a>)> =
            names.into_iter().zip(self.0.fields.get()).map(|(name, field)| (name, field.get())).collect();
        let dict = dict_of(cx, &entries, g)?;
        if let Some(log) = rest.log.get() {
            dict.owner().give(log);
        }
        self.0.shape.set(None);
        self.0.fields.set(&[]);
        rest.dict.set(Some(dict));
        self.0.rest.set(Some(rest));
        Ok(dict)
    }

    /// Whether it has an attribute of that name itself.
    pub(crate) fn has_own(self, cx: &'a Cx<'a>, name: Str<'a>) -> bool {
        self.field(name).is_some() || self.dict_if_made().is_some_and(|dict| dict.get_str(cx, name).is_some())
    }

    /// The names of its attributes, unless it has a dict.
    #[inline(always)]
    pub(crate) fn shape(self) -> Option<&'a Shape<'a>> {
        self.0.shape.get()
    }

    /// The address of its shape; 0 of one with a dict.
    #[inline(always)]
    pub(crate) fn shape_address(self) -> usize {
        self.0.shape.get().map_or(0, Shape::address)
    }

    /// The field of that name.
    pub(crate) fn field(self, name: Str<'a>) -> Option<usize> {
        self.0.shape.get()?.position(name)
    }

    /// What a field holds.
    #[inline(always)]
    pub(crate) fn field_at(self, at: usize) -> Option<&'a Cell<Value<'a>>> {
        self.0.fields.get().get(at)
    }

    /// Adds a field to one with a shape, which has no such yet; false if there is room for no more.
    pub(crate) fn add_field(self, name: Str<'a>, value: Value<'a>, g: u32) -> Result<bool> {
        let Some(shape) = self.0.shape.get().filter(|shape| shape.len() < WIDEST) else { return Ok(false) };
        let Some(next) = shape.with(name, g)? else { return Ok(false) };
        let fields = self.0.fields.get();
        if shape.len() == fields.len() {
            let room = (fields.len() * 2).max(4);
            let copy = |at| fields.get(at).cloned().unwrap_or(Cell::new(Value::None));
            self.0.fields.set(shape.cx.alloc_slice(room, copy, g)?);
        }
        self.0.fields.get()[shape.len()].set(value);
        self.0.shape.set(Some(next));
        self.class().widen(next.len());
        Ok(true)
    }

    /// What was stored in the field behind the last one counts from now on; `next` is its shape with one more name.
    #[inline(always)]
    pub(crate) fn grow(self, next: &'a Shape<'a>) {
        self.0.shape.set(Some(next));
    }

    /// Whether it is the module's.
    pub(crate) fn is_of_module(self) -> bool {
        self.0.log().is_some()
    }

    /// Makes it the module's; its attributes have an owner of their own, once they are there. One with a shape has none.
    pub(crate) fn give(self, log: &'a Log<'a>) {
        debug_assert!(self.0.rest.get().is_some());
        if let Some(rest) = self.0.rest.get() {
            rest.log.set(Some(log));
        }
    }

    /// Whether both are the same object.
    #[inline]
    #[must_use]
    pub fn same(self, other: Instance<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Whether it is an exception.
    #[must_use]
    pub fn is_exception(self) -> bool {
        self.error().is_some()
    }
}

/// What an instance of a subclass of a built-in class holds; any other value is itself.
#[must_use]
pub fn plain(v: Value<'_>) -> Value<'_> {
    match v {
        Value::Instance(instance) if !instance.is_exception() => match instance.payload() {
            Value::None => v,
            payload => payload,
        },
        _ => v,
    }
}
