//! Finds generator expressions that are consumed at once.

use std::collections::HashMap;

use upshift_ir::{
    Atom, Block, Callee, CompareOp, Const, Expr, ExprKind, Function, FunctionId, GlobalValue, Stmt, StmtKind,
};

use super::{GENERATOR, Pass};

/// What takes the items of a generator expression.
#[derive(Clone, Debug)]
pub(super) enum Consumer {
    /// `sum(…, start)`
    Sum(Const),
    /// `any(…)`, or `all(…)`
    Any(bool),
    /// `min(…)` or `max(…)`
    Best(CompareOp),
    /// `next(…, default)`
    Next(Atom),
    /// `list(…)`
    List,
    /// `set(…)`
    Set,
    /// What makes a list of it before all else.
    Listed,
}

impl Consumer {
    /// Whether it may have enough before the end.
    fn breaks(&self) -> bool {
        matches!(self, Self::Any(_) | Self::Next(_))
    }
}

/// A generator expression in a block, by the places of its statements.
pub(super) struct Found {
    pub(super) function: FunctionId,
    /// `items = iter(first)`
    pub(super) items: usize,
    /// What goes: the look-up of `iter`, the function, its call, copies of the generator.
    pub(super) gone: Vec<usize>,
    /// The call of the consumer.
    pub(super) consumer: usize,
}

impl<'t> Pass<'t> {
    /// The generator expression whose function is made by statement number `at`, if it is consumed in the block.
    pub(super) fn found(&self, block: &Block, at: usize) -> Option<(Found, Consumer)> {
        let (closure, ExprKind::Closure { function, defaults }) = self.once(block, at)? else { return None };
        let made = self.trace.functions.get(function.0 as usize)?;
        if made.name != GENERATOR || !defaults.is_empty() || self.uses(closure) != (0, 1) {
            return None;
        }
        let (call, mut held, items) = (at + 1..block.len()).find_map(|call| match self.once(block, call)? {
            (held, ExprKind::Call { callee: Callee::Var(callee), args, kwargs }) if callee == closure => {
                match (&args[..], kwargs.is_empty()) {
                    ([Atom::Var(items)], true) => Some((call, held, items)),
                    _ => None,
                }
            }
            _ => None,
        })?;
        let items = (0..at).find(|at| self.once(block, *at).is_some_and(|(name, _)| name == items))?;
        let mut gone = vec![at, call];
        match self.once(block, items)?.1 {
            ExprKind::Call { callee: Callee::Var(iter), args, kwargs } if args.len() == 1 && kwargs.is_empty() => {
                let looked_up = (0..items).find(|at| self.once(block, *at).is_some_and(|(name, _)| name == iter))?;
                let ExprKind::Intrinsic { name } = self.once(block, looked_up)?.1 else { return None };
                if name != "iter" || self.uses(iter) != (0, 1) {
                    return None;
                }
                gone.push(looked_up);
            }
            _ => return None,
        }
        // Copies, up to the call that takes it first.
        let mut next = call + 1;
        loop {
            if self.uses(held) != (1, 0) {
                return None;
            }
            let (target, value) = match &block.get(next)?.kind {
                StmtKind::Let { name, value } | StmtKind::Set { name, value } => (name, &value.kind),
                _ => return None,
            };
            match value {
                ExprKind::Atom { value: Atom::Var(from) } if from == held => {
                    self.once(block, next)?;
                    gone.push(next);
                    held = target;
                }
                ExprKind::Call { callee, args, kwargs } if args.first() == Some(&Atom::Var(held.to_owned())) => {
                    let consumer = self.consumer(block, callee, &args[1..], kwargs)?;
                    return Some((Found { function: *function, items, gone, consumer: next }, consumer));
                }
                _ => {}
            }
            next += 1;
        }
    }

