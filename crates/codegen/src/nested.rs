//! Decides how each nested function is compiled.
//!
//! In: a trace. Out: a [`Plan`]: for every nested function one of four ways, from cheapest to most general.
//! The first three are those of J. Politz's notes on compiling nested functions (the project's second seed):
//! inlining, extra arguments (lambda lifting), and `Ref` cells for nonlocally-mutable variables.
//! A function that is used in any other way than by calling it becomes an object with cells for all that it captures.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use upshift_ir::{Atom, Function, FunctionId, Node, ParamDefault, ParamKind, Stmt, StmtKind, Trace};

use crate::uses::{Use, each_assignment, each_use};

/// An inlined body has at most this many statements.
const INLINE_STATEMENTS: usize = 2;
/// A function with more call sites than this is not inlined.
const INLINE_SITES: usize = 4;

/// Stands for the class that a method is defined in as the owner of `__class__`.
pub(crate) const CLASS: FunctionId = FunctionId(u32::MAX);

/// A variable, by the function that owns it.
pub(crate) type Variable = (FunctionId, String);

/// How nested functions are compiled.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Functions that are copied to where they are called, instead of being called.
    pub(crate) inline: HashSet<FunctionId>,
    /// Functions that exist as objects.
    pub(crate) objects: HashSet<FunctionId>,
    /// What a function needs of enclosing functions: its extra parameters.
    pub(crate) captures: BTreeMap<FunctionId, BTreeSet<Variable>>,
    /// Variables that live in a `Ref` cell.
    pub(crate) cells: HashSet<Variable>,
    /// Those of `cells` that objects share, which hold values of any type.
    pub(crate) shared: HashSet<Variable>,
    /// Temporaries that do nothing but hold a nested function until its arguments are evaluated.
    pub(crate) aliases: HashMap<Variable, FunctionId>,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// In that function, as a value.
    Variable(FunctionId),
    /// It is the name of that nested function, which is no object.
    Function(FunctionId),
}

impl Plan {
    /// Where `name`, used in `function`, lives.
    pub(crate) fn home(&self, trace: &Trace, function: &Function, name: &str) -> Option<Home> {
        let owner = owner(trace, function, name)?;
        Some(match defined(trace, owner, name) {
            Some(nested) if !self.objects.contains(&nested) => Home::Function(nested),
            _ => Home::Variable(owner),
        })
    }
}

/// The function whose variable `name`, used in `function`, is.
fn owner(trace: &Trace, function: &Function, name: &str) -> Option<FunctionId> {
    let mut scope = function;
    loop {
        if !scope.free.iter().any(|free| free == name) && owns(scope, name) {
            return Some(scope.id);
        }
        match scope.parent {
            Some(parent) => scope = &trace.functions[parent.0 as usize],
            None => return (name == "__class__").then_some(CLASS),
        }
    }
}

/// The function that a `def` binds to `name` in `owner`.
fn defined(trace: &Trace, owner: FunctionId, name: &str) -> Option<FunctionId> {
    let mut found = None;
    let function = trace.functions.get(owner.0 as usize)?;
    each_use(&function.body, &mut |used| {
        if let Use::Def { name: bound, function, .. } = used
            && bound == name
        {
            found = Some(function);
        }
    });
    found
}

fn owns(function: &Function, name: &str) -> bool {
    function.params.iter().any(|param| param.name == name) || function.locals.iter().any(|local| local == name)
}

/// Plans every function of `trace`.
pub(crate) fn plan(trace: &Trace) -> Plan {
    let mut plan = Plan { objects: objects(trace), ..Plan::default() };
    plan.aliases = aliases(trace, &plan);
    let mut calls: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
    for function in &trace.functions {
        let mut callees = Vec::new();
        each_use(&function.body, &mut |used| match used {
            Use::Called(name) => match plan.home(trace, function, name) {
                Some(Home::Function(nested)) => callees.push(nested),
                _ => callees.extend(plan.aliases.get(&(function.id, name.to_owned()))),
            },
            Use::ClassBody(body) => callees.push(body),
            _ => {}
        });
        calls.insert(function.id, callees);
        if never_called(function) {
            continue;
        }
        let own = plan.captures.entry(function.id).or_default().clone();
        let mut own = own;
        for name in &function.free {
            let variable = match owner(trace, function, name) {
                Some(owner) => (owner, name.clone()),
                None => continue,
            };
            if let Some(nested) = defined(trace, variable.0, name)
                && !plan.objects.contains(&nested)
            {
                continue;
            }
            if function.nonlocals.contains(name) {
                plan.cells.insert(variable.clone());
            }
            own.insert(variable);
        }
        plan.captures.insert(function.id, own);
    }
    close_over_calls(&mut plan.captures, &calls);
    for object in &plan.objects {
        for variable in plan.captures.get(object).into_iter().flatten() {
            plan.cells.insert(variable.clone());
            plan.shared.insert(variable.clone());
        }
    }
    for function in &trace.functions {
        let sites = calls.values().flatten().filter(|callee| **callee == function.id).count();
        let captures = plan.captures.get(&function.id);
        let inline = function.parent.is_some()
            && !plan.objects.contains(&function.id)
            && sites <= INLINE_SITES
            && !captures.into_iter().flatten().any(|capture| plan.cells.contains(capture))
            && is_inlinable(function)
            && calls[&function.id].is_empty();
        if inline {
            plan.inline.insert(function.id);
        }
    }
    plan
}

