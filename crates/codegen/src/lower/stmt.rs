//! Lowers statements.

use upshift_ir::{self as ir, ExprKind, FunctionId};

use super::body::{Body, Callable, Refused};
use super::global::Held;
use crate::Ty;
use crate::nested::Home;
use crate::program::{Argument, Atom, BailKind, Block, Expr, Frame, Handler, Next, Stmt, StmtKind, Try};

impl Body<'_, '_> {
    pub(super) fn stmt(&mut self, scope: FunctionId, stmt: &ir::Stmt, out: &mut Block) -> Result<(), Refused> {
        let line = stmt.line;
        let kind = match &stmt.kind {
            ir::StmtKind::Let { name, value } | ir::StmtKind::Set { name, value } => {
                let temporary = matches!(stmt.kind, ir::StmtKind::Let { .. });
                return self.assign(scope, name, value, temporary, line, out);
            }
            ir::StmtKind::Update { name, op, value, .. } => {
                StmtKind::Update(self.variable(scope, name)?, *op, self.atom(scope, value)?)
            }
            ir::StmtKind::SetItem { object, index, value, .. } => StmtKind::SetItem {
                object: self.atom(scope, object)?,
                index: self.atom(scope, index)?,
                value: self.atom(scope, value)?,
            },
            ir::StmtKind::SetAttr { object, name, value } => {
                StmtKind::SetAttr(self.atom(scope, object)?, name.clone(), self.atom(scope, value)?)
            }
            ir::StmtKind::SetGlobal { name, value } => {
                let value = self.atom(scope, value)?;
                let number = self.lower.variables.iter().position(|(known, _)| known == name);
                StmtKind::SetVariable(number.ok_or_else(|| format!("{name} is no variable"))?, value)
            }
            ir::StmtKind::DelItem { object, index } => {
                StmtKind::DelItem(self.atom(scope, object)?, self.atom(scope, index)?)
            }
            ir::StmtKind::DelAttr { object, name } => StmtKind::DelAttr(self.atom(scope, object)?, name.clone()),
            ir::StmtKind::DelVar { name } => StmtKind::DelVar(self.variable(scope, name)?),
            ir::StmtKind::Fresh { name } => StmtKind::Fresh(self.variable(scope, name)?),
            ir::StmtKind::Push { object, value } => StmtKind::Push(self.atom(scope, object)?, self.atom(scope, value)?),
            ir::StmtKind::Unpack { names, star, value, seen } => {
                let value = self.atom(scope, value)?;
                let targets = names.iter().map(|name| self.variable(scope, name)).collect::<Result<_, _>>()?;
                StmtKind::Unpack(targets, *star, value, seen.iter().map(Ty::observed).collect())
            }
            ir::StmtKind::If { test, then, orelse } => {
                let test = self.atom(scope, test)?;
                StmtKind::If(test, self.nested(scope, then), self.nested(scope, orelse))
            }
            ir::StmtKind::While { next, body } => {
                let in_place = next.as_ref().is_some_and(|next| self.lower.is_in_place(scope, &next.iter));
                let next = match next {
                    Some(next) => Some(Next {
                        item: self.variable(scope, &next.item)?,
                        iter: self.variable(scope, &next.iter)?,
                        observed: Ty::observed(&next.seen),
                        pair: None,
                    }),
                    None => None,
                };
                let looped = StmtKind::Loop(next, self.nested(scope, body));
                if in_place {
                    let kinds = [StmtKind::Enter(Frame::Generator), looped, StmtKind::Leave(Frame::Generator)];
                    out.extend(kinds.map(|kind| Stmt { line, kind }));
                    return Ok(());
                }
                looped
            }
            ir::StmtKind::Break => StmtKind::Break,
            ir::StmtKind::Continue => StmtKind::Continue,
            ir::StmtKind::Return { value } => StmtKind::Return(self.atom(scope, value)?),
            ir::StmtKind::Def { name, function, defaults } => {
                return self.define(scope, name, *function, defaults, line, out);
            }
            ir::StmtKind::Class { name, body, bases, keywords } => {
                if !keywords.is_empty() {
                    return Err("a class statement with keywords is not in the native language yet".to_owned());
                }
                let arguments = self.captures(*body);
                self.lower.call(*body);
                let bases = self.atoms(scope, bases)?;
                let qualname = self.lower.ir(*body).qualname.clone();
                let own = qualname.rsplit('.').next().unwrap_or(&qualname).to_owned();
                let value = Expr::Class(own, qualname, *body, arguments, bases);
                StmtKind::Assign(self.variable(scope, name)?, value)
            }
            ir::StmtKind::Raise { exception, cause } => {
                let exception = exception.as_ref().map(|atom| self.atom(scope, atom)).transpose()?;
                let cause = cause.as_ref().map(|atom| self.atom(scope, atom)).transpose()?;
                StmtKind::Raise(exception, cause)
            }
            ir::StmtKind::Try { body, handlers, orelse, finally } => {
                let body = self.nested(scope, body);
                let before = std::mem::replace(&mut self.assumed, true);
                let handlers = handlers.iter().map(|handler| self.handler(scope, handler)).collect::<Result<_, _>>();
                self.assumed = before;
                let orelse = self.nested(scope, orelse);
                let finally = self.nested(scope, finally);
                StmtKind::Try(Box::new(Try { body, handlers: handlers?, orelse, finally }))
            }
            ir::StmtKind::With { context, name, body } => {
                let context = self.atom(scope, context)?;
                let target = self.variable(scope, name)?;
                StmtKind::With(context, target, self.nested(scope, body))
            }
            ir::StmtKind::Unknown { .. } => StmtKind::Bail(BailKind::Branch),
            ir::StmtKind::Opaque { reason } => return Err(reason.clone()),
        };
        out.push(Stmt { line, kind });
        Ok(())
    }

