//! Lowers applications other than calls.

use upshift_ir::{self as ir, ExprKind, FunctionId};

use super::body::{Body, Callable, Refused};
use super::global::Held;
use crate::Ty;
use crate::program::{Expr, FormatPart, SpreadArgument, SpreadCallee};

impl Body<'_, '_> {
    pub(super) fn expr(&mut self, scope: FunctionId, value: &ir::Expr) -> Result<Expr, Refused> {
        let observed = Ty::observed(&value.seen);
        Ok(match &value.kind {
            ExprKind::Atom { value } => Expr::Atom(self.atom(scope, value)?),
            ExprKind::BinOp { operator, left, right } => {
                Expr::Binary(*operator, self.atom(scope, left)?, self.atom(scope, right)?)
            }
            ExprKind::Compare { operator, left, right } => {
                Expr::Compare(*operator, self.atom(scope, left)?, self.atom(scope, right)?)
            }
            ExprKind::UnOp { operator, operand } => Expr::Unary(*operator, self.atom(scope, operand)?),
            ExprKind::Index { object, index } => {
                Expr::Index(self.atom(scope, object)?, self.atom(scope, index)?, observed)
            }
            ExprKind::Attr { object, name } => Expr::Attr(self.atom(scope, object)?, name.clone(), observed),
            ExprKind::List { items } => Expr::List(self.atoms(scope, items)?),
            ExprKind::Tuple { items } => Expr::Tuple(self.atoms(scope, items)?),
            ExprKind::Set { items } => Expr::Set(self.atoms(scope, items)?),
            ExprKind::Spread { container, items } => Expr::Spread(
                *container,
                items
                    .iter()
                    .map(|(star, item)| Ok((*star, self.atom(scope, item)?)))
                    .collect::<Result<_, Refused>>()?,
            ),
            ExprKind::Dict { items } => Expr::Dict(
                items
                    .iter()
                    .map(|(key, value)| Ok((self.atom(scope, key)?, self.atom(scope, value)?)))
                    .collect::<Result<_, Refused>>()?,
            ),
            ExprKind::DictSpread { items } => Expr::DictSpread(
                items
                    .iter()
                    .map(|(key, value)| {
                        let key = key.as_ref().map(|key| self.atom(scope, key)).transpose()?;
                        Ok((key, self.atom(scope, value)?))
                    })
                    .collect::<Result<_, Refused>>()?,
            ),
            ExprKind::Slice { start, stop, step } => {
                Expr::Slice(self.atom(scope, start)?, self.atom(scope, stop)?, self.atom(scope, step)?)
            }
            ExprKind::GetSlice { object, start, stop, step } => Expr::GetSlice(
                self.atom(scope, object)?,
                self.atom(scope, start)?,
                self.atom(scope, stop)?,
                self.atom(scope, step)?,
            ),
            ExprKind::Format { parts } => {
                Expr::Format(parts.iter().map(|part| self.format_part(scope, part)).collect::<Result<_, Refused>>()?)
            }
            ExprKind::Iter { object } => Expr::Iter(self.atom(scope, object)?),
            ExprKind::Closure { function, defaults } => self.closure(scope, *function, defaults)?,
            ExprKind::Super { class, object } => Expr::Super(self.atom(scope, class)?, self.atom(scope, object)?),
            ExprKind::Yield { value } => Expr::Yield(self.atom(scope, value)?),
            ExprKind::YieldFrom { value } => Expr::YieldFrom(self.atom(scope, value)?),
            ExprKind::CallSpread { callee, args } => self.call_spread(scope, callee, args)?,
            ExprKind::Opaque { reason } => return Err(reason.clone()),
            ExprKind::Global { .. } | ExprKind::Intrinsic { .. } | ExprKind::Import { .. } | ExprKind::Call { .. } => {
                unreachable!("assignments of these are lowered by name")
            }
        })
    }

    fn call_spread(&mut self, scope: FunctionId, callee: &ir::Callee, args: &[ir::Argument]) -> Result<Expr, Refused> {
        let callee = match callee {
            ir::Callee::Method { object: ir::Atom::Var(object), name } => match self.callable(scope, object) {
                Some(Callable::Module(module)) => {
                    let held = self.of_module(&module, name)?;
                    self.spread_callee(held, name)?
                }
                _ => SpreadCallee::Method(self.atom(scope, &ir::Atom::Var(object.clone()))?, name.clone()),
            },
            ir::Callee::Method { object, name } => SpreadCallee::Method(self.atom(scope, object)?, name.clone()),
            ir::Callee::Var(name) => SpreadCallee::Value(self.atom(scope, &ir::Atom::Var(name.clone()))?),
            ir::Callee::Global { name } => {
                let held = self.global(name)?;
                self.spread_callee(held, name)?
            }
        };
        Ok(Expr::CallSpread(callee, self.spread_arguments(scope, args)?))
    }

    fn spread_callee(&mut self, held: Held, name: &str) -> Result<SpreadCallee, Refused> {
        Ok(match held {
            Held::Callable(Callable::Library(qualified)) => SpreadCallee::Library(qualified),
            Held::Callable(Callable::Function(id)) => SpreadCallee::Global(self.function_object(id)?),
            Held::Value(Expr::Global(index)) => SpreadCallee::Global(index),
            _ => return Err(format!("{name} cannot be called")),
        })
    }

    fn spread_arguments(&mut self, scope: FunctionId, args: &[ir::Argument]) -> Result<Vec<SpreadArgument>, Refused> {
        args.iter()
            .map(|arg| {
                Ok(match arg {
                    ir::Argument::Positional(value) => SpreadArgument::Positional(self.atom(scope, value)?),
                    ir::Argument::Star(value) => SpreadArgument::Star(self.atom(scope, value)?),
                    ir::Argument::Keyword(name, value) => {
                        SpreadArgument::Keyword(name.clone(), self.atom(scope, value)?)
                    }
                    ir::Argument::DoubleStar(value) => SpreadArgument::DoubleStar(self.atom(scope, value)?),
                })
            })
            .collect()
    }

    fn format_part(&mut self, scope: FunctionId, part: &ir::FormatPart) -> Result<FormatPart, Refused> {
        Ok(match part {
            ir::FormatPart::Text(text) => FormatPart::Text(text.clone()),
            ir::FormatPart::Value { value, conversion, spec } => {
                let spec = spec.as_ref().map(|spec| self.atom(scope, spec)).transpose()?;
                FormatPart::Value(self.atom(scope, value)?, *conversion, spec)
            }
        })
    }
}
