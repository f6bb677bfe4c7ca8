//! Prints a typed program as a Rust module.
//!
//! In: a typed program. Out: Rust without `unsafe` that calls `upshift_runtime` and defines
//! `main`, `LITERALS`, `GUARDS` and `SITES`, and the table of its guards.
//! Each operation that can fail names its guard by number; the same number indexes the table.

mod apply;
mod calls;
mod constants;
mod convert;
mod globals;
mod guesses;
mod inlined;
mod loops;
mod objects;
mod scope;
mod sites;
mod stmt;
mod stores;
mod tried;

pub(crate) use scope::scoped;

use std::collections::HashMap;
use std::fmt::Write;

use upshift_ir::Const;
use upshift_runtime::library;

use crate::Ty;
use crate::program::{Block, Function, Program, StmtKind, VarId};

/// What to print beside the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'s> {
    /// The action's source; its lines become comments.
    pub source: Option<&'s str>,
    /// Lets an invocation force a bailout at any one guard, at the price of a test at each.
    pub forced: bool,
}

/// A printed program.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The Rust module.
    pub rust: String,
    /// `guards[i]` is guard number `i`.
    pub guards: Vec<Guard>,
}

/// A place at which native code may go back to CPython.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Line in the action's source.
    pub line: u32,
    /// What the native language does not have, at a guard that always fails because of it.
    pub reason: Option<String>,
    /// Whether an invocation can be forced to bail out here (see [`Options::forced`]).
    pub forcible: bool,
}

/// Prints `program`.
pub fn emit(program: &Program, options: &Options<'_>) -> Emitted {
    let mut emitter = Emitter {
        program,
        options,
        lines: options.source.map(|source| source.lines().collect()).unwrap_or_default(),
        guards: Vec::new(),
        settled: Vec::new(),
        literals: Vec::new(),
        numbers: HashMap::new(),
        libraries: Vec::new(),
        patterns: Vec::new(),
        patterned: false,
        sites: 0,
        heads: Vec::new(),
        called: HashMap::new(),
    };
    // Arguments that are no JSON object never come here, so this guard only fails on a foreign caller.
    let entry = &program.functions[program.entry];
    let at = emitter.guard(entry.line, true);
    emitter.enter_defaults();
    let mut functions = String::new();
    for function in &program.functions {
        functions.push('\n');
        emitter.function(function, &mut functions);
        if function.object {
            emitter.code(function, &mut functions);
        }
    }
    emitter.inline(&mut functions);
    emitter.globals(&mut functions);
    emitter.state(&mut functions);
    let result = convert::boxed("result", entry.result);
    let args = match entry.vars[entry.params[0].0].ty {
        Ty::Dict => format!("args.as_dict({at})?"),
        _ => "args".to_owned(),
    };
    let mut rust = String::new();
    let _ = write!(
        rust,
        "use upshift_runtime::{{self as rt, builtin, method, op}};\n\
         use upshift_runtime::{{Args, Argument, BailKind, Co, Cx, Dict, DictIter, Flow, Iter, List, ListIter, Loaded, Part, Range, RangeIter, Ref, Result, Str, StrIter, Value}};\n\
         \n\
         pub const GUARDS: u32 = {};\n\
         pub const SITES: u32 = {};\n\
         pub static LITERALS: &[&str] = &{:?};\n",
        emitter.guards.len(),
        emitter.sites,
        emitter.literals,
    );
    for (number, qualified) in emitter.libraries.iter().enumerate() {
        let (module, name) = qualified.rsplit_once('.').unwrap_or(("builtins", qualified));
        let _ = writeln!(rust, "const L{number}: &rt::Builtin = rt::library::function({module:?}, {name:?});");
    }
    let asked = emitter.libraries.iter().any(|library| library.starts_with("re."));
    let patterns = if asked || emitter.patterned { emitter.pattern_table(&mut rust) } else { "" };
    let frames = match program.frames {
        1 => String::new(),
        each => format!("{I}cx.stand_for({each});\n", I = "    "),
    };
    let _ = write!(
        rust,
        "\n\
         pub fn main<'a>(cx: &'a Cx<'a>, args: Value<'a>) -> Result<Value<'a>> {{\n\
         {patterns}{frames}{I}cx.enter({at})?;\n\
         {I}let result = {}(cx, {args})?;\n\
         {I}cx.leave();\n\
         {I}Ok({result})\n\
         }}\n{functions}",
        entry.name,
        I = "    ",
    );
    Emitted { rust, guards: emitter.guards }
}

