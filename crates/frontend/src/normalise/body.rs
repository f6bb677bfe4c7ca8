//! The function being lowered: its temporaries, the block being filled, and which variables are surely bound.

use std::collections::HashMap;

use rustpython_parser::ast::Stmt;
use upshift_ir::{Const, FunctionId, SiteId};

use super::{Cx, Temp};
use crate::normal::{Atom, Block, Expr, Span, Stmt as Normal, StmtKind};

/// Deepest nesting of blocks that is printed; CPython's tokenizer takes 100 levels.
pub(super) const MAX_BLOCKS: usize = 60;

/// Which variables are bound at a point; none where the point is not reached.
pub(super) type State = Option<Vec<bool>>;

/// What both ways to a point have bound.
pub(super) fn join(left: State, right: State) -> State {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.into_iter().zip(right).map(|(a, b)| a && b).collect()),
        (state, None) | (None, state) => state,
    }
}

/// A loop around the statement being lowered.
pub(super) struct Loop {
    /// What is bound where a `break` leaves it.
    pub(super) breaks: State,
    /// The temporary that a `break` makes false, if the loop has an `else`.
    pub(super) flag: Option<String>,
}

/// Where a name lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Variable,
    Global,
}

/// A function's body while it is lowered.
pub(super) struct Body<'c, 'a> {
    pub(super) cx: &'c mut Cx<'a>,
    pub(super) scope: usize,
    pub(super) id: FunctionId,
    pub(super) loops: Vec<Loop>,
    /// How many blocks are open around the statement being lowered.
    pub(super) depth: usize,
    pub(super) state: State,
    /// Whether what is lowered is a meaning, which is never printed.
    pub(super) meaning: bool,
    /// The class that the function is a method of, for mangling.
    pub(super) class: Option<String>,
    /// Names of comprehensions' variables in this function, innermost last; the first level is that of captured ones.
    pub(super) renames: Vec<HashMap<String, String>>,
    pub(super) renamed_count: u32,
    /// The variable that holds the namespace, in the body of a class.
    pub(super) namespace: Option<String>,
    /// Names that the pattern at hand binds, with the temporaries that hold their values until it has matched.
    pub(super) captures: Vec<(String, String)>,
    out: Block,
    temporaries: Vec<String>,
    counts: [u32; 6],
    meaning_counts: [u32; 6],
    variables: HashMap<String, usize>,
}

impl<'c, 'a> Body<'c, 'a> {
    pub(super) fn new(cx: &'c mut Cx<'a>, scope: usize, id: FunctionId, inherited: Vec<String>) -> Self {
        let own = &cx.scopes.all[scope];
        let bound = own.params.iter().filter(|name| !own.deleted.contains(*name)).chain(&inherited);
        let all = own.params.iter().chain(&own.own).chain(&own.free);
        let mut variables = HashMap::new();
        for name in all {
            let next = variables.len();
            variables.entry(name.clone()).or_insert(next);
        }
        let mut state = vec![false; variables.len()];
        for name in bound {
            state[variables[name]] = true;
        }
        let (out, temporaries, loops) = (Block::new(), Vec::new(), Vec::new());
        Self {
            cx,
            scope,
            id,
            loops,
            depth: 0,
            state: Some(state),
            meaning: false,
            class: None,
            renames: Vec::new(),
            renamed_count: 0,
            captures: Vec::new(),
            namespace: None,
            out,
            temporaries,
            counts: [0; 6],
            meaning_counts: [0; 6],
            variables,
        }
    }

    /// The name that a variable of the source has in the normal form.
    pub(super) fn out(&self, name: &str) -> String {
        let renamed = self.renames.iter().rev().find_map(|level| level.get(name));
        renamed.cloned().unwrap_or_else(|| name.to_owned())
    }

    /// Makes `name` one of the function's temporaries.
    pub(super) fn declare_temporary(&mut self, name: String) {
        self.temporaries.push(name);
    }

