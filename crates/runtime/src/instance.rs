//! Instances of the program's classes and of exceptions.

use std::cell::Cell;

use crate::dict::dict_with_room;
use crate::state::Log;
use crate::{Class, Cx, Dict, Result, Type, Value, dict_new, tuple_new};

/// An instance; copies share it.
#[derive(Copy, Clone)]
pub struct Instance<'a>(pub(crate) &'a InstanceObj<'a>);

pub(crate) struct InstanceObj<'a> {
    class: Cell<Class<'a>>,
    dict: Cell<Option<Dict<'a>>>,
    /// What it holds as an instance of a built-in class: an exception's `args`, a list subclass's list; else `None`.
    pub(crate) payload: Cell<Value<'a>>,
    pub(crate) error: Option<&'a ErrorObj<'a>>,
    /// Where its attributes are noted before they change, if it is the module's.
    log: Cell<Option<&'a Log<'a>>>,
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
    let object = InstanceObj { class, dict: Cell::new(None), payload, error, log: Cell::new(None) };
    Ok(Instance(cx.alloc(object, g)?))
}

/// An instance of a class of the program whose instances are their attributes, with room for as many as others have.
pub(crate) fn instance_with_room<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Instance<'a>> {
    let instance = instance_new(cx, class, Value::None, g)?;
    if class.width() > 0 {
        instance.0.dict.set(Some(dict_with_room(cx, class.width(), g)?));
    }
    Ok(instance)
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

    /// Its attributes, if it has any.
    #[inline]
    #[must_use]
    pub fn attributes(self) -> Option<Dict<'a>> {
        self.0.dict.get()
    }

    /// Its attributes, made at the first use.
    pub fn dict(self, cx: &'a Cx<'a>, g: u32) -> Result<Dict<'a>> {
        match self.0.dict.get() {
            Some(dict) => Ok(dict),
            None => {
                let dict = dict_new(cx, &[], g)?;
                if let Some(log) = self.0.log.get() {
                    dict.owner().give(log);
                }
                self.0.dict.set(Some(dict));
                Ok(dict)
            }
        }
    }

    /// Whether it is the module's.
    pub(crate) fn is_of_module(self) -> bool {
        self.0.log.get().is_some()
    }

    /// Makes it the module's; its attributes have an owner of their own, once they are there.
    pub(crate) fn give(self, log: &'a Log<'a>) {
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
