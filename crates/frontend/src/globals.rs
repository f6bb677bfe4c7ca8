//! What a module binds at its top level, and whether code may rebind it unseen.

use std::collections::BTreeSet;

use rustpython_parser::ast::{Alias, CmpOp, Constant, Expr, Ranged, Stmt};

use crate::lines::Lines;
use crate::normal::Globals;
use crate::scope::{Scope, Scopes};
use crate::{taken, walk};

/// Names through which code reaches the module's dictionary, another module's, or the built-ins.
const ESCAPES: [&str; 14] = [
    "globals",
    "exec",
    "eval",
    "vars",
    "locals",
    "__globals__",
    "f_globals",
    "__builtins__",
    "builtins",
    "__main__",
    "reload",
    "__code__",
    "__defaults__",
    "__kwdefaults__",
];

/// Collects the facts of a module's top level.
pub(crate) fn analyse(body: &[Stmt], scopes: &Scopes, lines: &Lines) -> Globals {
    let module = &scopes.all[0];
    let declared: BTreeSet<&String> = scopes.all.iter().flat_map(|scope| &scope.globals).collect();
    let mut bound: BTreeSet<String> = module.own.iter().chain(module.bindings.keys()).cloned().collect();
    bound.extend(declared.iter().map(|name| (*name).clone()));
    let once = |name: &String| {
        module.bindings.get(name) == Some(&1) && !declared.contains(name) && !module.deleted.contains(name)
    };
    let bound_once: Vec<String> = bound.iter().filter(|name| once(name)).cloned().collect();
    let mut constants = Vec::new();
    for stmt in body {
        let (target, value) = match stmt {
            Stmt::Assign(s) if s.targets.len() == 1 => (&s.targets[0], &s.value),
            Stmt::AnnAssign(s) if s.simple => match &s.value {
                Some(value) => (&*s.target, value),
                None => continue,
            },
            _ => continue,
        };
        if let Expr::Name(target) = target
            && bound_once.iter().any(|name| *name == *target.id)
            && is_constant(value, &constants, module)
        {
            constants.push(target.id.to_string());
        }
    }
    let mut escape = Escape { lines, found: None };
    escape.stmts(body);
    let declared = declared.into_iter().cloned().collect();
    let imports = imports(body, &bound_once);
    let taken = taken::taken(body);
    Globals {
        imports,
        taken,
        bound_once,
        constants,
        bound: bound.into_iter().collect(),
        declared,
        escape: escape.found,
    }
}

/// What the imports at the top level bind, of the names in `once`.
fn imports(body: &[Stmt], once: &[String]) -> Vec<(String, String, Option<String>)> {
    let mut found = Vec::new();
    for stmt in body {
        match stmt {
            Stmt::Import(s) => {
                for alias in &s.names {
                    let module = alias.name.to_string();
                    let first = module.split('.').next().unwrap_or(&module).to_owned();
                    match &alias.asname {
                        Some(name) => found.push((name.to_string(), module, None)),
                        None => found.push((first.clone(), first, None)),
                    }
                }
            }
            Stmt::ImportFrom(s) if s.level.is_none_or(|level| level.to_u32() == 0) => {
                let Some(module) = &s.module else { continue };
                for alias in &s.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    found.push((name, module.to_string(), Some(alias.name.to_string())));
                }
            }
            _ => {}
        }
    }
    found.retain(|(name, ..)| once.contains(name));
    found
}

/// Whether an expression is made of immutable literals, operators and names known to be constant.
fn is_constant(expr: &Expr, constants: &[String], module: &Scope) -> bool {
    match expr {
        Expr::Constant(e) => !matches!(e.value, Constant::Ellipsis),
        Expr::Name(e) => constants.iter().any(|name| *name == *e.id) && !module.deleted.contains(e.id.as_str()),
        // Identity of equal constants is the compiler's business.
        Expr::Compare(e) if e.ops.iter().any(|op| matches!(op, CmpOp::Is | CmpOp::IsNot)) => false,
        Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::BoolOp(_) | Expr::Compare(_) | Expr::Tuple(_) => {
            let mut all = true;
            walk::children(expr, &mut |part| all = all && is_constant(part, constants, module));
            all
        }
        _ => false,
    }
}

struct Escape<'a> {
    lines: &'a Lines,
    found: Option<(String, u32)>,
}

impl Escape<'_> {
    fn note(&mut self, name: &str, node: &impl Ranged) {
        if self.found.is_none() {
            self.found = Some((name.to_owned(), self.lines.locate(node.range().start().into()).0));
        }
    }

    fn stmts(&mut self, body: &[Stmt]) {
        for stmt in body {
            let (module, aliases): (Option<&str>, &[Alias]) = match stmt {
                Stmt::Import(s) => (None, &s.names),
                Stmt::ImportFrom(s) => (s.module.as_ref().map(|name| name.as_str()), &s.names),
                _ => (None, &[]),
            };
            for name in aliases.iter().map(|alias| alias.name.as_str()).chain(module) {
                if name.split('.').any(|part| ESCAPES.contains(&part)) {
                    self.note(name, stmt);
                }
            }
            walk::expressions(stmt, &mut |part| self.expr(part));
            walk::blocks(stmt).into_iter().for_each(|(block, _)| self.stmts(block));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Name(e) if ESCAPES.contains(&e.id.as_str()) => self.note(&e.id, e),
            Expr::Attribute(e) if ESCAPES.contains(&e.attr.as_str()) => self.note(&e.attr, e),
            // `getattr(x, "__dict__")`.
            Expr::Constant(e) => {
                if let Constant::Str(text) = &e.value
                    && text.starts_with("__")
                    && text != "__main__"
                    && ESCAPES.contains(&text.as_str())
                {
                    self.note(text, e);
                }
            }
            _ => {}
        }
        walk::children(expr, &mut |part| self.expr(part));
    }
}
