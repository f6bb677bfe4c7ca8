//! Drops statements that control cannot reach.
//!
//! In: a resolved program. Out: one in which nothing stands behind a statement that always leaves its block,
//! so that what follows reasons about reachable code alone, and rustc has no uninitialised reads to complain of.

use crate::program::{BailKind, Block, Stmt, StmtKind};

/// Cuts `block`; whether control always leaves it before its end.
pub(crate) fn drop_unreachable(block: &mut Block) -> bool {
    let Some(last) = block.iter_mut().position(leaves) else { return false };
    block.truncate(last + 1);
    if let Some(Stmt { line, kind: StmtKind::Loop(..) }) = block.last()
        && tries(block)
    {
        // rustc does not see that nothing in a block with handlers breaks the loop.
        let line = *line;
        block.push(Stmt { line, kind: StmtKind::Bail(BailKind::Branch) });
    }
    true
}

fn leaves(stmt: &mut Stmt) -> bool {
    match &mut stmt.kind {
        StmtKind::Raise(..) | StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Bail(_) => true,
        StmtKind::If(_, then, orelse) => {
            let (then, orelse) = (drop_unreachable(then), drop_unreachable(orelse));
            then && orelse
        }
        StmtKind::Loop(next, body) => {
            drop_unreachable(body);
            next.is_none() && !breaks(body)
        }
        StmtKind::With(_, _, body) => {
            drop_unreachable(body);
            false
        }
        StmtKind::Try(parts) => {
            if drop_unreachable(&mut parts.body) {
                parts.orelse.clear();
            }
            drop_unreachable(&mut parts.orelse);
            drop_unreachable(&mut parts.finally);
            let mut computed = 0;
            for handler in &mut parts.handlers {
                computed += 1;
                drop_unreachable(&mut handler.body);
                if drop_unreachable(&mut handler.before) {
                    // The class is never known, so neither this clause nor a later one runs.
                    handler.class = None;
                    handler.body.clear();
                    break;
                }
            }
            parts.handlers.truncate(computed);
            false
        }
        _ => false,
    }
}

/// Whether a block of a loop's body breaks that loop.
fn breaks(block: &Block) -> bool {
    block.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::Loop(..) => false,
        kind => kind.blocks().into_iter().any(breaks),
    })
}

/// Whether a block has a `try` or `with`.
fn tries(block: &Block) -> bool {
    let tried = |kind: &StmtKind| matches!(kind, StmtKind::Try(_) | StmtKind::With(..));
    block.iter().any(|stmt| tried(&stmt.kind) || stmt.kind.blocks().into_iter().any(tries))
}
