//! From a normal form and observations to a trace.
//!
//! In: a [`Module`] and the [`Observations`] of one or more invocations. Out: a [`Trace`] in which
//! every branch that was never entered is a hole and every function that was never called a single one.
//! After it: the trace needs neither the source nor the normal form to be compiled or printed.

use std::cell::Cell;
use std::collections::HashSet;

use upshift_frontend::normal::{self, Expr, Function, Module, ParamDefault, ParamKind, StmtKind};
use upshift_ir::{self as ir, FunctionId, GlobalValue, Node, SiteId, TRACE_VERSION, Trace, TypeSet};

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
    let recorder = Record {
        module,
        seen: observations,
        old: old(module, observations),
        reached: reached(module, observations),
        assumed: Cell::new(false),
    };
    let functions = module.functions.iter().map(|function| recorder.function(function)).collect();
    Trace {
        version: TRACE_VERSION,
        source: source.to_owned(),
        invocations,
        entry,
        functions,
        modules: module.linked.iter().map(|linked| linked.name.clone()).collect(),
        globals: observations.globals.clone(),
        image: observations.image.clone(),
        loaded: Some(observations.loaded),
        variables: crate::variables(module).into_iter().collect(),
        changes: false,
        wide: Default::default(),
        patterns: observations.patterns.clone(),
    }
}

/// Nested functions that exist since the module was loaded, with what nests in them: nothing records what those do.
fn old(module: &Module, observations: &Observations) -> HashSet<FunctionId> {
    let mut old: HashSet<FunctionId> = HashSet::new();
    let described = observations.image.iter().filter_map(|node| match node {
        Node::Function { function, .. } => Some(*function),
        _ => None,
    });
    let nested = |id: &FunctionId| module.functions.get(id.0 as usize).is_some_and(|known| known.parent.is_some());
    old.extend(described.filter(nested));
    // Parents come before their children.
    for function in &module.functions {
        if function.parent.is_some_and(|parent| old.contains(&parent)) {
            old.insert(function.id);
        }
    }
    old
}

/// Functions that names and objects lead to, with what nests in them: of linked modules, the trace has only these.
fn reached(module: &Module, observations: &Observations) -> HashSet<FunctionId> {
    let in_image = observations.image.iter().filter_map(|node| match node {
        Node::Function { function, .. } => Some(*function),
        _ => None,
    });
    let held = observations.globals.values().filter_map(|value| match value {
        GlobalValue::Function(function) => Some(*function),
        _ => None,
    });
    let mut reached: HashSet<FunctionId> = in_image.chain(held).collect();
    for function in &module.functions {
        if function.parent.is_some_and(|parent| reached.contains(&parent)) {
            reached.insert(function.id);
        }
    }
    reached
}

