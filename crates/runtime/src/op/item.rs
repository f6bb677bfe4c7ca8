//! Subscripts, slices and unpacking.

use crate::dict::DictKind;
use crate::slice::{Selection, select};
use crate::{
    BailKind, Cx, Dict, Iter, List, Result, Str, Type, Value, attr, bytes_new, call, enums, list_new, plain,
    range_value, str_new,
};

/// `obj[idx]`.
pub(super) fn index<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, g: u32) -> Result<Value<'a>> {
    match (obj, idx.index()) {
        (Value::Dict(dict), _) => dict_get(cx, dict, idx, g),
        (Value::List(list), Some(at)) => list_item(cx, list, at, g),
        (Value::Tuple(tuple), Some(at)) => match place(at, tuple.items().len()).and_then(|at| tuple.items().get(at)) {
            Some(item) => Ok(*item),
            None => Err(cx.raise(Type::IndexError, "tuple index out of range", g)),
        },
        (Value::Str(text), Some(at)) => str_get(cx, text, at, g).map(Value::Str),
        (Value::Range(range), Some(at)) => {
            let len = range.0.len();
            let at = if at < 0 { at + len } else { at };
            match (0..len).contains(&at) {
                true => Ok(Value::Int(range.0.at(at))),
                false => Err(cx.raise(Type::IndexError, "range object index out of range", g)),
            }
        }
        (Value::Bytes(bytes), Some(at)) => match place(at, bytes.bytes().len()).and_then(|at| bytes.bytes().get(at)) {
            Some(byte) => Ok(Value::Int(i64::from(*byte))),
            None => Err(cx.raise(Type::IndexError, "index out of range", g)),
        },
        (Value::Instance(_), _) => match attr::call_special(cx, obj, "__getitem__", &[idx], g)? {
            Some(item) => Ok(item),
            None => match plain(obj) {
                Value::Dict(dict) => match dict.get(cx, idx, g)? {
                    Some(item) => Ok(item),
                    None => match attr::call_special(cx, obj, "__missing__", &[idx], g)? {
                        Some(item) => Ok(item),
                        None => Err(cx.raise_with(Type::KeyError, &[idx], g)),
                    },
                },
                Value::Instance(_) => Err(not_subscriptable(cx, obj, g)),
                inner => index(cx, inner, idx, g),
            },
        },
        (Value::Object(object), _) => object.get().get_item(cx, idx, g),
        (Value::Class(class), _) if matches!(class.form(), crate::class::Form::Enum(_)) => {
            enums::by_name(cx, class, idx, g)
        }
        (Value::Class(_), _) => Err(BailKind::Unsupported.at(g)),
        _ => index_other(cx, obj, idx, g),
    }
}

/// Slices, instances with `__index__`, and what is an error.
#[inline(never)]
fn index_other<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, g: u32) -> Result<Value<'a>> {
    let name = match obj {
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Str(_) => "string",
        Value::Range(_) => "range",
        Value::Bytes(_) => "byte",
        _ => return Err(not_subscriptable(cx, obj, g)),
    };
    if let Value::Object(object) = idx
        && let Some(slice) = object.get().as_slice()
    {
        return get_slice(cx, obj, slice.start, slice.stop, slice.step, g);
    }
    match idx {
        Value::Big(_) => Err(cx.raise(Type::IndexError, "cannot fit 'int' into an index-sized integer", g)),
        Value::Instance(_) => match attr::index_of(cx, idx, g)? {
            Some(at @ Value::Int(_)) => index(cx, obj, at, g),
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => {
            let given = crate::class::type_name(idx);
            let text = match obj {
                // From 3.11 on `str` names the type in quotes.
                Value::Str(_) => format!("string indices must be integers, not '{given}'"),
                _ => format!("{name} indices must be integers or slices, not {given}"),
            };
            Err(cx.raise(Type::TypeError, &text, g))
        }
    }
}

fn not_subscriptable<'a>(cx: &'a Cx<'a>, obj: Value<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::TypeError, &format!("'{}' object is not subscriptable", crate::class::type_name(obj)), g)
}

