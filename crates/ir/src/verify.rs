//! What holds in every trace; checked between passes in tests and debug builds, and on every trace that is read back.
//!
//! - The version is [`TRACE_VERSION`]; `functions[i].id == i`; the entry exists, is not nested and takes one parameter.
//! - A parent exists, comes before its nested functions, and every free variable is a variable of some enclosing function.
//! - Every variable that is read or assigned is a parameter, a local or a free variable of its function;
//!   a free one is assigned only if it is listed as nonlocal.
//! - `break` and `continue` stand inside a loop.
//! - A `def` defines a function whose parent is the one that it stands in.

use std::collections::HashSet;

use crate::{Argument, Atom, Callee, ExprKind, FormatPart, Function, FunctionId, Stmt, StmtKind, TRACE_VERSION, Trace};

/// A broken invariant of a trace: a defect of Upshift or a damaged file, never of the user's program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trace is not valid: {0}")]
pub struct VerifyError(String);

/// Checks every invariant of the module's documentation.
pub fn verify(trace: &Trace) -> Result<(), VerifyError> {
    ensure(trace.version == TRACE_VERSION, || format!("version {} is not {TRACE_VERSION}", trace.version))?;
    for (i, function) in trace.functions.iter().enumerate() {
        ensure(function.id.0 as usize == i, || format!("function {i} calls itself {}", function.id))?;
    }
    let entry = trace.functions.get(trace.entry.0 as usize);
    ensure(entry.is_some_and(|f| f.parent.is_none() && f.params.len() == 1), || {
        format!("entry {} is no top-level function of one parameter", trace.entry)
    })?;
    trace.functions.iter().try_for_each(|function| Verify::new(trace, function)?.block(&function.body, false))
}

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Result<(), VerifyError> {
    if holds { Ok(()) } else { Err(VerifyError(message())) }
}

struct Verify<'t> {
    trace: &'t Trace,
    function: &'t Function,
    known: HashSet<&'t str>,
}

impl<'t> Verify<'t> {
    fn new(trace: &'t Trace, function: &'t Function) -> Result<Self, VerifyError> {
        let mut enclosing = HashSet::new();
        let mut inner = function;
        while let Some(parent) = inner.parent {
            ensure(parent < inner.id, || format!("{} comes before its parent {parent}", inner.id))?;
            inner = &trace.functions[parent.0 as usize];
            enclosing.extend(own_variables(inner));
        }
        for name in &function.free {
            // The class that a method is defined in belongs to no function.
            ensure(enclosing.contains(name.as_str()) || name == "__class__", || {
                format!("{}: no enclosing function has {name}", function.id)
            })?;
        }
        for name in &function.nonlocals {
            ensure(function.free.contains(name), || format!("{}: nonlocal {name} is not free", function.id))?;
        }
        let known = own_variables(function).chain(function.free.iter().map(String::as_str)).collect();
        Ok(Self { trace, function, known })
    }

    fn block(&self, block: &[Stmt], in_loop: bool) -> Result<(), VerifyError> {
        block.iter().try_for_each(|stmt| self.stmt(stmt, in_loop))
    }

    fn stmt(&self, stmt: &Stmt, in_loop: bool) -> Result<(), VerifyError> {
        match &stmt.kind {
            StmtKind::Let { name, value } | StmtKind::Set { name, value } => {
                self.assigns(name)?;
                self.expr(&value.kind)
            }
            StmtKind::Update { name, value, .. } => {
                self.assigns(name)?;
                self.atom(value)
            }
            StmtKind::SetItem { object, index, value, .. } => {
                [object, index, value].into_iter().try_for_each(|atom| self.atom(atom))
            }
            StmtKind::If { test, then, orelse } => {
                self.atom(test)?;
                self.block(then, in_loop)?;
                self.block(orelse, in_loop)
            }
            StmtKind::While { next, body } => {
                if let Some(next) = next {
                    self.assigns(&next.item)?;
                    self.reads(&next.iter)?;
                }
                self.block(body, true)
            }
            StmtKind::Break | StmtKind::Continue => {
                ensure(in_loop, || format!("{}: line {} leaves no loop", self.function.id, stmt.line))
            }
            StmtKind::Return { value } => self.atom(value),
            StmtKind::Def { name, function, defaults } => {
                self.assigns(name)?;
                defaults.iter().try_for_each(|(_, value)| self.atom(value))?;
                let defined = self.trace.functions.get(function.0 as usize);
                ensure(defined.is_some_and(|f| f.parent == Some(self.function.id)), || {
                    format!("{} defines {function}, which is not nested in it", self.function.id)
                })
            }
            StmtKind::Class { name, body, bases, keywords } => {
                self.assigns(name)?;
                self.function(*body)?;
                bases.iter().chain(keywords.iter().map(|(_, value)| value)).try_for_each(|atom| self.atom(atom))
            }
            StmtKind::SetGlobal { name, value } => {
                ensure(self.trace.variables.contains(name), || {
                    format!(
                        "{}: line {} assigns {name}, which is no variable of the module",
                        self.function.id, stmt.line
                    )
                })?;
                self.atom(value)
            }
            StmtKind::SetAttr { object, value, .. } | StmtKind::Push { object, value } => {
                self.atom(object)?;
                self.atom(value)
            }
            StmtKind::DelItem { object, index } => {
                self.atom(object)?;
                self.atom(index)
            }
            StmtKind::DelAttr { object, .. } => self.atom(object),
            StmtKind::DelVar { name } | StmtKind::Fresh { name } => self.assigns(name),
            StmtKind::Unpack { names, star, value, .. } => {
                ensure(star.is_none_or(|star| star < names.len()), || {
                    format!("{}: line {} has no such star", self.function.id, stmt.line)
                })?;
                self.atom(value)?;
                names.iter().try_for_each(|name| self.assigns(name))
            }
            StmtKind::Raise { exception, cause } => exception.iter().chain(cause).try_for_each(|atom| self.atom(atom)),
            StmtKind::Try { body, handlers, orelse, finally } => {
                self.block(body, in_loop)?;
                for handler in handlers {
                    self.block(&handler.before, in_loop)?;
                    handler.class.iter().try_for_each(|class| self.atom(class))?;
                    handler.name.iter().try_for_each(|name| self.assigns(name))?;
                    self.block(&handler.body, in_loop)?;
                }
                self.block(orelse, in_loop)?;
                self.block(finally, in_loop)
            }
            StmtKind::With { context, name, body } => {
                self.atom(context)?;
                self.assigns(name)?;
                self.block(body, in_loop)
            }
            StmtKind::Unknown { .. } | StmtKind::Opaque { .. } => Ok(()),
        }
    }

