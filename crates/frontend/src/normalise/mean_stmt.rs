//! What statements mean that are kept as their source text.

use rustpython_parser::ast::{ExceptHandler, Expr as Ast, Ranged, Stmt, StmtTry, StmtWith};

use super::Temp;
use super::body::{Body, join};
use super::expr::{Rhs, binary_op};
use super::inner::Made;
use crate::normal::{Atom, Block, Callee, Expr, Handler, StmtKind};

impl Body<'_, '_> {
    /// The meaning of a statement, as a block of its own.
    pub(super) fn meaning_of(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        let before = std::mem::replace(&mut self.meaning, true);
        let state = self.state.clone();
        let breaks: Vec<_> = self.loops.iter().map(|one| one.breaks.clone()).collect();
        let block = self.block(fill);
        for (one, state) in self.loops.iter_mut().zip(breaks) {
            one.breaks = state;
        }
        self.state = state;
        self.meaning = before;
        block
    }

    /// Lowers a statement within a meaning that the printed form does not have.
    pub(super) fn mean_stmt(&mut self, stmt: &Stmt, why: &str) {
        let span = self.span(stmt);
        match stmt {
            Stmt::Assign(s) => {
                let value = self.atom(&s.value);
                let value = self.copy(value, span);
                s.targets.iter().for_each(|target| self.store(target, value.clone()));
            }
            Stmt::AnnAssign(s) => {
                if let Some(value) = &s.value {
                    let value = self.atom(value);
                    self.store(&s.target, value);
                }
            }
            Stmt::AugAssign(s) => self.mean_augmented(&s.target, binary_op(s.op), &s.value, span),
            Stmt::Raise(s) => {
                let parts: Vec<&Ast> = [&s.exc, &s.cause].into_iter().flatten().map(|part| &**part).collect();
                let mut atoms = self.operands(&parts).into_iter();
                let exception = s.exc.as_ref().and_then(|_| atoms.next());
                let cause = s.cause.as_ref().and_then(|_| atoms.next());
                self.emit(span, StmtKind::Throw { exception, cause });
                self.state = None;
            }
            Stmt::Assert(s) => {
                let mut at = span;
                let test = self.test(&s.test, &mut at);
                self.branch(
                    at,
                    test,
                    |_| {},
                    |this| {
                        let class = this.name(Rhs::new(Expr::Intrinsic("AssertionError".to_owned()), span));
                        let Atom::Var(class) = class else { unreachable!("a temporary") };
                        let args = s.msg.iter().map(|message| this.atom(message)).collect();
                        let call = Expr::Call { callee: Callee::Var(class), args, kwargs: Vec::new() };
                        let exception = Some(this.name(Rhs::new(call, span)));
                        this.emit(span, StmtKind::Throw { exception, cause: None });
                        this.state = None;
                    },
                );
            }
            Stmt::Delete(s) => s.targets.iter().for_each(|target| self.delete(target)),
            Stmt::Try(s) => self.mean_try(s, span),
            Stmt::With(s) => self.mean_with(s, 0, span),
            Stmt::Import(s) => {
                for alias in &s.names {
                    let module = alias.name.to_string();
                    let target = match &alias.asname {
                        Some(name) => name.to_string(),
                        None => module.split('.').next().unwrap_or(&module).to_owned(),
                    };
                    self.assign(span, &target, Expr::Import(module, None));
                    self.bind(&target);
                }
            }
            Stmt::ImportFrom(s) => {
                let plain = s.level.is_none_or(|level| level.to_u32() == 0);
                for alias in &s.names {
                    match (&s.module, plain, alias.name.as_str()) {
                        (_, _, "*") | (None, ..) | (_, false, _) => {
                            self.emit(
                                span,
                                StmtKind::Refused { reason: "this import is not in the native language".to_owned() },
                            );
                        }
                        (Some(module), true, name) => {
                            let target = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                            self.assign(span, &target, Expr::Import(module.to_string(), Some(name.to_owned())));
                            self.bind(&target);
                        }
                    }
                }
            }
            Stmt::FunctionDef(s) => {
                let decorators: Vec<&Ast> = s.decorator_list.iter().collect();
                let decorators = self.operands(&decorators);
                let defaults = self.computed_defaults(&s.args);
                let made = Made {
                    name: s.name.to_string(),
                    first_line: self.cx.lines.locate(self.cx.start(stmt)).0,
                    scope: self.cx.scopes.of_def(stmt.range().start().into()),
                    span,
                    class: self.class.clone(),
                };
                let function = self.inner_def(made, &s.args, &s.body);
                let target = self.out(&s.name);
                if decorators.is_empty() && self.namespace.is_none() {
                    self.emit(span, StmtKind::Function { target, function, defaults });
                } else {
                    let value = self.name(Rhs::new(Expr::Closure(function, defaults), span));
                    let value = self.decorated(decorators, value, span);
                    self.assign(span, &target, Expr::Atom(value));
                    self.bind_in_class(&s.name, span);
                }
                self.bind(&s.name);
            }
            Stmt::Match(s) => self.mean_match(s, span),
            Stmt::ClassDef(s) => self.mean_class(stmt, s),
            _ => self.emit(span, StmtKind::Refused { reason: why.to_owned() }),
        }
    }

