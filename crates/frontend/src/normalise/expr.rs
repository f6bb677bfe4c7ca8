//! Expressions: operands to atoms, applications to one assignment each.

use rustpython_parser::ast::{
    CmpOp, Constant, Expr as Ast, ExprCall, ExprCompare, ExprConstant, ExprJoinedStr, ExprUnaryOp, Operator, Ranged,
    UnaryOp as AstUnary,
};
use upshift_ir::{BinaryOp, CompareOp, Const, FloatText, UnaryOp};

use super::body::{Body, MAX_BLOCKS, Place};
use super::{Cx, Temp, range};
use crate::normal::{Atom, Callee, Expr, FormatPart, Span};
use crate::walk;

/// An application ready to be assigned, and its position.
pub(super) struct Rhs {
    pub(super) value: Expr,
    pub(super) span: Span,
    /// Position of the callee, where the call itself looks it up.
    pub(super) callee: Option<Span>,
}

impl Rhs {
    pub(super) fn new(value: Expr, span: Span) -> Self {
        Self { value, span, callee: None }
    }
}

impl Cx<'_> {
    /// A constant of the source.
    pub(super) fn constant(&self, constant: &ExprConstant) -> Atom {
        let literal = Atom::Literal(range(constant));
        Atom::Const(match &constant.value {
            Constant::None => Const::None,
            Constant::Bool(value) => Const::Bool(*value),
            Constant::Int(value) => match i64::try_from(value) {
                Ok(value) => Const::Int(value),
                // CPython refuses to read much longer ones in decimal.
                Err(_) if value.bits() > 10_000 => return literal,
                Err(_) => Const::BigInt(value.to_string()),
            },
            Constant::Float(value) => Const::Float(FloatText(*value)),
            Constant::Str(value) => match self.exact_text(value, constant) {
                true => Const::Str(value.clone()),
                false => return literal,
            },
            Constant::Bytes(bytes) => Const::Bytes(bytes.clone()),
            Constant::Ellipsis => Const::Ellipsis,
            Constant::Complex { .. } | Constant::Tuple(_) => return literal,
        })
    }

    /// Whether the parser read a string as CPython does: it replaces surrogates, and knows other names of characters.
    pub(super) fn exact_text(&self, value: &str, node: &impl Ranged) -> bool {
        let text = self.text(node);
        !value.contains('\u{fffd}') && !text.contains("\\N") && !text.contains('\r')
    }
}

impl Body<'_, '_> {
    /// A negative number, which is one constant to CPython (`Python/ast_opt.c`), as are tuples of such.
    fn negative(&self, expr: &ExprUnaryOp) -> Option<Atom> {
        let (AstUnary::USub, Ast::Constant(constant)) = (expr.op, &*expr.operand) else { return None };
        match self.cx.constant(constant) {
            Atom::Const(Const::Int(value)) => value.checked_neg().map(|value| Atom::Const(Const::Int(value))),
            Atom::Const(Const::Float(value)) => Some(Atom::Const(Const::Float(FloatText(-value.0)))),
            _ => None,
        }
    }

    pub(super) fn span(&self, node: &impl Ranged) -> Span {
        self.cx.span(node)
    }

    /// Evaluates an expression to an operand; a variable of the source is not copied.
    pub(super) fn atom(&mut self, expr: &Ast) -> Atom {
        let rhs = self.rhs(expr);
        if let Expr::Atom(atom) = &rhs.value
            && !matches!(atom, Atom::Var(name) if !self.is_temp(name) && !self.is_bound(name))
        {
            return atom.clone();
        }
        self.name(rhs)
    }

    /// Assigns an application to a new temporary.
    pub(super) fn name(&mut self, rhs: Rhs) -> Atom {
        let kind = match &rhs.value {
            Expr::Call { .. } => Temp::App,
            _ => Temp::Other,
        };
        self.name_as(kind, rhs)
    }

    fn name_as(&mut self, kind: Temp, rhs: Rhs) -> Atom {
        let temp = self.temp(kind);
        self.assign_call(rhs.span, rhs.callee, &temp, rhs.value);
        Atom::Var(temp)
    }

    /// Copies a variable of the source to a temporary.
    pub(super) fn copy(&mut self, atom: Atom, span: Span) -> Atom {
        match &atom {
            Atom::Var(name) if !self.is_temp(name) => self.name(Rhs::new(Expr::Atom(atom), span)),
            _ => atom,
        }
    }

