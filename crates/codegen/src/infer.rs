//! Infers a type for every variable and every function's result.
//!
//! In: a resolved program. Out: the same with [`Ty`]s filled in: the least ones such that every assignment fits.
//! Types flow forward from constants, from the sites that guards hold to what was observed, and from the entry's
//! parameter, which is a dict; calls carry them from arguments to parameters and from results back.
//! One round visits every statement; the lattice is low, so a few rounds reach the fixed point.

use std::collections::HashMap;

use upshift_ir::{BinaryOp, Const, Container, FunctionId, UnaryOp};

use crate::methods;
use crate::program::{Argument, Atom, Block, Builtin, Expr, Function, Next, Pairs, Program, StmtKind, VarId};
use crate::ty::{Items, IterTy, Ty};

/// Fills in the types of `program`.
pub(crate) fn infer(program: &mut Program) {
    let index = program.functions.iter().enumerate().map(|(i, function)| (function.id, i)).collect();
    let mut pass = Infer { index, changed: true };
    let entry = program.entry;
    let entry_param = program.functions[entry].params[0];
    pass.raise(program, entry, entry_param, Ty::Dict);
    for f in 0..program.functions.len() {
        let function = &program.functions[f];
        let seen = function.params.iter().copied().zip(function.signature.iter().map(|param| param.observed));
        // Callers of an object are not known.
        let seen: Vec<(VarId, Ty)> = seen.filter(|(_, ty)| function.object || *ty != Ty::Any).collect();
        seen.into_iter().for_each(|(param, ty)| pass.raise(program, f, param, ty));
        let function = &mut program.functions[f];
        if function.generator {
            function.result = Ty::Any;
        }
        function.vars.iter_mut().filter(|var| var.shared).for_each(|var| var.ty = Ty::Any);
    }
    while pass.changed {
        pass.changed = false;
        for i in 0..program.functions.len() {
            // The body is taken out for the visit, because its statements change types in other functions.
            let body = std::mem::take(&mut program.functions[i].body);
            pass.block(program, i, &body);
            program.functions[i].body = body;
        }
    }
    // What never comes about still has a Rust type.
    for function in &mut program.functions {
        let mut iterators = Vec::new();
        each_iterator(&function.body, &mut iterators);
        for var in iterators {
            let ty = &mut function.vars[var.0].ty;
            if *ty == Ty::Never {
                *ty = Ty::Iter(IterTy::Any);
            }
        }
    }
}

/// The variables that hold iterators.
fn each_iterator(block: &Block, found: &mut Vec<VarId>) {
    for stmt in block {
        if let StmtKind::Assign(target, Expr::Iter(_) | Expr::Pairs(_)) = &stmt.kind {
            found.push(*target);
        }
        for block in stmt.kind.blocks() {
            each_iterator(block, found);
        }
    }
}

struct Infer {
    index: HashMap<FunctionId, usize>,
    changed: bool,
}

