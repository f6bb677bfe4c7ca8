//! The trace: a normalised program cut down to what its traced invocations did.
//!
//! The shape of the JSON is the shape of these types; `docs/trace.schema.json` describes it for other programs.
//! Kinds keep the names of the ancestor's trace IR (Herbert and Guha 2019, section 4) where they mean the same:
//! `let`, `set`, `if`, `while`, `break`, `binop`, `unknown`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::expr::is_false;
use crate::{Atom, BinaryOp, Const, Expr, FunctionId, GlobalValue, Node, Pattern, SiteId, TypeSet};

/// The version of the trace's JSON that this crate reads and writes.
pub const TRACE_VERSION: u32 = 6;

/// See [`Trace::modules`].
pub const LINKED_LINES: u32 = 1_000_000;

/// Everything known of one action's program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`TRACE_VERSION`] of the writer.
    pub version: u32,
    /// BLAKE3 of the module's source and of those that are linked, in hexadecimal; traces of different sources do not merge.
    pub source: String,
    /// How many traced invocations went into this trace.
    pub invocations: u64,
    /// The function that invocations call.
    pub entry: FunctionId,
    /// All functions of the module, `functions[i].id == i`.
    pub functions: Vec<Function>,
    /// The modules whose functions follow those of the action's own; lines in the first are counted from
    /// [`LINKED_LINES`], in the next from twice that, and names that they read are `module:name`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub modules: Vec<String>,
    /// What the module-level and built-in names that its functions read held, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub globals: BTreeMap<String, GlobalValue>,
    /// The objects that those names reach.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub image: Vec<Node>,
    /// How many of those the module had when it was loaded; these come first, as they were then.
    /// Nothing if that differs from process to process.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub loaded: Option<usize>,
    /// Names of the module that its functions declare `global`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub variables: BTreeSet<String>,
    /// Whether an invocation was seen to change an object of the module.
    #[serde(skip_serializing_if = "is_false", default)]
    pub changes: bool,
    /// Regular expressions that traced invocations compiled.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub patterns: Vec<Pattern>,
    /// Lines on which a native run met an int beyond 64 bits, so that no int there is taken for a small one.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub wide: BTreeSet<u32>,
}

/// A function as its traced calls saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its index in [`Trace::functions`].
    pub id: FunctionId,
    /// Its name, as in `def NAME`; `<lambda>` and `<genexpr>` for those.
    pub name: String,
    /// Its name with those of what it stands in, as Python's `__qualname__`.
    pub qualname: String,
    /// Line of its `def`, from 1.
    pub line: u32,
    /// The function in whose body it is defined, if it is nested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<FunctionId>,
    /// Whether calling it makes a generator.
    #[serde(skip_serializing_if = "is_false", default)]
    pub generator: bool,
    /// Parameters, in the order of the signature.
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
    /// Types that arguments had; empty where nothing was observed.
    pub seen: TypeSet,
    /// How it takes its argument.
    #[serde(skip_serializing_if = "ParamKind::is_plain", default)]
    pub kind: ParamKind,
    /// Its default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default: Option<ParamDefault>,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// Before `/`.
    Positional,
    /// The usual kind.
    #[default]
    Plain,
    /// `*args`.
    Star,
    /// After `*`.
    Keyword,
    /// `**kwargs`.
    DoubleStar,
}

impl Trace {
    /// Whether the module keeps state from one invocation to the next.
    pub fn is_stateful(&self) -> bool {
        self.changes || !self.variables.is_empty()
    }

    /// The linked module that a line is of, and the line in it; none for the action's own.
    pub fn place(&self, line: u32) -> (Option<&str>, u32) {
        let number = (line / LINKED_LINES) as usize;
        match number.checked_sub(1).and_then(|index| self.modules.get(index)) {
            Some(module) => (Some(module), line % LINKED_LINES),
            None => (None, line),
        }
    }
}

impl ParamKind {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// A parameter's default value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamDefault {
    /// An immutable constant.
    Const(Const),
    /// Computed when the `def` ran: the statement that makes the function has it, or the image's function.
    Computed,
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
    /// `name = value` of a name declared `global`.
    SetGlobal {
        /// One of [`Trace::variables`].
        name: String,
        /// What it holds from here on.
        value: Atom,
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
        /// Values of its computed defaults, by parameter.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        defaults: Vec<(String, Atom)>,
    },
    /// A class statement in a function.
    Class {
        /// The variable that holds it.
        name: String,
        /// Its body, as a function of one parameter: the namespace, a dict that it fills.
        body: FunctionId,
        /// Base classes.
        bases: Vec<Atom>,
        /// Keywords of the class statement.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        keywords: Vec<(String, Atom)>,
    },
    /// `object.name = value`.
    SetAttr {
        /// The object.
        object: Atom,
        /// The attribute.
        name: String,
        /// What is stored.
        value: Atom,
    },
    /// `del object[index]`.
    DelItem {
        /// The container.
        object: Atom,
        /// Index, key or slice.
        index: Atom,
    },
    /// `del object.name`.
    DelAttr {
        /// The object.
        object: Atom,
        /// The attribute.
        name: String,
    },
    /// `del name`: the variable is unbound afterwards.
    DelVar {
        /// A local, a parameter, or one of the function's `nonlocals`.
        name: String,
    },
    /// Adds to the list or set that a comprehension builds.
    Push {
        /// The list or set, never seen by the program yet.
        object: Atom,
        /// The item.
        value: Atom,
    },
    /// A comprehension begins: its variable is a new one, unbound.
    Fresh {
        /// The variable.
        name: String,
    },
    /// `a, b, *c = value`.
    Unpack {
        /// The variables that take the items.
        names: Vec<String>,
        /// Which of them takes all that the others leave.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        star: Option<usize>,
        /// What is unpacked.
        value: Atom,
        /// Types of the items seen, by position; shorter or empty where nothing was observed.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        seen: Vec<TypeSet>,
    },
    /// `raise exception from cause`; without an exception, raises the one being handled again.
    Raise {
        /// An exception or a class of them.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        exception: Option<Atom>,
        /// The cause.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cause: Option<Atom>,
    },
    /// `try: … except …: … else: … finally: …`
    Try {
        /// What is tried.
        body: Block,
        /// In order; the first that matches handles the exception.
        handlers: Vec<Handler>,
        /// After a body that raised nothing.
        #[serde(rename = "else", skip_serializing_if = "Vec::is_empty", default)]
        orelse: Block,
        /// However the rest was left.
        #[serde(rename = "finally", skip_serializing_if = "Vec::is_empty", default)]
        finally: Block,
    },
    /// `with context as …: …`; one context manager.
    With {
        /// The context manager.
        context: Atom,
        /// The temporary that takes what `__enter__` gave.
        name: String,
        /// The statements; they begin with the assignment to the source's target.
        body: Block,
    },
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

/// One `except` clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handler {
    /// Line of the clause.
    pub line: u32,
    /// Computes `class`; evaluated only when the clause is reached.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub before: Block,
    /// An exception class or a tuple of them; a bare `except:` has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<Atom>,
    /// The variable that holds the exception within the clause, unbound behind it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The statements.
    pub body: Block,
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