struct Emitter<'p> {
    program: &'p Program,
    options: &'p Options<'p>,
    lines: Vec<&'p str>,
    guards: Vec<Guard>,
    /// Whether the guard's force test has been printed, or needs none.
    settled: Vec<bool>,
    literals: Vec<String>,
    /// Their indices.
    numbers: HashMap<String, usize>,
    /// Library functions that are called by name.
    libraries: Vec<String>,
    /// Regular expressions that module-level names hold.
    patterns: Vec<upshift_ir::Pattern>,
    /// Whether the table of regular expressions is used.
    patterned: bool,
    /// How many sites were printed.
    sites: u32,
    /// Where the functions begin that may be part of their callers.
    heads: Vec<(usize, &'p str)>,
    /// How often functions are called directly.
    called: HashMap<&'p str, usize>,
}

impl<'p> Emitter<'p> {
    /// A new guard; `settled` ones cannot be forced.
    fn guard(&mut self, line: u32, settled: bool) -> usize {
        self.guards.push(Guard { line, reason: None, forcible: false });
        self.settled.push(settled);
        self.guards.len() - 1
    }

    /// Prints the force tests of all guards since `first` that have none yet.
    fn force(&mut self, first: usize, indent: &str, out: &mut String) {
        if !self.options.forced {
            return;
        }
        for number in first..self.guards.len() {
            if !std::mem::replace(&mut self.settled[number], true) {
                self.guards[number].forcible = true;
                let _ = writeln!(out, "{indent}cx.force({number})?;");
            }
        }
    }

    fn literal(&mut self, text: &str) -> String {
        format!("cx.literal({})", self.literal_number(text))
    }

    /// The index of a text in the table of literals.
    fn literal_number(&mut self, text: &str) -> usize {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        self.literals.push(text.to_owned());
        self.numbers.insert(text.to_owned(), self.literals.len() - 1);
        self.literals.len() - 1
    }

