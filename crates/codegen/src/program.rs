//! The typed program: a trace with every name resolved, every nested function turned into a plain one,
//! and a static type at every variable.
//!
//! What holds:
//! - Variables are indices into their function; a variable is a plain local or a `Ref` cell.
//! - Calls name the function, built-in or method that they reach.
//! - What a traced invocation never did is a [`StmtKind::Bail`].
//! - Nothing opaque is left.

use std::collections::BTreeMap;

use upshift_ir::{BinaryOp, CompareOp, Const, Container, FunctionId, Node, ParamKind, UnaryOp};

use crate::Ty;

/// A whole action, ready to be printed as Rust.
#[derive(Clone, Debug)]
pub struct Program {
    /// The functions that the trace reached, and that were not inlined.
    pub functions: Vec<Function>,
    /// Index of the entry in `functions`.
    pub entry: usize,
    /// Module-level objects that the functions reach, by their index in the trace's image or behind it.
    pub globals: BTreeMap<usize, Global>,
    /// What it keeps from one invocation to the next, if anything.
    pub state: Option<State>,
    /// Regular expressions that traced invocations compiled.
    pub patterns: Vec<upshift_ir::Pattern>,
    /// How many of CPython's frames one call may stand for.
    pub frames: u32,
}

/// What a module keeps from one invocation to the next, beside its objects.
#[derive(Clone, Debug)]
pub struct State {
    /// How many objects of the image are the loaded module's; these may change.
    pub loaded: usize,
    /// Names that functions rebind, with what they hold at first.
    pub variables: Vec<(String, First)>,
}

/// What a variable of the module holds at first.
#[derive(Clone, Debug)]
pub enum First {
    /// Nothing, or nothing that native code could have.
    Unbound,
    /// A constant.
    Const(Const),
    /// An object, by its index in [`Program::globals`].
    Object(usize),
}

/// A module-level object, made when it is first read.
#[derive(Clone, Debug)]
pub enum Global {
    /// An object of the trace's image.
    Node(Node),
    /// A plain function of the module, as a value.
    Function(FunctionId),
}

/// A function of the typed program.
#[derive(Clone, Debug)]
pub struct Function {
    /// The traced function that it is.
    pub id: FunctionId,
    /// Its `__name__` and `__qualname__`.
    pub names: (String, String),
    /// Whether calling it makes a generator.
    pub generator: bool,
    /// Whether it exists as an object, with a description that the runtime can call.
    pub object: bool,
    /// The parameters of its signature, without captured variables.
    pub signature: Vec<Param>,
    /// Its Rust name.
    pub name: String,
    /// Line of its `def`.
    pub line: u32,
    /// Names of the variables that it captures, in the order of its last parameters.
    pub captures: Vec<String>,
    /// Its parameters, captured variables last.
    pub params: Vec<VarId>,
    /// All its variables.
    pub vars: Vec<Var>,
    /// Its statements; control never falls off their end.
    pub body: Block,
    /// The join of what it returns.
    pub result: Ty,
}

/// A parameter of a signature.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// How it takes its argument.
    pub kind: ParamKind,
    /// Its default, where that is a constant.
    pub default: Option<Const>,
    /// The type that callers that are not known are held to.
    pub observed: Ty,
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
    /// Whether function objects share that cell, so that it holds values of any type.
    pub shared: bool,
    /// Whether it is none of the source's.
    pub temporary: bool,
    /// Whether some read may come before any assignment; such a local is held in an `Option`.
    pub maybe_unbound: bool,
    /// Whether it is assigned within a `try` or `with`, and used outside of that too.
    pub assigned_in_try: bool,
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
    /// `object.name = value`
    SetAttr(Atom, String, Atom),
    /// A variable of the module takes a value.
    SetVariable(usize, Atom),
    /// `del object[index]`
    DelItem(Atom, Atom),
    /// `del object.name`
    DelAttr(Atom, String),
    /// The variable is unbound from here on; an error if it is already.
    DelVar(VarId),
    /// A variable is a new one from here on, unbound.
    Fresh(VarId),
    /// Appends to the list, or adds to the set, that a comprehension builds.
    Push(Atom, Atom),
    /// `targets = value`, unpacked, with the types that were observed; the one at the index takes the rest.
    Unpack(Vec<VarId>, Option<usize>, Atom, Vec<Ty>),
    /// `raise exception from cause`; alone, raises again what is being handled.
    Raise(Option<Atom>, Option<Atom>),
    /// `try`
    Try(Box<Try>),
    /// `with context as target: body`
    With(Atom, VarId, Block),
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
    /// A frame that CPython would push begins.
    Enter(Frame),
    /// It ends.
    Leave(Frame),
    /// Control that comes here goes back to CPython.
    Bail(BailKind),
}

/// What a frame is of that CPython would push, and native code does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// An inlined call.
    Call,
    /// A generator expression in place.
    Generator,
}

/// A `try` statement.
#[derive(Clone, Debug)]
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// In order.
    pub handlers: Vec<Handler>,
    /// After a body that raised nothing.
    pub orelse: Block,
    /// However the rest was left.
    pub finally: Block,
}

impl StmtKind {
    /// The blocks within a statement, in the order of the source.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            StmtKind::Try(parts) => {
                let clauses = parts.handlers.iter().flat_map(|handler| [&handler.before, &handler.body]);
                [&parts.body].into_iter().chain(clauses).chain([&parts.orelse, &parts.finally]).collect()
            }
            StmtKind::With(_, _, body) | StmtKind::Loop(_, body) => vec![body],
            StmtKind::If(_, then, orelse) => vec![then, orelse],
            _ => Vec::new(),
        }
    }
}