struct Record<'a> {
    module: &'a Module,
    seen: &'a Observations,
    /// See [`old`].
    old: HashSet<FunctionId>,
    /// See [`reached`].
    reached: HashSet<FunctionId>,
    /// Whether the statements at hand are a meaning, of which nothing is observed.
    assumed: Cell<bool>,
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
                kind: match param.kind {
                    ParamKind::PositionalOnly => ir::ParamKind::Positional,
                    ParamKind::Plain => ir::ParamKind::Plain,
                    ParamKind::Star => ir::ParamKind::Star,
                    ParamKind::KeywordOnly => ir::ParamKind::Keyword,
                    ParamKind::DoubleStar => ir::ParamKind::DoubleStar,
                },
                default: match &param.default {
                    ParamDefault::Const(constant) => Some(ir::ParamDefault::Const(constant.clone())),
                    ParamDefault::Other => Some(ir::ParamDefault::Computed),
                    ParamDefault::None => None,
                },
            })
            .collect();
        let unreached = self.module.linked.first().is_some_and(|linked| function.id.0 as usize >= linked.first)
            && !self.reached.contains(&function.id);
        let body = if unreached {
            hole(function.site, function.span.line)
        } else if !function.printed || self.old.contains(&function.id) {
            self.assuming(|this| this.block(function, &function.body))
        } else if !self.hit(function.site) {
            hole(function.site, function.span.line)
        } else {
            self.block(function, &function.body)
        };
        ir::Function {
            id: function.id,
            name: function.name.clone(),
            qualname: function.qualname.clone(),
            line: function.span.line,
            parent: function.parent,
            generator: function.generator,
            params,
            locals: function.locals.iter().cloned().chain(function.globals.iter().map(|name| variable(name))).collect(),
            free: function.free.clone(),
            nonlocals: function.nonlocals.clone(),
            body,
        }
    }

    fn assuming<T>(&self, lower: impl FnOnce(&Self) -> T) -> T {
        let before = self.assumed.replace(true);
        let made = lower(self);
        self.assumed.set(before);
        made
    }

    fn block(&self, function: &Function, block: &[normal::Stmt]) -> ir::Block {
        let mut out = ir::Block::new();
        for stmt in block {
            self.stmt(function, stmt, &mut out);
        }
        out
    }

    fn branch(&self, function: &Function, block: &[normal::Stmt], site: SiteId, line: u32) -> ir::Block {
        if self.hit(site) { self.block(function, block) } else { hole(site, line) }
    }

    fn stmt(&self, function: &Function, stmt: &normal::Stmt, out: &mut ir::Block) {
        let line = stmt.span.line;
        match self.stmt_kind(function, stmt, out) {
            Ok(Some(kind)) => out.push(ir::Stmt { line, kind }),
            Ok(None) => {}
            Err(reason) => out.push(ir::Stmt { line, kind: ir::StmtKind::Opaque { reason } }),
        }
    }

    /// The statement; none if its meaning has been put out already.
    fn stmt_kind(
        &self,
        function: &Function,
        stmt: &normal::Stmt,
        out: &mut ir::Block,
    ) -> Result<Option<ir::StmtKind>, String> {
        let line = stmt.span.line;
        Ok(Some(match &stmt.kind {
            _ if self.binds_otherwise(&stmt.kind).is_some_and(|name| function.globals.contains(name)) => {
                return Err("it binds a module-level name in another way than by an assignment".to_owned());
            }
            StmtKind::Assign { target, .. } | StmtKind::Update { target, .. }
                if function.globals.contains(target) && self.is_of_library(function) =>
            {
                return Err(format!("it assigns the module-level name {target}"));
            }
            StmtKind::Update { target, op, value, site } if function.globals.contains(target) => {
                let (name, value) = (variable(target), atom(value)?);
                let kind = ir::ExprKind::Global { name: self.module_name(function, target) };
                let before = ir::Expr { site: *site, seen: TypeSet::default(), kind };
                out.push(ir::Stmt { line, kind: ir::StmtKind::Set { name: name.clone(), value: before } });
                out.push(ir::Stmt { line, kind: ir::StmtKind::Update { name, op: *op, value, site: *site } });
                self.set_global(function, target)
            }
            StmtKind::Assign { target, value, site } => {
                let value = match value {
                    Expr::Opaque { meaning, .. } => {
                        self.assuming(|this| out.extend(this.block(function, &meaning.block)));
                        let kind = ir::ExprKind::Atom { value: atom(&meaning.value)? };
                        ir::Expr { site: *site, seen: TypeSet::default(), kind }
                    }
                    _ => self.expr(value, *site),
                };
                if function.globals.contains(target) {
                    out.push(ir::Stmt { line, kind: ir::StmtKind::Set { name: variable(target), value } });
                    return Ok(Some(self.set_global(function, target)));
                }
                let name = target.clone();
                if function.temporaries.contains(target) {
                    ir::StmtKind::Let { name, value }
                } else {
                    ir::StmtKind::Set { name, value }
                }
            }
            StmtKind::Update { target, op, value, site } => {
                ir::StmtKind::Update { name: target.clone(), op: *op, value: atom(value)?, site: *site }
            }
            StmtKind::SetItem { object, index, value, site } => {
                let (object, index, value) = (atom(object)?, atom(index)?, atom(value)?);
                ir::StmtKind::SetItem { object, index, value, site: *site }
            }
            StmtKind::If { test, then, then_site, orelse, else_site } => ir::StmtKind::If {
                test: atom(test)?,
                then: self.branch(function, then, *then_site, line),
                orelse: self.branch(function, orelse, *else_site, line),
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
            StmtKind::Return { value } => ir::StmtKind::Return { value: atom(value)? },
            StmtKind::Def { function } => ir::StmtKind::Def {
                name: self.module.functions[function.0 as usize].name.clone(),
                function: *function,
                defaults: Vec::new(),
            },
            StmtKind::Unpack { site, .. } if !self.hit(*site) => ir::StmtKind::Unknown { site: *site },
            StmtKind::Unpack { names: Some(names), .. } | StmtKind::UnpackTo { names, .. }
                if names.iter().any(|name| function.globals.contains(name)) && self.is_of_library(function) =>
            {
                return Err("it assigns a module-level name".to_owned());
            }
            StmtKind::Unpack { names: Some(names), items, value, .. } => {
                let seen = items.iter().map(|site| self.types(*site)).collect();
                self.unpack(function, (names, None), atom(value)?, seen, line, out);
                return Ok(None);
            }
            StmtKind::UnpackTo { names, items, star, value } => {
                let seen =
                    |item: &Option<(normal::Span, SiteId)>| item.map(|(_, site)| self.types(site)).unwrap_or_default();
                let seen = items.iter().map(seen).collect();
                self.unpack(function, (names, *star), atom(value)?, seen, line, out);
                return Ok(None);
            }
            StmtKind::Opaque { site, .. } if !self.hit(*site) => ir::StmtKind::Unknown { site: *site },
            StmtKind::Raise { meaning, .. } | StmtKind::Unpack { meaning, .. } | StmtKind::Opaque { meaning, .. } => {
                self.assuming(|this| out.extend(this.block(function, meaning)));
                return Ok(None);
            }
            _ => return self.meaning_kind(function, stmt).map(Some),
        }))
    }

    /// A statement that only meanings have.
    fn meaning_kind(&self, function: &Function, stmt: &normal::Stmt) -> Result<ir::StmtKind, String> {
        Ok(match &stmt.kind {
            StmtKind::Function { target, function: defined, defaults } => {
                ir::StmtKind::Def { name: target.clone(), function: *defined, defaults: named(defaults)? }
            }
            StmtKind::Class { target, body, bases } => {
                ir::StmtKind::Class { name: target.clone(), body: *body, bases: atoms(bases)?, keywords: Vec::new() }
            }
            StmtKind::SetAttr { object, name, value } => {
                ir::StmtKind::SetAttr { object: atom(object)?, name: name.clone(), value: atom(value)? }
            }
            StmtKind::DelItem { object, index } => ir::StmtKind::DelItem { object: atom(object)?, index: atom(index)? },
            StmtKind::DelAttr { object, name } => ir::StmtKind::DelAttr { object: atom(object)?, name: name.clone() },
            StmtKind::DelVar { name } => ir::StmtKind::DelVar { name: name.clone() },
            StmtKind::Push { object, value } => ir::StmtKind::Push { object: atom(object)?, value: atom(value)? },
            StmtKind::Fresh { name } => ir::StmtKind::Fresh { name: name.clone() },
            StmtKind::Throw { exception, cause } => ir::StmtKind::Raise {
                exception: exception.as_ref().map(atom).transpose()?,
                cause: cause.as_ref().map(atom).transpose()?,
            },
            StmtKind::Try { body, handlers, orelse, finally } => ir::StmtKind::Try {
                body: self.block(function, body),
                handlers: handlers
                    .iter()
                    .map(|handler| {
                        Ok(ir::Handler {
                            line: handler.line,
                            before: self.block(function, &handler.before),
                            class: handler.class.as_ref().map(atom).transpose()?,
                            name: handler.name.clone(),
                            body: self.block(function, &handler.body),
                        })
                    })
                    .collect::<Result<_, String>>()?,
                orelse: self.block(function, orelse),
                finally: self.block(function, finally),
            },
            StmtKind::With { context, name, body } => {
                ir::StmtKind::With { context: atom(context)?, name: name.clone(), body: self.block(function, body) }
            }
            StmtKind::Refused { reason } => return Err(reason.clone()),
            _ => return Err("this statement is not in the native language yet".to_owned()),
        })
    }

    /// The targets take the items of `value`; those that are names of the module after all of them.
    fn unpack(
        &self,
        function: &Function,
        (names, star): (&[String], Option<usize>),
        value: ir::Atom,
        seen: Vec<TypeSet>,
        line: u32,
        out: &mut ir::Block,
    ) {
        let is_global = |name: &&String| function.globals.contains(name);
        let own = |name: &String| if is_global(&name) { variable(name) } else { name.clone() };
        let (names, globals) = (names.iter().map(own).collect(), names.iter().filter(is_global));
        out.push(ir::Stmt { line, kind: ir::StmtKind::Unpack { names, star, value, seen } });
        out.extend(globals.map(|name| ir::Stmt { line, kind: self.set_global(function, name) }));
    }

    /// The module's name takes what its [`variable`] holds.
    fn set_global(&self, function: &Function, name: &str) -> ir::StmtKind {
        ir::StmtKind::SetGlobal { name: self.module_name(function, name), value: ir::Atom::Var(variable(name)) }
    }

    /// A name of the module that a function is of, as the trace has it.
    fn module_name(&self, function: &Function, name: &str) -> String {
        self.linked(function).map_or_else(|| name.to_owned(), |linked| format!("{}:{name}", linked.name))
    }

    /// The linked module that a function is of.
    fn linked(&self, function: &Function) -> Option<&normal::Linked> {
        let id = function.id.0 as usize;
        self.module.linked.iter().rev().find(|linked| linked.first <= id)
    }

    /// Whether a function is of a module that is not the action's.
    fn is_of_library(&self, function: &Function) -> bool {
        self.linked(function).is_some_and(|linked| !linked.own)
    }

    /// What a statement binds that is no assignment.
    fn binds_otherwise<'s>(&'s self, kind: &'s StmtKind) -> Option<&'s String> {
        match kind {
            StmtKind::Def { function } => Some(&self.module.functions[function.0 as usize].name),
            StmtKind::Function { target, .. } | StmtKind::Class { target, .. } => Some(target),
            StmtKind::DelVar { name } | StmtKind::With { name, .. } => Some(name),
            StmtKind::Try { handlers, .. } => handlers.iter().find_map(|handler| handler.name.as_ref()),
            _ => None,
        }
    }

    fn expr(&self, value: &Expr, site: SiteId) -> ir::Expr {
        let kind = expr_kind(value).unwrap_or_else(|reason| ir::ExprKind::Opaque { reason });
        ir::Expr { site, seen: self.types(site), kind }
    }

    fn hit(&self, site: SiteId) -> bool {
        self.assumed.get() || self.seen.hits.contains(&site)
    }

    fn types(&self, site: SiteId) -> TypeSet {
        self.seen.types.get(&site).cloned().unwrap_or_default()
    }
}

