//! Methods of the built-in types.

use crate::op::extend_from;
use crate::{BailKind, Cx, Dict, List, Result, Str, Value};

/// `list.append(value)`.
pub fn list_append<'a>(cx: &Cx<'a>, list: List<'a>, value: Value<'a>, g: u32) -> Result<()> {
    list.push(cx, value, g)
}

/// `list.extend(source)`.
pub fn list_extend<'a>(cx: &Cx<'a>, list: List<'a>, source: Value<'a>, g: u32) -> Result<()> {
    match source {
        Value::List(other) => list.extend(cx, other, g),
        _ => extend_from(cx, list, source, g),
    }
}

/// `list.insert(at, value)`; an index out of range means the nearer end.
pub fn list_insert<'a>(cx: &Cx<'a>, list: List<'a>, at: i64, value: Value<'a>, g: u32) -> Result<()> {
    let len = list.len();
    let at = match usize::try_from(at) {
        Ok(at) => at.min(len),
        Err(_) => len.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    cx.burn((len - at) * size_of::<Value<'_>>(), g)?;
    list.insert(cx, at, value, g)
}

/// `list.pop(at)`, with `at` -1 for `list.pop()`; bails out with `Exception` out of range.
pub fn list_pop<'a>(cx: &Cx<'a>, list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    let len = list.len();
    let exception = BailKind::Exception.at(g);
    let at = match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => len.checked_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)).ok_or(exception)?,
    };
    cx.burn(len.saturating_sub(at) * size_of::<Value<'_>>(), g)?;
    list.remove(at).ok_or(exception)
}

/// `dict.get(key, default)`.
pub fn dict_get<'a>(cx: &Cx<'a>, dict: Dict<'a>, key: Value<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
    Ok(dict.get(cx, key, g)?.unwrap_or(default))
}

/// `text.startswith(prefix)`.
pub fn str_startswith<'a>(cx: &Cx<'a>, text: Str<'a>, prefix: Str<'a>, g: u32) -> Result<bool> {
    cx.burn(prefix.text().len(), g)?;
    Ok(text.text().starts_with(prefix.text()))
}

/// `text.endswith(suffix)`.
pub fn str_endswith<'a>(cx: &Cx<'a>, text: Str<'a>, suffix: Str<'a>, g: u32) -> Result<bool> {
    cx.burn(suffix.text().len(), g)?;
    Ok(text.text().ends_with(suffix.text()))
}

/// `separator.join(list)`; bails out with `Exception` at an item that is not a string.
pub fn str_join<'a>(cx: &Cx<'a>, separator: Str<'a>, list: List<'a>, g: u32) -> Result<Str<'a>> {
    cx.build(
        |text| {
            let mut index = 0;
            while let Some(item) = list.at(index) {
                let Value::Str(item) = item else { return Err(BailKind::Exception) };
                if index > 0 {
                    text.push(separator.text())?;
                }
                text.push(item.text())?;
                index += 1;
            }
            Ok(())
        },
        g,
    )
}
