//! Lowers calls: binds arguments to parameters, inlines, and knows the built-ins that have code of their own.

use upshift_ir::{self as ir, Const, FunctionId};

use super::body::{Body, Callable, Refused};
use super::global::Held;
use crate::Ty;
use crate::program::{Atom, BailKind, Block, Builtin, Expr, Frame, Stmt, StmtKind};

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
        let observed = Ty::observed(&value.seen);
        let held = match callee {
            ir::Callee::Var(variable) => match self.callable(scope, variable) {
                Some(callable) => Held::Callable(callable),
                None => Held::Value(Expr::Atom(self.atom(scope, &ir::Atom::Var(variable.clone()))?)),
            },
            ir::Callee::Global { name } => self.global(name)?,
            ir::Callee::Method { object: ir::Atom::Var(object), name: method } => match self.callable(scope, object) {
                Some(Callable::Module(module)) => self.of_module(&module, method)?,
                Some(Callable::Library(class)) if self.variable(scope, object).is_err() => {
                    self.library(&format!("{class}.{method}"))?
                }
                _ => {
                    let object = self.atom(scope, &ir::Atom::Var(object.clone()))?;
                    return self.call_method(scope, name, object, method, args, kwargs, observed, line, out);
                }
            },
            ir::Callee::Method { object, name: method } => {
                let object = self.atom(scope, object)?;
                return self.call_method(scope, name, object, method, args, kwargs, observed, line, out);
            }
        };
        let args = self.atoms(scope, args)?;
        let kwargs = self.keywords(scope, kwargs)?;
        let lowered = match held {
            Held::Nothing => {
                out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) });
                return Ok(());
            }
            Held::Callable(Callable::Function(id)) => {
                return self.call_function(scope, name, id, args, kwargs, observed, line, out);
            }
            Held::Callable(Callable::Library(qualified)) => self.call_library(qualified, args, kwargs, observed),
            Held::Callable(Callable::Loaded(method)) => {
                let ir::Callee::Var(variable) = callee else { return Err("a method has no name".to_owned()) };
                Expr::CallLoaded(self.variable(scope, variable)?, method, args, kwargs, observed)
            }
            Held::Callable(Callable::Module(module)) => return Err(format!("the module {module} is called")),
            Held::Value(Expr::Atom(callee)) => Expr::CallValue(callee, args, kwargs, observed),
            Held::Value(callee) => {
                let held = self.fresh(&format!("{name}_fn"));
                out.push(Stmt { line, kind: StmtKind::Assign(held, callee) });
                Expr::CallValue(Atom::Var(held), args, kwargs, observed)
            }
        };
        let target = self.variable(scope, name)?;
        out.push(Stmt { line, kind: StmtKind::Assign(target, lowered) });
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn call_method(
        &mut self,
        scope: FunctionId,
        name: &str,
        object: Atom,
        method: &str,
        args: &[ir::Atom],
        kwargs: &[(String, ir::Atom)],
        observed: Ty,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        let args = self.atoms(scope, args)?;
        let kwargs = self.keywords(scope, kwargs)?;
        let value = Expr::CallMethod(object, method.to_owned(), args, kwargs, observed);
        let target = self.variable(scope, name)?;
        out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
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
        observed: Ty,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        let callee = self.lower.ir(id);
        if let [ir::Stmt { kind: ir::StmtKind::Opaque { reason }, .. }] = callee.body.as_slice() {
            return Err(format!("{} stays in Python: {reason}", callee.name));
        }
        let target = self.variable(scope, name)?;
        let plain =
            callee.params.iter().all(|param| matches!(param.kind, ir::ParamKind::Plain | ir::ParamKind::Positional));
        let bound = if plain { bind(callee, &args, &kwargs) } else { None };
        let Some(bound) = bound else {
            if callee.parent.is_some() {
                out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) });
                return Ok(());
            }
            // The runtime binds the arguments, or raises.
            let held = self.fresh(&format!("{name}_fn"));
            let object = self.function_object(id)?;
            out.push(Stmt { line, kind: StmtKind::Assign(held, Expr::Global(object)) });
            let value = Expr::CallValue(Atom::Var(held), args, kwargs, observed);
            out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
            return Ok(());
        };
        if self.lower.plan.inline.contains(&id) {
            return self.inline(callee, target, bound, line, out);
        }
        let mut arguments: Vec<crate::program::Argument> =
            bound.into_iter().map(crate::program::Argument::Value).collect();
        arguments.extend(self.captures(id));
        self.lower.call(id);
        out.push(Stmt { line, kind: StmtKind::Assign(target, Expr::Call(id, arguments, observed)) });
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
        out.push(Stmt { line, kind: StmtKind::Enter(Frame::Call) });
        self.enter_scope(callee.id);
        for (param, arg) in callee.params.iter().zip(args) {
            let variable = self.declare(callee.id, &param.name);
            out.push(Stmt { line, kind: StmtKind::Assign(variable, Expr::Atom(arg)) });
        }
        let start = out.len();
        self.block(callee.id, &callee.body, out);
        for stmt in &mut out[start..] {
            if let StmtKind::Return(value) = &stmt.kind {
                stmt.kind = StmtKind::Assign(target, Expr::Atom(value.clone()));
            }
        }
        out.push(Stmt { line, kind: StmtKind::Leave(Frame::Call) });
        Ok(())
    }

    /// A call of a library's function, by code of its own where that is quicker.
    fn call_library(&mut self, qualified: String, args: Vec<Atom>, kwargs: Vec<(String, Atom)>, observed: Ty) -> Expr {
        let (builtin, counts) = match qualified.as_str() {
            "print" => match print(&args, &kwargs) {
                Some(print) => return print,
                None => return Expr::CallLibrary(qualified, args, kwargs, observed),
            },
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
            "isinstance" => (Builtin::IsInstance, 2..=2),
            _ => return Expr::CallLibrary(qualified, args, kwargs, observed),
        };
        match kwargs.is_empty() && counts.contains(&args.len()) {
            true => Expr::Builtin(builtin, args),
            false => Expr::CallLibrary(qualified, args, kwargs, observed),
        }
    }
}

fn print(args: &[Atom], kwargs: &[(String, Atom)]) -> Option<Expr> {
    let (mut sep, mut end) = (None, None);
    for (keyword, value) in kwargs {
        match (keyword.as_str(), value) {
            ("sep", Atom::Const(Const::Str(_) | Const::None)) => sep = Some(value.clone()),
            ("end", Atom::Const(Const::Str(_) | Const::None)) => end = Some(value.clone()),
            _ => return None,
        }
    }
    Some(Expr::Print { args: args.to_vec(), sep, end })
}

/// Arguments in the order of the parameters, or `None` where that is not plain.
fn bind(callee: &ir::Function, args: &[Atom], kwargs: &[(String, Atom)]) -> Option<Vec<Atom>> {
    let mut bound: Vec<Option<Atom>> = args.iter().cloned().map(Some).collect();
    if bound.len() > callee.params.len() {
        return None;
    }
    bound.resize(callee.params.len(), None);
    for (name, value) in kwargs {
        let position = callee.params.iter().position(|param| param.name == *name)?;
        if callee.params[position].kind == ir::ParamKind::Positional || bound[position].replace(value.clone()).is_some()
        {
            return None;
        }
    }
    bound
        .into_iter()
        .zip(&callee.params)
        .map(|(arg, param)| match (arg, &param.default) {
            (Some(arg), _) => Some(arg),
            (None, Some(ir::ParamDefault::Const(default))) => Some(Atom::Const(default.clone())),
            (None, _) => None,
        })
        .collect()
}
