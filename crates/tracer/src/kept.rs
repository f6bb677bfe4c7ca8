//! What is to be observed within parts that the printed form keeps as the source has them: methods, lambdas,
//! comprehensions, `try`, `with`, `match`.
//!
//! Sites there go by positions in the source: of subscripts, attributes and calls, of names that are stored, and of the
//! functions whose parameters are of interest. The worker finds the nodes of the syntax tree at these positions.

use serde::{Deserialize, Serialize};
use upshift_frontend::normal::{Block, Expr, Function, Module, Span, Stmt, StmtKind};

/// Line, column, end line, end column, as CPython's `ast` counts them.
pub type Corners = [u32; 4];

/// The sites of kept parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Expressions whose value is observed.
    pub values: Vec<(Observed, Corners, u32)>,
    /// Names that are observed once something is stored in them.
    pub names: Vec<(Corners, u32)>,
    /// `def` and `lambda`, with their parameters and where these are observed.
    pub params: Vec<(Corners, Vec<(String, u32)>)>,
}

/// The classes of syntax nodes whose values are observed, by the names that `ast` has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observed {
    /// `object[index]`
    Subscript,
    /// `object.name`
    Attribute,
    /// `callee(…)`
    Call,
}

/// The sites of `module`'s own kept parts.
pub(crate) fn kept(module: &Module) -> Kept {
    let mut kept = Kept::default();
    let end = module.linked.first().map_or(module.functions.len(), |linked| linked.first);
    for function in &module.functions[..end] {
        if function.printed {
            kept.printed(&function.body);
        } else {
            kept.function(function);
            kept.meaning(&function.body);
        }
    }
    kept
}

pub(crate) fn corners(span: Span) -> Corners {
    [span.line, span.column, span.end_line, span.end_column]
}

impl Kept {
    /// Statements in normal form: only what they keep is of interest.
    fn printed(&mut self, block: &Block) {
        for stmt in block {
            match &stmt.kind {
                StmtKind::Assign { value: Expr::Opaque { meaning, .. }, .. } => self.meaning(&meaning.block),
                StmtKind::Raise { meaning, .. }
                | StmtKind::Opaque { meaning, .. }
                | StmtKind::Unpack { meaning, .. } => self.meaning(meaning),
                kind => kind.each_block(&mut |block| self.printed(block)),
            }
        }
    }

    fn meaning(&mut self, block: &Block) {
        for stmt in block {
            self.stmt(stmt);
            stmt.kind.each_block(&mut |block| self.meaning(block));
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Assign { value, site, .. } => {
                let observed = match value {
                    Expr::Index(..) => Observed::Subscript,
                    Expr::Attr(..) => Observed::Attribute,
                    Expr::Call { .. } => Observed::Call,
                    _ => return,
                };
                self.values.push((observed, corners(stmt.span), site.0));
            }
            StmtKind::While { next: Some(next), .. } => self.names.push((corners(next.target), next.site.0)),
            StmtKind::UnpackTo { items, .. } => {
                self.names.extend(items.iter().flatten().map(|(name, site)| (corners(*name), site.0)));
            }
            _ => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let params: Vec<(String, u32)> = function
            .params
            .iter()
            // What a generator expression takes has no name.
            .filter(|param| !param.name.starts_with('.'))
            .map(|param| (param.name.clone(), param.site.0))
            .collect();
        if !params.is_empty() {
            self.params.push((corners(function.span), params));
        }
    }
}