    fn mean_augmented(&mut self, target: &Ast, op: upshift_ir::BinaryOp, value: &Ast, span: crate::normal::Span) {
        let result = self.temp(Temp::Other);
        match target {
            Ast::Attribute(e) => {
                let object = self.atom(&e.value);
                let object = self.copy(object, span);
                let name = self.mangled(&e.attr);
                self.assign(span, &result, Expr::Attr(object.clone(), name.clone()));
                let value = self.atom(value);
                let site = self.site();
                self.emit(span, StmtKind::Update { target: result.clone(), op, value, site });
                self.emit(span, StmtKind::SetAttr { object, name, value: Atom::Var(result) });
            }
            Ast::Subscript(e) => {
                let object = self.atom(&e.value);
                let object = self.copy(object, span);
                let index = self.index(&e.slice);
                let index = self.copy(index, span);
                self.assign(span, &result, Expr::Index(object.clone(), index.clone()));
                let value = self.atom(value);
                let site = self.site();
                self.emit(span, StmtKind::Update { target: result.clone(), op, value, site });
                let site = self.site();
                self.emit(span, StmtKind::SetItem { object, index, value: Atom::Var(result), site });
            }
            _ => self
                .emit(span, StmtKind::Refused { reason: "this assignment is not in the native language".to_owned() }),
        }
    }

    fn delete(&mut self, target: &Ast) {
        let span = self.span(target);
        match target {
            Ast::Name(e) if self.place(&e.id) == super::body::Place::Variable => {
                let name = self.out(&e.id);
                self.emit(span, StmtKind::DelVar { name });
            }
            Ast::Attribute(e) => {
                let object = self.atom(&e.value);
                let name = self.mangled(&e.attr);
                self.emit(span, StmtKind::DelAttr { object, name });
            }
            Ast::Subscript(e) => {
                let object = self.atom(&e.value);
                let object = self.copy(object, span);
                let index = self.index(&e.slice);
                self.emit(span, StmtKind::DelItem { object, index });
            }
            Ast::Tuple(e) => e.elts.iter().for_each(|part| self.delete(part)),
            Ast::List(e) => e.elts.iter().for_each(|part| self.delete(part)),
            _ => {
                let reason = "it deletes a module-level name".to_owned();
                self.emit(span, StmtKind::Refused { reason });
            }
        }
    }

    fn mean_try(&mut self, s: &StmtTry, span: crate::normal::Span) {
        let before = self.state.clone();
        let body = self.block(|this| this.stmts(&s.body));
        let orelse = self.block(|this| this.stmts(&s.orelse));
        let mut after = self.state.take();
        let mut handlers = Vec::new();
        for handler in &s.handlers {
            let ExceptHandler::ExceptHandler(h) = handler;
            self.state = before.clone();
            let mut class = None;
            let head = self.block(|this| {
                class = h.type_.as_ref().map(|class| this.atom(class));
            });
            let name = h.name.as_ref().map(|name| self.out(name));
            if let Some(name) = &h.name {
                self.bind(name);
            }
            let body = self.block(|this| this.stmts(&h.body));
            after = join(after, self.state.take());
            let line = self.cx.lines.locate(handler.range().start().into()).0;
            handlers.push(Handler { line, before: head, class, name, body });
        }
        self.state = before;
        let finally = self.block(|this| this.stmts(&s.finalbody));
        // What the body may not have bound is not relied on, unless every way binds it.
        self.state = if self.state.is_none() { None } else { after };
        self.emit(span, StmtKind::Try { body, handlers, orelse, finally });
    }

    fn mean_with(&mut self, s: &StmtWith, at: usize, span: crate::normal::Span) {
        let Some(item) = s.items.get(at) else { return self.stmts(&s.body) };
        let context = self.atom(&item.context_expr);
        let context = self.copy(context, span);
        let name = self.temp(Temp::Other);
        let before = self.state.clone();
        let body = self.block(|this| {
            if let Some(target) = &item.optional_vars {
                this.store(target, Atom::Var(name.clone()));
            }
            this.mean_with(s, at + 1, span);
        });
        // The context manager may swallow an exception.
        self.state = join(before, self.state.take());
        self.emit(span, StmtKind::With { context, name, body });
    }

    /// Unpacks into variables or temporaries, and stores what those hold.
    pub(super) fn unpack(&mut self, target: &Ast, value: Atom) {
        let span = self.span(target);
        let parts = super::assign::elements(target);
        let star = parts.iter().position(|part| matches!(part, Ast::Starred(_)));
        let names: Vec<String> = parts.iter().map(|_| self.temp(Temp::Other)).collect();
        let named = |part: &Ast| matches!(part, Ast::Name(_));
        let items = parts.iter().map(|part| named(part).then(|| (self.span(part), self.site()))).collect();
        self.emit(span, StmtKind::UnpackTo { names: names.clone(), items, star, value });
        for (part, name) in parts.iter().zip(names) {
            let part = match part {
                Ast::Starred(e) => &*e.value,
                other => other,
            };
            self.store(part, Atom::Var(name));
        }
    }
}
