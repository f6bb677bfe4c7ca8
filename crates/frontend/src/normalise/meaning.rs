//! What expressions mean that are kept as their source text: everything that the printed normal form has no form for.

use rustpython_parser::ast::{Constant, Expr as Ast, ExprCall, ExprConstant, ExprJoinedStr, ExprLambda, Ranged};
use upshift_ir::{Const, Container};

use super::Temp;
use super::body::{Body, Place};
use super::expr::Rhs;
use super::inner::Made;
use crate::normal::{Argument, Atom, Callee, Expr, FormatPart, Meaning, StmtKind};

impl Body<'_, '_> {
    /// An expression kept as its text; within a meaning, what it means.
    pub(super) fn kept(&mut self, expr: &Ast, what: &str) -> Rhs {
        if self.meaning {
            return self.mean(expr);
        }
        let span = self.span(expr);
        self.meaning = true;
        let mut value = Atom::Const(Const::None);
        let block = self.block(|this| {
            let rhs = this.mean(expr);
            value = match rhs.value {
                Expr::Atom(atom) => atom,
                _ => this.name(rhs),
            };
        });
        self.meaning = false;
        let reason = format!("{what} kept as it is");
        let meaning = Box::new(Meaning { block, value });
        Rhs::new(Expr::Opaque { text: super::range(expr), reason, meaning }, span)
    }

    /// Something that has no meaning in the native language.
    pub(super) fn refuse(&mut self, expr: &Ast, reason: &str) -> Rhs {
        let span = self.span(expr);
        self.emit(span, StmtKind::Refused { reason: reason.to_owned() });
        Rhs::new(Expr::Atom(Atom::Const(Const::None)), span)
    }

    /// The meaning of an expression that the printed form does not have.
    fn mean(&mut self, expr: &Ast) -> Rhs {
        let span = self.span(expr);
        let value = match expr {
            Ast::BinOp(e) => {
                let mut atoms = self.operands(&[&e.left, &e.right]);
                let right = atoms.pop().expect("two operands");
                Expr::Binary(super::expr::binary_op(e.op), atoms.remove(0), right)
            }
            Ast::Subscript(e) => match &*e.slice {
                Ast::Slice(slice) => {
                    let object = self.operand_before(&e.value, &e.slice);
                    Expr::GetSlice(object, self.bounds(slice))
                }
                index => {
                    let object = self.operand_before(&e.value, index);
                    Expr::Index(object, self.index(index))
                }
            },
            Ast::Slice(e) => Expr::Slice(self.bounds(e)),
            Ast::List(e) => Expr::Spread(Container::List, self.starred(&e.elts)),
            Ast::Tuple(e) => Expr::Spread(Container::Tuple, self.starred(&e.elts)),
            Ast::Set(e) if e.elts.iter().any(|element| matches!(element, Ast::Starred(_))) => {
                Expr::Spread(Container::Set, self.starred(&e.elts))
            }
            Ast::Set(e) => Expr::Set(self.operands(&e.elts.iter().collect::<Vec<_>>())),
            Ast::Dict(e) => {
                let mut parts = Vec::new();
                for (key, value) in e.keys.iter().zip(&e.values) {
                    parts.extend(key);
                    parts.push(value);
                }
                let mut atoms = self.operands(&parts).into_iter();
                let mut items = Vec::new();
                for key in &e.keys {
                    let key = key.as_ref().and_then(|_| atoms.next());
                    items.push((key, atoms.next().expect("a value for each key")));
                }
                if items.iter().all(|(key, _)| key.is_some()) {
                    Expr::Dict(items.into_iter().filter_map(|(key, value)| Some((key?, value))).collect())
                } else {
                    Expr::DictSpread(items)
                }
            }
            Ast::JoinedStr(e) => self.mean_format(e),
            Ast::Lambda(e) => return self.lambda(expr, e),
            Ast::ListComp(_) | Ast::SetComp(_) | Ast::DictComp(_) => return self.comprehension(expr),
            Ast::GeneratorExp(_) => return self.generator_expression(expr),
            Ast::Yield(e) => {
                let value = e.value.as_ref().map_or(Atom::Const(Const::None), |value| self.atom(value));
                Expr::Yield(value)
            }
            Ast::YieldFrom(e) => Expr::YieldFrom(self.atom(&e.value)),
            Ast::Call(e) => return self.spread_call(expr, e),
            Ast::NamedExpr(_) | Ast::Await(_) | Ast::FormattedValue(_) | Ast::Starred(_) => {
                return self.refuse(expr, "this expression is not in the native language yet");
            }
            _ => return self.refuse(expr, "an expression like this is not in the native language yet"),
        };
        Rhs::new(value, span)
    }

