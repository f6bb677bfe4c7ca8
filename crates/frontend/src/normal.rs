//! A-normal form: what [`crate::normalise`] makes of a module, and what [`crate::print`] turns back into Python.
//!
//! What holds in every [`Module`]:
//! - Module-level statements are kept byte for byte: they run once a worker, in plain CPython, and are never traced.
//!   Only bodies of functions are normalised, and of those only undecorated `def`s at module level with what nests in them.
//! - Every variable of a function's scope is listed ([`Function::locals`]) and starts unbound.
//! - Every loop is a `while`; a `for` takes its items with `next` at the loop's head.
//! - Every application is named: operands are atoms, in Python's evaluation order.
//!   A variable that is an operand is copied to a temporary first where a later operand could rebind it or fail earlier.
//! - What is not rewritten is kept as its source text and marked opaque with a reason; its meaning never changes.

mod expr;

use std::collections::BTreeSet;
use std::ops::Range;

pub use self::expr::{Argument, Atom, Callee, Expr, FormatPart};

use upshift_ir::{BinaryOp, Const, FunctionId, SiteId};

/// A normalised module.
#[derive(Clone, Debug)]
pub struct Module {
    /// The source that everything refers to.
    pub source: String,
    /// Module-level items in source order; together they cover the whole source.
    pub items: Vec<Item>,
    /// All functions, nested ones after the one they nest in; `functions[i].id == i`.
    pub functions: Vec<Function>,
    /// Number of sites given out, so that observations can be held in a table.
    pub sites: u32,
    /// Facts of the module's top level that decide which globals native code may rely on.
    pub globals: Globals,
    /// Other modules whose functions it may call, in the order in which they were linked.
    pub linked: Vec<Linked>,
}

/// Another module whose functions are known by their meaning, and follow the module's own.
///
/// In them a module-level or built-in name is `module:name`, and lines are counted from [`Linked::base`].
#[derive(Clone, Debug)]
pub struct Linked {
    /// Its name, as in `sys.modules`.
    pub name: String,
    /// SHA-256 of the file that it was read from, in hexadecimal.
    pub sha256: String,
    /// Whether it belongs to the action, and so may keep state of its own between invocations.
    pub own: bool,
    /// The index of its first function in [`Module::functions`].
    pub first: usize,
    /// Its first site.
    pub first_site: u32,
    /// What its lines are counted from.
    pub base: u32,
    /// Facts of its top level.
    pub globals: Globals,
}

impl Module {
    /// The number of sites in the module's own functions, which come first.
    pub fn own_sites(&self) -> u32 {
        self.linked.first().map_or(self.sites, |linked| linked.first_site)
    }

    /// Every function by what its code object says of itself: `co_qualname` and `co_firstlineno`.
    ///
    /// Functions that share both are left out.
    pub fn code_ids(&self) -> Vec<(String, u32, FunctionId)> {
        let end = self.linked.first().map_or(self.functions.len(), |linked| linked.first);
        code_ids(&self.functions[..end], 0)
    }

    /// The same of one of [`Module::linked`].
    pub fn linked_code_ids(&self, index: usize) -> Vec<(String, u32, FunctionId)> {
        let linked = &self.linked[index];
        let end = self.linked.get(index + 1).map_or(self.functions.len(), |next| next.first);
        code_ids(&self.functions[linked.first..end], linked.base)
    }

    /// What it and the linked modules take of other modules, as [`Globals::taken`].
    pub fn taken(&self) -> BTreeSet<(String, String)> {
        let linked = self.linked.iter().flat_map(|linked| &linked.globals.taken);
        self.globals.taken.iter().chain(linked).cloned().collect()
    }

    /// Every module-level or built-in name that some function reads.
    pub fn global_names(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        for function in &self.functions {
            each_value(&function.body, &mut |value| match value {
                Expr::Global(name)
                | Expr::Call { callee: Callee::Global(name), .. }
                | Expr::CallSpread { callee: Callee::Global(name), .. } => drop(names.insert(name.clone())),
                _ => {}
            });
        }
        names.into_iter().collect()
    }
}

fn code_ids(functions: &[Function], base: u32) -> Vec<(String, u32, FunctionId)> {
    let key = |function: &Function| (function.qualname.clone(), function.first_line - base);
    let mut counts = std::collections::HashMap::new();
    for function in functions {
        *counts.entry(key(function)).or_insert(0) += 1;
    }
    let single = functions.iter().filter(|function| counts[&key(function)] == 1);
    single.map(|function| (function.qualname.clone(), function.first_line - base, function.id)).collect()
}

/// Calls `found` with every right side within a block.
fn each_value(block: &Block, found: &mut dyn FnMut(&Expr)) {
    for stmt in block {
        if let StmtKind::Assign { value, .. } = &stmt.kind {
            match value {
                Expr::Opaque { meaning, .. } => each_value(&meaning.block, found),
                _ => found(value),
            }
        }
        stmt.kind.each_block(&mut |block| each_value(block, found));
    }
}

