//! Prints what depends on the class of an object: attributes, methods, operators and constructors, at sites that
//! remember the class, and with direct calls of the functions of the program that they may reach.

use std::collections::HashMap;

use upshift_ir::{BinaryOp, Node, ParamKind};

use super::convert;
use super::stmt::Printer;
use super::stores::{Stored, stores};
use crate::Ty;
use crate::program::{Atom, Block, Expr, Function, Global, Program, StmtKind, VarId};

/// So many functions of one name are called directly.
const MOST: usize = 3;

/// The variables of a function that hold one of the module's objects and nothing else.
pub(super) fn objects(function: &Function) -> HashMap<VarId, usize> {
    let mut held = HashMap::new();
    find(&function.body, &mut held);
    held.into_iter().filter_map(|(var, object)| Some((var, object?))).collect()
}

fn find(block: &Block, held: &mut HashMap<VarId, Option<usize>>) {
    for stmt in block {
        if let StmtKind::Assign(target, value) = &stmt.kind {
            let object = if let Expr::Global(index) = value { Some(*index) } else { None };
            held.entry(*target).and_modify(|known| *known = None).or_insert(object);
        }
        stmt.kind.blocks().into_iter().for_each(|block| find(block, held));
    }
}

impl<'p> Printer<'_, 'p> {
    /// A new site.
    pub(super) fn site(&mut self) -> String {
        self.emitter.sites += 1;
        format!("&sites[{}]", self.emitter.sites - 1)
    }

    /// The functions that `name` with so many arguments may be, the receiver included.
    fn methods(&self, name: &str, count: usize) -> Vec<&'p Function> {
        let program: &'p Program = self.emitter.program;
        let fits = |function: &&Function| function.object && function.names.0 == name && takes(function, count);
        let found: Vec<&Function> = program.functions.iter().filter(fits).collect();
        if found.len() <= MOST { found } else { Vec::new() }
    }

    /// Arms of a `match` on a function, which call each of these directly and make `result` of what it gave.
    fn arms(
        &mut self,
        functions: &[&'p Function],
        pattern: &str,
        receiver: &str,
        args: &[Atom],
        result: &dyn Fn(String) -> String,
    ) -> String {
        let mut arms = String::new();
        for function in functions {
            let name = &function.name;
            let at = self.guard();
            let call = self.direct(function, receiver, args);
            let made = result(convert::boxed("made", function.result));
            arms.push_str(&format!(
                "{pattern} if function.runs(&CODE_{name}) => {{ cx.enter({at})?; let made = {call}?; cx.leave(); {made} }} "
            ));
        }
        arms
    }

    /// The call of `function` itself; what its parameters are held to is a matter of its own line.
    fn direct(&mut self, function: &'p Function, receiver: &str, args: &[Atom]) -> String {
        self.emitter.count_call(function);
        let line = std::mem::replace(&mut self.line, function.line);
        let mut call = format!("{}(cx", function.name);
        for (at, param) in function.params.iter().enumerate() {
            let ty = function.vars[param.0].ty;
            let text = match at {
                0 => self.convert(receiver.to_owned(), Ty::Any, ty),
                _ if at <= args.len() => self.atom_as(&args[at - 1], ty),
                _ => format!("function.cell({})", at - function.signature.len()),
            };
            call.push_str(&format!(", {text}"));
        }
        self.line = line;
        call + ")"
    }

    /// `loaded(args)` of a method that was looked up.
    pub(super) fn call_looked_up(
        &mut self,
        loaded: &str,
        name: &str,
        args: &[Atom],
        kwargs: &[(String, Atom)],
    ) -> String {
        let functions = if kwargs.is_empty() { self.methods(name, args.len() + 1) } else { Vec::new() };
        let arms =
            self.arms(&functions, "Loaded::Method(Value::Function(function), receiver)", "receiver", args, &|made| {
                made
            });
        let at = self.guard();
        let guesses = if kwargs.is_empty() { self.guesses(name, args, at) } else { Vec::new() };
        let guessed: String =
            guesses.iter().map(|(kind, call)| format!("Loaded::Named(Value::{kind}(this), _) => {call}, ")).collect();
        let args = self.args(args, kwargs);
        match arms.is_empty() && guessed.is_empty() {
            true => format!("rt::call_loaded(cx, {loaded}, {args}, {at})?"),
            false => {
                format!("match {loaded} {{ {arms}{guessed}loaded => rt::call_loaded(cx, loaded, {args}, {at})? }}")
            }
        }
    }

    /// `object.name(args)` of an object whose type is not known.
    pub(super) fn call_at_site(
        &mut self,
        object: &str,
        name: &str,
        args: &[Atom],
        kwargs: &[(String, Atom)],
    ) -> String {
        let (literal, number) = (self.emitter.literal(name), self.emitter.literal_number(name));
        if !kwargs.is_empty() || self.methods(name, args.len() + 1).is_empty() {
            let at = self.guard();
            let guesses = if kwargs.is_empty() { self.guesses(name, args, at) } else { Vec::new() };
            let args = self.args(args, kwargs);
            if guesses.is_empty() {
                return format!("rt::call_method(cx, {object}, {literal}, {args}, {at})?");
            }
            let guessed: String =
                guesses.iter().map(|(kind, call)| format!("Value::{kind}(this) => {call}, ")).collect();
            return format!(
                "match {object} {{ {guessed}this => rt::call_method(cx, this, {literal}, {args}, {at})? }}"
            );
        }
        let functions = self.methods(name, args.len() + 1);
        let arms = self.arms(&functions, "Some(function)", object, args, &|made| made);
        let (site, at) = (self.site(), self.guard());
        let guessed: String = self
            .guesses(name, args, at)
            .iter()
            .map(|(kind, call)| format!("Loaded::Named(Value::{kind}(this), _) => {call}, "))
            .collect();
        let args = self.args(args, kwargs);
        let loaded = format!("rt::site::load(cx, {object}, {number}, {site}, {at})?");
        let other = match guessed.is_empty() {
            true => format!("rt::call_loaded(cx, {loaded}, {args}, {at})?"),
            false => format!("match {loaded} {{ {guessed}loaded => rt::call_loaded(cx, loaded, {args}, {at})? }}"),
        };
        format!("match rt::site::method(cx, {object}, {number}, {site}, {at})? {{ {arms}_ => {other} }}")
    }

    /// `callee(args)`, where that is a class of the module with an `__init__` of the program.
    pub(super) fn construct(&mut self, callee: &Atom, args: &[Atom], kwargs: &[(String, Atom)]) -> Option<String> {
        let Atom::Var(var) = callee else { return None };
        let object = *self.objects.get(var)?;
        let function = init(self.emitter.program, object).filter(|function| takes(function, args.len() + 1))?;
        if !kwargs.is_empty() || !function.object || function.result != Ty::None {
            return None;
        }
        let (callee, site, at) = (self.boxed(callee), self.site(), self.guard());
        let call = self.direct(function, "made", args);
        let name = &function.name;
        let enter = self.guard();
        let general = self.args(args, kwargs);
        let (before, learn, after) = self.built(function, args, &callee, at);
        Some(format!(
            "{before}match rt::site::init(cx, {callee}, {site}, {at})? {{ \
             Some((class, function)) if function.runs(&CODE_{name}) => {{ \
             let made = rt::site::make(cx, class, {at})?; cx.enter({enter})?; {call}?; cx.leave(); {learn}made }} \
             _ => rt::call(cx, {callee}, {general}, {at})? }}{after}"
        ))
    }

    /// What goes around the call of an `__init__`, and behind it, where that does nothing but store: there the instance is made
    /// with its attributes at once.
    fn built(&mut self, init: &Function, args: &[Atom], callee: &str, at: usize) -> (String, String, &'static str) {
        let Some(stores) = stores(init) else { return Default::default() };
        let mut values = Vec::new();
        let mut names = Vec::new();
        for (name, value) in &stores {
            names.push(self.emitter.literal(name));
            values.push(match value {
                Stored::Argument(number) => self.boxed(&args[*number]),
                Stored::Const(value) => self.boxed(&Atom::Const(value.clone())),
            });
        }
        let (site, values, names) = (self.site(), values.join(", "), names.join(", "));
        let before =
            format!("match rt::site::built(cx, {callee}, [{values}], {site}, {at})? {{ Some(made) => made, None => ");
        (before, format!("rt::site::learn_built(cx, made, &[{names}], {site}, {at})?; "), " }")
    }

    /// `left op right` of operands whose types are not known, where the program has a method for it; `general` is the rest.
    pub(super) fn operator(&mut self, op: BinaryOp, left: &Atom, right: &Atom, general: String) -> String {
        let name = special(op);
        let functions = self.methods(name, 2);
        if functions.is_empty() {
            return general;
        }
        let (receiver, other) = (self.boxed(left), self.boxed(right));
        let (site, at) = (self.site(), self.guard());
        let result =
            |made: String| format!("rt::site::operated(cx, op::BinaryOp::{op:?}, {made}, {receiver}, {other}, {at})?");
        let arms = self.arms(&functions, "Some(function)", &receiver, std::slice::from_ref(right), &result);
        let literal = self.emitter.literal_number(name);
        format!("match rt::site::operator(cx, {receiver}, {other}, {literal}, {site}) {{ {arms}_ => {general} }}")
    }
}

