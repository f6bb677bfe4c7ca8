//! Methods by functions of their own, for generated code that knows the types of the receiver and the arguments.
//!
//! Each gives what the method gives that `call` finds by its name.

use super::str::join;
use super::text::{self, Side};
use super::{dict_get, list_pop};
use crate::{Cx, Dict, List, Result, Str, Value, unicode};

/// `list.pop()`
#[inline]
pub fn list_pop_last<'a>(cx: &'a Cx<'a>, list: List<'a>, g: u32) -> Result<Value<'a>> {
    match list.pop_own() {
        Some(item) => Ok(item),
        None => list_pop(cx, list, -1, g),
    }
}

/// `dict.get(key)`
pub fn dict_get_or_none<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Value<'a>, g: u32) -> Result<Value<'a>> {
    dict_get(cx, dict, key, Value::None, g)
}

/// `dict.get(key)` with a string key.
pub fn dict_get_str_or_none<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Str<'a>, _g: u32) -> Result<Value<'a>> {
    Ok(dict.get_str(cx, key).unwrap_or(Value::None))
}

/// `dict.get(key, default)` with a string key.
pub fn dict_get_str_or<'a>(
    cx: &'a Cx<'a>,
    dict: Dict<'a>,
    key: Str<'a>,
    default: Value<'a>,
    _g: u32,
) -> Result<Value<'a>> {
    Ok(dict.get_str(cx, key).unwrap_or(default))
}

/// `str.lower()`
pub fn str_lower<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    cx.burn(s.text().len(), g)?;
    unicode::lower(cx, s, g)
}

/// `str.upper()`
pub fn str_upper<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
    cx.burn(s.text().len(), g)?;
    unicode::upper(cx, s, g)
}

macro_rules! strips {
    ($($(#[$doc:meta])* $name:ident, $(#[$doc_of:meta])* $of:ident, $side:ident;)+) => {
        $($(#[$doc])*
        pub fn $name<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<Str<'a>> {
            cx.burn(s.text().len(), g)?;
            text::strip(cx, s, Side::$side, None, g)
        }

        $(#[$doc_of])*
        pub fn $of<'a>(cx: &'a Cx<'a>, s: Str<'a>, chars: Str<'a>, g: u32) -> Result<Str<'a>> {
            cx.burn(s.text().len(), g)?;
            text::strip(cx, s, Side::$side, Some(chars), g)
        })+
    };
}

strips! {
    /// `str.strip()`
    str_strip,
    /// `str.strip(chars)`
    str_strip_of, Both;
    /// `str.lstrip()`
    str_lstrip,
    /// `str.lstrip(chars)`
    str_lstrip_of, Left;
    /// `str.rstrip()`
    str_rstrip,
    /// `str.rstrip(chars)`
    str_rstrip_of, Right;
}

/// `str.split()`
pub fn str_words<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<List<'a>> {
    cx.burn(s.text().len(), g)?;
    text::split(cx, s, Value::None, -1, false, g)
}

/// `str.split(sep)`
pub fn str_split<'a>(cx: &'a Cx<'a>, s: Str<'a>, sep: Str<'a>, g: u32) -> Result<List<'a>> {
    cx.burn(s.text().len(), g)?;
    text::split(cx, s, Value::Str(sep), -1, false, g)
}

/// `str.splitlines()`
pub fn str_lines<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<List<'a>> {
    cx.burn(s.text().len(), g)?;
    text::splitlines(cx, s, false, g)
}

/// `str.join(items)`
pub fn str_join<'a>(cx: &'a Cx<'a>, s: Str<'a>, items: Value<'a>, g: u32) -> Result<Str<'a>> {
    cx.burn(s.text().len(), g)?;
    join(cx, s, items, g)
}

/// `str.replace(old, new)`
pub fn str_replace<'a>(cx: &'a Cx<'a>, s: Str<'a>, old: Str<'a>, new: Str<'a>, g: u32) -> Result<Str<'a>> {
    cx.burn(s.text().len(), g)?;
    text::replace(cx, s, old, new, -1, g)
}

/// `str.startswith(prefix)`
pub fn str_starts_with<'a>(cx: &'a Cx<'a>, s: Str<'a>, prefix: Str<'a>, g: u32) -> Result<bool> {
    cx.burn(prefix.text().len(), g)?;
    Ok(s.text().starts_with(prefix.text()))
}

/// `str.endswith(suffix)`
pub fn str_ends_with<'a>(cx: &'a Cx<'a>, s: Str<'a>, suffix: Str<'a>, g: u32) -> Result<bool> {
    cx.burn(suffix.text().len(), g)?;
    Ok(s.text().ends_with(suffix.text()))
}

/// `str.find(part)`
pub fn str_find<'a>(cx: &'a Cx<'a>, s: Str<'a>, part: Str<'a>, g: u32) -> Result<i64> {
    cx.burn(s.text().len(), g)?;
    Ok(text::find(s.text(), part.text(), false).map_or(-1, |at| text::code_points(s, at) as i64))
}

/// `str.count(part)`
pub fn str_count<'a>(cx: &'a Cx<'a>, s: Str<'a>, part: Str<'a>, g: u32) -> Result<i64> {
    cx.burn(s.text().len(), g)?;
    Ok(text::count(s.text(), part.text()) as i64)
}

macro_rules! tests {
    ($($(#[$doc:meta])* $name:ident, $of:ident;)+) => {
        $($(#[$doc])*
        pub fn $name<'a>(cx: &'a Cx<'a>, s: Str<'a>, g: u32) -> Result<bool> {
            cx.burn(s.text().len(), g)?;
            Ok(!s.text().is_empty() && s.text().chars().all(unicode::$of))
        })+
    };
}

tests! {
    /// `str.isalpha()`
    str_is_alpha, is_alpha;
    /// `str.isalnum()`
    str_is_alnum, is_alnum;
    /// `str.isdigit()`
    str_is_digit, is_digit;
    /// `str.isspace()`
    str_is_space, is_space;
}
