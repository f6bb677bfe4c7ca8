//! Iteration as CPython's iterators do it: by index over lists and strings, in insertion order over dicts.

use crate::range::RangeIter;
use crate::string::char_str;
use crate::{BailKind, Cx, Dict, List, Result, Str, Value};

/// An iterator over a value of unknown type.
pub struct Iter<'a>(Kind<'a>);

enum Kind<'a> {
    List(ListIter<'a>),
    Str(StrIter<'a>),
    Dict(DictIter<'a>),
    Range(RangeIter),
}

impl<'a> Iter<'a> {
    /// `iter(v)`; bails out with `Exception` when `v` cannot be iterated.
    pub fn new(_cx: &Cx<'a>, v: Value<'a>, g: u32) -> Result<Self> {
        Ok(Self(match v {
            Value::List(list) => Kind::List(ListIter::new(list)),
            Value::Str(text) => Kind::Str(StrIter::new(text)),
            Value::Dict(dict) => Kind::Dict(DictIter::new(dict)),
            Value::Range(range) => Kind::Range(RangeIter::new(*range.0)),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => return Err(BailKind::Exception.at(g)),
        }))
    }

    /// The next item; a dict whose size changed bails out with `Exception`.
    pub fn next(&mut self, cx: &Cx<'a>, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match &mut self.0 {
            Kind::List(iter) => iter.next(),
            Kind::Str(iter) => iter.next(cx, g)?.map(Value::Str),
            Kind::Dict(iter) => iter.next(g)?,
            Kind::Range(iter) => iter.next().map(Value::Int),
        })
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

/// An iterator over the characters of a string.
pub struct StrIter<'a>(std::str::Chars<'a>);

impl<'a> StrIter<'a> {
    /// Starts at the first character.
    #[must_use]
    pub fn new(text: Str<'a>) -> Self {
        Self(text.text().chars())
    }

    /// The next character as a string.
    pub fn next(&mut self, cx: &Cx<'a>, g: u32) -> Result<Option<Str<'a>>> {
        match self.0.next() {
            Some(letter) => char_str(cx, letter, g).map(Some),
            None => Ok(None),
        }
    }
}

/// An iterator over the keys of a dict.
pub struct DictIter<'a> {
    dict: Option<Dict<'a>>,
    index: usize,
    len: usize,
}

impl<'a> DictIter<'a> {
    /// Starts at the first key.
    #[must_use]
    pub fn new(dict: Dict<'a>) -> Self {
        Self { dict: Some(dict), index: 0, len: dict.len() }
    }

    /// The next key; bails out with `Exception` when the size has changed, unless it was exhausted before.
    pub fn next(&mut self, g: u32) -> Result<Option<Value<'a>>> {
        let Some(dict) = self.dict else { return Ok(None) };
        if dict.len() != self.len {
            return Err(BailKind::Exception.at(g));
        }
        let entry = dict.entry(self.index);
        match entry {
            Some(_) => self.index += 1,
            None => self.dict = None,
        }
        Ok(entry.map(|(key, _)| key))
    }
}
