//! The typed program: a trace with every name resolved, every nested function turned into a plain one,
//! and a static type at every variable.
//!
//! What holds:
//! - Variables are indices into their function; a variable is a plain local or a `Ref` cell.
//! - Calls name the function, built-in or method that they reach.
//! - What a traced invocation never did is a [`StmtKind::Bail`].
//! - Nothing opaque is left.

use upshift_ir::{BinaryOp, CompareOp, Const, FunctionId, UnaryOp};

use crate::Ty;

/// A whole action, ready to be printed as Rust.
#[derive(Clone, Debug)]
pub struct Program {
    /// The functions that the trace reached, and that were not inlined.
    pub functions: Vec<Function>,
    /// Index of the entry in `functions`.
    pub entry: usize,
}

/// A function of the typed program.
#[derive(Clone, Debug)]
pub struct Function {
    /// The traced function that it is.
    pub id: FunctionId,
    /// Its Rust name.
    pub name: String,
    /// Line of its `def`.
    pub line: u32,
    /// Its parameters, captured variables last.
    pub params: Vec<VarId>,
    /// All its variables.
    pub vars: Vec<Var>,
    /// Its statements; control never falls off their end.
    pub body: Block,
    /// The join of what it returns.
    pub result: Ty,
}

/// Index of a variable in its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub usize);

/// A variable.
#[derive(Clone, Debug)]
pub struct Var {
    /// Its Rust name, unique in the function.
    pub name: String,
    /// The join of all that is assigned to it.
    pub ty: Ty,
    /// Whether nested functions share it through a `Ref` cell.
    pub cell: bool,
    /// Whether some read may come before any assignment; such a local is held in an `Option`.
    pub maybe_unbound: bool,
}

/// Statements in order.
pub type Block = Vec<Stmt>;

/// A statement and the line of the source that it came from.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Line, from 1.
    pub line: u32,
    /// What it does.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `target = value`
    Assign(VarId, Expr),
    /// `target op= value`
    Update(VarId, BinaryOp, Atom),
    /// `object[index] = value`
    SetItem {
        /// The container.
        object: Atom,
        /// Index or key.
        index: Atom,
        /// What is stored.
        value: Atom,
    },
    /// A branch.
    If(Atom, Block, Block),
    /// An endless loop; with a head, until its iterator ends.
    Loop(Option<Next>, Block),
    /// Leaves the innermost loop.
    Break,
    /// Starts the innermost loop's next round.
    Continue,
    /// Leaves the function.
    Return(Atom),
    /// A frame that CPython would push begins: an inlined call.
    Enter,
    /// It ends.
    Leave,
    /// Control that comes here goes back to CPython.
    Bail(BailKind),
}

/// Why a [`StmtKind::Bail`] is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BailKind {
    /// A hole of the trace.
    Branch,
    /// A `raise`, or a call that cannot but raise.
    Exception,
}

/// The head of a loop.
#[derive(Clone, Debug)]
pub struct Next {
    /// Takes each item.
    pub item: VarId,
    /// Holds the iterator.
    pub iter: VarId,
    /// The type that items are held to.
    pub observed: Ty,
}

/// An operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// A variable's value.
    Var(VarId),
    /// A constant; never a big integer.
    Const(Const),
}

/// An application.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A plain copy.
    Atom(Atom),
    /// `left op right`
    Binary(BinaryOp, Atom, Atom),
    /// A comparison.
    Compare(CompareOp, Atom, Atom),
    /// `op operand`
    Unary(UnaryOp, Atom),
    /// `object[index]`, held to a type.
    Index(Atom, Atom, Ty),
    /// A call of a function of the program.
    Call(FunctionId, Vec<Argument>),
    /// A call of a built-in.
    Builtin(Builtin, Vec<Atom>),
    /// `print` with its separator and end.
    Print {
        /// What is printed.
        args: Vec<Atom>,
        /// `sep=`
        sep: Option<Atom>,
        /// `end=`
        end: Option<Atom>,
    },
    /// `object.append(item)`
    Append(Atom, Atom),
    /// `object.get(key, default)`, held to a type.
    Get(Atom, Atom, Atom, Ty),
    /// `[…]`
    List(Vec<Atom>),
    /// `{…}`
    Dict(Vec<(Atom, Atom)>),
    /// An f-string.
    Format(Vec<FormatPart>),
    /// `iter(object)`
    Iter(Atom),
}

/// What a call hands to a parameter.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A value.
    Value(Atom),
    /// The `Ref` cell of a captured variable.
    Cell(VarId),
}

/// The built-ins of the native language, but for `print`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Builtin {
    Len,
    Range,
    Min,
    Max,
    Abs,
    Sum,
    Str,
    Int,
    Float,
    Bool,
}

/// A part of an f-string.
#[derive(Clone, Debug)]
pub enum FormatPart {
    /// Text as it is.
    Text(String),
    /// `{value:spec}`
    Value(Atom, String),
    /// `{value!r}`
    Repr(Atom),
}
