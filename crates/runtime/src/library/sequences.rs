//! The modules `heapq` and `bisect` (`Modules/_heapqmodule.c`, `Modules/_bisectmodule.c`).

use std::cmp::Ordering;

use crate::op::plain_order;
use crate::{Args, BailKind, Builtin, Cx, List, Result, Type, Value, builtin, call_with, list_new, method, op};

macro_rules! tables {
    ($($table:ident $module:literal: $($name:literal $call:expr;)+)+) => {$(
        /// The functions of the module.
        pub(super) const $table: &[Builtin] =
            &[$(Builtin { module: $module, name: $name, call: |cx, args, g| $call(cx, args, g) }),+];
    )+};
}

tables! {
    HEAPQ "heapq":
        "heappush" heappush;
        "heappop" heappop;
        "heapify" heapify;
        "heappushpop" heappushpop;
        "heapreplace" heapreplace;
        "nlargest" |cx, args, g| extreme(cx, args, true, g);
        "nsmallest" |cx, args, g| extreme(cx, args, false, g);
    BISECT "bisect":
        "bisect_left" |cx, args, g| search(cx, args, false, g).map(|(at, ..)| Value::Int(at));
        "bisect_right" |cx, args, g| search(cx, args, true, g).map(|(at, ..)| Value::Int(at));
        "bisect" |cx, args, g| search(cx, args, true, g).map(|(at, ..)| Value::Int(at));
        "insort_left" |cx, args, g| insert(cx, args, false, g);
        "insort_right" |cx, args, g| insert(cx, args, true, g);
        "insort" |cx, args, g| insert(cx, args, true, g);
}

fn heap<'a>(v: Value<'a>, g: u32) -> Result<List<'a>> {
    match v {
        Value::List(list) => Ok(list),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn item<'a>(list: List<'a>, at: usize, g: u32) -> Result<Value<'a>> {
    // A comparison of the program's own may have made the list shorter.
    list.at(at).ok_or_else(|| BailKind::Unsupported.at(g))
}

fn swap<'a>(list: List<'a>, l: usize, r: usize, g: u32) -> Result<()> {
    let (left, right) = (item(list, l, g)?, item(list, r, g)?);
    if !(list.replace_own(l, right) && list.replace_own(r, left)) {
        list.replace(l, right, g)?;
        list.replace(r, left, g)?;
    }
    Ok(())
}

/// Moves the item at `at` towards the root, not past `start` (`siftdown`).
///
/// As long as comparisons run nothing of the program's, which would see it, its place is left open.
fn sift_down<'a>(cx: &'a Cx<'a>, list: List<'a>, start: usize, mut at: usize, g: u32) -> Result<()> {
    let new = item(list, at, g)?;
    if list.replace_own(at, new) {
        while at > start {
            cx.tick(g)?;
            let parent = (at - 1) >> 1;
            let above = item(list, parent, g)?;
            match plain_order(new, above) {
                Some(Ordering::Less) => list.replace_own(at, above),
                Some(_) => {
                    list.replace_own(at, new);
                    return Ok(());
                }
                None => break,
            };
            at = parent;
        }
        list.replace_own(at, new);
    }
    while at > start {
        cx.tick(g)?;
        let parent = (at - 1) >> 1;
        if !op::lt(cx, new, item(list, parent, g)?, g)? {
            break;
        }
        swap(list, at, parent, g)?;
        at = parent;
    }
    Ok(())
}

/// Moves the item at `at` to a leaf, then up to its place (`siftup`).
fn sift_up<'a>(cx: &'a Cx<'a>, list: List<'a>, mut at: usize, g: u32) -> Result<()> {
    let (start, end) = (at, list.len());
    let limit = end >> 1;
    let new = item(list, at, g)?;
    if list.replace_own(at, new) {
        while at < limit {
            cx.tick(g)?;
            let mut child = 2 * at + 1;
            let mut next = item(list, child, g)?;
            if child + 1 < end {
                let other = item(list, child + 1, g)?;
                match plain_order(next, other) {
                    Some(Ordering::Less) => {}
                    Some(_) => (child, next) = (child + 1, other),
                    None => break,
                }
            }
            list.replace_own(at, next);
            at = child;
        }
        list.replace_own(at, new);
    }
    while at < limit {
        cx.tick(g)?;
        let mut child = 2 * at + 1;
        if child + 1 < end && !op::lt(cx, item(list, child, g)?, item(list, child + 1, g)?, g)? {
            child += 1;
        }
        swap(list, at, child, g)?;
        at = child;
    }
    sift_down(cx, list, start, at, g)
}

