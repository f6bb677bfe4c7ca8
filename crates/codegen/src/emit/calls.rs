//! Prints calls, of functions, values, methods and libraries.

use upshift_ir::{Const, FunctionId};
use upshift_runtime::library;

use super::stmt::Printer;
use crate::Ty;
use crate::infer::of_atom;
use crate::program::{Argument, Atom, Expr, Function, SpreadArgument, SpreadCallee};

impl<'p> Printer<'_, 'p> {
    pub(super) fn call(&mut self, callee: FunctionId, args: &[Argument]) -> String {
        let callee = self.callee(callee);
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
    fn args(&mut self, args: &[Atom], kwargs: &[(String, Atom)]) -> String {
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
                let callee = self.boxed(callee);
                let args = self.args(args, kwargs);
                let text = format!("rt::call(cx, {callee}, {args}, {})?", self.guard());
                self.convert(text, Ty::Any, *observed)
            }
            Expr::CallLoaded(callee, args, kwargs, observed) => {
                let callee = self.read(*callee);
                let args = self.args(args, kwargs);
                let text = format!("rt::call_loaded(cx, {callee}, {args}, {})?", self.guard());
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
        let ty = of_atom(self.function, object);
        if let (Ty::List, "append", [item], []) = (ty, name, args, kwargs) {
            let (object, item) = (self.atom(object), self.boxed(item));
            return format!("{{ method::list_append(cx, {object}, {item}, {})?; Value::None }}", self.guard());
        }
        if let (Ty::Dict, "get", [key], []) = (ty, name, args, kwargs) {
            let default = Atom::Const(Const::None);
            return self.dict_get(object, key, &default, observed);
        }
        if let (Ty::Dict, "get", [key, default], []) = (ty, name, args, kwargs) {
            return self.dict_get(object, key, default, observed);
        }
        let object = self.boxed(object);
        let args = self.args(args, kwargs);
        let name = self.emitter.literal(name);
        let text = format!("rt::call_method(cx, {object}, {name}, {args}, {})?", self.guard());
        self.convert(text, Ty::Any, observed)
    }

    fn dict_get(&mut self, object: &Atom, key: &Atom, default: &Atom, observed: Ty) -> String {
        let (object, key, default) = (self.atom(object), self.boxed(key), self.boxed(default));
        let text = format!("method::dict_get(cx, {object}, {key}, {default}, {})?", self.guard());
        self.convert(text, Ty::Any, observed)
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