    /// Prints the table of regular expressions; what makes it known.
    fn pattern_table(&self, out: &mut String) -> &'static str {
        out.push_str("static PATTERNS: &[rt::sre::Pattern] = &[\n");
        for pattern in self.program.patterns.iter().chain(&self.patterns) {
            let (source, bytes) = match &pattern.pattern {
                Const::Str(text) => (text.clone(), false),
                Const::Bytes(bytes) => (bytes.iter().map(|byte| char::from(*byte)).collect(), true),
                _ => (String::new(), true),
            };
            let names: Vec<(&str, u32)> = pattern.names.iter().map(|(name, number)| (name.as_str(), *number)).collect();
            let _ = writeln!(
                out,
                "    rt::sre::Pattern {{ source: {source:?}, bytes: {bytes}, given: {}, flags: {}, groups: {}, \
                 names: &{names:?}, code: &{:?} }},",
                pattern.given, pattern.flags, pattern.groups, pattern.code
            );
        }
        out.push_str("];\n");
        "    cx.set_patterns(PATTERNS);\n"
    }

    /// The constant that names a library function.
    fn library(&mut self, qualified: &str) -> String {
        let index = self.libraries.iter().position(|known| known == qualified).unwrap_or_else(|| {
            self.libraries.push(qualified.to_owned());
            self.libraries.len() - 1
        });
        format!("L{index}")
    }

    /// What a library has under a qualified name, as a value.
    fn library_value(&mut self, qualified: &str, at: usize) -> String {
        match library::kind(qualified) {
            Some(library::Kind::Function) => format!("Value::Builtin({})", self.library(qualified)),
            Some(library::Kind::Class(ty)) => format!("Value::Class(cx.class(rt::Type::{ty:?}, {at})?)"),
            _ => format!("rt::library::value(cx, {qualified:?}, {at})?"),
        }
    }

    fn function(&mut self, function: &'p Function, out: &mut String) {
        let (mut params, mut names) = (String::new(), String::new());
        for param in &function.params {
            let var = &function.vars[param.0];
            let ty = if var.cell { format!("Ref<'a, {}>", var.ty.rust()) } else { var.ty.rust().to_owned() };
            let _ = write!(params, ", mut {}: {ty}", var.name);
            let _ = write!(names, ", {}", var.name);
        }
        let _ = writeln!(out, "{}", self.source_comment(function.line, ""));
        let name = &function.name;
        if function.generator {
            let at = self.guard(function.line, true);
            let _ = writeln!(
                out,
                "fn {name}<'a>(cx: &'a Cx<'a>{params}) -> Result<Value<'a>> {{\n    \
                 rt::generator_new(cx, {:?}, move |co| body_{name}(cx, co{names}), {at})\n}}\n\
                 async fn body_{name}<'a>(cx: &'a Cx<'a>, co: Co<'a>{params}) -> Result<Value<'a>> {{",
                function.names.0
            );
        } else {
            // The registers of a loop are its own: one that is part of its caller has too few.
            let apart = if has_loop(&function.body) { "#[inline(never)]\n" } else { "" };
            if inlined::may_be(function) {
                self.heads.push((out.len(), name));
            }
            let result = function.result.rust();
            let _ = writeln!(out, "{apart}fn {name}<'a>(cx: &'a Cx<'a>{params}) -> Result<{result}> {{");
        }
        let scoped = scope::scoped(function);
        for (i, var) in function.vars.iter().enumerate() {
            let id = VarId(i);
            if function.params.contains(&id) {
                // A parameter that may become unbound is held as a variable like any other.
                if var.maybe_unbound && !var.cell {
                    let _ = writeln!(out, "    let mut {0}: Option<{1}> = Some({0});", var.name, var.ty.rust());
                }
                continue;
            }
            if scoped.contains(&id) {
                continue;
            }
            let (name, ty) = (&var.name, var.ty.rust());
            if var.cell {
                let at = self.guard(function.line, true);
                let _ = writeln!(out, "    let mut {name}: Ref<'a, {ty}> = rt::new_ref(cx, None, {at})?;");
            } else if var.maybe_unbound {
                let _ = writeln!(out, "    let mut {name}: Option<{ty}> = None;");
            } else if var.assigned_in_try {
                let initial = match var.ty {
                    Ty::Int => "0",
                    Ty::Float => "0.0",
                    Ty::Number => "rt::Number::int(0)",
                    Ty::Bool => "false",
                    _ => "Value::None",
                };
                let _ = writeln!(out, "    let mut {name}: {ty} = {initial};");
            } else {
                let _ = writeln!(out, "    let mut {name}: {ty};");
            }
        }
        let line = function.line;
        let (objects, tuples) = (sites::objects(function), constants::tuples(function));
        let mut printer =
            stmt::Printer { emitter: self, function, scoped, objects, tuples, line, inside: false, loops: 0, tries: 0 };
        let (start, before) = (out.len(), printer.emitter.sites);
        printer.block(&function.body, 1, out);
        if self.sites > before {
            out.insert_str(start, "    let sites = cx.sites::<{ SITES as usize }>()?;\n");
        }
        out.push_str("}\n");
    }

    /// `// 12: total += x`, or the number alone where the source is not at hand.
    fn source_comment(&self, line: u32, indent: &str) -> String {
        match self.lines.get((line as usize).wrapping_sub(1)) {
            Some(text) => format!("{indent}// {line}: {}", text.trim()),
            None => format!("{indent}// {line}"),
        }
    }
}

/// Whether statements loop.
fn has_loop(block: &Block) -> bool {
    block.iter().any(|stmt| matches!(stmt.kind, StmtKind::Loop(..)) || stmt.kind.blocks().into_iter().any(has_loop))
}
