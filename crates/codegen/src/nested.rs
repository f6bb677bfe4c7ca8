//! Decides how each nested function is compiled.
//!
//! In: a trace. Out: a [`Plan`]: for every nested function one of three ways, from cheapest to most general.
//! They are those of J. Politz's notes on compiling nested functions (the project's second seed):
//! inlining, extra arguments (lambda lifting), and `Ref` cells for nonlocally-mutable variables.
//! A nested function that is used in any other way than by calling it has no way yet; lowering reports that.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use upshift_ir::{Atom, Block, Callee, Expr, ExprKind, Function, FunctionId, Stmt, StmtKind, Trace};

/// An inlined body has at most this many statements.
const INLINE_STATEMENTS: usize = 2;
/// A function with more call sites than this is not inlined.
const INLINE_SITES: usize = 4;

/// How nested functions are compiled.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Per nested function.
    pub(crate) nested: HashMap<FunctionId, Nested>,
    /// Variables that live in a `Ref` cell, by the function that owns them.
    pub(crate) cells: HashSet<(FunctionId, String)>,
}

/// One nested function.
#[derive(Debug)]
pub(crate) struct Nested {
    /// Copied to where it is called, instead of being called.
    pub(crate) inline: bool,
    /// What it needs of enclosing functions, as owner and name: its extra parameters.
    pub(crate) captures: BTreeSet<(FunctionId, String)>,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In that function, as a value.
    Variable(FunctionId),
    /// It is the name of that nested function, defined by that one.
    Function(FunctionId, FunctionId),
}

/// Where `name`, used in `function`, lives.
pub(crate) fn home(trace: &Trace, function: &Function, name: &str) -> Option<Home> {
    let mut scope = function;
    loop {
        if !scope.free.iter().any(|free| free == name) && owns(scope, name) {
            let defined = trace.functions.iter().find(|f| f.parent == Some(scope.id) && f.name == name);
            return Some(match defined {
                Some(nested) => Home::Function(scope.id, nested.id),
                None => Home::Variable(scope.id),
            });
        }
        scope = &trace.functions[scope.parent?.0 as usize];
    }
}

fn owns(function: &Function, name: &str) -> bool {
    function.params.iter().any(|param| param.name == name) || function.locals.iter().any(|local| local == name)
}

/// Plans every nested function of `trace`.
pub(crate) fn plan(trace: &Trace) -> Plan {
    let mut cells = HashSet::new();
    let mut captures: BTreeMap<FunctionId, BTreeSet<(FunctionId, String)>> = BTreeMap::new();
    let mut calls: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
    for function in &trace.functions {
        let mut callees = Vec::new();
        let aliases = aliases(trace, function);
        called_names(&function.body, &mut |name| {
            let called = match home(trace, function, name) {
                Some(Home::Function(_, nested)) => Some(nested),
                _ => aliases.get(name).copied(),
            };
            callees.extend(called);
        });
        calls.insert(function.id, callees);
        if function.parent.is_none() || never_called(function) {
            continue;
        }
        let own = captures.entry(function.id).or_default();
        for name in &function.free {
            if let Some(Home::Variable(owner)) = home(trace, function, name) {
                own.insert((owner, name.clone()));
                if function.nonlocals.contains(name) {
                    cells.insert((owner, name.clone()));
                }
            }
        }
    }
    close_over_calls(&mut captures, &calls);
    let nested = trace
        .functions
        .iter()
        .filter(|function| function.parent.is_some())
        .map(|function| {
            let captures = captures.get(&function.id).cloned().unwrap_or_default();
            let sites = calls.values().flatten().filter(|callee| **callee == function.id).count();
            let inline = sites <= INLINE_SITES
                && !captures.iter().any(|capture| cells.contains(capture))
                && is_inlinable(function)
                && calls[&function.id].is_empty();
            (function.id, Nested { inline, captures })
        })
        .collect();
    Plan { nested, cells }
}

/// A function that calls a sibling needs what the sibling needs, unless that is its own.
fn close_over_calls(
    captures: &mut BTreeMap<FunctionId, BTreeSet<(FunctionId, String)>>,
    calls: &BTreeMap<FunctionId, Vec<FunctionId>>,
) {
    let mut changed = true;
    while changed {
        changed = false;
        for (caller, callees) in calls {
            for callee in callees {
                let needed = captures.get(callee).cloned().unwrap_or_default();
                if let Some(own) = captures.get_mut(caller) {
                    for capture in needed.into_iter().filter(|(owner, _)| owner != caller) {
                        changed |= own.insert(capture);
                    }
                }
            }
        }
    }
}

fn never_called(function: &Function) -> bool {
    matches!(function.body.as_slice(), [Stmt { kind: StmtKind::Unknown { .. }, .. }])
}

/// One application at most and a return: what a reader would call a small helper.
fn is_inlinable(function: &Function) -> bool {
    let (last, rest) = match function.body.split_last() {
        Some(split) => split,
        None => return false,
    };
    function.body.len() <= INLINE_STATEMENTS
        && matches!(last.kind, StmtKind::Return { .. })
        && rest.iter().all(|stmt| matches!(stmt.kind, StmtKind::Let { .. } | StmtKind::Set { .. }))
}

/// Temporaries that do nothing but hold a nested function until its arguments are evaluated.
pub(crate) fn aliases(trace: &Trace, function: &Function) -> HashMap<String, FunctionId> {
    let mut assigned: HashMap<&str, Vec<Option<FunctionId>>> = HashMap::new();
    each_assignment(&function.body, &mut |name, value| {
        let held = match &value.kind {
            ExprKind::Atom { value: Atom::Var(from) } => match home(trace, function, from) {
                Some(Home::Function(_, nested)) => Some(nested),
                _ => None,
            },
            _ => None,
        };
        assigned.entry(name).or_default().push(held);
    });
    assigned
        .into_iter()
        .filter_map(|(name, held)| match held.as_slice() {
            [Some(nested)] => Some((name.to_owned(), *nested)),
            _ => None,
        })
        .collect()
}

fn each_assignment<'b>(block: &'b Block, found: &mut impl FnMut(&'b str, &'b Expr)) {
    for stmt in block {
        match &stmt.kind {
            StmtKind::Let { name, value } | StmtKind::Set { name, value } => found(name, value),
            StmtKind::If { then, orelse, .. } => {
                each_assignment(then, found);
                each_assignment(orelse, found);
            }
            StmtKind::While { body, .. } => each_assignment(body, found),
            _ => {}
        }
    }
}

/// Calls `found` with every assigned variable and whether the assignment is that of a temporary.
pub(crate) fn each_assignment_kind<'b>(block: &'b Block, found: &mut impl FnMut(&'b str, bool)) {
    for stmt in block {
        match &stmt.kind {
            StmtKind::Let { name, .. } => found(name, true),
            StmtKind::Set { name, .. } | StmtKind::Update { name, .. } => found(name, false),
            StmtKind::If { then, orelse, .. } => {
                each_assignment_kind(then, found);
                each_assignment_kind(orelse, found);
            }
            StmtKind::While { next, body } => {
                if let Some(next) = next {
                    found(&next.item, true);
                }
                each_assignment_kind(body, found);
            }
            _ => {}
        }
    }
}

/// Calls `found` with the variable of every call through a variable in `block`.
fn called_names(block: &Block, found: &mut impl FnMut(&str)) {
    each_assignment(block, &mut |_, value| {
        if let ExprKind::Call { callee: Callee::Var(name), .. } = &value.kind {
            found(name);
        }
    });
}
