//! The `match` statement: patterns whose meaning is a chain of tests.

use rustpython_parser::ast::{Constant, Pattern, StmtMatch};
use upshift_ir::{CompareOp, Const};

use super::Temp;
use super::body::Body;
use super::expr::Rhs;
use crate::normal::{Atom, Callee, Expr, Span, StmtKind};

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
        let outer = std::mem::take(&mut self.captures);
        self.pattern(&case.pattern, subject, span, &mut |this| {
            // Names are bound once the whole pattern has matched.
            for (name, temp) in this.captures.clone() {
                let target = this.out(&name);
                this.assign(span, &target, Expr::Atom(Atom::Var(temp)));
                this.bind(&name);
            }
            match &case.guard {
                None => this.assign_const(span, &matched, true),
                Some(guard) => {
                    let mut here = span;
                    let test = this.test(guard, &mut here);
                    this.branch(here, test, |this| this.assign_const(span, &matched, true), |_| {});
                }
            }
        });
        self.captures = outer;
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
                let value = match &p.value {
                    Constant::Bool(value) => Const::Bool(*value),
                    _ => Const::None,
                };
                let test = self.temp(Temp::Other);
                self.assign(span, &test, Expr::Compare(CompareOp::Is, subject.clone(), Atom::Const(value)));
                self.branch(span, Atom::Var(test), |this| then(this), |_| {});
            }
            Pattern::MatchAs(p) => {
                let capture = |this: &mut Self, then: &mut dyn FnMut(&mut Self)| {
                    if let Some(name) = &p.name {
                        this.capture(name, subject, span);
                    }
                    then(this);
                };
                match &p.pattern {
                    None => capture(self, then),
                    Some(inner) => self.pattern(inner, subject, span, &mut |this| capture(this, then)),
                }
            }
            Pattern::MatchStar(p) => {
                if let Some(name) = &p.name {
                    self.capture(name, subject, span);
                }
                then(self);
            }
            Pattern::MatchOr(p) => {
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
            Pattern::MatchSequence(p) => {
                let star = p.patterns.iter().position(|part| matches!(part, Pattern::MatchStar(_)));
                let least = p.patterns.len() - usize::from(star.is_some());
                let args = vec![subject.clone(), count(least), Atom::Const(Const::Bool(star.is_some()))];
                let test = self.helper("match.sequence", args, span);
                self.branch(
                    span,
                    test,
                    |this| {
                        let names: Vec<String> = p.patterns.iter().map(|_| this.temp(Temp::Other)).collect();
                        this.emit(
                            span,
                            StmtKind::UnpackTo {
                                names: names.clone(),
                                items: Vec::new(),
                                star,
                                value: subject.clone(),
                            },
                        );
                        let parts: Vec<(&Pattern, Atom)> =
                            p.patterns.iter().zip(names.into_iter().map(Atom::Var)).collect();
                        this.patterns(&parts, span, then);
                    },
                    |_| {},
                );
            }
            Pattern::MatchMapping(p) => {
                let test = self.helper("match.mapping", vec![subject.clone(), count(p.keys.len())], span);
                self.branch(
                    span,
                    test,
                    |this| {
                        let keys: Vec<Atom> = p.keys.iter().map(|key| this.atom(key)).collect();
                        let keys = this.name(Rhs::new(Expr::Tuple(keys), span));
                        let values = this.helper("match.keys", vec![subject.clone(), keys.clone()], span);
                        this.found(values, &p.patterns, span, &mut |this| {
                            if let Some(rest) = &p.rest {
                                let rest_of = this.helper("match.rest", vec![subject.clone(), keys.clone()], span);
                                this.capture(rest, &rest_of, span);
                            }
                            then(this);
                        });
                    },
                    |_| {},
                );
            }
            Pattern::MatchClass(p) => {
                let class = self.atom(&p.cls);
                let names = p.kwd_attrs.iter().map(|name| Atom::Const(Const::Str(name.to_string()))).collect();
                let names = self.name(Rhs::new(Expr::Tuple(names), span));
                let args = vec![subject.clone(), class, count(p.patterns.len()), names];
                let values = self.helper("match.class", args, span);
                let parts: Vec<Pattern> = p.patterns.iter().chain(&p.kwd_patterns).cloned().collect();
                self.found(values, &parts, span, then);
            }
        }
    }

    /// Does `then` if `values` is no `None` and each of it matches its pattern.
    fn found(&mut self, values: Atom, patterns: &[Pattern], span: Span, then: &mut dyn FnMut(&mut Self)) {
        let test = self.temp(Temp::Other);
        self.assign(span, &test, Expr::Compare(CompareOp::IsNot, values.clone(), Atom::Const(Const::None)));
        self.branch(
            span,
            Atom::Var(test),
            |this| {
                let names: Vec<String> = patterns.iter().map(|_| this.temp(Temp::Other)).collect();
                this.emit(
                    span,
                    StmtKind::UnpackTo { names: names.clone(), items: Vec::new(), star: None, value: values.clone() },
                );
                let parts: Vec<(&Pattern, Atom)> = patterns.iter().zip(names.into_iter().map(Atom::Var)).collect();
                this.patterns(&parts, span, then);
            },
            |_| {},
        );
    }

    /// Does `then` if every subject matches its pattern.
    fn patterns(&mut self, parts: &[(&Pattern, Atom)], span: Span, then: &mut dyn FnMut(&mut Self)) {
        match parts {
            [] => then(self),
            [(pattern, subject), rest @ ..] => {
                self.pattern(pattern, subject, span, &mut |this| this.patterns(rest, span, then));
            }
        }
    }

    /// Remembers what a name of the pattern will be bound to.
    fn capture(&mut self, name: &str, value: &Atom, span: Span) {
        let known = self.captures.iter().find(|(known, _)| known == name).map(|(_, temp)| temp.clone());
        let temp = known.unwrap_or_else(|| {
            let temp = self.temp(Temp::Other);
            self.captures.push((name.to_owned(), temp.clone()));
            temp
        });
        self.assign(span, &temp, Expr::Atom(value.clone()));
    }

    /// A call of one of the runtime's helpers for patterns.
    fn helper(&mut self, name: &str, args: Vec<Atom>, span: Span) -> Atom {
        let callee = self.name(Rhs::new(Expr::Intrinsic(name.to_owned()), span));
        let Atom::Var(callee) = callee else { unreachable!("a temporary") };
        self.name(Rhs::new(Expr::Call { callee: Callee::Var(callee), args, kwargs: Vec::new() }, span))
    }
}

fn count(number: usize) -> Atom {
    Atom::Const(Const::Int(number as i64))
}
