//! Finds the variables whose `let` can stand where they are assigned.
//!
//! In: a function with marked unbound reads. Out: those plain locals that are assigned in one place
//! and read only in the block of that place or in blocks within it. All others are declared at the function's top.

use std::collections::{HashMap, HashSet};

use crate::assigned::each_atom_of;
use crate::program::{Atom, Block, Function, Next, StmtKind, VarId};

/// The variables of `function` that are declared where they are assigned.
pub(crate) fn scoped(function: &Function) -> HashSet<VarId> {
    let mut places = Places::default();
    places.block(&function.body, &mut vec![0]);
    let params: HashSet<VarId> = function.params.iter().copied().collect();
    places
        .assigned
        .into_iter()
        .filter(|(var, paths)| {
            let info = &function.vars[var.0];
            let [path] = paths.as_slice() else { return false };
            !info.cell
                && !info.maybe_unbound
                && !params.contains(var)
                && places.read.get(var).is_none_or(|reads| reads.iter().all(|read| read.starts_with(path)))
        })
        .map(|(var, _)| var)
        .collect()
}

/// Blocks by their path from the function's body.
#[derive(Default)]
struct Places {
    assigned: HashMap<VarId, Vec<Vec<usize>>>,
    read: HashMap<VarId, Vec<Vec<usize>>>,
    blocks: usize,
}

impl Places {
    fn block(&mut self, block: &Block, path: &mut Vec<usize>) {
        for stmt in block {
            each_atom_of(&stmt.kind, &mut |var| self.read(var, path));
            match &stmt.kind {
                StmtKind::Assign(target, _) => self.assign(*target, path),
                // An update assigns too, but only what an assignment has made before.
                StmtKind::Update(target, ..) => self.read(*target, path),
                StmtKind::Unpack(targets, ..) => targets.iter().for_each(|target| self.assign(*target, path)),
                StmtKind::If(_, then, orelse) => {
                    self.nested(then, path, None);
                    self.nested(orelse, path, None);
                }
                StmtKind::Loop(next, body) => {
                    if let Some(next) = next {
                        self.read(next.iter, path);
                    }
                    self.nested(body, path, next.iter().flat_map(Next::targets));
                }
                StmtKind::Try(parts) => {
                    self.nested(&parts.body, path, None);
                    for handler in &parts.handlers {
                        self.nested(&handler.before, path, None);
                        if let Some(Atom::Var(class)) = &handler.class {
                            self.read(*class, path);
                        }
                        self.nested(&handler.body, path, handler.name);
                    }
                    self.nested(&parts.orelse, path, None);
                    self.nested(&parts.finally, path, None);
                }
                StmtKind::With(_, target, body) => {
                    self.assign(*target, path);
                    self.nested(body, path, None);
                }
                _ => {}
            }
        }
    }

    fn assign(&mut self, var: VarId, path: &[usize]) {
        self.assigned.entry(var).or_default().push(path.to_vec());
    }

    fn nested(&mut self, block: &Block, path: &mut Vec<usize>, items: impl IntoIterator<Item = VarId>) {
        self.blocks += 1;
        path.push(self.blocks);
        for item in items {
            self.assigned.entry(item).or_default().push(path.clone());
        }
        self.block(block, path);
        path.pop();
    }

    fn read(&mut self, var: VarId, path: &[usize]) {
        self.read.entry(var).or_default().push(path.to_vec());
    }
}
