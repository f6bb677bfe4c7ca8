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
    let items = list.to_vec();
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
    cx.burn(pairs.len() * 64, g)?;
    if pairs.iter().all(|(key, _)| matches!(key, Value::Int(_) | Value::Bool(_))) {
        pairs.sort_by_key(|(key, _)| key.index());
        return Ok(());
    }
    if pairs.iter().all(|(key, _)| matches!(key, Value::Str(_))) {
        pairs.sort_by(|(l, _), (r, _)| match (l, r) {
            (Value::Str(l), Value::Str(r)) => l.text().cmp(r.text()),
            _ => Ordering::Equal,
        });
        return Ok(());
    }
    if pairs.iter().all(|(key, _)| matches!(key, Value::Float(v) if !v.get().is_nan())) {
        pairs.sort_by(|(l, _), (r, _)| match (l, r) {
            (Value::Float(l), Value::Float(r)) => l.get().partial_cmp(&r.get()).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        });
        return Ok(());
    }
    timsort::sort(cx, pairs, g)
}