    /// Whether evaluating an expression is reading a constant or a variable that is surely bound.
    pub(super) fn is_ready(&self, expr: &Ast) -> bool {
        match expr {
            Ast::Constant(_) => true,
            Ast::Name(e) => self.place(&e.id) == Place::Variable && self.is_bound(&e.id),
            _ => false,
        }
    }

    /// Whether evaluating `later` may rebind a variable.
    fn may_rebind(&self, name: &str, later: &[&Ast]) -> bool {
        if later.iter().all(|expr| self.is_ready(expr)) || self.is_temp(name) {
            return false;
        }
        let mut walrus = Vec::new();
        later.iter().for_each(|expr| walk::walrus_names(expr, &mut walrus));
        self.is_shared(name) || walrus.iter().any(|bound| bound == name)
    }

    /// Evaluates an operand in front of others.
    pub(super) fn operand(&mut self, expr: &Ast, later: &[&Ast]) -> Atom {
        match self.atom(expr) {
            Atom::Var(name) if self.may_rebind(&name, later) => {
                let span = self.span(expr);
                self.copy(Atom::Var(name), span)
            }
            atom => atom,
        }
    }

    /// Evaluates operands from left to right.
    pub(super) fn operands(&mut self, exprs: &[&Ast]) -> Vec<Atom> {
        (0..exprs.len()).map(|at| self.operand(exprs[at], &exprs[at + 1..])).collect()
    }