impl StmtKind {
    /// Calls `found` with every block within the statement.
    pub fn each_block<'s>(&'s self, found: &mut dyn FnMut(&'s Block)) {
        match self {
            StmtKind::If { then, orelse, .. } => {
                found(then);
                found(orelse);
            }
            StmtKind::While { body, .. } | StmtKind::With { body, .. } => found(body),
            StmtKind::Raise { meaning, .. } | StmtKind::Opaque { meaning, .. } | StmtKind::Unpack { meaning, .. } => {
                found(meaning);
            }
            StmtKind::Try { body, handlers, orelse, finally } => {
                found(body);
                for handler in handlers {
                    found(&handler.before);
                    found(&handler.body);
                }
                found(orelse);
                found(finally);
            }
            _ => {}
        }
    }
}

/// A stretch of the module's top level.
#[derive(Clone, Debug)]
pub enum Item {
    /// A function whose body is normalised, with the bytes of its whole `def`.
    Function(FunctionId, Range<usize>),
    /// Anything else, kept as it is.
    Verbatim(Range<usize>),
}

/// How the module binds its own names.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    /// Names bound exactly once, by a module-level statement that runs at most once, and nowhere declared `global`.
    pub bound_once: Vec<String>,
    /// Those of `bound_once` assigned by a plain `NAME = …` whose right side is made of literals, operators
    /// and other such names alone: their value is the same in every process.
    pub constants: Vec<String>,
    /// Every name that any statement of the module binds at module level, `global` declarations in functions included.
    pub bound: Vec<String>,
    /// Names that functions declare `global`.
    pub declared: Vec<String>,
    /// Names bound once, by an import at the top level: the module, and the name in it that `from` took.
    pub imports: Vec<(String, String, Option<String>)>,
    /// What the source takes of other modules, anywhere in it: a module, and a name that it imports from it or reads of it.
    /// The name may be that of a module again; it is `*` for all.
    pub taken: Vec<(String, String)>,
}

/// A position range in the source, as CPython's `ast` counts: lines from 1, columns in UTF-8 bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First line.
    pub line: u32,
    /// Column in the first line.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last byte.
    pub end_column: u32,
}

/// A function in A-normal form.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its index in [`Module::functions`].
    pub id: FunctionId,
    /// Its name; `<lambda>` and `<genexpr>` for those.
    pub name: String,
    /// What its code object has as `co_qualname`.
    pub qualname: String,
    /// What its code object has as `co_firstlineno`.
    pub first_line: u32,
    /// Whether calling it makes a generator.
    pub generator: bool,
    /// Whether it is printed in normal form, and so observed; all others are known by their meaning alone.
    pub printed: bool,
    /// The function that it nests in.
    pub parent: Option<FunctionId>,
    /// Whether it is an `async def`; the body is opaque then.
    pub is_async: bool,
    /// The whole `def` statement.
    pub span: Span,
    /// Counts entries into the body.
    pub site: SiteId,
    /// The parameter list as the source writes it, without its parentheses.
    pub signature: Range<usize>,
    /// The return annotation's text, if there is one.
    pub returns: Option<Range<usize>>,
    /// All parameters, in the order of the signature.
    pub params: Vec<Param>,
    /// Variables of this scope that are no parameters: those of the source in order of first binding, then temporaries.
    pub locals: Vec<String>,
    /// Which of `locals` are temporaries.
    pub temporaries: Vec<String>,
    /// Variables of enclosing functions that it uses.
    pub free: Vec<String>,
    /// Names declared `nonlocal`.
    pub nonlocals: Vec<String>,
    /// Names declared `global`.
    pub globals: Vec<String>,
    /// Names of `locals` and parameters that a nested scope captures.
    pub cells: Vec<String>,
    /// The text of the whole body where that is kept as it is, docstring included.
    pub whole: Option<Range<usize>>,
    /// The docstring's text range, which must stay the first statement.
    pub docstring: Option<Range<usize>>,
    /// The statements; a single [`StmtKind::Opaque`] over the whole body where nothing could be rewritten
    /// (a generator, an `async def`).
    pub body: Block,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Where its type is observed.
    pub site: SiteId,
    /// How it takes its argument.
    pub kind: ParamKind,
    /// Its default.
    pub default: ParamDefault,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Before `/`.
    PositionalOnly,
    /// The usual kind.
    Plain,
    /// `*args`.
    Star,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    DoubleStar,
}

/// A parameter's default value.
#[derive(Clone, Debug)]
pub enum ParamDefault {
    /// There is none.
    None,
    /// An immutable constant.
    Const(Const),
    /// Any other expression.
    Other,
}

/// Statements in order; an empty one prints as `pass`.
pub type Block = Vec<Stmt>;

