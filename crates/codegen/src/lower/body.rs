//! Lowers one function: its scope, its statements and the applications in them.

use std::collections::{HashMap, HashSet};

use upshift_ir::{self as ir, Const, ExprKind, FunctionId, GlobalValue};

use super::{Lower, names, var};
use crate::Ty;
use crate::nested::{Home, aliases, home};
use crate::program::{Atom, BailKind, Block, Expr, FormatPart, Function, Next, Stmt, StmtKind, VarId};

/// Lowers the function `id` with everything that is inlined into it.
pub(super) fn function(lower: &mut Lower<'_>, id: FunctionId) -> Function {
    let source = lower.ir(id);
    let mut body = Body {
        lower,
        function: id,
        vars: Vec::new(),
        scope: HashMap::new(),
        callables: HashMap::new(),
        taken: HashSet::new(),
        defs_pending: source.body.iter().filter(|stmt| matches!(stmt.kind, ir::StmtKind::Def { .. })).count(),
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
    let captures = body.lower.plan.nested.get(&id).map(|nested| nested.captures.clone()).unwrap_or_default();
    for (owner, name) in &captures {
        params.push(body.declare(*owner, name));
    }
    body.enter_scope(id);
    body.block(id, &source.body, 0, &mut out);
    if falls_through(&out) {
        out.push(Stmt { line: source.line, kind: StmtKind::Return(Atom::Const(Const::None)) });
    }
    let name = body.lower.names[&id].clone();
    Function { id, name, line: source.line, params, vars: body.vars, body: out, result: Ty::Never }
}

/// Whether control can reach the end of `block`.
pub(crate) fn falls_through(block: &Block) -> bool {
    block.iter().all(|stmt| match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Bail(_) | StmtKind::Break | StmtKind::Continue => false,
        StmtKind::If(_, then, orelse) => falls_through(then) || falls_through(orelse),
        StmtKind::Loop(None, body) => has_break(body),
        _ => true,
    })
}

fn has_break(block: &Block) -> bool {
    block.iter().any(|stmt| match &stmt.kind {
        StmtKind::Break => true,
        StmtKind::If(_, then, orelse) => has_break(then) || has_break(orelse),
        _ => false,
    })
}

/// What a variable that is only ever called stands for.
#[derive(Clone, Debug)]
pub(super) enum Callable {
    Function(FunctionId),
    Builtin(String),
    Method(Atom, String),
}

/// The context of one function of the program; functions inlined into it share its variables.
pub(super) struct Body<'l, 't> {
    pub(super) lower: &'l mut Lower<'t>,
    pub(super) function: FunctionId,
    vars: Vec<crate::program::Var>,
    /// Variables by the traced function that owns them and their name there.
    scope: HashMap<(FunctionId, String), VarId>,
    callables: HashMap<(FunctionId, String), Callable>,
    taken: HashSet<String>,
    /// Nested `def`s of this function that control has not passed yet.
    pub(super) defs_pending: usize,
}

/// A reason to stay in Python, at the line of the statement at hand.
pub(super) type Refused = String;

impl Body<'_, '_> {
    /// A new variable that no name of the source refers to.
    pub(super) fn fresh(&mut self, name: &str) -> VarId {
        let name = names::unique(names::identifier(name), &mut self.taken);
        self.vars.push(var(name, false));
        VarId(self.vars.len() - 1)
    }

    /// A new variable for `name` of `owner`.
    pub(super) fn declare(&mut self, owner: FunctionId, name: &str) -> VarId {
        let id = self.fresh(name);
        self.vars[id.0].cell = self.lower.is_cell(owner, name);
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
        for (name, nested) in aliases(self.lower.trace, source) {
            self.callables.insert((owner, name), Callable::Function(nested));
        }
    }

    pub(super) fn block(&mut self, scope: FunctionId, block: &ir::Block, depth: usize, out: &mut Block) {
        for stmt in block {
            if let Err(reason) = self.stmt(scope, stmt, depth, out) {
                self.lower.refuse(stmt.line, reason);
            }
            // Nothing traced came past a bailout: a statement before it always raised.
            if out.last().is_some_and(|last| matches!(last.kind, StmtKind::Bail(_))) {
                break;
            }
        }
    }

