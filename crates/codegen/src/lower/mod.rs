//! A trace becomes a program: names are resolved, nested functions planned away, calls bound to what they reach.
//!
//! In: a verified trace. Out: a [`Program`] whose types are still [`Ty::Never`], or every reason why there is none.
//! After it: no name, no hole and no opaque part is left; a hole is a bailout.

mod body;
mod call;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use upshift_ir::{FunctionId, Trace};

use crate::nested::{Plan, plan};
use crate::program::{Function, Program};
use crate::{Diagnostic, Ty};

/// Resolves `trace`; the diagnostics are sorted by line, and there is at least one.
pub(crate) fn resolve(trace: &Trace) -> Result<Program, Vec<Diagnostic>> {
    let mut lower = Lower {
        trace,
        plan: plan(trace),
        diagnostics: BTreeMap::new(),
        queue: vec![trace.entry],
        queued: BTreeSet::from([trace.entry]),
        names: names::function_names(trace),
    };
    let mut functions = Vec::new();
    while let Some(id) = lower.queue.pop() {
        let function = body::function(&mut lower, id);
        functions.push(function);
    }
    if !lower.diagnostics.is_empty() {
        return Err(lower.diagnostics.into_iter().map(|(line, reason)| Diagnostic { line, reason }).collect());
    }
    functions.sort_by_key(|function: &Function| function.id);
    let entry = functions.iter().position(|function| function.id == trace.entry).unwrap_or(0);
    Ok(Program { functions, entry })
}

struct Lower<'t> {
    trace: &'t Trace,
    plan: Plan,
    /// The first reason at each line; what follows on the same line is often its consequence.
    diagnostics: BTreeMap<u32, String>,
    /// Functions that are called and not lowered yet.
    queue: Vec<FunctionId>,
    queued: BTreeSet<FunctionId>,
    names: BTreeMap<FunctionId, String>,
}

impl<'t> Lower<'t> {
    fn ir(&self, id: FunctionId) -> &'t upshift_ir::Function {
        &self.trace.functions[id.0 as usize]
    }

    fn call(&mut self, id: FunctionId) {
        if self.queued.insert(id) {
            self.queue.push(id);
        }
    }

    fn refuse(&mut self, line: u32, reason: String) {
        self.diagnostics.entry(line).or_insert(reason);
    }

    fn is_cell(&self, owner: FunctionId, name: &str) -> bool {
        self.plan.cells.contains(&(owner, name.to_owned()))
    }
}

/// A variable before types are inferred.
fn var(name: String, cell: bool) -> crate::program::Var {
    crate::program::Var { name, ty: Ty::Never, cell, maybe_unbound: false }
}
