//! Making lists, dicts and tuples where the program writes them, and reading records.

use super::{Found, MOST_ROOM, Site};
use crate::dict::{Keys, dict_of, dict_of_keys, dict_with_room};
use crate::list::list_with_room;
use crate::typed::{Typed, held};
use crate::{Cx, Dict, List, Result, Str, Tuple, Value, op, tuple_new};

/// `[]`, with room for what those before came to.
pub fn list<'a>(cx: &'a Cx<'a>, site: &Site<'a>, g: u32) -> Result<List<'a>> {
    let (last, before) = match site.found() {
        Found::List(list, before) => (list.len(), before),
        _ => (0, 0),
    };
    let made = list_with_room(cx, room(last, before), g)?;
    site.learn(Found::List(made, last as u32));
    Ok(made)
}

/// `{}`, with room for what those before came to.
pub fn dict<'a>(cx: &'a Cx<'a>, site: &Site<'a>, g: u32) -> Result<Dict<'a>> {
    let (last, before) = match site.found() {
        Found::Dict(dict, before) => (dict.len(), before),
        _ => (0, 0),
    };
    let made = dict_with_room(cx, room(last, before), g)?;
    site.learn(Found::Dict(made, last as u32));
    Ok(made)
}

/// The room of the next one after two that became so large.
fn room(last: usize, before: u32) -> usize {
    last.min(before as usize).min(MOST_ROOM)
}

/// A tuple of constants, which is one object.
#[inline]
pub fn tuple<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], site: &Site<'a>, g: u32) -> Result<Tuple<'a>> {
    match site.found() {
        Found::Tuple(known) => Ok(known),
        _ => tuple_anew(cx, items, site, g),
    }
}

#[cold]
fn tuple_anew<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], site: &Site<'a>, g: u32) -> Result<Tuple<'a>> {
    let made = tuple_new(cx, items, g)?;
    site.learn(Found::Tuple(made));
    Ok(made)
}

/// `{…}` of strings that the program knows, all different.
pub fn record<'a>(
    cx: &'a Cx<'a>,
    names: &[Str<'a>],
    values: &[Value<'a>],
    site: &Site<'a>,
    g: u32,
) -> Result<Dict<'a>> {
    if let Found::Keys(keys, _) = site.found() {
        return dict_of_keys(cx, keys, |at| values[at], g);
    }
    match Keys::new(cx, names, g)? {
        Some(keys) => {
            site.learn(Found::Keys(keys, 0));
            dict_of_keys(cx, keys, |at| values[at], g)
        }
        None => {
            let entries: Vec<(Str<'a>, Value<'a>)> = names.iter().copied().zip(values.iter().copied()).collect();
            dict_of(cx, &entries, g)
        }
    }
}

/// `dict[name]`, of a literal `name`.
#[inline(always)]
pub fn item<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: u32, site: &Site<'a>, g: u32) -> Result<Value<'a>> {
    match known(dict, site) {
        Some(value) => Ok(value),
        None => item_anew(cx, dict, cx.literal(name), site, g),
    }
}

/// The same as a `T`, else a bailout at `h`.
#[inline(always)]
pub fn item_as<'a, T: Typed<'a>>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: u32,
    site: &Site<'a>,
    g: u32,
    h: u32,
) -> Result<T> {
    match known(dict, site).and_then(T::of) {
        Some(value) => Ok(value),
        None => item_typed(cx, dict, name, site, g, h),
    }
}

#[inline(never)]
fn item_typed<'a, T: Typed<'a>>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    name: u32,
    site: &Site<'a>,
    g: u32,
    h: u32,
) -> Result<T> {
    held(item_anew(cx, dict, cx.literal(name), site, g)?, h)
}

/// The item in the place that the site knows.
#[inline(always)]
fn known<'a>(dict: Dict<'a>, site: &Site<'a>) -> Option<Value<'a>> {
    if let Some(keys) = dict.keys()
        && let Found::Keys(known, at) = site.found()
        && std::ptr::eq(known, keys)
        && let Some(value) = dict.shared_at(at as usize)
    {
        return Some(value.get());
    }
    None
}

#[inline(never)]
fn item_anew<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: Str<'a>, site: &Site<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(keys) = dict.keys()
        && let Some(at) = keys.position(name)
    {
        site.learn(Found::Keys(keys, at as u32));
        return Ok(dict.value_at(at));
    }
    op::dict_get_str(cx, dict, name, g)
}
