//! The built-ins that look at objects and their attributes.

use crate::{Args, BailKind, Cx, Result, Str, Value, attr, call};

fn name<'a>(v: Value<'a>, g: u32) -> Result<Str<'a>> {
    match v {
        Value::Str(name) => Ok(name),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `callable(object)`
pub(super) fn callable<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [v] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    Ok(Value::bool(match v {
        Value::Function(_) | Value::Builtin(_) | Value::Class(_) | Value::Method(_) => true,
        Value::Object(object) => object.get().is_callable(),
        Value::Instance(_) => attr::special(cx, *v, "__call__", g)?.is_some(),
        _ => false,
    }))
}

/// `getattr(object, name, default)`
pub(super) fn getattr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [object, key] => attr::get(cx, *object, name(*key, g)?, g),
        [object, key, default] => attr::get_or(cx, *object, name(*key, g)?, *default, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `hasattr(object, name)`
pub(super) fn hasattr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [object, key] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    // A value that no attribute can have stands for a missing one.
    let found = attr::get_or(cx, *object, name(*key, g)?, Value::NotImplemented, g)?;
    Ok(Value::bool(!matches!(found, Value::NotImplemented)))
}

/// `setattr(object, name, value)`
pub(super) fn setattr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [object, key, value] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    attr::set(cx, *object, name(*key, g)?, *value, g).map(|()| Value::None)
}

/// `delattr(object, name)`
pub(super) fn delattr<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [object, key] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    attr::delete(cx, *object, name(*key, g)?, g).map(|()| Value::None)
}

/// `isinstance(object, class)`
pub(super) fn isinstance<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [object, class] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    call::is_instance(cx, *object, *class, g).map(Value::bool)
}

/// `issubclass(class, other)`
pub(super) fn issubclass<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Class(class), of] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    match of {
        Value::Class(other) => call::is_subclass(cx, *class, *other, g).map(Value::bool),
        Value::Tuple(all) => {
            for other in all.items() {
                let Value::Class(other) = other else { return Err(BailKind::Exception.at(g)) };
                if call::is_subclass(cx, *class, *other, g)? {
                    return Ok(Value::bool(true));
                }
            }
            Ok(Value::bool(false))
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// `vars(object)`
pub(super) fn vars<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [object] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    attr::vars(cx, *object, g)
}
