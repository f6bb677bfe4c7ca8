//! Iteration as CPython's iterators do it: by index over lists and strings, in insertion order over dicts.

use std::cell::RefCell;

use crate::range::RangeIter;
use crate::set::SetIter;
use crate::string::char_str;
use crate::{
    Args, BailKind, Bytes, Cx, Dict, List, Obj, Object, Result, Str, Tuple, Type, Value, attr, exception, object_new,
    op,
};

/// An iterator over a value of unknown type.
pub struct Iter<'a>(Kind<'a>);

enum Kind<'a> {
    List(ListIter<'a>),
    Tuple(Tuple<'a>, usize),
    Str(StrIter<'a>),
    Bytes(Bytes<'a>, usize),
    Dict(DictIter<'a>),
    Set(SetIter<'a>),
    Range(RangeIter),
    /// An iterator of a library or built-in type, or a generator.
    Object(Object<'a>),
    /// An instance with `__next__`.
    Instance(Value<'a>),
    /// An instance with `__getitem__` alone.
    Indexed(Value<'a>, i64),
}

impl<'a> Iter<'a> {
    /// `iter(v)`
    pub fn new(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Self> {
        Ok(Self(match v {
            Value::List(list) => Kind::List(ListIter::new(list)),
            Value::Tuple(tuple) => Kind::Tuple(tuple, 0),
            Value::Str(text) => Kind::Str(StrIter::new(text)),
            Value::Bytes(bytes) => Kind::Bytes(bytes, 0),
            Value::Dict(dict) => Kind::Dict(DictIter::new(dict)),
            Value::Set(set) => Kind::Set(SetIter::new(set)),
            Value::Range(range) => Kind::Range(RangeIter::new(*range.0)),
            Value::Object(object) => match object.get().iter(cx, v, g)? {
                Value::Object(iterator) => Kind::Object(iterator),
                other => return Self::new(cx, other, g),
            },
            Value::Instance(instance) => match attr::call_special(cx, v, "__iter__", &[], g)? {
                Some(iterator) => Self::over(cx, iterator, g)?,
                None => match instance.payload() {
                    payload if !matches!(payload, Value::None) && !instance.is_exception() => {
                        return Self::new(cx, payload, g);
                    }
                    _ if attr::special(cx, v, "__getitem__", g)?.is_some() => Kind::Indexed(v, 0),
                    _ => return Err(not_iterable(cx, v, g)),
                },
            },
            Value::Class(class) => match class.form() {
                crate::class::Form::Enum(members) => {
                    let values = crate::enums::distinct(cx, members, g)?;
                    Kind::Tuple(crate::tuple_new(cx, &values, g)?, 0)
                }
                _ => return Err(not_iterable(cx, v, g)),
            },
            _ => return Err(not_iterable(cx, v, g)),
        }))
    }

    /// What `__iter__` returned, which must be an iterator.
    fn over(cx: &'a Cx<'a>, iterator: Value<'a>, g: u32) -> Result<Kind<'a>> {
        match iterator {
            Value::Object(object) => Ok(Kind::Object(object)),
            Value::Instance(_) if attr::special(cx, iterator, "__next__", g)?.is_some() => Ok(Kind::Instance(iterator)),
            _ => {
                let name = crate::class::type_name(iterator);
                Err(cx.raise(Type::TypeError, &format!("iter() returned non-iterator of type '{name}'"), g))
            }
        }
    }

    /// The next item; a dict whose size changed raises.
    #[inline]
    pub fn next(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        match &mut self.0 {
            Kind::List(iter) => Ok(iter.next()),
            Kind::Tuple(tuple, at) => {
                let item = tuple.items().get(*at).copied();
                *at += usize::from(item.is_some());
                Ok(item)
            }
            _ => self.next_other(cx, g),
        }
    }

    #[inline(never)]
    fn next_other(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match &mut self.0 {
            Kind::List(_) | Kind::Tuple(..) => None,
            Kind::Str(iter) => iter.next(cx, g)?.map(Value::Str),
            Kind::Bytes(bytes, at) => {
                let item = bytes.bytes().get(*at).copied();
                *at += usize::from(item.is_some());
                item.map(|byte| Value::Int(i64::from(byte)))
            }
            Kind::Dict(iter) => iter.next(cx, g)?,
            Kind::Set(iter) => iter.next(cx, g)?,
            Kind::Range(iter) => iter.next().map(Value::Int),
            Kind::Object(object) => return stopping(cx, object.get().next(cx, g), g),
            Kind::Instance(iterator) => return next_of_instance(cx, *iterator, g),
            Kind::Indexed(v, at) => {
                let index = *at;
                *at += 1;
                match attr::call_special(cx, *v, "__getitem__", &[Value::Int(index)], g) {
                    Ok(item) => item,
                    Err(bail) => match cx.catch(bail) {
                        Ok(raised)
                            if exception::is_a(raised, Type::IndexError)
                                || exception::is_a(raised, Type::StopIteration) =>
                        {
                            None
                        }
                        Ok(raised) => return Err(cx.rethrow(raised, g)),
                        Err(bail) => return Err(bail),
                    },
                }
            }
        })
    }

    /// The next item in two, as `a, b = item` unpacks it at the guard `at`.
    pub fn next_pair(&mut self, cx: &'a Cx<'a>, g: u32, at: u32) -> Result<Option<[Value<'a>; 2]>> {
        if let Kind::Object(object) = &self.0 {
            return stopping(cx, object.get().next_pair(cx, g, at), g);
        }
        match self.next(cx, g)? {
            Some(item) => op::unpack(cx, item, at).map(Some),
            None => Ok(None),
        }
    }

    /// How many items there will be at least, for making room.
    pub(crate) fn hint(&self) -> usize {
        match &self.0 {
            Kind::Tuple(tuple, at) => tuple.items().len() - at,
            Kind::Range(iter) => iter.left().min(1 << 16),
            _ => 0,
        }
    }
}

fn next_of_instance<'a>(cx: &'a Cx<'a>, iterator: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    match cx.outside_generators(|| attr::call_special(cx, iterator, "__next__", &[], g)) {
        Ok(Some(item)) => Ok(Some(item)),
        Ok(None) => Err(not_iterator(cx, iterator, g)),
        Err(bail) => match cx.catch(bail) {
            Ok(raised) if exception::is_a(raised, Type::StopIteration) => Ok(None),
            Ok(raised) => Err(cx.rethrow(raised, g)),
            Err(bail) => Err(bail),
        },
    }
}

fn not_iterable<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::TypeError, &format!("'{}' object is not iterable", crate::class::type_name(v)), g)
}

/// The next item of a built-in iterator; a `StopIteration` of the code that it runs is its end.
#[inline]
fn stopping<'a, T>(cx: &'a Cx<'a>, next: Result<Option<T>>, g: u32) -> Result<Option<T>> {
    match next {
        Ok(item) => Ok(item),
        Err(bail) => stopped(cx, bail, g),
    }
}

#[cold]
fn stopped<'a, T>(cx: &'a Cx<'a>, bail: crate::Bail, g: u32) -> Result<Option<T>> {
    let raised = cx.catch(bail)?;
    if !exception::is_a(raised, Type::StopIteration) {
        return Err(cx.rethrow(raised, g));
    }
    // `next` hands on what it carries.
    if exception::args_of(raised).is_empty() { Ok(None) } else { Err(BailKind::Unsupported.at(g)) }
}

/// Asks an instance for its length, as CPython does before it makes a list or tuple of its items (`PyObject_LengthHint`).
pub(crate) fn ask_length<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<()> {
    let Value::Instance(_) = v else { return Ok(()) };
    match attr::call_special(cx, v, "__len__", &[], g) {
        Ok(Some(Value::Int(0..))) => Ok(()),
        Ok(None) if attr::special(cx, v, "__length_hint__", g)?.is_none() => Ok(()),
        Ok(_) => Err(BailKind::Unsupported.at(g)),
        Err(bail) => Err(exception::untold(cx, bail, Type::TypeError, g)),
    }
}

fn not_iterator<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> crate::Bail {
    cx.raise(Type::TypeError, &format!("'{}' object is not an iterator", crate::class::type_name(v)), g)
}

/// `iter(v)` as a value.
pub fn iter_value<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Value<'a>> {
    if let Value::Object(object) = v {
        return object.get().iter(cx, v, g);
    }
    if let Value::Instance(_) = v
        && let Some(iterator) = attr::call_special(cx, v, "__iter__", &[], g)?
    {
        Iter::over(cx, iterator, g)?;
        return Ok(iterator);
    }
    let kind = match crate::plain(v) {
        Value::List(_) => Type::ListIterator,
        Value::Tuple(_) => Type::TupleIterator,
        Value::Str(_) => Type::StrIterator,
        Value::Range(_) => Type::RangeIterator,
        Value::Dict(_) => Type::DictKeyIterator,
        Value::Set(_) => Type::SetIterator,
        _ => Type::Iterator,
    };
    let items = Iter::new(cx, v, g)?;
    object_new(cx, IterObj { items: RefCell::new(items), kind }, g)
}

/// `next(v)`, with none at the end.
pub fn iter_next<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
    match v {
        Value::Object(object) => stopping(cx, object.get().next(cx, g), g),
        Value::Instance(_) => next_of_instance(cx, v, g),
        _ => Err(not_iterator(cx, v, g)),
    }
}

/// An iterator object over a built-in container.
struct IterObj<'a> {
    items: RefCell<Iter<'a>>,
    kind: Type,
}