/// The local variable in which a function prepares what a name declared `global` is to hold.
fn variable(name: &str) -> String {
    format!("_up_global_{name}")
}

/// The application, or why it is opaque.
fn expr_kind(value: &Expr) -> Result<ir::ExprKind, String> {
    Ok(match value {
        Expr::Atom(value) => ir::ExprKind::Atom { value: atom(value)? },
        Expr::Global(name) => ir::ExprKind::Global { name: name.clone() },
        Expr::Intrinsic(name) => ir::ExprKind::Intrinsic { name: name.clone() },
        Expr::Import(module, name) => ir::ExprKind::Import { module: module.clone(), name: name.clone() },
        Expr::Binary(operator, left, right) => {
            ir::ExprKind::BinOp { operator: *operator, left: atom(left)?, right: atom(right)? }
        }
        Expr::Compare(operator, left, right) => {
            ir::ExprKind::Compare { operator: *operator, left: atom(left)?, right: atom(right)? }
        }
        Expr::Unary(operator, operand) => ir::ExprKind::UnOp { operator: *operator, operand: atom(operand)? },
        Expr::Index(object, index) => ir::ExprKind::Index { object: atom(object)?, index: atom(index)? },
        Expr::Attr(object, name) => ir::ExprKind::Attr { object: atom(object)?, name: name.clone() },
        Expr::Call { callee, args, kwargs } => {
            ir::ExprKind::Call { callee: self::callee(callee)?, args: atoms(args)?, kwargs: named(kwargs)? }
        }
        Expr::CallSpread { callee, args } => ir::ExprKind::CallSpread {
            callee: self::callee(callee)?,
            args: args
                .iter()
                .map(|arg| {
                    Ok(match arg {
                        normal::Argument::Positional(value) => ir::Argument::Positional(atom(value)?),
                        normal::Argument::Star(value) => ir::Argument::Star(atom(value)?),
                        normal::Argument::Keyword(name, value) => ir::Argument::Keyword(name.clone(), atom(value)?),
                        normal::Argument::DoubleStar(value) => ir::Argument::DoubleStar(atom(value)?),
                    })
                })
                .collect::<Result<_, String>>()?,
        },
        Expr::List(items) => ir::ExprKind::List { items: atoms(items)? },
        Expr::Tuple(items) => ir::ExprKind::Tuple { items: atoms(items)? },
        Expr::Set(items) => ir::ExprKind::Set { items: atoms(items)? },
        Expr::Spread(container, items) => ir::ExprKind::Spread {
            container: *container,
            items: items.iter().map(|(star, item)| Ok((*star, atom(item)?))).collect::<Result<_, String>>()?,
        },
        Expr::Dict(items) => ir::ExprKind::Dict {
            items: items.iter().map(|(key, value)| Ok((atom(key)?, atom(value)?))).collect::<Result<_, String>>()?,
        },
        Expr::DictSpread(items) => ir::ExprKind::DictSpread {
            items: items
                .iter()
                .map(|(key, value)| Ok((key.as_ref().map(atom).transpose()?, atom(value)?)))
                .collect::<Result<_, String>>()?,
        },
        Expr::Slice([start, stop, step]) => {
            ir::ExprKind::Slice { start: atom(start)?, stop: atom(stop)?, step: atom(step)? }
        }
        Expr::GetSlice(object, [start, stop, step]) => {
            ir::ExprKind::GetSlice { object: atom(object)?, start: atom(start)?, stop: atom(stop)?, step: atom(step)? }
        }
        Expr::Format(parts) => {
            ir::ExprKind::Format { parts: parts.iter().map(format_part).collect::<Result<_, String>>()? }
        }
        Expr::Iter(object) => ir::ExprKind::Iter { object: atom(object)? },
        Expr::Closure(function, defaults) => ir::ExprKind::Closure { function: *function, defaults: named(defaults)? },
        Expr::Super(class, object) => ir::ExprKind::Super { class: atom(class)?, object: atom(object)? },
        Expr::Yield(value) => ir::ExprKind::Yield { value: atom(value)? },
        Expr::YieldFrom(value) => ir::ExprKind::YieldFrom { value: atom(value)? },
        Expr::Opaque { reason, .. } => return Err(reason.clone()),
    })
}

fn callee(callee: &normal::Callee) -> Result<ir::Callee, String> {
    Ok(match callee {
        normal::Callee::Var(name) => ir::Callee::Var(name.clone()),
        normal::Callee::Global(name) => ir::Callee::Global { name: name.clone() },
        normal::Callee::Method(object, name) => ir::Callee::Method { object: atom(object)?, name: name.clone() },
    })
}

fn named(values: &[(String, normal::Atom)]) -> Result<Vec<(String, ir::Atom)>, String> {
    values.iter().map(|(name, value)| Ok((name.clone(), atom(value)?))).collect()
}

fn hole(site: SiteId, line: u32) -> ir::Block {
    vec![ir::Stmt { line, kind: ir::StmtKind::Unknown { site } }]
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
        normal::FormatPart::Value { value, conversion, spec, computed } => {
            let spec = match computed {
                Some(computed) => Some(atom(computed)?),
                None if spec.is_empty() => None,
                None => Some(ir::Atom::Const(ir::Const::Str(spec.clone()))),
            };
            ir::FormatPart::Value { value: atom(value)?, conversion: *conversion, spec }
        }
    })
}
