//! The `match` statement: patterns whose meaning is a chain of tests.

use rustpython_parser::ast::{Pattern, StmtMatch};
use upshift_ir::{CompareOp, Const};

use super::Temp;
use super::body::Body;
use crate::normal::{Atom, Expr, Span, StmtKind};

impl Body<'_, '_> {
    /// Tries the cases one after another.
    pub(super) fn mean_match(&mut self, s: &StmtMatch, span: Span) {
        let subject = self.atom(&s.subject);
        let subject = self.copy(subject, span);
        self.cases(s, 0, &subject, span);
    }

    fn cases(&mut self, s: &StmtMatch, at: usize, subject: &Atom, span: Span) {
        let Some(case) = s.cases.get(at) else { return };
        let matched = self.temp(Temp::Other);
        self.assign_const(span, &matched, false);
        self.pattern(&case.pattern, subject, span, &mut |this| match &case.guard {
            None => this.assign_const(span, &matched, true),
            Some(guard) => {
                let mut here = span;
                let test = this.test(guard, &mut here);
                this.branch(here, test, |this| this.assign_const(span, &matched, true), |_| {});
            }
        });
        self.branch(
            span,
            Atom::Var(matched.clone()),
            |this| this.stmts(&case.body),
            |this| this.cases(s, at + 1, subject, span),
        );
    }

    /// Does `then` if `subject` matches.
    fn pattern(&mut self, pattern: &Pattern, subject: &Atom, span: Span, then: &mut dyn FnMut(&mut Self)) {
        match pattern {
            Pattern::MatchValue(p) => {
                let value = self.atom(&p.value);
                let test = self.temp(Temp::Other);
                self.assign(span, &test, Expr::Compare(CompareOp::Eq, subject.clone(), value));
                self.branch(span, Atom::Var(test), |this| then(this), |_| {});
            }
            Pattern::MatchSingleton(p) => {
                use rustpython_parser::ast::Constant;
                let value = match &p.value {
                    Constant::Bool(value) => Const::Bool(*value),
                    _ => Const::None,
                };
                let test = self.temp(Temp::Other);
                self.assign(span, &test, Expr::Compare(CompareOp::Is, subject.clone(), Atom::Const(value)));
                self.branch(span, Atom::Var(test), |this| then(this), |_| {});
            }
            Pattern::MatchAs(p) => {
                let bind = |this: &mut Self, then: &mut dyn FnMut(&mut Self)| {
                    if let Some(name) = &p.name {
                        let target = this.out(name);
                        this.assign(span, &target, Expr::Atom(subject.clone()));
                        this.bind(name);
                    }
                    then(this);
                };
                match &p.pattern {
                    None => bind(self, then),
                    Some(inner) => self.pattern(inner, subject, span, &mut |this| bind(this, then)),
                }
            }
            Pattern::MatchOr(p) => {
                let plain =
                    p.patterns.iter().all(|part| matches!(part, Pattern::MatchValue(_) | Pattern::MatchSingleton(_)));
                if !plain {
                    let reason = "a pattern with alternatives like these is not in the native language yet".to_owned();
                    self.emit(span, StmtKind::Refused { reason });
                    return;
                }
                let found = self.temp(Temp::Other);
                self.assign_const(span, &found, false);
                for part in &p.patterns {
                    let test = self.temp(Temp::Other);
                    self.assign(span, &test, Expr::Atom(Atom::Var(found.clone())));
                    self.branch(
                        span,
                        Atom::Var(test),
                        |_| {},
                        |this| this.pattern(part, subject, span, &mut |this| this.assign_const(span, &found, true)),
                    );
                }
                self.branch(span, Atom::Var(found), |this| then(this), |_| {});
            }
            _ => {
                let reason = "a sequence, mapping or class pattern is not in the native language yet".to_owned();
                self.emit(span, StmtKind::Refused { reason });
            }
        }
    }
}
