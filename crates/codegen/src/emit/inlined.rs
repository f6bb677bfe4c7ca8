//! Chooses the functions that become part of their callers: what rustc takes for large is mostly what is never reached.

use super::Emitter;
use super::stores::stores;
use crate::program::{Block, Expr, Function, StmtKind};

/// A function with more statements than this stays apart.
const MOST_STATEMENTS: usize = 10;
/// So does one that is called in more places.
const MOST_PLACES: usize = 2;

/// Whether a function is small and runs straight through, without calling others by name.
pub(super) fn may_be(function: &Function) -> bool {
    !function.generator
        && size(&function.body).is_some_and(|size| size <= MOST_STATEMENTS)
        && stores(function).is_none()
}

/// How many statements a block has; none if some call a function of the program, loop or handle exceptions.
fn size(block: &Block) -> Option<usize> {
    block.iter().try_fold(0, |sum, stmt| {
        let inner = match &stmt.kind {
            StmtKind::Loop(..) | StmtKind::Try(_) | StmtKind::With(..) => return None,
            StmtKind::Assign(
                _,
                Expr::Call(..) | Expr::CallMethod(..) | Expr::CallLoaded(..) | Expr::CallSpread(..),
            ) => {
                return None;
            }
            StmtKind::If(_, then, orelse) => size(then)? + size(orelse)?,
            _ => 0,
        };
        Some(sum + 1 + inner)
    })
}

impl<'p> Emitter<'p> {
    /// `function` is called directly once more.
    pub(super) fn count_call(&mut self, function: &'p Function) {
        *self.called.entry(&function.name).or_default() += 1;
    }

    /// Marks those that are called in few places, once all are printed.
    pub(super) fn inline(&self, functions: &mut String) {
        for (head, name) in self.heads.iter().rev() {
            if matches!(self.called.get(name), Some(1..=MOST_PLACES)) {
                functions.insert_str(*head, "#[inline(always)]\n");
            }
        }
    }
}
