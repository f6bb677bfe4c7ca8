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
    class: Cell<Class<'a>>,
    /// The names of its attributes, until it has a dict.
    shape: Cell<Option<&'a Shape<'a>>>,
    /// Their values, and room for more.
    fields: Cell<&'a [Cell<Value<'a>>]>,
    dict: Cell<Option<Dict<'a>>>,
    /// What it holds as an instance of a built-in class: an exception's `args`, a list subclass's list; else `None`.
    pub(crate) payload: Cell<Value<'a>>,
    pub(crate) error: Option<&'a ErrorObj<'a>>,
    /// Where its attributes are noted before they change, if it is the module's.
    log: Cell<Option<&'a Log<'a>>>,
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
    let error = match class.layout().is(Type::BaseException) {
        true => {
            let none = || Cell::new(Value::None);
            Some(cx.alloc(ErrorObj { cause: none(), context: none(), suppress: Cell::new(false) }, g)?)
        }
        false => None,
    };
    let (class, payload) = (Cell::new(class), Cell::new(payload));
    let (shape, fields, dict) = (Cell::new(None), Cell::new(&[][..]), Cell::new(None));
    let object = InstanceObj { class, shape, fields, dict, payload, error, log: Cell::new(None) };
    Ok(Instance(cx.alloc(object, g)?))
}

/// An instance of a class of the program whose instances are their attributes, with room for as many as others have.
pub(crate) fn instance_with_fields<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Instance<'a>> {
    let shape = class.shape(cx, g)?;
    let fields = cx.alloc_few(class.width(), |_| Cell::new(Value::None), g)?;
    let object = InstanceObj {
        class: Cell::new(class),
        shape: Cell::new(Some(shape)),
        fields: Cell::new(fields),
        dict: Cell::new(None),
        payload: Cell::new(Value::None),
        error: None,
        log: Cell::new(None),
    };
    Ok(Instance(cx.alloc(object, g)?))
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
        self.0.payload.get()
    }

    /// Its attributes, if it has any or room for some; from now on they are a dict's.
    pub(crate) fn attributes(self, g: u32) -> Result<Option<Dict<'a>>> {
        match self.0.shape.get() {
            Some(shape) => self.dict(shape.cx, g).map(Some),
            None => Ok(self.0.dict.get()),
        }
    }

    /// Its attributes, if they are in a dict already.
    #[inline]
    pub(crate) fn dict_if_made(self) -> Option<Dict<'a>> {
        self.0.dict.get()
    }

    /// Its attributes as a dict, made at the first use.
    pub fn dict(self, cx: &'a Cx<'a>, g: u32) -> Result<Dict<'a>> {
        if let Some(dict) = self.0.dict.get() {
            return Ok(dict);
        }
        let names = self.0.shape.get().map(Shape::names).unwrap_or_default();
        let entries: Vec<(Str<'a>, Value<'a>)> =
            names.into_iter().zip(self.0.fields.get()).map(|(name, field)| (name, field.get())).collect();
        let dict = dict_of(cx, &entries, g)?;
        if let Some(log) = self.0.log.get() {
            dict.owner().give(log);
        }
        self.0.shape.set(None);
        self.0.fields.set(&[]);
        self.0.dict.set(Some(dict));
        Ok(dict)
    }

    /// Whether it has an attribute of that name itself.
    pub(crate) fn has_own(self, cx: &'a Cx<'a>, name: Str<'a>) -> bool {
        self.field(name).is_some() || self.0.dict.get().is_some_and(|dict| dict.get_str(cx, name).is_some())
    }

    /// The names of its attributes, unless it has a dict.
    #[inline(always)]
    pub(crate) fn shape(self) -> Option<&'a Shape<'a>> {
        self.0.shape.get()
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
        self.0.log.get().is_some()
    }

    /// Makes it the module's; its attributes have an owner of their own, once they are there. One with a shape has none.
    pub(crate) fn give(self, log: &'a Log<'a>) {
        debug_assert!(self.0.shape.get().is_none());
        self.0.log.set(Some(log));
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
        self.0.error.is_some()
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
