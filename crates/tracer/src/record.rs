//! From a normal form and observations to a trace.
//!
//! In: a [`Module`] and the [`Observations`] of one or more invocations. Out: a [`Trace`] in which
//! every branch that was never entered is a hole and every function that was never called a single one.
//! After it: the trace needs neither the source nor the normal form to be compiled or printed.

use upshift_frontend::normal::{self, Expr, Function, Module, ParamDefault, ParamKind, StmtKind};
use upshift_ir::{self as ir, FunctionId, GlobalValue, SiteId, TRACE_VERSION, Trace, TypeSet};

use crate::Observations;

/// Why a module cannot be traced at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Untraceable {
    /// A sentence part.
    pub reason: String,
    /// The source line, where there is one.
    pub line: Option<u32>,
}

/// The function that invocations call: a normalised top-level function of that name, defined once, with one plain parameter.
pub fn entry(module: &Module, main: &str) -> Result<FunctionId, Untraceable> {
    let untraceable = |reason: String, line| Err(Untraceable { reason, line });
    let mut found = module.functions.iter().filter(|f| f.parent.is_none() && f.name == main);
    let Some(function) = found.next() else {
        return untraceable(format!("{main} is not a plain function at the module's top level"), None);
    };
    let line = Some(function.span.line);
    if found.next().is_some() || !module.globals.bound_once.contains(&function.name) {
        return untraceable(format!("{main} is bound more than once"), line);
    }
    match function.params.as_slice() {
        [param] if param.kind == ParamKind::Plain => Ok(function.id),
        _ => untraceable(format!("{main} does not take exactly one plain parameter"), line),
    }
}

/// Cuts `module` down to what `observations` saw.
pub fn trace(module: &Module, entry: FunctionId, source: &str, observations: &Observations, invocations: u64) -> Trace {
    let recorder = Record { module, seen: observations };
    let functions = module.functions.iter().map(|function| recorder.function(function)).collect();
    Trace { version: TRACE_VERSION, source: source.to_owned(), invocations, entry, functions }
}

struct Record<'a> {
    module: &'a Module,
    seen: &'a Observations,
}