    /// The left one of two operands.
    fn operand_before(&mut self, expr: &Ast, later: &Ast) -> Atom {
        let atom = self.atom(expr);
        match &atom {
            Atom::Var(name) if !self.is_temp(name) && !self.is_ready(later) => {
                let span = self.span(expr);
                self.copy(atom, span)
            }
            _ => atom,
        }
    }

    /// An index that may be a slice, or a tuple with slices.
    pub(super) fn index(&mut self, index: &Ast) -> Atom {
        match index {
            Ast::Slice(_) => {
                let rhs = self.mean(index);
                self.name(rhs)
            }
            Ast::Tuple(e) if e.elts.iter().any(|part| matches!(part, Ast::Slice(_))) => {
                let items = e.elts.iter().map(|part| self.index(part)).collect();
                let span = self.span(index);
                self.name(Rhs::new(Expr::Tuple(items), span))
            }
            _ => self.atom(index),
        }
    }

    fn bounds(&mut self, slice: &rustpython_parser::ast::ExprSlice) -> [Atom; 3] {
        let parts: Vec<&Ast> =
            [&slice.lower, &slice.upper, &slice.step].into_iter().flatten().map(|part| &**part).collect();
        let mut atoms = self.operands(&parts).into_iter();
        [&slice.lower, &slice.upper, &slice.step]
            .map(|part| if part.is_some() { atoms.next() } else { None })
            .map(|atom| atom.unwrap_or(Atom::Const(Const::None)))
    }

    fn starred(&mut self, elements: &[Ast]) -> Vec<(bool, Atom)> {
        let inner: Vec<&Ast> = elements
            .iter()
            .map(|element| match element {
                Ast::Starred(e) => &*e.value,
                other => other,
            })
            .collect();
        let atoms = self.operands(&inner);
        elements.iter().map(|element| matches!(element, Ast::Starred(_))).zip(atoms).collect()
    }

    fn mean_format(&mut self, e: &ExprJoinedStr) -> Expr {
        let mut parts = Vec::new();
        for part in &e.values {
            match part {
                Ast::Constant(ExprConstant { value: Constant::Str(text), .. }) => {
                    if !self.cx.exact_text(text, e) {
                        self.refuse(part, "an f-string with such characters is not in the native language yet");
                    }
                    parts.push(FormatPart::Text(text.clone()));
                }
                Ast::FormattedValue(value) => {
                    if parts.iter().any(|part| matches!(part, FormatPart::Value { .. })) && !self.is_ready(&value.value)
                    {
                        // CPython formats each value before it evaluates the next.
                        let done = std::mem::take(&mut parts);
                        let span = self.span(part);
                        let text = self.name(Rhs::new(Expr::Format(done), span));
                        parts.push(FormatPart::Value {
                            value: text,
                            conversion: None,
                            spec: String::new(),
                            computed: None,
                        });
                    }
                    let inner = self.atom(&value.value);
                    let computed = match value.format_spec.as_deref() {
                        None => None,
                        Some(Ast::JoinedStr(spec)) => match self.mean_format(spec) {
                            Expr::Atom(atom) => Some(atom),
                            text => {
                                let span = self.span(part);
                                Some(self.name(Rhs::new(text, span)))
                            }
                        },
                        Some(other) => Some(self.atom(other)),
                    };
                    let conversion = value.conversion.to_char();
                    parts.push(FormatPart::Value { value: inner, conversion, spec: String::new(), computed });
                }
                _ => {
                    self.refuse(part, "an f-string like this is not in the native language yet");
                }
            }
        }
        match &parts[..] {
            [] => Expr::Atom(Atom::Const(Const::Str(String::new()))),
            [FormatPart::Text(text)] => Expr::Atom(Atom::Const(Const::Str(text.clone()))),
            _ => Expr::Format(parts),
        }
    }