/// `obj[start:stop:step]`.
pub fn get_slice<'a>(
    cx: &'a Cx<'a>,
    obj: Value<'a>,
    start: Value<'a>,
    stop: Value<'a>,
    step: Value<'a>,
    g: u32,
) -> Result<Value<'a>> {
    match obj {
        Value::List(list) => {
            let part = select(cx, start, stop, step, list.len(), g)?;
            cx.burn(part.count * size_of::<Value<'_>>(), g)?;
            crate::list::list_part(cx, list, &part, g).map(Value::List)
        }
        Value::Tuple(tuple) => {
            let part = select(cx, start, stop, step, tuple.items().len(), g)?;
            cx.burn(part.count * size_of::<Value<'_>>(), g)?;
            if part.step == 1 && part.count == tuple.items().len() {
                return Ok(obj);
            }
            let items = tuple.items();
            let items = cx.alloc_slice(part.count, |number| items[part.at(number)], g)?;
            crate::tuple::tuple_of(cx, items, g).map(Value::Tuple)
        }
        Value::Str(text) => {
            let part = select(cx, start, stop, step, text.chars(), g)?;
            slice_str(cx, text, part, g).map(Value::Str)
        }
        Value::Bytes(bytes) => {
            let part = select(cx, start, stop, step, bytes.bytes().len(), g)?;
            cx.burn(part.count, g)?;
            let bytes: Vec<u8> = part.indices().map(|at| bytes.bytes()[at]).collect();
            bytes_new(cx, &bytes, g).map(Value::Bytes)
        }
        Value::Range(range) => {
            let len = usize::try_from(range.0.len()).map_err(|_| BailKind::Unsupported.at(g))?;
            let part = select(cx, start, stop, step, len, g)?;
            // The bounds that `compute_slice` gives show in `repr`.
            let at = |index: i64| {
                let offset = range.0.step.checked_mul(index)?;
                range.0.start.checked_add(offset)
            };
            let step = range.0.step.checked_mul(part.step as i64);
            match (at(part.bounds.0), at(part.bounds.1), step) {
                (Some(start), Some(stop), Some(step)) => range_value(cx, crate::Range::new(start, stop, step, g)?, g),
                _ => Err(BailKind::Unsupported.at(g)),
            }
        }
        Value::Instance(_) | Value::Object(_) | Value::Class(_) => {
            index(cx, obj, crate::slice_new(cx, start, stop, step, g)?, g)
        }
        Value::Dict(_) => Err(cx.raise(Type::TypeError, "unhashable type: 'slice'", g)),
        _ => Err(not_subscriptable(cx, obj, g)),
    }
}

fn slice_str<'a>(cx: &'a Cx<'a>, text: Str<'a>, part: Selection, g: u32) -> Result<Str<'a>> {
    if part.step == 1 && part.count == text.chars() {
        return Ok(text);
    }
    let whole = text.text();
    if text.is_ascii() {
        if part.step == 1 {
            return crate::string::str_part(cx, text, part.start, part.start + part.count, g);
        }
        let bytes = whole.as_bytes();
        return cx.build(
            |out| {
                cx.reserve(part.count, g)?;
                out.extend(part.indices().map(|at| char::from(bytes[at])));
                Ok(())
            },
            g,
        );
    }
    cx.burn(whole.len(), g)?;
    if part.step == 1 {
        let mut starts = whole.char_indices().map(|(at, _)| at).chain([whole.len()]);
        let from = starts.nth(part.start).unwrap_or(whole.len());
        let to = if part.count == 0 { from } else { starts.nth(part.count - 1).unwrap_or(whole.len()) };
        return str_new(cx, &whole[from..to], g);
    }
    let letters: Vec<char> = whole.chars().collect();
    cx.build(
        |out| {
            out.extend(part.indices().map(|at| letters[at]));
            Ok(())
        },
        g,
    )
}

