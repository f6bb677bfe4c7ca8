//! Comparisons that are tested at once, so that they are printed as they stand in the source: `if a < b:`.
//!
//! In 3.11 the interpreter compares ints, floats and texts by themselves only in front of a jump;
//! a comparison that is stored takes a level of the recursion limit more than the source's own.

use std::collections::{HashMap, HashSet};

use super::release::{address, reads};
use crate::normal::{Atom, Block, Expr, Function, Stmt, StmtKind};

/// The assignments of a function whose comparison the next statement tests and nothing else reads, by address.
pub(super) fn fused(function: &Function) -> HashSet<usize> {
    let mut counts = HashMap::new();
    count(&function.body, &mut counts);
    let mut found = HashSet::new();
    pairs(&function.body, &mut |stmt, target| {
        if counts.get(target) == Some(&1) && function.temporaries.iter().any(|name| name == target) {
            found.insert(address(stmt));
        }
    });
    found
}

/// Calls `found` with every comparison that is assigned in front of its test.
fn pairs<'b>(block: &'b Block, found: &mut dyn FnMut(&'b Stmt, &'b str)) {
    for pair in block.windows(2) {
        if let (StmtKind::Assign { target, value: Expr::Compare(..), .. }, StmtKind::If { test: Atom::Var(tested), .. }) =
            (&pair[0].kind, &pair[1].kind)
            && target == tested
        {
            found(&pair[0], target);
        }
    }
    for stmt in block {
        within(stmt).into_iter().for_each(|block| pairs(block, found));
    }
}

/// How often each variable is read.
fn count<'b>(block: &'b Block, counts: &mut HashMap<&'b str, usize>) {
    for stmt in block {
        let names = match &stmt.kind {
            StmtKind::Assign { value, .. } => reads(value),
            StmtKind::Update { target, value, .. } => value.name().into_iter().chain([target.as_str()]).collect(),
            StmtKind::SetItem { object, index, value, .. } => {
                [object, index, value].into_iter().filter_map(Atom::name).collect()
            }
            StmtKind::If { test, .. } => test.name().into_iter().collect(),
            StmtKind::Return { value } | StmtKind::Unpack { value, .. } => value.name().into_iter().collect(),
            _ => Vec::new(),
        };
        names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        within(stmt).into_iter().for_each(|block| count(block, counts));
    }
}

fn within(stmt: &Stmt) -> Vec<&Block> {
    match &stmt.kind {
        StmtKind::If { then, orelse, .. } => vec![then, orelse],
        StmtKind::While { body, .. } => vec![body],
        _ => Vec::new(),
    }
}