impl Record<'_> {
    fn function(&self, function: &Function) -> ir::Function {
        let params = function
            .params
            .iter()
            .map(|param| ir::Param {
                name: param.name.clone(),
                site: param.site,
                seen: self.types(param.site),
                default: match &param.default {
                    ParamDefault::Const(constant) => Some(constant.clone()),
                    ParamDefault::None | ParamDefault::Other => None,
                },
            })
            .collect();
        let body = if !self.hit(function.site) {
            hole(function.site, function.span.line)
        } else if let Some(reason) = unusual_signature(function) {
            vec![ir::Stmt { line: function.span.line, kind: ir::StmtKind::Opaque { reason } }]
        } else {
            self.block(function, &function.body)
        };
        ir::Function {
            id: function.id,
            name: function.name.clone(),
            line: function.span.line,
            parent: function.parent,
            params,
            locals: function.locals.clone(),
            free: function.free.clone(),
            nonlocals: function.nonlocals.clone(),
            body,
        }
    }

    fn block(&self, function: &Function, block: &[normal::Stmt]) -> ir::Block {
        block.iter().map(|stmt| ir::Stmt { line: stmt.span.line, kind: self.stmt(function, stmt) }).collect()
    }

    fn branch(&self, function: &Function, block: &[normal::Stmt], site: SiteId, line: u32) -> ir::Block {
        if self.hit(site) { self.block(function, block) } else { hole(site, line) }
    }

    fn stmt(&self, function: &Function, stmt: &normal::Stmt) -> ir::StmtKind {
        let line = stmt.span.line;
        match &stmt.kind {
            StmtKind::Assign { target, .. } | StmtKind::Update { target, .. } if function.globals.contains(target) => {
                ir::StmtKind::Opaque { reason: format!("it assigns the module-level name {target}") }
            }
            StmtKind::Assign { target, value, site } => {
                let value = self.expr(value, *site);
                let name = target.clone();
                if function.temporaries.contains(target) {
                    ir::StmtKind::Let { name, value }
                } else {
                    ir::StmtKind::Set { name, value }
                }
            }
            StmtKind::Update { target, op, value, site } => match atom(value) {
                Ok(value) => ir::StmtKind::Update { name: target.clone(), op: *op, value, site: *site },
                Err(reason) => ir::StmtKind::Opaque { reason },
            },
            StmtKind::SetItem { object, index, value, site } => {
                match atom(object).and_then(|object| Ok((object, atom(index)?, atom(value)?))) {
                    Ok((object, index, value)) => ir::StmtKind::SetItem { object, index, value, site: *site },
                    Err(reason) => ir::StmtKind::Opaque { reason },
                }
            }
            StmtKind::If { test, then, then_site, orelse, else_site } => match atom(test) {
                Ok(test) => ir::StmtKind::If {
                    test,
                    then: self.branch(function, then, *then_site, line),
                    orelse: self.branch(function, orelse, *else_site, line),
                },
                Err(reason) => ir::StmtKind::Opaque { reason },
            },
            StmtKind::While { next, body, body_site } => ir::StmtKind::While {
                next: next.as_ref().map(|next| ir::Next {
                    item: next.item.clone(),
                    iter: next.iter.clone(),
                    site: next.site,
                    seen: self.types(next.site),
                }),
                body: self.branch(function, body, *body_site, line),
            },
            StmtKind::Break => ir::StmtKind::Break,
            StmtKind::Continue => ir::StmtKind::Continue,
            StmtKind::Return { value } => match atom(value) {
                Ok(value) => ir::StmtKind::Return { value },
                Err(reason) => ir::StmtKind::Opaque { reason },
            },
            StmtKind::Def { function } => {
                ir::StmtKind::Def { name: self.module.functions[function.0 as usize].name.clone(), function: *function }
            }
            StmtKind::Raise { .. } => ir::StmtKind::Raise,
            StmtKind::Unpack { site, .. } if !self.hit(*site) => ir::StmtKind::Unknown { site: *site },
            StmtKind::Unpack { .. } => {
                ir::StmtKind::Opaque { reason: "unpacking a sequence is not in the native language yet".to_owned() }
            }
            StmtKind::Opaque { site, .. } if !self.hit(*site) => ir::StmtKind::Unknown { site: *site },
            StmtKind::Opaque { reason, .. } => ir::StmtKind::Opaque { reason: reason.clone() },
        }
    }

    fn expr(&self, value: &Expr, site: SiteId) -> ir::Expr {
        let kind = self.expr_kind(value, site).unwrap_or_else(|reason| ir::ExprKind::Opaque { reason });
        ir::Expr { site, seen: self.types(site), kind }
    }

    /// The application, or why it is opaque.
    fn expr_kind(&self, value: &Expr, site: SiteId) -> Result<ir::ExprKind, String> {
        Ok(match value {
            Expr::Atom(value) => ir::ExprKind::Atom { value: atom(value)? },
            Expr::Global(name) => ir::ExprKind::Global { name: name.clone(), held: self.held(name, site)? },
            Expr::Binary(operator, left, right) => {
                ir::ExprKind::BinOp { operator: *operator, left: atom(left)?, right: atom(right)? }
            }
            Expr::Compare(operator, left, right) => {
                ir::ExprKind::Compare { operator: *operator, left: atom(left)?, right: atom(right)? }
            }
            Expr::Unary(operator, operand) => ir::ExprKind::UnOp { operator: *operator, operand: atom(operand)? },
            Expr::Index(object, index) => ir::ExprKind::Index { object: atom(object)?, index: atom(index)? },
            Expr::Attr(object, name) => ir::ExprKind::Attr { object: atom(object)?, name: name.clone() },
            Expr::Call { callee, args, kwargs } => ir::ExprKind::Call {
                callee: match callee {
                    normal::Callee::Var(name) => ir::Callee::Var(name.clone()),
                    normal::Callee::Global(name) => {
                        ir::Callee::Global { name: name.clone(), held: self.held(name, site)? }
                    }
                    normal::Callee::Method(object, name) => {
                        ir::Callee::Method { object: atom(object)?, name: name.clone() }
                    }
                },
                args: atoms(args)?,
                kwargs: kwargs
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), atom(value)?)))
                    .collect::<Result<_, String>>()?,
            },
            Expr::List(items) => ir::ExprKind::List { items: atoms(items)? },
            Expr::Tuple(_) => return Err("a tuple is not in the native language yet".to_owned()),
            Expr::Dict(items) => ir::ExprKind::Dict {
                items: items
                    .iter()
                    .map(|(key, value)| Ok((atom(key)?, atom(value)?)))
                    .collect::<Result<_, String>>()?,
            },
            Expr::Format(parts) => {
                ir::ExprKind::Format { parts: parts.iter().map(format_part).collect::<Result<_, String>>()? }
            }
            Expr::Iter(object) => ir::ExprKind::Iter { object: atom(object)? },
            Expr::Opaque { reason, .. } => return Err(reason.clone()),
        })
    }

    fn hit(&self, site: SiteId) -> bool {
        self.seen.hits.contains(&site)
    }

    fn types(&self, site: SiteId) -> TypeSet {
        self.seen.types.get(&site).cloned().unwrap_or_default()
    }

    /// What `name` held, if native code may rely on it: the same in every process, and rebound by nobody.
    fn held(&self, name: &String, site: SiteId) -> Result<Vec<GlobalValue>, String> {
        let held = self.seen.globals.get(&site).cloned().unwrap_or_default();
        let globals = &self.module.globals;
        if let Some((escape, line)) = &globals.escape {
            return Err(format!("the module uses {escape} (line {line}), which can rebind the name {name}"));
        }
        for value in &held {
            let relied_on = match value {
                GlobalValue::Const(_) => globals.constants.contains(name),
                GlobalValue::Function(_) => globals.bound_once.contains(name),
                GlobalValue::Builtin(_) => !globals.bound.contains(name),
                GlobalValue::Other(_) => true,
            };
            if !relied_on {
                return Err(format!(
                    "the module-level name {name} is not a constant: it is assigned more than once, or computed"
                ));
            }
        }
        Ok(held)
    }
}

