//! Lowers calls: binds arguments to parameters, inlines, and knows the built-ins and methods of the native language.

use upshift_ir::{self as ir, Const, FunctionId};

use super::body::{Body, Callable, Held, Refused};
use crate::Ty;
use crate::program::{Argument, Atom, BailKind, Block, Builtin, Expr, Stmt, StmtKind};

impl Body<'_, '_> {
    /// Lowers `name = callee(args…, kwargs…)`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn call(
        &mut self,
        scope: FunctionId,
        name: &str,
        callee: &ir::Callee,
        args: &[ir::Atom],
        kwargs: &[(String, ir::Atom)],
        value: &ir::Expr,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        let callable = match callee {
            ir::Callee::Var(variable) => self
                .callable(scope, variable)
                .ok_or_else(|| format!("{variable} is called, but which function it holds is not known beforehand"))?,
            ir::Callee::Global { name: global, held } => match self.global(global, held)? {
                Held::Callable(callable) => callable,
                Held::Const(_) | Held::Nothing => {
                    out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) });
                    return Ok(());
                }
            },
            ir::Callee::Method { object, name } => Callable::Method(self.atom(scope, object)?, name.clone()),
        };
        let args = self.atoms(scope, args)?;
        let kwargs = kwargs
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.atom(scope, value)?)))
            .collect::<Result<Vec<_>, Refused>>()?;
        let lowered = match callable {
            Callable::Function(id) => return self.call_function(scope, name, id, args, kwargs, line, out),
            Callable::Builtin(builtin) => self.builtin(&builtin, args, kwargs)?,
            Callable::Method(object, method) => {
                method_call(&object, &method, args, &kwargs, Ty::observed(&value.seen))?
            }
        };
        let target = self.variable(scope, name)?;
        out.push(Stmt { line, kind: StmtKind::Assign(target, lowered) });
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn call_function(
        &mut self,
        scope: FunctionId,
        name: &str,
        id: FunctionId,
        args: Vec<Atom>,
        kwargs: Vec<(String, Atom)>,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        let callee = self.lower.ir(id);
        if callee.parent == Some(self.function) && self.defs_pending > 0 {
            return Err(format!("{} is called before all nested functions beside it are defined", callee.name));
        }
        if let [ir::Stmt { kind: ir::StmtKind::Opaque { reason }, .. }] = callee.body.as_slice() {
            // Its signature may be what is opaque, so its arguments cannot be bound.
            return Err(format!("{} stays in Python: {reason}", callee.name));
        }
        let target = self.variable(scope, name)?;
        let Some(args) = bind(callee, args, kwargs) else {
            out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) });
            return Ok(());
        };
        let (inline, captures) = match self.lower.plan.nested.get(&id) {
            Some(nested) => (nested.inline, nested.captures.clone()),
            None => (false, Default::default()),
        };
        if inline {
            return self.inline(callee, target, args, line, out);
        }
        let mut arguments: Vec<Argument> = args.into_iter().map(Argument::Value).collect();
        for (owner, captured) in captures {
            let variable = self.captured(owner, &captured);
            arguments.push(match self.lower.is_cell(owner, &captured) {
                true => Argument::Cell(variable),
                false => Argument::Value(Atom::Var(variable)),
            });
        }
        self.lower.call(id);
        out.push(Stmt { line, kind: StmtKind::Assign(target, Expr::Call(id, arguments)) });
        Ok(())
    }

    /// Copies the body of `callee`, whose last statement is its only `return`.
    fn inline(
        &mut self,
        callee: &ir::Function,
        target: crate::program::VarId,
        args: Vec<Atom>,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        out.push(Stmt { line, kind: StmtKind::Enter });
        self.enter_scope(callee.id);
        for (param, arg) in callee.params.iter().zip(args) {
            let variable = self.declare(callee.id, &param.name);
            out.push(Stmt { line, kind: StmtKind::Assign(variable, Expr::Atom(arg)) });
        }
        let start = out.len();
        self.block(callee.id, &callee.body, 1, out);
        for stmt in &mut out[start..] {
            if let StmtKind::Return(value) = &stmt.kind {
                stmt.kind = StmtKind::Assign(target, Expr::Atom(value.clone()));
            }
        }
        out.push(Stmt { line, kind: StmtKind::Leave });
        Ok(())
    }

    fn builtin(&mut self, name: &str, args: Vec<Atom>, kwargs: Vec<(String, Atom)>) -> Result<Expr, Refused> {
        if name == "print" {
            return print(args, kwargs);
        }
        let (builtin, counts) = match name {
            "len" => (Builtin::Len, 1..=1),
            "range" => (Builtin::Range, 1..=3),
            "min" => (Builtin::Min, 1..=usize::MAX),
            "max" => (Builtin::Max, 1..=usize::MAX),
            "abs" => (Builtin::Abs, 1..=1),
            "sum" => (Builtin::Sum, 1..=2),
            "str" => (Builtin::Str, 1..=1),
            "int" => (Builtin::Int, 1..=1),
            "float" => (Builtin::Float, 1..=1),
            "bool" => (Builtin::Bool, 1..=1),
            _ => return Err(format!("the built-in {name} is not in the native language yet")),
        };
        match kwargs.first() {
            None if counts.contains(&args.len()) => Ok(Expr::Builtin(builtin, args)),
            None => Err(format!("{name} with {} arguments is not in the native language yet", args.len())),
            Some((keyword, _)) => Err(format!("{name} with {keyword}= is not in the native language yet")),
        }
    }
}

fn print(args: Vec<Atom>, kwargs: Vec<(String, Atom)>) -> Result<Expr, Refused> {
    let (mut sep, mut end) = (None, None);
    for (keyword, value) in kwargs {
        match keyword.as_str() {
            "sep" => sep = Some(value),
            "end" => end = Some(value),
            _ => return Err(format!("print with {keyword}= is not in the native language yet")),
        }
    }
    Ok(Expr::Print { args, sep, end })
}

fn method_call(
    object: &Atom,
    method: &str,
    args: Vec<Atom>,
    kwargs: &[(String, Atom)],
    observed: Ty,
) -> Result<Expr, Refused> {
    let object = object.clone();
    match (method, args.as_slice(), kwargs) {
        ("append", [item], []) => Ok(Expr::Append(object, item.clone())),
        ("get", [key], []) => Ok(Expr::Get(object, key.clone(), Atom::Const(Const::None), observed)),
        ("get", [key, default], []) => Ok(Expr::Get(object, key.clone(), default.clone(), observed)),
        _ => Err(format!("the method {method} is not in the native language yet")),
    }
}

/// Arguments in the order of the parameters, or `None` where CPython raises TypeError.
fn bind(callee: &ir::Function, args: Vec<Atom>, kwargs: Vec<(String, Atom)>) -> Option<Vec<Atom>> {
    let mut bound: Vec<Option<Atom>> = args.into_iter().map(Some).collect();
    if bound.len() > callee.params.len() {
        return None;
    }
    bound.resize(callee.params.len(), None);
    for (name, value) in kwargs {
        let position = callee.params.iter().position(|param| param.name == name)?;
        if bound[position].replace(value).is_some() {
            return None;
        }
    }
    bound
        .into_iter()
        .zip(&callee.params)
        .map(|(arg, param)| match (arg, &param.default) {
            (Some(arg), _) => Some(arg),
            (None, Some(Const::BigInt(_)) | None) => None,
            (None, Some(default)) => Some(Atom::Const(default.clone())),
        })
        .collect()
}
