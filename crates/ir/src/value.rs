//! What observations say of values: constants, sets of types, what a global held.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::FunctionId;

/// An immutable Python constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Const {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An int that fits 64 bits.
    Int(i64),
    /// A larger int, in decimal.
    BigInt(String),
    /// A float, as text that Rust's `f64::from_str` reads back exactly (`1.5`, `inf`, `-0.0`, `NaN`).
    Float(FloatText),
    /// A string without lone surrogates.
    Str(String),
    /// A bytes object.
    Bytes(Vec<u8>),
    /// `...`
    Ellipsis,
}

/// A float as JSON can carry it: by its shortest exact text.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FloatText(pub f64);

impl PartialEq for FloatText {
    /// Equality of bits, so that `-0.0` differs from `0.0` and a NaN equals itself.
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl From<FloatText> for String {
    fn from(value: FloatText) -> Self {
        format!("{:?}", value.0)
    }
}

impl TryFrom<String> for FloatText {
    type Error = std::num::ParseFloatError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// The types seen at a site: `type(x).__qualname__`, behind the module's name and a dot where that is not `builtins`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeSet(pub BTreeSet<String>);

impl TypeSet {
    /// The join of the lattice: everything either side has seen.
    pub fn join(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// The one type seen, if there is exactly one.
    pub fn only(&self) -> Option<&str> {
        match self.0.len() {
            1 => self.0.first().map(String::as_str),
            _ => None,
        }
    }
}

impl<S: Into<String>> FromIterator<S> for TypeSet {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

/// What a module-level or built-in name held when the traced invocations ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GlobalValue {
    /// A plain function of the module's own source, with no closure and only constant defaults.
    Function(FunctionId),
    /// What a library has under that name: `len`, `ValueError`, `math.sqrt`, `math.pi`, `collections.deque`.
    /// Built-ins have no module in front.
    Builtin(String),
    /// A library module, by its full name.
    Module(String),
    /// An immutable constant.
    Const(Const),
    /// An object of [`Trace::image`](crate::Trace::image), by index.
    Image(usize),
    /// Anything else, with the reason why a read of it stays in Python, a sentence part.
    Other(String),
}

/// A regular expression, as CPython compiled it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// A string or bytes constant.
    pub pattern: Const,
    /// The flags that it was asked for with.
    pub given: u32,
    /// The flags of the compiled pattern.
    pub flags: u32,
    /// The program that CPython's `re` compiled it to.
    pub code: Vec<u32>,
    /// How many groups it has.
    pub groups: u32,
    /// Names of groups.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub names: Vec<(String, u32)>,
}

/// An object that the module's globals reach, as it was when the traced invocations ended.
///
/// Objects refer to each other, and to themselves, by index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Node {
    /// An immutable constant.
    Const(Const),
    /// What a library has under that name, as in [`GlobalValue::Builtin`].
    Builtin(String),
    /// A library module.
    Module(String),
    /// A list.
    List(Vec<usize>),
    /// A tuple.
    Tuple(Vec<usize>),
    /// A dict in insertion order.
    Dict(Vec<(usize, usize)>),
    /// A dict of the module `collections`, in insertion order: its class, and of a `defaultdict` what makes its values.
    DictOf(String, Option<usize>, Vec<(usize, usize)>),
    /// A `collections.deque`: its `maxlen`, and its items.
    Deque(Option<usize>, Vec<usize>),
    /// A set in the order in which iterating gives its items; true for a frozenset.
    Set(bool, Vec<usize>),
    /// A function of the module's source.
    Function {
        /// The function.
        function: FunctionId,
        /// Defaults of its last positional parameters.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        defaults: Vec<usize>,
        /// Defaults of keyword-only parameters.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        kwdefaults: Vec<(String, usize)>,
        /// Captured variables by name; an unbound one is missing.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        cells: Vec<(String, usize)>,
        /// Whether it is the object that a name holds as [`GlobalValue::Function`](crate::GlobalValue::Function).
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        named: bool,
    },
    /// A class of the module's source.
    Class {
        /// `__name__`
        name: String,
        /// `__qualname__`
        qualname: String,
        /// `__bases__`
        bases: Vec<usize>,
        /// `__dict__`, but for what every class has (`__dict__`, `__weakref__`, `__doc__`, `__module__`).
        dict: Vec<(String, usize)>,
        /// Classes that are its subclasses by registration, with it or a subclass of it (`abc.ABCMeta.register`).
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        registered: Vec<usize>,
        /// Whether it decides by itself what its subclasses are (`__subclasshook__`).
        #[serde(skip_serializing_if = "crate::expr::is_false", default)]
        hooked: bool,
        /// What made it, where that was no plain class statement.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        form: Option<ClassForm>,
    },
    /// An instance of a class of the image, with its `__dict__`.
    Instance {
        /// Its class.
        class: usize,
        /// Its attributes in insertion order.
        dict: Vec<(String, usize)>,
        /// What it holds as an instance of a subclass of `list`, `tuple`, `dict`, `str` and their like.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        payload: Option<usize>,
    },
    /// `staticmethod(function)`
    StaticMethod(usize),
    /// A bound method: the object, and the method's name.
    Bound(usize, String),
    /// `classmethod(function)`
    ClassMethod(usize),
    /// `property(get, set, delete)`
    Property(Option<usize>, Option<usize>, Option<usize>),
    /// What `functools.lru_cache` and `functools.cache` make, whose cache is empty or may be dropped.
    Cached {
        /// The wrapped function.
        function: usize,
        /// `maxsize`
        maxsize: Option<usize>,
        /// `typed`
        typed: bool,
    },
    /// An immutable object of a library class: the class's name, and what it is called with to make an equal one.
    Construct(String, Vec<usize>),
    /// `functools.partial(function, *args, **kwargs)`
    Partial(usize, Vec<usize>, Vec<(String, usize)>),
    /// A compiled regular expression.
    Pattern(Pattern),
    /// Anything else, with the reason why it cannot be native, a sentence part.
    Other(String),
}

impl Node {
    /// Whether it is an object whose content an invocation may change.
    pub fn may_change(&self) -> bool {
        let is_container =
            matches!(self, Self::List(_) | Self::Dict(_) | Self::DictOf(..) | Self::Deque(..) | Self::Set(false, _));
        is_container || matches!(self, Self::Instance { .. } | Self::Class { .. })
    }

