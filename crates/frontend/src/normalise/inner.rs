//! Functions that are never printed: lambdas, generator expressions, methods, decorated functions, and what nests in those.
//!
//! Native code knows them by their meaning; CPython runs them as they stand in the source.

use std::collections::HashMap;

use rustpython_parser::ast::{Arguments, Expr as Ast, Ranged, Stmt};
use upshift_ir::FunctionId;

use super::Cx;
use super::body::Body;
use crate::normal::{Function, Param, ParamDefault, ParamKind, Span, StmtKind};
use crate::walk;

/// What is known of such a function beforehand.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) first_line: u32,
    pub(super) scope: usize,
    pub(super) span: Span,
    /// The class around it, for mangling.
    pub(super) class: Option<String>,
}

impl Body<'_, '_> {
    /// A function in this one whose statements `fill` emits.
    pub(super) fn inner(&mut self, made: Made, args: &Arguments, fill: impl FnOnce(&mut Body<'_, '_>)) -> FunctionId {
        let params = self.cx.params(args);
        let generator = self.cx.scopes.all[made.scope].generator;
        let captured = self.captured(made.scope);
        self.cx.unprinted_function(made, Some(self.id), params, generator, captured, fill)
    }

    /// A generator expression's function.
    pub(super) fn inner_generator(&mut self, made: Made, fill: impl FnOnce(&mut Body<'_, '_>)) -> FunctionId {
        let site = self.site();
        let (name, kind, default) = (".0".to_owned(), ParamKind::Plain, ParamDefault::None);
        let params = vec![Param { name, site, kind, default }];
        let captured = self.captured(made.scope);
        self.cx.unprinted_function(made, Some(self.id), params, true, captured, fill)
    }

    /// The body of a class, whose methods know the class by the variable `class`.
    pub(super) fn inner_class(&mut self, made: Made, class: &str, fill: impl FnOnce(&mut Body<'_, '_>)) -> FunctionId {
        let params = vec![self.namespace_param()];
        let mut captured = self.captured(made.scope);
        captured.insert("__class__".to_owned(), class.to_owned());
        let id = self.cx.unprinted_function(made, Some(self.id), params, false, captured, fill);
        let functions = &mut self.cx.functions;
        let of_method =
            |function: &Function| function.parent == Some(id) && function.free.iter().any(|name| name == class);
        if functions.iter().flatten().any(of_method)
            && let Some(function) = &mut functions[id.0 as usize]
            && !function.free.iter().any(|name| name == class)
        {
            function.free.push(class.to_owned());
        }
        id
    }

    /// A nested `def`.
    pub(super) fn inner_def(&mut self, made: Made, args: &Arguments, body: &[Stmt]) -> FunctionId {
        let refused = self.cx.refusal(made.scope);
        let span = made.span;
        self.inner(made, args, |inner| match refused {
            Some(reason) => inner.emit(span, StmtKind::Refused { reason }),
            None => inner.stmts(body),
        })
    }

    /// What the variables are called here that a scope within captures.
    fn captured(&self, scope: usize) -> HashMap<String, String> {
        let free = &self.cx.scopes.all[scope].free;
        let mut captured: HashMap<String, String> =
            free.iter().map(|name| (name.clone(), self.out(name))).filter(|(name, out)| name != out).collect();
        // The class around a method in a function.
        let class = self.out("__class__");
        if class != "__class__" {
            captured.insert("__class__".to_owned(), class);
        }
        captured
    }
}

