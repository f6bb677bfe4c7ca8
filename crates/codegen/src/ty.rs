//! Static types of the typed program and how generated Rust holds them.

use upshift_ir::{Const, TypeSet};

/// What is known of a value before it exists: a lattice from [`Ty::Never`] up to [`Ty::Any`], flat but for [`Ty::Number`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ty {
    /// No value reaches here (yet, while types are inferred).
    #[default]
    Never,
    /// `None`
    None,
    /// `bool`, which is not an int here: the tiers must print it the same way.
    Bool,
    /// `int` within 64 bits
    Int,
    /// `float`
    Float,
    /// An `int` within 64 bits or a `float`, as a sum is that begins with 0.
    Number,
    /// `str`
    Str,
    /// `list`
    List,
    /// `tuple`
    Tuple,
    /// `dict`
    Dict,
    /// `range`
    Range,
    /// An iterator at the head of a loop.
    Iter(IterTy),
    /// A method that was looked up and not called yet.
    Loaded,
    /// Any value of the native language.
    Any,
}

/// What a loop iterates over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IterTy {
    /// A `range`; items are ints.
    Range,
    /// A `list`.
    List,
    /// A `tuple`.
    Tuple,
    /// A `str`; items are strings.
    Str,
    /// A `dict`; items are its keys.
    Dict,
    /// Found out when the loop starts.
    Any,
    /// `enumerate` of such items; pairs of an int and an item.
    Enumerate(Items),
    /// `zip` of such items.
    Zip(Items, Items),
    /// `items()` of a `dict`.
    Entries,
}

/// What the items are that pairs are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Items {
    /// Those of a `range`: ints.
    Range,
    /// Those of a `list`.
    List,
    /// Those of a `tuple`.
    Tuple,
    /// Those of a `str`: strings.
    Str,
    /// Those of anything else.
    Any,
}

impl Items {
    fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Any }
    }

    /// Of what a value of that type gives.
    pub fn of(ty: Ty) -> Self {
        match ty {
            Ty::Range => Self::Range,
            Ty::List => Self::List,
            Ty::Tuple => Self::Tuple,
            Ty::Str => Self::Str,
            _ => Self::Any,
        }
    }

    /// The static type of an item.
    pub fn item(self) -> Ty {
        match self {
            Self::Range => Ty::Int,
            Self::Str => Ty::Str,
            Self::List | Self::Tuple | Self::Any => Ty::Any,
        }
    }

    /// The runtime's iterator.
    pub fn rust(self) -> &'static str {
        match self {
            Self::Range => "RangeIter",
            Self::List => "ListIter",
            Self::Tuple => "rt::TupleIter",
            Self::Str => "StrIter",
            Self::Any => "Iter",
        }
    }
}

impl IterTy {
    /// The least type above both.
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Enumerate(left), Self::Enumerate(right)) => Self::Enumerate(left.join(right)),
            (Self::Zip(left, right), Self::Zip(other_left, other_right)) => {
                Self::Zip(left.join(other_left), right.join(other_right))
            }
            _ => Self::Any,
        }
    }

    /// The static types of what pairs consist of.
    pub fn pair(self) -> [Ty; 2] {
        match self {
            Self::Enumerate(items) => [Ty::Int, items.item()],
            Self::Zip(left, right) => [left.item(), right.item()],
            _ => [Ty::Any, Ty::Any],
        }
    }
}

impl Ty {
    /// The least type above both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, ty) | (ty, Self::Never) => ty,
            (left, right) if left == right => left,
            (left, right) if left.is_number() && right.is_number() => Self::Number,
            (Self::Iter(left), Self::Iter(right)) => Self::Iter(left.join(right)),
            // What holds a method holds nothing else; the receiver itself is the narrower form of that.
            (Self::Loaded, _) | (_, Self::Loaded) => Self::Loaded,
            _ => Self::Any,
        }
    }

    /// The type of a constant, where it has one of its own.
    pub fn of_const(constant: &Const) -> Option<Self> {
        Some(match constant {
            Const::None => Self::None,
            Const::Bool(_) => Self::Bool,
            Const::Int(_) => Self::Int,
            Const::Float(_) => Self::Float,
            Const::Str(_) => Self::Str,
            Const::BigInt(_) | Const::Bytes(_) | Const::Ellipsis => return None,
        })
    }

    /// The type that a guard can hold a site to: the one type seen there, or [`Ty::Any`], which needs no guard.
    pub fn observed(seen: &TypeSet) -> Self {
        match seen.only() {
            Some("NoneType") => Self::None,
            Some("bool") => Self::Bool,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("str") => Self::Str,
            Some("list") => Self::List,
            Some("tuple") => Self::Tuple,
            Some("dict") => Self::Dict,
            Some("range") => Self::Range,
            _ => Self::Any,
        }
    }

    /// The Rust type that holds it.
    pub fn rust(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "i64",
            Self::Float => "f64",
            Self::Str => "Str<'a>",
            Self::List => "List<'a>",
            Self::Tuple => "rt::Tuple<'a>",
            Self::Dict => "Dict<'a>",
            Self::Range => "Range",
            Self::Iter(IterTy::Range) => "RangeIter",
            Self::Iter(IterTy::List) => "ListIter<'a>",
            Self::Iter(IterTy::Tuple) => "rt::TupleIter<'a>",
            Self::Iter(IterTy::Str) => "StrIter<'a>",
            Self::Iter(IterTy::Dict) => "DictIter<'a>",
            Self::Iter(IterTy::Any) => "Iter<'a>",
            Self::Iter(IterTy::Entries) => "rt::EntriesIter<'a>",
            // Inferred where it is assigned.
            Self::Iter(IterTy::Enumerate(_) | IterTy::Zip(..)) => "_",
            Self::Loaded => "Loaded<'a>",
            Self::Number => "rt::Number",
            Self::None | Self::Never | Self::Any => "Value<'a>",
        }
    }

    /// Whether generated Rust holds it as the runtime's `Value`.
    pub fn is_boxed(self) -> bool {
        matches!(self, Self::None | Self::Never | Self::Any)
    }

    /// Whether it is an int within 64 bits, a float, or one of these.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Number)
    }
}
