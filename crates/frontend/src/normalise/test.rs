//! Conditions: what is tested for truth is tested once, and in CPython's order (`compiler_jump_if`).

use rustpython_parser::ast::{BoolOp, Expr as Ast, ExprBoolOp, UnaryOp as AstUnary};
use upshift_ir::UnaryOp;

use super::Temp;
use super::body::{Body, MAX_BLOCKS, join};
use crate::normal::{Atom, Expr, Span, StmtKind};

impl Body<'_, '_> {
    /// Evaluates a condition to an operand to be tested at `at`, which a comparison moves to itself.
    pub(super) fn test(&mut self, expr: &Ast, at: &mut Span) -> Atom {
        match expr {
            Ast::UnaryOp(e) if e.op == AstUnary::Not => {
                let operand = self.test(&e.operand, at);
                let result = self.temp(Temp::Other);
                self.assign(*at, &result, Expr::Unary(UnaryOp::Not, operand));
                Atom::Var(result)
            }
            Ast::Compare(e) if self.meaning || self.depth + e.ops.len() <= MAX_BLOCKS => {
                *at = self.span(expr);
                match self.compare(e, *at, true) {
                    Expr::Atom(atom) => atom,
                    value => {
                        let result = self.temp(Temp::Other);
                        self.assign(*at, &result, value);
                        Atom::Var(result)
                    }
                }
            }
            Ast::BoolOp(e) if self.meaning || self.depth + e.values.len() <= MAX_BLOCKS => {
                let result = self.temp(Temp::Other);
                self.assign_const(*at, &result, e.op == BoolOp::Or);
                self.test_all(e.op, &e.values, &result, at);
                Atom::Var(result)
            }
            Ast::IfExp(e) if self.meaning || self.depth + 3 <= MAX_BLOCKS => {
                let result = self.temp(Temp::Other);
                self.assign_const(*at, &result, false);
                let test = self.test(&e.test, at);
                let start = *at;
                let before = self.state.clone();
                let then_site = self.site();
                let then = self.block(|this| this.set_if(&result, &e.body, at));
                let after_then = std::mem::replace(&mut self.state, before);
                let else_site = self.site();
                let orelse = self.block(|this| this.set_if(&result, &e.orelse, at));
                self.state = join(after_then, self.state.take());
                self.emit(start, StmtKind::If { test, then, then_site, orelse, else_site });
                Atom::Var(result)
            }
            _ => self.atom(expr),
        }
    }

    /// Sets `result` to true if a condition holds.
    fn set_if(&mut self, result: &str, expr: &Ast, at: &mut Span) {
        let test = self.test(expr, at);
        let here = *at;
        self.branch(here, test, |this| this.assign_const(here, result, true), |_| {});
    }

    /// Sets `result` to whether all hold (`and`), or leaves it true if any does (`or`).
    fn test_all(&mut self, op: BoolOp, values: &[Ast], result: &str, at: &mut Span) {
        let test = self.test(&values[0], at);
        let here = *at;
        let mut last = here;
        let mut rest = |this: &mut Self| match &values[1..] {
            [] => this.assign_const(here, result, op == BoolOp::And),
            more => {
                this.test_all(op, more, result, &mut last);
            }
        };
        match op {
            BoolOp::And => self.branch(here, test, rest, |_| {}),
            BoolOp::Or => self.branch(here, test, |_| {}, |this| rest(this)),
        }
        *at = last;
    }

    /// `and` or `or` for its value.
    pub(super) fn bool_op(&mut self, e: &ExprBoolOp, span: Span) -> Atom {
        let result = self.temp(Temp::Other);
        self.next_value(e.op, &e.values, &result, span);
        Atom::Var(result)
    }

    fn next_value(&mut self, op: BoolOp, values: &[Ast], result: &str, span: Span) {
        self.store_temp(result, &values[0]);
        if values.len() == 1 {
            return;
        }
        let test = Atom::Var(result.to_owned());
        let rest = |this: &mut Self| this.next_value(op, &values[1..], result, span);
        match op {
            BoolOp::And => self.branch(span, test, rest, |_| {}),
            BoolOp::Or => self.branch(span, test, |_| {}, rest),
        }
    }
}
