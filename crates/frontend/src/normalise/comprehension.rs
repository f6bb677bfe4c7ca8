//! Comprehensions: loops in place, but for generator expressions, which are functions.

use std::collections::HashMap;

use rustpython_parser::ast::{Comprehension, Expr as Ast, Ranged};

use super::Temp;
use super::body::Body;
use super::expr::Rhs;
use super::inner::Made;
use crate::normal::{Atom, Callee, Expr, Next, Span, StmtKind};

/// What a comprehension adds for each round.
#[derive(Clone, Copy)]
enum Element<'a> {
    Item(&'a Ast),
    Entry(&'a Ast, &'a Ast),
    Yield(&'a Ast),
}

impl Body<'_, '_> {
    /// A list, set or dict comprehension as loops.
    pub(super) fn comprehension(&mut self, expr: &Ast) -> Rhs {
        let span = self.span(expr);
        let (element, generators, empty) = match expr {
            Ast::ListComp(e) => (Element::Item(&e.elt), &e.generators, Expr::List(Vec::new())),
            Ast::SetComp(e) => (Element::Item(&e.elt), &e.generators, Expr::Set(Vec::new())),
            Ast::DictComp(e) => (Element::Entry(&e.key, &e.value), &e.generators, Expr::Dict(Vec::new())),
            _ => return self.refuse(expr, "this is no comprehension"),
        };
        if generators.iter().any(|generator| generator.is_async) {
            return self.refuse(expr, "an asynchronous comprehension is not in the native language");
        }
        let first = self.atom(&generators[0].iter);
        let iter = self.iterator(first, span);
        let result = self.temp(Temp::Other);
        self.assign(span, &result, empty);
        let scope = self.cx.scopes.of_expr(expr);
        let own = self.cx.scopes.all[scope].own.clone();
        let mut renames = HashMap::new();
        for name in own {
            let renamed = self.renamed(&name);
            self.emit(span, StmtKind::Fresh { name: renamed.clone() });
            renames.insert(name, renamed);
        }
        self.renames.push(renames);
        let before = self.state.clone();
        self.rounds(generators, iter, element, &result, span);
        self.state = before;
        self.renames.pop();
        Rhs::new(Expr::Atom(Atom::Var(result)), span)
    }

    /// A generator expression as a call of a function.
    pub(super) fn generator_expression(&mut self, expr: &Ast) -> Rhs {
        let span = self.span(expr);
        let Ast::GeneratorExp(e) = expr else { return self.refuse(expr, "this is no generator expression") };
        if e.generators.iter().any(|generator| generator.is_async) {
            return self.refuse(expr, "an asynchronous generator expression is not in the native language");
        }
        let first = self.atom(&e.generators[0].iter);
        // `iter` of the first iterable is called here, the rest once the generator runs.
        let builtin = self.name(Rhs::new(Expr::Intrinsic("iter".to_owned()), span));
        let Atom::Var(builtin) = builtin else { unreachable!("a temporary") };
        let call = Expr::Call { callee: Callee::Var(builtin), args: vec![first], kwargs: Vec::new() };
        let items = self.name(Rhs::new(call, span));
        let made = Made {
            name: "<genexpr>".to_owned(),
            first_line: self.cx.lines.locate(expr.range().start().into()).0,
            scope: self.cx.scopes.of_expr(expr),
            span,
            class: self.class.clone(),
        };
        let function = self.inner_generator(made, |body| {
            body.rounds(&e.generators, ".0".to_owned(), Element::Yield(&e.elt), "", span);
        });
        let closure = self.name(Rhs::new(Expr::Closure(function, Vec::new()), span));
        let Atom::Var(closure) = closure else { unreachable!("a temporary") };
        Rhs::new(Expr::Call { callee: Callee::Var(closure), args: vec![items], kwargs: Vec::new() }, span)
    }

    /// The loop over `iter`, which is the first generator's, and those within it.
    fn rounds(&mut self, generators: &[Comprehension], iter: String, element: Element<'_>, result: &str, span: Span) {
        let Some((generator, rest)) = generators.split_first() else { return };
        let item = self.temp(Temp::Item);
        let site = self.site();
        let next = Next { item: item.clone(), iter, site, target: self.span(&generator.target) };
        let body_site = self.site();
        let body = self.block(|this| {
            this.store(&generator.target, Atom::Var(item));
            this.filtered(&generator.ifs, span, &mut |this| match rest.split_first() {
                Some((inner, _)) => {
                    let object = this.atom(&inner.iter);
                    let iter = this.iterator(object, span);
                    this.rounds(rest, iter, element, result, span);
                }
                None => this.element(element, result, span),
            });
        });
        self.emit(span, StmtKind::While { next: Some(next), body, body_site });
    }

    /// Does `then` where all tests hold.
    fn filtered(&mut self, tests: &[Ast], span: Span, then: &mut dyn FnMut(&mut Self)) {
        let Some((test, rest)) = tests.split_first() else { return then(self) };
        let mut at = span;
        let test = self.test(test, &mut at);
        self.branch(at, test, |this| this.filtered(rest, span, then), |_| {});
    }

    fn element(&mut self, element: Element<'_>, result: &str, span: Span) {
        let object = Atom::Var(result.to_owned());
        match element {
            Element::Item(item) => {
                let value = self.atom(item);
                self.emit(span, StmtKind::Push { object, value });
            }
            Element::Entry(key, value) => {
                let mut atoms = self.operands(&[key, value]);
                let value = atoms.pop().expect("two operands");
                let site = self.site();
                self.emit(span, StmtKind::SetItem { object, index: atoms.remove(0), value, site });
            }
            Element::Yield(item) => {
                let value = self.atom(item);
                self.name(Rhs::new(Expr::Yield(value), span));
            }
        }
    }

    /// A name for a comprehension's variable that nothing else in the function has: temporaries have no letter behind the dot.
    fn renamed(&mut self, name: &str) -> String {
        self.renamed_count += 1;
        let renamed = format!("{name}.c{}", self.renamed_count);
        self.declare_temporary(renamed.clone());
        renamed
    }
}
