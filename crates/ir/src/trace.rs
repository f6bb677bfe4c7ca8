//! The trace: a normalised program cut down to what its traced invocations did.
//!
//! The shape of the JSON is the shape of these types; `docs/trace.schema.json` describes it for other programs.
//! Kinds keep the names of the ancestor's trace IR (Herbert and Guha 2019, section 4) where they mean the same:
//! `let`, `set`, `if`, `while`, `break`, `binop`, `unknown`.

use serde::{Deserialize, Serialize};

use crate::{BinaryOp, CompareOp, Const, FunctionId, GlobalValue, SiteId, TypeSet, UnaryOp};

/// The version of the trace's JSON that this crate reads and writes.
pub const TRACE_VERSION: u32 = 1;

/// Everything known of one action's program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`TRACE_VERSION`] of the writer.
    pub version: u32,
    /// BLAKE3 of the module's source, in hexadecimal; traces of different sources do not merge.
    pub source: String,
    /// How many traced invocations went into this trace.
    pub invocations: u64,
    /// The function that invocations call.
    pub entry: FunctionId,
    /// All functions of the module, `functions[i].id == i`.
    pub functions: Vec<Function>,
}

/// A function as its traced calls saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its index in [`Trace::functions`].
    pub id: FunctionId,
    /// Its name, as in `def NAME`.
    pub name: String,
    /// Line of its `def`, from 1.
    pub line: u32,
    /// The function in whose body it is defined, if it is nested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<FunctionId>,
    /// Positional-or-keyword parameters, in order.
    pub params: Vec<Param>,
    /// Variables of its own scope other than parameters, temporaries of the normaliser included; all start unbound.
    pub locals: Vec<String>,
    /// Variables of enclosing functions that it reads or writes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub free: Vec<String>,
    /// Those of `free` that it assigns (`nonlocal`).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub nonlocals: Vec<String>,
    /// Its statements; `[unknown]` if it was never called.
    pub body: Block,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// The parameter's name.
    pub name: String,
    /// The site at which the types of arguments are observed.
    pub site: SiteId,
    /// Types that arguments had.
    pub seen: TypeSet,
    /// The default, where it is an immutable constant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default: Option<Const>,
}

/// Statements in order.
pub type Block = Vec<Stmt>;

/// One statement and the source line that it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stmt {
    /// Line in the action's source, from 1.
    pub line: u32,
    /// What it does.
    #[serde(flatten)]
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum StmtKind {
    /// Names the result of one application; `name` is a temporary.
    Let {
        /// The temporary.
        name: String,
        /// The application.
        value: Expr,
    },
    /// Assigns a variable of the source.
    Set {
        /// The variable: a local, a parameter, or one of the function's `nonlocals`.
        name: String,
        /// The application whose result it takes.
        value: Expr,
    },
    /// `name op= value`, in place where the type has that.
    Update {
        /// A local, a temporary, or one of the function's `nonlocals`.
        name: String,
        /// The operator.
        op: BinaryOp,
        /// The right operand.
        value: Atom,
        /// Where the operation is counted.
        site: SiteId,
    },
    /// `object[index] = value`.
    SetItem {
        /// The container.
        object: Atom,
        /// Index or key.
        index: Atom,
        /// What is stored.
        value: Atom,
        /// Where the operation is counted.
        site: SiteId,
    },
    /// A branch; a side that no traced invocation took is `[unknown]`.
    If {
        /// Tested for truth.
        test: Atom,
        /// When true.
        then: Block,
        /// When false.
        #[serde(rename = "else")]
        orelse: Block,
    },
    /// An endless loop, left by `break` or `return`; with `next`, also when the iterator ends.
    While {
        /// For a loop over an iterator: takes the next item, or leaves the loop.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        next: Option<Next>,
        /// The loop's statements.
        body: Block,
    },
    /// Leaves the innermost loop.
    Break,
    /// Starts the innermost loop's next round.
    Continue,
    /// Leaves the function.
    Return {
        /// Its result.
        value: Atom,
    },
    /// Defines a nested function.
    Def {
        /// The variable that holds it.
        name: String,
        /// The function.
        function: FunctionId,
    },
    /// Raises an exception; which one is CPython's business.
    Raise,
    /// A hole: nothing traced came here.
    Unknown {
        /// The branch, counted under this site.
        site: SiteId,
    },
    /// Something the native language does not have; it was executed.
    Opaque {
        /// Why it stays in Python, a sentence part.
        reason: String,
    },
}

/// The head of a loop over an iterator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Next {
    /// The variable that takes each item: a temporary, assigned exactly here.
    pub item: String,
    /// The variable that holds the iterator.
    pub iter: String,
    /// Where items are observed.
    pub site: SiteId,
    /// Types of items seen.
    pub seen: TypeSet,
}

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
    /// Reads a module-level or built-in name.
    Global {
        /// The name.
        name: String,
        /// What it held; more than one where that changed.
        held: Vec<GlobalValue>,
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
    /// `[items…]`.
    List {
        /// The items.
        items: Vec<Atom>,
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
        /// What it held.
        held: Vec<GlobalValue>,
    },
    /// A method, looked up by the call itself.
    Method {
        /// The receiver.
        object: Atom,
        /// The method's name.
        name: String,
    },
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
        /// The format specification after `:`, empty if there is none.
        #[serde(skip_serializing_if = "String::is_empty", default)]
        spec: String,
    },
}
