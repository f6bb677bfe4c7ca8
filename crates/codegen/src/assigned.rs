//! Finds the variables that some read may reach unassigned.
//!
//! In: a resolved program. Out: [`Var::maybe_unbound`](crate::program::Var) of every plain local.
//! After it: each read of any other plain local is preceded by an assignment on every path,
//! by the same rules as rustc's own check, so generated Rust needs no initial values but those of [`crate::tried`].

use std::collections::{HashMap, HashSet};

use crate::program::{
    Argument, Atom, Block, Expr, FormatPart, Function, Pairs, SpreadArgument, SpreadCallee, StmtKind, Try, VarId,
};

/// Marks the variables of `function`.
pub(crate) fn mark_unbound(function: &mut Function) {
    let mut pass = Assigned { unbound: HashSet::new() };
    let start: HashSet<VarId> = function.params.iter().copied().collect();
    pass.block(&function.body, &mut Flow { assigned: Some(start), breaks: None });
    for var in pass.unbound {
        if !function.vars[var.0].cell {
            function.vars[var.0].maybe_unbound = true;
        }
    }
}

struct Assigned {
    unbound: HashSet<VarId>,
}

/// Assigned variables at a point; `None` where control does not come.
struct Flow {
    assigned: Option<HashSet<VarId>>,
    /// Assigned at every `break` of the innermost loop so far.
    breaks: Option<HashSet<VarId>>,
}

impl Assigned {
    fn block(&mut self, block: &Block, flow: &mut Flow) {
        for stmt in block {
            each_atom_of(&stmt.kind, &mut |var| self.read(var, flow));
            match &stmt.kind {
                StmtKind::Assign(target, _) => self.assign(*target, flow),
                StmtKind::Update(target, ..) => {
                    self.read(*target, flow);
                    self.assign(*target, flow);
                }
                StmtKind::DelVar(target) => {
                    // From here on it may be unbound anywhere.
                    self.unbound.insert(*target);
                }
                StmtKind::Unpack(targets, ..) => targets.iter().for_each(|target| self.assign(*target, flow)),
                StmtKind::If(_, then, orelse) => {
                    let before = flow.assigned.clone();
                    self.block(then, flow);
                    let after_then = std::mem::replace(&mut flow.assigned, before);
                    self.block(orelse, flow);
                    flow.assigned = meet(after_then, flow.assigned.take());
                }
                StmtKind::Loop(next, body) => {
                    let mut inner = Flow { assigned: flow.assigned.clone(), breaks: None };
                    if let Some(next) = next {
                        self.read(next.iter, flow);
                        next.targets().for_each(|target| self.assign(target, &mut inner));
                    }
                    self.block(body, &mut inner);
                    flow.assigned = match next {
                        // The iterator may end before the first round.
                        Some(_) => flow.assigned.take(),
                        None => inner.breaks,
                    };
                }
                StmtKind::Try(parts) => self.try_(parts, flow),
                StmtKind::With(_, target, body) => {
                    let before = flow.assigned.clone();
                    self.assign(*target, flow);
                    self.block(body, flow);
                    // The context manager may have swallowed an exception.
                    flow.assigned = meet(before, flow.assigned.take());
                }
                StmtKind::Break => {
                    let here = flow.assigned.take();
                    flow.breaks = meet(flow.breaks.take(), here);
                }
                StmtKind::Continue | StmtKind::Return(_) | StmtKind::Raise(..) | StmtKind::Bail(_) => {
                    flow.assigned = None;
                }
                _ => {}
            }
        }
    }

    fn try_(&mut self, parts: &Try, flow: &mut Flow) {
        let before = flow.assigned.clone();
        self.block(&parts.body, flow);
        self.block(&parts.orelse, flow);
        let mut after = flow.assigned.take();
        for handler in &parts.handlers {
            flow.assigned = before.clone();
            self.block(&handler.before, flow);
            if let Some(class) = &handler.class {
                self.read_atom(class, flow);
            }
            if let Some(name) = handler.name {
                // It is unbound behind the clause.
                self.unbound.insert(name);
            }
            self.block(&handler.body, flow);
            after = meet(after, flow.assigned.take());
        }
        flow.assigned = before.clone();
        if !parts.finally.is_empty() {
            self.block(&parts.finally, flow);
        }
        let in_finally = flow.assigned.take();
        flow.assigned = match (after, in_finally) {
            (Some(after), Some(also)) => Some(after.union(&also).copied().collect()),
            // Control never comes here, but rustc does not see that through the block's own closure.
            _ => before,
        };
    }

    fn assign(&mut self, var: VarId, flow: &mut Flow) {
        if let Some(assigned) = &mut flow.assigned {
            assigned.insert(var);
        }
    }

    fn read_atom(&mut self, atom: &Atom, flow: &Flow) {
        if let Atom::Var(var) = atom {
            self.read(*var, flow);
        }
    }

    fn read(&mut self, var: VarId, flow: &Flow) {
        if flow.assigned.as_ref().is_some_and(|assigned| !assigned.contains(&var)) {
            self.unbound.insert(var);
        }
    }
}

fn meet(left: Option<HashSet<VarId>>, right: Option<HashSet<VarId>>) -> Option<HashSet<VarId>> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.intersection(&right).copied().collect()),
        (left, right) => left.or(right),
    }
}

