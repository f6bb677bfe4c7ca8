//! What a source takes of other modules: what it imports of them, and the attributes that it reads of their names.

use std::collections::{BTreeMap, BTreeSet};

use rustpython_parser::ast::{Expr, Stmt};

use crate::walk;

/// See [`crate::normal::Globals::taken`]. Scopes do not matter: a name that some import binds is taken for the module.
pub(crate) fn taken(body: &[Stmt]) -> Vec<(String, String)> {
    let mut found = Taken::default();
    found.imports(body);
    found.attributes(body);
    found.taken.into_iter().collect()
}

#[derive(Default)]
struct Taken {
    /// The modules that names may stand for.
    modules: BTreeMap<String, BTreeSet<String>>,
    taken: BTreeSet<(String, String)>,
}

impl Taken {
    fn imports(&mut self, body: &[Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Import(s) => {
                    for alias in &s.names {
                        let module = alias.name.as_str();
                        let first = module.split('.').next().unwrap_or(module);
                        let (name, module) =
                            alias.asname.as_ref().map_or((first, first), |name| (name.as_str(), module));
                        self.modules.entry(name.to_owned()).or_default().insert(module.to_owned());
                    }
                }
                Stmt::ImportFrom(s) if s.level.is_none_or(|level| level.to_u32() == 0) => {
                    let Some(module) = &s.module else { continue };
                    for alias in &s.names {
                        self.taken.insert((module.to_string(), alias.name.to_string()));
                        // It may be a module itself.
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                        self.modules.entry(name).or_default().insert(format!("{module}.{}", alias.name));
                    }
                }
                _ => {}
            }
            walk::blocks(stmt).into_iter().for_each(|(block, _)| self.imports(block));
        }
    }

    fn attributes(&mut self, body: &[Stmt]) {
        for stmt in body {
            walk::expressions(stmt, &mut |part| self.expr(part));
            walk::blocks(stmt).into_iter().for_each(|(block, _)| self.attributes(block));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if let Expr::Attribute(e) = expr {
            for module in self.of(&e.value) {
                self.taken.insert((module, e.attr.to_string()));
            }
        }
        walk::children(expr, &mut |part| self.expr(part));
    }

    /// The modules that an expression may stand for.
    fn of(&self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Name(e) => self.modules.get(e.id.as_str()).into_iter().flatten().cloned().collect(),
            Expr::Attribute(e) => self.of(&e.value).into_iter().map(|module| format!("{module}.{}", e.attr)).collect(),
            _ => Vec::new(),
        }
    }
}