impl Infer {
    fn block(&mut self, program: &mut Program, f: usize, block: &Block) {
        for stmt in block {
            match &stmt.kind {
                StmtKind::Assign(target, value) => {
                    let ty = self.expr(program, f, value);
                    self.raise(program, f, *target, ty);
                }
                StmtKind::Update(target, op, value) => {
                    let function = &program.functions[f];
                    let ty = binary(*op, function.vars[target.0].ty, of_atom(function, value), value);
                    self.raise(program, f, *target, ty);
                }
                StmtKind::If(_, then, orelse) => {
                    self.block(program, f, then);
                    self.block(program, f, orelse);
                }
                StmtKind::Unpack(targets, star, _, observed) => {
                    for (at, target) in targets.iter().enumerate() {
                        let seen = observed.get(at).copied().unwrap_or(Ty::Any);
                        let ty = if *star == Some(at) { Ty::List } else { seen };
                        self.raise(program, f, *target, ty);
                    }
                }
                StmtKind::Try(parts) => {
                    self.block(program, f, &parts.body);
                    for handler in &parts.handlers {
                        self.block(program, f, &handler.before);
                        if let Some(name) = handler.name {
                            self.raise(program, f, name, Ty::Any);
                        }
                        self.block(program, f, &handler.body);
                    }
                    self.block(program, f, &parts.orelse);
                    self.block(program, f, &parts.finally);
                }
                StmtKind::With(_, target, body) => {
                    self.raise(program, f, *target, Ty::Any);
                    self.block(program, f, body);
                }
                StmtKind::Loop(next, body) => {
                    if let Some(Next { pair: Some(pair), iter, .. }) = next {
                        let known = match program.functions[f].vars[iter.0].ty {
                            Ty::Never => [Ty::Never; 2],
                            Ty::Iter(iter) => iter.pair(),
                            _ => [Ty::Any; 2],
                        };
                        for ((target, observed), known) in pair.iter().zip(known) {
                            let ty = if known == Ty::Any { *observed } else { known };
                            self.raise(program, f, *target, ty);
                        }
                    } else if let Some(next) = next {
                        let ty = match program.functions[f].vars[next.iter.0].ty {
                            Ty::Never => Ty::Never,
                            Ty::Iter(IterTy::Range) => Ty::Int,
                            Ty::Iter(IterTy::Str) => Ty::Str,
                            _ => next.observed,
                        };
                        self.raise(program, f, next.item, ty);
                    }
                    self.block(program, f, body);
                }
                StmtKind::Return(_) if program.functions[f].generator => {}
                StmtKind::Return(value) => {
                    let ty = of_atom(&program.functions[f], value);
                    let joined = program.functions[f].result.join(ty);
                    self.changed |= joined != program.functions[f].result;
                    program.functions[f].result = joined;
                }
                _ => {}
            }
        }
    }

    fn raise(&mut self, program: &mut Program, f: usize, var: VarId, ty: Ty) {
        let var = &mut program.functions[f].vars[var.0];
        let joined = var.ty.join(ty);
        self.changed |= joined != var.ty;
        var.ty = joined;
    }

    fn expr(&mut self, program: &mut Program, f: usize, value: &Expr) -> Ty {
        match value {
            Expr::Call(callee, args, observed) => {
                let callee = self.index[callee];
                args.iter().enumerate().for_each(|(at, arg)| self.argument(program, f, arg, callee, at));
                held(program.functions[callee].result, *observed)
            }
            Expr::Class(_, _, body, args, _) => {
                let callee = self.index[body];
                // The namespace comes first.
                let namespace = program.functions[callee].params[0];
                self.raise(program, callee, namespace, Ty::Dict);
                args.iter().enumerate().for_each(|(at, arg)| self.argument(program, f, arg, callee, at + 1));
                Ty::Any
            }
            _ => of_expr(&program.functions[f], value),
        }
    }

    /// What function number `f` hands to parameter number `at` of function number `callee`.
    fn argument(&mut self, program: &mut Program, f: usize, arg: &Argument, callee: usize, at: usize) {
        let param = program.functions[callee].params[at];
        match arg {
            Argument::Value(value) => {
                let ty = of_atom(&program.functions[f], value);
                let function = &program.functions[callee];
                let observed = function.signature.get(at).map_or(Ty::Any, |param| param.observed);
                // What is of no type of its own is held to what the function has seen.
                if !matches!(function.vars[param.0].ty.join(ty), Ty::Any | Ty::Number) || observed == Ty::Any {
                    self.raise(program, callee, param, ty);
                }
            }
            // Both ends name one cell, so its type is one: it flows both ways.
            Argument::Cell(var) => {
                let ty = program.functions[f].vars[var.0].ty;
                self.raise(program, callee, param, ty);
                let ty = program.functions[callee].vars[param.0].ty;
                self.raise(program, f, *var, ty);
            }
        }
    }
}

/// The type of something that is held to what was observed where it has none of its own.
pub(crate) fn held(ty: Ty, observed: Ty) -> Ty {
    match ty {
        Ty::Any => observed,
        Ty::Number if observed.is_number() => observed,
        _ => ty,
    }
}