    /// A block that may not run: what it imports is known in it alone.
    fn nested(&mut self, scope: FunctionId, block: &ir::Block) -> Block {
        let mut out = Block::new();
        let before = std::mem::take(&mut self.imported);
        self.depth += 1;
        self.block(scope, block, &mut out);
        self.depth -= 1;
        for key in std::mem::replace(&mut self.imported, before) {
            self.callables.remove(&key);
        }
        out
    }

    fn handler(&mut self, scope: FunctionId, handler: &ir::Handler) -> Result<Handler, Refused> {
        let before = self.nested(scope, &handler.before);
        let class = handler.class.as_ref().map(|class| self.atom(scope, class)).transpose()?;
        let name = handler.name.as_ref().map(|name| self.variable(scope, name)).transpose()?;
        Ok(Handler { line: handler.line, before, class, name, body: self.nested(scope, &handler.body) })
    }

    fn define(
        &mut self,
        scope: FunctionId,
        name: &str,
        function: FunctionId,
        defaults: &[(String, ir::Atom)],
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        if !self.lower.plan.objects.contains(&function) {
            return Ok(());
        }
        let value = self.closure(scope, function, defaults)?;
        let target = self.variable(scope, name)?;
        out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
        Ok(())
    }

    /// The object of a function, made where control is now.
    pub(super) fn closure(
        &mut self,
        scope: FunctionId,
        function: FunctionId,
        defaults: &[(String, ir::Atom)],
    ) -> Result<Expr, Refused> {
        self.lower.object(function);
        let params = &self.lower.ir(function).params;
        let mut values = Vec::new();
        for (at, param) in params.iter().enumerate() {
            let computed = defaults.iter().find(|(name, _)| *name == param.name);
            match (computed, &param.default) {
                (Some((_, value)), _) => values.push((at, self.atom(scope, value)?)),
                (None, Some(ir::ParamDefault::Const(constant))) => values.push((at, Atom::Const(constant.clone()))),
                (None, Some(ir::ParamDefault::Computed)) => {
                    return Err(format!("the default of parameter {} is not known", param.name));
                }
                (None, None) => {}
            }
        }
        let captures = self.lower.plan.captures.get(&function).cloned().unwrap_or_default();
        let cells = captures.iter().map(|(owner, name)| self.captured(*owner, name)).collect();
        Ok(Expr::Closure(function, values, cells))
    }

    /// What a function that is no object gets of the variables around it.
    pub(super) fn captures(&mut self, function: FunctionId) -> Vec<Argument> {
        let captures = self.lower.plan.captures.get(&function).cloned().unwrap_or_default();
        captures
            .iter()
            .map(|(owner, name)| {
                let variable = self.captured(*owner, name);
                match self.vars[variable.0].cell {
                    true => Argument::Cell(variable),
                    false => Argument::Value(Atom::Var(variable)),
                }
            })
            .collect()
    }