fn hole(site: SiteId, line: u32) -> ir::Block {
    vec![ir::Stmt { line, kind: ir::StmtKind::Unknown { site } }]
}

/// Why the native language cannot call such a function yet.
fn unusual_signature(function: &Function) -> Option<String> {
    function.params.iter().find_map(|param| match (param.kind, &param.default) {
        (ParamKind::Plain, ParamDefault::None | ParamDefault::Const(_)) => None,
        (ParamKind::Plain, ParamDefault::Other) => {
            Some(format!("the default of parameter {} is no constant", param.name))
        }
        _ => Some(format!("parameter {} is not a plain one", param.name)),
    })
}

fn atoms(atoms: &[normal::Atom]) -> Result<Vec<ir::Atom>, String> {
    atoms.iter().map(atom).collect()
}

fn atom(atom: &normal::Atom) -> Result<ir::Atom, String> {
    match atom {
        normal::Atom::Var(name) => Ok(ir::Atom::Var(name.clone())),
        normal::Atom::Const(constant) => Ok(ir::Atom::Const(constant.clone())),
        normal::Atom::Literal(_) => Err("such a literal is not in the native language yet".to_owned()),
    }
}

fn format_part(part: &normal::FormatPart) -> Result<ir::FormatPart, String> {
    Ok(match part {
        normal::FormatPart::Text(text) => ir::FormatPart::Text(text.clone()),
        normal::FormatPart::Value { value, conversion, spec } => {
            ir::FormatPart::Value { value: atom(value)?, conversion: *conversion, spec: spec.clone() }
        }
    })
}