/// `obj[idx] = val`.
pub(super) fn set_index<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, val: Value<'a>, g: u32) -> Result<()> {
    match (obj, idx.index()) {
        (Value::Dict(dict), _) => dict.set(cx, idx, val, g),
        (Value::List(list), Some(at)) => match place(at, list.len()) {
            Some(at) if list.replace(at, val, g)? => Ok(()),
            _ => Err(cx.raise(Type::IndexError, "list assignment index out of range", g)),
        },
        (Value::Instance(_), _) => match attr::call_special(cx, obj, "__setitem__", &[idx, val], g)? {
            Some(_) => Ok(()),
            None if matches!(plain(obj), Value::Instance(_)) => Err(no_item(cx, obj, idx, "assignment", g)),
            None => set_index(cx, plain(obj), idx, val, g),
        },
        (Value::Object(object), _) => object.get().set_item(cx, idx, val, g),
        (Value::List(list), None) => match idx {
            Value::Object(object) => match object.get().as_slice() {
                Some(slice) => {
                    let part = select(cx, slice.start, slice.stop, slice.step, list.len(), g)?;
                    set_slice(cx, list, part, matches!(slice.step, Value::None | Value::Int(1)), val, g)
                }
                None => Err(BailKind::Unsupported.at(g)),
            },
            Value::Instance(_) => match attr::index_of(cx, idx, g)? {
                Some(at @ Value::Int(_)) => set_index(cx, obj, at, val, g),
                _ => Err(BailKind::Exception.at(g)),
            },
            Value::Big(_) => Err(cx.raise(Type::IndexError, "cannot fit 'int' into an index-sized integer", g)),
            _ => {
                let given = crate::class::type_name(idx);
                let text = format!("list indices must be integers or slices, not {given}");
                Err(cx.raise(Type::TypeError, &text, g))
            }
        },
        _ => Err(no_item(cx, obj, idx, "assignment", g)),
    }
}

fn no_item<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, what: &str, g: u32) -> crate::Bail {
    // `PyObject_SetItem` and `PyObject_DelItem` convert an index of what is a sequence first.
    let sequence = matches!(
        obj,
        Value::Str(_) | Value::Tuple(_) | Value::Bytes(_) | Value::Range(_) | Value::Set(_) | Value::Instance(_)
    );
    match (sequence, crate::plain(idx)) {
        (true, Value::Big(_)) => {
            let text = format!("cannot fit '{}' into an index-sized integer", crate::class::type_name(idx));
            return cx.raise(Type::IndexError, &text, g);
        }
        (_, Value::Big(_)) if matches!(obj, Value::Object(_)) => return BailKind::Unsupported.at(g),
        // It may have an `__index__`.
        (true, Value::Instance(_)) => return BailKind::Unsupported.at(g),
        _ => {}
    }
    let as_sequence = sequence && matches!(crate::plain(idx), Value::Int(_) | Value::Bool(_));
    let name = crate::class::type_name(obj);
    let text = match what {
        "assignment" => format!("'{name}' object does not support item assignment"),
        _ if as_sequence => format!("'{name}' object doesn't support item deletion"),
        _ => format!("'{name}' object does not support item deletion"),
    };
    cx.raise(Type::TypeError, &text, g)
}

