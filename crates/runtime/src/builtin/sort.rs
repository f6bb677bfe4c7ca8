//! `sorted` and `list.sort`.

use std::cmp::Ordering;

use super::timsort;
use crate::{Args, BailKind, Cx, List, Result, Value, call, list_new};

/// `sorted(iterable, key=None, reverse=False)`
pub(super) fn sorted<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let items = match source {
        // Where the keys are a total order without equals, the order of the set does not show.
        Value::Set(set) if args.keyword("key").is_none() && is_total(set.items()) => set.items().collect(),
        _ => super::construct::collect_sized(cx, *source, g)?,
    };
    let mut items = items;
    if args.kw.is_empty() && sort_plain(cx, &mut items, |item| *item, g)? {
        return list_new(cx, &items, g).map(Value::List);
    }
    let list = list_new(cx, &items, g)?;
    sort_as(cx, list, Args { pos: &[], kw: args.kw }, true, g)?;
    Ok(Value::List(list))
}

/// `list.sort(key=None, reverse=False)`
pub(crate) fn sort_list<'a>(cx: &'a Cx<'a>, list: List<'a>, args: Args<'_, 'a>, g: u32) -> Result<()> {
    sort_as(cx, list, args, false, g)
}

/// `temporary` lists are gone after an exception.
fn sort_as<'a>(cx: &'a Cx<'a>, list: List<'a>, args: Args<'_, 'a>, temporary: bool, g: u32) -> Result<()> {
    let [key, reverse] = args.bind(["key", "reverse"], 0, 0, g)?;
    let reverse = match reverse {
        None => false,
        Some(reverse) => crate::truth(cx, reverse, g)?,
    };
    let mut items = list.to_vec();
    if !reverse && matches!(key, None | Some(Value::None)) && sort_plain(cx, &mut items, |item| *item, g)? {
        return list.assign(cx, &items, g);
    }
    // While it is sorted, the list is empty.
    list.assign(cx, &[], g)?;
    let mut pairs = Vec::with_capacity(items.len());
    for item in &items {
        cx.tick(g)?;
        let key = match key {
            None | Some(Value::None) => Ok(*item),
            Some(function) => call::call_with(cx, function, &[*item], g),
        };
        match key {
            Ok(key) => pairs.push((key, *item)),
            Err(bail) => {
                list.assign(cx, &items, g)?;
                return Err(bail);
            }
        }
    }
    if reverse {
        pairs.reverse();
    }
    // What an exception leaves behind is a list in no order that is known here.
    sort_pairs(cx, &mut pairs, g).map_err(|bail| if temporary { bail } else { BailKind::Unsupported.at(g) })?;
    if reverse {
        pairs.reverse();
    }
    if !list.is_empty() {
        return Err(BailKind::Exception.at(g));
    }
    let sorted: Vec<Value<'a>> = pairs.into_iter().map(|(_, item)| item).collect();
    list.assign(cx, &sorted, g)
}

/// Whether all items are ints, or all strings.
pub(super) fn is_total<'a>(mut items: impl Iterator<Item = Value<'a>> + Clone) -> bool {
    items.clone().all(|item| matches!(item, Value::Int(_))) || items.all(|item| matches!(item, Value::Str(_)))
}

fn sort_pairs<'a>(cx: &'a Cx<'a>, pairs: &mut [(Value<'a>, Value<'a>)], g: u32) -> Result<()> {
    if sort_plain(cx, pairs, |(key, _)| *key, g)? { Ok(()) } else { timsort::sort(cx, pairs, g) }
}

/// Sorts by keys that are a total order which runs nothing of the program's; false, and nothing is done, if they are others.
fn sort_plain<'a, T>(cx: &'a Cx<'a>, items: &mut [T], key: impl Fn(&T) -> Value<'a> + Copy, g: u32) -> Result<bool> {
    let Some(first) = items.first().map(key) else { return Ok(true) };
    let all = |same: fn(Value<'a>, Value<'a>) -> bool| items.iter().all(|item| same(key(item), first));
    let is_plain = match first {
        Value::Int(_) | Value::Bool(_) => all(|key, _| matches!(key, Value::Int(_) | Value::Bool(_))),
        Value::Tuple(_) => all(is_alike),
        _ => all(is_of_kind),
    };
    if !is_plain {
        return Ok(false);
    }
    cx.burn(items.len() * 64, g)?;
    match first {
        Value::Int(_) | Value::Bool(_) => items.sort_by_key(|item| key(item).index()),
        Value::Str(_) => items.sort_by(|l, r| match (key(l), key(r)) {
            (Value::Str(l), Value::Str(r)) => l.text().cmp(r.text()),
            _ => Ordering::Equal,
        }),
        _ => items.sort_by(|l, r| order(key(l), key(r))),
    }
    Ok(true)
}

/// Whether both are strings, or floats that have an order, or ints.
fn is_of_kind(l: Value<'_>, r: Value<'_>) -> bool {
    match (l, r) {
        (Value::Int(_), Value::Int(_)) | (Value::Str(_), Value::Str(_)) => true,
        (Value::Float(l), Value::Float(r)) => !l.get().is_nan() && !r.get().is_nan(),
        _ => false,
    }
}

/// Whether both are tuples of as many items of the same kinds.
fn is_alike(l: Value<'_>, r: Value<'_>) -> bool {
    let (Value::Tuple(l), Value::Tuple(r)) = (l, r) else { return false };
    l.items().len() == r.items().len() && l.items().iter().zip(r.items()).all(|(l, r)| is_of_kind(*l, *r))
}

/// How two of them compare.
fn order(l: Value<'_>, r: Value<'_>) -> Ordering {
    match (l, r) {
        (Value::Int(l), Value::Int(r)) => l.cmp(&r),
        (Value::Str(l), Value::Str(r)) => l.text().cmp(r.text()),
        (Value::Float(l), Value::Float(r)) => l.get().partial_cmp(&r.get()).unwrap_or(Ordering::Equal),
        (Value::Tuple(l), Value::Tuple(r)) => {
            let orders = l.items().iter().zip(r.items()).map(|(l, r)| order(*l, *r));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        }
        _ => Ordering::Equal,
    }
}
