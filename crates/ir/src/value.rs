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

/// What a module-level or built-in name held when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GlobalValue {
    /// A function that the module's own source defines at its top level.
    Function(FunctionId),
    /// The built-in of that name, not shadowed.
    Builtin(String),
    /// An immutable constant.
    Const(Const),
    /// Anything else, by its type's name: such a read stays in Python.
    Other(String),
}
