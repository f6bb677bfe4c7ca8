//! The module `itertools` (`Modules/itertoolsmodule.c`).

use std::cell::Cell;

use super::selections;
use crate::builtin::{collect, iterator};
use crate::{
    Args, BailKind, Builtin, Cx, Obj, Result, Type, Value, call_with, exception, iter_next, iter_value, object_new, op,
    tuple_new,
};

macro_rules! table {
    ($($name:literal $function:path;)+) => {
        /// The functions; in Python they are classes, which shows nowhere but in `isinstance`.
        pub(super) const TABLE: &[Builtin] =
            &[$(Builtin { module: "itertools", name: $name, call: |cx, args, g| $function(cx, args, g) }),+];
    };
}

table! {
    "accumulate" accumulate;
    "chain" chain;
    "combinations" selections::combinations;
    "combinations_with_replacement" selections::combinations_with_replacement;
    "compress" compress;
    "count" count;
    "cycle" cycle;
    "dropwhile" dropwhile;
    "filterfalse" filterfalse;
    "groupby" groupby;
    "islice" islice;
    "pairwise" pairwise;
    "permutations" selections::permutations;
    "product" selections::product;
    "repeat" repeat;
    "starmap" starmap;
    "takewhile" takewhile;
    "tee" tee;
    "zip_longest" zip_longest;
}

/// `chain.from_iterable`
pub(super) const CHAIN: &[Builtin] = &[Builtin {
    module: "itertools.chain",
    name: "from_iterable",
    call: |cx, args, g| {
        let [sources] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
        object_new(cx, Chain { sources: iter_value(cx, *sources, g)?, current: Cell::new(None) }, g)
    },
}];

/// An iterator that a closure steps; the closure's state must need no dropping, because the arena drops nothing.
struct Steps<'a, F>(F, std::marker::PhantomData<&'a ()>);

impl<'a, F> Obj<'a> for Steps<'a, F>
where
    F: Fn(&'a Cx<'a>, u32) -> Result<Option<Value<'a>>>,
{
    fn kind(&self) -> Type {
        Type::Iterator
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        (self.0)(cx, g)
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "__next__" | "__iter__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("__iter__", []) => Ok(this),
            ("__next__", []) => match self.next(cx, g)? {
                Some(item) => Ok(item),
                None => Err(exception::stop(cx, Value::None, g)),
            },
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}

/// An iterator whose next item `step` gives.
pub(super) fn steps<'a, F>(cx: &'a Cx<'a>, step: F, g: u32) -> Result<Value<'a>>
where
    F: Fn(&'a Cx<'a>, u32) -> Result<Option<Value<'a>>> + 'a,
{
    object_new(cx, Steps(step, std::marker::PhantomData), g)
}

pub(super) fn wrong<'a, T>(_: &'a Cx<'a>, g: u32) -> Result<T> {
    Err(BailKind::Exception.at(g))
}

pub(super) fn tuple<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Option<Value<'a>>> {
    tuple_new(cx, items, g).map(|tuple| Some(Value::Tuple(tuple)))
}

fn accumulate<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(source), function, initial] = args.bind(["iterable", "func", "initial"], 1, 2, g)? else {
        return wrong(cx, g);
    };
    let items = iter_value(cx, source, g)?;
    let function = function.filter(|function| !matches!(function, Value::None));
    let initial = Cell::new(initial.filter(|initial| !matches!(initial, Value::None)));
    let total: Cell<Option<Value<'a>>> = Cell::new(None);
    let step = move |cx: &'a Cx<'a>, g| {
        if let Some(first) = initial.take() {
            total.set(Some(first));
            return Ok(Some(first));
        }
        let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
        let next = match (total.get(), function) {
            (None, _) => item,
            (Some(total), None) => op::add(cx, total, item, g)?,
            (Some(total), Some(function)) => call_with(cx, function, &[total, item], g)?,
        };
        total.set(Some(next));
        Ok(Some(next))
    };
    steps(cx, step, g)
}

