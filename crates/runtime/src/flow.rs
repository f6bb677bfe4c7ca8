//! What generated `try` and `with` statements share.

use crate::lookup::Special;
use crate::{Args, BailKind, Cx, Instance, Result, Type, Value, attr, call, call_method};

/// How a block was left.
#[derive(Copy, Clone, Debug)]
pub enum Flow<T> {
    /// At its end.
    Next,
    /// By `return`.
    Return(T),
    /// By `break` of a loop around it.
    Break,
    /// By `continue` of a loop around it.
    Continue,
}

/// `context.__enter__()`; raises as CPython where it is no context manager.
pub fn with_enter<'a>(cx: &'a Cx<'a>, context: Value<'a>, g: u32) -> Result<Value<'a>> {
    match context {
        Value::Instance(_) => {
            let enter = attr::special(cx, context, "__enter__", g)?;
            let exit = attr::special(cx, context, "__exit__", g)?;
            match (enter, exit) {
                (Some(enter), Some(_)) => call::with_receiver(cx, enter, context, Args::of(&[]), g),
                (enter, _) => {
                    let name = crate::class::type_name(context);
                    let missed = if enter.is_some() { " (missed __exit__ method)" } else { "" };
                    let text = format!("'{name}' object does not support the context manager protocol{missed}");
                    Err(cx.raise(Type::TypeError, &text, g))
                }
            }
        }
        Value::Object(object) if object.get().has_method("__enter__") => {
            object.get().method(cx, context, "__enter__", Args::of(&[]), g)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `context.__exit__(…)` with the exception that left the body, if one did; true if that is dealt with.
pub fn with_exit<'a>(cx: &'a Cx<'a>, context: Value<'a>, raised: Option<Instance<'a>>, g: u32) -> Result<bool> {
    let args = match raised {
        None => [Value::None; 3],
        // The traceback cannot be native; only a program that looks at it could tell.
        Some(raised) => [Value::Class(raised.class()), Value::Instance(raised), Value::NotImplemented],
    };
    let result = call_method(cx, context, cx.name("__exit__", g)?, Args::of(&args), g)?;
    match raised {
        None => Ok(false),
        Some(_) => crate::truth(cx, result, g),
    }
}

/// A method that was looked up and not called yet.
#[derive(Copy, Clone)]
pub enum Loaded<'a> {
    /// A function with the receiver that goes before its arguments.
    Method(Value<'a>, Value<'a>),
    /// A built-in method of that name.
    Named(Value<'a>, crate::Str<'a>),
    /// Any other value.
    Value(Value<'a>),
}

/// Looks up the method `name` of `object`, to be called once its arguments are evaluated.
pub fn load_method<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: crate::Str<'a>, g: u32) -> Result<Loaded<'a>> {
    match object {
        Value::Instance(instance) => {
            let class = instance.class();
            if class.special(cx, Special::GetAttribute, g)?.is_some() {
                return Err(BailKind::Unsupported.at(g));
            }
            let hidden = instance.has_own(cx, name);
            match class.lookup(cx, name) {
                Some(function @ Value::Function(_)) if !hidden => Ok(Loaded::Method(function, object)),
                None if !hidden && attr::has_builtin_method(instance, name.text()) => Ok(Loaded::Named(object, name)),
                _ => attr::get(cx, object, name, g).map(Loaded::Value),
            }
        }
        Value::Class(_) | Value::Function(_) | Value::Builtin(_) | Value::Method(_) => {
            attr::get(cx, object, name, g).map(Loaded::Value)
        }
        Value::Object(inner) if !inner.get().has_method(name.text()) => {
            attr::get(cx, object, name, g).map(Loaded::Value)
        }
        Value::Object(_) => Ok(Loaded::Named(object, name)),
        _ if crate::method::exists(crate::type_of(object), name.text()) => Ok(Loaded::Named(object, name)),
        _ => attr::get(cx, object, name, g).map(Loaded::Value),
    }
}

/// Calls a method that was looked up.
pub fn call_loaded<'a>(cx: &'a Cx<'a>, loaded: Loaded<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match loaded {
        Loaded::Method(function, receiver) => call::with_receiver(cx, function, receiver, args, g),
        Loaded::Named(receiver, name) => call_method(cx, receiver, name, args, g),
        Loaded::Value(value) => call::call(cx, value, args, g),
    }
}
