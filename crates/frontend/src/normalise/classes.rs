//! Class statements in functions: the body is a function that fills the namespace.

use rustpython_parser::ast::{Expr as Ast, Ranged, Stmt, StmtClassDef};
use upshift_ir::Const;

use super::body::Body;
use super::expr::Rhs;
use super::inner::Made;
use crate::normal::{Atom, Callee, Expr, Param, ParamDefault, ParamKind, Span, StmtKind};

/// The parameter of a class body.
const NAMESPACE: &str = ".namespace";

impl Body<'_, '_> {
    /// Lowers a class statement.
    pub(super) fn mean_class(&mut self, stmt: &Stmt, s: &StmtClassDef) {
        let span = self.span(stmt);
        let plain = |stmt: &Stmt| {
            use Stmt::{AnnAssign, Assign, ClassDef, Expr, FunctionDef, Pass};
            matches!(stmt, FunctionDef(_) | ClassDef(_) | Assign(_) | AnnAssign(_) | Expr(_) | Pass(_))
        };
        if !s.keywords.is_empty() || !s.body.iter().all(plain) {
            let reason = "such a class in a function is not in the native language yet".to_owned();
            self.emit(span, StmtKind::Refused { reason });
            return;
        }
        let decorators: Vec<&Ast> = s.decorator_list.iter().collect();
        let decorators = self.operands(&decorators);
        let bases: Vec<&Ast> = s.bases.iter().collect();
        let bases = self.operands(&bases);
        // Methods reach their class through a variable of the function around it.
        let class = format!("class.{}", self.cx.functions.len());
        self.declare_temporary(class.clone());
        let made = Made {
            name: s.name.to_string(),
            first_line: self.cx.lines.locate(self.cx.start(stmt)).0,
            scope: self.cx.scopes.of_def(stmt.range().start().into()),
            span,
            class: Some(s.name.to_string()),
        };
        let body = self.inner_class(made, &class, |inner| {
            inner.namespace = Some(NAMESPACE.to_owned());
            for stmt in &s.body {
                inner.stmt(stmt);
                match stmt {
                    Stmt::Assign(s) => s.targets.iter().for_each(|target| inner.enter_names(target, span)),
                    Stmt::AnnAssign(s) if s.value.is_some() => inner.enter_names(&s.target, span),
                    _ => {}
                }
            }
        });
        self.emit(span, StmtKind::Class { target: class.clone(), body, bases });
        let value = self.decorated(decorators, Atom::Var(class), span);
        let target = self.out(&s.name);
        self.assign(span, &target, Expr::Atom(value));
        self.bind_in_class(&s.name, span);
        self.bind(&s.name);
    }

    /// The parameter that a class body takes.
    pub(super) fn namespace_param(&mut self) -> Param {
        Param { name: NAMESPACE.to_owned(), site: self.site(), kind: ParamKind::Plain, default: ParamDefault::None }
    }

    /// Enters what an assignment has bound into the namespace.
    fn enter_names(&mut self, target: &Ast, span: Span) {
        match target {
            Ast::Name(e) => self.bind_in_class(&e.id, span),
            Ast::Starred(e) => self.enter_names(&e.value, span),
            _ => super::assign::elements(target).iter().for_each(|part| self.enter_names(part, span)),
        }
    }

    /// Enters a variable of a class body into the namespace.
    pub(super) fn bind_in_class(&mut self, name: &str, span: Span) {
        let Some(namespace) = self.namespace.clone() else { return };
        let key = Atom::Const(Const::Str(self.mangled(name)));
        let (value, site) = (Atom::Var(self.out(name)), self.site());
        self.emit(span, StmtKind::SetItem { object: Atom::Var(namespace), index: key, value, site });
    }

    /// What the decorators, innermost last, make of `value`.
    pub(super) fn decorated(&mut self, decorators: Vec<Atom>, mut value: Atom, span: Span) -> Atom {
        for decorator in decorators.into_iter().rev() {
            let callee = match decorator {
                Atom::Var(name) => Callee::Var(name),
                other => match self.name(Rhs::new(Expr::Atom(other), span)) {
                    Atom::Var(name) => Callee::Var(name),
                    _ => unreachable!("a temporary"),
                },
            };
            value = self.name(Rhs::new(Expr::Call { callee, args: vec![value], kwargs: Vec::new() }, span));
        }
        value
    }
}
