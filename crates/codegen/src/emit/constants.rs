//! Finds tuples of constants, which are one object each, as they are in CPython's code.

use std::collections::{HashMap, HashSet};

use upshift_ir::Const;

use crate::program::{Atom, Block, Expr, Function, StmtKind, VarId};

/// The variables of a function that hold such a tuple, or a number that is a constant, and nothing else.
pub(super) fn tuples(function: &Function) -> HashSet<VarId> {
    let mut held: HashMap<VarId, Option<&[Atom]>> = function.params.iter().map(|param| (*param, None)).collect();
    find(&function.body, &mut held);
    // A display that reads a variable of the source is made anew each time, whatever that holds.
    held.retain(|var, items| items.is_some() && function.vars[var.0].temporary && !function.vars[var.0].cell);
    let mut found = HashSet::new();
    loop {
        let is_new = |(var, items): (&VarId, &Option<&[Atom]>)| {
            let constant = items.is_some_and(|items| are_constant(items, &found)) && !found.contains(var);
            constant.then_some(*var)
        };
        let more: Vec<VarId> = held.iter().filter_map(is_new).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Whether all of these are constants, or variables that hold one.
pub(super) fn are_constant(items: &[Atom], tuples: &HashSet<VarId>) -> bool {
    items.iter().all(|item| match item {
        Atom::Const(_) => true,
        Atom::Var(var) => tuples.contains(var),
    })
}

/// What each variable is made of, if it takes one tuple and never anything else.
fn find<'f>(block: &'f Block, held: &mut HashMap<VarId, Option<&'f [Atom]>>) {
    for stmt in block {
        let mut taken = |var: VarId| {
            held.insert(var, None);
        };
        match &stmt.kind {
            StmtKind::Assign(target, Expr::Atom(Atom::Const(Const::Int(_) | Const::Float(_)))) => {
                held.entry(*target).and_modify(|known| *known = None).or_insert(Some(&[]));
            }
            StmtKind::Assign(target, Expr::Tuple(items)) => {
                held.entry(*target).and_modify(|known| *known = None).or_insert(Some(items));
            }
            StmtKind::Assign(target, _)
            | StmtKind::Update(target, ..)
            | StmtKind::DelVar(target)
            | StmtKind::Fresh(target)
            | StmtKind::With(_, target, _) => taken(*target),
            StmtKind::Unpack(targets, ..) => targets.iter().copied().for_each(taken),
            StmtKind::Loop(Some(next), _) => next.targets().for_each(taken),
            StmtKind::Try(parts) => parts.handlers.iter().filter_map(|handler| handler.name).for_each(taken),
            _ => {}
        }
        stmt.kind.blocks().into_iter().for_each(|block| find(block, held));
    }
}
