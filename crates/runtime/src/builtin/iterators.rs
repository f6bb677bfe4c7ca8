//! The built-in iterators: `enumerate`, `zip`, `map`, `filter`, `reversed`, `iter(function, sentinel)`.

use std::cell::{Cell, RefCell};

use crate::{
    Args, BailKind, Cx, Iter, List, Obj, Result, Type, Value, attr, call, exception, iter_next, iter_value, object_new,
    op, plain, tuple_new,
};

/// The parts that all iterators share.
macro_rules! iterator {
    ($type:ty, $kind:expr $(; $($more:item)*)?) => {
        impl<'a> Obj<'a> for $type {
            fn kind(&self) -> Type {
                $kind
            }

            fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
                Ok(this)
            }

            fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
                self.step(cx, g)
            }

            $($($more)*)?

            fn has_method(&self, name: &str) -> bool {
                matches!(name, "__next__" | "__iter__")
            }

            fn method(
                &self,
                cx: &'a Cx<'a>,
                this: Value<'a>,
                name: &str,
                args: Args<'_, 'a>,
                g: u32,
            ) -> Result<Value<'a>> {
                match (name, args.positional(g)?) {
                    ("__iter__", []) => Ok(this),
                    ("__next__", []) => match self.step(cx, g)? {
                        Some(item) => Ok(item),
                        None => Err(exception::stop(cx, Value::None, g)),
                    },
                    _ => Err(BailKind::Exception.at(g)),
                }
            }
        }
    };
}

pub(crate) use iterator;

struct Enumerate<'a> {
    items: Value<'a>,
    next: Cell<i64>,
}

iterator!(Enumerate<'a>, Type::Enumerate;
    fn next_pair(&self, cx: &'a Cx<'a>, g: u32, _at: u32) -> Result<Option<[Value<'a>; 2]>> {
        self.pair(cx, g)
    }
);

/// `enumerate(iterable, start)`
pub(super) fn enumerate<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(source), start] = args.bind(["iterable", "start"], 1, 2, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let start = match start {
        None => 0,
        Some(start) => start.index().ok_or_else(|| BailKind::Unsupported.at(g))?,
    };
    object_new(cx, Enumerate { items: iter_value(cx, source, g)?, next: Cell::new(start) }, g)
}

impl<'a> Enumerate<'a> {
    fn pair(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<[Value<'a>; 2]>> {
        let Some(item) = iter_next(cx, self.items, g)? else { return Ok(None) };
        let number = self.next.get();
        self.next.set(number.checked_add(1).ok_or_else(|| BailKind::Overflow.at(g))?);
        Ok(Some([Value::Int(number), item]))
    }

    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let Some(pair) = self.pair(cx, g)? else { return Ok(None) };
        tuple_new(cx, &pair, g).map(|tuple| Some(Value::Tuple(tuple)))
    }
}

struct Zip<'a> {
    items: &'a [Value<'a>],
    strict: bool,
}

iterator!(Zip<'a>, Type::Zip;
    fn next_pair(&self, cx: &'a Cx<'a>, g: u32, at: u32) -> Result<Option<[Value<'a>; 2]>> {
        if let ([first, second], false) = (self.items, self.strict) {
            let Some(first) = iter_next(cx, *first, g)? else { return Ok(None) };
            return Ok(iter_next(cx, *second, g)?.map(|second| [first, second]));
        }
        match self.step(cx, g)? {
            Some(item) => op::unpack(cx, item, at).map(Some),
            None => Ok(None),
        }
    }
);

/// `zip(*iterables, strict=False)`
pub(super) fn zip<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let strict = match args.kw {
        [] => false,
        [(name, strict)] if name.text() == "strict" => crate::truth(cx, *strict, g)?,
        _ => return Err(BailKind::Exception.at(g)),
    };
    let mut items = Vec::with_capacity(args.pos.len());
    for source in args.pos {
        items.push(iter_value(cx, *source, g)?);
    }
    let items = cx.alloc_slice(items.len(), |at| items[at], g)?;
    object_new(cx, Zip { items, strict }, g)
}

