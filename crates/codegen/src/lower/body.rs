//! Lowers one function: its parameters, its scope, and what names stand for in it.

use std::collections::{HashMap, HashSet};

use upshift_ir::{self as ir, Const, FunctionId, LINKED_LINES, ParamDefault, ParamKind};

use super::{Lower, names, var};
use crate::Ty;
use crate::nested::{CLASS, Home};
use crate::program::{Atom, BailKind, Block, Expr, Function, Param, Stmt, StmtKind, VarId};

/// Lowers the function `id` with everything that is inlined into it.
pub(super) fn function(lower: &mut Lower<'_>, id: FunctionId) -> Function {
    let source = lower.ir(id);
    let mut body = Body {
        lower,
        vars: Vec::new(),
        scope: HashMap::new(),
        callables: HashMap::new(),
        imported: Vec::new(),
        depth: 0,
        taken: HashSet::new(),
        assumed: source.generator
            || source.name == "<lambda>"
            || source.qualname != source.name
            || source.line > LINKED_LINES,
    };
    let mut out = Block::new();
    let mut params = Vec::new();
    for param in &source.params {
        if body.lower.is_cell(id, &param.name) {
            // The caller hands over a plain value; the shared cell is the callee's own.
            let plain = body.fresh(&format!("{}_1", param.name));
            let cell = body.declare(id, &param.name);
            out.push(Stmt { line: source.line, kind: StmtKind::Assign(cell, Expr::Atom(Atom::Var(plain))) });
            params.push(plain);
        } else {
            params.push(body.declare(id, &param.name));
        }
    }
    let captures = body.lower.plan.captures.get(&id).cloned().unwrap_or_default();
    for (owner, name) in &captures {
        params.push(body.declare(*owner, name));
    }
    body.enter_scope(id);
    body.block(id, &source.body, &mut out);
    if falls_through(&out) {
        out.push(Stmt { line: source.line, kind: StmtKind::Return(Atom::Const(Const::None)) });
    }
    let name = body.lower.names[&id].clone();
    let signature = source.params.iter().map(signature).collect();
    Function {
        id,
        names: (source.name.clone(), source.qualname.clone()),
        generator: source.generator,
        object: false,
        signature,
        captures: captures.into_iter().map(|(_, name)| name).collect(),
        name,
        line: source.line,
        params,
        vars: body.vars,
        body: out,
        result: Ty::Never,
    }
}

fn signature(param: &ir::Param) -> Param {
    let observed = match param.kind {
        ParamKind::Star => Ty::Any,
        ParamKind::DoubleStar => Ty::Dict,
        _ => Ty::observed(&param.seen),
    };
    let default = match &param.default {
        Some(ParamDefault::Const(constant)) => Some(constant.clone()),
        _ => None,
    };
    Param { name: param.name.clone(), kind: param.kind, default, observed }
}

/// Whether control can reach the end of `block`.
pub(crate) fn falls_through(block: &Block) -> bool {
    block.iter().all(|stmt| match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Bail(_) | StmtKind::Raise(..) | StmtKind::Break | StmtKind::Continue => false,
        StmtKind::If(_, then, orelse) => falls_through(then) || falls_through(orelse),
        StmtKind::Loop(None, body) => has_break(body),
        _ => true,
    })
}

fn has_break(block: &Block) -> bool {
    block.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If(_, then, orelse) => has_break(then) || has_break(orelse),
        StmtKind::With(_, _, body) => has_break(body),
        StmtKind::Try(parts) => {
            [&parts.body, &parts.orelse, &parts.finally].into_iter().any(has_break)
                || parts.handlers.iter().any(|handler| has_break(&handler.body))
        }
        _ => false,
    })
}

/// What a variable that is only ever called, or read through, stands for.
#[derive(Clone, Debug)]
pub(super) enum Callable {
    /// A function that is no object.
    Function(FunctionId),
    /// A function or class of a library, by its qualified name.
    Library(String),
    /// A library module.
    Module(String),
    /// The method of that name, which the variable holds.
    Loaded(String),
}

/// The context of one function of the program; functions inlined into it share its variables.
pub(super) struct Body<'l, 't> {
    pub(super) lower: &'l mut Lower<'t>,
    pub(super) vars: Vec<crate::program::Var>,
    /// Variables by the traced function that owns them and their name there.
    scope: HashMap<(FunctionId, String), VarId>,
    pub(super) callables: HashMap<(FunctionId, String), Callable>,
    /// Those that imports of the block at hand bound, known until its end.
    pub(super) imported: Vec<(FunctionId, String)>,
    /// How many blocks that may not run are around the statement at hand.
    pub(super) depth: usize,
    taken: HashSet<String>,
    /// Whether nothing was observed of the statements at hand, so that they may never run.
    pub(super) assumed: bool,
}

/// A reason to stay in Python, at the line of the statement at hand.
pub(super) type Refused = String;