    fn stmt(&mut self, scope: FunctionId, stmt: &ir::Stmt, depth: usize, out: &mut Block) -> Result<(), Refused> {
        let line = stmt.line;
        let kind = match &stmt.kind {
            ir::StmtKind::Let { name, value } | ir::StmtKind::Set { name, value } => {
                return self.assign(scope, name, value, line, out);
            }
            ir::StmtKind::Update { name, op, value, .. } => {
                StmtKind::Update(self.variable(scope, name)?, *op, self.atom(scope, value)?)
            }
            ir::StmtKind::SetItem { object, index, value, .. } => StmtKind::SetItem {
                object: self.atom(scope, object)?,
                index: self.atom(scope, index)?,
                value: self.atom(scope, value)?,
            },
            ir::StmtKind::If { test, then, orelse } => {
                let test = self.atom(scope, test)?;
                let mut sides = [Block::new(), Block::new()];
                self.block(scope, then, depth + 1, &mut sides[0]);
                self.block(scope, orelse, depth + 1, &mut sides[1]);
                let [then, orelse] = sides;
                StmtKind::If(test, then, orelse)
            }
            ir::StmtKind::While { next, body } => {
                let next = match next {
                    Some(next) => Some(Next {
                        item: self.variable(scope, &next.item)?,
                        iter: self.variable(scope, &next.iter)?,
                        observed: Ty::observed(&next.seen),
                    }),
                    None => None,
                };
                let mut lowered = Block::new();
                self.block(scope, body, depth + 1, &mut lowered);
                StmtKind::Loop(next, lowered)
            }
            ir::StmtKind::Break => StmtKind::Break,
            ir::StmtKind::Continue => StmtKind::Continue,
            ir::StmtKind::Return { value } => StmtKind::Return(self.atom(scope, value)?),
            ir::StmtKind::Def { name, function } => return self.define(scope, name, *function, depth),
            ir::StmtKind::Raise => StmtKind::Bail(BailKind::Exception),
            ir::StmtKind::Unknown { .. } => StmtKind::Bail(BailKind::Branch),
            ir::StmtKind::Opaque { reason } => return Err(reason.clone()),
        };
        out.push(Stmt { line, kind });
        Ok(())
    }

    fn define(&mut self, scope: FunctionId, name: &str, nested: FunctionId, depth: usize) -> Result<(), Refused> {
        if depth > 0 {
            return Err(format!("{name} is defined inside a branch or loop"));
        }
        let same = |f: &&ir::Function| f.parent == Some(scope) && f.name == name;
        if self.lower.trace.functions.iter().filter(same).count() > 1 {
            return Err(format!("{name} is defined more than once"));
        }
        debug_assert_eq!(self.lower.ir(nested).parent, Some(scope));
        self.defs_pending = self.defs_pending.saturating_sub(1);
        Ok(())
    }