    /// Evaluates all operands of an expression, and returns what remains to be done.
    pub(super) fn rhs(&mut self, expr: &Ast) -> Rhs {
        let span = self.span(expr);
        let value = match expr {
            Ast::Constant(e) => Expr::Atom(self.cx.constant(e)),
            Ast::Name(e) => match self.place(&e.id) {
                Place::Variable => Expr::Atom(Atom::Var(self.out(&e.id))),
                Place::Global => Expr::Global(self.cx.global(&e.id)),
            },
            Ast::BinOp(e) if e.op == Operator::Mod && self.is_inlined_format(&e.left, &e.right) => {
                return self.kept(expr, "% of a tuple of expressions is");
            }
            Ast::BinOp(e) => {
                let mut atoms = self.operands(&[&e.left, &e.right]);
                let right = atoms.pop().expect("two operands");
                Expr::Binary(binary_op(e.op), atoms.remove(0), right)
            }
            Ast::UnaryOp(e) if let Some(negative) = self.negative(e) => Expr::Atom(negative),
            Ast::UnaryOp(e) => {
                let op = match e.op {
                    AstUnary::Not => UnaryOp::Not,
                    AstUnary::USub => UnaryOp::Neg,
                    AstUnary::UAdd => UnaryOp::Pos,
                    AstUnary::Invert => UnaryOp::Invert,
                };
                Expr::Unary(op, self.atom(&e.operand))
            }
            Ast::BoolOp(e) if !self.meaning && self.depth + e.values.len() > MAX_BLOCKS => {
                return self.kept(expr, "an expression nested this deeply is");
            }
            Ast::BoolOp(e) => Expr::Atom(self.bool_op(e, span)),
            Ast::IfExp(_) if !self.meaning && self.depth >= MAX_BLOCKS => {
                return self.kept(expr, "an expression nested this deeply is");
            }
            Ast::IfExp(e) => {
                let result = self.temp(Temp::Other);
                let mut at = span;
                let test = self.test(&e.test, &mut at);
                self.branch(
                    at,
                    test,
                    |this| this.store_temp(&result, &e.body),
                    |this| this.store_temp(&result, &e.orelse),
                );
                Expr::Atom(Atom::Var(result))
            }
            Ast::Compare(e) if !self.meaning && self.depth + e.ops.len() > MAX_BLOCKS => {
                return self.kept(expr, "an expression nested this deeply is");
            }
            Ast::Compare(e) => self.compare(e, span, false),
            Ast::Call(e) => return self.call(expr, e),
            Ast::Attribute(e) => {
                let object = self.atom(&e.value);
                Expr::Attr(object, self.mangled(&e.attr))
            }
            Ast::Subscript(e) => match &*e.slice {
                Ast::Slice(_) => return self.kept(expr, "a slice is"),
                Ast::Tuple(t) if t.elts.iter().any(|e| matches!(e, Ast::Slice(_) | Ast::Starred(_))) => {
                    return self.kept(expr, "a slice in a tuple is");
                }
                slice => {
                    let mut atoms = self.operands(&[&e.value, slice]);
                    let index = atoms.pop().expect("two operands");
                    Expr::Index(atoms.remove(0), index)
                }
            },
            Ast::List(e) if !starred(&e.elts) => Expr::List(self.operands(&e.elts.iter().collect::<Vec<_>>())),
            Ast::Tuple(e) if !starred(&e.elts) => Expr::Tuple(self.operands(&e.elts.iter().collect::<Vec<_>>())),
            Ast::List(_) | Ast::Tuple(_) => return self.kept(expr, "a starred element is"),
            Ast::Dict(e) if e.keys.iter().any(Option::is_none) => return self.kept(expr, "** in a dict display is"),
            Ast::Dict(e) => {
                let pairs: Vec<&Ast> =
                    e.keys.iter().flatten().zip(&e.values).flat_map(|(key, value)| [key, value]).collect();
                // CPython builds a long one in steps, and hashes keys before it evaluates what follows.
                if !self.meaning && e.values.len() > 15 && !pairs.iter().all(|part| self.is_ready(part)) {
                    return self.kept(expr, "a dict display this long is");
                }
                let atoms = self.operands(&pairs);
                Expr::Dict(atoms.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
            }
            Ast::JoinedStr(_) if self.meaning => return self.kept(expr, "an f-string is"),
            Ast::JoinedStr(e) => match self.plain_format(e) {
                Ok(()) => self.format(e, span),
                Err(what) => return self.kept(expr, what),
            },
            Ast::NamedExpr(e) => match &*e.target {
                Ast::Name(target) => {
                    let rhs = self.rhs(&e.value);
                    let value = match &rhs.value {
                        Expr::Atom(atom @ (Atom::Const(_) | Atom::Literal(_))) => atom.clone(),
                        _ => self.name(rhs),
                    };
                    let at = self.span(&*e.target);
                    let name = self.out(&target.id);
                    self.assign(at, &name, Expr::Atom(value.clone()));
                    self.bind(&target.id);
                    Expr::Atom(value)
                }
                _ => return self.kept(expr, "this assignment expression is"),
            },
            Ast::Lambda(_) => return self.kept(expr, "a lambda is"),
            Ast::Set(_) => return self.kept(expr, "a set display is"),
            Ast::ListComp(_) => return self.kept(expr, "a list comprehension is"),
            Ast::SetComp(_) => return self.kept(expr, "a set comprehension is"),
            Ast::DictComp(_) => return self.kept(expr, "a dict comprehension is"),
            Ast::GeneratorExp(_) => return self.kept(expr, "a generator expression is"),
            Ast::Await(_) | Ast::Yield(_) | Ast::YieldFrom(_) => return self.kept(expr, "suspending is"),
            Ast::FormattedValue(_) | Ast::Starred(_) | Ast::Slice(_) => return self.kept(expr, "this expression is"),
        };
        Rhs::new(value, span)
    }

    /// Assigns an expression's value to a temporary made before.
    pub(super) fn store_temp(&mut self, target: &str, expr: &Ast) {
        let rhs = self.rhs(expr);
        self.assign_call(rhs.span, rhs.callee, target, rhs.value);
    }

    /// A comparison or a chain of them; as a test, no result is tested twice.
    pub(super) fn compare(&mut self, e: &ExprCompare, span: Span, as_test: bool) -> Expr {
        let parts: Vec<&Ast> = std::iter::once(&*e.left).chain(&e.comparators).collect();
        if e.ops.len() == 1 {
            let mut atoms = self.operands(&parts);
            let right = atoms.pop().expect("two operands");
            return Expr::Compare(compare_op(e.ops[0]), atoms.remove(0), right);
        }
        let result = self.temp(Temp::Other);
        if as_test {
            self.assign_const(span, &result, false);
        }
        let left = self.operand(parts[0], &parts[1..]);
        self.link(e, &parts, 0, left, &result, span, as_test);
        Expr::Atom(Atom::Var(result))
    }

    /// The comparison `at` of a chain and, if it holds, those behind it.
    #[expect(clippy::too_many_arguments, reason = "the state of a recursion that nothing else shares")]
    fn link(
        &mut self,
        e: &ExprCompare,
        parts: &[&Ast],
        at: usize,
        left: Atom,
        result: &str,
        span: Span,
        as_test: bool,
    ) {
        let last = at + 1 == e.ops.len();
        let mut right = self.operand(parts[at + 1], &parts[at + 2..]);
        if let (Atom::Var(name), false) = (&right, last)
            && self.is_shared(name)
        {
            // The comparison itself may run code that rebinds it.
            let here = self.span(parts[at + 1]);
            right = self.copy(right, here);
        }
        let value = Expr::Compare(compare_op(e.ops[at]), left, right.clone());
        if last {
            return self.assign(span, result, value);
        }
        let test = if as_test { self.temp(Temp::Other) } else { result.to_owned() };
        self.assign(span, &test, value);
        self.branch(span, Atom::Var(test), |this| this.link(e, parts, at + 1, right, result, span, as_test), |_| {});
    }

    fn call(&mut self, expr: &Ast, e: &ExprCall) -> Rhs {
        if e.args.iter().any(|arg| matches!(arg, Ast::Starred(_))) {
            return self.kept(expr, "* in a call is");
        }
        if e.keywords.iter().any(|keyword| keyword.arg.is_none()) {
            return self.kept(expr, "** in a call is");
        }
        if let (Ast::Name(name), true, true) = (&*e.func, e.args.is_empty(), self.meaning)
            && name.id.as_str() == "super"
            && self.place("super") == Place::Global
        {
            return self.super_call(expr);
        }
        let parts: Vec<&Ast> = e.args.iter().chain(e.keywords.iter().map(|keyword| &keyword.value)).collect();
        let ready = parts.iter().all(|part| self.is_ready(part));
        let mut span = self.span(expr);
        let func_span = self.span(&*e.func);
        let mut callee_span = Some(func_span);
        let callee = match &*e.func {
            Ast::Name(name) if ready && self.place(&name.id) == Place::Global => {
                Callee::Global(self.cx.global(&name.id))
            }
            Ast::Name(name) if ready && self.place(&name.id) == Place::Variable => Callee::Var(self.out(&name.id)),
            Ast::Attribute(attribute) => {
                if parts.len() + usize::from(!e.keywords.is_empty()) < 30 && span.line != func_span.end_line {
                    // CPython moves the position of a method's call to the line of its name.
                    span.line = func_span.end_line;
                    span.column = func_span.end_column.saturating_sub(attribute.attr.chars().count() as u32);
                }
                let object = self.atom(&attribute.value);
                let name = self.mangled(&attribute.attr);
                if ready {
                    Callee::Method(object, name)
                } else {
                    callee_span = None;
                    let method = self.name_as(Temp::Method, Rhs::new(Expr::Attr(object, name), func_span));
                    Callee::Var(var(method))
                }
            }
            _ => {
                callee_span = None;
                let rhs = self.rhs(&e.func);
                let function = match &rhs.value {
                    Expr::Atom(Atom::Var(name)) if self.is_temp(name) => Atom::Var(name.clone()),
                    Expr::Atom(Atom::Var(name)) if self.is_bound(name) && !self.may_rebind(name, &parts) => {
                        Atom::Var(name.clone())
                    }
                    Expr::Call { .. } => self.name(rhs),
                    _ => self.name_as(Temp::Callee, rhs),
                };
                Callee::Var(var(function))
            }
        };
        let mut args = self.operands(&parts);
        let values = args.split_off(e.args.len());
        let names = e.keywords.iter().map(|keyword| keyword.arg.as_ref().map(ToString::to_string).unwrap_or_default());
        let kwargs = names.zip(values).collect();
        Rhs { value: Expr::Call { callee, args, kwargs }, span, callee: callee_span }
    }

    /// `super()` in a method.
    fn super_call(&mut self, expr: &Ast) -> Rhs {
        let span = self.span(expr);
        let first = self.cx.scopes.all[self.scope].params.first().cloned();
        match first {
            Some(first) if self.class.is_some() => {
                let class = Atom::Var(self.out("__class__"));
                Rhs::new(Expr::Super(class, Atom::Var(self.out(&first))), span)
            }
            _ => self.refuse(expr, "super() in such a place is not in the native language yet"),
        }
    }

    /// Whether CPython turns `format % tuple` into formatting each element before it evaluates the next.
    fn is_inlined_format(&self, format: &Ast, tuple: &Ast) -> bool {
        let Ast::Constant(ExprConstant { value: Constant::Str(_), .. }) = format else { return false };
        let Ast::Tuple(tuple) = tuple else { return false };
        if self.meaning {
            return false;
        }
        tuple.elts.iter().skip(1).any(|element| !self.is_ready(element))
    }

    /// Whether an f-string consists of text and values with constant specifications, on one line.
    fn plain_format(&self, e: &ExprJoinedStr) -> Result<(), &'static str> {
        let text = self.cx.text(e);
        if text.contains(['\n', '\r']) {
            return Err("an f-string over several lines is");
        }
        if text.match_indices('=').any(|(at, _)| text[at + 1..].trim_start().starts_with(['}', '!', ':'])) {
            return Err("= in an f-string is");
        }
        for part in &e.values {
            match part {
                Ast::Constant(ExprConstant { value: Constant::Str(value), .. }) if self.cx.exact_text(value, e) => {}
                Ast::FormattedValue(value) if spec(value.format_spec.as_deref()).is_some() => {}
                _ => return Err("an f-string with such a specification is"),
            }
        }
        Ok(())
    }

