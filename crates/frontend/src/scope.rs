//! Scopes: which variables a function has, which it shares with functions around and within it.
//!
//! In: a module's statements. Out: one [`Scope`] for the module, each function, class, lambda and comprehension.
//! Afterwards every name used in a scope is in `own` or in `free`, or is global.
//! The rules are those of CPython's `Python/symtable.c`.

use std::collections::{BTreeSet, HashMap};

use rustpython_parser::ast::{Arguments, Comprehension, Expr, Ranged, Stmt};

use crate::walk;

/// What a scope belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    /// A `def` or a lambda.
    Function,
    Comprehension,
}

/// A scope and its names.
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    parent: usize,
    /// Parameters, in the order of the signature.
    pub(crate) params: Vec<String>,
    /// Names that it binds, without parameters, in order of first binding; those declared elsewhere are taken out.
    pub(crate) own: Vec<String>,
    /// Names declared `global`.
    pub(crate) globals: Vec<String>,
    /// Names declared `nonlocal`.
    pub(crate) nonlocals: Vec<String>,
    /// Variables of enclosing functions used here or further in.
    pub(crate) free: BTreeSet<String>,
    /// Its own variables that scopes within use.
    pub(crate) cells: BTreeSet<String>,
    /// Its own variables that scopes within bind.
    pub(crate) shared: BTreeSet<String>,
    /// Its own variables that something may make unbound again.
    pub(crate) deleted: BTreeSet<String>,
    /// Whether it contains `yield` or `await`.
    pub(crate) generator: bool,
    /// A name used here through which code sees the variables of the frame.
    pub(crate) special: Option<String>,
    /// How often each name is bound; a binding in a loop counts twice.
    pub(crate) bindings: HashMap<String, u32>,
    uses: BTreeSet<String>,
}

/// All scopes of a module; the first one is the module's.
pub(crate) struct Scopes {
    pub(crate) all: Vec<Scope>,
    by_def: HashMap<usize, usize>,
    by_expr: HashMap<(usize, usize), usize>,
}

/// Names whose use shows that code may look at the variables of its frame.
const SPECIAL: [&str; 9] = ["locals", "exec", "eval", "vars", "dir", "super", "__class__", "_getframe", "currentframe"];

/// Finds the scopes of a module.
pub(crate) fn analyse(body: &[Stmt]) -> Scopes {
    let mut builder = Builder {
        scopes: Scopes { all: Vec::new(), by_def: HashMap::new(), by_expr: HashMap::new() },
        scope: 0,
        loops: 0,
    };
    builder.open(ScopeKind::Module);
    builder.stmts(body);
    let mut scopes = builder.scopes;
    scopes.resolve();
    scopes
}

impl Scopes {
    /// The scope of the `def` or `class` whose statement starts at `offset`.
    pub(crate) fn of_def(&self, offset: usize) -> usize {
        self.by_def[&offset]
    }

    /// The scope of a lambda or comprehension.
    pub(crate) fn of_expr(&self, expr: &Expr) -> usize {
        self.by_expr[&place(expr)]
    }

    /// The scope whose variable `name` is when `scope` uses it; none for a global.
    pub(crate) fn owner(&self, scope: usize, name: &str) -> Option<usize> {
        let mut at = scope;
        loop {
            let here = &self.all[at];
            if here.kind == ScopeKind::Module || here.globals.iter().any(|n| n == name) {
                return None;
            }
            let visible = here.kind != ScopeKind::Class || at == scope;
            let declared = here.nonlocals.iter().any(|n| n == name);
            if visible && !declared && (here.own.iter().any(|n| n == name) || here.params.iter().any(|n| n == name)) {
                return Some(at);
            }
            at = here.parent;
        }
    }

    fn resolve(&mut self) {
        for scope in &mut self.all {
            let (globals, nonlocals) = (&scope.globals, &scope.nonlocals);
            scope.own.retain(|name| !globals.contains(name) && !nonlocals.contains(name));
        }
        for scope in 0..self.all.len() {
            let names: Vec<String> = self.all[scope].uses.iter().chain(&self.all[scope].nonlocals).cloned().collect();
            for name in names {
                let Some(owner) = self.owner(scope, &name).filter(|&owner| owner != scope) else { continue };
                let rebinds = self.all[scope].bindings.contains_key(&name);
                let deletes = self.all[scope].deleted.contains(&name);
                let mut at = scope;
                while at != owner {
                    self.all[at].free.insert(name.clone());
                    at = self.all[at].parent;
                }
                self.all[owner].cells.insert(name.clone());
                if rebinds {
                    self.all[owner].shared.insert(name.clone());
                }
                if deletes {
                    self.all[owner].deleted.insert(name);
                }
            }
        }
    }
}

