//! Methods of `set` and `frozenset`.

use crate::set::{of_iterable, set_new};
use crate::{Args, BailKind, Cx, Iter, Result, Set, Type, Value};

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
                set.update(cx, *source, g)?;
            }
            Ok(Value::None)
        }
        ("union", sources) => {
            let result = set.copy(cx, set.is_frozen(), g)?;
            for source in sources {
                result.update(cx, *source, g)?;
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
        ("difference", [source]) => difference(cx, set, *source, g).map(Value::Set),
        ("difference", sources) => {
            let result = set.copy(cx, set.is_frozen(), g)?;
            for source in sources {
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
        ("symmetric_difference_update", [source]) => {
            let other = match source {
                Value::Set(other) => *other,
                _ => of_iterable(cx, false, *source, g)?,
            };
            done(toggle_all(cx, set, other, g))
        }
        ("isdisjoint", [source]) => {
            let mut items = Items::of(cx, *source, g)?;
            while let Some(item) = items.next(cx, g)? {
                if set.contains(cx, item, g)? {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        }
        ("issubset", [source]) => {
            let other = match source {
                Value::Set(other) => *other,
                _ => of_iterable(cx, false, *source, g)?,
            };
            crate::op::le(cx, Value::Set(set), Value::Set(other), g).map(Value::Bool)
        }
        ("issuperset", [source]) => {
            let mut items = Items::of(cx, *source, g)?;
            while let Some(item) = items.next(cx, g)? {
                if !set.contains(cx, item, g)? {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        }
        _ => Err(BailKind::Exception.at(g)),
    }
}

/// The items of an iterable; those of a set in any order, which no caller shows.
enum Items<'a> {
    Set(Vec<Value<'a>>),
    Iter(Iter<'a>),
}

impl<'a> Items<'a> {
    fn of(cx: &'a Cx<'a>, source: Value<'a>, g: u32) -> Result<Self> {
        Ok(match source {
            Value::Set(set) => {
                let mut items: Vec<Value<'a>> = set.items().collect();
                items.reverse();
                Items::Set(items)
            }
            _ => Items::Iter(Iter::new(cx, source, g)?),
        })
    }

    fn next(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        cx.tick(g)?;
        match self {
            Items::Set(items) => Ok(items.pop()),
            Items::Iter(items) => items.next(cx, g),
        }
    }
}

/// `set & source` (`set_intersection`): the smaller one of two sets is gone through.
pub(crate) fn intersection<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let result = set_new(cx, set.is_frozen(), &[], g)?;
    let (through, tested) = match source {
        Value::Set(other) if other.len() > set.len() => (Value::Set(set), other),
        Value::Set(_) => (source, set),
        _ => (source, set),
    };
    let mut ordered = true;
    if let Value::Set(through) = through {
        ordered = through.is_ordered();
    }
    let mut items = Items::of(cx, through, g)?;
    while let Some(item) = items.next(cx, g)? {
        if tested.contains(cx, item, g)? {
            result.add(cx, item, g)?;
        }
    }
    if !ordered {
        result.forget_order();
    }
    Ok(result)
}

/// `set - source` (`set_difference`).
pub(crate) fn difference<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let small = match source {
        Value::Set(other) => set.len() >> 2 > other.len(),
        Value::Dict(other) => set.len() >> 2 > other.len(),
        _ => true,
    };
    if small {
        let result = set.copy(cx, set.is_frozen(), g)?;
        remove_all(cx, result, source, g)?;
        return Ok(result);
    }
    let result = set_new(cx, set.is_frozen(), &[], g)?;
    if !set.is_ordered() {
        result.forget_order();
    }
    for item in set.items() {
        cx.tick(g)?;
        let other = match source {
            Value::Set(other) => other.contains(cx, item, g)?,
            Value::Dict(other) => other.get(cx, item, g)?.is_some(),
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        if !other {
            result.add(cx, item, g)?;
        }
    }
    Ok(result)
}

/// `set -= source` (`set_difference_update_internal`).
pub(crate) fn remove_all<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<()> {
    if matches!(source, Value::Set(other) if other.same(set)) {
        return set.clear(cx, g);
    }
    let mut items = Items::of(cx, source, g)?;
    let before = set.len();
    while let Some(item) = items.next(cx, g)? {
        set.remove(cx, item, g)?;
    }
    // CPython makes the table anew once a fifth of it are removed ones.
    if set.len() < before {
        set.compact(cx, g)?;
    }
    Ok(())
}

/// `set ^ source` (`set_symmetric_difference`).
pub(crate) fn symmetric_difference<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let result = of_iterable(cx, set.is_frozen(), source, g)?;
    toggle_all(cx, result, set, g)?;
    Ok(result)
}

/// Adds the items of `other` that are not there, removes those that are.
pub(crate) fn toggle_all<'a>(cx: &'a Cx<'a>, set: Set<'a>, other: Set<'a>, g: u32) -> Result<()> {
    if set.same(other) {
        return set.clear(cx, g);
    }
    if !other.is_ordered() {
        set.forget_order();
    }
    let items: Vec<Value<'a>> = other.items().collect();
    for item in items {
        cx.tick(g)?;
        if !set.remove(cx, item, g)? {
            set.add(cx, item, g)?;
        }
    }
    Ok(())
}
