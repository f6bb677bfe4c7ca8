//! Finds the variables that are assigned within a `try` or `with` and used outside of it.
//!
//! The generated body of such a statement is a block of its own that borrows them, so they need an initial value:
//! a plain one where the type has one, else an `Option`.

use std::collections::HashSet;

use crate::Ty;
use crate::emit::scoped;
use crate::program::{Block, Function, StmtKind, VarId};

/// Marks the variables of `function`, whose types are known.
pub(crate) fn mark_tried(function: &mut Function) {
    let mut assigned = HashSet::new();
    block(&function.body, false, &mut assigned);
    let scoped = scoped(function);
    for var in assigned {
        let info = &mut function.vars[var.0];
        if info.cell || scoped.contains(&var) || function.params.contains(&var) {
            continue;
        }
        info.assigned_in_try = true;
        let plain = matches!(info.ty, Ty::Int | Ty::Float | Ty::Number | Ty::Bool | Ty::Any | Ty::None | Ty::Never);
        info.maybe_unbound |= !plain;
    }
}

fn block(statements: &Block, inside: bool, found: &mut HashSet<VarId>) {
    for stmt in statements {
        match &stmt.kind {
            StmtKind::Assign(target, _) | StmtKind::Update(target, ..) | StmtKind::DelVar(target) if inside => {
                found.insert(*target);
            }
            StmtKind::Unpack(targets, ..) if inside => found.extend(targets),
            StmtKind::Loop(Some(next), _) if inside => {
                found.extend(next.targets());
            }
            StmtKind::Try(parts) => found.extend(parts.handlers.iter().filter_map(|handler| handler.name)),
            StmtKind::With(_, target, _) => {
                found.insert(*target);
            }
            _ => {}
        }
        let inside = inside || matches!(stmt.kind, StmtKind::Try(_) | StmtKind::With(..));
        for nested in stmt.kind.blocks() {
            block(nested, inside, found);
        }
    }
}