    fn spread_call(&mut self, expr: &Ast, e: &ExprCall) -> Rhs {
        let span = self.span(expr);
        let parts: Vec<&Ast> = e
            .args
            .iter()
            .map(|arg| match arg {
                Ast::Starred(star) => &*star.value,
                other => other,
            })
            .chain(e.keywords.iter().map(|keyword| &keyword.value))
            .collect();
        let callee = match &*e.func {
            Ast::Name(name) if self.place(&name.id) == Place::Global => Callee::Global(self.cx.global(&name.id)),
            Ast::Attribute(attribute) => {
                let object = self.atom(&attribute.value);
                let object = self.copy(object, span);
                Callee::Method(object, self.mangled(&attribute.attr))
            }
            func => {
                let function = self.atom(func);
                let function = self.copy(function, span);
                match function {
                    Atom::Var(name) => Callee::Var(name),
                    other => Callee::Var(match self.name(Rhs::new(Expr::Atom(other), span)) {
                        Atom::Var(name) => name,
                        _ => return self.refuse(expr, "a call of a constant is not in the native language"),
                    }),
                }
            }
        };
        let mut atoms = self.operands(&parts).into_iter();
        let mut args = Vec::new();
        for arg in &e.args {
            let atom = atoms.next().expect("one for each argument");
            args.push(match arg {
                Ast::Starred(_) => Argument::Star(atom),
                _ => Argument::Positional(atom),
            });
        }
        for keyword in &e.keywords {
            let atom = atoms.next().expect("one for each argument");
            args.push(match &keyword.arg {
                Some(name) => Argument::Keyword(name.to_string(), atom),
                None => Argument::DoubleStar(atom),
            });
        }
        Rhs::new(Expr::CallSpread { callee, args }, span)
    }

    fn lambda(&mut self, expr: &Ast, e: &ExprLambda) -> Rhs {
        let span = self.span(expr);
        let defaults = self.computed_defaults(&e.args);
        let scope = self.cx.scopes.of_expr(expr);
        let made = Made {
            name: "<lambda>".to_owned(),
            first_line: self.cx.lines.locate(expr.range().start().into()).0,
            scope,
            span,
            class: self.class.clone(),
        };
        let function = self.inner(made, &e.args, |body| {
            let value = body.atom(&e.body);
            body.emit(span, StmtKind::Return { value });
        });
        Rhs::new(Expr::Closure(function, defaults), span)
    }

    /// Evaluates the defaults of a parameter list that are no constants.
    pub(super) fn computed_defaults(&mut self, args: &rustpython_parser::ast::Arguments) -> Vec<(String, Atom)> {
        let all: Vec<(String, &Ast)> = args
            .posonlyargs
            .iter()
            .chain(&args.args)
            .chain(&args.kwonlyargs)
            .filter_map(|arg| Some((arg.def.arg.to_string(), arg.default.as_deref()?)))
            .filter(|(_, value)| self.cx.constant_default(value).is_none())
            .collect();
        let values: Vec<&Ast> = all.iter().map(|(_, value)| *value).collect();
        let atoms = self.operands(&values);
        all.into_iter().map(|(name, _)| name).zip(atoms).collect()
    }

    /// `name` as CPython mangles it within a class.
    pub(super) fn mangled(&self, name: &str) -> String {
        match &self.class {
            Some(class) if name.starts_with("__") && !name.ends_with("__") && !name.contains('.') => {
                let class = class.trim_start_matches('_');
                if class.is_empty() { name.to_owned() } else { format!("_{class}{name}") }
            }
            _ => name.to_owned(),
        }
    }

    /// A temporary for an iterator.
    pub(super) fn iterator(&mut self, object: Atom, span: crate::normal::Span) -> String {
        let iter = self.temp(Temp::Iter);
        self.assign(span, &iter, Expr::Iter(object));
        iter
    }
}