    /// The statements and the temporaries that they use.
    pub(super) fn finish(self) -> (Block, Vec<String>) {
        (self.out, self.temporaries)
    }

    pub(super) fn emit(&mut self, span: Span, kind: StmtKind) {
        self.out.push(Normal { span, callee: None, kind });
    }

    pub(super) fn assign(&mut self, span: Span, target: &str, value: Expr) {
        self.assign_call(span, None, target, value);
    }

    /// An assignment whose value is a call with its callee's position.
    pub(super) fn assign_call(&mut self, span: Span, callee: Option<Span>, target: &str, value: Expr) {
        let site = self.site();
        let kind = StmtKind::Assign { target: target.to_owned(), value, site };
        self.out.push(Normal { span, callee, kind });
    }

    pub(super) fn assign_const(&mut self, span: Span, target: &str, value: bool) {
        self.assign(span, target, Expr::Atom(Atom::Const(Const::Bool(value))));
    }

    /// What `fill` emits, as a block of its own.
    pub(super) fn block(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        let out = std::mem::take(&mut self.out);
        self.depth += 1;
        fill(self);
        self.depth -= 1;
        std::mem::replace(&mut self.out, out)
    }

    /// Emits an `if`, whose sides start with what is bound now and are joined behind it.
    pub(super) fn branch(
        &mut self,
        span: Span,
        test: Atom,
        then: impl FnOnce(&mut Self),
        orelse: impl FnOnce(&mut Self),
    ) {
        let before = self.state.clone();
        let then_site = self.site();
        let then = self.block(then);
        let after_then = std::mem::replace(&mut self.state, before);
        let else_site = self.site();
        let orelse = self.block(orelse);
        self.state = join(after_then, self.state.take());
        self.emit(span, StmtKind::If { test, then, then_site, orelse, else_site });
    }

    pub(super) fn temp(&mut self, kind: Temp) -> String {
        // Those of meanings are numbered apart, and a dot tells them from every name that is printed.
        let (counts, dot) = if self.meaning { (&mut self.meaning_counts, ".") } else { (&mut self.counts, "") };
        let count = &mut counts[kind as usize];
        let name = format!("{}{dot}{count}", self.cx.names.base(kind));
        *count += 1;
        self.temporaries.push(name.clone());
        name
    }

    pub(super) fn is_temp(&self, name: &str) -> bool {
        !self.variables.contains_key(name)
    }

    pub(super) fn site(&mut self) -> SiteId {
        self.cx.site()
    }

    pub(super) fn place(&self, name: &str) -> Place {
        if self.renames.iter().any(|level| level.contains_key(name)) || self.variables.contains_key(name) {
            Place::Variable
        } else {
            Place::Global
        }
    }

    /// Whether reading `name` cannot fail here.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        if self.renames.iter().any(|level| level.contains_key(name)) {
            return true;
        }
        match &self.state {
            None => self.variables.contains_key(name),
            Some(state) => self.variables.get(name).is_some_and(|&index| state[index]),
        }
    }

    pub(super) fn bind(&mut self, name: &str) {
        if self.renames.iter().any(|level| level.contains_key(name)) {
            return;
        }
        let deletable = match self.cx.scopes.owner(self.scope, name) {
            Some(owner) => self.cx.scopes.all[owner].deleted.contains(name),
            None => true,
        };
        if let (Some(state), Some(&index), false) = (&mut self.state, self.variables.get(name), deletable) {
            state[index] = true;
        }
    }

    /// Whether code that a call reaches may rebind a variable.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.cx.scopes.owner(self.scope, name).is_some_and(|owner| self.cx.scopes.all[owner].shared.contains(name))
    }

    /// The variables of this function that are bound here, for a function defined here.
    pub(super) fn bound_here(&self) -> Vec<String> {
        self.variables.keys().filter(|name| self.is_bound(name)).cloned().collect()
    }

    pub(super) fn stmts(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }
}