/// `list[part] = values` (`list_ass_subscript`).
fn set_slice<'a>(
    cx: &'a Cx<'a>,
    list: List<'a>,
    part: Selection,
    plain_step: bool,
    values: Value<'a>,
    g: u32,
) -> Result<()> {
    let mut items = Vec::with_capacity(part.count.min(1 << 16));
    let mut iter = match Iter::new(cx, values, g) {
        Ok(iter) => iter,
        Err(bail) => {
            return Err(match cx.catch(bail) {
                Ok(raised) if crate::exception::is_a(raised, Type::TypeError) => {
                    let text = if plain_step {
                        "can only assign an iterable"
                    } else {
                        "must assign iterable to extended slice"
                    };
                    cx.raise(Type::TypeError, text, g)
                }
                Ok(raised) => cx.rethrow(raised, g),
                Err(bail) => bail,
            });
        }
    };
    let before = list.len();
    while let Some(item) = iter.next(cx, g)? {
        cx.tick(g)?;
        cx.reserve(items.len() * size_of::<Value<'_>>(), g)?;
        items.push(item);
    }
    if list.len() != before {
        return Err(BailKind::Unsupported.at(g));
    }
    if part.step == 1 {
        let end = part.start + part.count;
        let mut all: Vec<Value<'a>> = (0..list.len()).filter_map(|at| list.at(at)).collect();
        cx.burn(all.len() * size_of::<Value<'_>>(), g)?;
        // An empty slice inserts at its start, even where its stop comes before.
        all.splice(part.start..end.max(part.start), items);
        return list.assign(cx, &all, g);
    }
    if items.len() != part.count {
        let text =
            format!("attempt to assign sequence of size {} to extended slice of size {}", items.len(), part.count);
        return Err(cx.raise(Type::ValueError, &text, g));
    }
    for (at, item) in part.indices().zip(items) {
        list.replace(at, item, g)?;
    }
    Ok(())
}

/// `del obj[idx]`.
pub fn del_index<'a>(cx: &'a Cx<'a>, obj: Value<'a>, idx: Value<'a>, g: u32) -> Result<()> {
    match (obj, idx.index()) {
        (Value::Dict(dict), _) => match dict.remove(cx, idx, g)? {
            Some(_) => Ok(()),
            None => Err(cx.raise_with(Type::KeyError, &[idx], g)),
        },
        (Value::List(list), Some(at)) => match place(at, list.len()) {
            Some(at) if at < list.len() => {
                cx.burn((list.len() - at) * size_of::<Value<'_>>(), g)?;
                list.remove(at, g).map(|_| ())
            }
            _ => Err(cx.raise(Type::IndexError, "list assignment index out of range", g)),
        },
        (Value::Instance(_), _) => match attr::call_special(cx, obj, "__delitem__", &[idx], g)? {
            Some(_) => Ok(()),
            None if matches!(plain(obj), Value::Instance(_)) => Err(no_item(cx, obj, idx, "deletion", g)),
            None => del_index(cx, plain(obj), idx, g),
        },
        (Value::Object(object), _) => object.get().del_item(cx, idx, g),
        (Value::List(list), None) => match idx {
            Value::Object(object) if object.get().as_slice().is_some() => {
                let Some(slice) = object.get().as_slice() else { return Ok(()) };
                let part = select(cx, slice.start, slice.stop, slice.step, list.len(), g)?;
                let mut gone = vec![false; list.len()];
                part.indices().for_each(|at| gone[at] = true);
                cx.burn(list.len() * size_of::<Value<'_>>(), g)?;
                let left: Vec<Value<'a>> =
                    (0..list.len()).filter(|at| !gone[*at]).filter_map(|at| list.at(at)).collect();
                list.assign(cx, &left, g)
            }
            _ => Err(BailKind::Exception.at(g)),
        },
        _ => Err(no_item(cx, obj, idx, "deletion", g)),
    }
}

/// `a, b, … = v` with `N` targets.
#[inline]
pub fn unpack<'a, const N: usize>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<[Value<'a>; N]> {
    match v {
        Value::Tuple(tuple) if let Ok(items) = <[Value<'a>; N]>::try_from(tuple.items()) => Ok(items),
        _ => unpack_other(cx, v, g),
    }
}

#[inline(never)]
fn unpack_other<'a, const N: usize>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<[Value<'a>; N]> {
    let mut items = [Value::None; N];
    match v {
        Value::List(list) if list.len() == N => {
            for (at, place) in items.iter_mut().enumerate() {
                *place = list.at(at).unwrap_or(Value::None);
            }
            return Ok(items);
        }
        _ => {}
    }
    let mut iter = unpacked(cx, v, g)?;
    for (at, place) in items.iter_mut().enumerate() {
        match iter.next(cx, g)? {
            Some(item) => *place = item,
            None => {
                let text = format!("not enough values to unpack (expected {N}, got {at})");
                return Err(cx.raise(Type::ValueError, &text, g));
            }
        }
    }
    match iter.next(cx, g)? {
        None => Ok(items),
        Some(_) => Err(cx.raise(Type::ValueError, &format!("too many values to unpack (expected {N})"), g)),
    }
}

/// `a, *b, c = v` with `N` targets, of which the one at `star` takes a list of the rest.
pub fn unpack_star<'a, const N: usize>(cx: &'a Cx<'a>, v: Value<'a>, star: usize, g: u32) -> Result<[Value<'a>; N]> {
    let mut iter = unpacked(cx, v, g)?;
    let mut all = Vec::new();
    while let Some(item) = iter.next(cx, g)? {
        cx.tick(g)?;
        cx.reserve(all.len() * size_of::<Value<'_>>(), g)?;
        all.push(item);
    }
    let fixed = N - 1;
    if all.len() < fixed {
        let text = format!("not enough values to unpack (expected at least {fixed}, got {})", all.len());
        return Err(cx.raise(Type::ValueError, &text, g));
    }
    let rest = all.len() - fixed;
    let mut items = [Value::None; N];
    for (at, place) in items.iter_mut().enumerate() {
        *place = match at.cmp(&star) {
            std::cmp::Ordering::Less => all[at],
            std::cmp::Ordering::Equal => Value::List(list_new(cx, &all[star..star + rest], g)?),
            std::cmp::Ordering::Greater => all[at - 1 + rest],
        };
    }
    Ok(items)
}

fn unpacked<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Iter<'a>> {
    Iter::new(cx, v, g).map_err(|bail| match cx.catch(bail) {
        Ok(raised) if !matches!(v, Value::Instance(_)) && crate::exception::is_a(raised, Type::TypeError) => {
            let text = format!("cannot unpack non-iterable {} object", crate::class::type_name(v));
            cx.raise(Type::TypeError, &text, g)
        }
        Ok(_) => BailKind::Exception.at(g),
        Err(bail) => bail,
    })
}

/// `list[at]` of a list; raises out of range.
#[inline]
pub(super) fn list_item<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    match place(at, list.len()).and_then(|at| list.at(at)) {
        Some(item) => Ok(item),
        None => Err(cx.raise(Type::IndexError, "list index out of range", g)),
    }
}

