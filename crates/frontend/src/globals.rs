//! What a module binds at its top level, and whether code may rebind it unseen.

use std::collections::BTreeSet;

use rustpython_parser::ast::{CmpOp, Constant, Expr, Stmt};

use crate::normal::Globals;
use crate::scope::{Scope, Scopes};
use crate::{taken, walk};

/// Collects the facts of a module's top level.
pub(crate) fn analyse(body: &[Stmt], scopes: &Scopes) -> Globals {
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
    let imports = imports(body, &bound_once);
    let taken = taken::taken(body);
    let declared = declared.into_iter().cloned().collect();
    Globals { imports, taken, bound_once, constants, declared, bound: bound.into_iter().collect() }
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