/// The type of an operand.
pub(crate) fn of_atom(function: &Function, atom: &Atom) -> Ty {
    match atom {
        Atom::Var(var) => function.vars[var.0].ty,
        Atom::Const(constant) => Ty::of_const(constant).unwrap_or(Ty::Any),
    }
}

/// The type of an application other than a call of a function.
pub(crate) fn of_expr(function: &Function, value: &Expr) -> Ty {
    let of = |atom: &Atom| of_atom(function, atom);
    match value {
        Expr::Atom(value) => of(value),
        Expr::Binary(op, left, right) => binary(*op, of(left), of(right), right),
        Expr::Compare(..) | Expr::Unary(UnaryOp::Not, _) => Ty::Bool,
        Expr::Unary(UnaryOp::Neg | UnaryOp::Pos, operand) => match of(operand) {
            ty @ (Ty::Int | Ty::Float | Ty::Never) => ty,
            _ => Ty::Any,
        },
        Expr::Unary(UnaryOp::Invert, operand) => match of(operand) {
            ty @ (Ty::Int | Ty::Never) => ty,
            _ => Ty::Any,
        },
        Expr::Index(object, _, observed) => match of(object) {
            Ty::Str => Ty::Str,
            Ty::Range => Ty::Int,
            _ => *observed,
        },
        Expr::Attr(_, _, observed) | Expr::CallValue(_, _, _, observed) | Expr::CallLibrary(_, _, _, observed) => {
            *observed
        }
        Expr::CallLoaded(object, name, args, kwargs, observed) => {
            of_method(function.vars[object.0].ty, name, args.iter().map(of), kwargs.is_empty(), *observed)
        }
        Expr::CallMethod(object, name, args, kwargs, observed) => {
            of_method(of(object), name, args.iter().map(of), kwargs.is_empty(), *observed)
        }
        // A method of such an object is called with the object itself, which always has it.
        Expr::LoadMethod(object, name) => match of(object) {
            ty @ (Ty::Str | Ty::List | Ty::Dict) if methods::has(ty, name) => ty,
            Ty::Never => Ty::Never,
            _ => Ty::Loaded,
        },
        Expr::Append(..) | Expr::Print { .. } => Ty::None,
        Expr::List(_) | Expr::Spread(Container::List, _) => Ty::List,
        Expr::Tuple(_) | Expr::Spread(Container::Tuple, _) => Ty::Tuple,
        Expr::Dict(_) | Expr::DictSpread(_) => Ty::Dict,
        Expr::GetSlice(object, ..) => match of(object) {
            ty @ (Ty::Str | Ty::List | Ty::Never) => ty,
            _ => Ty::Any,
        },
        Expr::Variable(_, observed) => *observed,
        Expr::CallSpread(..)
        | Expr::Library(_)
        | Expr::Global(_)
        | Expr::Closure(..)
        | Expr::Class(..)
        | Expr::Super(..)
        | Expr::Yield(_)
        | Expr::YieldFrom(_)
        | Expr::Set(_)
        | Expr::Spread(..)
        | Expr::Slice(..) => Ty::Any,
        Expr::Format(_) => Ty::Str,
        Expr::Iter(object) => match of(object) {
            Ty::Never => Ty::Never,
            Ty::Range => Ty::Iter(IterTy::Range),
            Ty::List => Ty::Iter(IterTy::List),
            Ty::Tuple => Ty::Iter(IterTy::Tuple),
            Ty::Str => Ty::Iter(IterTy::Str),
            Ty::Dict => Ty::Iter(IterTy::Dict),
            _ => Ty::Iter(IterTy::Any),
        },
        Expr::Pairs(Pairs::Enumerate(items, _)) => match of(items) {
            Ty::Never => Ty::Never,
            ty => Ty::Iter(IterTy::Enumerate(Items::of(ty))),
        },
        Expr::Pairs(Pairs::Zip(left, right)) => match (of(left), of(right)) {
            (Ty::Never, _) | (_, Ty::Never) => Ty::Never,
            (left, right) => Ty::Iter(IterTy::Zip(Items::of(left), Items::of(right))),
        },
        Expr::Pairs(Pairs::Items(object)) => match of(object) {
            Ty::Never => Ty::Never,
            Ty::Dict => Ty::Iter(IterTy::Entries),
            _ => Ty::Iter(IterTy::Any),
        },
        Expr::Builtin(builtin, args) => {
            let types: Vec<Ty> = args.iter().map(of).collect();
            of_builtin(*builtin, &types)
        }
        Expr::Call(..) => unreachable!("calls are typed with their functions"),
    }
}

