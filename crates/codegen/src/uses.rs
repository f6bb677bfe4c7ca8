//! What the statements of a traced function do with its variables.

use upshift_ir::{Argument, Atom, Block, Callee, Expr, ExprKind, FormatPart, FunctionId, StmtKind};

/// One use of a variable.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use<'b> {
    /// It is called by its name.
    Called(&'b str),
    /// It is copied to another variable.
    Copied {
        /// The variable.
        from: &'b str,
        /// The other one.
        to: &'b str,
    },
    /// Its value is used in any other way.
    Read(&'b str),
    /// It is unbound or assigned in place.
    Rebound(&'b str),
    /// A `def` binds it; `top` if that stands at the top of the function's body.
    Def {
        /// The variable.
        name: &'b str,
        /// What it is bound to.
        function: FunctionId,
        /// Whether it runs exactly once a call.
        top: bool,
    },
    /// A lambda or generator expression makes an object of this function.
    Closure(FunctionId),
    /// The body of a class statement runs.
    ClassBody(FunctionId),
}

/// Calls `found` with every use in `block`.
pub(crate) fn each_use<'b>(block: &'b [upshift_ir::Stmt], found: &mut impl FnMut(Use<'b>)) {
    Uses { found }.block(block, true);
}

struct Uses<'f, F> {
    found: &'f mut F,
}

impl<'b, F: FnMut(Use<'b>)> Uses<'_, F> {
    fn block(&mut self, block: &'b [upshift_ir::Stmt], top: bool) {
        for stmt in block {
            match &stmt.kind {
                StmtKind::Let { name, value } | StmtKind::Set { name, value } => match &value.kind {
                    ExprKind::Atom { value: Atom::Var(from) } => (self.found)(Use::Copied { from, to: name }),
                    _ => self.expr(value),
                },
                StmtKind::Update { name, value, .. } => {
                    (self.found)(Use::Read(name));
                    self.atom(value);
                }
                StmtKind::SetItem { object, index, value, .. } => self.atoms([object, index, value]),
                StmtKind::SetAttr { object, value, .. } | StmtKind::Push { object, value } => {
                    self.atoms([object, value]);
                }
                StmtKind::DelItem { object, index } => self.atoms([object, index]),
                StmtKind::DelAttr { object, .. } | StmtKind::SetGlobal { value: object, .. } => self.atom(object),
                StmtKind::DelVar { name } | StmtKind::Fresh { name } => (self.found)(Use::Rebound(name)),
                StmtKind::Unpack { value, .. } | StmtKind::Return { value } => self.atom(value),
                StmtKind::If { test, then, orelse } => {
                    self.atom(test);
                    self.block(then, false);
                    self.block(orelse, false);
                }
                StmtKind::While { next, body } => {
                    if let Some(next) = next {
                        (self.found)(Use::Read(&next.iter));
                    }
                    self.block(body, false);
                }
                StmtKind::Def { name, function, defaults } => {
                    self.atoms(defaults.iter().map(|(_, value)| value));
                    (self.found)(Use::Def { name, function: *function, top });
                }
                StmtKind::Class { body, bases, keywords, .. } => {
                    self.atoms(bases);
                    self.atoms(keywords.iter().map(|(_, value)| value));
                    (self.found)(Use::ClassBody(*body));
                }
                StmtKind::Raise { exception, cause } => self.atoms(exception.iter().chain(cause)),
                StmtKind::Try { body, handlers, orelse, finally } => {
                    self.block(body, false);
                    for handler in handlers {
                        self.block(&handler.before, false);
                        self.atoms(&handler.class);
                        self.block(&handler.body, false);
                    }
                    self.block(orelse, false);
                    self.block(finally, false);
                }
                StmtKind::With { context, body, .. } => {
                    self.atom(context);
                    self.block(body, false);
                }
                StmtKind::Break | StmtKind::Continue | StmtKind::Unknown { .. } | StmtKind::Opaque { .. } => {}
            }
        }
    }

    fn expr(&mut self, value: &'b Expr) {
        match &value.kind {
            ExprKind::Atom { value: atom }
            | ExprKind::UnOp { operand: atom, .. }
            | ExprKind::Attr { object: atom, .. }
            | ExprKind::Iter { object: atom }
            | ExprKind::Yield { value: atom }
            | ExprKind::YieldFrom { value: atom } => self.atom(atom),
            ExprKind::BinOp { left, right, .. }
            | ExprKind::Compare { left, right, .. }
            | ExprKind::Index { object: left, index: right }
            | ExprKind::Super { class: left, object: right } => self.atoms([left, right]),
            ExprKind::Slice { start, stop, step } => self.atoms([start, stop, step]),
            ExprKind::GetSlice { object, start, stop, step } => self.atoms([object, start, stop, step]),
            ExprKind::Call { callee, args, kwargs } => {
                self.callee(callee, true);
                self.atoms(args.iter().chain(kwargs.iter().map(|(_, value)| value)));
            }
            ExprKind::CallSpread { callee, args } => {
                self.callee(callee, false);
                self.atoms(args.iter().map(|arg| match arg {
                    Argument::Positional(value)
                    | Argument::Star(value)
                    | Argument::Keyword(_, value)
                    | Argument::DoubleStar(value) => value,
                }));
            }
            ExprKind::List { items } | ExprKind::Tuple { items } | ExprKind::Set { items } => self.atoms(items),
            ExprKind::Spread { items, .. } => self.atoms(items.iter().map(|(_, value)| value)),
            ExprKind::Dict { items } => self.atoms(items.iter().flat_map(|(key, value)| [key, value])),
            ExprKind::DictSpread { items } => {
                self.atoms(items.iter().flat_map(|(key, value)| key.iter().chain([value])));
            }
            ExprKind::Format { parts } => self.atoms(parts.iter().flat_map(|part| match part {
                FormatPart::Text(_) => [None, None].into_iter().flatten(),
                FormatPart::Value { value, spec, .. } => [Some(value), spec.as_ref()].into_iter().flatten(),
            })),
            ExprKind::Closure { function, defaults } => {
                self.atoms(defaults.iter().map(|(_, value)| value));
                (self.found)(Use::Closure(*function));
            }
            ExprKind::Global { .. }
            | ExprKind::Intrinsic { .. }
            | ExprKind::Import { .. }
            | ExprKind::Opaque { .. } => {}
        }
    }

    /// `plain` calls may reach a function that is no object.
    fn callee(&mut self, callee: &'b Callee, plain: bool) {
        match callee {
            Callee::Var(name) if plain => (self.found)(Use::Called(name)),
            Callee::Var(name) => (self.found)(Use::Read(name)),
            Callee::Method { object, .. } => self.atom(object),
            Callee::Global { .. } => {}
        }
    }

    fn atoms(&mut self, atoms: impl IntoIterator<Item = &'b Atom>) {
        atoms.into_iter().for_each(|atom| self.atom(atom));
    }

    fn atom(&mut self, atom: &'b Atom) {
        if let Atom::Var(name) = atom {
            (self.found)(Use::Read(name));
        }
    }
}