    fn format(&mut self, e: &ExprJoinedStr, span: Span) -> Expr {
        let mut parts = Vec::new();
        let mut values = 0;
        for part in &e.values {
            match part {
                Ast::Constant(ExprConstant { value: Constant::Str(text), .. }) => {
                    parts.push(FormatPart::Text(text.clone()))
                }
                Ast::FormattedValue(value) => {
                    if values > 0 && !self.is_ready(&value.value) {
                        // CPython formats each value before it evaluates the next.
                        let done = std::mem::take(&mut parts);
                        let value = self.name(Rhs::new(Expr::Format(done), span));
                        let spec = String::new();
                        parts.push(FormatPart::Value { value, conversion: None, spec, computed: None });
                    }
                    values += 1;
                    let mut atom = self.atom(&value.value);
                    if !matches!(atom, Atom::Var(_)) {
                        atom = self.name(Rhs::new(Expr::Atom(atom), span));
                    }
                    let spec = spec(value.format_spec.as_deref()).unwrap_or_default();
                    let conversion = value.conversion.to_char();
                    parts.push(FormatPart::Value { value: atom, conversion, spec, computed: None });
                }
                _ => unreachable!("checked before"),
            }
        }
        match &parts[..] {
            [] => Expr::Atom(Atom::Const(Const::Str(String::new()))),
            [FormatPart::Text(text)] => Expr::Atom(Atom::Const(Const::Str(text.clone()))),
            _ => Expr::Format(parts),
        }
    }
}

