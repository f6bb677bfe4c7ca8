//! Trace IR: the data types of a trace with their JSON, and what can be done with a trace alone:
//! verify it, merge two of it, print it.
//!
//! No I/O, no clock, no Python here: everything is a pure function of its arguments.

#![forbid(unsafe_code)]

mod effect;
mod expr;
mod ids;
mod merge;
mod names;
mod op;
mod print;
pub mod state;
mod trace;
mod value;
mod verify;

pub use effect::Effect;
pub use expr::{Argument, Atom, Callee, Container, Expr, ExprKind, FormatPart};
pub use ids::{FunctionId, SiteId};
pub use merge::{MergeError, merge_globals};
pub use names::each_name_mut;
pub use op::{BinaryOp, CompareOp, UnaryOp};
pub use trace::{
    Block, Function, Handler, LINKED_LINES, Next, Param, ParamDefault, ParamKind, Stmt, StmtKind, TRACE_VERSION, Trace,
};
pub use value::{ClassForm, Const, DataclassField, DataclassForm, FloatText, GlobalValue, Node, Pattern, TypeSet};
pub use verify::{VerifyError, verify};
