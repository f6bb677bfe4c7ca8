//! Every place of a block that names a variable, for renaming.

use crate::{Argument, Atom, Block, Callee, Expr, ExprKind, FormatPart, Handler, Next, Stmt, StmtKind};

/// Calls `found` with every name of a variable in `block`, and in the blocks within it.
pub fn each_name_mut(block: &mut Block, found: &mut dyn FnMut(&mut String)) {
    block.iter_mut().for_each(|stmt| of_stmt(stmt, found));
}

fn of_stmt(stmt: &mut Stmt, found: &mut dyn FnMut(&mut String)) {
    match &mut stmt.kind {
        StmtKind::Let { name, value } | StmtKind::Set { name, value } => {
            of_expr(value, found);
            found(name);
        }
        StmtKind::Update { name, value, .. } => {
            of_atom(value, found);
            found(name);
        }
        StmtKind::SetItem { object, index, value, .. } => {
            [object, index, value].into_iter().for_each(|atom| of_atom(atom, found));
        }
        StmtKind::SetAttr { object, value, .. } | StmtKind::Push { object, value } => {
            [object, value].into_iter().for_each(|atom| of_atom(atom, found));
        }
        StmtKind::DelItem { object, index } => [object, index].into_iter().for_each(|atom| of_atom(atom, found)),
        StmtKind::SetGlobal { value: atom, .. }
        | StmtKind::DelAttr { object: atom, .. }
        | StmtKind::Return { value: atom } => of_atom(atom, found),
        StmtKind::DelVar { name } | StmtKind::Fresh { name } => found(name),
        StmtKind::Unpack { names, value, .. } => {
            of_atom(value, found);
            names.iter_mut().for_each(found);
        }
        StmtKind::If { test, then, orelse } => {
            of_atom(test, found);
            each_name_mut(then, found);
            each_name_mut(orelse, found);
        }
        StmtKind::While { next, body } => {
            if let Some(Next { item, iter, .. }) = next {
                found(iter);
                found(item);
            }
            each_name_mut(body, found);
        }
        StmtKind::Def { name, defaults, .. } => {
            defaults.iter_mut().for_each(|(_, value)| of_atom(value, found));
            found(name);
        }
        StmtKind::Class { name, bases, keywords, .. } => {
            bases.iter_mut().for_each(|base| of_atom(base, found));
            keywords.iter_mut().for_each(|(_, value)| of_atom(value, found));
            found(name);
        }
        StmtKind::Raise { exception, cause } => {
            exception.iter_mut().chain(cause).for_each(|atom| of_atom(atom, found));
        }
        StmtKind::Try { body, handlers, orelse, finally } => {
            each_name_mut(body, found);
            for Handler { before, class, name, body, .. } in handlers {
                each_name_mut(before, found);
                class.iter_mut().for_each(|class| of_atom(class, found));
                name.iter_mut().for_each(&mut *found);
                each_name_mut(body, found);
            }
            each_name_mut(orelse, found);
            each_name_mut(finally, found);
        }
        StmtKind::With { context, name, body } => {
            of_atom(context, found);
            found(name);
            each_name_mut(body, found);
        }
        StmtKind::Break | StmtKind::Continue | StmtKind::Unknown { .. } | StmtKind::Opaque { .. } => {}
    }
}

fn of_atom(atom: &mut Atom, found: &mut dyn FnMut(&mut String)) {
    if let Atom::Var(name) = atom {
        found(name);
    }
}

fn of_callee(callee: &mut Callee, found: &mut dyn FnMut(&mut String)) {
    match callee {
        Callee::Var(name) => found(name),
        Callee::Method { object, .. } => of_atom(object, found),
        Callee::Global { .. } => {}
    }
}

fn of_expr(value: &mut Expr, found: &mut dyn FnMut(&mut String)) {
    let mut atom = |atom: &mut Atom| of_atom(atom, found);
    match &mut value.kind {
        ExprKind::Atom { value }
        | ExprKind::UnOp { operand: value, .. }
        | ExprKind::Attr { object: value, .. }
        | ExprKind::Iter { object: value }
        | ExprKind::Yield { value }
        | ExprKind::YieldFrom { value } => atom(value),
        ExprKind::BinOp { left, right, .. }
        | ExprKind::Compare { left, right, .. }
        | ExprKind::Index { object: left, index: right }
        | ExprKind::Super { class: left, object: right } => [left, right].into_iter().for_each(atom),
        ExprKind::Slice { start, stop, step } => [start, stop, step].into_iter().for_each(atom),
        ExprKind::GetSlice { object, start, stop, step } => [object, start, stop, step].into_iter().for_each(atom),
        ExprKind::Call { callee, args, kwargs } => {
            args.iter_mut().chain(kwargs.iter_mut().map(|(_, value)| value)).for_each(&mut atom);
            of_callee(callee, found);
        }
        ExprKind::CallSpread { callee, args } => {
            for arg in args {
                let (Argument::Positional(value)
                | Argument::Star(value)
                | Argument::Keyword(_, value)
                | Argument::DoubleStar(value)) = arg;
                atom(value);
            }
            of_callee(callee, found);
        }
        ExprKind::List { items } | ExprKind::Tuple { items } | ExprKind::Set { items } => {
            items.iter_mut().for_each(atom);
        }
        ExprKind::Spread { items, .. } => items.iter_mut().for_each(|(_, value)| atom(value)),
        ExprKind::Dict { items } => items.iter_mut().for_each(|(key, value)| {
            atom(key);
            atom(value);
        }),
        ExprKind::DictSpread { items } => items.iter_mut().for_each(|(key, value)| {
            key.iter_mut().for_each(&mut atom);
            atom(value);
        }),
        ExprKind::Format { parts } => {
            for part in parts {
                if let FormatPart::Value { value, spec, .. } = part {
                    atom(value);
                    spec.iter_mut().for_each(&mut atom);
                }
            }
        }
        ExprKind::Closure { defaults, .. } => defaults.iter_mut().for_each(|(_, value)| atom(value)),
        ExprKind::Global { .. } | ExprKind::Intrinsic { .. } | ExprKind::Import { .. } | ExprKind::Opaque { .. } => {}
    }
}