/// Calls `read` with every variable that the statement itself reads, those of its blocks and an update's target aside.
pub(crate) fn each_atom_of(kind: &StmtKind, read: &mut impl FnMut(VarId)) {
    let mut atom = |atom: &Atom| {
        if let Atom::Var(var) = atom {
            read(*var);
        }
    };
    match kind {
        StmtKind::Assign(_, value) => each_operand(value, read),
        StmtKind::Update(_, _, value) | StmtKind::Unpack(_, _, value, _) | StmtKind::Return(value) => atom(value),
        StmtKind::SetItem { object, index, value } => [object, index, value].into_iter().for_each(atom),
        StmtKind::SetAttr(object, _, value) | StmtKind::Push(object, value) | StmtKind::DelItem(object, value) => {
            [object, value].into_iter().for_each(atom);
        }
        StmtKind::DelAttr(object, _) | StmtKind::If(object, ..) | StmtKind::With(object, ..) => atom(object),
        StmtKind::Raise(exception, cause) => exception.iter().chain(cause).for_each(atom),
        StmtKind::SetVariable(_, value) => atom(value),
        StmtKind::DelVar(var) => read(*var),
        _ => {}
    }
}

/// Calls `read` with every variable that `value` reads.
pub(crate) fn each_operand(value: &Expr, read: &mut impl FnMut(VarId)) {
    let mut atom = |atom: &Atom| {
        if let Atom::Var(var) = atom {
            read(*var);
        }
    };
    match value {
        Expr::Library(_) | Expr::Global(_) | Expr::Variable(..) => {}
        Expr::Atom(value)
        | Expr::Unary(_, value)
        | Expr::Iter(value)
        | Expr::Attr(value, ..)
        | Expr::LoadMethod(value, _)
        | Expr::Yield(value)
        | Expr::YieldFrom(value) => atom(value),
        Expr::Binary(_, left, right)
        | Expr::Compare(_, left, right)
        | Expr::Index(left, right, _)
        | Expr::Super(left, right)
        | Expr::Append(left, right) => [left, right].into_iter().for_each(atom),
        Expr::Pairs(Pairs::Enumerate(left, right) | Pairs::Zip(left, right)) => {
            [left, right].into_iter().for_each(atom);
        }
        Expr::Pairs(Pairs::Items(object)) => atom(object),
        Expr::Slice(start, stop, step) => [start, stop, step].into_iter().for_each(atom),
        Expr::GetSlice(object, start, stop, step) => [object, start, stop, step].into_iter().for_each(atom),
        Expr::Builtin(_, args) | Expr::List(args) | Expr::Tuple(args) | Expr::Set(args) => args.iter().for_each(atom),
        Expr::CallLoaded(callee, _, args, kwargs, _) => {
            args.iter().chain(kwargs.iter().map(|(_, value)| value)).for_each(atom);
            read(*callee);
        }
        Expr::CallMethod(object, _, args, kwargs, _) | Expr::CallValue(object, args, kwargs, _) => {
            atom(object);
            args.iter().chain(kwargs.iter().map(|(_, value)| value)).for_each(atom);
        }
        Expr::CallLibrary(_, args, kwargs, _) => {
            args.iter().chain(kwargs.iter().map(|(_, value)| value)).for_each(atom);
        }
        Expr::CallSpread(callee, args) => {
            match callee {
                SpreadCallee::Value(value) | SpreadCallee::Method(value, _) => atom(value),
                SpreadCallee::Library(_) | SpreadCallee::Global(_) => {}
            }
            args.iter().for_each(|arg| match arg {
                SpreadArgument::Positional(value)
                | SpreadArgument::Star(value)
                | SpreadArgument::Keyword(_, value)
                | SpreadArgument::DoubleStar(value) => atom(value),
            });
        }
        Expr::Closure(_, defaults, cells) => {
            defaults.iter().for_each(|(_, value)| atom(value));
            cells.iter().for_each(|cell| read(*cell));
        }
        Expr::Class(_, _, _, captures, bases) => {
            bases.iter().for_each(&mut atom);
            captures.iter().for_each(|arg| match arg {
                Argument::Value(value) => atom(value),
                Argument::Cell(var) => atom(&Atom::Var(*var)),
            });
        }
        Expr::Print { args, sep, end } => args.iter().chain(sep).chain(end).for_each(atom),
        Expr::Spread(_, items) => items.iter().for_each(|(_, value)| atom(value)),
        Expr::Dict(items) => items.iter().for_each(|(key, value)| {
            atom(key);
            atom(value);
        }),
        Expr::DictSpread(items) => items.iter().for_each(|(key, value)| {
            key.iter().for_each(&mut atom);
            atom(value);
        }),
        Expr::Format(parts) => parts.iter().for_each(|part| match part {
            FormatPart::Text(_) => {}
            FormatPart::Value(value, _, spec) => {
                atom(value);
                spec.iter().for_each(&mut atom);
            }
        }),
        Expr::Call(_, args, _) => args.iter().for_each(|arg| match arg {
            Argument::Value(value) => atom(value),
            Argument::Cell(var) => atom(&Atom::Var(*var)),
        }),
    }
}

/// How often each variable is read in a block and those in it.
pub(crate) fn reads(block: &Block, counts: &mut HashMap<VarId, u32>) {
    for stmt in block {
        each_atom_of(&stmt.kind, &mut |var| *counts.entry(var).or_default() += 1);
        if let StmtKind::Update(target, ..) = &stmt.kind {
            *counts.entry(*target).or_default() += 1;
        }
        stmt.kind.blocks().into_iter().for_each(|block| reads(block, counts));
    }
}
