//! Methods of `dict` (`Objects/dictobject.c`).

use crate::dict::DictKind;
use crate::views::{Part, view_new};
use crate::{
    Args, BailKind, Cx, Dict, Iter, Result, Type, Value, attr, call_method, dict_new, dicts, iter_next, iter_value, op,
    plain, tuple_new,
};

/// Their names.
pub(super) const METHODS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
    // Those of the library's dicts.
    "most_common",
    "elements",
    "subtract",
    "total",
    "move_to_end",
];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    if let Some(result) = dicts::method(cx, dict, name, args, g)? {
        return Ok(result);
    }
    if name == "update" {
        let [source] = args.pos else {
            return match args.pos {
                [] => update_keywords(cx, dict, args, g),
                _ => Err(BailKind::Exception.at(g)),
            };
        };
        update(cx, dict, *source, g)?;
        return update_keywords(cx, dict, args, g);
    }
    if !METHODS.contains(&name) {
        return Err(BailKind::Unsupported.at(g));
    }
    match (name, args.positional(g)?) {
        ("get", [key]) => dict_get(cx, dict, *key, Value::None, g),
        ("get", [key, default]) => dict_get(cx, dict, *key, *default, g),
        ("keys", []) => view_new(cx, dict, Part::Keys, g),
        ("values", []) => view_new(cx, dict, Part::Values, g),
        ("items", []) => view_new(cx, dict, Part::Items, g),
        ("pop", [key]) => match dict.remove(cx, *key, g)? {
            Some(value) => Ok(value),
            None => Err(cx.raise_with(Type::KeyError, &[*key], g)),
        },
        ("pop", [key, default]) => Ok(dict.remove(cx, *key, g)?.unwrap_or(*default)),
        ("popitem", []) => match dict.last_entry() {
            Some((key, value)) => {
                dict.remove(cx, key, g)?;
                tuple_new(cx, &[key, value], g).map(Value::Tuple)
            }
            None => {
                let text = crate::str_new(cx, "popitem(): dictionary is empty", g)?;
                Err(cx.raise_with(Type::KeyError, &[Value::Str(text)], g))
            }
        },
        ("setdefault", [key]) => dict.set_default(cx, *key, Value::None, g),
        ("setdefault", [key, default]) => dict.set_default(cx, *key, *default, g),
        ("clear", []) => dict.clear(g).map(|()| Value::None),
        ("copy", []) => match dict.form() {
            DictKind::Plain | DictKind::Default(_) | DictKind::Counter | DictKind::Ordered => {
                dict.copy(cx, g).map(Value::Dict)
            }
        },
        ("fromkeys", [_, ..]) => call_of_class(cx, name, args, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn update_keywords<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    for (name, value) in args.kw {
        dict.set(cx, Value::Str(*name), *value, g)?;
    }
    Ok(Value::None)
}

/// `dict.update(source)` with a mapping or pairs.
pub(crate) fn update<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, source: Value<'a>, g: u32) -> Result<()> {
    if let Value::Dict(other) = plain(source)
        && attr::special(cx, source, "__iter__", g)?.is_none()
    {
        return if other.same(dict) { Ok(()) } else { dict.copy_from(cx, other, g) };
    }
    let is_mapping = matches!(source, Value::Object(object) if object.get().is_mapping());
    if is_mapping || attr::special(cx, source, "keys", g)?.is_some() {
        let keys = call_method(cx, source, cx.name("keys", g)?, Args::of(&[]), g)?;
        let keys = iter_value(cx, keys, g)?;
        while let Some(key) = iter_next(cx, keys, g)? {
            cx.tick(g)?;
            dict.set(cx, key, op::index(cx, source, key, g)?, g)?;
        }
        return Ok(());
    }
    let mut items = Iter::new(cx, source, g)?;
    let mut number = 0;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        let pair = match item {
            Value::Tuple(tuple) => tuple.items().to_vec(),
            Value::List(list) => list.to_vec(),
            Value::Str(_) => crate::builtin::collect(cx, item, g)?,
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                let text = format!("cannot convert dictionary update sequence element #{number} to a sequence");
                return Err(cx.raise(Type::TypeError, &text, g));
            }
            _ => crate::builtin::collect(cx, item, g)?,
        };
        let [key, value] = pair[..] else {
            let text = format!("dictionary update sequence element #{number} has length {}; 2 is required", pair.len());
            return Err(cx.raise(Type::ValueError, &text, g));
        };
        dict.set(cx, key, value, g)?;
        number += 1;
    }
    Ok(())
}

/// `dict.name(*args)`
pub(super) fn call_of_class<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (source, value) = match (name, args.positional(g)?) {
        ("fromkeys", [source]) => (*source, Value::None),
        ("fromkeys", [source, value]) => (*source, *value),
        _ => return Err(BailKind::Exception.at(g)),
    };
    let dict = dict_new(cx, &[], g)?;
    let mut items = Iter::new(cx, source, g)?;
    while let Some(key) = items.next(cx, g)? {
        cx.tick(g)?;
        dict.set(cx, key, value, g)?;
    }
    Ok(Value::Dict(dict))
}

/// `dict.get(key, default)`.
pub fn dict_get<'a>(cx: &'a Cx<'a>, dict: Dict<'a>, key: Value<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
    Ok(dict.get(cx, key, g)?.unwrap_or(default))
}
