//! The direct parts of syntax nodes, for the passes that look through a whole tree.

use rustpython_parser::ast::{Arguments, Comprehension, ExceptHandler, Expr, Pattern, Stmt};

/// Calls `f` for each direct subexpression, in source order as far as that matters to no caller.
pub(crate) fn children<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    match expr {
        Expr::BoolOp(e) => e.values.iter().for_each(f),
        Expr::NamedExpr(e) => [&*e.target, &*e.value].into_iter().for_each(f),
        Expr::BinOp(e) => [&*e.left, &*e.right].into_iter().for_each(f),
        Expr::UnaryOp(e) => f(&e.operand),
        Expr::Lambda(e) => {
            defaults(&e.args).for_each(&mut *f);
            f(&e.body);
        }
        Expr::IfExp(e) => [&*e.test, &*e.body, &*e.orelse].into_iter().for_each(f),
        Expr::Dict(e) => {
            e.keys.iter().flatten().for_each(&mut *f);
            e.values.iter().for_each(f);
        }
        Expr::Set(e) => e.elts.iter().for_each(f),
        Expr::ListComp(e) => comprehension(&[&e.elt], &e.generators, f),
        Expr::SetComp(e) => comprehension(&[&e.elt], &e.generators, f),
        Expr::DictComp(e) => comprehension(&[&e.key, &e.value], &e.generators, f),
        Expr::GeneratorExp(e) => comprehension(&[&e.elt], &e.generators, f),
        Expr::Await(e) => f(&e.value),
        Expr::Yield(e) => e.value.iter().for_each(|value| f(value)),
        Expr::YieldFrom(e) => f(&e.value),
        Expr::Compare(e) => {
            f(&e.left);
            e.comparators.iter().for_each(f);
        }
        Expr::Call(e) => {
            f(&e.func);
            e.args.iter().for_each(&mut *f);
            e.keywords.iter().for_each(|keyword| f(&keyword.value));
        }
        Expr::FormattedValue(e) => {
            f(&e.value);
            e.format_spec.iter().for_each(|spec| f(spec));
        }
        Expr::JoinedStr(e) => e.values.iter().for_each(f),
        Expr::Constant(_) | Expr::Name(_) => {}
        Expr::Attribute(e) => f(&e.value),
        Expr::Subscript(e) => [&*e.value, &*e.slice].into_iter().for_each(f),
        Expr::Starred(e) => f(&e.value),
        Expr::List(e) => e.elts.iter().for_each(f),
        Expr::Tuple(e) => e.elts.iter().for_each(f),
        Expr::Slice(e) => [&e.lower, &e.upper, &e.step].into_iter().flatten().for_each(|part| f(part)),
    }
}

fn comprehension<'a>(elements: &[&'a Expr], generators: &'a [Comprehension], f: &mut dyn FnMut(&'a Expr)) {
    for generator in generators {
        f(&generator.target);
        f(&generator.iter);
        generator.ifs.iter().for_each(&mut *f);
    }
    elements.iter().for_each(|element| f(element));
}

/// The default values of a parameter list, which belong to the enclosing scope.
pub(crate) fn defaults(args: &Arguments) -> impl Iterator<Item = &Expr> {
    args.posonlyargs.iter().chain(&args.args).chain(&args.kwonlyargs).filter_map(|arg| arg.default.as_deref())
}

/// The annotations of a parameter list.
pub(crate) fn annotations(args: &Arguments) -> impl Iterator<Item = &Expr> {
    let plain = args.posonlyargs.iter().chain(&args.args).chain(&args.kwonlyargs).map(|arg| &arg.def);
    plain.chain(args.vararg.as_deref()).chain(args.kwarg.as_deref()).filter_map(|arg| arg.annotation.as_deref())
}

