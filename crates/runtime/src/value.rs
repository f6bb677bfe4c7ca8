//! A value of unknown type: one `Copy` pair of words, with the guards that read it.

use std::fmt;

use crate::{BailKind, Dict, List, Range, RangeRef, Result, Str};

/// A Python value.
#[derive(Copy, Clone)]
pub enum Value<'a> {
    /// `None`.
    None,
    /// A `bool`.
    Bool(bool),
    /// An `int` within `i64`.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// A `str`.
    Str(Str<'a>),
    /// A `list`.
    List(List<'a>),
    /// A `dict`.
    Dict(Dict<'a>),
    /// A `range`.
    Range(RangeRef<'a>),
}

const _: () = assert!(size_of::<Value<'static>>() == 16 && size_of::<Option<Value<'static>>>() == 16);

impl<'a> Value<'a> {
    /// The int; bails out with `Type` at anything else, a bool too.
    #[inline]
    pub fn as_int(self, g: u32) -> Result<i64> {
        if let Value::Int(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// The float; bails out with `Type` at anything else, an int too.
    #[inline]
    pub fn as_float(self, g: u32) -> Result<f64> {
        if let Value::Float(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// The bool; bails out with `Type` at anything else.
    #[inline]
    pub fn as_bool(self, g: u32) -> Result<bool> {
        if let Value::Bool(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// The string; bails out with `Type` at anything else.
    #[inline]
    pub fn as_str(self, g: u32) -> Result<Str<'a>> {
        if let Value::Str(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// The list; bails out with `Type` at anything else.
    #[inline]
    pub fn as_list(self, g: u32) -> Result<List<'a>> {
        if let Value::List(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// The dict; bails out with `Type` at anything else.
    #[inline]
    pub fn as_dict(self, g: u32) -> Result<Dict<'a>> {
        if let Value::Dict(value) = self { Ok(value) } else { Err(BailKind::Type.at(g)) }
    }

    /// Bails out with `Type` at anything but `None`.
    #[inline]
    pub fn as_none(self, g: u32) -> Result<()> {
        if let Value::None = self { Ok(()) } else { Err(BailKind::Type.at(g)) }
    }

    /// The range; bails out with `Type` at anything else.
    #[inline]
    pub fn as_range(self, g: u32) -> Result<Range> {
        if let Value::Range(value) = self { Ok(*value.0) } else { Err(BailKind::Type.at(g)) }
    }

    /// The int that an int or bool is in arithmetic.
    pub(crate) fn index(self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(value),
            Value::Bool(value) => Some(i64::from(value)),
            _ => None,
        }
    }
}

/// A variable's value; bails out with `Exception` while it is unbound.
#[inline]
pub fn bound<T: Copy>(value: Option<T>, g: u32) -> Result<T> {
    value.ok_or(BailKind::Exception.at(g))
}

/// `bool(v)`.
#[must_use]
pub fn truth(v: Value<'_>) -> bool {
    match v {
        Value::None => false,
        Value::Bool(value) => value,
        Value::Int(value) => value != 0,
        Value::Float(value) => value != 0.0,
        Value::Str(value) => truth_str(value),
        Value::List(value) => truth_list(value),
        Value::Dict(value) => truth_dict(value),
        Value::Range(value) => truth_range(*value.0),
    }
}

/// Whether the string is not empty.
#[inline]
#[must_use]
pub fn truth_str(v: Str<'_>) -> bool {
    !v.text().is_empty()
}

/// Whether the list is not empty.
#[inline]
#[must_use]
pub fn truth_list(v: List<'_>) -> bool {
    !v.is_empty()
}

/// Whether the dict is not empty.
#[inline]
#[must_use]
pub fn truth_dict(v: Dict<'_>) -> bool {
    !v.is_empty()
}

/// Whether the range is not empty.
#[inline]
#[must_use]
pub fn truth_range(v: Range) -> bool {
    !v.is_empty()
}

impl From<()> for Value<'_> {
    #[inline]
    fn from((): ()) -> Self {
        Value::None
    }
}

impl From<bool> for Value<'_> {
    #[inline]
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    #[inline]
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}

impl From<f64> for Value<'_> {
    #[inline]
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl<'a> From<Str<'a>> for Value<'a> {
    #[inline]
    fn from(value: Str<'a>) -> Self {
        Value::Str(value)
    }
}

impl<'a> From<List<'a>> for Value<'a> {
    #[inline]
    fn from(value: List<'a>) -> Self {
        Value::List(value)
    }
}

impl<'a> From<Dict<'a>> for Value<'a> {
    #[inline]
    fn from(value: Dict<'a>) -> Self {
        Value::Dict(value)
    }
}

/// The handles print as their kind and size, which is safe for a structure that contains itself.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Str(value) => write!(f, "{:?}", value.text()),
            Value::List(value) => write!(f, "list of {}", value.len()),
            Value::Dict(value) => write!(f, "dict of {}", value.len()),
            Value::Range(value) => write!(f, "{:?}", value.0),
        }
    }
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Str(*self).fmt(f)
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::List(*self).fmt(f)
    }
}

impl fmt::Debug for Dict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Dict(*self).fmt(f)
    }
}
