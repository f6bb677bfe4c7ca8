//! Where temporaries are released: behind the last statement that reads them, as CPython pops its stack.
//!
//! Afterwards each temporary that may hold the last reference to an object is set to None
//! on every way on which nothing reads it any more, but for those that leave the function.

use std::collections::{BTreeSet, HashMap, HashSet};

use upshift_ir::UnaryOp;

use crate::normal::{Atom, Block, Callee, Expr, FormatPart, Function, Stmt, StmtKind};

type Live<'a> = BTreeSet<&'a str>;

/// Where in a function which temporaries are released.
#[derive(Default)]
pub(super) struct Releases<'a> {
    /// Behind a statement, by its address.
    after: HashMap<usize, Vec<&'a str>>,
    /// At the start of a branch, by its statement's address and whether it is the first.
    branch: HashMap<(usize, bool), Vec<&'a str>>,
    /// Temporaries worth releasing.
    held: HashSet<&'a str>,
}

impl<'a> Releases<'a> {
    pub(super) fn of(function: &'a Function) -> Self {
        let mut releases = Self::default();
        let temporaries: HashSet<&str> = function.temporaries.iter().map(String::as_str).collect();
        releases.hold(&function.body, &temporaries);
        releases.block(&function.body, Live::new(), &Live::new(), &Live::new());
        releases
    }

    pub(super) fn after(&self, stmt: &Stmt) -> &[&'a str] {
        self.after.get(&address(stmt)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn at_branch(&self, stmt: &Stmt, then: bool) -> &[&'a str] {
        self.branch.get(&(address(stmt), then)).map_or(&[], Vec::as_slice)
    }

    /// Collects the temporaries that may hold more than a truth value or a new string.
    fn hold(&mut self, block: &'a Block, temporaries: &HashSet<&str>) {
        for stmt in block {
            match &stmt.kind {
                StmtKind::Assign { target, value, .. } => {
                    let scalar = matches!(
                        value,
                        Expr::Atom(Atom::Const(_)) | Expr::Compare(..) | Expr::Unary(UnaryOp::Not, _) | Expr::Format(_)
                    );
                    if !scalar && temporaries.contains(target.as_str()) {
                        self.held.insert(target);
                    }
                }
                StmtKind::If { then, orelse, .. } => {
                    self.hold(then, temporaries);
                    self.hold(orelse, temporaries);
                }
                StmtKind::While { next, body, .. } => {
                    self.held.extend(next.iter().map(|next| next.item.as_str()));
                    self.hold(body, temporaries);
                }
                _ => {}
            }
        }
    }

    /// Goes backwards over a block; returns what is read after its start.
    fn block(&mut self, block: &'a Block, mut live: Live<'a>, at_break: &Live<'a>, at_continue: &Live<'a>) -> Live<'a> {
        for stmt in block.iter().rev() {
            live = self.stmt(stmt, live, at_break, at_continue);
        }
        live
    }

    fn stmt(&mut self, stmt: &'a Stmt, live: Live<'a>, at_break: &Live<'a>, at_continue: &Live<'a>) -> Live<'a> {
        match &stmt.kind {
            StmtKind::Break => return at_break.clone(),
            StmtKind::Continue => return at_continue.clone(),
            StmtKind::Return { value } => return self.read([value]),
            StmtKind::Raise { .. } => return Live::new(),
            StmtKind::If { test, then, orelse, .. } => {
                let in_then = self.block(then, live.clone(), at_break, at_continue);
                let in_else = self.block(orelse, live.clone(), at_break, at_continue);
                let mut before = self.read([test]);
                before.extend(in_then.iter().chain(&in_else));
                self.branch.insert((address(stmt), true), before.difference(&in_then).copied().collect());
                if orelse.is_empty() {
                    // What `then` does not release itself is released behind both ways.
                    self.after.insert(address(stmt), before.difference(&live).copied().collect());
                } else {
                    self.branch.insert((address(stmt), false), before.difference(&in_else).copied().collect());
                }
                return before;
            }
            StmtKind::While { next, body, .. } => {
                let mut head = live.clone();
                head.extend(next.iter().map(|next| next.iter.as_str()).filter(|name| self.held.contains(name)));
                let in_body = self.block(body, head.clone(), &live, &head);
                self.after.insert(address(stmt), head.difference(&live).copied().collect());
                head.extend(in_body);
                if let Some(next) = next {
                    head.remove(next.item.as_str());
                }
                return head;
            }
            _ => {}
        }
        let (writes, reads) = self.touched(stmt);
        let done = writes.union(&reads).filter(|name| !live.contains(*name)).copied().collect::<Vec<_>>();
        if !done.is_empty() {
            self.after.insert(address(stmt), done);
        }
        let mut before: Live = live.difference(&writes).copied().collect();
        before.extend(reads);
        before
    }

    fn read<'b>(&self, atoms: impl IntoIterator<Item = &'b Atom>) -> BTreeSet<&'b str> {
        let names = atoms.into_iter().filter_map(Atom::name);
        names.filter(|name| self.held.contains(name)).collect()
    }

    /// The temporaries that a simple statement writes and reads.
    fn touched(&self, stmt: &'a Stmt) -> (Live<'a>, Live<'a>) {
        let one = |name: &'a String| -> Live<'a> {
            [name.as_str()].into_iter().filter(|name| self.held.contains(name)).collect()
        };
        match &stmt.kind {
            StmtKind::Assign { target, value, .. } => (one(target), self.read_by(value)),
            StmtKind::Update { target, value, .. } => {
                let mut reads = self.read([value]);
                reads.extend(one(target));
                (one(target), reads)
            }
            StmtKind::SetItem { object, index, value, .. } => (Live::new(), self.read([object, index, value])),
            StmtKind::Unpack { value, .. } => (Live::new(), self.read([value])),
            _ => (Live::new(), Live::new()),
        }
    }

    fn read_by(&self, value: &'a Expr) -> Live<'a> {
        reads(value).into_iter().filter(|name| self.held.contains(name)).collect()
    }
}

/// The variables that a printed right side reads.
///
/// What is kept as text uses no temporaries; other kinds are those of meanings, which are never printed.
pub(super) fn reads(value: &Expr) -> Vec<&str> {
    fn names(atoms: Vec<&Atom>) -> Vec<&str> {
        atoms.into_iter().filter_map(Atom::name).collect()
    }
    match value {
        Expr::Atom(atom) | Expr::Unary(_, atom) | Expr::Attr(atom, _) | Expr::Iter(atom) => names(vec![atom]),
        Expr::Binary(_, left, right) | Expr::Compare(_, left, right) | Expr::Index(left, right) => {
            names(vec![left, right])
        }
        Expr::Call { callee, args, kwargs } => {
            let mut found = names(args.iter().chain(kwargs.iter().map(|(_, value)| value)).collect());
            match callee {
                Callee::Var(name) => found.push(name),
                Callee::Method(object, _) => found.extend(object.name()),
                _ => {}
            }
            found
        }
        Expr::List(items) | Expr::Tuple(items) => names(items.iter().collect()),
        Expr::Dict(pairs) => names(pairs.iter().flat_map(|(key, value)| [key, value]).collect()),
        Expr::Format(parts) => parts
            .iter()
            .filter_map(|part| match part {
                FormatPart::Value { value, .. } => value.name(),
                FormatPart::Text(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

pub(super) fn address(stmt: &Stmt) -> usize {
    std::ptr::from_ref(stmt) as usize
}
