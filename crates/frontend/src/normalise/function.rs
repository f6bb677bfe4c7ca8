//! A `def` to a [`Function`]: signature, variables, and whether its body can be rewritten.

use std::collections::BTreeSet;
use std::ops::Range;

use rustpython_parser::Tok;
use rustpython_parser::ast::{ArgWithDefault, Arguments, Constant, Expr, Ranged, Stmt, UnaryOp};
use upshift_ir::{Const, FunctionId};

use super::body::Body;
use super::{Cx, range};
use crate::normal::{Atom, Block, Function, Param, ParamDefault, ParamKind, StmtKind};

impl Cx<'_> {
    /// Normalises a `def` whose free variables in `bound` are bound whenever it runs.
    pub(super) fn function(&mut self, def: &Stmt, parent: Option<FunctionId>, bound: Vec<String>) -> FunctionId {
        let (name, args, body, is_async) = match def {
            Stmt::FunctionDef(s) => (&s.name, &s.args, &s.body, false),
            Stmt::AsyncFunctionDef(s) => (&s.name, &s.args, &s.body, true),
            _ => unreachable!("only called for a def"),
        };
        let id = self.reserve();
        let site = self.site();
        let params = self.params(args);
        let (signature, returns) = self.header(def, body);
        let scope_id = self.scopes.of_def(def.range().start().into());
        let scope = &self.scopes.all[scope_id];
        let opaque = match &scope.special {
            _ if is_async => Some("an async function is not in the native language yet".to_owned()),
            _ if scope.generator => Some("a generator is kept as it is".to_owned()),
            Some(special) => Some(format!("{special} sees the variables of the function")),
            None => None,
        };
        let qualname = match parent {
            Some(parent) => format!("{}.<locals>.{name}", self.qualnames[parent.0 as usize]),
            None => name.to_string(),
        };
        self.qualnames[id.0 as usize] = qualname.clone();
        let mut function = Function {
            id,
            name: name.to_string(),
            qualname,
            first_line: self.lines.locate(self.start(def)).0,
            generator: scope.generator && !is_async,
            printed: true,
            parent,
            is_async,
            span: self.span(def),
            site,
            signature,
            returns,
            params,
            locals: scope.own.clone(),
            temporaries: Vec::new(),
            free: scope.free.iter().cloned().collect(),
            nonlocals: unique(&scope.nonlocals),
            globals: unique(&scope.globals),
            cells: scope.cells.iter().cloned().collect(),
            whole: None,
            docstring: None,
            body: Block::new(),
        };
        if let Some(reason) = opaque {
            let text = self.start(&body[0])..body[body.len() - 1].range().end().into();
            function.whole = Some(text.clone());
            let refused = is_async || self.hides_variables(scope_id);
            let mut whole = Body::new(self, scope_id, id, bound);
            let span = whole.cx.lines.span(&text);
            let meaning = whole.meaning_of(|this| match refused {
                true => this.emit(span, StmtKind::Refused { reason: reason.clone() }),
                false => this.stmts(split_docstring(body).1),
            });
            let site = whole.cx.site();
            whole.emit(span, StmtKind::Opaque { text, reason, meaning, site });
            let (block, temporaries) = whole.finish();
            function.locals.extend(temporaries.iter().cloned());
            function.temporaries = temporaries;
            function.body = block;
        } else {
            let (docstring, rest) = split_docstring(body);
            function.docstring = docstring;
            let mut lowered = Body::new(self, scope_id, id, bound);
            lowered.stmts(rest);
            let (block, temporaries) = lowered.finish();
            function.locals.extend(temporaries.iter().cloned());
            function.temporaries = temporaries;
            function.body = block;
        }
        self.functions[id.0 as usize] = Some(function);
        id
    }

    /// Whether code in a scope may look at the variables of its frame, so that it has no meaning but in CPython.
    fn hides_variables(&self, scope: usize) -> bool {
        matches!(self.scopes.all[scope].special.as_deref(), Some(special) if !matches!(special, "super" | "__class__"))
    }

    pub(super) fn params(&mut self, args: &Arguments) -> Vec<Param> {
        let mut params = Vec::new();
        let mut push = |cx: &mut Self, name: String, kind, default| {
            let site = cx.site();
            params.push(Param { name, site, kind, default });
        };
        for arg in &args.posonlyargs {
            push(self, arg.def.arg.to_string(), ParamKind::PositionalOnly, self.default(arg));
        }
        for arg in &args.args {
            push(self, arg.def.arg.to_string(), ParamKind::Plain, self.default(arg));
        }
        if let Some(arg) = &args.vararg {
            push(self, arg.arg.to_string(), ParamKind::Star, ParamDefault::None);
        }
        for arg in &args.kwonlyargs {
            push(self, arg.def.arg.to_string(), ParamKind::KeywordOnly, self.default(arg));
        }
        if let Some(arg) = &args.kwarg {
            push(self, arg.arg.to_string(), ParamKind::DoubleStar, ParamDefault::None);
        }
        params
    }

    fn default(&self, arg: &ArgWithDefault) -> ParamDefault {
        match arg.default.as_deref() {
            None => ParamDefault::None,
            Some(expr) => self.constant_default(expr).map_or(ParamDefault::Other, ParamDefault::Const),
        }
    }

    pub(super) fn constant_default(&self, expr: &Expr) -> Option<Const> {
        match expr {
            Expr::Constant(e) => match self.constant(e) {
                Atom::Const(value) => Some(value),
                _ => None,
            },
            Expr::UnaryOp(e) if e.op == UnaryOp::USub => match self.constant_default(&e.operand)? {
                Const::Int(value) => value.checked_neg().map(Const::Int),
                Const::Float(value) => Some(Const::Float(upshift_ir::FloatText(-value.0))),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text between the parentheses of a `def`, and that between `->` and the colon.
    fn header(&self, def: &Stmt, body: &[Stmt]) -> (Range<usize>, Option<Range<usize>>) {
        let start: usize = def.range().start().into();
        let from = self.tokens.partition_point(|(_, range)| range.start < start);
        let to = self.tokens.partition_point(|(_, range)| range.start < self.start(&body[0]));
        let tokens = &self.tokens[from..to];
        let open = tokens.iter().position(|(tok, _)| matches!(tok, Tok::Lpar)).expect("a def has parentheses");
        let mut depth = 0;
        let close = open
            + tokens[open..]
                .iter()
                .position(|(tok, _)| {
                    match tok {
                        Tok::Lpar | Tok::Lsqb | Tok::Lbrace => depth += 1,
                        Tok::Rpar | Tok::Rsqb | Tok::Rbrace => depth -= 1,
                        _ => {}
                    }
                    depth == 0
                })
                .expect("brackets match");
        let colon = tokens.iter().rposition(|(tok, _)| matches!(tok, Tok::Colon)).expect("a def has a colon");
        let returns = (colon > close + 1).then(|| tokens[close + 1].1.end..tokens[colon - 1].1.end);
        let returns = returns.map(|text| {
            let blank = self.source[text.clone()].len() - self.source[text.clone()].trim_start().len();
            text.start + blank..text.end
        });
        (tokens[open].1.end..tokens[close].1.start, returns)
    }

    /// Why a nested `def` cannot be rewritten, if it cannot.
    pub(super) fn nested_reason(&self, def: &Stmt) -> Option<&'static str> {
        let (args, returns, decorators, type_params) = match def {
            Stmt::FunctionDef(s) => (&s.args, &s.returns, &s.decorator_list, &s.type_params),
            Stmt::AsyncFunctionDef(_) => return Some("a nested async function is not in the native language yet"),
            _ => unreachable!("only called for a def"),
        };
        let simple = |expr: &Expr| matches!(expr, Expr::Name(_) | Expr::Constant(_));
        if !decorators.is_empty() {
            Some("a decorated nested function is not in the native language yet")
        } else if !type_params.is_empty() {
            Some("type parameters are not in the native language yet")
        } else if !crate::walk::defaults(args)
            .all(|e| matches!(e, Expr::Constant(_)) || self.constant_default(e).is_some())
        {
            Some("a nested function with computed defaults is not in the native language yet")
        } else if !crate::walk::annotations(args).chain(returns.as_deref()).all(simple) {
            Some("a nested function with computed annotations is not in the native language yet")
        } else {
            None
        }
    }
}

fn split_docstring(body: &[Stmt]) -> (Option<Range<usize>>, &[Stmt]) {
    if let Some(Stmt::Expr(first)) = body.first()
        && let Expr::Constant(constant) = &*first.value
        && let Constant::Str(_) = &constant.value
    {
        return (Some(range(first)), &body[1..]);
    }
    (None, body)
}

fn unique(names: &[String]) -> Vec<String> {
    names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
