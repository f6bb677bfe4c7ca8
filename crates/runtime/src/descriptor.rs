//! Descriptors that classes hold: `property`, `staticmethod`, `classmethod`.

use std::cell::Cell;

use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, call, object_new};

/// A `property`.
pub struct Property<'a> {
    /// `fget`, or `None`.
    pub get: Cell<Value<'a>>,
    /// `fset`, or `None`.
    pub set: Cell<Value<'a>>,
    /// `fdel`, or `None`.
    pub delete: Cell<Value<'a>>,
}

/// `property(get, set, delete)`
pub fn property_new<'a>(
    cx: &'a Cx<'a>,
    get: Value<'a>,
    set: Value<'a>,
    delete: Value<'a>,
    g: u32,
) -> Result<Value<'a>> {
    object_new(cx, Property { get: Cell::new(get), set: Cell::new(set), delete: Cell::new(delete) }, g)
}

/// `staticmethod(function)`
pub fn static_method_new<'a>(cx: &'a Cx<'a>, function: Value<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, StaticMethod(function), g)
}

/// `classmethod(function)`
pub fn class_method_new<'a>(cx: &'a Cx<'a>, function: Value<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, ClassMethod(function), g)
}

struct StaticMethod<'a>(Value<'a>);

struct ClassMethod<'a>(Value<'a>);

impl<'a> Obj<'a> for Property<'a> {
    fn kind(&self) -> Type {
        Type::Property
    }

    fn as_property(&self) -> Option<&Property<'a>> {
        Some(self)
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "fget" => Some(self.get.get()),
            "fset" => Some(self.set.get()),
            "fdel" => Some(self.delete.get()),
            _ => None,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "getter" | "setter" | "deleter")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let ([function], []) = (args.pos, args.kw) else { return Err(BailKind::Exception.at(g)) };
        let (get, set, delete) = (self.get.get(), self.set.get(), self.delete.get());
        match name {
            "getter" => property_new(cx, *function, set, delete, g),
            "setter" => property_new(cx, get, *function, delete, g),
            _ => property_new(cx, get, set, *function, g),
        }
    }
}

impl<'a> Obj<'a> for StaticMethod<'a> {
    fn kind(&self) -> Type {
        Type::StaticMethod
    }

    fn as_static_method(&self) -> Option<Value<'a>> {
        Some(self.0)
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        call(cx, self.0, args, g)
    }

    fn is_callable(&self) -> bool {
        true
    }
}

impl<'a> Obj<'a> for ClassMethod<'a> {
    fn kind(&self) -> Type {
        Type::ClassMethod
    }

    fn as_class_method(&self) -> Option<Value<'a>> {
        Some(self.0)
    }
}

/// What `super()` gives.
struct Super<'a> {
    class: Value<'a>,
    object: Value<'a>,
}

/// `super(class, object)`
pub fn super_new<'a>(cx: &'a Cx<'a>, class: Value<'a>, object: Value<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Super { class, object }, g)
}

impl<'a> Obj<'a> for Super<'a> {
    fn kind(&self) -> Type {
        Type::Super
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        let name = crate::str_new(cx, name, g)?;
        crate::attr::super_attr(cx, self.class, self.object, name, g).map(Some)
    }

    fn set_attr(&self, _cx: &'a Cx<'a>, _name: crate::Str<'a>, _value: Value<'a>, g: u32) -> Result<()> {
        Err(BailKind::Unsupported.at(g))
    }
}
