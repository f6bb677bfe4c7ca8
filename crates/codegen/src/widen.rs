//! Makes room for ints beyond 64 bits on the lines where a native run met one.
//!
//! In: a resolved program without types. Out: the same, where what is computed on such a line is of any type:
//! operands of arithmetic are copied to variables of type [`Ty::Any`], and no int is observed there.

use std::collections::BTreeSet;

use crate::Ty;
use crate::program::{Atom, Block, Builtin, Expr, Function, Program, Stmt, StmtKind, Var, VarId};

/// Widens the lines `wide` of `program`.
pub(crate) fn widen(program: &mut Program, wide: &BTreeSet<u32>) {
    if wide.is_empty() {
        return;
    }
    for function in &mut program.functions {
        if wide.contains(&function.line) {
            function.signature.iter_mut().for_each(|param| forget(&mut param.observed));
        }
        let body = std::mem::take(&mut function.body);
        function.body = block(function, body, wide);
    }
}

fn block(function: &mut Function, statements: Block, wide: &BTreeSet<u32>) -> Block {
    let mut out = Vec::with_capacity(statements.len());
    for mut stmt in statements {
        blocks(&mut stmt.kind, &mut |inner| {
            let taken = std::mem::take(inner);
            *inner = block(function, taken, wide);
        });
        if wide.contains(&stmt.line) {
            widen_stmt(function, &mut stmt, &mut out);
        }
        out.push(stmt);
    }
    out
}

/// Calls `found` with every block within a statement.
fn blocks(kind: &mut StmtKind, found: &mut dyn FnMut(&mut Block)) {
    match kind {
        StmtKind::Try(parts) => {
            found(&mut parts.body);
            for handler in &mut parts.handlers {
                found(&mut handler.before);
                found(&mut handler.body);
            }
            found(&mut parts.orelse);
            found(&mut parts.finally);
        }
        StmtKind::With(_, _, body) | StmtKind::Loop(_, body) => found(body),
        StmtKind::If(_, then, orelse) => {
            found(then);
            found(orelse);
        }
        _ => {}
    }
}

fn widen_stmt(function: &mut Function, stmt: &mut Stmt, out: &mut Block) {
    let line = stmt.line;
    let mut copy = |atom: &mut Atom| {
        let var = VarId(function.vars.len());
        let name = (0..)
            .map(|number| format!("wide_{}_{number}", var.0))
            .find(|name| function.vars.iter().all(|known| known.name != *name));
        function.vars.push(Var {
            name: name.unwrap_or_default(),
            ty: Ty::Any,
            cell: false,
            shared: false,
            maybe_unbound: false,
            assigned_in_try: false,
        });
        let operand = std::mem::replace(atom, Atom::Var(var));
        out.push(Stmt { line, kind: StmtKind::Assign(var, Expr::Atom(operand)) });
    };
    match &mut stmt.kind {
        StmtKind::Update(_, _, value) => copy(value),
        StmtKind::Assign(_, value) => match value {
            Expr::Binary(_, left, _) => copy(left),
            Expr::Unary(_, operand) => copy(operand),
            Expr::Builtin(Builtin::Abs | Builtin::Int, args) if args.len() == 1 => copy(&mut args[0]),
            Expr::Index(_, _, observed)
            | Expr::Attr(_, _, observed)
            | Expr::CallLoaded(_, _, _, observed)
            | Expr::CallValue(_, _, _, observed)
            | Expr::CallLibrary(_, _, _, observed)
            | Expr::CallMethod(_, _, _, _, observed) => forget(observed),
            _ => {}
        },
        StmtKind::Loop(Some(next), _) => forget(&mut next.observed),
        StmtKind::Unpack(_, _, _, observed) => observed.iter_mut().for_each(forget),
        _ => {}
    }
}

fn forget(observed: &mut Ty) {
    if *observed == Ty::Int {
        *observed = Ty::Any;
    }
}
