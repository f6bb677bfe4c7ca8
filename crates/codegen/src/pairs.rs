//! Takes the pairs of `enumerate`, `zip` and `items` apart where a loop does nothing else with them.
//!
//! In: a resolved program. Out: the same, where such an iterator is no object and its pairs are no tuples:
//! `for i, x in enumerate(items)` takes an index and an item, of types of their own.
//! That holds where the iterator goes into the loop alone, and the pair into two variables alone.

use std::collections::HashMap;

use upshift_ir::Const;

use crate::Ty;
use crate::assigned::reads;
use crate::program::{Atom, Block, Expr, Function, Pairs, Stmt, StmtKind, VarId};

/// Changes the loops of `function`.
pub(crate) fn take_apart(function: &mut Function) {
    let mut counts = HashMap::new();
    reads(&function.body, &mut counts);
    let cells = function.vars.iter().map(|var| var.cell).collect();
    let pass = Apart { counts, cells };
    let mut body = std::mem::take(&mut function.body);
    pass.block(&mut body);
    function.body = body;
}

struct Apart {
    /// How often each variable is read, by loops as their iterator aside.
    counts: HashMap<VarId, u32>,
    cells: Vec<bool>,
}

impl Apart {
    fn block(&self, block: &mut Block) {
        for stmt in &mut *block {
            stmt.kind.each_block_mut(&mut |inner| self.block(inner));
        }
        let mut at = 1;
        while at < block.len() {
            match self.pairs(&block[at - 1], &block[at]) {
                Some((iter, pairs)) if self.give(iter, &mut block[at + 1..]) => {
                    block[at].kind = StmtKind::Assign(iter, Expr::Pairs(pairs));
                    block.remove(at - 1);
                }
                _ => at += 1,
            }
        }
    }

    /// Makes the loop over `iter` take pairs; false if it needs them whole.
    fn give(&self, iter: VarId, after: &mut [Stmt]) -> bool {
        let looped = after.iter_mut().find_map(|stmt| match &mut stmt.kind {
            StmtKind::Loop(Some(next), body) if next.iter == iter => Some((next, body)),
            _ => None,
        });
        let Some((next, body)) = looped else { return false };
        let Some(StmtKind::Unpack(targets, None, Atom::Var(item), observed)) = body.first().map(|stmt| &stmt.kind)
        else {
            return false;
        };
        let [left, right] = targets[..] else { return false };
        if *item != next.item || !self.is_read_once(*item) {
            return false;
        }
        let seen = |at: usize| observed.get(at).copied().unwrap_or(Ty::Any);
        next.pair = Some([(left, seen(0)), (right, seen(1))]);
        body.remove(0);
        true
    }

    /// The iterator of a loop, and the pairs that it goes over.
    fn pairs(&self, made: &Stmt, iterator: &Stmt) -> Option<(VarId, Pairs)> {
        let StmtKind::Assign(iter, Expr::Iter(Atom::Var(source))) = &iterator.kind else { return None };
        let StmtKind::Assign(held, value) = &made.kind else { return None };
        if held != source || !self.is_read_once(*held) || self.counts.contains_key(iter) || self.cells[iter.0] {
            return None;
        }
        let pairs = match value {
            Expr::CallLibrary(name, args, kwargs, _) if kwargs.is_empty() => match (name.as_str(), &args[..]) {
                ("enumerate", [items]) => Pairs::Enumerate(items.clone(), Atom::Const(Const::Int(0))),
                ("enumerate", [items, start @ Atom::Const(Const::Int(_))]) => {
                    Pairs::Enumerate(items.clone(), start.clone())
                }
                ("zip", [left, right]) => Pairs::Zip(left.clone(), right.clone()),
                _ => return None,
            },
            Expr::CallMethod(object, name, args, kwargs, _)
                if name == "items" && args.is_empty() && kwargs.is_empty() =>
            {
                Pairs::Items(object.clone())
            }
            _ => return None,
        };
        Some((*iter, pairs))
    }

    fn is_read_once(&self, var: VarId) -> bool {
        self.counts.get(&var) == Some(&1) && !self.cells[var.0]
    }
}
