//! Observations of a program that nobody has run: every part reached, no type known.
//!
//! For `upshift explain`, which has no invocations to learn from.

use upshift_frontend::normal::Module;
use upshift_ir::{Const, GlobalValue, Node, SiteId};

use crate::Observations;

/// Python's built-in functions that a program may name; others are exception classes and the like.
const FUNCTIONS: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytes",
    "bytearray",
    "callable",
    "chr",
    "complex",
    "dict",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "hasattr",
    "hash",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
];

/// Every site of `module` hit; globals held as far as reading tells.
pub fn assume_all(module: &Module) -> Observations {
    let names = module.global_names();
    let held = |name: &String| (name.clone(), held(module, name));
    Observations {
        hits: (0..module.sites).map(SiteId).collect(),
        globals: names.iter().map(held).collect(),
        image: vec![Node::Other("its value is known only at run time".to_owned())],
        ..Observations::default()
    }
}

fn held(module: &Module, name: &String) -> GlobalValue {
    if let Some(function) = module.functions.iter().find(|f| f.parent.is_none() && f.name == *name) {
        return GlobalValue::Function(function.id);
    }
    if module.globals.constants.contains(name) {
        // The value does not matter to whether the program can be native.
        return GlobalValue::Const(Const::None);
    }
    if let Some((_, from, attribute)) = module.globals.imports.iter().find(|(known, ..)| known == name) {
        return match attribute {
            None => GlobalValue::Module(from.clone()),
            Some(attribute) => GlobalValue::Builtin(format!("{from}.{attribute}")),
        };
    }
    if module.globals.bound.contains(name) {
        // Whatever it holds, an image will tell.
        return GlobalValue::Image(0);
    }
    if FUNCTIONS.contains(&name.as_str()) {
        return GlobalValue::Builtin(name.clone());
    }
    // An exception class, most likely.
    GlobalValue::Builtin(name.clone())
}
