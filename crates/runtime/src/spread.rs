//! Displays with stars: `[*a, b]`, `{**a, 'k': v}`.

use crate::iter::ask_length;
use crate::{
    BailKind, Cx, Dict, Iter, List, Result, Set, Tuple, Type, Value, attr, call_method, dict_new, iter_next,
    iter_value, list_new, op, plain, set_new, tuple_new,
};

fn items<'a>(cx: &'a Cx<'a>, parts: &[(bool, Value<'a>)], is_sized: bool, g: u32) -> Result<Vec<Value<'a>>> {
    let mut all = Vec::with_capacity(parts.len());
    for (star, value) in parts {
        if !star {
            all.push(*value);
            continue;
        }
        let mut iter = Iter::new(cx, *value, g).map_err(|bail| match cx.catch(bail) {
            // The text is that of a star where `value` is not iterable.
            Ok(raised) if crate::is_a(raised, Type::TypeError) && !matches!(value, Value::Instance(_)) => {
                let name = crate::class::type_name(*value);
                cx.raise(Type::TypeError, &format!("Value after * must be an iterable, not {name}"), g)
            }
            Ok(_) => BailKind::Exception.at(g),
            Err(bail) => bail,
        })?;
        if is_sized {
            ask_length(cx, *value, g)?;
        }
        while let Some(item) = iter.next(cx, g)? {
            cx.tick(g)?;
            cx.reserve(all.len() * size_of::<Value<'_>>(), g)?;
            all.push(item);
        }
    }
    Ok(all)
}

/// `[…]`; parts marked true are iterated.
pub fn list_spread<'a>(cx: &'a Cx<'a>, parts: &[(bool, Value<'a>)], g: u32) -> Result<List<'a>> {
    list_new(cx, &items(cx, parts, true, g)?, g)
}

/// `(…)`; parts marked true are iterated.
pub fn tuple_spread<'a>(cx: &'a Cx<'a>, parts: &[(bool, Value<'a>)], g: u32) -> Result<Tuple<'a>> {
    tuple_new(cx, &items(cx, parts, true, g)?, g)
}

/// `{…}`; parts marked true are iterated.
pub fn set_spread<'a>(cx: &'a Cx<'a>, parts: &[(bool, Value<'a>)], g: u32) -> Result<Set<'a>> {
    let set = set_new(cx, false, &[], g)?;
    for part in parts {
        for item in items(cx, &[*part], false, g)? {
            set.add(cx, item, g)?;
        }
    }
    Ok(set)
}

/// `{…}`; a part without a key is a mapping.
pub fn dict_spread<'a>(cx: &'a Cx<'a>, parts: &[(Option<Value<'a>>, Value<'a>)], g: u32) -> Result<Dict<'a>> {
    let dict = dict_new(cx, &[], g)?;
    for (key, value) in parts {
        match (key, plain(*value)) {
            (Some(key), _) => dict.set(cx, *key, *value, g)?,
            (None, Value::Dict(other)) if attr::special(cx, *value, "keys", g)?.is_none() => {
                dict.copy_from(cx, other, g)?;
            }
            (None, Value::Instance(_)) if attr::special(cx, *value, "keys", g)?.is_some() => {
                let keys = call_method(cx, *value, cx.name("keys", g)?, crate::Args::of(&[]), g)?;
                let keys = iter_value(cx, keys, g)?;
                while let Some(key) = iter_next(cx, keys, g)? {
                    cx.tick(g)?;
                    dict.set(cx, key, op::index(cx, *value, key, g)?, g)?;
                }
            }
            (None, Value::Object(_)) => return Err(BailKind::Unsupported.at(g)),
            (None, _) => {
                let name = crate::class::type_name(*value);
                return Err(cx.raise(Type::TypeError, &format!("'{name}' object is not a mapping"), g));
            }
        }
    }
    Ok(dict)
}