    /// Whether it is an object of that library class.
    pub fn is_construct(&self, class: &str) -> bool {
        matches!(self, Self::Construct(name, _) if name == class)
    }

    /// Calls `found` with every index of another node in it.
    pub fn each_reference(&mut self, found: &mut impl FnMut(&mut usize)) {
        match self {
            Self::Const(_) | Self::Builtin(_) | Self::Module(_) | Self::Pattern(_) | Self::Other(_) => {}
            Self::List(items) | Self::Tuple(items) | Self::Set(_, items) | Self::Construct(_, items) => {
                items.iter_mut().for_each(found)
            }
            Self::Deque(_, items) => items.iter_mut().for_each(found),
            Self::Dict(items) | Self::DictOf(_, None, items) => items.iter_mut().for_each(|(key, value)| {
                found(key);
                found(value);
            }),
            Self::DictOf(_, Some(factory), items) => {
                found(factory);
                items.iter_mut().for_each(|(key, value)| {
                    found(key);
                    found(value);
                });
            }
            Self::Function { defaults, kwdefaults, cells, .. } => {
                defaults.iter_mut().for_each(&mut *found);
                kwdefaults.iter_mut().chain(cells).for_each(|(_, value)| found(value));
            }
            Self::Class { bases, dict, registered, form, .. } => {
                bases.iter_mut().chain(registered).for_each(&mut *found);
                dict.iter_mut().for_each(|(_, value)| found(value));
                match form {
                    Some(ClassForm::Enum(members)) => members.iter_mut().for_each(|(_, value)| found(value)),
                    Some(ClassForm::Dataclass(form)) => {
                        for field in &mut form.fields {
                            field.default.iter_mut().chain(&mut field.factory).for_each(&mut *found);
                        }
                    }
                    Some(ClassForm::NamedTuple(_)) | None => {}
                }
            }
            Self::Instance { class, dict, payload } => {
                found(class);
                payload.iter_mut().for_each(&mut *found);
                dict.iter_mut().for_each(|(_, value)| found(value));
            }
            Self::StaticMethod(inner)
            | Self::ClassMethod(inner)
            | Self::Bound(inner, _)
            | Self::Cached { function: inner, .. } => found(inner),
            Self::Property(get, set, delete) => {
                get.iter_mut().chain(set).chain(delete).for_each(found);
            }
            Self::Partial(function, args, kwargs) => {
                found(function);
                args.iter_mut().for_each(&mut *found);
                kwargs.iter_mut().for_each(|(_, value)| found(value));
            }
        }
    }
}

/// What made a class that is more than its `class` statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassForm {
    /// `collections.namedtuple` or `typing.NamedTuple`: its fields, and how many of the last have defaults (in the dict's `_field_defaults`).
    NamedTuple(Vec<String>),
    /// An `enum.Enum`: its members in order, aliases left out, by name and instance.
    Enum(Vec<(String, usize)>),
    /// A dataclass: its fields in order.
    Dataclass(DataclassForm),
}

/// What `dataclasses.dataclass` knew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataclassForm {
    /// The fields, inherited ones too.
    pub fields: Vec<DataclassField>,
    /// `eq=`
    pub eq: bool,
    /// `order=`
    pub order: bool,
    /// `frozen=`
    pub frozen: bool,
    /// Which of `__init__`, `__repr__`, `__eq__`, `__hash__` … were generated.
    pub generated: Vec<String>,
}

/// A field of a dataclass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataclassField {
    /// Its name.
    pub name: String,
    /// Its default value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default: Option<usize>,
    /// Its default factory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub factory: Option<usize>,
    /// `init=`
    pub init: bool,
    /// `repr=`
    pub repr: bool,
    /// `compare=`
    pub compare: bool,
}