struct Chain<'a> {
    /// An iterator over iterables.
    sources: Value<'a>,
    current: Cell<Option<Value<'a>>>,
}

iterator!(Chain<'a>, Type::Iterator);

impl<'a> Chain<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        loop {
            cx.tick(g)?;
            let current = match self.current.get() {
                Some(current) => current,
                None => match iter_next(cx, self.sources, g)? {
                    Some(source) => {
                        let items = iter_value(cx, source, g)?;
                        self.current.set(Some(items));
                        items
                    }
                    None => return Ok(None),
                },
            };
            match iter_next(cx, current, g)? {
                Some(item) => return Ok(Some(item)),
                None => self.current.set(None),
            }
        }
    }
}

fn chain<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let sources = Value::Tuple(tuple_new(cx, args.positional(g)?, g)?);
    object_new(cx, Chain { sources: iter_value(cx, sources, g)?, current: Cell::new(None) }, g)
}

fn compress<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(data), Some(selectors)] = args.bind(["data", "selectors"], 2, 2, g)? else { return wrong(cx, g) };
    let (data, selectors) = (iter_value(cx, data, g)?, iter_value(cx, selectors, g)?);
    let step = move |cx: &'a Cx<'a>, g| {
        loop {
            cx.tick(g)?;
            let Some(item) = iter_next(cx, data, g)? else { return Ok(None) };
            let Some(selector) = iter_next(cx, selectors, g)? else { return Ok(None) };
            if crate::truth(cx, selector, g)? {
                return Ok(Some(item));
            }
        }
    };
    steps(cx, step, g)
}

fn count<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [start, step] = args.bind(["start", "step"], 0, 2, g)?;
    let (start, by) = (start.unwrap_or(Value::Int(0)), step.unwrap_or(Value::Int(1)));
    let number = |v: Value<'a>| matches!(v, Value::Int(_) | Value::Float(_) | Value::Big(_) | Value::Bool(_));
    if !number(start) || !number(by) {
        return Err(BailKind::Unsupported.at(g));
    }
    let next = Cell::new(start);
    let step = move |cx: &'a Cx<'a>, g| {
        let item = next.get();
        next.set(op::add(cx, item, by, g)?);
        Ok(Some(item))
    };
    steps(cx, step, g)
}

fn cycle<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source] = args.positional(g)? else { return wrong(cx, g) };
    let items = iter_value(cx, *source, g)?;
    let saved = crate::list_new(cx, &[], g)?;
    let place: Cell<Option<usize>> = Cell::new(None);
    let step = move |cx: &'a Cx<'a>, g| {
        if place.get().is_none() {
            if let Some(item) = iter_next(cx, items, g)? {
                crate::method::list_append(cx, saved, item, g)?;
                return Ok(Some(item));
            }
            place.set(Some(0));
        }
        let at = place.get().unwrap_or(0);
        let item = saved.at(at);
        place.set(Some(if at + 1 < saved.len() { at + 1 } else { 0 }));
        Ok(item)
    };
    steps(cx, step, g)
}

fn dropwhile<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, source] = args.positional(g)? else { return wrong(cx, g) };
    let (function, items) = (*function, iter_value(cx, *source, g)?);
    let started = Cell::new(false);
    let step = move |cx: &'a Cx<'a>, g| {
        loop {
            cx.tick(g)?;
            let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
            if started.get() || !crate::truth(cx, call_with(cx, function, &[item], g)?, g)? {
                started.set(true);
                return Ok(Some(item));
            }
        }
    };
    steps(cx, step, g)
}

fn takewhile<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, source] = args.positional(g)? else { return wrong(cx, g) };
    let (function, items) = (*function, iter_value(cx, *source, g)?);
    let ended = Cell::new(false);
    let step = move |cx: &'a Cx<'a>, g| {
        if ended.get() {
            return Ok(None);
        }
        let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
        let holds = crate::truth(cx, call_with(cx, function, &[item], g)?, g)?;
        ended.set(!holds);
        Ok(holds.then_some(item))
    };
    steps(cx, step, g)
}