/// `list[at]`.
#[inline(never)]
pub(super) fn list_get<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, g: u32) -> Result<Value<'a>> {
    list_item(cx, list, at, g)
}

/// `list[at] = val`.
#[inline(never)]
pub(super) fn list_set<'a>(cx: &'a Cx<'a>, list: List<'a>, at: i64, val: Value<'a>, g: u32) -> Result<()> {
    match place(at, list.len()) {
        Some(at) if list.replace(at, val, g)? => Ok(()),
        _ => Err(cx.raise(Type::IndexError, "list assignment index out of range", g)),
    }
}

/// `text[at]`.
pub fn str_get<'a>(cx: &'a Cx<'a>, text: Str<'a>, at: i64, g: u32) -> Result<Str<'a>> {
    match place(at, text.chars()) {
        Some(at) if at < text.chars() => text.at(cx, at, g),
        _ => Err(cx.raise(Type::IndexError, "string index out of range", g)),
    }
}

/// `dict[key]`, with what the library's dicts do for a missing key.
pub fn dict_get<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let Some(value) = dict.get(cx, key, g)? {
        return Ok(value);
    }
    match dict.form() {
        DictKind::Default(factory) if !matches!(factory, Value::None) => {
            let value = call::call_with(cx, factory, &[], g)?;
            dict.set(cx, key, value, g)?;
            Ok(value)
        }
        DictKind::Counter => Ok(Value::Int(0)),
        _ => Err(cx.raise_with(Type::KeyError, &[key], g)),
    }
}

/// `dict[key]` with a string key.
pub fn dict_get_str<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Str<'a>, g: u32) -> Result<Value<'a>> {
    match dict.get_str(cx, key) {
        Some(value) => Ok(value),
        None => dict_get(cx, dict, Value::Str(key), g),
    }
}

/// `dict[key] = val`.
pub fn dict_set<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Value<'a>, val: Value<'a>, g: u32) -> Result<()> {
    dict.set(cx, key, val, g)
}

/// An index with negative ones counted from the end; it may still be past the end.
fn place(at: i64, len: usize) -> Option<usize> {
    match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    }
}