/// The nested functions that some use needs as a value.
fn objects(trace: &Trace) -> HashSet<FunctionId> {
    let mut objects = HashSet::new();
    // Closures that the module holds, though nothing may be known of the function that made them.
    let held = trace.image.iter().filter_map(|node| match node {
        Node::Function { function, .. } => trace.functions.get(function.0 as usize),
        _ => None,
    });
    objects.extend(held.filter(|function| function.parent.is_some()).map(|function| function.id));
    for function in &trace.functions {
        let plain = function.params.iter().all(|param| {
            matches!(param.kind, ParamKind::Plain | ParamKind::Positional)
                && !matches!(param.default, Some(ParamDefault::Computed))
        });
        if function.generator || !plain {
            objects.insert(function.id);
        }
        // Names that the function binds by `def`, how often, and whether at the top of its body.
        let mut bound: HashMap<&str, Vec<(FunctionId, bool)>> = HashMap::new();
        each_use(&function.body, &mut |used| match used {
            Use::Def { name, function, top } => bound.entry(name).or_default().push((function, top)),
            Use::Closure(function) => {
                objects.insert(function);
            }
            _ => {}
        });
        let mut assigned: HashMap<&str, usize> = HashMap::new();
        each_assignment(&function.body, &mut |name| *assigned.entry(name).or_default() += 1);
        for (name, functions) in &bound {
            let once = matches!(functions.as_slice(), [(_, true)]) && assigned.get(name) == Some(&1);
            let param = function.params.iter().any(|param| param.name == *name);
            if !once || param || early_call(function, trace) {
                objects.extend(functions.iter().map(|(function, _)| *function));
            }
        }
        // A read of the name that is no call.
        let temporaries = called_only(function);
        each_use(&function.body, &mut |used| {
            let read = match used {
                Use::Read(name) => name,
                Use::Copied { from, to } if !temporaries.contains(to) => from,
                Use::Rebound(name) => name,
                _ => return,
            };
            if let Some(owner) = owner(trace, function, read)
                && let Some(nested) = defined(trace, owner, read)
            {
                objects.insert(nested);
            }
        });
    }
    objects
}

/// Whether some nested function is called before all of them are defined.
fn early_call(function: &Function, trace: &Trace) -> bool {
    let defs: Vec<(usize, &str)> = function
        .body
        .iter()
        .enumerate()
        .filter_map(|(at, stmt)| match &stmt.kind {
            StmtKind::Def { name, .. } => Some((at, name.as_str())),
            _ => None,
        })
        .collect();
    let Some((last, _)) = defs.last() else { return false };
    let mut early = false;
    each_use(&function.body[..*last], &mut |used| {
        let name = match used {
            Use::Called(name) | Use::Read(name) => name,
            Use::Copied { from, .. } => from,
            _ => return,
        };
        early |= defs.iter().any(|(_, def)| *def == name);
    });
    let _ = trace;
    early
}

/// Temporaries that are assigned once and only called.
fn called_only(function: &Function) -> HashSet<&str> {
    let mut copied: HashMap<&str, usize> = HashMap::new();
    let mut other: HashSet<&str> = HashSet::new();
    each_use(&function.body, &mut |used| match used {
        Use::Copied { from, to } => {
            *copied.entry(to).or_default() += 1;
            other.insert(from);
        }
        Use::Read(name) => {
            other.insert(name);
        }
        _ => {}
    });
    let mut assigned: HashMap<&str, usize> = HashMap::new();
    each_assignment(&function.body, &mut |name| *assigned.entry(name).or_default() += 1);
    copied
        .into_iter()
        .filter(|(name, count)| *count == 1 && assigned.get(name) == Some(&1) && !other.contains(name))
        .map(|(name, _)| name)
        .collect()
}

fn aliases(trace: &Trace, plan: &Plan) -> HashMap<Variable, FunctionId> {
    let mut aliases = HashMap::new();
    for function in &trace.functions {
        let temporaries = called_only(function);
        each_use(&function.body, &mut |used| {
            if let Use::Copied { from, to } = used
                && temporaries.contains(to)
                && let Some(Home::Function(nested)) = plan.home(trace, function, from)
            {
                aliases.insert((function.id, to.to_owned()), nested);
            }
        });
    }
    aliases
}

/// A function that calls a sibling needs what the sibling needs, unless that is its own.
fn close_over_calls(
    captures: &mut BTreeMap<FunctionId, BTreeSet<Variable>>,
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
        && matches!(&last.kind, StmtKind::Return { value: Atom::Var(_) | Atom::Const(_) })
        && rest.iter().all(|stmt| matches!(stmt.kind, StmtKind::Let { .. } | StmtKind::Set { .. }))
}
