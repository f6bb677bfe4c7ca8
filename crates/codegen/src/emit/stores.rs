//! Finds the `__init__`s that do nothing but store their arguments and constants as attributes.

use std::collections::HashMap;

use upshift_ir::Const;

use crate::program::{Atom, Expr, Function, StmtKind, VarId};

/// What such an `__init__` stores.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stored {
    /// The argument of that number, the instance not counted.
    Argument(usize),
    /// A constant.
    Const(Const),
}

/// The attributes that such an `__init__` stores and what they get, in the order in which it does; none if it is no such.
pub(super) fn stores(init: &Function) -> Option<Vec<(String, Stored)>> {
    if init.generator || init.params.len() != init.signature.len() || init.vars.iter().any(|var| var.cell) {
        return None;
    }
    let (this, params) = init.params.split_first()?;
    let mut held: HashMap<VarId, Stored> =
        params.iter().enumerate().map(|(at, param)| (*param, Stored::Argument(at))).collect();
    let mut stores: Vec<(String, Stored)> = Vec::new();
    for stmt in &init.body {
        let value = |atom: &Atom| match atom {
            Atom::Var(var) => held.get(var).cloned(),
            Atom::Const(constant) => Some(Stored::Const(constant.clone())),
        };
        match &stmt.kind {
            StmtKind::Assign(target, Expr::Atom(atom)) if target != this => {
                let value = value(atom)?;
                held.insert(*target, value);
            }
            StmtKind::SetAttr(Atom::Var(object), name, atom) if object == this => {
                if stores.iter().any(|(known, _)| known == name) {
                    return None;
                }
                stores.push((name.clone(), value(atom)?));
            }
            StmtKind::Return(Atom::Const(Const::None)) => return (!stores.is_empty()).then_some(stores),
            _ => return None,
        }
    }
    None
}