/// A constant specification that can be printed as it is.
fn spec(spec: Option<&Ast>) -> Option<String> {
    let Some(spec) = spec else { return Some(String::new()) };
    let Ast::JoinedStr(spec) = spec else { return None };
    let mut whole = String::new();
    for part in &spec.values {
        match part {
            Ast::Constant(ExprConstant { value: Constant::Str(text), .. }) => whole.push_str(text),
            _ => return None,
        }
    }
    let plain = |c: char| c.is_ascii_graphic() && !"{}\\'\"".contains(c) || c == ' ';
    whole.chars().all(plain).then_some(whole)
}

fn var(atom: Atom) -> String {
    match atom {
        Atom::Var(name) => name,
        _ => unreachable!("a temporary"),
    }
}

fn starred(elements: &[Ast]) -> bool {
    elements.iter().any(|element| matches!(element, Ast::Starred(_)))
}

/// The operator of a binary operation or an augmented assignment.
pub(super) fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::Div,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::LShift => BinaryOp::LShift,
        Operator::RShift => BinaryOp::RShift,
        Operator::BitOr => BinaryOp::BitOr,
        Operator::BitXor => BinaryOp::BitXor,
        Operator::BitAnd => BinaryOp::BitAnd,
        Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn compare_op(op: CmpOp) -> CompareOp {
    match op {
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::NotEq => CompareOp::Ne,
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::LtE => CompareOp::Le,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::GtE => CompareOp::Ge,
        CmpOp::Is => CompareOp::Is,
        CmpOp::IsNot => CompareOp::IsNot,
        CmpOp::In => CompareOp::In,
        CmpOp::NotIn => CompareOp::NotIn,
    }
}
