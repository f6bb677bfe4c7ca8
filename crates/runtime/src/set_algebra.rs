//! Union, intersection and the like of sets, step for step as in `Objects/setobject.c`: the steps are the result's order.

use crate::set::{Entry, set_new};
use crate::{Cx, DictKind, Iter, Result, Set, Value};

/// `set & source` (`set_intersection`): of two sets the smaller one is gone through.
pub(crate) fn intersection<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    if let Value::Set(other) = source {
        if other.same(set) {
            return set.copy(cx, set.is_frozen(), g);
        }
        let result = set_new(cx, set.is_frozen(), &[], g)?;
        let (through, tested) = if other.len() > set.len() { (set, other) } else { (other, set) };
        for entry in through.entries() {
            if tested.contains_entry(cx, entry, g)? {
                result.add_entry(cx, entry, g)?;
            }
        }
        if !through.is_ordered() {
            result.forget_order();
        }
        return Ok(result);
    }
    let result = set_new(cx, set.is_frozen(), &[], g)?;
    let mut items = Iter::new(cx, source, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        let entry = Entry::of(cx, item, g)?;
        if set.contains_entry(cx, entry, g)? {
            result.add_entry(cx, entry, g)?;
            if result.len() >= set.len() {
                break;
            }
        }
    }
    Ok(result)
}

/// `set - source` (`set_difference`).
pub(crate) fn difference<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let len = match source {
        Value::Set(other) => Some(other.len()),
        Value::Dict(other) if matches!(other.form(), DictKind::Plain) => Some(other.len()),
        _ => None,
    };
    // What is much smaller is rather taken out of a copy.
    if len.is_none_or(|len| set.len() >> 2 > len) {
        let result = set.copy(cx, set.is_frozen(), g)?;
        remove_all(cx, result, source, g)?;
        return Ok(result);
    }
    let result = set_new(cx, set.is_frozen(), &[], g)?;
    if !set.is_ordered() {
        result.forget_order();
    }
    for entry in set.entries() {
        let there = match source {
            Value::Set(other) => other.contains_entry(cx, entry, g)?,
            Value::Dict(other) => other.get(cx, entry.item, g)?.is_some(),
            _ => false,
        };
        if !there {
            result.add_entry(cx, entry, g)?;
        }
    }
    Ok(result)
}

/// `set -= source` (`set_difference_update_internal`).
pub(crate) fn remove_all<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<()> {
    match source {
        Value::Set(other) if other.same(set) => return set.clear(cx, g),
        Value::Set(other) => {
            for entry in other.entries() {
                set.remove_entry(cx, entry, g)?;
            }
        }
        _ => {
            let mut items = Iter::new(cx, source, g)?;
            while let Some(item) = items.next(cx, g)? {
                cx.tick(g)?;
                set.remove(cx, item, g)?;
            }
        }
    }
    set.compact(cx, g)
}

/// `set ^ source` (`set_symmetric_difference`).
pub(crate) fn symmetric_difference<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let result = of_iterable(cx, set.is_frozen(), source, g)?;
    toggle_all(cx, result, Value::Set(set), g)?;
    Ok(result)
}

/// Adds the items of `source` that are not there, removes those that are (`set_symmetric_difference_update`).
pub(crate) fn toggle_all<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<()> {
    let other = match source {
        Value::Set(other) if other.same(set) => return set.clear(cx, g),
        Value::Set(other) => other,
        Value::Dict(dict) if matches!(dict.form(), DictKind::Plain) => {
            for (key, _) in dict.entries() {
                toggle(cx, set, Entry::of_key(cx, key, g)?, g)?;
            }
            return Ok(());
        }
        _ => of_iterable(cx, false, source, g)?,
    };
    if !other.is_ordered() {
        set.forget_order();
    }
    for entry in other.entries() {
        toggle(cx, set, entry, g)?;
    }
    Ok(())
}

fn toggle<'a>(cx: &'a Cx<'a>, set: Set<'a>, entry: Entry<'a>, g: u32) -> Result<()> {
    if !set.remove_entry(cx, entry, g)? {
        set.add_entry(cx, entry, g)?;
    }
    Ok(())
}

/// `set(source)` or `frozenset(source)`.
pub(crate) fn of_iterable<'a>(cx: &'a Cx<'a>, is_frozenset: bool, source: Value<'a>, g: u32) -> Result<Set<'a>> {
    let set = set_new(cx, is_frozenset, &[], g)?;
    update(cx, set, source, g)?;
    Ok(set)
}

/// Adds all items of an iterable (`set_update_internal`).
pub(crate) fn update<'a>(cx: &'a Cx<'a>, set: Set<'a>, source: Value<'a>, g: u32) -> Result<()> {
    match source {
        Value::Set(other) => set.merge(cx, other, g),
        Value::Dict(dict) if matches!(dict.form(), DictKind::Plain) => {
            set.make_room(cx, dict.len(), g)?;
            for (key, _) in dict.entries() {
                set.add_entry(cx, Entry::of_key(cx, key, g)?, g)?;
            }
            Ok(())
        }
        _ => {
            let mut items = Iter::new(cx, source, g)?;
            while let Some(item) = items.next(cx, g)? {
                cx.tick(g)?;
                set.add(cx, item, g)?;
            }
            Ok(())
        }
    }
}

/// Whether every item of `set` is in `other` (`set_issubset`).
pub(crate) fn is_subset<'a>(cx: &'a Cx<'a>, set: Set<'a>, other: Value<'a>, g: u32) -> Result<bool> {
    let Value::Set(other) = other else { return Ok(intersection(cx, set, other, g)?.len() == set.len()) };
    if set.len() > other.len() {
        return Ok(false);
    }
    for entry in set.entries() {
        if !other.contains_entry(cx, entry, g)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether `set` has every item of `other` (`set_issuperset`).
pub(crate) fn is_superset<'a>(cx: &'a Cx<'a>, set: Set<'a>, other: Value<'a>, g: u32) -> Result<bool> {
    if let Value::Set(other) = other {
        return is_subset(cx, other, Value::Set(set), g);
    }
    let mut items = Iter::new(cx, other, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        if !set.contains(cx, item, g)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether no item is in both (`set_isdisjoint`).
pub(crate) fn is_disjoint<'a>(cx: &'a Cx<'a>, set: Set<'a>, other: Value<'a>, g: u32) -> Result<bool> {
    if let Value::Set(other) = other {
        let (through, tested) = if other.len() > set.len() { (set, other) } else { (other, set) };
        for entry in through.entries() {
            if tested.contains_entry(cx, entry, g)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let mut items = Iter::new(cx, other, g)?;
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        if set.contains(cx, item, g)? {
            return Ok(false);
        }
    }
    Ok(true)
}