    /// The temporary that a statement names, and what it holds from there on.
    fn once<'b>(&self, block: &'b Block, at: usize) -> Option<(&'b str, &'b ExprKind)> {
        match &block.get(at)?.kind {
            StmtKind::Let { name, value } if self.assigned.get(name) == Some(&1) => Some((name, &value.kind)),
            _ => None,
        }
    }

    /// How often a variable is read and called.
    fn uses(&self, name: &str) -> (usize, usize) {
        let of = |counts: &HashMap<String, usize>| counts.get(name).copied().unwrap_or(0);
        (of(&self.read), of(&self.called))
    }

    /// What a call does with its first argument.
    fn consumer(&self, block: &Block, callee: &Callee, rest: &[Atom], kwargs: &[(String, Atom)]) -> Option<Consumer> {
        let global = match callee {
            Callee::Global { name } => name,
            Callee::Method { object: Atom::Const(Const::Str(_)), name } if name == "join" => {
                return Some(Consumer::Listed);
            }
            Callee::Method { .. } => return None,
            Callee::Var(name) => {
                let held = (0..block.len()).find_map(|at| self.once(block, at).filter(|(held, _)| held == name))?.1;
                match held {
                    ExprKind::Global { name } => name,
                    ExprKind::Attr { object: Atom::Const(Const::Str(_)), name } if name == "join" => {
                        return Some(Consumer::Listed);
                    }
                    _ => return None,
                }
            }
        };
        let Some(GlobalValue::Builtin(builtin)) = self.trace.globals.get(global) else { return None };
        match (builtin.as_str(), rest, kwargs) {
            ("sum", [], []) => Some(Consumer::Sum(Const::Int(0))),
            ("sum", [Atom::Const(start @ (Const::Int(_) | Const::Float(_)))], []) => Some(Consumer::Sum(start.clone())),
            ("any", [], []) => Some(Consumer::Any(true)),
            ("all", [], []) => Some(Consumer::Any(false)),
            ("min", [], []) => Some(Consumer::Best(CompareOp::Lt)),
            ("max", [], []) => Some(Consumer::Best(CompareOp::Gt)),
            ("next", [default], []) => Some(Consumer::Next(default.clone())),
            ("list", [], []) => Some(Consumer::List),
            ("set", [], []) => Some(Consumer::Set),
            ("tuple", [], []) => Some(Consumer::Listed),
            ("sorted", [], _) if kwargs.iter().all(|(_, value)| self.stays(block, value)) => Some(Consumer::Listed),
            _ => None,
        }
    }

    /// Whether what an argument holds cannot change while the items come about, before the call reads it.
    fn stays(&self, block: &Block, atom: &Atom) -> bool {
        match atom {
            Atom::Const(_) => true,
            Atom::Var(name) => (0..block.len()).any(|at| self.once(block, at).is_some_and(|(held, _)| held == name)),
        }
    }

    /// The generator expression, if its body is a loop that can stand anywhere.
    pub(super) fn fusable(&self, id: FunctionId, consumer: &Consumer) -> Option<&'t Function> {
        let function = self.trace.functions.get(id.0 as usize)?;
        let [Stmt { kind: StmtKind::While { next: Some(next), body }, .. }, rest @ ..] = &function.body[..] else {
            return None;
        };
        let ends = rest.iter().all(|stmt| matches!(stmt.kind, StmtKind::Return { .. }));
        let plain = function.params.len() == 1 && function.nonlocals.is_empty() && next.iter == function.params[0].name;
        let depth = if consumer.breaks() { 0 } else { usize::MAX };
        (ends && plain && yields(body, depth) == Some(true)).then_some(function)
    }
}

/// Whether items are yielded in `block`, within `depth` loops at most; none where it cannot stand anywhere.
fn yields(block: &Block, depth: usize) -> Option<bool> {
    let mut found = false;
    for stmt in block {
        match &stmt.kind {
            StmtKind::Let { value: Expr { kind: ExprKind::Yield { .. }, .. }, .. } => found = true,
            StmtKind::Let { value, .. } | StmtKind::Set { value, .. } => {
                if matches!(value.kind, ExprKind::Yield { .. } | ExprKind::YieldFrom { .. } | ExprKind::Closure { .. })
                {
                    return None;
                }
            }
            StmtKind::If { then, orelse, .. } => found |= yields(then, depth)? | yields(orelse, depth)?,
            StmtKind::While { body, .. } => {
                let within = yields(body, depth)?;
                if within && depth == 0 {
                    return None;
                }
                found |= within;
            }
            StmtKind::Return { .. }
            | StmtKind::Def { .. }
            | StmtKind::Class { .. }
            | StmtKind::Try { .. }
            | StmtKind::With { .. }
            | StmtKind::Opaque { .. } => return None,
            _ => {}
        }
    }
    Some(found)
}
