//! Making instances of the program's classes.

use super::{Found, Site};
use crate::class::Form;
use crate::instance::{instance_of, instance_with_fields};
use crate::lookup::Special;
use crate::{Class, Cx, Function, Result, Str, Type, Value, attr};

/// A new instance with `values` as its attributes, if the site knows `callee` as a class whose `__init__` stores just these
/// (see [`learn_built`]); no call is made, and none counted, since nothing of the program's runs.
#[inline(always)]
pub fn built<'a, const N: usize>(
    cx: &'a Cx<'a>,
    callee: Value<'a>,
    values: [Value<'a>; N],
    site: &Site<'a>,
    g: u32,
) -> Result<Option<Value<'a>>> {
    match (callee, site.found()) {
        // Others may have got more attributes since, for which there is to be room.
        (Value::Class(class), Found::Built(known, shape)) if known.same(class) && class.width() <= N => {
            instance_of(cx, class, shape, values, g).map(|made| Some(Value::Instance(made)))
        }
        _ => Ok(None),
    }
}

/// Tells a site of [`built`] about an instance that an `__init__` was given which does nothing but store its arguments and
/// constants as attributes of these names, in this order.
#[cold]
#[inline(never)]
pub fn learn_built<'a>(cx: &'a Cx<'a>, made: Value<'a>, names: &[Str<'a>], site: &Site<'a>, g: u32) -> Result<()> {
    let (Value::Instance(instance), Found::Nothing) = (made, site.found()) else { return Ok(()) };
    let Some(shape) = instance.shape() else { return Ok(()) };
    let in_order = |(at, name): (usize, &Str<'a>)| shape.position(*name) == Some(at);
    let mut is_plain = shape.len() == names.len() && names.iter().enumerate().all(in_order);
    for name in names {
        is_plain = is_plain && attr::stores_own(cx, instance, *name, g)?;
    }
    let found = if is_plain { Found::Built(instance.class(), shape) } else { Found::NotBuilt };
    site.learn(found);
    Ok(())
}

/// The class and its `__init__`, if calling `callee` makes an instance of nothing but attributes and gives it to that.
#[inline(always)]
pub fn init<'a>(
    cx: &'a Cx<'a>,
    callee: Value<'a>,
    site: &Site<'a>,
    g: u32,
) -> Result<Option<(Class<'a>, Function<'a>)>> {
    let Value::Class(class) = callee else { return Ok(None) };
    if let Some(function) = site.function_of(class.address()) {
        return Ok(Some((class, function)));
    }
    init_anew(cx, class, site, g)
}

#[cold]
#[inline(never)]
fn init_anew<'a>(
    cx: &'a Cx<'a>,
    class: Class<'a>,
    site: &Site<'a>,
    g: u32,
) -> Result<Option<(Class<'a>, Function<'a>)>> {
    let plain = class.builtin().is_none()
        && matches!(class.form(), Form::Plain)
        && class.layout() == Type::Object
        && class.special(cx, Special::Del, g)?.is_none()
        && class.special(cx, Special::New, g)?.is_none()
        && class.special(cx, Special::AbstractMethods, g)?.is_none();
    match class.special(cx, Special::Init, g)? {
        Some(Value::Function(function)) if plain => {
            site.learn(Found::Function(class, function));
            Ok(Some((class, function)))
        }
        _ => Ok(None),
    }
}

/// A new instance of such a class, with room for as many attributes as others have.
#[inline]
pub fn make<'a>(cx: &'a Cx<'a>, class: Class<'a>, g: u32) -> Result<Value<'a>> {
    instance_with_fields(cx, class, g).map(Value::Instance)
}