/// The result of a method, of arguments of those types.
fn of_method(object: Ty, name: &str, args: impl Iterator<Item = Ty>, plain: bool, observed: Ty) -> Ty {
    if object == Ty::Never {
        return Ty::Never;
    }
    let args: Vec<Ty> = args.collect();
    match methods::direct(object, name, &args) {
        Some(direct) if plain => held(direct.result, observed),
        _ => observed,
    }
}

fn of_builtin(builtin: Builtin, args: &[Ty]) -> Ty {
    match (builtin, args) {
        (Builtin::Len, _) => Ty::Int,
        (Builtin::Range, _) => Ty::Range,
        (Builtin::Str, _) => Ty::Str,
        (Builtin::Float, _) => Ty::Float,
        (Builtin::Bool | Builtin::IsInstance, _) => Ty::Bool,
        (_, types) if types.contains(&Ty::Never) => Ty::Never,
        (Builtin::Int, [Ty::Int | Ty::Float | Ty::Str | Ty::Bool]) => Ty::Int,
        (Builtin::Abs, [ty @ (Ty::Int | Ty::Float)]) => *ty,
        (Builtin::Min | Builtin::Max, [first, rest @ ..])
            if !rest.is_empty() && matches!(first, Ty::Int | Ty::Float) && rest.iter().all(|ty| ty == first) =>
        {
            *first
        }
        _ => Ty::Any,
    }
}

/// The type of `left op right`; `right_atom` tells a constant exponent.
pub(crate) fn binary(op: BinaryOp, left: Ty, right: Ty, right_atom: &Atom) -> Ty {
    use BinaryOp as Op;
    match (op, left, right) {
        (_, Ty::Never, _) | (_, _, Ty::Never) => Ty::Never,
        (Op::Add | Op::Sub | Op::Mul | Op::FloorDiv | Op::Mod, Ty::Int | Ty::Bool, Ty::Int | Ty::Bool) => Ty::Int,
        (Op::LShift | Op::RShift | Op::BitOr | Op::BitXor | Op::BitAnd, Ty::Int, Ty::Int) => Ty::Int,
        (Op::Pow, Ty::Int, Ty::Int) if matches!(right_atom, Atom::Const(Const::Int(0..))) => Ty::Int,
        (Op::Div, Ty::Int | Ty::Float, Ty::Int | Ty::Float) => Ty::Float,
        (Op::Add | Op::Sub | Op::Mul | Op::FloorDiv | Op::Mod | Op::Pow, Ty::Int | Ty::Float, Ty::Int | Ty::Float)
            if (left, right) != (Ty::Int, Ty::Int) =>
        {
            Ty::Float
        }
        (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::FloorDiv | Op::Mod | Op::Pow, Ty::Number, Ty::Float)
        | (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::FloorDiv | Op::Mod | Op::Pow, Ty::Float, Ty::Number) => {
            Ty::Float
        }
        (Op::Div, left, right) if left.is_number() && right.is_number() => Ty::Float,
        (Op::Add, Ty::Str, Ty::Str) => Ty::Str,
        (Op::Add, Ty::List, Ty::List) => Ty::List,
        (Op::Mul, Ty::Str, Ty::Int) | (Op::Mul, Ty::Int, Ty::Str) => Ty::Str,
        (Op::Mul, Ty::List, Ty::Int) | (Op::Mul, Ty::Int, Ty::List) => Ty::List,
        _ => Ty::Any,
    }
}