impl<'a> Zip<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let mut tuple = Vec::with_capacity(self.items.len());
        for items in self.items {
            match iter_next(cx, *items, g)? {
                Some(item) => tuple.push(item),
                None if self.strict => return self.end(cx, tuple.len(), g),
                None => return Ok(None),
            }
        }
        if tuple.is_empty() {
            return Ok(None);
        }
        tuple_new(cx, &tuple, g).map(|tuple| Some(Value::Tuple(tuple)))
    }

    /// The end of iterator number `ended`, where all must have the same length.
    fn end(&self, cx: &'a Cx<'a>, ended: usize, g: u32) -> Result<Option<Value<'a>>> {
        let (at, relation) = if ended > 0 {
            (ended, "shorter")
        } else {
            let mut longer = None;
            for (at, items) in self.items.iter().enumerate().skip(1) {
                if iter_next(cx, *items, g)?.is_some() {
                    longer = Some(at);
                    break;
                }
            }
            match longer {
                Some(at) => (at, "longer"),
                None => return Ok(None),
            }
        };
        let others = if at == 1 { "argument 1".to_owned() } else { format!("arguments 1-{at}") };
        Err(cx.raise(Type::ValueError, &format!("zip() argument {} is {relation} than {others}", at + 1), g))
    }
}

struct Map<'a> {
    function: Value<'a>,
    items: &'a [Value<'a>],
}

iterator!(Map<'a>, Type::Map);

/// `map(function, *iterables)`
pub(super) fn map<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, sources @ ..] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    if sources.is_empty() {
        return Err(BailKind::Exception.at(g));
    }
    let mut items = Vec::with_capacity(sources.len());
    for source in sources {
        items.push(iter_value(cx, *source, g)?);
    }
    let items = cx.alloc_slice(items.len(), |at| items[at], g)?;
    object_new(cx, Map { function: *function, items }, g)
}

impl<'a> Map<'a> {
    /// What `int` makes of a single digit, if that is what is called.
    fn digit(&self, item: Value<'a>) -> Option<Value<'a>> {
        let (Value::Class(class), Value::Str(text)) = (self.function, item) else { return None };
        match text.text().as_bytes() {
            [digit @ b'0'..=b'9'] if class.builtin() == Some(Type::Int) => Some(Value::Int(i64::from(digit - b'0'))),
            _ => None,
        }
    }

    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if let [items] = self.items {
            return match iter_next(cx, *items, g)? {
                Some(item) => match self.digit(item) {
                    Some(value) => Ok(Some(value)),
                    None => call::call_with(cx, self.function, &[item], g).map(Some),
                },
                None => Ok(None),
            };
        }
        let mut args = Vec::with_capacity(self.items.len());
        for items in self.items {
            match iter_next(cx, *items, g)? {
                Some(item) => args.push(item),
                None => return Ok(None),
            }
        }
        call::call_with(cx, self.function, &args, g).map(Some)
    }
}

struct Filter<'a> {
    function: Value<'a>,
    items: Value<'a>,
}

iterator!(Filter<'a>, Type::Filter);

/// `filter(function, iterable)`
pub(super) fn filter<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, source] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    object_new(cx, Filter { function: *function, items: iter_value(cx, *source, g)? }, g)
}

impl<'a> Filter<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        while let Some(item) = iter_next(cx, self.items, g)? {
            cx.tick(g)?;
            let tested = match self.function {
                Value::None => item,
                function => call::call_with(cx, function, &[item], g)?,
            };
            if crate::truth(cx, tested, g)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

struct Until<'a> {
    function: Value<'a>,
    sentinel: Value<'a>,
    ended: Cell<bool>,
}

iterator!(Until<'a>, Type::CallableIterator);

/// `iter(function, sentinel)`
pub(super) fn until<'a>(cx: &'a Cx<'a>, function: Value<'a>, sentinel: Value<'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Until { function, sentinel, ended: Cell::new(false) }, g)
}

