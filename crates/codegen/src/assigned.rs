//! Finds the variables that some read may reach unassigned.
//!
//! In: a resolved program. Out: [`Var::maybe_unbound`](crate::program::Var) of every plain local.
//! After it: each read of any other plain local is preceded by an assignment on every path,
//! by the same rules as rustc's own check, so generated Rust needs no initial values.

use std::collections::HashSet;

use crate::program::{Argument, Atom, Block, Expr, FormatPart, Function, StmtKind, VarId};

/// Marks the variables of `function`.
pub(crate) fn mark_unbound(function: &mut Function) {
    let mut pass = Assigned { unbound: HashSet::new() };
    let start: HashSet<VarId> = function.params.iter().copied().collect();
    pass.block(&function.body, &mut Flow { assigned: Some(start), breaks: None });
    for var in pass.unbound {
        if !function.vars[var.0].cell {
            function.vars[var.0].maybe_unbound = true;
        }
    }
}

struct Assigned {
    unbound: HashSet<VarId>,
}

/// Assigned variables at a point; `None` where control does not come.
struct Flow {
    assigned: Option<HashSet<VarId>>,
    /// Assigned at every `break` of the innermost loop so far.
    breaks: Option<HashSet<VarId>>,
}

impl Assigned {
    fn block(&mut self, block: &Block, flow: &mut Flow) {
        for stmt in block {
            match &stmt.kind {
                StmtKind::Assign(target, value) => {
                    each_operand(value, &mut |var| self.read(var, flow));
                    self.assign(*target, flow);
                }
                StmtKind::Update(target, _, value) => {
                    self.read(*target, flow);
                    self.read_atom(value, flow);
                    self.assign(*target, flow);
                }
                StmtKind::SetItem { object, index, value } => {
                    for atom in [object, index, value] {
                        self.read_atom(atom, flow);
                    }
                }
                StmtKind::If(test, then, orelse) => {
                    self.read_atom(test, flow);
                    let before = flow.assigned.clone();
                    self.block(then, flow);
                    let after_then = std::mem::replace(&mut flow.assigned, before);
                    self.block(orelse, flow);
                    flow.assigned = meet(after_then, flow.assigned.take());
                }
                StmtKind::Loop(next, body) => {
                    let mut inner = Flow { assigned: flow.assigned.clone(), breaks: None };
                    if let Some(next) = next {
                        self.read(next.iter, flow);
                        self.assign(next.item, &mut inner);
                    }
                    self.block(body, &mut inner);
                    flow.assigned = match next {
                        // The iterator may end before the first round.
                        Some(_) => flow.assigned.take(),
                        None => inner.breaks,
                    };
                }
                StmtKind::Break => {
                    let here = flow.assigned.take();
                    flow.breaks = meet(flow.breaks.take(), here);
                }
                StmtKind::Continue => {
                    flow.assigned = None;
                }
                StmtKind::Return(value) => {
                    self.read_atom(value, flow);
                    flow.assigned = None;
                }
                StmtKind::Bail(_) => flow.assigned = None,
                StmtKind::Enter | StmtKind::Leave => {}
            }
        }
    }

    fn assign(&mut self, var: VarId, flow: &mut Flow) {
        if let Some(assigned) = &mut flow.assigned {
            assigned.insert(var);
        }
    }

    fn read_atom(&mut self, atom: &Atom, flow: &Flow) {
        if let Atom::Var(var) = atom {
            self.read(*var, flow);
        }
    }

    fn read(&mut self, var: VarId, flow: &Flow) {
        if flow.assigned.as_ref().is_some_and(|assigned| !assigned.contains(&var)) {
            self.unbound.insert(var);
        }
    }
}

fn meet(left: Option<HashSet<VarId>>, right: Option<HashSet<VarId>>) -> Option<HashSet<VarId>> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.intersection(&right).copied().collect()),
        (left, right) => left.or(right),
    }
}

/// Calls `read` with every variable that `value` reads.
pub(crate) fn each_operand(value: &Expr, read: &mut impl FnMut(VarId)) {
    let mut atom = |atom: &Atom| {
        if let Atom::Var(var) = atom {
            read(*var);
        }
    };
    match value {
        Expr::Atom(value) | Expr::Unary(_, value) | Expr::Iter(value) => atom(value),
        Expr::Binary(_, left, right)
        | Expr::Compare(_, left, right)
        | Expr::Index(left, right, _)
        | Expr::Append(left, right) => [left, right].into_iter().for_each(atom),
        Expr::Get(object, key, default, _) => [object, key, default].into_iter().for_each(atom),
        Expr::Builtin(_, args) | Expr::List(args) => args.iter().for_each(atom),
        Expr::Print { args, sep, end } => args.iter().chain(sep).chain(end).for_each(atom),
        Expr::Dict(items) => items.iter().for_each(|(key, value)| {
            atom(key);
            atom(value);
        }),
        Expr::Format(parts) => parts.iter().for_each(|part| match part {
            FormatPart::Text(_) => {}
            FormatPart::Value(value, _) | FormatPart::Repr(value) => atom(value),
        }),
        Expr::Call(_, args) => args.iter().for_each(|arg| match arg {
            Argument::Value(value) => atom(value),
            Argument::Cell(var) => atom(&Atom::Var(*var)),
        }),
    }
}
