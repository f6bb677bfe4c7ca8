//! What printing inserts, and where its lines come from.

use upshift_ir::SiteId;

use crate::normal::{Function, Next, Span, Stmt};

/// Where a line of printed Python comes from, so that CPython's tracebacks show the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Every node of the line has this position.
    Span(Span),
    /// The line is `x = callee(…)`: the callee, a name or an attribute with what is in it, has a position of its own.
    Call {
        /// Position of every other node.
        call: Span,
        /// Position of the callee.
        callee: Span,
    },
    /// The line is source text: its line number, and what to add to columns to get the source's.
    Verbatim {
        /// Line in the source.
        line: u32,
        /// Source column minus printed column, in bytes.
        shift: i32,
    },
    /// The printer's own: nothing in it can fail.
    Generated,
}

/// Printed Python with the origin of each of its lines.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// `origins[i]` is that of line `i + 1`.
    pub origins: Vec<Origin>,
}

/// What [`crate::print`] inserts: instrumentation, or nothing.
///
/// Each method returns Python statements, one a line, without indentation.
pub trait Hooks {
    /// At the start of a function's body.
    fn enter(&self, function: &Function) -> Vec<String>;
    /// At the start of a branch or loop body that is counted under `site`.
    fn branch(&self, site: SiteId) -> Vec<String>;
    /// Behind `stmt`.
    fn after(&self, stmt: &Stmt) -> Vec<String>;
    /// In front of `stmt`.
    fn before(&self, stmt: &Stmt) -> Vec<String>;
    /// Behind the head of a loop, once it has an item.
    fn item(&self, next: &Next) -> Vec<String>;
}

/// Inserts nothing.
pub struct NoHooks;

impl Hooks for NoHooks {
    fn enter(&self, _: &Function) -> Vec<String> {
        Vec::new()
    }
    fn branch(&self, _: SiteId) -> Vec<String> {
        Vec::new()
    }
    fn after(&self, _: &Stmt) -> Vec<String> {
        Vec::new()
    }
    fn before(&self, _: &Stmt) -> Vec<String> {
        Vec::new()
    }
    fn item(&self, _: &Next) -> Vec<String> {
        Vec::new()
    }
}
