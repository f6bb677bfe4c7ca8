//! Makes room for ints beyond 64 bits on the lines where a native run met one.
//!
//! In: a resolved program without types. Out: the same, where what is computed on such a line is of any type:
//! operands of arithmetic are copied to variables of type [`Ty::Any`], and no int is observed there.

use std::collections::{BTreeSet, HashSet};

use upshift_ir::FunctionId;

use crate::Ty;
use crate::program::{Atom, Block, Builtin, Expr, Function, Program, Stmt, StmtKind, Var, VarId};

/// Widens the lines `wide` of `program`.
pub(crate) fn widen(program: &mut Program, wide: &BTreeSet<u32>) {
    if wide.is_empty() {
        return;
    }
    let mut called = HashSet::new();
    for function in &mut program.functions {
        let body = std::mem::take(&mut function.body);
        function.body = block(function, body, wide);
        callees(&mut function.body, wide, &mut called);
    }
    for function in &mut program.functions {
        if wide.contains(&function.line) || called.contains(&function.id) {
            function.signature.iter_mut().for_each(|param| forget(&mut param.observed));
        }
    }
}

/// The functions that are called on those lines, whose parameters take what comes about there.
fn callees(statements: &mut Block, wide: &BTreeSet<u32>, found: &mut HashSet<FunctionId>) {
    for stmt in statements {
        stmt.kind.each_block_mut(&mut |inner| callees(inner, wide, found));
        if let StmtKind::Assign(_, Expr::Call(callee, _, observed)) = &mut stmt.kind
            && wide.contains(&stmt.line)
        {
            forget(observed);
            found.insert(*callee);
        }
    }
}

fn block(function: &mut Function, statements: Block, wide: &BTreeSet<u32>) -> Block {
    let mut out = Vec::with_capacity(statements.len());
    for mut stmt in statements {
        stmt.kind.each_block_mut(&mut |inner| {
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
            temporary: true,
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
            | Expr::CallLoaded(_, _, _, _, observed)
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
