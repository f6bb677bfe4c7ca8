//! The join of two traces of one source: everything that either has seen.
//!
//! Commutative, associative and, but for the number of invocations, idempotent.
//! A hole joined with anything is that thing; types and held values join as sets.

use crate::{Block, Callee, Expr, ExprKind, Function, GlobalValue, Next, Stmt, StmtKind, Trace};

/// Why two traces do not merge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// They were made from different sources, or by different versions of the normaliser.
    #[error("the traces are of different sources")]
    Source,
    /// Same source, but the programs differ in shape; one of them is damaged.
    #[error("the traces differ in shape at line {0}")]
    Shape(u32),
}

impl Trace {
    /// Widens this trace by everything that `other` has seen.
    ///
    /// On an error this trace is as it was.
    pub fn merge(&mut self, other: &Trace) -> Result<(), MergeError> {
        let same = self.version == other.version
            && self.source == other.source
            && self.entry == other.entry
            && self.functions.len() == other.functions.len();
        if !same {
            return Err(MergeError::Source);
        }
        let functions = self
            .functions
            .iter()
            .zip(&other.functions)
            .map(|(left, right)| function(left, right))
            .collect::<Result<_, _>>()?;
        self.functions = functions;
        self.invocations += other.invocations;
        Ok(())
    }
}

fn function(left: &Function, right: &Function) -> Result<Function, MergeError> {
    let same = left.id == right.id
        && left.name == right.name
        && left.line == right.line
        && left.params.len() == right.params.len()
        && left.locals == right.locals;
    if !same {
        return Err(MergeError::Shape(left.line));
    }
    let mut joined = left.clone();
    for (param, other) in joined.params.iter_mut().zip(&right.params) {
        param.seen.join(&other.seen);
    }
    joined.body = block(&left.body, &right.body, left.line)?;
    Ok(joined)
}

fn is_hole(block: &[Stmt]) -> bool {
    matches!(block, [Stmt { kind: StmtKind::Unknown { .. }, .. }])
}

fn block(left: &Block, right: &Block, line: u32) -> Result<Block, MergeError> {
    if is_hole(left) {
        return Ok(right.clone());
    }
    if is_hole(right) {
        return Ok(left.clone());
    }
    if left.len() != right.len() {
        return Err(MergeError::Shape(line));
    }
    left.iter().zip(right).map(|(left, right)| stmt(left, right)).collect()
}

fn stmt(left: &Stmt, right: &Stmt) -> Result<Stmt, MergeError> {
    let line = left.line;
    let kind = match (&left.kind, &right.kind) {
        (StmtKind::Let { name, value }, StmtKind::Let { name: other, value: seen }) if name == other => {
            StmtKind::Let { name: name.clone(), value: expr(value, seen, line)? }
        }
        (StmtKind::Set { name, value }, StmtKind::Set { name: other, value: seen }) if name == other => {
            StmtKind::Set { name: name.clone(), value: expr(value, seen, line)? }
        }
        (StmtKind::If { test, then, orelse }, StmtKind::If { test: other, then: other_then, orelse: other_orelse })
            if test == other =>
        {
            StmtKind::If {
                test: test.clone(),
                then: block(then, other_then, line)?,
                orelse: block(orelse, other_orelse, line)?,
            }
        }
        (StmtKind::While { next, body }, StmtKind::While { next: other_next, body: other_body }) => {
            let next = match (next, other_next) {
                (Some(left), Some(right)) => Some(join_next(left, right)),
                (None, None) => None,
                _ => return Err(MergeError::Shape(line)),
            };
            StmtKind::While { next, body: block(body, other_body, line)? }
        }
        (StmtKind::Unknown { .. }, seen) | (seen, StmtKind::Unknown { .. }) => seen.clone(),
        (left, right) if left == right => left.clone(),
        _ => return Err(MergeError::Shape(line)),
    };
    Ok(Stmt { line, kind })
}

fn join_next(left: &Next, right: &Next) -> Next {
    let mut next = left.clone();
    next.seen.join(&right.seen);
    next
}

fn expr(left: &Expr, right: &Expr, line: u32) -> Result<Expr, MergeError> {
    let mut joined = left.clone();
    joined.seen.join(&right.seen);
    match (&mut joined.kind, &right.kind) {
        (ExprKind::Global { name, held }, ExprKind::Global { name: other, held: seen }) if name == other => {
            join_held(held, seen);
        }
        (
            ExprKind::Call { callee: Callee::Global { name, held }, args, kwargs },
            ExprKind::Call {
                callee: Callee::Global { name: other, held: seen },
                args: other_args,
                kwargs: other_kwargs,
            },
        ) if name == other && args == other_args && kwargs == other_kwargs => join_held(held, seen),
        (left, right) if left == right => {}
        _ => return Err(MergeError::Shape(line)),
    }
    Ok(joined)
}

fn join_held(held: &mut Vec<GlobalValue>, seen: &[GlobalValue]) {
    for value in seen {
        if !held.contains(value) {
            held.push(value.clone());
        }
    }
    // A canonical order makes the join commutative.
    held.sort_by_cached_key(|value| format!("{value:?}"));
}
