//! The module `functools`.

use std::cell::Cell;

use crate::class::Form;
use crate::op::CompareOp;
use crate::{
    Args, BailKind, Builtin, Class, Cx, Dict, Iter, Obj, Result, Str, Type, Value, attr, call, call_with, class_of,
    dict_new, object_new, op, tuple_new,
};

/// The functions of `functools`.
pub(super) const FUNCTOOLS: &[Builtin] = &[
    Builtin { module: "functools", name: "reduce", call: |cx, args, g| reduce(cx, args, g) },
    Builtin { module: "functools", name: "lru_cache", call: |cx, args, g| lru_cache(cx, args, g) },
    Builtin { module: "functools", name: "cache", call: |cx, args, g| cache(cx, args, g) },
    Builtin { module: "functools", name: "cmp_to_key", call: |cx, args, g| cmp_to_key(cx, args, g) },
    Builtin { module: "functools", name: "wraps", call: |cx, args, g| wraps(cx, args, g) },
];

/// `reduce(function, iterable, initial)`
fn reduce<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let (function, source, initial) = match args.positional(g)? {
        [function, source] => (*function, *source, None),
        [function, source, initial] => (*function, *source, Some(*initial)),
        _ => return Err(BailKind::Exception.at(g)),
    };
    let mut items = Iter::new(cx, source, g)?;
    let mut total = match initial {
        Some(initial) => initial,
        None => match items.next(cx, g)? {
            Some(first) => first,
            None => {
                let text = "reduce() of empty iterable with no initial value";
                return Err(cx.raise(Type::TypeError, text, g));
            }
        },
    };
    while let Some(item) = items.next(cx, g)? {
        cx.tick(g)?;
        total = call_with(cx, function, &[total, item], g)?;
    }
    Ok(total)
}

/// `functools.partial`
struct Partial<'a> {
    function: Value<'a>,
    args: &'a [Value<'a>],
    kwargs: &'a [(Str<'a>, Value<'a>)],
}

/// `partial(function, *args, **kwargs)`
pub(crate) fn partial<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [function, rest @ ..] = args.pos else { return Err(BailKind::Exception.at(g)) };
    let own = cx.alloc_slice(rest.len(), |at| rest[at], g)?;
    let kwargs = cx.alloc_slice(args.kw.len(), |at| args.kw[at], g)?;
    object_new(cx, Partial { function: *function, args: own, kwargs }, g)
}

impl<'a> Obj<'a> for Partial<'a> {
    fn kind(&self) -> Type {
        Type::Partial
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "func" => Some(self.function),
            "args" => Some(Value::Tuple(tuple_new(cx, self.args, g)?)),
            "keywords" => {
                let dict = dict_new(cx, &[], g)?;
                for (name, value) in self.kwargs {
                    dict.set(cx, Value::Str(*name), *value, g)?;
                }
                Some(Value::Dict(dict))
            }
            _ => None,
        })
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let pos: Vec<Value<'a>> = self.args.iter().chain(args.pos).copied().collect();
        let mut kw: Vec<(Str<'a>, Value<'a>)> = self.kwargs.to_vec();
        for (name, value) in args.kw {
            match kw.iter_mut().find(|(known, _)| known.text() == name.text()) {
                Some(place) => place.1 = *value,
                None => kw.push((*name, *value)),
            }
        }
        call(cx, self.function, Args { pos: &pos, kw: &kw }, g)
    }
}

/// What `lru_cache` makes of a function; the cache lives as long as the invocation.
struct Cached<'a> {
    function: Value<'a>,
    /// None for no bound.
    most: Option<usize>,
    typed: bool,
    entries: Dict<'a>,
    hits: Cell<i64>,
    misses: Cell<i64>,
    /// Whether it belongs to the module, so that CPython's cache is older than the invocation.
    of_module: bool,
}

/// A cached function of the module (`functools.lru_cache`).
pub fn cached<'a>(
    cx: &'a Cx<'a>,
    function: Value<'a>,
    most: Option<usize>,
    typed: bool,
    of_module: bool,
    g: u32,
) -> Result<Value<'a>> {
    let entries = dict_new(cx, &[], g)?;
    let (hits, misses) = (Cell::new(0), Cell::new(0));
    object_new(cx, Cached { function, most, typed, entries, hits, misses, of_module }, g)
}

fn cache<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [function] => cached(cx, *function, None, false, false, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

fn lru_cache<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [first, typed] = args.bind(["maxsize", "typed"], 0, 2, g)?;
    let typed = typed.map_or(Ok(false), |typed| crate::truth(cx, typed, g))?;
    let most = match first {
        None => Some(128),
        Some(Value::None) => None,
        Some(Value::Int(most)) => Some(usize::try_from(most).unwrap_or(0)),
        Some(function @ (Value::Function(_) | Value::Method(_) | Value::Builtin(_))) => {
            return cached(cx, function, Some(128), typed, false, g);
        }
        Some(_) => return Err(BailKind::Unsupported.at(g)),
    };
    object_new(cx, Decorator { most, typed }, g)
}

/// `lru_cache(maxsize)`, to be applied to a function.
struct Decorator {
    most: Option<usize>,
    typed: bool,
}

impl<'a> Obj<'a> for Decorator {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match args.positional(g)? {
            [function] => cached(cx, *function, self.most, self.typed, false, g),
            _ => Err(BailKind::Exception.at(g)),
        }
    }
}