fn place(expr: &Expr) -> (usize, usize) {
    (expr.range().start().into(), expr.range().end().into())
}

struct Builder {
    scopes: Scopes,
    scope: usize,
    loops: u32,
}

impl Builder {
    fn open(&mut self, kind: ScopeKind) -> usize {
        let parent = self.scope;
        self.scope = self.scopes.all.len();
        self.scopes.all.push(Scope {
            kind,
            parent,
            params: Vec::new(),
            own: Vec::new(),
            globals: Vec::new(),
            nonlocals: Vec::new(),
            free: BTreeSet::new(),
            cells: BTreeSet::new(),
            shared: BTreeSet::new(),
            deleted: BTreeSet::new(),
            generator: false,
            special: None,
            bindings: HashMap::new(),
            uses: BTreeSet::new(),
        });
        parent
    }

    fn here(&mut self) -> &mut Scope {
        &mut self.scopes.all[self.scope]
    }

    fn bind(&mut self, name: &str) {
        let weight = if self.loops > 0 { 2 } else { 1 };
        let scope = self.here();
        *scope.bindings.entry(name.to_owned()).or_default() += weight;
        if !scope.params.iter().any(|n| n == name) && !scope.own.iter().any(|n| n == name) {
            scope.own.push(name.to_owned());
        }
    }

    fn unbind(&mut self, name: &str) {
        self.bind(name);
        self.here().deleted.insert(name.to_owned());
    }

    fn use_name(&mut self, name: &str) {
        let scope = self.here();
        if SPECIAL.contains(&name) && scope.special.is_none() {
            scope.special = Some(name.to_owned());
        }
        scope.uses.insert(name.to_owned());
    }

    fn function(&mut self, args: &Arguments, body: impl FnOnce(&mut Self)) -> usize {
        let parent = self.open(ScopeKind::Function);
        let loops = std::mem::take(&mut self.loops);
        let plain = args.posonlyargs.iter().chain(&args.args).map(|arg| &arg.def);
        let rest = args.kwonlyargs.iter().map(|arg| &arg.def);
        for arg in plain.chain(args.vararg.as_deref()).chain(rest).chain(args.kwarg.as_deref()) {
            self.here().params.push(arg.arg.to_string());
        }
        body(self);
        self.loops = loops;
        std::mem::replace(&mut self.scope, parent)
    }

