//! Operands and applications of a trace.

use serde::{Deserialize, Serialize};

use crate::{BinaryOp, CompareOp, Const, FunctionId, SiteId, TypeSet, UnaryOp};

/// An operand: it has no effect and can be read twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Atom {
    /// A variable of the function, or one of its `free` ones.
    Var(String),
    /// A constant.
    Const(Const),
}

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// Where the application is observed and counted.
    pub site: SiteId,
    /// Types of its results seen; empty where they follow from the operands.
    #[serde(skip_serializing_if = "is_empty", default)]
    pub seen: TypeSet,
    /// What is applied.
    #[serde(flatten)]
    pub kind: ExprKind,
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

fn is_empty(seen: &TypeSet) -> bool {
    seen.0.is_empty()
}

/// The kinds of applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum ExprKind {
    /// A plain copy.
    Atom {
        /// What is copied.
        value: Atom,
    },
    /// Reads a module-level or built-in name; [`Trace::globals`] has what it held.
    Global {
        /// The name.
        name: String,
    },
    /// The built-in of that name, whatever the name means in the module (`AssertionError` of an `assert`).
    Intrinsic {
        /// The name.
        name: String,
    },
    /// `import module`, or the attribute `name` of it.
    Import {
        /// The module's full name.
        module: String,
        /// For `from module import name`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        name: Option<String>,
    },
    /// `left op right`.
    BinOp {
        /// The operator.
        operator: BinaryOp,
        /// Left operand.
        left: Atom,
        /// Right operand.
        right: Atom,
    },
    /// `left op right`, a comparison.
    Compare {
        /// The operator.
        operator: CompareOp,
        /// Left operand.
        left: Atom,
        /// Right operand.
        right: Atom,
    },
    /// `op operand`.
    UnOp {
        /// The operator.
        operator: UnaryOp,
        /// The operand.
        operand: Atom,
    },
    /// `object[index]`.
    Index {
        /// The container.
        object: Atom,
        /// Index or key.
        index: Atom,
    },
    /// `object.name`.
    Attr {
        /// The object.
        object: Atom,
        /// The attribute.
        name: String,
    },
    /// `callee(args…, name=arg…)`.
    Call {
        /// Whom.
        callee: Callee,
        /// Positional arguments.
        args: Vec<Atom>,
        /// Keyword arguments.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        kwargs: Vec<(String, Atom)>,
    },
    /// A call with `*` or `**`.
    CallSpread {
        /// Whom.
        callee: Callee,
        /// All arguments, in order.
        args: Vec<Argument>,
    },
    /// `[items…]`.
    List {
        /// The items.
        items: Vec<Atom>,
    },
    /// `(items…)`.
    Tuple {
        /// The items.
        items: Vec<Atom>,
    },
    /// `{items…}`.
    Set {
        /// The items.
        items: Vec<Atom>,
    },
    /// A display with stars.
    Spread {
        /// What is built.
        container: Container,
        /// The items; those marked true are iterated.
        items: Vec<(bool, Atom)>,
    },
    /// A dict display with `**`: an item without a key is a mapping.
    DictSpread {
        /// Keys and values.
        items: Vec<(Option<Atom>, Atom)>,
    },
    /// `slice(start, stop, step)`, as a subscript writes it.
    Slice {
        /// `None` where left out.
        start: Atom,
        /// `None` where left out.
        stop: Atom,
        /// `None` where left out.
        step: Atom,
    },
    /// `object[start:stop:step]`.
    GetSlice {
        /// The sequence.
        object: Atom,
        /// `None` where left out.
        start: Atom,
        /// `None` where left out.
        stop: Atom,
        /// `None` where left out.
        step: Atom,
    },
    /// A lambda, or the function of a generator expression, as a value.
    Closure {
        /// The function.
        function: FunctionId,
        /// Values of its computed defaults, by parameter.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        defaults: Vec<(String, Atom)>,
    },
    /// `super()` in a method.
    Super {
        /// The class that the method is defined in.
        class: Atom,
        /// The method's first argument.
        object: Atom,
    },
    /// `yield value`; the result is what was sent.
    Yield {
        /// What is yielded.
        value: Atom,
    },
    /// `yield from value`; the result is what the iterator returned.
    YieldFrom {
        /// What is iterated.
        value: Atom,
    },
    /// `{key: value, …}`.
    Dict {
        /// Keys and values.
        items: Vec<(Atom, Atom)>,
    },
    /// An f-string.
    Format {
        /// Its parts, in order.
        parts: Vec<FormatPart>,
    },
    /// `iter(object)`, at the head of a loop.
    Iter {
        /// What is iterated.
        object: Atom,
    },
    /// Something the native language does not have; it was executed.
    Opaque {
        /// Why it stays in Python, a sentence part.
        reason: String,
    },
}

/// Whom a call calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callee {
    /// A variable that holds a function (or a method taken with [`ExprKind::Attr`]).
    Var(String),
    /// A module-level or built-in name, read by the call itself.
    Global {
        /// The name.
        name: String,
    },
    /// A method, looked up by the call itself.
    Method {
        /// The receiver.
        object: Atom,
        /// The method's name.
        name: String,
    },
}

/// An argument of a call with stars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// What a display builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// `[…]`
    List,
    /// `(…)`
    Tuple,
    /// `{…}`
    Set,
}

/// A part of an f-string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormatPart {
    /// Text as it is.
    Text(String),
    /// A value, converted and formatted.
    Value {
        /// The value.
        value: Atom,
        /// `s`, `r` or `a` after `!`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        conversion: Option<char>,
        /// The format specification after `:`, a string; none if there is none.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        spec: Option<Atom>,
    },
}