/// Calls `f` for each expression that is directly part of a statement, not of a statement within it.
pub(crate) fn expressions<'a>(stmt: &'a Stmt, f: &mut dyn FnMut(&'a Expr)) {
    match stmt {
        Stmt::FunctionDef(s) => signature(&s.decorator_list, &s.args, s.returns.as_deref(), f),
        Stmt::AsyncFunctionDef(s) => signature(&s.decorator_list, &s.args, s.returns.as_deref(), f),
        Stmt::ClassDef(s) => {
            s.decorator_list.iter().for_each(&mut *f);
            s.bases.iter().for_each(&mut *f);
            s.keywords.iter().for_each(|keyword| f(&keyword.value));
        }
        Stmt::Return(s) => s.value.iter().for_each(|value| f(value)),
        Stmt::Delete(s) => s.targets.iter().for_each(f),
        Stmt::Assign(s) => {
            f(&s.value);
            s.targets.iter().for_each(f);
        }
        Stmt::TypeAlias(s) => f(&s.value),
        Stmt::AugAssign(s) => [&*s.target, &*s.value].into_iter().for_each(f),
        Stmt::AnnAssign(s) => {
            f(&s.target);
            f(&s.annotation);
            s.value.iter().for_each(|value| f(value));
        }
        Stmt::For(s) => [&*s.iter, &*s.target].into_iter().for_each(f),
        Stmt::AsyncFor(s) => [&*s.iter, &*s.target].into_iter().for_each(f),
        Stmt::While(s) => f(&s.test),
        Stmt::If(s) => f(&s.test),
        Stmt::With(s) => s.items.iter().for_each(|item| {
            f(&item.context_expr);
            item.optional_vars.iter().for_each(|target| f(target));
        }),
        Stmt::AsyncWith(s) => s.items.iter().for_each(|item| {
            f(&item.context_expr);
            item.optional_vars.iter().for_each(|target| f(target));
        }),
        Stmt::Match(s) => {
            f(&s.subject);
            for case in &s.cases {
                pattern(&case.pattern, &mut *f, &mut |_| {});
                case.guard.iter().for_each(|guard| f(guard));
            }
        }
        Stmt::Raise(s) => [&s.exc, &s.cause].into_iter().flatten().for_each(|part| f(part)),
        Stmt::Try(s) => handlers(&s.handlers).filter_map(|h| h.type_.as_deref()).for_each(f),
        Stmt::TryStar(s) => handlers(&s.handlers).filter_map(|h| h.type_.as_deref()).for_each(f),
        Stmt::Assert(s) => {
            f(&s.test);
            s.msg.iter().for_each(|message| f(message));
        }
        Stmt::Expr(s) => f(&s.value),
        Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Global(_)
        | Stmt::Nonlocal(_)
        | Stmt::Pass(_)
        | Stmt::Break(_)
        | Stmt::Continue(_) => {}
    }
}

fn signature<'a>(decorators: &'a [Expr], args: &'a Arguments, returns: Option<&'a Expr>, f: &mut dyn FnMut(&'a Expr)) {
    decorators.iter().for_each(&mut *f);
    defaults(args).for_each(&mut *f);
    annotations(args).for_each(&mut *f);
    returns.into_iter().for_each(f);
}

/// The `except` clauses of a `try`.
pub(crate) fn handlers(
    handlers: &[ExceptHandler],
) -> impl Iterator<Item = &rustpython_parser::ast::ExceptHandlerExceptHandler> {
    handlers.iter().map(|ExceptHandler::ExceptHandler(handler)| handler)
}