impl Cx<'_> {
    /// Why a function's body has no meaning but in CPython.
    fn refusal(&self, scope: usize) -> Option<String> {
        match self.scopes.all[scope].special.as_deref() {
            None | Some("super" | "__class__") => None,
            Some(special) => Some(format!("{special} sees the variables of the function")),
        }
    }

    fn unprinted_function(
        &mut self,
        made: Made,
        parent: Option<FunctionId>,
        params: Vec<Param>,
        generator: bool,
        captured: HashMap<String, String>,
        fill: impl FnOnce(&mut Body<'_, '_>),
    ) -> FunctionId {
        let id = self.reserve();
        let site = self.site();
        if self.scopes.all[made.scope].kind == crate::scope::ScopeKind::Class {
            self.class_bodies.insert(id);
        }
        let qualname = match parent {
            Some(parent) if self.class_bodies.contains(&parent) => {
                format!("{}.{}", self.qualnames[parent.0 as usize], made.name)
            }
            Some(parent) => format!("{}.<locals>.{}", self.qualnames[parent.0 as usize], made.name),
            None => made.name.clone(),
        };
        self.qualnames[id.0 as usize] = qualname.clone();
        let scope = &self.scopes.all[made.scope];
        let uses_class = scope.special.as_deref() == Some("super") || scope.special.as_deref() == Some("__class__");
        let (own, mut nonlocals, globals) = (scope.own.clone(), scope.nonlocals.clone(), scope.globals.clone());
        if scope.kind == crate::scope::ScopeKind::Comprehension {
            // What `:=` binds in a generator expression is the function's around it.
            let bound = scope.bindings.keys().filter(|name| scope.free.contains(*name));
            nonlocals.extend(bound.map(|name| captured.get(name).cloned().unwrap_or_else(|| name.clone())));
        }
        let mut free: Vec<String> =
            scope.free.iter().map(|name| captured.get(name).cloned().unwrap_or_else(|| name.clone())).collect();
        let class = captured.get("__class__").cloned().unwrap_or_else(|| "__class__".to_owned());
        if uses_class && made.class.is_some() && !free.contains(&class) {
            free.push(class);
        }
        let cells = scope.cells.iter().cloned().collect();
        let inherited = scope.free.iter().cloned().collect();
        let mut body = Body::new(self, made.scope, id, inherited);
        body.meaning = true;
        body.class = made.class;
        body.renames.push(captured);
        fill(&mut body);
        let (block, temporaries) = body.finish();
        let mut locals = own;
        locals.extend(temporaries.iter().cloned());
        self.functions[id.0 as usize] = Some(Function {
            id,
            name: made.name.rsplit('.').next().unwrap_or(&made.name).to_owned(),
            qualname,
            first_line: made.first_line,
            generator,
            printed: false,
            parent,
            is_async: false,
            span: made.span,
            site,
            signature: 0..0,
            returns: None,
            params,
            locals,
            temporaries,
            free,
            nonlocals,
            globals,
            cells,
            whole: None,
            docstring: None,
            body: block,
        });
        id
    }

    /// Lowers every function of a module that is not printed, but for those within printed ones.
    pub(super) fn unprinted(&mut self, body: &[Stmt], prefix: &str, class: Option<&str>) {
        for stmt in body {
            match stmt {
                Stmt::FunctionDef(s) => {
                    if self.link.is_none() && prefix.is_empty() && self.rewritable(stmt).is_some() {
                        walk::expressions(stmt, &mut |part| self.lambdas(part, prefix, class));
                        continue;
                    }
                    walk::expressions(stmt, &mut |part| self.lambdas(part, prefix, class));
                    let scope = self.scopes.of_def(stmt.range().start().into());
                    let made = Made {
                        name: format!("{prefix}{}", s.name),
                        first_line: self.lines.locate(self.start(stmt)).0,
                        scope,
                        span: self.span(stmt),
                        class: class.map(ToOwned::to_owned),
                    };
                    let params = self.params(&s.args);
                    let generator = self.scopes.all[scope].generator;
                    let refused = self.refusal(scope);
                    let span = made.span;
                    self.unprinted_function(made, None, params, generator, HashMap::new(), |inner| match refused {
                        Some(reason) => inner.emit(span, StmtKind::Refused { reason }),
                        None => inner.stmts(&s.body),
                    });
                }
                Stmt::ClassDef(s) => {
                    walk::expressions(stmt, &mut |part| self.lambdas(part, prefix, class));
                    self.unprinted(&s.body, &format!("{prefix}{}.", s.name), Some(&s.name));
                }
                Stmt::AsyncFunctionDef(_) => {}
                _ => {
                    walk::expressions(stmt, &mut |part| self.lambdas(part, prefix, class));
                    for (block, _) in walk::blocks(stmt) {
                        self.unprinted(block, prefix, class);
                    }
                }
            }
        }
    }

    /// Lowers the lambdas of an expression at module or class level.
    fn lambdas(&mut self, expr: &Ast, prefix: &str, class: Option<&str>) {
        if let Ast::Lambda(e) = expr {
            let made = Made {
                name: format!("{prefix}<lambda>"),
                first_line: self.lines.locate(expr.range().start().into()).0,
                scope: self.scopes.of_expr(expr),
                span: self.span(expr),
                class: class.map(ToOwned::to_owned),
            };
            let params = self.params(&e.args);
            let span = made.span;
            self.unprinted_function(made, None, params, false, HashMap::new(), |inner| {
                let value = inner.atom(&e.body);
                inner.emit(span, StmtKind::Return { value });
            });
            return;
        }
        walk::children(expr, &mut |part| self.lambdas(part, prefix, class));
    }
}
