//! Statements, one at a time.

use rustpython_parser::ast::{Expr as Ast, Stmt, StmtIf};
use upshift_ir::Const;

use super::body::{Body, MAX_BLOCKS};
use super::loops::else_ifs;
use crate::normal::{Atom, Expr, StmtKind};
use crate::walk;

impl Body<'_, '_> {
    /// Lowers a statement, or keeps its text.
    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        let span = self.span(stmt);
        let kept = match stmt {
            Stmt::Assign(s) => self.assignment(s),
            Stmt::AugAssign(s) => self.augmented(s, span),
            Stmt::AnnAssign(s) => match (&*s.target, &s.value) {
                (Ast::Name(_), None) if s.simple => Ok(()),
                (Ast::Name(target), Some(value)) if s.simple => {
                    let rhs = self.rhs(value);
                    let name = self.out(&target.id);
                    self.assign_call(rhs.span, rhs.callee, &name, rhs.value);
                    self.bind(&target.id);
                    Ok(())
                }
                _ => Err("this annotation is"),
            },
            Stmt::Expr(s) => {
                let rhs = self.rhs(&s.value);
                let done = match &rhs.value {
                    Expr::Atom(Atom::Var(name)) => self.is_temp(name) || self.is_bound(name),
                    Expr::Atom(_) => true,
                    _ => false,
                };
                if !done {
                    self.name(rhs);
                }
                Ok(())
            }
            Stmt::If(_) if !self.meaning && self.depth + else_ifs(stmt) >= MAX_BLOCKS => {
                Err("an if nested this deeply is")
            }
            Stmt::If(s) => {
                self.if_stmt(s, span);
                Ok(())
            }
            Stmt::For(s) => self.for_loop(s, span),
            Stmt::While(s) => self.while_loop(s, span),
            Stmt::Break(_) => {
                self.break_(span);
                Ok(())
            }
            Stmt::Continue(_) => {
                self.emit(span, StmtKind::Continue);
                self.state = None;
                Ok(())
            }
            Stmt::Return(s) => {
                let value = s.value.as_ref().map_or(Atom::Const(Const::None), |value| self.atom(value));
                self.emit(span, StmtKind::Return { value });
                self.state = None;
                Ok(())
            }
            Stmt::Raise(_) if self.meaning => Err("raise is"),
            Stmt::Raise(_) => {
                let meaning = self.meaning_of(|this| this.mean_stmt(stmt, ""));
                let text = self.stmt_range(stmt);
                self.emit(span, StmtKind::Raise { text, meaning });
                self.state = None;
                Ok(())
            }
            Stmt::FunctionDef(_) if self.meaning => Err("a nested function is"),
            Stmt::FunctionDef(s) => match self.cx.nested_reason(stmt) {
                Some(reason) => {
                    self.keep(stmt, reason.to_owned());
                    self.bind(&s.name);
                    return;
                }
                None => {
                    self.nested(stmt, &s.name);
                    Ok(())
                }
            },
            Stmt::Pass(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::AsyncFunctionDef(_) => Err("a nested async function is"),
            Stmt::ClassDef(_) => Err("a class in a function is"),
            Stmt::Delete(_) => Err("del is"),
            Stmt::TypeAlias(_) => Err("a type alias is"),
            Stmt::With(_) => Err("with is"),
            Stmt::Match(_) => Err("match is"),
            Stmt::Try(_) | Stmt::TryStar(_) => Err("try is"),
            Stmt::Assert(_) => Err("assert is"),
            Stmt::Import(_) | Stmt::ImportFrom(_) => Err("import in a function is"),
            Stmt::AsyncFor(_) | Stmt::AsyncWith(_) => Err("async is"),
        };
        if let Err(what) = kept {
            if self.meaning {
                return self.mean_stmt(stmt, &format!("{what} not in the native language yet"));
            }
            self.keep(stmt, format!("{what} kept as it is"));
        }
    }

    fn if_stmt(&mut self, s: &StmtIf, span: crate::normal::Span) {
        let mut at = span;
        let test = self.test(&s.test, &mut at);
        self.branch(at, test, |this| this.stmts(&s.body), |this| this.stmts(&s.orelse));
    }

    fn nested(&mut self, stmt: &Stmt, name: &str) {
        let mut bound = self.bound_here();
        bound.push(name.to_owned());
        let inner = &self.cx.scopes.all[self.cx.scopes.of_def(super::range(stmt).start)];
        // Its own name is bound by the time it runs, unless something deletes it.
        let own = self.cx.scopes.owner(self.scope, name);
        let deleted = own.is_none_or(|owner| self.cx.scopes.all[owner].deleted.contains(name));
        bound.retain(|free| inner.free.contains(free) && !(deleted && free == name));
        let function = self.cx.function(stmt, Some(self.id), bound);
        let span = self.span(stmt);
        self.emit(span, StmtKind::Def { function });
        self.bind(name);
    }

    /// Keeps a statement's text.
    fn keep(&mut self, stmt: &Stmt, reason: String) {
        let text = self.stmt_range(stmt);
        let site = self.site();
        let span = self.cx.lines.span(&text);
        if walk::blocks(stmt).into_iter().any(|(block, of_loop)| !of_loop && walk::has_break(block)) {
            let state = self.state.clone();
            if let Some(innermost) = self.loops.last_mut() {
                innermost.breaks = super::body::join(innermost.breaks.take(), state);
            }
        }
        let why = reason.replace("kept as it is", "not in the native language yet");
        let meaning = self.meaning_of(|this| {
            if matches!(stmt, Stmt::For(_) | Stmt::While(_) | Stmt::If(_) | Stmt::Expr(_) | Stmt::Return(_)) {
                this.stmt(stmt);
            } else {
                this.mean_stmt(stmt, &why);
            }
        });
        self.emit(span, StmtKind::Opaque { text, reason, meaning, site });
        match stmt {
            Stmt::Assign(s) => s.targets.iter().for_each(|target| self.bind_targets(target)),
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.bind_imports(stmt),
            Stmt::ClassDef(s) => self.bind(&s.name),
            Stmt::AsyncFunctionDef(s) => self.bind(&s.name),
            _ => {}
        }
    }

    fn bind_imports(&mut self, stmt: &Stmt) {
        let aliases = match stmt {
            Stmt::Import(s) => &s.names,
            Stmt::ImportFrom(s) => &s.names,
            _ => return,
        };
        for alias in aliases {
            match &alias.asname {
                Some(name) => self.bind(name),
                None => self.bind(alias.name.split('.').next().unwrap_or(&alias.name)),
            }
        }
    }
}
