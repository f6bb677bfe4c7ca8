//! Reading and storing attributes of instances.

use std::cell::Cell;

use super::{Found, Site, is};
use crate::instance::Instance;
use crate::shape::Shape;
use crate::typed::{Typed, held};
use crate::{Cx, Result, Str, Value, attr};

/// `object.name`, of a literal `name`.
#[inline(always)]
pub fn get<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: u32, site: &Site<'a>, g: u32) -> Result<Value<'a>> {
    match known(object, site) {
        Some(value) => Ok(value),
        None => get_by_class(cx, object, cx.literal(name), site, g),
    }
}

/// The same as a `T`, else a bailout at `h`.
#[inline(always)]
pub fn get_as<'a, T: Typed<'a>>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: u32,
    site: &Site<'a>,
    g: u32,
    h: u32,
) -> Result<T> {
    match known(object, site).and_then(T::of) {
        Some(value) => Ok(value),
        None => get_typed(cx, object, name, site, g, h),
    }
}

#[inline(never)]
fn get_typed<'a, T: Typed<'a>>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: u32,
    site: &Site<'a>,
    g: u32,
    h: u32,
) -> Result<T> {
    held(get_by_class(cx, object, cx.literal(name), site, g)?, h)
}

/// The attribute in the field that the site knows.
#[inline(always)]
fn known<'a>(object: Value<'a>, site: &Site<'a>) -> Option<Value<'a>> {
    let Value::Instance(instance) = object else { return None };
    site.field(instance).map(Cell::get)
}

#[inline(never)]
fn get_by_class<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: &Site<'a>, g: u32) -> Result<Value<'a>> {
    if let Value::Instance(instance) = object
        && let Some(dict) = instance.dict_if_made()
        && let Found::Slot(class, slot) = site.found()
        && class.same(instance.class())
        && dict.has_at(slot as usize, name)
    {
        return Ok(dict.value_at(slot as usize));
    }
    get_anew(cx, object, name, site, g)
}

#[cold]
#[inline(never)]
fn get_anew<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: Str<'a>, site: &Site<'a>, g: u32) -> Result<Value<'a>> {
    let value = attr::get(cx, object, name, g)?;
    if let Value::Instance(instance) = object
        && attr::reads_own(cx, instance, name, g)?
    {
        learn_place(cx, instance, name, site, None);
    }
    Ok(value)
}

/// Tells a site where an instance has an attribute of its own; `before` is its shape before it was given that.
fn learn_place<'a>(
    cx: &'a Cx<'a>,
    instance: Instance<'a>,
    name: Str<'a>,
    site: &Site<'a>,
    before: Option<&'a Shape<'a>>,
) {
    let found = match (before, instance.shape(), instance.dict_if_made()) {
        (Some(before), Some(after), _) if after.is_one_more(before) => Found::Added(before, after),
        (_, Some(shape), _) => match shape.position(name) {
            Some(at) => Found::Field(shape, at as u32),
            None => return,
        },
        (_, None, Some(dict)) => match dict.slot_of(cx, name).map(u32::try_from) {
            Some(Ok(slot)) => Found::Slot(instance.class(), slot),
            _ => return,
        },
        (_, None, None) => return,
    };
    site.learn(found);
}

/// `object.name = value`, of a literal `name`.
#[inline(always)]
pub fn set<'a>(cx: &'a Cx<'a>, object: Value<'a>, name: u32, value: Value<'a>, site: &Site<'a>, g: u32) -> Result<()> {
    if let Value::Instance(instance) = object {
        if let Some(field) = site.field(instance) {
            field.set(value);
            return Ok(());
        }
        if let Found::Added(before, after) = site.found()
            && is(instance, before)
            && let Some(field) = instance.field_at(before.len())
        {
            field.set(value);
            instance.grow(after);
            return Ok(());
        }
    }
    set_by_class(cx, object, cx.literal(name), value, site, g)
}

#[inline(never)]
fn set_by_class<'a>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: Str<'a>,
    value: Value<'a>,
    site: &Site<'a>,
    g: u32,
) -> Result<()> {
    if let Value::Instance(instance) = object
        && let Some(dict) = instance.dict_if_made()
        && let Found::Slot(class, slot) = site.found()
        && class.same(instance.class())
        && (dict.replace_own(slot as usize, name, value) || dict.append_own(cx, slot as usize, name, value))
    {
        return Ok(());
    }
    set_anew(cx, object, name, value, site, g)
}

#[cold]
#[inline(never)]
fn set_anew<'a>(
    cx: &'a Cx<'a>,
    object: Value<'a>,
    name: Str<'a>,
    value: Value<'a>,
    site: &Site<'a>,
    g: u32,
) -> Result<()> {
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
