//! `combinations`, `permutations` and `product` of `itertools`.

use std::cell::Cell;

use super::itertools::{steps, tuple, wrong};
use crate::builtin::collect;
use crate::{Args, BailKind, Cx, Result, Type, Value};

/// The number of items to choose, and the pool.
fn choice<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<(&'a [Value<'a>], usize)> {
    let [Some(source), Some(count)] = args.bind(["iterable", "r"], 2, 2, g)? else { return wrong(cx, g) };
    let pool = collect(cx, source, g)?;
    let pool = cx.alloc_slice(pool.len(), |at| pool[at], g)?;
    match count.index() {
        Some(count) if count < 0 => Err(cx.raise(Type::ValueError, "r must be non-negative", g)),
        Some(count) => Ok((pool, usize::try_from(count).unwrap_or(usize::MAX))),
        None => wrong(cx, g),
    }
}

/// Numbers in the arena, which outlive the step that changes them.
fn places<'a>(cx: &'a Cx<'a>, numbers: &[usize], g: u32) -> Result<&'a [Cell<usize>]> {
    cx.alloc_slice(numbers.len(), |at| Cell::new(numbers[at]), g)
}

/// An iterator over selections from a pool; `advance` moves the indices on, and says whether there are more.
fn selections<'a>(
    cx: &'a Cx<'a>,
    pool: &'a [Value<'a>],
    first: Option<&'a [Cell<usize>]>,
    advance: impl Fn(&'a [Cell<usize>]) -> bool + 'a,
    g: u32,
) -> Result<Value<'a>> {
    let (live, fresh) = (Cell::new(first), Cell::new(true));
    let step = move |cx: &'a Cx<'a>, g| {
        cx.tick(g)?;
        let Some(indices) = live.get() else { return Ok(None) };
        if !fresh.replace(false) && !advance(indices) {
            live.set(None);
            return Ok(None);
        }
        let items: Vec<Value<'a>> = indices.iter().map(|at| pool[at.get()]).collect();
        tuple(cx, &items, g)
    };
    steps(cx, step, g)
}

pub(super) fn combinations<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (pool, count) = choice(cx, args, g)?;
    let len = pool.len();
    let first = match count <= len {
        true => Some(places(cx, &(0..count).collect::<Vec<_>>(), g)?),
        false => None,
    };
    let advance = move |indices: &'a [Cell<usize>]| {
        let Some(at) = (0..indices.len()).rev().find(|at| indices[*at].get() != at + len - indices.len()) else {
            return false;
        };
        indices[at].set(indices[at].get() + 1);
        for next in at + 1..indices.len() {
            indices[next].set(indices[next - 1].get() + 1);
        }
        true
    };
    selections(cx, pool, first, advance, g)
}

pub(super) fn combinations_with_replacement<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (pool, count) = choice(cx, args, g)?;
    let len = pool.len();
    if count > 1 << 20 {
        return Err(BailKind::Unsupported.at(g));
    }
    let first = match len > 0 || count == 0 {
        true => Some(places(cx, &vec![0; count], g)?),
        false => None,
    };
    let advance = move |indices: &'a [Cell<usize>]| {
        let Some(at) = (0..indices.len()).rev().find(|at| indices[*at].get() + 1 != len) else { return false };
        let next = indices[at].get() + 1;
        indices[at..].iter().for_each(|place| place.set(next));
        true
    };
    selections(cx, pool, first, advance, g)
}

pub(super) fn permutations<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(source), count] = args.bind(["iterable", "r"], 1, 2, g)? else { return wrong(cx, g) };
    let pool = collect(cx, source, g)?;
    let pool = cx.alloc_slice(pool.len(), |at| pool[at], g)?;
    let len = pool.len();
    let count = match count {
        None | Some(Value::None) => len,
        Some(count) => match count.index() {
            Some(count) if count < 0 => return Err(cx.raise(Type::ValueError, "r must be non-negative", g)),
            Some(count) => usize::try_from(count).unwrap_or(usize::MAX),
            None => return wrong(cx, g),
        },
    };
    let all = places(cx, &(0..len).collect::<Vec<_>>(), g)?;
    let (first, cycles) = match count <= len {
        true => (
            Some(places(cx, &(0..count).collect::<Vec<_>>(), g)?),
            places(cx, &(len - count + 1..=len).rev().collect::<Vec<_>>(), g)?,
        ),
        false => (None, &all[..0]),
    };
    let advance = move |chosen: &'a [Cell<usize>]| {
        for at in (0..count).rev() {
            cycles[at].set(cycles[at].get() - 1);
            if cycles[at].get() == 0 {
                // The first of the rest goes to the end.
                for place in at..len - 1 {
                    all[place].swap(&all[place + 1]);
                }
                cycles[at].set(len - at);
            } else {
                all[at].swap(&all[len - cycles[at].get()]);
                chosen.iter().zip(all).for_each(|(place, now)| place.set(now.get()));
                return true;
            }
        }
        false
    };
    selections(cx, pool, first, advance, g)
}

pub(super) fn product<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [repeat] = Args { pos: &[], kw: args.kw }.bind(["repeat"], 0, 0, g)?;
    let repeat = match repeat.map(Value::index) {
        None => 1,
        Some(Some(count)) if count >= 0 => count as usize,
        _ => return wrong(cx, g),
    };
    let mut pools: Vec<&'a [Value<'a>]> = Vec::new();
    for source in args.pos {
        let pool = collect(cx, *source, g)?;
        pools.push(cx.alloc_slice(pool.len(), |at| pool[at], g)?);
    }
    if pools.len() * repeat > 1 << 16 {
        return Err(BailKind::Unsupported.at(g));
    }
    let pools = pools.repeat(repeat);
    let pools = cx.alloc_slice(pools.len(), |at| pools[at], g)?;
    let empty = pools.iter().any(|pool| pool.is_empty());
    let indices = places(cx, &vec![0; pools.len()], g)?;
    let (live, fresh) = (Cell::new(!empty), Cell::new(true));
    let step = move |cx: &'a Cx<'a>, g| {
        cx.tick(g)?;
        if !live.get() {
            return Ok(None);
        }
        if !fresh.replace(false) {
            let Some(at) = (0..indices.len()).rev().find(|at| indices[*at].get() + 1 < pools[*at].len()) else {
                live.set(false);
                return Ok(None);
            };
            indices[at].set(indices[at].get() + 1);
            indices[at + 1..].iter().for_each(|place| place.set(0));
        }
        let items: Vec<Value<'a>> = indices.iter().zip(pools).map(|(at, pool)| pool[at.get()]).collect();
        tuple(cx, &items, g)
    };
    steps(cx, step, g)
}