impl Body<'_, '_> {
    /// A new variable that no name of the source refers to.
    pub(super) fn fresh(&mut self, name: &str) -> VarId {
        let name = names::unique(names::identifier(name), &mut self.taken);
        self.vars.push(var(name, false, false));
        VarId(self.vars.len() - 1)
    }

    /// A new variable for `name` of `owner`.
    pub(super) fn declare(&mut self, owner: FunctionId, name: &str) -> VarId {
        let id = self.fresh(name);
        let shared = self.lower.plan.shared.contains(&(owner, name.to_owned()));
        // `__class__` is never rebound, but only objects carry it.
        let class = owner == CLASS;
        self.vars[id.0].cell = class || self.lower.is_cell(owner, name);
        self.vars[id.0].shared = class || shared;
        self.scope.insert((owner, name.to_owned()), id);
        id
    }

    /// Makes `owner`'s locals new variables, so that one function can be inlined twice.
    pub(super) fn enter_scope(&mut self, owner: FunctionId) {
        let source = self.lower.ir(owner);
        for local in &source.locals {
            self.scope.remove(&(owner, local.clone()));
            self.callables.remove(&(owner, local.clone()));
        }
        let aliases: Vec<_> = self
            .lower
            .plan
            .aliases
            .iter()
            .filter(|((function, _), _)| *function == owner)
            .map(|(variable, nested)| (variable.clone(), *nested))
            .collect();
        for (variable, nested) in aliases {
            self.callables.insert(variable, Callable::Function(nested));
        }
    }

    pub(super) fn block(&mut self, scope: FunctionId, block: &ir::Block, out: &mut Block) {
        for stmt in block {
            if let Err(reason) = self.stmt(scope, stmt, out) {
                if self.assumed {
                    let kind = StmtKind::Bail(BailKind::Unsupported(reason.clone()));
                    self.lower.left.entry(stmt.line).or_insert(reason);
                    out.push(Stmt { line: stmt.line, kind });
                } else {
                    self.lower.refuse(stmt.line, reason);
                }
            }
            // Nothing traced came past a bailout: a statement before it always raised.
            if out.last().is_some_and(|last| matches!(last.kind, StmtKind::Bail(_) | StmtKind::Raise(..))) {
                break;
            }
        }
    }

    /// The variable `name` of `scope`, as a value.
    pub(super) fn variable(&mut self, scope: FunctionId, name: &str) -> Result<VarId, Refused> {
        match self.lower.plan.home(self.lower.trace, self.lower.ir(scope), name) {
            Some(Home::Variable(owner)) => match self.callables.get(&(owner, name.to_owned())) {
                Some(Callable::Module(module)) => {
                    Err(format!("the module {module} is used as a value, which is not in the native language yet"))
                }
                Some(Callable::Library(_)) if self.is_import(owner, name) => {
                    Err(format!("{name}, which is imported in the function, is used as a value there"))
                }
                _ => Ok(self.captured(owner, name)),
            },
            Some(Home::Function(..)) => Err(format!("the nested function {name} is used as a value")),
            None => Err(format!("{name} belongs to no scope")),
        }
    }

    fn is_import(&self, owner: FunctionId, name: &str) -> bool {
        // Temporaries that are read are assigned too; names that an import binds are not.
        owner != CLASS && !self.scope.contains_key(&(owner, name.to_owned()))
    }

    /// The variable that holds `name` of `owner`.
    pub(super) fn captured(&mut self, owner: FunctionId, name: &str) -> VarId {
        let known = self.scope.get(&(owner, name.to_owned())).copied();
        known.unwrap_or_else(|| self.declare(owner, name))
    }

    pub(super) fn callable(&self, scope: FunctionId, name: &str) -> Option<Callable> {
        if let Some(callable) = self.callables.get(&(scope, name.to_owned())) {
            return Some(callable.clone());
        }
        match self.lower.plan.home(self.lower.trace, self.lower.ir(scope), name) {
            Some(Home::Function(nested)) => Some(Callable::Function(nested)),
            Some(Home::Variable(owner)) => {
                let key = (owner, name.to_owned());
                self.callables.get(&key).or_else(|| self.lower.imports.get(&key)).cloned()
            }
            None => None,
        }
    }

    pub(super) fn atom(&mut self, scope: FunctionId, atom: &ir::Atom) -> Result<Atom, Refused> {
        match atom {
            ir::Atom::Var(name) => Ok(Atom::Var(self.variable(scope, name)?)),
            ir::Atom::Const(constant) => Ok(Atom::Const(constant.clone())),
        }
    }

    pub(super) fn atoms(&mut self, scope: FunctionId, atoms: &[ir::Atom]) -> Result<Vec<Atom>, Refused> {
        atoms.iter().map(|atom| self.atom(scope, atom)).collect()
    }

    pub(super) fn keywords(
        &mut self,
        scope: FunctionId,
        keywords: &[(String, ir::Atom)],
    ) -> Result<Vec<(String, Atom)>, Refused> {
        keywords.iter().map(|(name, value)| Ok((name.clone(), self.atom(scope, value)?))).collect()
    }
}
