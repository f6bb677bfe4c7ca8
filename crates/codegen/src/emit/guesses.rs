//! Prints calls of methods of receivers whose types are not known: what has such a method most often is tried first.

use super::convert;
use super::stmt::Printer;
use crate::Ty;
use crate::infer::of_atom;
use crate::methods;
use crate::program::Atom;

impl Printer<'_, '_> {
    /// For each built-in type with a function of its own for that method, the kind of value that is one, and the call of that
    /// with `this` as the receiver.
    pub(super) fn guesses(&mut self, name: &str, args: &[Atom], at: usize) -> Vec<(&'static str, String)> {
        let types: Vec<Ty> = args.iter().map(|arg| of_atom(self.function, arg)).collect();
        let mut found = Vec::new();
        for (kind, receiver) in [("List", Ty::List), ("Dict", Ty::Dict), ("Str", Ty::Str)] {
            let Some(direct) = methods::direct(receiver, name, &types) else { continue };
            let call = self.direct_call(&direct, "this", args, at);
            found.push((kind, convert::boxed(&call, direct.result)));
        }
        for (kind, method, count, function) in methods::OTHERS {
            if *method == name && *count == args.len() {
                let args: String = args.iter().map(|arg| format!("{}, ", self.boxed(arg))).collect();
                found.push((kind, format!("method::{function}(cx, this, {args}{at})?")));
            }
        }
        found
    }

    /// A call of the function that a method has; one that gives nothing gives `None`.
    pub(super) fn direct_call(&mut self, direct: &methods::Direct, receiver: &str, args: &[Atom], at: usize) -> String {
        let mut text = format!("method::{}(cx, {receiver}", direct.rust);
        for (arg, param) in args.iter().zip(direct.params) {
            text.push_str(", ");
            text.push_str(&self.atom_as(arg, *param));
        }
        match direct.result {
            Ty::None => format!("{{ {text}, {at})?; Value::None }}"),
            _ => format!("{text}, {at})?"),
        }
    }
}