/// A statement with the source position that CPython would give the operation in it.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Position of the expression or statement that this one was made from.
    pub span: Span,
    /// Position of the callee, where the statement is a call that looks its callee up itself.
    pub callee: Option<Span>,
    /// What it does.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `target = value`; a temporary or a variable of the source (local, nonlocal or global).
    Assign {
        /// The variable.
        target: String,
        /// The application.
        value: Expr,
        /// Where the application is observed.
        site: SiteId,
    },
    /// `target op= value`.
    Update {
        /// The variable.
        target: String,
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
    /// `if test: … else: …`, each side with the site at which it is counted.
    If {
        /// Tested for truth.
        test: Atom,
        /// When true.
        then: Block,
        /// Counts entries into `then`.
        then_site: SiteId,
        /// When false; may be empty.
        orelse: Block,
        /// Counts entries into `orelse`.
        else_site: SiteId,
    },
    /// `while True: …`, with `next` as the loop's head where the source has a `for`.
    While {
        /// Takes the next item or leaves the loop.
        next: Option<Next>,
        /// The statements.
        body: Block,
        /// Counts entries into `body`.
        body_site: SiteId,
    },
    /// `break` of the innermost loop.
    Break,
    /// `continue` of the innermost loop.
    Continue,
    /// `return value`.
    Return {
        /// The result.
        value: Atom,
    },
    /// A nested `def` without decorators.
    Def {
        /// The function; its name is the variable that it is bound to.
        function: FunctionId,
    },
    /// A `raise` statement, kept as its source text.
    Raise {
        /// Its bytes.
        text: Range<usize>,
        /// What it means.
        meaning: Block,
    },
    /// `a, b = value`, and stores to other targets than a name or an item.
    Unpack {
        /// The target's source text.
        text: Range<usize>,
        /// The variables, where the target is a flat sequence of names; anything else stays in Python.
        names: Option<Vec<String>>,
        /// Where what they take is observed.
        items: Vec<SiteId>,
        /// What is unpacked.
        value: Atom,
        /// What it means, where there are no such variables.
        meaning: Block,
        /// Where the operation is counted.
        site: SiteId,
    },
    /// Anything else, kept as its source text.
    Opaque {
        /// Its bytes, without the indentation of its first line.
        text: Range<usize>,
        /// Why it is not rewritten, a sentence part (`try is kept as it is`).
        reason: String,
        /// What it means.
        meaning: Block,
        /// Where reaching it is counted.
        site: SiteId,
    },
    // Statements of meanings, which are never printed.
    /// A nested function with the values of its computed defaults, bound to a variable.
    Function {
        /// The variable.
        target: String,
        /// The function.
        function: FunctionId,
        /// By parameter.
        defaults: Vec<(String, Atom)>,
    },
    /// `object.name = value`
    SetAttr {
        /// The object.
        object: Atom,
        /// The attribute.
        name: String,
        /// What is stored.
        value: Atom,
    },
    /// `del object[index]`
    DelItem {
        /// The container.
        object: Atom,
        /// Index, key or slice.
        index: Atom,
    },
    /// `del object.name`
    DelAttr {
        /// The object.
        object: Atom,
        /// The attribute.
        name: String,
    },
    /// `del name`
    DelVar {
        /// The variable.
        name: String,
    },
    /// Adds to the list or set that a comprehension builds.
    Push {
        /// The list or set.
        object: Atom,
        /// The item.
        value: Atom,
    },
    /// A comprehension's variable is a new one from here on.
    Fresh {
        /// The variable.
        name: String,
    },
    /// `class`
    Class {
        /// The variable that holds it.
        target: String,
        /// Its body, as a function of the namespace.
        body: FunctionId,
        /// Its bases.
        bases: Vec<Atom>,
    },
    /// Unpacks into variables or temporaries; the one at `star` takes the rest.
    UnpackTo {
        /// The variables.
        names: Vec<String>,
        /// Where what those take is observed that the source gives a name: position of the name, and site.
        items: Vec<Option<(Span, SiteId)>>,
        /// Which of them takes the rest.
        star: Option<usize>,
        /// What is unpacked.
        value: Atom,
    },
    /// `raise`
    Throw {
        /// The exception or its class; none raises again.
        exception: Option<Atom>,
        /// The cause.
        cause: Option<Atom>,
    },
    /// `try`
    Try {
        /// What is tried.
        body: Block,
        /// In order.
        handlers: Vec<Handler>,
        /// After a body that raised nothing.
        orelse: Block,
        /// However the rest was left.
        finally: Block,
    },
    /// `with`
    With {
        /// The context manager.
        context: Atom,
        /// The temporary that takes what it gave.
        name: String,
        /// The statements.
        body: Block,
    },
    /// Something that has no meaning in the native language.
    Refused {
        /// Why, a sentence part.
        reason: String,
    },
}

/// One `except` clause.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Its line.
    pub line: u32,
    /// Computes the class.
    pub before: Block,
    /// The class or tuple of classes.
    pub class: Option<Atom>,
    /// The variable that holds the exception.
    pub name: Option<String>,
    /// The statements.
    pub body: Block,
}

/// What an expression that is kept as its source text means.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// Computes it.
    pub block: Block,
    /// Its value.
    pub value: Atom,
}

/// The head of a loop over an iterator.
#[derive(Clone, Debug)]
pub struct Next {
    /// The temporary that takes each item; the body assigns it to the source's target.
    pub item: String,
    /// The temporary that holds the iterator.
    pub iter: String,
    /// Where items are observed.
    pub site: SiteId,
    /// Position of the source's target.
    pub target: Span,
}