impl<'a> Obj<'a> for IterObj<'a> {
    fn kind(&self) -> Type {
        self.kind
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    fn next(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        // An iterator that is asked again while it runs the program's code is CPython's business.
        match self.items.try_borrow_mut() {
            Ok(mut items) => items.next(cx, g),
            Err(_) => Err(BailKind::Unsupported.at(g)),
        }
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

/// An iterator over a list, which sees items appended meanwhile.
pub struct ListIter<'a> {
    list: Option<List<'a>>,
    index: usize,
}

impl<'a> ListIter<'a> {
    /// Starts at the first item.
    #[must_use]
    pub fn new(list: List<'a>) -> Self {
        Self { list: Some(list), index: 0 }
    }

    /// The next item; once exhausted, it stays so.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "generated code calls it without the trait")]
    pub fn next(&mut self) -> Option<Value<'a>> {
        let item = self.list?.at(self.index);
        match item {
            Some(_) => self.index += 1,
            None => self.list = None,
        }
        item
    }
}

/// An iterator over a tuple.
pub struct TupleIter<'a>(std::slice::Iter<'a, Value<'a>>);

impl<'a> TupleIter<'a> {
    /// Starts at the first item.
    #[inline]
    #[must_use]
    pub fn new(tuple: Tuple<'a>) -> Self {
        Self(tuple.items().iter())
    }