    fn assign(
        &mut self,
        scope: FunctionId,
        name: &str,
        value: &ir::Expr,
        temporary: bool,
        line: u32,
        out: &mut Block,
    ) -> Result<(), Refused> {
        if let ExprKind::Call { callee, args, kwargs } = &value.kind {
            return self.call(scope, name, callee, args, kwargs, value, line, out);
        }
        let key = (scope, name.to_owned());
        let facts = self.lower.facts(scope);
        let once = facts.assigned.get(name) == Some(&1);
        let only_called = temporary && once && !facts.read.contains(name);
        let held = match &value.kind {
            ExprKind::Atom { value: ir::Atom::Var(from) } => {
                if matches!(self.callables.get(&key), Some(Callable::Function(_))) {
                    return Ok(());
                }
                match self.callable(scope, from) {
                    Some(callable @ (Callable::Module(_) | Callable::Library(_))) if once => {
                        // A copy of what stands for something known stands for it too.
                        let nested = matches!(
                            self.lower.plan.home(self.lower.trace, self.lower.ir(scope), from),
                            Some(Home::Function(_))
                        );
                        if nested || self.atom(scope, &ir::Atom::Var(from.clone())).is_err() {
                            Held::Callable(callable)
                        } else {
                            Held::Value(Expr::Atom(self.atom(scope, &ir::Atom::Var(from.clone()))?))
                        }
                    }
                    _ => Held::Value(self.expr(scope, value)?),
                }
            }
            ExprKind::Global { name: global } => match self.global(global)? {
                Held::Value(Expr::Variable(number, _)) => {
                    Held::Value(Expr::Variable(number, Ty::observed(&value.seen)))
                }
                held => held,
            },
            ExprKind::Intrinsic { name } => self.library(name)?,
            ExprKind::Import { module, name: None } => {
                let bound = module.split('.').next().unwrap_or(module);
                Held::Callable(Callable::Module(if name == bound { bound.to_owned() } else { module.clone() }))
            }
            ExprKind::Import { module, name: Some(attribute) } => self.of_module(module, attribute)?,
            ExprKind::Attr { object: ir::Atom::Var(object), name: attribute } => {
                match self.callable(scope, object) {
                    Some(Callable::Module(module)) => self.of_module(&module, attribute)?,
                    _ if only_called => {
                        // Arguments evaluated after this may rebind the variable; the method is looked up now.
                        let object = self.atom(scope, &ir::Atom::Var(object.clone()))?;
                        let target = self.variable(scope, name)?;
                        let value = Expr::LoadMethod(object, attribute.clone());
                        out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
                        self.callables.insert(key, Callable::Loaded(attribute.clone()));
                        return Ok(());
                    }
                    _ => Held::Value(self.expr(scope, value)?),
                }
            }
            _ => Held::Value(self.expr(scope, value)?),
        };
        match held {
            Held::Value(value) => {
                let target = self.variable(scope, name)?;
                self.vars[target.0].temporary |= temporary;
                out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
            }
            Held::Callable(callable) => {
                let import = matches!(value.kind, ExprKind::Import { .. });
                let module = matches!(callable, Callable::Module(_));
                if (temporary || import || module) && once {
                    self.callables.insert(key.clone(), callable.clone());
                    let known = import && self.import(key.clone(), &callable);
                    if only_called || module || known && !self.is_value_used(scope, name) {
                        return Ok(());
                    }
                }
                self.callables.remove(&key);
                let value = self.value_of(&callable)?;
                let target = self.variable(scope, name)?;
                out.push(Stmt { line, kind: StmtKind::Assign(target, value) });
                if temporary && once {
                    self.callables.insert((scope, name.to_owned()), callable);
                }
            }
            Held::Nothing => out.push(Stmt { line, kind: StmtKind::Bail(BailKind::Exception) }),
        }
        Ok(())
    }

    /// Notes what an import binds; whether that is known wherever it is read.
    fn import(&mut self, key: (FunctionId, String), callable: &Callable) -> bool {
        let (scope, lower) = (key.0, &mut *self.lower);
        // A nested function that exists already could be called before.
        let early = lower.queued.iter().any(|queued| lower.is_within(*queued, scope));
        let known = self.depth == 0 && !early;
        if known {
            lower.imports.insert(key, callable.clone());
        } else {
            self.imported.push(key);
        }
        known
    }

    /// Whether the function or one nested in it reads `name` as a value.
    fn is_value_used(&self, scope: FunctionId, name: &str) -> bool {
        let nested = self
            .lower
            .trace
            .functions
            .iter()
            .filter(|function| function.id == scope || function.free.iter().any(|free| free == name));
        nested.into_iter().any(|function| self.lower.facts(function.id).read.contains(name))
    }
}
