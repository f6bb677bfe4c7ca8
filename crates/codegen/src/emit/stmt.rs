//! Prints the statements of one function.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use upshift_ir::{BinaryOp, Const};

use super::{Emitter, convert};
use crate::Ty;
use crate::infer::{binary, of_atom};
use crate::program::{Atom, BailKind, Expr, Frame, Function, Stmt, StmtKind, VarId};

/// The context of one function.
pub(super) struct Printer<'e, 'p> {
    pub(super) emitter: &'e mut Emitter<'p>,
    pub(super) function: &'p Function,
    pub(super) scoped: HashSet<VarId>,
    /// Variables that hold one of the module's objects.
    pub(super) objects: HashMap<VarId, usize>,
    /// Variables that hold one tuple of constants.
    pub(super) tuples: HashSet<VarId>,
    /// The line of the statement at hand; guards take it.
    pub(super) line: u32,
    /// Whether the statement at hand is in the block of a `try` or `with`.
    pub(super) inside: bool,
    /// How many loops are open within that block.
    pub(super) loops: u32,
    /// How many `try` and `with` statements were printed.
    pub(super) tries: u32,
}

impl Printer<'_, '_> {
    pub(super) fn block(&mut self, block: &[Stmt], depth: usize, out: &mut String) {
        let mut last = None;
        for stmt in block {
            if last != Some(stmt.line) {
                let comment = self.emitter.source_comment(stmt.line, &"    ".repeat(depth));
                let _ = writeln!(out, "{comment}");
                last = Some(stmt.line);
            }
            self.line = stmt.line;
            let first_guard = self.emitter.guards.len();
            let mut text = String::new();
            self.stmt(stmt, depth, &mut text);
            // Guards inside the blocks of a compound statement have been settled there.
            self.emitter.force(first_guard, &"    ".repeat(depth), out);
            out.push_str(&text);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        match &stmt.kind {
            StmtKind::Assign(target, value) => self.assign(*target, value, &indent, out),
            StmtKind::Update(target, op, value) => {
                let ty = self.function.vars[target.0].ty;
                let result = self.update(*target, *op, value);
                let made = binary(*op, ty, of_atom(self.function, value), value);
                let made = if matches!(made, Ty::Never) { Ty::Any } else { made };
                let result = self.convert(result, made, ty);
                self.store(*target, &result, &indent, out);
            }
            StmtKind::SetItem { object, index, value } => {
                let text = self.set_item(object, index, value);
                let _ = writeln!(out, "{indent}{text};");
            }
            StmtKind::SetAttr(object, name, value) => {
                let (object, value) = (self.boxed(object), self.boxed(value));
                let name = self.emitter.literal_number(name);
                let (site, at) = (self.site(), self.guard());
                let _ = writeln!(out, "{indent}rt::site::set(cx, {object}, {name}, {value}, {site}, {at})?;");
            }
            StmtKind::SetVariable(number, value) => {
                let value = self.boxed(value);
                let _ = writeln!(out, "{indent}variable_{number}(cx)?.set({value}, {})?;", self.guard());
            }
            StmtKind::DelItem(object, index) => {
                let (object, index) = (self.boxed(object), self.boxed(index));
                let _ = writeln!(out, "{indent}op::del_index(cx, {object}, {index}, {})?;", self.guard());
            }
            StmtKind::DelAttr(object, name) => {
                let object = self.boxed(object);
                let name = self.emitter.literal(name);
                let _ = writeln!(out, "{indent}rt::attr::delete(cx, {object}, {name}, {})?;", self.guard());
            }
            StmtKind::DelVar(var) => {
                let read = self.read(*var);
                let _ = writeln!(out, "{indent}let _ = {read};");
                self.unbind(*var, &indent, out);
            }
            StmtKind::Fresh(var) => {
                let info = &self.function.vars[var.0];
                let _ = match (info.cell, info.maybe_unbound) {
                    (true, _) => writeln!(out, "{indent}{} = rt::new_ref(cx, None, {})?;", info.name, self.guard()),
                    (false, true) => writeln!(out, "{indent}{} = None;", info.name),
                    (false, false) => Ok(()),
                };
            }
            StmtKind::Push(object, value) => {
                let value = self.boxed(value);
                let ty = of_atom(self.function, object);
                let object = self.atom(object);
                let at = self.guard();
                let _ = match ty {
                    Ty::List => writeln!(out, "{indent}method::list_append(cx, {object}, {value}, {at})?;"),
                    _ => writeln!(out, "{indent}method::push(cx, {object}, {value}, {at})?;"),
                };
            }
            StmtKind::Unpack(targets, star, value, _) => {
                let value = self.boxed(value);
                let names: Vec<String> = (0..targets.len()).map(|at| format!("item_{at}")).collect();
                let names = names.join(", ");
                let at = self.guard();
                let _ = match star {
                    Some(star) => writeln!(out, "{indent}let [{names}] = op::unpack_star(cx, {value}, {star}, {at})?;"),
                    None => writeln!(out, "{indent}let [{names}] = op::unpack(cx, {value}, {at})?;"),
                };
                for (at, target) in targets.iter().enumerate() {
                    let wanted = self.function.vars[target.0].ty;
                    let text = self.convert(format!("item_{at}"), Ty::Any, wanted);
                    self.store(*target, &text, &indent, out);
                }
            }
            StmtKind::Raise(exception, cause) => {
                let text = match exception {
                    None => format!("rt::reraise(cx, {})", self.guard()),
                    Some(exception) => {
                        let exception = self.boxed(exception);
                        let cause = match cause {
                            Some(cause) => format!("Some({})", self.boxed(cause)),
                            None => "None".to_owned(),
                        };
                        format!("rt::raise(cx, {exception}, {cause}, {})", self.guard())
                    }
                };
                let _ = writeln!(out, "{indent}return Err({text});");
            }
            StmtKind::Try(parts) => self.try_(parts, depth, out),
            StmtKind::With(context, target, body) => self.with(context, *target, body, depth, out),
            StmtKind::If(test, then, orelse) => {
                let test = self.truth(test);
                let _ = writeln!(out, "{indent}if {test} {{");
                // Guards of the test are forced in front of the statement, not in its blocks.
                self.block(then, depth + 1, out);
                if !orelse.is_empty() {
                    let _ = writeln!(out, "{indent}}} else {{");
                    self.block(orelse, depth + 1, out);
                }
                let _ = writeln!(out, "{indent}}}");
            }
            StmtKind::Loop(next, body) => self.repeat(next.as_ref(), body, depth, out),
            StmtKind::Break if self.loops == 0 && self.inside => {
                let _ = writeln!(out, "{indent}return Ok(Flow::Break);");
            }
            StmtKind::Break => {
                let _ = writeln!(out, "{indent}break;");
            }
            StmtKind::Continue if self.loops == 0 && self.inside => {
                let _ = writeln!(out, "{indent}return Ok(Flow::Continue);");
            }
            StmtKind::Continue => {
                let _ = writeln!(out, "{indent}continue;");
            }
            StmtKind::Return(value) => {
                let wanted = if self.function.generator { Ty::Any } else { self.function.result };
                let text = self.atom_as(value, wanted);
                let _ = match self.inside {
                    true => writeln!(out, "{indent}return Ok(Flow::Return({text}));"),
                    false => writeln!(out, "{indent}return Ok({text});"),
                };
            }
            StmtKind::Enter(frame) => {
                let at = self.guard();
                let enter = if *frame == Frame::Call { "enter" } else { "enter_generator" };
                let _ = writeln!(out, "{indent}cx.{enter}({at})?;");
            }
            StmtKind::Leave(frame) => {
                let leave = if *frame == Frame::Call { "leave" } else { "leave_generator" };
                let _ = writeln!(out, "{indent}cx.{leave}();");
            }
            StmtKind::Bail(kind) => {
                let at = self.emitter.guard(self.line, true);
                let kind = match kind {
                    BailKind::Branch => "Branch",
                    BailKind::Exception => "Exception",
                    BailKind::Unsupported(reason) => {
                        self.emitter.guards[at].reason = Some(reason.clone());
                        "Unsupported"
                    }
                };
                let _ = writeln!(out, "{indent}return Err(cx.bail(BailKind::{kind}, {at}));");
            }
        }
    }

    fn assign(&mut self, target: VarId, value: &Expr, indent: &str, out: &mut String) {
        let wanted = self.function.vars[target.0].ty;
        if let Expr::Call(callee, args, _) = value {
            let at = self.guard();
            let text = self.call(*callee, args);
            let made = self.result_of(*callee);
            let text = self.convert(text, made, wanted);
            let _ = writeln!(out, "{indent}cx.enter({at})?;");
            self.store(target, &text, indent, out);
            let _ = writeln!(out, "{indent}cx.leave();");
            return;
        }
        let (text, made) = self.apply(value);
        let text = self.convert(text, made, wanted);
        self.store(target, &text, indent, out);
    }

    pub(super) fn store(&mut self, target: VarId, text: &str, indent: &str, out: &mut String) {
        let var = &self.function.vars[target.0];
        let name = &var.name;
        let _ = if var.cell {
            writeln!(out, "{indent}{name}.set({text});")
        } else if var.maybe_unbound {
            writeln!(out, "{indent}{name} = Some({text});")
        } else if self.scoped.remove(&target) {
            // Removed so that an update of it, which comes later, is a plain assignment.
            writeln!(out, "{indent}let mut {name}: {} = {text};", var.ty.rust())
        } else {
            writeln!(out, "{indent}{name} = {text};")
        };
    }

    /// A new guard at the line of the statement at hand.
    pub(super) fn guard(&mut self) -> usize {
        self.emitter.guard(self.line, false)
    }

    /// The value of a variable, with its guard where it may be unbound.
    pub(super) fn read(&mut self, var: VarId) -> String {
        let var = &self.function.vars[var.0];
        if var.cell {
            format!("{}.get({})?", var.name, self.guard())
        } else if var.maybe_unbound {
            format!("rt::bound({}, {})?", var.name, self.guard())
        } else {
            var.name.clone()
        }
    }

    /// An operand in its own static type.
    pub(super) fn atom(&mut self, atom: &Atom) -> String {
        match atom {
            Atom::Var(var) => self.read(*var),
            Atom::Const(Const::Str(text)) => self.emitter.literal(text),
            Atom::Const(constant @ (Const::BigInt(_) | Const::Bytes(_))) => {
                let at = self.guard();
                convert::boxed_constant(constant, at)
            }
            Atom::Const(constant) => convert::constant(constant),
        }
    }

    /// An operand as `wanted`, with a guard where its own type does not promise that.
    pub(super) fn atom_as(&mut self, atom: &Atom, wanted: Ty) -> String {
        let text = self.atom(atom);
        self.convert(text, of_atom(self.function, atom), wanted)
    }

    /// An operand as a `Value`.
    pub(super) fn boxed(&mut self, atom: &Atom) -> String {
        self.atom_as(atom, Ty::Any)
    }

    /// `text` of type `made` as `wanted`.
    pub(super) fn convert(&mut self, text: String, made: Ty, wanted: Ty) -> String {
        if made == wanted || (made.is_boxed() && wanted.is_boxed()) {
            return text;
        }
        match (made, wanted) {
            (Ty::Int, Ty::Number) => return format!("rt::Number::int({text})"),
            (Ty::Float, Ty::Number) => return format!("rt::Number::float({text})"),
            _ => {}
        }
        let boxed = match made {
            Ty::Range => format!("rt::range_value(cx, {text}, {})?", self.guard()),
            _ => convert::boxed(&text, made),
        };
        match convert::guard_method(wanted) {
            Some(method) => format!("{boxed}.{method}({})?", self.guard()),
            None => boxed,
        }
    }

    pub(super) fn truth(&mut self, atom: &Atom) -> String {
        let text = self.atom(atom);
        match of_atom(self.function, atom) {
            Ty::None | Ty::Never | Ty::Any | Ty::Iter(_) | Ty::Loaded => {
                format!("rt::truth(cx, {text}, {})?", self.guard())
            }
            Ty::Bool => text,
            Ty::Int => format!("{text} != 0"),
            Ty::Float => format!("{text} != 0.0"),
            Ty::Number => format!("{text}.as_float() != 0.0"),
            Ty::Str => format!("rt::truth_str({text})"),
            Ty::List => format!("rt::truth_list({text})"),
            Ty::Tuple => format!("!{text}.items().is_empty()"),
            Ty::Dict => format!("rt::truth_dict({text})"),
            Ty::Range => format!("rt::truth_range({text})"),
        }
    }

    fn update(&mut self, target: VarId, op: BinaryOp, value: &Atom) -> String {
        self.binary(op, &Atom::Var(target), value, true)
    }
}
