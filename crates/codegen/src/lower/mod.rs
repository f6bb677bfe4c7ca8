//! A trace becomes a program: names are resolved, nested functions planned away, calls bound to what they reach.
//!
//! In: a verified trace. Out: a [`Program`] whose types are still [`Ty::Never`], or every reason why there is none.
//! After it: no name, no hole and no opaque part is left; a hole is a bailout.

mod body;
mod call;
mod expr;
mod frames;
mod global;
mod names;
mod stmt;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use upshift_ir::{FunctionId, Trace};

use self::body::Callable;
use crate::fuse::{Fused, fuse};
use crate::nested::{Plan, plan};
use crate::program::{First, Function, Global, Program, State};
use crate::uses::{Use, each_assignment, each_use};
use crate::{Diagnostic, Ty};

/// What came of a trace.
pub(crate) struct Resolved {
    /// The program; not of the whole trace if something is refused.
    pub(crate) program: Program,
    /// What keeps all of it in CPython, by line.
    pub(crate) refused: Vec<Diagnostic>,
    /// Statements that bail out wherever they are reached, by line.
    pub(crate) left: Vec<Diagnostic>,
}

/// Resolves `trace`.
pub(crate) fn resolve(trace: &Trace) -> Resolved {
    let Fused { trace, in_place } = fuse(trace);
    let trace = &trace;
    let mut lower = Lower {
        trace,
        plan: plan(trace),
        facts: trace.functions.iter().map(Facts::of).collect(),
        refused: BTreeMap::new(),
        left: BTreeMap::new(),
        queue: vec![trace.entry],
        queued: BTreeSet::from([trace.entry]),
        objects: BTreeSet::new(),
        imports: HashMap::new(),
        globals: BTreeMap::new(),
        variables: Vec::new(),
        names: names::function_names(trace),
        in_place,
    };
    if trace.is_stateful() {
        lower.keep_state();
    }
    let mut functions = Vec::new();
    while let Some(id) = lower.queue.pop() {
        let function = body::function(&mut lower, id);
        functions.push(function);
    }
    functions.sort_by_key(|function: &Function| function.id);
    for function in &mut functions {
        function.object = lower.objects.contains(&function.id);
    }
    let entry = functions.iter().position(|function| function.id == trace.entry).unwrap_or(0);
    let state = trace.is_stateful().then(|| State { loaded: trace.loaded.unwrap_or(0), variables: lower.variables });
    let (globals, patterns) = (lower.globals, trace.patterns.clone());
    let mut program = Program { functions, entry, globals, state, patterns, frames: 1 };
    program.frames = frames::frames(trace, &program);
    let listed = |found: BTreeMap<u32, String>| {
        found.into_iter().map(|(line, reason)| Diagnostic { line, reason }).collect::<Vec<_>>()
    };
    Resolved { program, refused: listed(lower.refused), left: listed(lower.left) }
}

struct Lower<'t> {
    trace: &'t Trace,
    plan: Plan,
    facts: Vec<Facts<'t>>,
    /// The first reason at each line; what follows on the same line is often its consequence.
    refused: BTreeMap<u32, String>,
    /// The first reason at each line that is left to CPython, in code that may never be reached.
    left: BTreeMap<u32, String>,
    /// Functions that are called and not lowered yet.
    queue: Vec<FunctionId>,
    queued: BTreeSet<FunctionId>,
    /// Functions that exist as objects.
    objects: BTreeSet<FunctionId>,
    /// What a function imports before all else, so that the functions nested in it find it bound.
    imports: HashMap<(FunctionId, String), Callable>,
    globals: BTreeMap<usize, Global>,
    /// What the module keeps beside its objects; see [`State::variables`].
    variables: Vec<(String, First)>,
    names: BTreeMap<FunctionId, String>,
    /// Loops of generator expressions in place, by their iterators.
    in_place: HashSet<(FunctionId, String)>,
}

/// What one function does with its variables.
struct Facts<'t> {
    /// Variables that some use reads other than by calling them.
    read: HashSet<&'t str>,
    /// How often each is assigned.
    assigned: HashMap<&'t str, usize>,
}

impl<'t> Facts<'t> {
    fn of(function: &'t upshift_ir::Function) -> Self {
        let mut facts = Facts { read: HashSet::new(), assigned: HashMap::new() };
        each_use(&function.body, &mut |used| match used {
            Use::Read(name) | Use::Copied { from: name, .. } => {
                facts.read.insert(name);
            }
            _ => {}
        });
        each_assignment(&function.body, &mut |name| *facts.assigned.entry(name).or_default() += 1);
        facts
    }
}

impl<'t> Lower<'t> {
    fn ir(&self, id: FunctionId) -> &'t upshift_ir::Function {
        &self.trace.functions[id.0 as usize]
    }

    fn facts(&self, id: FunctionId) -> &Facts<'t> {
        &self.facts[id.0 as usize]
    }

    fn call(&mut self, id: FunctionId) {
        if self.queued.insert(id) {
            self.queue.push(id);
        }
    }

    /// Whether `function` is nested in `scope`.
    fn is_within(&self, function: FunctionId, scope: FunctionId) -> bool {
        std::iter::successors(self.ir(function).parent, |outer| self.ir(*outer).parent).any(|outer| outer == scope)
    }

    /// The function is needed as an object.
    fn object(&mut self, id: FunctionId) {
        self.objects.insert(id);
        self.call(id);
    }

    fn refuse(&mut self, line: u32, reason: String) {
        self.refused.entry(line).or_insert(reason);
    }

    fn is_in_place(&self, scope: FunctionId, iter: &str) -> bool {
        self.in_place.contains(&(scope, iter.to_owned()))
    }

    fn is_cell(&self, owner: FunctionId, name: &str) -> bool {
        self.plan.cells.contains(&(owner, name.to_owned()))
    }
}

/// A variable before types are inferred.
fn var(name: String, cell: bool, shared: bool) -> crate::program::Var {
    crate::program::Var {
        name,
        ty: Ty::Never,
        cell,
        shared,
        temporary: false,
        maybe_unbound: false,
        assigned_in_try: false,
    }
}
