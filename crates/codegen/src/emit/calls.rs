//! Prints calls, of functions, values, methods and libraries.

use upshift_ir::FunctionId;
use upshift_runtime::library;

use super::stmt::Printer;
use crate::Ty;
use crate::infer::{held, of_atom};
use crate::methods;
use crate::program::{Argument, Atom, Expr, Function, SpreadArgument, SpreadCallee};

impl<'p> Printer<'_, 'p> {
    pub(super) fn call(&mut self, callee: FunctionId, args: &[Argument]) -> String {
        let callee = self.callee(callee);
        self.emitter.count_call(callee);
        let mut text = format!("{}(cx", callee.name);
        for (arg, param) in args.iter().zip(&callee.params) {
            text.push_str(", ");
            text.push_str(&self.argument(arg, callee.vars[param.0].ty));
        }
        text.push_str(")?");
        text
    }

    pub(super) fn argument(&mut self, arg: &Argument, wanted: Ty) -> String {
        match arg {
            Argument::Value(value) => self.atom_as(value, wanted),
            Argument::Cell(var) => self.function.vars[var.0].name.clone(),
        }
    }

    pub(super) fn result_of(&self, callee: FunctionId) -> Ty {
        self.callee(callee).result
    }

    pub(super) fn callee(&self, callee: FunctionId) -> &'p Function {
        let program = self.emitter.program;
        let found = program.functions.iter().find(|function| function.id == callee);
        found.expect("lowering queues every function that it calls")
    }

    /// `Args` of a call.
    pub(super) fn args(&mut self, args: &[Atom], kwargs: &[(String, Atom)]) -> String {
        let pos = self.boxed_list(args);
        if kwargs.is_empty() {
            return format!("Args::of(&[{pos}])");
        }
        let kwargs: Vec<String> = kwargs
            .iter()
            .map(|(name, value)| {
                let value = self.boxed(value);
                format!("({}, {value})", self.emitter.literal(name))
            })
            .collect();
        format!("Args {{ pos: &[{pos}], kw: &[{}] }}", kwargs.join(", "))
    }

    /// A call other than one of a function of the program.
    pub(super) fn call_other(&mut self, value: &Expr) -> String {
        match value {
            Expr::CallValue(callee, args, kwargs, observed) => {
                let text = match self.construct(callee, args, kwargs) {
                    Some(text) => text,
                    None => {
                        let callee = self.boxed(callee);
                        let args = self.args(args, kwargs);
                        format!("rt::call(cx, {callee}, {args}, {})?", self.guard())
                    }
                };
                self.convert(text, Ty::Any, *observed)
            }
            Expr::CallLoaded(object, name, args, kwargs, observed) if self.function.vars[object.0].ty != Ty::Loaded => {
                self.call_method(&Atom::Var(*object), name, args, kwargs, *observed)
            }
            Expr::CallLoaded(loaded, name, args, kwargs, observed) => {
                let loaded = self.read(*loaded);
                let text = self.call_looked_up(&loaded, name, args, kwargs);
                self.convert(text, Ty::Any, *observed)
            }
            Expr::CallMethod(object, name, args, kwargs, observed) => {
                self.call_method(object, name, args, kwargs, *observed)
            }
            Expr::CallLibrary(qualified, args, kwargs, observed) => {
                let args = self.args(args, kwargs);
                let text = match library::kind(qualified) {
                    Some(library::Kind::Function) => {
                        let function = self.emitter.library(qualified);
                        format!("({function}.call)(cx, {args}, {})?", self.guard())
                    }
                    _ => {
                        let callee = self.library_value(qualified);
                        format!("rt::call(cx, {callee}, {args}, {})?", self.guard())
                    }
                };
                self.convert(text, Ty::Any, *observed)
            }
            Expr::CallSpread(callee, args) => {
                let (function, callee) = match callee {
                    SpreadCallee::Value(value) => ("call_spread", self.boxed(value)),
                    SpreadCallee::Method(object, name) => {
                        let object = self.boxed(object);
                        ("call_method_spread", format!("{object}, {}", self.emitter.literal(name)))
                    }
                    SpreadCallee::Library(qualified) => ("call_spread", self.library_value(qualified)),
                    SpreadCallee::Global(index) => ("call_spread", self.emitter.refer(*index)),
                };
                let args: Vec<String> = args.iter().map(|arg| self.spread_argument(arg)).collect();
                format!("rt::{function}(cx, {callee}, &[{}], {})?", args.join(", "), self.guard())
            }
            _ => unreachable!("only calls come here"),
        }
    }

    fn call_method(
        &mut self,
        object: &Atom,
        name: &str,
        args: &[Atom],
        kwargs: &[(String, Atom)],
        observed: Ty,
    ) -> String {
        let types: Vec<Ty> = args.iter().map(|arg| of_atom(self.function, arg)).collect();
        if kwargs.is_empty()
            && let Some(direct) = methods::direct(of_atom(self.function, object), name, &types)
        {
            let (receiver, at) = (self.atom(object), self.guard());
            let text = self.direct_call(&direct, &receiver, args, at);
            return match direct.result {
                Ty::None => text,
                made => self.convert(text, made, held(made, observed)),
            };
        }
        let receiver = self.boxed(object);
        let ty = of_atom(self.function, object);
        let text = match ty {
            Ty::Any => self.call_at_site(&receiver, name, args, kwargs),
            _ => {
                let args = self.args(args, kwargs);
                let name = self.emitter.literal(name);
                format!("rt::call_method(cx, {receiver}, {name}, {args}, {})?", self.guard())
            }
        };
        // Control never comes here with a receiver of no type.
        if ty == Ty::Never { text } else { self.convert(text, Ty::Any, observed) }
    }

    fn spread_argument(&mut self, arg: &SpreadArgument) -> String {
        match arg {
            SpreadArgument::Positional(value) => format!("Argument::Positional({})", self.boxed(value)),
            SpreadArgument::Star(value) => format!("Argument::Star({})", self.boxed(value)),
            SpreadArgument::Keyword(name, value) => {
                let value = self.boxed(value);
                format!("Argument::Keyword({}, {value})", self.emitter.literal(name))
            }
            SpreadArgument::DoubleStar(value) => format!("Argument::DoubleStar({})", self.boxed(value)),
        }
    }

    /// What a library has under a qualified name, as a value.
    pub(super) fn library_value(&mut self, qualified: &str) -> String {
        let at = self.guard();
        self.emitter.library_value(qualified, at)
    }
}
