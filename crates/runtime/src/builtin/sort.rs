//! `sorted` and `list.sort`: a stable merge sort that asks only for `<`, as CPython's does.

use std::cmp::Ordering;

use crate::{Args, BailKind, Cx, List, Result, Value, call, list_new, op};

/// `sorted(iterable, key=None, reverse=False)`
pub(super) fn sorted<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let items = match source {
        // Where the keys are a total order without equals, the order of the set does not show.
        Value::Set(set) if args.keyword("key").is_none() && is_total(set.items()) => set.items().collect(),
        _ => super::construct::collect(cx, *source, g)?,
    };
    let list = list_new(cx, &items, g)?;
    sort_list(cx, list, Args { pos: &[], kw: args.kw }, g)?;
    Ok(Value::List(list))
}

/// `list.sort(key=None, reverse=False)`
pub(crate) fn sort_list<'a>(cx: &'a Cx<'a>, list: List<'a>, args: Args<'_, 'a>, g: u32) -> Result<()> {
    let [key, reverse] = args.bind(["key", "reverse"], 0, 0, g)?;
    let reverse = match reverse {
        None => false,
        Some(reverse) => crate::truth(cx, reverse, g)?,
    };
    let items = list.to_vec();
    let mut pairs = Vec::with_capacity(items.len());
    for item in &items {
        cx.tick(g)?;
        let key = match key {
            None | Some(Value::None) => *item,
            Some(function) => call::call_with(cx, function, &[*item], g)?,
        };
        pairs.push((key, *item));
    }
    if list.len() != items.len() {
        return Err(BailKind::Unsupported.at(g));
    }
    if reverse {
        pairs.reverse();
    }
    sort_pairs(cx, &mut pairs, g)?;
    if reverse {
        pairs.reverse();
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
    if pairs.iter().all(|(key, _)| matches!(key, Value::Float(v) if !v.is_nan())) {
        pairs.sort_by(|(l, _), (r, _)| match (l, r) {
            (Value::Float(l), Value::Float(r)) => l.partial_cmp(r).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        });
        return Ok(());
    }
    merge_sort(cx, pairs, g)
}

/// Where keys are no total order, the result depends on CPython's own algorithm.
fn is_ordered(v: Value<'_>, depth: u32) -> bool {
    match v {
        Value::Float(value) => !value.is_nan(),
        Value::Set(_) => false,
        Value::Tuple(tuple) => depth < 10 && tuple.items().iter().all(|item| is_ordered(*item, depth + 1)),
        Value::List(list) => depth < 10 && list.to_vec().into_iter().all(|item| is_ordered(item, depth + 1)),
        _ => true,
    }
}

fn merge_sort<'a>(cx: &'a Cx<'a>, pairs: &mut [(Value<'a>, Value<'a>)], g: u32) -> Result<()> {
    if !pairs.iter().all(|(key, _)| is_ordered(*key, 0)) {
        return Err(BailKind::Unsupported.at(g));
    }
    let len = pairs.len();
    if len < 2 {
        return Ok(());
    }
    let mut from = pairs.to_vec();
    let mut to = from.clone();
    let mut width = 1;
    while width < len {
        let mut start = 0;
        while start < len {
            let (middle, end) = ((start + width).min(len), (start + 2 * width).min(len));
            let (mut left, mut right) = (start, middle);
            for place in &mut to[start..end] {
                cx.tick(g)?;
                // The right one goes first only if it is smaller, which keeps equal ones in order.
                let take_right = right < end && (left >= middle || op::lt(cx, from[right].0, from[left].0, g)?);
                let source = if take_right { &mut right } else { &mut left };
                *place = from[*source];
                *source += 1;
            }
            start = end;
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    pairs.copy_from_slice(&from);
    Ok(())
}
