//! Operands and applications.

use std::ops::Range;

use upshift_ir::{BinaryOp, CompareOp, Const, Container, FunctionId, UnaryOp};

use super::Meaning;

/// An operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// A local, a temporary or a free variable.
    Var(String),
    /// A constant whose text is its Python literal; tuples of constants are not atoms.
    Const(Const),
    /// A constant that [`Const`] does not have (bytes, complex, `...`, text with lone surrogates), kept as its source text.
    Literal(Range<usize>),
}

impl Atom {
    /// The variable that it is.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Var(name) => Some(name),
            _ => None,
        }
    }
}

/// An application.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A plain copy.
    Atom(Atom),
    /// Reads a module-level or built-in name (also one that this function declares `global`).
    Global(String),
    /// `left op right`.
    Binary(BinaryOp, Atom, Atom),
    /// One comparison.
    Compare(CompareOp, Atom, Atom),
    /// `op operand`.
    Unary(UnaryOp, Atom),
    /// `object[index]`; a slice is opaque.
    Index(Atom, Atom),
    /// `object.name`.
    Attr(Atom, String),
    /// A call without `*` and `**`.
    Call {
        /// Whom.
        callee: Callee,
        /// Positional arguments.
        args: Vec<Atom>,
        /// Keyword arguments.
        kwargs: Vec<(String, Atom)>,
    },
    /// `[…]` without stars.
    List(Vec<Atom>),
    /// `(…)` without stars.
    Tuple(Vec<Atom>),
    /// `{…: …}` without `**`.
    Dict(Vec<(Atom, Atom)>),
    /// An f-string.
    Format(Vec<FormatPart>),
    /// `iter(object)` as a `for` does it, whatever the name `iter` means in the module.
    Iter(Atom),
    /// An expression that is not rewritten, kept as its source text.
    Opaque {
        /// Its bytes.
        text: Range<usize>,
        /// Why, a sentence part.
        reason: String,
        /// What it means.
        meaning: Box<Meaning>,
    },
    // Expressions of meanings, which are never printed.
    /// The built-in of that name, whatever it means in the module.
    Intrinsic(String),
    /// `import module`, or an attribute of it.
    Import(String, Option<String>),
    /// `{…}`
    Set(Vec<Atom>),
    /// A display with stars.
    Spread(Container, Vec<(bool, Atom)>),
    /// A dict display with `**`.
    DictSpread(Vec<(Option<Atom>, Atom)>),
    /// A slice, as a value.
    Slice([Atom; 3]),
    /// `object[start:stop:step]`
    GetSlice(Atom, [Atom; 3]),
    /// A call with stars.
    CallSpread {
        /// Whom.
        callee: Callee,
        /// All arguments, in order.
        args: Vec<Argument>,
    },
    /// A lambda or the function of a generator expression.
    Closure(FunctionId, Vec<(String, Atom)>),
    /// `super()`
    Super(Atom, Atom),
    /// `yield value`
    Yield(Atom),
    /// `yield from value`
    YieldFrom(Atom),
}

/// An argument of a call with stars.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `value`
    Positional(Atom),
    /// `*value`
    Star(Atom),
    /// `name=value`
    Keyword(String, Atom),
    /// `**value`
    DoubleStar(Atom),
}

/// Whom a call calls.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A variable.
    Var(String),
    /// A module-level or built-in name, read by the call itself; only where all arguments were atoms in the source.
    Global(String),
    /// A method looked up by the call itself; only where all arguments were atoms in the source.
    Method(Atom, String),
}

/// A part of an f-string.
#[derive(Clone, Debug)]
pub enum FormatPart {
    /// Text as it is.
    Text(String),
    /// `{value!conversion:spec}` with a constant specification; anything else makes the whole f-string opaque.
    Value {
        /// The value.
        value: Atom,
        /// `s`, `r` or `a`.
        conversion: Option<char>,
        /// Empty if there is none.
        spec: String,
        /// A computed specification, in meanings.
        computed: Option<Atom>,
    },
}