    /// The next item; once exhausted, it stays so.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "generated code calls it without the trait")]
    pub fn next(&mut self) -> Option<Value<'a>> {
        self.0.next().copied()
    }
}

/// An iterator over the characters of a string.
pub struct StrIter<'a>(std::str::Chars<'a>);

impl<'a> StrIter<'a> {
    /// Starts at the first character.
    #[must_use]
    pub fn new(text: Str<'a>) -> Self {
        Self(text.text().chars())
    }

    /// The next character as a string.
    #[inline(always)]
    pub fn next(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Str<'a>>> {
        match self.0.next() {
            Some(letter) => char_str(cx, letter, g).map(Some),
            None => Ok(None),
        }
    }
}

/// An iterator over the keys of a dict (`dictiter_iternextkey`).
pub struct DictIter<'a> {
    dict: Option<Dict<'a>>,
    place: usize,
    len: usize,
    left: usize,
}

impl<'a> DictIter<'a> {
    /// Starts at the first key.
    #[must_use]
    pub fn new(dict: Dict<'a>) -> Self {
        Self { dict: Some(dict), place: 0, len: dict.len(), left: dict.len() }
    }

    /// The next key; raises when the size has changed, unless it was exhausted before.
    pub fn next(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        Ok(self.next_entry(cx, g)?.map(|(key, _)| key))
    }

    /// The next key and value.
    pub(crate) fn next_entry(&mut self, cx: &'a Cx<'a>, g: u32) -> Result<Option<(Value<'a>, Value<'a>)>> {
        let Some(dict) = self.dict else { return Ok(None) };
        if dict.len() != self.len {
            // CPython's iterator stays in that state.
            self.len = usize::MAX;
            return Err(cx.raise(Type::RuntimeError, "dictionary changed size during iteration", g));
        }
        match dict.next_entry(&mut self.place) {
            None => {
                self.dict = None;
                Ok(None)
            }
            Some(_) if self.left == 0 => {
                Err(cx.raise(Type::RuntimeError, "dictionary keys changed during iteration", g))
            }
            Some(entry) => {
                self.left -= 1;
                Ok(Some(entry))
            }
        }
    }
}