    fn assign(
        &mut self,
        scope: FunctionId,
        name: &str,
        value: &ir::Expr,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        let key = (scope, name.to_owned());
        if matches!(&value.kind, ExprKind::Atom { .. })
            && matches!(self.callables.get(&key), Some(Callable::Function(_)))
        {
            return Ok(());
        }
        let callable = match &value.kind {
            ExprKind::Global { name: global, held } => match self.global(global, held)? {
                Held::Const(constant) => {
                    let target = self.variable(scope, name)?;
                    out.push(Stmt { line, kind: StmtKind::Assign(target, Expr::Atom(Atom::Const(constant))) });
                    return Ok(());
                }
                Held::Callable(callable) => callable,
                Held::Nothing => {
                    out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) });
                    return Ok(());
                }
            },
            ExprKind::Attr { object, name: attribute } => {
                // Arguments evaluated after this may rebind the variable; the method belongs to the object it holds now.
                let object = self.atom(scope, object)?;
                let receiver = self.fresh(&format!("{name}_self"));
                out.push(Stmt { line, kind: StmtKind::Assign(receiver, Expr::Atom(object)) });
                Callable::Method(Atom::Var(receiver), attribute.clone())
            }
            ExprKind::Call { callee, args, kwargs } => {
                return self.call(scope, name, callee, args, kwargs, value, line, out);
            }
            _ => {
                let value = self.expr(scope, value)?;
                let target = self.variable(scope, name)?;
                out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
                return Ok(());
            }
        };
        if !self.is_temporary(scope, name) {
            return Err(format!("{name} holds a function, which is not in the native language yet"));
        }
        self.callables.insert(key, callable);
        Ok(())
    }

    /// Temporaries are assigned in one place, so that what they hold is known.
    fn is_temporary(&self, scope: FunctionId, name: &str) -> bool {
        let source = self.lower.ir(scope);
        let mut assignments = 0;
        let mut is_let = true;
        crate::nested::each_assignment_kind(&source.body, &mut |target, temporary| {
            if target == name {
                assignments += 1;
                is_let &= temporary;
            }
        });
        assignments == 1 && is_let
    }

    fn expr(&mut self, scope: FunctionId, value: &ir::Expr) -> Result<Expr, Refused> {
        Ok(match &value.kind {
            ExprKind::Atom { value } => Expr::Atom(self.atom(scope, value)?),
            ExprKind::BinOp { operator: ir::BinaryOp::MatMul, .. } => {
                return Err("@ is not in the native language yet".to_owned());
            }
            ExprKind::BinOp { operator, left, right } => {
                Expr::Binary(*operator, self.atom(scope, left)?, self.atom(scope, right)?)
            }
            ExprKind::Compare { operator, left, right } => {
                Expr::Compare(*operator, self.atom(scope, left)?, self.atom(scope, right)?)
            }
            ExprKind::UnOp { operator, operand } => Expr::Unary(*operator, self.atom(scope, operand)?),
            ExprKind::Index { object, index } => {
                Expr::Index(self.atom(scope, object)?, self.atom(scope, index)?, Ty::observed(&value.seen))
            }
            ExprKind::List { items } => Expr::List(self.atoms(scope, items)?),
            ExprKind::Dict { items } => Expr::Dict(
                items
                    .iter()
                    .map(|(key, value)| Ok((self.atom(scope, key)?, self.atom(scope, value)?)))
                    .collect::<Result<_, Refused>>()?,
            ),
            ExprKind::Format { parts } => {
                Expr::Format(parts.iter().map(|part| self.format_part(scope, part)).collect::<Result<_, Refused>>()?)
            }
            ExprKind::Iter { object } => Expr::Iter(self.atom(scope, object)?),
            ExprKind::Opaque { reason } => return Err(reason.clone()),
            ExprKind::Global { .. } | ExprKind::Attr { .. } | ExprKind::Call { .. } => {
                unreachable!("assignments of these are lowered by name")
            }
        })
    }

    fn format_part(&mut self, scope: FunctionId, part: &ir::FormatPart) -> Result<FormatPart, Refused> {
        Ok(match part {
            ir::FormatPart::Text(text) => FormatPart::Text(text.clone()),
            ir::FormatPart::Value { value, conversion: None, spec } => {
                FormatPart::Value(self.atom(scope, value)?, spec.clone())
            }
            ir::FormatPart::Value { value, conversion: Some('s'), spec } if spec.is_empty() => {
                FormatPart::Value(self.atom(scope, value)?, String::new())
            }
            ir::FormatPart::Value { value, conversion: Some('r'), spec } if spec.is_empty() => {
                FormatPart::Repr(self.atom(scope, value)?)
            }
            ir::FormatPart::Value { .. } => {
                return Err("such a conversion in an f-string is not in the native language yet".to_owned());
            }
        })
    }

    /// The variable `name` of `scope`, as a value.
    pub(super) fn variable(&mut self, scope: FunctionId, name: &str) -> Result<VarId, Refused> {
        if self.callables.contains_key(&(scope, name.to_owned())) {
            return Err("a function or method is used as a value, which is not in the native language yet".to_owned());
        }
        match home(self.lower.trace, self.lower.ir(scope), name) {
            Some(Home::Variable(owner)) => {
                let known = self.scope.get(&(owner, name.to_owned())).copied();
                Ok(known.unwrap_or_else(|| self.declare(owner, name)))
            }
            Some(Home::Function(..)) => {
                Err(format!("the nested function {name} is used as a value, which is not in the native language yet"))
            }
            None => Err(format!("{name} belongs to no scope")),
        }
    }

    /// The variable that holds what a nested function captures.
    pub(super) fn captured(&mut self, owner: FunctionId, name: &str) -> VarId {
        let known = self.scope.get(&(owner, name.to_owned())).copied();
        known.unwrap_or_else(|| self.declare(owner, name))
    }

    pub(super) fn callable(&self, scope: FunctionId, name: &str) -> Option<Callable> {
        if let Some(callable) = self.callables.get(&(scope, name.to_owned())) {
            return Some(callable.clone());
        }
        match home(self.lower.trace, self.lower.ir(scope), name) {
            Some(Home::Function(_, nested)) => Some(Callable::Function(nested)),
            _ => None,
        }
    }

    pub(super) fn atom(&mut self, scope: FunctionId, atom: &ir::Atom) -> Result<Atom, Refused> {
        match atom {
            ir::Atom::Var(name) => Ok(Atom::Var(self.variable(scope, name)?)),
            ir::Atom::Const(Const::BigInt(_)) => {
                Err("an int beyond 64 bits is not in the native language yet".to_owned())
            }
            ir::Atom::Const(constant) => Ok(Atom::Const(constant.clone())),
        }
    }

    pub(super) fn atoms(&mut self, scope: FunctionId, atoms: &[ir::Atom]) -> Result<Vec<Atom>, Refused> {
        atoms.iter().map(|atom| self.atom(scope, atom)).collect()
    }

    /// What a module-level or built-in name stands for.
    pub(super) fn global(&mut self, name: &str, held: &[GlobalValue]) -> Result<Held, Refused> {
        match held {
            [] => Ok(Held::Nothing),
            [GlobalValue::Function(id)] => Ok(Held::Callable(Callable::Function(*id))),
            [GlobalValue::Builtin(name)] => Ok(Held::Callable(Callable::Builtin(name.clone()))),
            [GlobalValue::Const(Const::BigInt(_))] => Err(format!("{name} is an int beyond 64 bits")),
            [GlobalValue::Const(constant)] => Ok(Held::Const(constant.clone())),
            [GlobalValue::Other(kind)] => Err(match kind.as_str() {
                "module" => format!("it uses the module {name}, which is not in the native language yet"),
                "type" => format!("it uses the class {name}, which is not in the native language yet"),
                _ => format!("it reads the module-level name {name}, whose value ({kind}) is not constant"),
            }),
            _ => Err(format!("the module-level name {name} changes between invocations")),
        }
    }
}

/// What a global read gives.
pub(super) enum Held {
    Const(Const),
    Callable(Callable),
    /// The read never succeeded.
    Nothing,
}