/// Calls `value` for each expression in a pattern, and `capture` for each name that it binds.
pub(crate) fn pattern<'a>(pattern_: &'a Pattern, value: &mut dyn FnMut(&'a Expr), capture: &mut dyn FnMut(&'a str)) {
    match pattern_ {
        Pattern::MatchValue(p) => value(&p.value),
        Pattern::MatchSingleton(_) => {}
        Pattern::MatchSequence(p) => p.patterns.iter().for_each(|part| pattern(part, value, capture)),
        Pattern::MatchMapping(p) => {
            p.keys.iter().for_each(&mut *value);
            p.patterns.iter().for_each(|part| pattern(part, value, capture));
            p.rest.iter().for_each(|name| capture(name.as_str()));
        }
        Pattern::MatchClass(p) => {
            value(&p.cls);
            p.patterns.iter().chain(&p.kwd_patterns).for_each(|part| pattern(part, value, capture));
        }
        Pattern::MatchStar(p) => p.name.iter().for_each(|name| capture(name.as_str())),
        Pattern::MatchAs(p) => {
            p.pattern.iter().for_each(|part| pattern(part, value, capture));
            p.name.iter().for_each(|name| capture(name.as_str()));
        }
        Pattern::MatchOr(p) => p.patterns.iter().for_each(|part| pattern(part, value, capture)),
    }
}

/// The blocks of a statement; those of a loop that `break` leaves are marked.
pub(crate) fn blocks(stmt: &Stmt) -> Vec<(&[Stmt], bool)> {
    match stmt {
        Stmt::FunctionDef(s) => vec![(&s.body, false)],
        Stmt::AsyncFunctionDef(s) => vec![(&s.body, false)],
        Stmt::ClassDef(s) => vec![(&s.body, false)],
        Stmt::For(s) => vec![(&s.body, true), (&s.orelse, false)],
        Stmt::AsyncFor(s) => vec![(&s.body, true), (&s.orelse, false)],
        Stmt::While(s) => vec![(&s.body, true), (&s.orelse, false)],
        Stmt::If(s) => vec![(&s.body, false), (&s.orelse, false)],
        Stmt::With(s) => vec![(&s.body, false)],
        Stmt::AsyncWith(s) => vec![(&s.body, false)],
        Stmt::Match(s) => s.cases.iter().map(|case| (&case.body[..], false)).collect(),
        Stmt::Try(s) => tried(&s.body, &s.handlers, &s.orelse, &s.finalbody),
        Stmt::TryStar(s) => tried(&s.body, &s.handlers, &s.orelse, &s.finalbody),
        _ => Vec::new(),
    }
}

fn tried<'a>(
    body: &'a [Stmt],
    clauses: &'a [ExceptHandler],
    orelse: &'a [Stmt],
    finalbody: &'a [Stmt],
) -> Vec<(&'a [Stmt], bool)> {
    let mut all = vec![(body, false)];
    all.extend(handlers(clauses).map(|handler| (&handler.body[..], false)));
    all.extend([(orelse, false), (finalbody, false)]);
    all
}

/// Whether a `break` in `body` leaves the loop that `body` belongs to.
pub(crate) fn has_break(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Break(_) => true,
        _ => blocks(stmt).into_iter().any(|(block, of_loop)| !of_loop && has_break(block)),
    })
}

/// The names that evaluating an expression may bind with `:=`.
pub(crate) fn walrus_names(expr: &Expr, names: &mut Vec<String>) {
    if let Expr::NamedExpr(e) = expr
        && let Expr::Name(target) = &*e.target
    {
        names.push(target.id.to_string());
    }
    children(expr, &mut |child| walrus_names(child, names));
}

/// Whether no chain of nested nodes is longer than `limit`; recurses no deeper than that itself.
pub(crate) fn fits(body: &[Stmt], limit: usize) -> bool {
    fn stmts(body: &[Stmt], limit: usize) -> bool {
        let Some(rest) = limit.checked_sub(1) else { return false };
        body.iter().all(|stmt| {
            let mut fits = true;
            expressions(stmt, &mut |part| fits = fits && expr(part, rest));
            fits && blocks(stmt).into_iter().all(|(block, _)| stmts(block, rest))
        })
    }
    fn expr(whole: &Expr, limit: usize) -> bool {
        let Some(rest) = limit.checked_sub(1) else { return false };
        let mut fits = true;
        children(whole, &mut |part| fits = fits && expr(part, rest));
        fits
    }
    stmts(body, limit)
}