fn filterfalse<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, source] = args.positional(g)? else { return wrong(cx, g) };
    let (function, items) = (*function, iter_value(cx, *source, g)?);
    let step = move |cx: &'a Cx<'a>, g| {
        loop {
            cx.tick(g)?;
            let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
            let tested = match function {
                Value::None => item,
                function => call_with(cx, function, &[item], g)?,
            };
            if !crate::truth(cx, tested, g)? {
                return Ok(Some(item));
            }
        }
    };
    steps(cx, step, g)
}

fn starmap<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, source] = args.positional(g)? else { return wrong(cx, g) };
    let (function, items) = (*function, iter_value(cx, *source, g)?);
    let step = move |cx: &'a Cx<'a>, g| {
        let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
        let args = collect(cx, item, g)?;
        call_with(cx, function, &args, g).map(Some)
    };
    steps(cx, step, g)
}

fn islice<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (source, start, stop, by) = match args.positional(g)? {
        [source, stop] => (*source, Value::None, *stop, Value::None),
        [source, start, stop] => (*source, *start, *stop, Value::None),
        [source, start, stop, by] => (*source, *start, *stop, *by),
        _ => return wrong(cx, g),
    };
    let bound = |v: Value<'a>, default: i64| match (v, v.index()) {
        (Value::None, _) => Ok(default),
        (_, Some(value)) if value >= 0 => Ok(value),
        _ => Err(BailKind::Exception.at(g)),
    };
    let (start, stop, by) = (bound(start, 0)?, bound(stop, i64::MAX)?, bound(by, 1)?);
    if by == 0 {
        return wrong(cx, g);
    }
    let items = iter_value(cx, source, g)?;
    let (seen, next) = (Cell::new(0i64), Cell::new(start));
    let step = move |cx: &'a Cx<'a>, g| {
        let wanted = next.get();
        while seen.get() < wanted.min(stop) {
            cx.tick(g)?;
            if iter_next(cx, items, g)?.is_none() {
                next.set(i64::MAX);
                return Ok(None);
            }
            seen.set(seen.get() + 1);
        }
        if wanted >= stop {
            return Ok(None);
        }
        let Some(item) = iter_next(cx, items, g)? else {
            next.set(i64::MAX);
            return Ok(None);
        };
        seen.set(seen.get() + 1);
        next.set(wanted.saturating_add(by).min(stop));
        Ok(Some(item))
    };
    steps(cx, step, g)
}

fn pairwise<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [source] = args.positional(g)? else { return wrong(cx, g) };
    let items = iter_value(cx, *source, g)?;
    let previous: Cell<Option<Value<'a>>> = Cell::new(None);
    let step = move |cx: &'a Cx<'a>, g| {
        let before = match previous.get() {
            Some(before) => before,
            None => match iter_next(cx, items, g)? {
                Some(first) => first,
                None => return Ok(None),
            },
        };
        let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
        previous.set(Some(item));
        tuple(cx, &[before, item], g)
    };
    steps(cx, step, g)
}

fn repeat<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(item), times] = args.bind(["object", "times"], 1, 2, g)? else { return wrong(cx, g) };
    let times = match times {
        None => None,
        Some(times) => Some(times.index().ok_or_else(|| BailKind::Exception.at(g))?.max(0)),
    };
    let left = Cell::new(times);
    let step = move |_: &'a Cx<'a>, _| match left.get() {
        None => Ok(Some(item)),
        Some(0) => Ok(None),
        Some(count) => {
            left.set(Some(count - 1));
            Ok(Some(item))
        }
    };
    steps(cx, step, g)
}