impl<'a> Until<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if self.ended.get() {
            return Ok(None);
        }
        let item = match call::call_with(cx, self.function, &[], g) {
            Ok(item) => item,
            Err(bail) => match cx.catch(bail)? {
                raised if crate::is_a(raised, Type::StopIteration) => {
                    self.ended.set(true);
                    return Ok(None);
                }
                raised => return Err(cx.rethrow(raised, g)),
            },
        };
        self.ended.set(op::eq(cx, item, self.sentinel, g)?);
        Ok(if self.ended.get() { None } else { Some(item) })
    }
}

/// What `reversed` goes over from the end.
struct Reversed<'a> {
    source: Source<'a>,
    /// Items left; the next one is the last of them.
    left: Cell<usize>,
}

enum Source<'a> {
    List(List<'a>),
    Items(&'a [Value<'a>]),
    /// An instance with `__len__` and `__getitem__`.
    Instance(Value<'a>),
    /// An iterator that is at its place.
    Iter(RefCell<Iter<'a>>),
}

iterator!(Reversed<'a>, Type::Reversed);

/// Iterators that go forwards alone.
const ONCE: &[Type] = &[Type::Generator, Type::Map, Type::Zip, Type::Filter, Type::Enumerate];

/// `reversed(sequence)`
pub(super) fn reversed<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [sequence] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let (source, left) = match *sequence {
        Value::Instance(_) => {
            if let Some(made) = attr::call_special(cx, *sequence, "__reversed__", &[], g)? {
                return Ok(made);
            }
            match plain(*sequence) {
                Value::Instance(_) => match attr::call_special(cx, *sequence, "__len__", &[], g)? {
                    Some(Value::Int(len)) if len >= 0 => (Source::Instance(*sequence), len as usize),
                    _ => return Err(BailKind::Exception.at(g)),
                },
                inner => return reversed(cx, Args::of(&[inner]), g),
            }
        }
        Value::List(list) => (Source::List(list), list.len()),
        Value::Tuple(tuple) => (Source::Items(tuple.items()), tuple.items().len()),
        Value::Range(range) => {
            let range = *range.0;
            let len = range.len();
            let backwards = match len {
                0 => crate::Range::new(0, 0, 1, g)?,
                _ => {
                    let last = range.at(len - 1);
                    let step = range.step.checked_neg().ok_or_else(|| BailKind::Unsupported.at(g))?;
                    let stop = range.start.checked_add(step).ok_or_else(|| BailKind::Unsupported.at(g))?;
                    crate::Range::new(last, stop, step, g)?
                }
            };
            let items = Iter::new(cx, crate::range_value(cx, backwards, g)?, g)?;
            (Source::Iter(RefCell::new(items)), usize::MAX)
        }
        Value::Str(_) | Value::Bytes(_) => {
            let items = super::construct::collect(cx, *sequence, g)?;
            (Source::Items(cx.alloc_slice(items.len(), |at| items[at], g)?), items.len())
        }
        Value::Dict(dict) => return crate::views::reversed(cx, dict, crate::views::Part::Keys, g),
        Value::Object(object) if !ONCE.contains(&object.get().kind()) => {
            return object.get().method(cx, *sequence, "__reversed__", Args::of(&[]), g);
        }
        _ => {
            let name = crate::class::type_name(*sequence);
            return Err(cx.raise(Type::TypeError, &format!("'{name}' object is not reversible"), g));
        }
    };
    object_new(cx, Reversed { source, left: Cell::new(left) }, g)
}

impl<'a> Reversed<'a> {
    fn step(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        if let Source::Iter(items) = &self.source {
            return items.borrow_mut().next(cx, g);
        }
        let Some(at) = self.left.get().checked_sub(1) else { return Ok(None) };
        self.left.set(at);
        let item = match &self.source {
            Source::List(list) => list.at(at),
            Source::Items(items) => items.get(at).copied(),
            Source::Instance(v) => attr::call_special(cx, *v, "__getitem__", &[Value::Int(at as i64)], g)?,
            Source::Iter(_) => None,
        };
        // A list that became shorter ends the iteration for good.
        if item.is_none() {
            self.left.set(0);
        }
        Ok(item)
    }
}
