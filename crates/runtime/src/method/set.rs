//! Methods of `set` and `frozenset`.

use crate::set_algebra::{
    difference, intersection, is_disjoint, is_subset, is_superset, remove_all, symmetric_difference, toggle_all, update,
};
use crate::{Args, BailKind, Cx, Result, Set, Type, Value};

/// Their names.
pub(super) const METHODS: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "symmetric_difference_update",
    "union",
    "update",
];

/// Those of `frozenset`.
pub(super) const FROZEN_METHODS: &[&str] =
    &["copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference", "union"];

/// `receiver.name(*args)`
pub(super) fn call<'a>(cx: &'a Cx<'a>, set: Set<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let known = if set.is_frozen() { FROZEN_METHODS } else { METHODS };
    if !known.contains(&name) {
        return Err(BailKind::Unsupported.at(g));
    }
    let done = |result: Result<()>| result.map(|()| Value::None);
    match (name, args.positional(g)?) {
        ("add", [item]) => done(set.add(cx, *item, g).map(|_| ())),
        ("discard", [item]) => done(set.remove(cx, *item, g).map(|_| ())),
        ("remove", [item]) => match set.remove(cx, *item, g)? {
            true => Ok(Value::None),
            false => Err(cx.raise_with(Type::KeyError, &[*item], g)),
        },
        ("pop", []) => match set.pop_first(g)? {
            Some(item) => Ok(item),
            None => {
                let text = crate::str_new(cx, "pop from an empty set", g)?;
                Err(cx.raise_with(Type::KeyError, &[Value::Str(text)], g))
            }
        },
        ("clear", []) => done(set.clear(cx, g)),
        ("copy", []) if set.is_frozen() => Ok(Value::Set(set)),
        ("copy", []) => set.copy(cx, false, g).map(Value::Set),
        ("update", sources) => {
            for source in sources {
                update(cx, set, *source, g)?;
            }
            Ok(Value::None)
        }
        ("union", sources) => {
            let result = set.copy(cx, set.is_frozen(), g)?;
            for source in sources {
                if !matches!(source, Value::Set(other) if other.same(set)) {
                    update(cx, result, *source, g)?;
                }
            }
            Ok(Value::Set(result))
        }
        ("intersection", sources) => {
            let mut result = if sources.is_empty() { set.copy(cx, set.is_frozen(), g)? } else { set };
            for source in sources {
                result = intersection(cx, result, *source, g)?;
            }
            Ok(Value::Set(result))
        }
        ("intersection_update", sources) => {
            let mut result = if sources.is_empty() { set.copy(cx, false, g)? } else { set };
            for source in sources {
                result = intersection(cx, result, *source, g)?;
            }
            done(set.take(result, g))
        }
        ("difference", []) => set.copy(cx, set.is_frozen(), g).map(Value::Set),
        ("difference", [first, rest @ ..]) => {
            let result = difference(cx, set, *first, g)?;
            for source in rest {
                remove_all(cx, result, *source, g)?;
            }
            Ok(Value::Set(result))
        }
        ("difference_update", sources) => {
            for source in sources {
                remove_all(cx, set, *source, g)?;
            }
            Ok(Value::None)
        }
        ("symmetric_difference", [source]) => symmetric_difference(cx, set, *source, g).map(Value::Set),
        ("symmetric_difference_update", [source]) => done(toggle_all(cx, set, *source, g)),
        ("isdisjoint", [source]) => is_disjoint(cx, set, *source, g).map(Value::bool),
        ("issubset", [source]) => is_subset(cx, set, *source, g).map(Value::bool),
        ("issuperset", [source]) => is_superset(cx, set, *source, g).map(Value::bool),
        _ => Err(BailKind::Exception.at(g)),
    }
}