fn tee<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (source, count) = match args.positional(g)? {
        [source] => (*source, 2),
        [source, count] => match count.index() {
            Some(count @ 0..=1000) => (*source, count as usize),
            _ => return wrong(cx, g),
        },
        _ => return wrong(cx, g),
    };
    let items = iter_value(cx, source, g)?;
    let saved = crate::list_new(cx, &[], g)?;
    let mut all = Vec::new();
    for _ in 0..count {
        let place = Cell::new(0);
        let step = move |cx: &'a Cx<'a>, g| {
            let at = place.get();
            if saved.at(at).is_none() {
                let Some(item) = iter_next(cx, items, g)? else { return Ok(None) };
                crate::method::list_append(cx, saved, item, g)?;
            }
            place.set(at + 1);
            Ok(saved.at(at))
        };
        all.push(steps(cx, step, g)?);
    }
    tuple_new(cx, &all, g).map(Value::Tuple)
}

fn zip_longest<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [fill] = Args { pos: &[], kw: args.kw }.bind(["fillvalue"], 0, 0, g)?;
    let fill = fill.unwrap_or(Value::None);
    let mut sources = Vec::new();
    for source in args.pos {
        sources.push(iter_value(cx, *source, g)?);
    }
    let sources = cx.alloc_slice(sources.len(), |at| Cell::new(Some(sources[at])), g)?;
    let step = move |cx: &'a Cx<'a>, g| {
        let mut items = Vec::with_capacity(sources.len());
        let mut any = false;
        for source in sources {
            let item = match source.get() {
                Some(items) => iter_next(cx, items, g)?,
                None => None,
            };
            match item {
                Some(item) => {
                    any = true;
                    items.push(item);
                }
                None => {
                    source.set(None);
                    items.push(fill);
                }
            }
        }
        if any { tuple(cx, &items, g) } else { Ok(None) }
    };
    steps(cx, step, g)
}

/// The runs of equal keys; a group ends when the next one is asked for.
struct GroupBy<'a> {
    items: Value<'a>,
    key: Option<Value<'a>>,
    /// The item read last, with its key.
    current: Cell<Option<(Value<'a>, Value<'a>)>>,
    /// The key of the group that was given last.
    target: Cell<Option<Value<'a>>>,
    number: Cell<u64>,
}

impl<'a> GroupBy<'a> {
    fn advance(&self, cx: &'a Cx<'a>, g: u32) -> Result<bool> {
        let Some(item) = iter_next(cx, self.items, g)? else {
            self.current.set(None);
            return Ok(false);
        };
        let key = match self.key {
            None => item,
            Some(function) => call_with(cx, function, &[item], g)?,
        };
        self.current.set(Some((item, key)));
        Ok(true)
    }
}

fn groupby<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(source), key] = args.bind(["iterable", "key"], 1, 2, g)? else { return wrong(cx, g) };
    let group = GroupBy {
        items: iter_value(cx, source, g)?,
        key: key.filter(|key| !matches!(key, Value::None)),
        current: Cell::new(None),
        target: Cell::new(None),
        number: Cell::new(0),
    };
    let shared: &'a GroupBy<'a> = cx.alloc(group, g)?;
    let step = move |cx: &'a Cx<'a>, g| {
        // What is left of the group before is skipped.
        loop {
            cx.tick(g)?;
            match (shared.current.get(), shared.target.get()) {
                (None, _) => {
                    if !shared.advance(cx, g)? {
                        return Ok(None);
                    }
                }
                (Some((_, key)), Some(target)) => {
                    if !op::eq(cx, target, key, g)? {
                        break;
                    }
                    if !shared.advance(cx, g)? {
                        return Ok(None);
                    }
                }
                (Some(_), None) => break,
            }
        }
        let Some((_, key)) = shared.current.get() else { return Ok(None) };
        shared.target.set(Some(key));
        shared.number.set(shared.number.get() + 1);
        let number = shared.number.get();
        let members = move |cx: &'a Cx<'a>, g| {
            if shared.number.get() != number {
                return Ok(None);
            }
            if shared.current.get().is_none() && !shared.advance(cx, g)? {
                return Ok(None);
            }
            match shared.current.get() {
                Some((item, own)) if op::eq(cx, key, own, g)? => {
                    shared.current.set(None);
                    Ok(Some(item))
                }
                _ => Ok(None),
            }
        };
        let group = steps(cx, members, g)?;
        tuple(cx, &[key, group], g)
    };
    steps(cx, step, g)
}