/// Whether a result may be shared with later invocations, as CPython's cache shares it.
fn is_immutable<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<bool> {
    let all = |items: &[Value<'a>]| {
        for item in items {
            if !is_immutable(cx, *item, g)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    Ok(match v {
        Value::Tuple(tuple) => return all(tuple.items()),
        Value::Object(object) => object.get().as_temporal().is_some(),
        Value::Instance(instance) => match (instance.class().form(), instance.payload()) {
            (Form::Enum(_), _) => true,
            (Form::NamedTuple(_), Value::Tuple(tuple)) => {
                let slots = cx.name("__slots__", g)?;
                let has_slots = |class: &Class<'a>| {
                    let made = class.bases().iter().any(|base| base.builtin() == Some(Type::Tuple));
                    class.builtin().is_some() || made || class.dict().get_str(cx, slots).is_some()
                };
                return Ok(instance.class().mro().iter().all(has_slots) && all(tuple.items())?);
            }
            _ => false,
        },
        Value::Set(set) => set.is_frozen(),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Str(_) => true,
        Value::Bytes(_) | Value::Range(_) | Value::Class(_) | Value::Function(_) | Value::Builtin(_) => true,
        _ => false,
    })
}

impl<'a> Obj<'a> for Cached<'a> {
    fn kind(&self) -> Type {
        Type::LruCache
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn binds(&self) -> bool {
        true
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "__wrapped__" => Ok(Some(self.function)),
            "__name__" | "__qualname__" => attr::find(cx, self.function, crate::str_new(cx, name, g)?, g),
            _ => Ok(None),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "cache_clear" | "cache_info" | "cache_parameters")
    }

    fn method(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("cache_clear", []) => {
                self.entries.clear(g)?;
                self.hits.set(0);
                self.misses.set(0);
                Ok(Value::None)
            }
            // A named tuple of its own kind.
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        if self.most == Some(0) {
            return call(cx, self.function, args, g);
        }
        let key = self.key(cx, args, g)?;
        if let Some(known) = self.entries.get(cx, key, g)? {
            self.hits.set(self.hits.get() + 1);
            if self.most.is_some() {
                // The one used last goes out last.
                self.entries.remove(cx, key, g)?;
                self.entries.set(cx, key, known, g)?;
            }
            return Ok(known);
        }
        let before = cx.effects();
        let result = call(cx, self.function, args, g)?;
        self.misses.set(self.misses.get() + 1);
        // CPython's cache outlives the invocation: what the call did would not be done again in the next.
        if self.of_module && (cx.effects() != before || !is_immutable(cx, result, g)?) {
            return Err(BailKind::Unsupported.at(g));
        }
        if let Some(most) = self.most
            && self.entries.len() >= most
            && self.entries.get(cx, key, g)?.is_none()
            && let Some((oldest, _)) = self.entries.entries().next()
        {
            self.entries.remove(cx, oldest, g)?;
        }
        self.entries.set(cx, key, result, g)?;
        Ok(result)
    }
}

impl<'a> Cached<'a> {
    /// The key of a call (`lru_cache_make_key`).
    fn key(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        if let (false, [only @ (Value::Int(_) | Value::Str(_))], []) = (self.typed, args.pos, args.kw) {
            return Ok(*only);
        }
        let mut parts = args.pos.to_vec();
        if !args.kw.is_empty() {
            // Stands between positional and keyword arguments, and equals nothing else.
            parts.push(Value::NotImplemented);
        }
        for (name, value) in args.kw {
            parts.push(Value::Str(*name));
            parts.push(*value);
        }
        if self.typed {
            for value in args.pos.iter().chain(args.kw.iter().map(|(_, value)| value)) {
                parts.push(Value::Class(class_of(cx, *value, g)?));
            }
        }
        tuple_new(cx, &parts, g).map(Value::Tuple)
    }
}

/// A key of `cmp_to_key`.
struct Key<'a> {
    compare: Value<'a>,
    object: Option<Value<'a>>,
}

fn cmp_to_key<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [compare] => object_new(cx, Key { compare: *compare, object: None }, g),
        _ => Err(BailKind::Exception.at(g)),
    }
}

impl<'a> Obj<'a> for Key<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        self.object.is_none()
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match args.positional(g)? {
            [object] => object_new(cx, Key { compare: self.compare, object: Some(*object) }, g),
            _ => Err(BailKind::Exception.at(g)),
        }
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok(if name == "obj" { self.object } else { None })
    }

    fn compare(&self, cx: &'a Cx<'a>, op: CompareOp, _: Value<'a>, other: Value<'a>, g: u32) -> Result<Option<bool>> {
        let obj = cx.name("obj", g)?;
        let (Some(left), Value::Object(inner)) = (self.object, other) else {
            return Err(BailKind::Unsupported.at(g));
        };
        let Some(right) = inner.get().attr(cx, other, obj.text(), g)? else {
            return Err(BailKind::Unsupported.at(g));
        };
        let result = call_with(cx, self.compare, &[left, right], g)?;
        match op::rich_compare(cx, op, result, Value::Int(0), g)? {
            Value::Bool(result) => Ok(Some(result.get())),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// `wraps(function)`: what it copies to another function shows only in attributes that bail out when read.
fn wraps<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match args.positional(g)? {
        [wrapped] => object_new(cx, Wraps(*wrapped), g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

struct Wraps<'a>(Value<'a>);

impl<'a> Obj<'a> for Wraps<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn is_callable(&self) -> bool {
        true
    }

    fn call(&self, cx: &'a Cx<'a>, _this: Value<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let [function @ Value::Function(inner)] = args.positional(g)? else {
            return Err(BailKind::Unsupported.at(g));
        };
        let dict = inner.dict(cx, g)?;
        for name in ["__name__", "__qualname__"] {
            let name = crate::str_new(cx, name, g)?;
            let value = attr::get(cx, self.0, name, g)?;
            dict.set(cx, Value::Str(name), value, g)?;
        }
        let wrapped = crate::str_new(cx, "__wrapped__", g)?;
        dict.set(cx, Value::Str(wrapped), self.0, g)?;
        Ok(*function)
    }
}