    fn stmts(&mut self, body: &[Stmt]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn def(&mut self, stmt: &Stmt, name: &str, args: &Arguments, body: &[Stmt]) {
        walk::expressions(stmt, &mut |part| self.expr(part));
        self.bind(name);
        let scope = self.function(args, |this| this.stmts(body));
        self.scopes.by_def.insert(usize::from(stmt.range().start()), scope);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(s) => self.def(stmt, &s.name, &s.args, &s.body),
            Stmt::AsyncFunctionDef(s) => self.def(stmt, &s.name, &s.args, &s.body),
            Stmt::ClassDef(s) => {
                walk::expressions(stmt, &mut |part| self.expr(part));
                self.bind(&s.name);
                let parent = self.open(ScopeKind::Class);
                let loops = std::mem::take(&mut self.loops);
                self.stmts(&s.body);
                self.loops = loops;
                let scope = std::mem::replace(&mut self.scope, parent);
                self.scopes.by_def.insert(usize::from(stmt.range().start()), scope);
            }
            Stmt::For(_) | Stmt::AsyncFor(_) | Stmt::While(_) => {
                self.loops += 1;
                self.parts(stmt);
                self.loops -= 1;
            }
            Stmt::Global(s) => {
                let names = s.names.iter().map(ToString::to_string);
                self.here().globals.extend(names);
            }
            Stmt::Nonlocal(s) => {
                let names = s.names.iter().map(ToString::to_string);
                self.here().nonlocals.extend(names);
            }
            Stmt::Import(s) => {
                for alias in &s.names {
                    let whole = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(if alias.asname.is_some() { whole } else { whole.split('.').next().unwrap_or(whole) });
                }
            }
            Stmt::ImportFrom(s) => {
                for alias in s.names.iter().filter(|alias| alias.name.as_str() != "*") {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::AugAssign(s) => {
                if let Expr::Name(target) = &*s.target {
                    self.use_name(&target.id);
                }
                self.parts(stmt);
            }
            Stmt::Match(s) => {
                for case in &s.cases {
                    let mut captures = Vec::new();
                    walk::pattern(&case.pattern, &mut |_| {}, &mut |name| captures.push(name.to_owned()));
                    captures.iter().for_each(|name| self.bind(name));
                }
                self.parts(stmt);
            }
            Stmt::Try(s) => {
                walk::handlers(&s.handlers).filter_map(|h| h.name.as_ref()).for_each(|name| self.unbind(name));
                self.parts(stmt);
            }
            Stmt::TryStar(s) => {
                walk::handlers(&s.handlers).filter_map(|h| h.name.as_ref()).for_each(|name| self.unbind(name));
                self.parts(stmt);
            }
            Stmt::AsyncWith(_) => {
                self.here().generator = true;
                self.parts(stmt);
            }
            _ => self.parts(stmt),
        }
    }

    fn parts(&mut self, stmt: &Stmt) {
        walk::expressions(stmt, &mut |part| self.expr(part));
        walk::blocks(stmt).into_iter().for_each(|(block, _)| self.stmts(block));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Name(e) if e.ctx.is_store() => self.bind(&e.id),
            Expr::Name(e) if e.ctx.is_del() => self.unbind(&e.id),
            Expr::Name(e) => self.use_name(&e.id),
            Expr::Attribute(e) => {
                if matches!(e.attr.as_str(), "_getframe" | "currentframe") {
                    self.here().special = Some(e.attr.to_string());
                }
                self.expr(&e.value);
            }
            Expr::Lambda(e) => {
                walk::defaults(&e.args).for_each(|part| self.expr(part));
                let scope = self.function(&e.args, |this| this.expr(&e.body));
                self.scopes.by_expr.insert(place(expr), scope);
            }
            Expr::ListComp(e) => self.comprehension(expr, &[&e.elt], &e.generators),
            Expr::SetComp(e) => self.comprehension(expr, &[&e.elt], &e.generators),
            Expr::DictComp(e) => self.comprehension(expr, &[&e.key, &e.value], &e.generators),
            Expr::GeneratorExp(e) => self.comprehension(expr, &[&e.elt], &e.generators),
            Expr::NamedExpr(e) => {
                self.expr(&e.value);
                if let Expr::Name(target) = &*e.target {
                    self.walrus(&target.id);
                }
            }
            Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_) => {
                self.here().generator = true;
                walk::children(expr, &mut |part| self.expr(part));
            }
            _ => walk::children(expr, &mut |part| self.expr(part)),
        }
    }

    /// `:=` binds in the nearest scope that is no comprehension.
    fn walrus(&mut self, name: &str) {
        let inner = self.scope;
        while self.here().kind == ScopeKind::Comprehension {
            *self.here().bindings.entry(name.to_owned()).or_default() += 2;
            self.here().uses.insert(name.to_owned());
            self.scope = self.here().parent;
        }
        self.loops += u32::from(inner != self.scope);
        self.bind(name);
        self.loops -= u32::from(inner != self.scope);
        self.scope = inner;
    }

    fn comprehension(&mut self, whole: &Expr, elements: &[&Expr], generators: &[Comprehension]) {
        // The first iterable is evaluated outside.
        if let Some(first) = generators.first() {
            self.expr(&first.iter);
        }
        let parent = self.open(ScopeKind::Comprehension);
        for (index, generator) in generators.iter().enumerate() {
            self.expr(&generator.target);
            if index > 0 {
                self.expr(&generator.iter);
            }
            generator.ifs.iter().for_each(|test| self.expr(test));
        }
        elements.iter().for_each(|element| self.expr(element));
        self.scopes.by_expr.insert(place(whole), self.scope);
        self.scope = parent;
    }
}
