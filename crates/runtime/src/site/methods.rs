//! Calling methods and operators of the program's classes.

use super::{Found, Site};
use crate::class::Form;
use crate::instance::Instance;
use crate::lookup::Special;
use crate::op::{self, BinaryOp};
use crate::{Class, Cx, Function, Loaded, Result, Str, Type, Value, load_method, type_of};

/// Looks up the method of that literal name of `object`, to be called once its arguments are evaluated.
#[inline(always)]
pub fn load<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: u32, site: &Site<'a>, g: u32) -> Result<Loaded<'a>> {
    if let Value::Instance(instance) = object
        && let Some(function) = site.function_of(instance.shape_address())
    {
        return Ok(Loaded::Method(Value::Function(function), object));
    }
    load_by_class(cx, object, cx.literal(name), site, g)
}

#[inline(never)]
fn load_by_class<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: &Site<'a>, g: u32) -> Result<Loaded<'a>> {
    if let Found::Named(ty) = site.found()
        && has_fixed_methods(object)
        && type_of(object) == ty
    {
        return Ok(Loaded::Named(object, name));
    }
    if let Value::Instance(instance) = object
        && let Found::Method(_, class, function) = site.found()
        && class.same(instance.class())
        && !instance.has_own(cx, name)
    {
        return Ok(Loaded::Method(Value::Function(function), object));
    }
    load_anew(cx, object, name, site, g)
}

/// The function that calling the method of that literal name of `object` calls at once, if it is one of the program and
/// nothing of the program's runs to find it.
#[inline(always)]
pub fn method<'a>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: u32,
    site: &Site<'a>,
    g: u32,
) -> Result<Option<Function<'a>>> {
    let Value::Instance(instance) = object else { return Ok(None) };
    match site.function_of(instance.shape_address()) {
        Some(function) => Ok(Some(function)),
        None => method_anew(cx, instance, cx.literal(name), site, g),
    }
}

#[inline(never)]
fn method_anew<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: Str<'a>,
    site: &Site<'a>,
    g: u32,
) -> Result<Option<Function<'a>>> {
    let class = instance.class();
    if instance.has_own(cx, name) {
        return Ok(None);
    }
    if let Found::Method(_, known, function) = site.found()
        && known.same(class)
    {
        return Ok(Some(function));
    }
    if class.layout() != Type::Object || class.special(cx, Special::GetAttribute, g)?.is_some() {
        return Ok(None);
    }
    let Some(Value::Function(function)) = class.lookup(cx, name) else { return Ok(None) };
    site.learn(Found::Method(instance.shape(), class, function));
    Ok(Some(function))
}

/// Whether which methods it has goes by its built-in type and nothing else.
fn has_fixed_methods(object: Value<'_>) -> bool {
    match object {
        Value::Str(_) | Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Tuple(_) | Value::Bytes(_) => true,
        Value::Object(object) => object.get().as_deque().is_some(),
        _ => false,
    }
}

#[cold]
#[inline(never)]
fn load_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: &Site<'a>, g: u32) -> Result<Loaded<'a>> {
    let loaded = load_method(cx, object, name, g)?;
    if let Loaded::Named(..) = loaded
        && has_fixed_methods(object)
    {
        site.learn(Found::Named(type_of(object)));
    }
    if let (Value::Instance(instance), Loaded::Method(Value::Function(function), _)) = (object, loaded) {
        site.learn(Found::Method(instance.shape(), instance.class(), function));
    }
    Ok(loaded)
}

/// `l.name` of a literal `name` as the method of an operator that goes first, if it is a function of the program.
#[inline(always)]
pub fn operator<'a>(cx: &'a Cx<'a>, l: Value<'a>, r: Value<'a>, name: u32, site: &Site<'a>) -> Option<Function<'a>> {
    let Value::Instance(instance) = l else { return None };
    let class = instance.class();
    // The reflected method of a subclass would go first.
    match r {
        Value::Instance(other) if !other.class().same(class) => return None,
        Value::Object(_) => return None,
        _ => {}
    }
    match site.function_of(class.address()) {
        Some(function) => Some(function),
        None => operator_anew(cx, class, cx.literal(name), site),
    }
}

#[cold]
#[inline(never)]
fn operator_anew<'a>(cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>, site: &Site<'a>) -> Option<Function<'a>> {
    let plain = class.layout() == Type::Object && matches!(class.form(), Form::Plain | Form::Dataclass(_));
    match class.lookup(cx, name) {
        Some(Value::Function(function)) if plain => {
            site.learn(Found::Function(class, function));
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
