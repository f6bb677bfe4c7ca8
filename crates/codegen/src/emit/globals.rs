//! Prints the module's objects: each is made when an invocation first reads it; and what of them may change.

use std::fmt::Write;

use upshift_ir::{ClassForm, Const, Node};
use upshift_runtime::library;

use super::{Emitter, convert};
use crate::program::{First, Global};

/// Containers with so many items are made from a table.
const LARGE: usize = 32;

/// The constant that stands for an object wherever it is read; one that takes an allocation is made once instead.
fn inline(global: &Global) -> Option<&Const> {
    match global {
        Global::Node(Node::Const(Const::Bytes(_) | Const::BigInt(_))) => None,
        Global::Node(Node::Const(constant)) => Some(constant),
        _ => None,
    }
}

impl Emitter<'_> {
    /// All objects that the program reads.
    pub(super) fn globals(&mut self, out: &mut String) {
        let globals = &self.program.globals;
        let count = globals.keys().last().map_or(0, |last| last + 1);
        for (index, global) in globals {
            if inline(global).is_some() {
                continue;
            }
            let at = self.guard(1, true);
            let _ = writeln!(
                out,
                "\nfn global_{index}<'a>(cx: &'a Cx<'a>) -> Result<Value<'a>> {{\n\
                 {I}let place = cx.global({index}, {count}, {at})?;\n\
                 {I}if let Some(made) = place.get() {{\n{I}{I}return Ok(made);\n{I}}}",
                I = "    "
            );
            match global {
                Global::Function(id) => {
                    let name = self.function_name(*id);
                    self.made(
                        &format!("rt::image::function(cx, &CODE_{name}, &[{}], &[], {at})?", self.defaults(*id)),
                        out,
                    );
                }
                Global::Node(node) => {
                    self.node(node, at, out);
                    let is_logger = node.is_construct("logging.Logger");
                    let is_kept = self.program.state.as_ref().is_some_and(|state| *index < state.loaded);
                    if is_kept && (node.may_change() || is_logger) {
                        out.push_str("    rt::state::own(cx, made);\n");
                    }
                }
            }
            out.push_str("    Ok(made)\n}\n");
        }
    }

    /// What the module keeps from one invocation to the next: its variables, and the table of all that may change.
    pub(super) fn state(&mut self, out: &mut String) {
        let program = self.program;
        let is_manager = |global: &Global| matches!(global, Global::Node(node) if node.is_construct("logging.Manager"));
        let logging = program.globals.iter().find(|(_, global)| is_manager(global)).map(|(index, _)| *index);
        let none = "rt::state::Module::NONE";
        let Some(state) = &program.state else {
            let module = logging
                .map_or(none.to_owned(), |at| format!("rt::state::Module {{ logging: Some(global_{at}), ..{none} }}"));
            let _ = writeln!(out, "\npub static MODULE: rt::state::Module = {module};");
            return;
        };
        let count = state.variables.len();
        for (number, (name, first)) in state.variables.iter().enumerate() {
            let at = self.guard(1, true);
            let first = match first {
                First::Unbound => None,
                First::Const(constant) => Some(self.constant(constant, at)),
                First::Object(index) => Some(self.refer(*index)),
            };
            let begin = match first {
                None => "variable.begins(cx);".to_owned(),
                Some(first) => format!("if variable.begins(cx) {{\n{I}{I}variable.begin({first});\n{I}}}", I = "    "),
            };
            let _ = writeln!(
                out,
                "\n// {name}\nfn variable_{number}<'a>(cx: &'a Cx<'a>) -> Result<&'a rt::state::Variable<'a>> {{\n\
                 {I}let variable = cx.variable_of_module({number}, {count}, {at})?;\n{I}{begin}\n{I}Ok(variable)\n}}",
                I = "    "
            );
        }
        let _ = writeln!(
            out,
            "\npub static MODULE: rt::state::Module = rt::state::Module {{\n    loaded: {},",
            state.loaded
        );
        out.push_str("    objects: &[\n");
        for (index, global) in program.globals.range(..state.loaded) {
            if inline(global).is_none() {
                let _ = writeln!(out, "        ({index}, global_{index}),");
            }
        }
        let logging = logging.map_or("None".to_owned(), |at| format!("Some(global_{at})"));
        let _ = writeln!(out, "    ],\n    logging: {logging},\n    variables: &[");
        for (number, (name, _)) in state.variables.iter().enumerate() {
            let _ = writeln!(out, "        ({name:?}, variable_{number}),");
        }
        out.push_str("    ],\n};\n");
    }

    fn made(&self, value: &str, out: &mut String) {
        // What it is made of may lead back to it, and so have made it: there is one of each.
        let _ = writeln!(
            out,
            "    let made = {value};\n    if let Some(known) = place.get() {{\n        return Ok(known);\n    }}\n    \
             place.set(Some(made));"
        );
    }

    fn function_name(&self, id: upshift_ir::FunctionId) -> String {
        let found = self.program.functions.iter().find(|function| function.id == id);
        found.expect("lowering queues every function that is an object").name.clone()
    }

    /// The constant defaults of a plain function.
    fn defaults(&self, id: upshift_ir::FunctionId) -> String {
        let Some(function) = self.program.functions.iter().find(|function| function.id == id) else {
            return String::new();
        };
        let defaults: Vec<String> = function
            .signature
            .iter()
            .enumerate()
            .filter_map(|(at, param)| Some(format!("({at}, {})", self.known_constant(param.default.as_ref()?))))
            .collect();
        defaults.join(", ")
    }

    /// A constant as a value; strings must be in the table already.
    fn known_constant(&self, constant: &Const) -> String {
        match constant {
            Const::Str(text) => {
                let index = self.numbers.get(text).expect("entered before");
                format!("Value::Str(cx.literal({index}))")
            }
            other => convert::boxed_constant(other, 0),
        }
    }

    /// Enters the strings of all defaults into the table.
    pub(super) fn enter_defaults(&mut self) {
        let program = self.program;
        for function in &program.functions {
            for param in &function.signature {
                if let Some(Const::Str(text)) = &param.default {
                    self.literal(text);
                }
            }
        }
    }

    fn constant(&mut self, constant: &Const, at: usize) -> String {
        match constant {
            Const::Str(text) => format!("Value::Str({})", self.literal(text)),
            other => convert::boxed_constant(other, at),
        }
    }

    /// An object of the image as a value: a constant as it is, anything else from the function that makes it.
    pub(super) fn refer(&mut self, index: usize) -> String {
        let program = self.program;
        match program.globals.get(&index).and_then(inline) {
            Some(constant) => self.constant(constant, 0),
            None => format!("global_{index}(cx)?"),
        }
    }

    /// The same, where it may be read again and again.
    pub(super) fn refer_often(&mut self, index: usize) -> String {
        match self.program.globals.get(&index).and_then(inline) {
            Some(_) => self.refer(index),
            None => format!("match cx.known({index}) {{ Some(made) => made, None => {} }}", self.refer(index)),
        }
    }

    fn option(&mut self, index: Option<usize>) -> String {
        index.map_or_else(|| "None".to_owned(), |index| format!("Some({})", self.refer(index)))
    }

    fn list(&mut self, items: &[usize]) -> String {
        items.iter().map(|item| self.refer(*item)).collect::<Vec<_>>().join(", ")
    }

    /// The items of a large container as a table, which costs the compiler nothing; the expression that makes them.
    fn table(&mut self, items: impl Iterator<Item = usize>, out: &mut String) -> String {
        let program = self.program;
        out.push_str("    static ITEMS: &[rt::image::Item] = &[\n");
        for index in items {
            let item = match program.globals.get(&index).and_then(inline) {
                Some(Const::Str(text)) => format!("Str({})", self.literal_number(text)),
                Some(Const::Bool(value)) => format!("Bool({value})"),
                Some(Const::Float(value)) => format!("Float({})", convert::float(value.0)),
                Some(other) => convert::boxed_constant(other, 0).trim_start_matches("Value::").to_owned(),
                None => format!("Made(global_{index})"),
            };
            let _ = writeln!(out, "        rt::image::Item::{item},");
        }
        out.push_str("    ];\n");
        "rt::image::items(cx, ITEMS)?".to_owned()
    }

    /// The items of a container, as a slice of values.
    fn items(&mut self, items: &[usize], out: &mut String) -> String {
        match items.len() {
            ..LARGE => format!("[{}]", self.list(items)),
            _ => self.table(items.iter().copied(), out),
        }
    }

    fn node(&mut self, node: &Node, at: usize, out: &mut String) {
        let value = match node {
            Node::Const(constant) => self.constant(constant, at),
            Node::Builtin(qualified) => match library::kind(qualified) {
                Some(_) => self.library_value(qualified, at),
                None => format!("rt::image::foreign(cx, {at})?"),
            },
            Node::Construct(qualified, args) => {
                let args = self.list(args);
                format!("rt::image::construct(cx, {qualified:?}, &[{args}], {at})?")
            }
            Node::Cached { function, maxsize, typed } => {
                let function = self.refer(*function);
                format!("rt::library::cached(cx, {function}, {maxsize:?}, {typed}, true, {at})?")
            }
            Node::Pattern(pattern) => {
                // Those of the program come first; what `re` has in its cache is one object.
                let same =
                    |known: &upshift_ir::Pattern| known.pattern == pattern.pattern && known.flags == pattern.flags;
                let index = self.program.patterns.iter().position(same).unwrap_or_else(|| {
                    self.patterns.push(pattern.clone());
                    self.program.patterns.len() + self.patterns.len() - 1
                });
                self.patterned = true;
                format!("rt::library::pattern(cx, &PATTERNS[{index}], {at})?")
            }
            Node::Module(_) | Node::Other(_) | Node::Partial(..) => {
                format!("rt::image::foreign(cx, {at})?")
            }
            Node::Tuple(items) => format!("Value::Tuple(rt::tuple_new(cx, &{}, {at})?)", self.items(items, out)),
            Node::Set(frozen, items) => format!("rt::image::set(cx, {frozen}, &{}, {at})?", self.items(items, out)),
            Node::List(items) => {
                self.made(&format!("rt::image::list(cx, &[], {at})?"), out);
                let items = self.items(items, out);
                let _ = writeln!(out, "    rt::image::fill_list(cx, made, &{items}, {at})?;");
                return;
            }
            Node::Deque(most, items) => {
                self.made(&format!("rt::image::deque(cx, {most:?}, {at})?"), out);
                let items = self.items(items, out);
                let _ = writeln!(out, "    rt::image::fill_deque(cx, made, &{items}, {at})?;");
                return;
            }
            Node::Dict(items) | Node::DictOf(_, _, items) => {
                let new = match node {
                    Node::DictOf(class, factory, _) => {
                        let factory = factory.map_or_else(|| "Value::None".to_owned(), |factory| self.refer(factory));
                        format!("rt::image::dict_of(cx, {class:?}, {factory}, {at})?")
                    }
                    _ => format!("Value::Dict(rt::dict_new(cx, &[], {at})?)"),
                };
                self.made(&new, out);
                if items.len() >= LARGE {
                    let items = self.table(items.iter().flat_map(|(key, value)| [*key, *value]), out);
                    let _ = writeln!(out, "    rt::image::fill_dict_of(cx, made, &{items}, {at})?;");
                    return;
                }
                let items: Vec<String> = items
                    .iter()
                    .map(|(key, value)| format!("({}, {})", self.refer(*key), self.refer(*value)))
                    .collect();
                let _ = writeln!(out, "    rt::image::fill_dict(cx, made, &[{}], {at})?;", items.join(", "));
                return;
            }
            Node::Function { function, defaults, kwdefaults, cells, named: _ } => {
                return self.function_node(*function, defaults, kwdefaults, cells, at, out);
            }
            Node::Class { name, qualname, bases, dict, registered, hooked, form } => {
                let bases = self.list(bases);
                let registered: Vec<usize> =
                    registered.iter().copied().filter(|index| self.program.globals.contains_key(index)).collect();
                let registered = self.list(&registered);
                let (name, qualname) = (self.literal(name), self.literal(qualname));
                self.made(&format!("rt::image::class(cx, {name}, {qualname}, &[{bases}], {at})?"), out);
                self.form(form.as_ref(), at, out);
                let items = self.named(dict);
                let _ = writeln!(out, "    rt::image::fill_class(cx, made, &[{items}], {at})?;");
                if *hooked {
                    let _ = writeln!(out, "    rt::image::hooked(made, {at})?;");
                }
                if !registered.is_empty() {
                    let _ = writeln!(out, "    rt::image::register(cx, made, &[{registered}], {at})?;");
                }
                return;
            }
            Node::Instance { class, dict, payload } => {
                let payload = match payload {
                    Some(payload) => self.refer(*payload),
                    None => "Value::None".to_owned(),
                };
                self.made(&format!("rt::image::instance(cx, global_{class}(cx)?, {payload}, {at})?"), out);
                let items = self.named(dict);
                let _ = writeln!(out, "    rt::image::fill_instance(cx, made, &[{items}], {at})?;");
                return;
            }
            Node::Bound(object, name) => {
                let (object, name) = (self.refer(*object), self.literal(name));
                format!("rt::attr::get(cx, {object}, {name}, {at})?")
            }
            Node::StaticMethod(inner) => format!("rt::static_method_new(cx, global_{inner}(cx)?, {at})?"),
            Node::ClassMethod(inner) => format!("rt::class_method_new(cx, global_{inner}(cx)?, {at})?"),
            Node::Property(get, set, delete) => {
                let part = |part: &Option<usize>| match part {
                    Some(part) => format!("global_{part}(cx)?"),
                    None => "Value::None".to_owned(),
                };
                let (get, set, delete) = (part(get), part(set), part(delete));
                format!("rt::property_new(cx, {get}, {set}, {delete}, {at})?")
            }
        };
        self.made(&value, out);
    }

    fn named(&mut self, items: &[(String, usize)]) -> String {
        let items: Vec<String> =
            items.iter().map(|(name, value)| format!("({}, {})", self.literal(name), self.refer(*value))).collect();
        items.join(", ")
    }

    fn function_node(
        &mut self,
        function: upshift_ir::FunctionId,
        defaults: &[usize],
        kwdefaults: &[(String, usize)],
        cells: &[(String, usize)],
        at: usize,
        out: &mut String,
    ) {
        let found = self.program.functions.iter().find(|known| known.id == function);
        let known = found.expect("lowering queues every function that is an object");
        let positional = known
            .signature
            .iter()
            .filter(|param| matches!(param.kind, upshift_ir::ParamKind::Plain | upshift_ir::ParamKind::Positional))
            .count();
        let first = positional.saturating_sub(defaults.len());
        let mut values: Vec<String> = defaults
            .iter()
            .enumerate()
            .map(|(number, value)| format!("({}, {})", first + number, self.refer(*value)))
            .collect();
        for (name, value) in kwdefaults {
            if let Some(place) = known.signature.iter().position(|param| param.name == *name) {
                values.push(format!("({place}, {})", self.refer(*value)));
            }
        }
        // Cells in the order of what it captures; they are filled once the function exists.
        let captured: Vec<String> =
            known.params[known.signature.len()..].iter().map(|param| known.vars[param.0].name.clone()).collect();
        let sources: Vec<Option<usize>> = self
            .captures(function)
            .iter()
            .map(|name| cells.iter().find(|(cell, _)| cell == name).map(|(_, value)| *value))
            .collect();
        for number in 0..captured.len() {
            let _ = writeln!(out, "    let cell_{number} = rt::new_ref(cx, None, {at})?;");
        }
        let names: Vec<String> = (0..captured.len()).map(|number| format!("cell_{number}")).collect();
        let value = format!(
            "rt::image::function(cx, &CODE_{}, &[{}], &[{}], {at})?",
            known.name,
            values.join(", "),
            names.join(", ")
        );
        self.made(&value, out);
        for (number, source) in sources.iter().enumerate() {
            if let Some(source) = source {
                let source = self.refer(*source);
                let _ = writeln!(out, "    cell_{number}.set({source});");
            }
        }
    }

    /// The names of what a function captures, in the order of its extra parameters.
    fn captures(&self, function: upshift_ir::FunctionId) -> Vec<String> {
        let found = self.program.functions.iter().find(|known| known.id == function);
        found.map(|known| known.captures.clone()).unwrap_or_default()
    }

    fn form(&mut self, form: Option<&ClassForm>, at: usize, out: &mut String) {
        let text = match form {
            None => return,
            Some(ClassForm::NamedTuple(fields)) => {
                let fields: Vec<String> = fields.iter().map(|field| self.literal(field)).collect();
                format!("rt::image::named_tuple(cx, made, &[{}], {at})?", fields.join(", "))
            }
            Some(ClassForm::Enum(members)) => {
                format!("rt::image::enumeration(cx, made, &[{}], {at})?", self.named(members))
            }
            Some(ClassForm::Dataclass(form)) => {
                let fields: Vec<String> = form
                    .fields
                    .iter()
                    .map(|field| {
                        format!(
                            "rt::class::Field {{ name: {}, default: {}, factory: {}, init: {}, repr: {}, compare: {} }}",
                            self.literal(&field.name),
                            self.option(field.default),
                            self.option(field.factory),
                            field.init,
                            field.repr,
                            field.compare
                        )
                    })
                    .collect();
                format!(
                    "rt::image::dataclass(cx, made, &[{}], &{:?}, {}, {at})?",
                    fields.join(", "),
                    form.generated,
                    form.frozen
                )
            }
        };
        let _ = writeln!(out, "    {text};");
    }
}
