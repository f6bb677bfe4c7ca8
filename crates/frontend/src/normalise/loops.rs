//! `for` and `while` to `while True`, with a flag where they have an `else`.

use rustpython_parser::ast::{Constant, Expr as Ast, Stmt, StmtFor, StmtWhile};

use super::Temp;
use super::body::{Body, Loop, MAX_BLOCKS, join};
use crate::normal::{Atom, Block, Expr, Next, Span, StmtKind};
use crate::walk;

impl Body<'_, '_> {
    /// `for`; says what stands against rewriting it.
    pub(super) fn for_loop(&mut self, s: &StmtFor, whole: Span) -> Result<(), &'static str> {
        if !self.cx.names.loops && !self.meaning {
            return Err("a loop in a module that uses names with _up_ is");
        }
        self.can_loop(&s.body, &s.orelse)?;
        let object = self.atom(&s.iter);
        let iter = self.temp(Temp::Iter);
        self.assign(whole, &iter, Expr::Iter(object));
        let exit = self.state.clone();
        let flag = self.flag(&s.body, &s.orelse, whole);
        let item = self.temp(Temp::Item);
        let site = self.site();
        let next = Next { item: item.clone(), iter, site, target: self.span(&*s.target) };
        self.enter(whole, Some(next), flag.clone(), |this| {
            this.store(&s.target, Atom::Var(item));
            this.stmts(&s.body);
            exit
        });
        self.otherwise(flag, &s.orelse, whole);
        Ok(())
    }

    /// `while`; says what stands against rewriting it.
    pub(super) fn while_loop(&mut self, s: &StmtWhile, whole: Span) -> Result<(), &'static str> {
        self.can_loop(&s.body, &s.orelse)?;
        let flag = self.flag(&s.body, &s.orelse, whole);
        self.enter(whole, None, flag.clone(), |this| {
            let mut exit = None;
            if !always(&s.test) {
                let mut at = whole;
                let test = this.test(&s.test, &mut at);
                exit = this.state.clone();
                this.branch(
                    at,
                    test,
                    |_| {},
                    |this| {
                        this.emit(whole, StmtKind::Break);
                        this.state = None;
                    },
                );
            }
            this.stmts(&s.body);
            exit
        });
        self.otherwise(flag, &s.orelse, whole);
        Ok(())
    }

    fn can_loop(&self, body: &[Stmt], orelse: &[Stmt]) -> Result<(), &'static str> {
        if self.meaning {
            return Ok(());
        }
        if self.depth + 2 > MAX_BLOCKS {
            return Err("a loop nested this deeply is");
        }
        if !orelse.is_empty() && (self.depth > MAX_BLOCKS / 2 || body.iter().any(hides_break)) {
            return Err("a loop with an else and a break in a statement that is");
        }
        Ok(())
    }

    /// The temporary that stays true while no `break` leaves the loop, where that matters.
    fn flag(&mut self, body: &[Stmt], orelse: &[Stmt], whole: Span) -> Option<String> {
        if orelse.is_empty() || !walk::has_break(body) {
            return None;
        }
        let flag = self.temp(Temp::Other);
        self.assign_const(whole, &flag, true);
        Some(flag)
    }

    /// Emits the loop; `fill` returns what is bound where the loop ends by itself.
    fn enter(
        &mut self,
        whole: Span,
        next: Option<Next>,
        flag: Option<String>,
        fill: impl FnOnce(&mut Self) -> super::body::State,
    ) {
        let body_site = self.site();
        self.loops.push(Loop { breaks: None, flag });
        let mut exit = None;
        let body: Block = self.block(|this| exit = fill(this));
        let done = self.loops.pop().expect("pushed above");
        self.state = join(exit, done.breaks);
        self.emit(whole, StmtKind::While { next, body, body_site });
    }

    fn otherwise(&mut self, flag: Option<String>, orelse: &[Stmt], whole: Span) {
        match flag {
            None => self.stmts(orelse),
            Some(flag) => self.branch(whole, Atom::Var(flag), |this| this.stmts(orelse), |_| {}),
        }
    }

    /// `break`.
    pub(super) fn break_(&mut self, span: Span) {
        let state = self.state.take();
        if let Some(innermost) = self.loops.last_mut() {
            innermost.breaks = join(innermost.breaks.take(), state);
            if let Some(flag) = innermost.flag.clone() {
                self.assign_const(span, &flag, false);
            }
        }
        self.emit(span, StmtKind::Break);
    }
}

/// Whether a statement that stays as it is may contain a `break` of the loop around it.
fn hides_break(stmt: &Stmt) -> bool {
    let inner = walk::blocks(stmt);
    match stmt {
        Stmt::If(_) if else_ifs(stmt) > 20 => inner.into_iter().any(|(block, _)| walk::has_break(block)),
        Stmt::If(_) | Stmt::For(_) | Stmt::While(_) => {
            // A loop within may stay as it is for reasons of its own, but only its else could hide a break of ours.
            let whole = matches!(stmt, Stmt::If(_));
            inner.into_iter().any(|(block, of_loop)| match (whole, of_loop) {
                (true, _) => block.iter().any(hides_break),
                (false, true) => false,
                (false, false) => walk::has_break(block),
            })
        }
        _ => inner.into_iter().any(|(block, of_loop)| !of_loop && walk::has_break(block)),
    }
}

/// How many `elif`s follow an `if`.
pub(super) fn else_ifs(stmt: &Stmt) -> usize {
    let mut count = 0;
    let mut at = stmt;
    while let Stmt::If(s) = at
        && let [only @ Stmt::If(_)] = &s.orelse[..]
    {
        count += 1;
        at = only;
    }
    count
}

/// Whether a condition is a constant that holds.
fn always(test: &Ast) -> bool {
    let Ast::Constant(constant) = test else { return false };
    match &constant.value {
        Constant::Bool(value) => *value,
        Constant::Int(value) => *value != 0.into(),
        _ => false,
    }
}