fn takes(function: &Function, count: usize) -> bool {
    let plain = |kind: ParamKind| matches!(kind, ParamKind::Plain | ParamKind::Positional);
    function.signature.len() == count && function.signature.iter().all(|param| plain(param.kind))
}

/// The `__init__` that instances of a class of the module are given to.
fn init(program: &Program, class: usize) -> Option<&Function> {
    let Some(Global::Node(Node::Class { bases, dict, .. })) = program.globals.get(&class) else { return None };
    match dict.iter().find(|(name, _)| name == "__init__") {
        Some((_, index)) => match program.globals.get(index)? {
            Global::Node(Node::Function { function, .. }) | Global::Function(function) => {
                program.functions.iter().find(|known| known.id == *function)
            }
            Global::Node(_) => None,
        },
        None => bases.iter().find_map(|base| init(program, *base)),
    }
}

/// The method of an operator.
fn special(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "__add__",
        BinaryOp::Sub => "__sub__",
        BinaryOp::Mul => "__mul__",
        BinaryOp::Div => "__truediv__",
        BinaryOp::FloorDiv => "__floordiv__",
        BinaryOp::Mod => "__mod__",
        BinaryOp::Pow => "__pow__",
        BinaryOp::LShift => "__lshift__",
        BinaryOp::RShift => "__rshift__",
        BinaryOp::BitAnd => "__and__",
        BinaryOp::BitOr => "__or__",
        BinaryOp::BitXor => "__xor__",
        BinaryOp::MatMul => "__matmul__",
    }
}
