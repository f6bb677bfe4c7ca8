//! A value of unknown type: one `Copy` pair of words, with the guards that read it.

use std::fmt;

use crate::typed::held;
use crate::{
    BailKind, Big, Bool, Builtin, Bytes, Class, Cx, Dict, Float, Function, Instance, List, Method, Number, Object,
    Range, RangeRef, Result, Set, Str, Tuple, attr,
};

/// A Python value: a word that tells its type, and a word (see [`crate::word`] for why all of them are words).
#[derive(Copy, Clone)]
#[repr(u64)]
pub enum Value<'a> {
    /// `None`.
    None,
    /// `NotImplemented`.
    NotImplemented,
    /// `...`
    Ellipsis,
    /// A `bool`.
    Bool(Bool),
    /// An `int` within `i64`.
    Int(i64),
    /// An `int` beyond it.
    Big(Big<'a>),
    /// A `float`.
    Float(Float),
    /// A `str`.
    Str(Str<'a>),
    /// A `bytes`.
    Bytes(Bytes<'a>),
    /// A `list`.
    List(List<'a>),
    /// A `tuple`.
    Tuple(Tuple<'a>),
    /// A `dict`, or one of the library's that behave like it.
    Dict(Dict<'a>),
    /// A `set` or `frozenset`.
    Set(Set<'a>),
    /// A `range`.
    Range(RangeRef<'a>),
    /// A class.
    Class(Class<'a>),
    /// A function of the program.
    Function(Function<'a>),
    /// A built-in or library function.
    Builtin(&'static Builtin),
    /// A bound method.
    Method(&'a Method<'a>),
    /// An instance of one of the program's classes, or an exception.
    Instance(Instance<'a>),
    /// An object of any other type.
    Object(Object<'a>),
}

const _: () = assert!(size_of::<Value<'static>>() == 16 && size_of::<Option<Value<'static>>>() == 16);

impl<'a> Value<'a> {
    /// The `bool`.
    #[inline(always)]
    #[must_use]
    pub const fn bool(value: bool) -> Self {
        Value::Bool(if value { Bool::True } else { Bool::False })
    }

    /// The `float`.
    #[inline(always)]
    #[must_use]
    pub const fn float(value: f64) -> Self {
        Value::Float(Float::new(value))
    }

    /// The int; bails out with `Overflow` at one beyond 64 bits, with `Type` at anything else, a bool too.
    #[inline(always)]
    pub fn as_int(self, g: u32) -> Result<i64> {
        held(self, g)
    }

    /// The float; bails out with `Type` at anything else, an int too.
    #[inline(always)]
    pub fn as_float(self, g: u32) -> Result<f64> {
        held(self, g)
    }

    /// The int within 64 bits or float that it is; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_number(self, g: u32) -> Result<Number> {
        held(self, g)
    }

    /// The bool; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_bool(self, g: u32) -> Result<bool> {
        held(self, g)
    }

    /// The string; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_str(self, g: u32) -> Result<Str<'a>> {
        held(self, g)
    }

    /// The list; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_list(self, g: u32) -> Result<List<'a>> {
        held(self, g)
    }

    /// The tuple; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_tuple(self, g: u32) -> Result<Tuple<'a>> {
        held(self, g)
    }

    /// The dict; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_dict(self, g: u32) -> Result<Dict<'a>> {
        held(self, g)
    }

    /// Bails out with `Type` at anything but `None`.
    #[inline]
    pub fn as_none(self, g: u32) -> Result<()> {
        if let Value::None = self { Ok(()) } else { Err(BailKind::Type.at(g)) }
    }

    /// The range; bails out with `Type` at anything else.
    #[inline(always)]
    pub fn as_range(self, g: u32) -> Result<Range> {
        held(self, g)
    }

    /// The int that an int or bool is in arithmetic.
    pub(crate) fn index(self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(value),
            Value::Bool(value) => Some(i64::from(value.get())),
            _ => None,
        }
    }
}

/// A variable's value; bails out with `Exception` while it is unbound.
#[inline]
pub fn bound<T: Copy>(value: Option<T>, g: u32) -> Result<T> {
    value.ok_or_else(|| BailKind::Exception.at(g))
}

/// `bool(v)` of a value that has no code of the program's own to run.
#[inline]
#[must_use]
pub(crate) fn truth_plain(v: Value<'_>) -> Option<bool> {
    Some(match v {
        Value::None => false,
        Value::Bool(value) => value.get(),
        Value::Int(value) => value != 0,
        Value::Float(value) => value.get() != 0.0,
        Value::Str(value) => truth_str(value),
        Value::Bytes(value) => !value.bytes().is_empty(),
        Value::List(value) => truth_list(value),
        Value::Tuple(value) => !value.items().is_empty(),
        Value::Dict(value) => truth_dict(value),
        Value::Set(value) => !value.is_empty(),
        Value::Range(value) => truth_range(*value.0),
        Value::Instance(_) | Value::Object(_) => return None,
        _ => true,
    })
}

/// `bool(v)`.
#[inline]
pub fn truth<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<bool> {
    match truth_plain(v) {
        Some(truth) => Ok(truth),
        None => truth_of(cx, v, g),
    }
}

/// `bool(v)` of an instance or object (`PyObject_IsTrue`).
fn truth_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<bool> {
    if let Value::Object(object) = v {
        return object.get().truth(cx, g);
    }
    match attr::call_special(cx, v, "__bool__", &[], g)? {
        Some(Value::Bool(truth)) => return Ok(truth.get()),
        Some(_) => return Err(BailKind::Exception.at(g)),
        None => {}
    }
    match attr::call_special(cx, v, "__len__", &[], g)? {
        Some(Value::Int(len)) if len >= 0 => Ok(len != 0),
        Some(_) => Err(BailKind::Exception.at(g)),
        None => Ok(truth_plain(crate::plain(v)).unwrap_or(true)),
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
        Value::bool(value)
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
        Value::float(value)
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

impl<'a> From<Tuple<'a>> for Value<'a> {
    #[inline]
    fn from(value: Tuple<'a>) -> Self {
        Value::Tuple(value)
    }
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

/// Values print as their kind and size, which is safe for a structure that contains itself.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Bool(value) => write!(f, "{}", value.get()),
            Value::Int(value) => write!(f, "{value}"),
            Value::Big(value) => write!(f, "{}", value.number()),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Str(value) => write!(f, "{:?}", value.text()),
            Value::Bytes(value) => write!(f, "b{:?}", value.bytes()),
            Value::List(value) => write!(f, "list of {}", value.len()),
            Value::Tuple(value) => write!(f, "tuple of {}", value.items().len()),
            Value::Dict(value) => write!(f, "dict of {}", value.len()),
            Value::Set(value) => write!(f, "set of {}", value.len()),
            Value::Range(value) => write!(f, "{:?}", value.0),
            Value::Class(class) => write!(f, "class {}", class.name().text()),
            other => write!(f, "a {}", crate::class::type_name(*other)),
        }
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