impl StmtKind {
    /// Calls `found` with every block within a statement.
    pub(crate) fn each_block_mut(&mut self, found: &mut dyn FnMut(&mut Block)) {
        match self {
            StmtKind::Try(parts) => {
                found(&mut parts.body);
                for handler in &mut parts.handlers {
                    found(&mut handler.before);
                    found(&mut handler.body);
                }
                found(&mut parts.orelse);
                found(&mut parts.finally);
            }
            StmtKind::With(_, _, body) | StmtKind::Loop(_, body) => found(body),
            StmtKind::If(_, then, orelse) => {
                found(then);
                found(orelse);
            }
            _ => {}
        }
    }
}

/// One `except` clause.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Line of the clause.
    pub line: u32,
    /// Computes `class`.
    pub before: Block,
    /// A bare `except:` has none.
    pub class: Option<Atom>,
    /// Holds the exception within the clause.
    pub name: Option<VarId>,
    /// The statements.
    pub body: Block,
}

/// Why a [`StmtKind::Bail`] is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BailKind {
    /// A hole of the trace.
    Branch,
    /// A call that cannot but raise.
    Exception,
    /// Something that the native language does not have, and what.
    Unsupported(String),
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
    /// For [`Expr::Pairs`], what takes each pair instead, with the types that were observed.
    pub pair: Option<[(VarId, Ty); 2]>,
}

impl Next {
    /// The variables that a round assigns.
    pub fn targets(&self) -> impl Iterator<Item = VarId> + use<> {
        let (item, pair) = (self.item, self.pair);
        let single = pair.is_none().then_some(item);
        single.into_iter().chain(pair.into_iter().flatten().map(|(target, _)| target))
    }
}

/// An operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    /// A variable's value.
    Var(VarId),
    /// A constant.
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
    /// A call of a function of the program, held to a type where its result has none.
    Call(FunctionId, Vec<Argument>, Ty),
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
    /// `object.name`, held to a type.
    Attr(Atom, String, Ty),
    /// The method `name` of `object`, looked up now and called later.
    LoadMethod(Atom, String),
    /// A call of such a method, by its name, held to a type.
    CallLoaded(VarId, String, Vec<Atom>, Vec<(String, Atom)>, Ty),
    /// `object.name(args)`, held to a type.
    CallMethod(Atom, String, Vec<Atom>, Vec<(String, Atom)>, Ty),
    /// `callee(args)`, held to a type.
    CallValue(Atom, Vec<Atom>, Vec<(String, Atom)>, Ty),
    /// A call of what the library has under a qualified name, held to a type.
    CallLibrary(String, Vec<Atom>, Vec<(String, Atom)>, Ty),
    /// A call with stars.
    CallSpread(SpreadCallee, Vec<SpreadArgument>),
    /// What the library has under a qualified name, as a value.
    Library(String),
    /// A module-level object, by its index in [`Program::globals`].
    Global(usize),
    /// A variable of the module, by its number in [`State::variables`], held to a type.
    Variable(usize, Ty),
    /// A function object: defaults by parameter, captured cells in the order of its captures.
    Closure(FunctionId, Vec<(usize, Atom)>, Vec<VarId>),
    /// A class statement: its name, its body with what that captures, its bases.
    Class(String, String, FunctionId, Vec<Argument>, Vec<Atom>),
    /// `super(class, object)`
    Super(Atom, Atom),
    /// `yield value`
    Yield(Atom),
    /// `yield from value`
    YieldFrom(Atom),
    /// `[…]`
    List(Vec<Atom>),
    /// `(…)`
    Tuple(Vec<Atom>),
    /// `{…}`
    Set(Vec<Atom>),
    /// A display with stars.
    Spread(Container, Vec<(bool, Atom)>),
    /// `{…}`
    Dict(Vec<(Atom, Atom)>),
    /// A dict display with `**`.
    DictSpread(Vec<(Option<Atom>, Atom)>),
    /// `slice(start, stop, step)`
    Slice(Atom, Atom, Atom),
    /// `object[start:stop:step]`
    GetSlice(Atom, Atom, Atom, Atom),
    /// An f-string.
    Format(Vec<FormatPart>),
    /// `iter(object)`
    Iter(Atom),
    /// An iterator over pairs that only a loop sees, which takes them apart.
    Pairs(Pairs),
}

/// What gives pairs.
#[derive(Clone, Debug)]
pub enum Pairs {
    /// `enumerate(items, start)`
    Enumerate(Atom, Atom),
    /// `zip(left, right)`
    Zip(Atom, Atom),
    /// `object.items()`
    Items(Atom),
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
    IsInstance,
}

/// Whom a call with stars calls.
#[derive(Clone, Debug)]
pub enum SpreadCallee {
    /// A value.
    Value(Atom),
    /// A method of an object.
    Method(Atom, String),
    /// What a library has under a qualified name.
    Library(String),
    /// A module-level object.
    Global(usize),
}

/// An argument of a call with stars.
#[derive(Clone, Debug)]
pub enum SpreadArgument {
    /// `value`
    Positional(Atom),
    /// `*value`
    Star(Atom),
    /// `name=value`
    Keyword(String, Atom),
    /// `**value`
    DoubleStar(Atom),
}

/// A part of an f-string.
#[derive(Clone, Debug)]
pub enum FormatPart {
    /// Text as it is.
    Text(String),
    /// `{value!conversion:spec}`
    Value(Atom, Option<char>, Option<Atom>),
}
