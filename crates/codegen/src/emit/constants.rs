//! Finds tuples of constants, which are one object each, as they are in CPython's code.

use std::collections::{HashMap, HashSet};

use crate::program::{Atom, Block, Expr, Function, StmtKind, VarId};

/// The variables of a function that hold such a tuple and nothing else.
///
/// Holds: displays that read one stand in the block that assigns it. What another block assigns depends on a condition, even
/// where the other branch was never seen, and CPython makes such a tuple anew each time.
pub(super) fn tuples(function: &Function) -> HashSet<VarId> {
    let mut held: HashMap<VarId, Option<Held<'_>>> = function.params.iter().map(|param| (*param, None)).collect();
    let mut read = Vec::new();
    let mut blocks = 0;
    find(&function.body, &mut blocks, &mut held, &mut read);
    // A display that reads a variable of the source is made anew each time, whatever that holds.
    held.retain(|var, _| function.vars[var.0].temporary && !function.vars[var.0].cell);
    let mut held: HashMap<VarId, Held<'_>> = held.into_iter().filter_map(|(var, held)| Some((var, held?))).collect();
    for (var, block) in read {
        if held.get(&var).is_some_and(|held| held.block != block) {
            held.remove(&var);
        }
    }
    let mut found = HashSet::new();
    loop {
        let is_new = |(var, held): (&VarId, &Held<'_>)| {
            (are_constant(held.items, &found) && !found.contains(var)).then_some(*var)
        };
        let more: Vec<VarId> = held.iter().filter_map(is_new).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// What the one assignment of a variable gives it.
struct Held<'f> {
    /// The block of that assignment.
    block: usize,
    /// Those of the tuple.
    items: &'f [Atom],
}

/// Whether all of these are constants, or variables that hold a tuple of such.
pub(super) fn are_constant(items: &[Atom], tuples: &HashSet<VarId>) -> bool {
    items.iter().all(|item| match item {
        Atom::Const(_) => true,
        Atom::Var(var) => tuples.contains(var),
    })
}

/// What each variable is made of, if it takes one tuple and never anything else; and which blocks' displays read it.
fn find<'f>(
    block: &'f Block,
    blocks: &mut usize,
    held: &mut HashMap<VarId, Option<Held<'f>>>,
    read: &mut Vec<(VarId, usize)>,
) {
    let this = *blocks;
    *blocks += 1;
    for stmt in block {
        if let StmtKind::Assign(target, Expr::Tuple(items)) = &stmt.kind {
            held.entry(*target).and_modify(|known| *known = None).or_insert(Some(Held { block: this, items }));
            read.extend(items.iter().filter_map(|item| match item {
                Atom::Var(var) => Some((*var, this)),
                Atom::Const(_) => None,
            }));
            continue;
        }
        let mut taken = |var: VarId| {
            held.insert(var, None);
        };
        match &stmt.kind {
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
        stmt.kind.blocks().into_iter().for_each(|block| find(block, blocks, held, read));
    }
}