    fn expr(&self, kind: &ExprKind) -> Result<(), VerifyError> {
        match kind {
            ExprKind::Atom { value: atom }
            | ExprKind::UnOp { operand: atom, .. }
            | ExprKind::Attr { object: atom, .. }
            | ExprKind::Yield { value: atom }
            | ExprKind::YieldFrom { value: atom }
            | ExprKind::Iter { object: atom } => self.atom(atom),
            ExprKind::BinOp { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::Super { class: left, object: right }
            | ExprKind::Index { object: left, index: right } => {
                self.atom(left)?;
                self.atom(right)
            }
            ExprKind::Call { callee, args, kwargs } => {
                self.callee(callee)?;
                args.iter().chain(kwargs.iter().map(|(_, value)| value)).try_for_each(|atom| self.atom(atom))
            }
            ExprKind::CallSpread { callee, args } => {
                self.callee(callee)?;
                args.iter().try_for_each(|arg| match arg {
                    Argument::Positional(value)
                    | Argument::Star(value)
                    | Argument::Keyword(_, value)
                    | Argument::DoubleStar(value) => self.atom(value),
                })
            }
            ExprKind::List { items } | ExprKind::Tuple { items } | ExprKind::Set { items } => {
                items.iter().try_for_each(|atom| self.atom(atom))
            }
            ExprKind::Spread { items, .. } => items.iter().try_for_each(|(_, atom)| self.atom(atom)),
            ExprKind::DictSpread { items } => {
                items.iter().try_for_each(|(key, value)| key.iter().chain([value]).try_for_each(|atom| self.atom(atom)))
            }
            ExprKind::Slice { start, stop, step } => {
                [start, stop, step].into_iter().try_for_each(|atom| self.atom(atom))
            }
            ExprKind::GetSlice { object, start, stop, step } => {
                [object, start, stop, step].into_iter().try_for_each(|atom| self.atom(atom))
            }
            ExprKind::Closure { function, defaults } => {
                self.function(*function)?;
                defaults.iter().try_for_each(|(_, value)| self.atom(value))
            }
            ExprKind::Dict { items } => items.iter().try_for_each(|(key, value)| {
                self.atom(key)?;
                self.atom(value)
            }),
            ExprKind::Format { parts } => parts.iter().try_for_each(|part| match part {
                FormatPart::Text(_) => Ok(()),
                FormatPart::Value { value, spec, .. } => {
                    self.atom(value)?;
                    spec.iter().try_for_each(|spec| self.atom(spec))
                }
            }),
            ExprKind::Global { .. }
            | ExprKind::Intrinsic { .. }
            | ExprKind::Import { .. }
            | ExprKind::Opaque { .. } => Ok(()),
        }
    }

    fn callee(&self, callee: &Callee) -> Result<(), VerifyError> {
        match callee {
            Callee::Var(name) => self.reads(name),
            Callee::Method { object, .. } => self.atom(object),
            Callee::Global { .. } => Ok(()),
        }
    }

    fn function(&self, function: FunctionId) -> Result<(), VerifyError> {
        ensure((function.0 as usize) < self.trace.functions.len(), || {
            format!("{} makes {function}, which does not exist", self.function.id)
        })
    }

    fn atom(&self, atom: &Atom) -> Result<(), VerifyError> {
        match atom {
            Atom::Var(name) => self.reads(name),
            Atom::Const(_) => Ok(()),
        }
    }

    fn reads(&self, name: &str) -> Result<(), VerifyError> {
        ensure(self.known.contains(name), || format!("{} reads {name}, which it does not declare", self.function.id))
    }

    fn assigns(&self, name: &str) -> Result<(), VerifyError> {
        let free = self.function.free.iter().any(|free| free == name);
        let nonlocal = self.function.nonlocals.iter().any(|nonlocal| nonlocal == name);
        ensure(self.known.contains(name) && (!free || nonlocal), || {
            format!("{} assigns {name}, which is not its own", self.function.id)
        })
    }
}

fn own_variables(function: &Function) -> impl Iterator<Item = &str> {
    function.params.iter().map(|param| param.name.as_str()).chain(function.locals.iter().map(String::as_str))
}