fn heappush<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [list, value] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let list = heap(*list, g)?;
    method::list_append(cx, list, *value, g)?;
    sift_down(cx, list, 0, list.len() - 1, g)?;
    Ok(Value::None)
}

fn heappop<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [list] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let list = heap(*list, g)?;
    if list.is_empty() {
        return Err(cx.raise(Type::IndexError, "index out of range", g));
    }
    let last = method::list_pop(cx, list, -1, g)?;
    if list.is_empty() {
        return Ok(last);
    }
    let first = item(list, 0, g)?;
    list.replace(0, last, g)?;
    sift_up(cx, list, 0, g)?;
    Ok(first)
}

fn heapify<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [list] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let list = heap(*list, g)?;
    // A large heap is made in another order, with the same result where the items have a total order.
    if list.len() > 2500 {
        return Err(BailKind::Unsupported.at(g));
    }
    for at in (0..list.len() / 2).rev() {
        sift_up(cx, list, at, g)?;
    }
    Ok(Value::None)
}

fn heappushpop<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [list, value] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let list = heap(*list, g)?;
    let Some(first) = list.at(0) else { return Ok(*value) };
    if !op::lt(cx, first, *value, g)? {
        return Ok(*value);
    }
    let first = item(list, 0, g)?;
    list.replace(0, *value, g)?;
    sift_up(cx, list, 0, g)?;
    Ok(first)
}

fn heapreplace<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [list, value] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let list = heap(*list, g)?;
    let Some(first) = list.at(0) else { return Err(cx.raise(Type::IndexError, "index out of range", g)) };
    list.replace(0, *value, g)?;
    sift_up(cx, list, 0, g)?;
    Ok(first)
}

/// `nlargest` and `nsmallest`: the ends of a stable sort, as their documentation says.
fn extreme<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, largest: bool, g: u32) -> Result<Value<'a>> {
    let [Some(count), Some(source), key] = args.bind(["n", "iterable", "key"], 2, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let Some(count) = count.index() else { return Err(BailKind::Exception.at(g)) };
    let items = builtin::collect(cx, source, g)?;
    let list = list_new(cx, &items, g)?;
    let name = |text| crate::str_new(cx, text, g);
    let mut kw = vec![(name("reverse")?, Value::bool(largest))];
    if let Some(key) = key.filter(|key| !matches!(key, Value::None)) {
        kw.push((name("key")?, key));
    }
    builtin::sort_list(cx, list, Args { pos: &[], kw: &kw }, g)?;
    let mut items = list.to_vec();
    items.truncate(usize::try_from(count).unwrap_or(0));
    list_new(cx, &items, g).map(Value::List)
}

/// The place where an item goes, with the list and the item.
fn search<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, right: bool, g: u32) -> Result<(i64, Value<'a>, Value<'a>)> {
    let [Some(list), Some(x), low, high, key] = args.bind(["a", "x", "lo", "hi", "key"], 2, 4, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let number = |v: Option<Value<'a>>, default: i64| match v {
        None | Some(Value::None) => Ok(default),
        Some(v) => v.index().ok_or_else(|| BailKind::Exception.at(g)),
    };
    let mut low = number(low, 0)?;
    if low < 0 {
        return Err(cx.raise(Type::ValueError, "lo must be non-negative", g));
    }
    let mut high = match number(high, -1)? {
        -1 => builtin::len(cx, list, g)?,
        high => high,
    };
    let key = key.filter(|key| !matches!(key, Value::None));
    while low < high {
        cx.tick(g)?;
        let middle = (low + high) / 2;
        let item = op::index(cx, list, Value::Int(middle), g)?;
        let item = match key {
            None => item,
            Some(function) => call_with(cx, function, &[item], g)?,
        };
        let before = if right { !op::lt(cx, x, item, g)? } else { op::lt(cx, item, x, g)? };
        if before {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok((low, list, x))
}

fn insert<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, right: bool, g: u32) -> Result<Value<'a>> {
    // With a key, the new item's own key is searched for.
    let [Some(list), Some(x), low, high, key] = args.bind(["a", "x", "lo", "hi", "key"], 2, 4, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let searched = match key.filter(|key| !matches!(key, Value::None)) {
        None => x,
        Some(function) => call_with(cx, function, &[x], g)?,
    };
    let mut kw = Vec::new();
    for (name, value) in [("lo", low), ("hi", high), ("key", key)] {
        if let Some(value) = value {
            kw.push((crate::str_new(cx, name, g)?, value));
        }
    }
    let (at, ..) = search(cx, Args { pos: &[list, searched], kw: &kw }, right, g)?;
    match list {
        Value::List(list) => method::list_insert(cx, list, at, x, g).map(|()| Value::None),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