/// Calls `found` with every variable that a statement of `block` assigns, once for each.
pub(crate) fn each_assignment<'b>(block: &'b Block, found: &mut impl FnMut(&'b str)) {
    for stmt in block {
        match &stmt.kind {
            StmtKind::Let { name, .. }
            | StmtKind::Set { name, .. }
            | StmtKind::Update { name, .. }
            | StmtKind::Def { name, .. }
            | StmtKind::Class { name, .. }
            | StmtKind::DelVar { name }
            | StmtKind::Fresh { name } => found(name),
            StmtKind::Unpack { names, .. } => names.iter().for_each(|name| found(name)),
            StmtKind::If { then, orelse, .. } => {
                each_assignment(then, found);
                each_assignment(orelse, found);
            }
            StmtKind::While { next, body } => {
                if let Some(next) = next {
                    found(&next.item);
                }
                each_assignment(body, found);
            }
            StmtKind::Try { body, handlers, orelse, finally } => {
                each_assignment(body, found);
                for handler in handlers {
                    each_assignment(&handler.before, found);
                    if let Some(name) = &handler.name {
                        found(name);
                        found(name);
                    }
                    each_assignment(&handler.body, found);
                }
                each_assignment(orelse, found);
                each_assignment(finally, found);
            }
            StmtKind::With { name, body, .. } => {
                found(name);
                each_assignment(body, found);
            }
            _ => {}
        }
    }
}
