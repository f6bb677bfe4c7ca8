//! Assignments of all kinds.

use std::ops::Range;

use rustpython_parser::ast::{Expr as Ast, Ranged, StmtAssign, StmtAugAssign};

use super::body::{Body, Place};
use super::expr::binary_op;
use super::{Temp, range};
use crate::normal::{Atom, Expr, Span, StmtKind};

impl Body<'_, '_> {
    /// `targets = … = value`; says what stands against rewriting it.
    pub(super) fn assignment(&mut self, s: &StmtAssign) -> Result<(), &'static str> {
        let plain = |target: &Ast| matches!(target, Ast::Name(_));
        if self.meaning && !(s.targets.len() == 1 && s.targets.iter().all(plain)) {
            return Err("this assignment is");
        }
        if s.targets.iter().any(|target| matches!(target, Ast::Attribute(_))) {
            return Err("assigning to an attribute is");
        }
        if s.targets.iter().any(|target| matches!(target, Ast::Subscript(e) if has_slice(&e.slice))) {
            return Err("assigning to a slice is");
        }
        match &s.targets[..] {
            [Ast::Name(target)] => {
                let rhs = self.rhs(&s.value);
                let name = self.out(&target.id);
                self.assign_call(rhs.span, rhs.callee, &name, rhs.value);
                self.bind(&target.id);
            }
            [Ast::Subscript(target)] => {
                let mut atoms = self.operands(&[&s.value, &target.value, &target.slice]).into_iter();
                let mut next = || atoms.next().expect("three operands");
                let (value, object, index) = (next(), next(), next());
                let site = self.site();
                self.emit(self.cx.span(target), StmtKind::SetItem { object, index, value, site });
            }
            [target] if self.in_parallel(target, &s.value) => {}
            targets => {
                let atom = self.atom(&s.value);
                let names = targets.iter().all(|target| matches!(target, Ast::Name(_)));
                let value = if names { atom } else { self.copy(atom, self.cx.span(&*s.value)) };
                targets.iter().for_each(|target| self.store(target, value.clone()));
            }
        }
        Ok(())
    }

    /// Stores an operand in a target.
    pub(super) fn store(&mut self, target: &Ast, value: Atom) {
        let span = self.span(target);
        match target {
            Ast::Name(e) => {
                let name = self.out(&e.id);
                self.assign(span, &name, Expr::Atom(value));
                self.bind(&e.id);
            }
            Ast::Attribute(e) if self.meaning => {
                let object = self.atom(&e.value);
                let name = self.mangled(&e.attr);
                self.emit(span, StmtKind::SetAttr { object, name, value });
            }
            Ast::Subscript(e) if self.meaning && has_slice(&e.slice) => {
                let object = self.atom(&e.value);
                let object = self.copy(object, span);
                let index = self.index(&e.slice);
                let site = self.site();
                self.emit(span, StmtKind::SetItem { object, index, value, site });
            }
            Ast::Tuple(_) | Ast::List(_) if self.meaning => self.unpack(target, value),
            Ast::Subscript(e) if !has_slice(&e.slice) => {
                let mut atoms = self.operands(&[&e.value, &e.slice]);
                let index = atoms.pop().expect("two operands");
                let site = self.site();
                self.emit(span, StmtKind::SetItem { object: atoms.remove(0), index, value, site });
            }
            _ => {
                let site = self.site();
                let names = flat(target);
                let items = names.iter().flatten().map(|_| self.site()).collect();
                let meaning = match names {
                    Some(_) => Vec::new(),
                    None => self.meaning_of(|this| this.store(target, value.clone())),
                };
                self.emit(span, StmtKind::Unpack { text: range(target), names, items, value, meaning, site });
                self.bind_targets(target);
            }
        }
    }

    /// `a, b = x, y` without the tuple.
    fn in_parallel(&mut self, target: &Ast, value: &Ast) -> bool {
        let (Some(names), Ast::Tuple(values)) = (flat(target), value) else { return false };
        if names.len() != values.elts.len() || values.elts.iter().any(|e| matches!(e, Ast::Starred(_))) {
            return false;
        }
        let parts: Vec<&Ast> = values.elts.iter().collect();
        let atoms = self.operands(&parts);
        let atoms: Vec<Atom> = atoms
            .into_iter()
            .zip(&parts)
            .map(|(atom, part)| match atom {
                Atom::Var(name) if names.contains(&name) => self.copy(Atom::Var(name), self.cx.span(*part)),
                atom => atom,
            })
            .collect();
        for (name, atom) in elements(target).iter().zip(atoms) {
            self.store(name, atom);
        }
        true
    }

    /// `target op= value`.
    pub(super) fn augmented(&mut self, s: &StmtAugAssign, whole: Span) -> Result<(), &'static str> {
        let op = binary_op(s.op);
        match &*s.target {
            Ast::Name(target) => {
                let renamed = self.out(&target.id);
                let name = renamed.as_str();
                let at = self.span(&*s.target);
                if self.place(name) == Place::Variable && self.is_bound(name) && self.is_ready(&s.value) {
                    let value = self.atom(&s.value);
                    let site = self.site();
                    self.emit(whole, StmtKind::Update { target: name.to_owned(), op, value, site });
                    return Ok(());
                }
                let simple = self.place(name) == Place::Variable && self.is_bound(name);
                let atom = self.operand(&s.target, &[&s.value]);
                if let (Atom::Var(kept), true) = (&atom, simple)
                    && kept == name
                {
                    // Nothing in the right side can rebind it.
                    let value = self.atom(&s.value);
                    let site = self.site();
                    self.emit(whole, StmtKind::Update { target: name.to_owned(), op, value, site });
                    return Ok(());
                }
                let temp = self.copy(atom, at);
                let Atom::Var(result) = &temp else { unreachable!("a variable or a temporary") };
                let value = self.atom(&s.value);
                let site = self.site();
                self.emit(whole, StmtKind::Update { target: result.clone(), op, value, site });
                self.assign(at, name, Expr::Atom(temp.clone()));
                self.bind(name);
            }
            Ast::Subscript(target) if !has_slice(&target.slice) => {
                let at = self.span(&*s.target);
                let object = self.operand(&target.value, &[&target.slice, &s.value]);
                let object = self.copy_shared(object, at);
                let index = self.operand(&target.slice, &[&s.value]);
                let index = self.copy_shared(index, at);
                let result = self.temp(Temp::Other);
                self.assign(at, &result, Expr::Index(object.clone(), index.clone()));
                let value = self.atom(&s.value);
                let site = self.site();
                self.emit(whole, StmtKind::Update { target: result.clone(), op, value, site });
                let site = self.site();
                self.emit(at, StmtKind::SetItem { object, index, value: Atom::Var(result), site });
            }
            Ast::Subscript(_) => return Err("updating a slice is"),
            _ => return Err("updating an attribute is"),
        }
        Ok(())
    }

    /// Copies a variable that the operations to come may rebind.
    fn copy_shared(&mut self, atom: Atom, at: Span) -> Atom {
        match &atom {
            Atom::Var(name) if !self.is_temp(name) && self.is_shared(name) => self.copy(atom, at),
            _ => atom,
        }
    }

    /// Notes that a target's names are bound now.
    pub(super) fn bind_targets(&mut self, target: &Ast) {
        match target {
            Ast::Name(e) => self.bind(&e.id),
            Ast::Starred(e) => self.bind_targets(&e.value),
            Ast::Tuple(_) | Ast::List(_) => elements(target).iter().for_each(|part| self.bind_targets(part)),
            _ => {}
        }
    }

    /// The text of a statement, decorators included.
    pub(super) fn stmt_range(&self, stmt: &rustpython_parser::ast::Stmt) -> Range<usize> {
        self.cx.start(stmt)..stmt.range().end().into()
    }
}

pub(super) fn elements(target: &Ast) -> &[Ast] {
    match target {
        Ast::Tuple(e) => &e.elts,
        Ast::List(e) => &e.elts,
        _ => &[],
    }
}

/// The names of a target that is a flat sequence of names.
fn flat(target: &Ast) -> Option<Vec<String>> {
    let parts = elements(target);
    let names = parts.iter().map(|part| match part {
        Ast::Name(e) => Some(e.id.to_string()),
        _ => None,
    });
    names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

fn has_slice(index: &Ast) -> bool {
    match index {
        Ast::Slice(_) | Ast::Starred(_) => true,
        Ast::Tuple(e) => e.elts.iter().any(has_slice),
        _ => false,
    }
}
