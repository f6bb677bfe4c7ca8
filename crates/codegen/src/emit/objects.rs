//! Prints what values are made of code: function objects, closures, classes, displays.

use std::fmt::Write;

use upshift_ir::{Container, LINKED_LINES, ParamKind};

use super::Emitter;
use super::constants::are_constant;
use super::convert;
use super::stmt::Printer;
use crate::Ty;
use crate::program::{Argument, Atom, Expr, FormatPart, Function};

impl Printer<'_, '_> {
    /// An expression that makes an object.
    pub(super) fn object(&mut self, value: &Expr) -> String {
        match value {
            Expr::Closure(function, defaults, cells) => {
                let name = self.callee(*function).name.clone();
                let defaults: Vec<String> =
                    defaults.iter().map(|(at, value)| format!("({at}, {})", self.boxed(value))).collect();
                let cells: Vec<&str> = cells.iter().map(|cell| self.function.vars[cell.0].name.as_str()).collect();
                let (defaults, cells) = (defaults.join(", "), cells.join(", "));
                format!("rt::function_new(cx, &CODE_{name}, &[{defaults}], &[{cells}], {})?", self.guard())
            }
            Expr::Class(name, qualname, body, captures, bases) => {
                let callee = self.callee(*body);
                let mut call = format!("{}(cx, namespace", callee.name);
                for (arg, param) in captures.iter().zip(&callee.params[1..]) {
                    let arg = match arg {
                        Argument::Value(_) => self.argument(arg, callee.vars[param.0].ty),
                        Argument::Cell(var) => self.function.vars[var.0].name.clone(),
                    };
                    let _ = write!(call, ", {arg}");
                }
                let bases = self.boxed_list(bases);
                let (name, qualname) = (self.emitter.literal(name), self.emitter.literal(qualname));
                let at = self.guard();
                format!(
                    "{{ let namespace = rt::dict_new(cx, &[], {at})?; {call})?; \
                     builtin::class_statement(cx, {name}, {qualname}, &[{bases}], namespace, {at})? }}"
                )
            }
            Expr::Super(class, object) => {
                let (class, object) = (self.boxed(class), self.boxed(object));
                format!("rt::super_new(cx, {class}, {object}, {})?", self.guard())
            }
            Expr::Tuple(items) if are_constant(items, &self.tuples) => {
                let items = self.boxed_list(items);
                format!("rt::site::tuple(cx, &[{items}], {}, {})?", self.site(), self.guard())
            }
            Expr::Tuple(items) => {
                format!("rt::tuple(cx, [{}], {})?", self.boxed_list(items), self.guard())
            }
            Expr::Set(items) if items.iter().all(|item| matches!(item, Atom::Const(_))) => {
                // Linked modules were imported, perhaps from a file of compiled code.
                let (items, stored) = (self.boxed_list(items), self.line > LINKED_LINES);
                format!("Value::Set(rt::set_literal(cx, &[{items}], {stored}, {})?)", self.guard())
            }
            Expr::Set(items) => {
                format!("Value::Set(rt::set_new(cx, false, &[{}], {})?)", self.boxed_list(items), self.guard())
            }
            Expr::Spread(container, items) => {
                let items: Vec<String> =
                    items.iter().map(|(star, item)| format!("({star}, {})", self.boxed(item))).collect();
                let (items, at) = (items.join(", "), self.guard());
                match container {
                    Container::List => format!("rt::list_spread(cx, &[{items}], {at})?"),
                    Container::Tuple => format!("rt::tuple_spread(cx, &[{items}], {at})?"),
                    Container::Set => format!("Value::Set(rt::set_spread(cx, &[{items}], {at})?)"),
                }
            }
            Expr::DictSpread(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|(key, value)| {
                        let key =
                            key.as_ref().map_or_else(|| "None".to_owned(), |key| format!("Some({})", self.boxed(key)));
                        format!("({key}, {})", self.boxed(value))
                    })
                    .collect();
                format!("rt::dict_spread(cx, &[{}], {})?", items.join(", "), self.guard())
            }
            Expr::Slice(start, stop, step) => {
                let parts = [start, stop, step].map(|part| self.boxed(part)).join(", ");
                format!("rt::slice_new(cx, {parts}, {})?", self.guard())
            }
            _ => unreachable!("only what makes an object comes here"),
        }
    }

    pub(super) fn part(&mut self, part: &FormatPart) -> String {
        match part {
            FormatPart::Text(text) => format!("Part::Text({text:?})"),
            FormatPart::Value(value, conversion, spec) => {
                let value = self.boxed(value);
                let Some(spec) = spec else {
                    let kind = match conversion {
                        Some('s') => "Str",
                        Some('r') => "Repr",
                        Some('a') => "Ascii",
                        _ => "Value",
                    };
                    return format!("Part::{kind}({value})");
                };
                let value = match conversion {
                    Some('s') => format!("Value::Str(builtin::str(cx, {value}, {})?)", self.guard()),
                    Some('r') => format!("Value::Str(builtin::repr(cx, {value}, {})?)", self.guard()),
                    Some(_) => {
                        let part = format!("&[Part::Ascii({value})]");
                        format!("Value::Str(builtin::format(cx, {part}, {})?)", self.guard())
                    }
                    None => value,
                };
                format!("Part::Spec({value}, {})", self.atom_as(spec, Ty::Str))
            }
        }
    }

    pub(super) fn boxed_list(&mut self, atoms: &[Atom]) -> String {
        let texts: Vec<String> = atoms.iter().map(|atom| self.boxed(atom)).collect();
        texts.join(", ")
    }
}

impl Emitter<'_> {
    /// The description of a function that exists as an object, and what the runtime enters it by.
    pub(super) fn code(&mut self, function: &Function, out: &mut String) {
        let name = &function.name;
        let params: Vec<String> = function
            .signature
            .iter()
            .map(|param| {
                let kind = match param.kind {
                    ParamKind::Positional => "Positional",
                    ParamKind::Plain => "Plain",
                    ParamKind::Star => "Star",
                    ParamKind::Keyword => "Keyword",
                    ParamKind::DoubleStar => "DoubleStar",
                };
                format!("rt::Param {{ name: {:?}, kind: rt::ParamKind::{kind} }}", param.name)
            })
            .collect();
        let _ = writeln!(
            out,
            "static CODE_{name}: rt::Code = rt::Code {{ name: {:?}, qualname: {:?}, params: &[{}], entry: enter_{name} }};",
            function.names.0,
            function.names.1,
            params.join(", ")
        );
        let mut call = format!("{name}(cx");
        for (at, param) in function.params.iter().enumerate() {
            let text = match at < function.signature.len() {
                true => {
                    let value = format!("args[{at}]");
                    match convert::guard_method(function.vars[param.0].ty) {
                        Some(method) => format!("{value}.{method}({})?", self.guard(function.line, true)),
                        None => value,
                    }
                }
                false => format!("function.cell({})", at - function.signature.len()),
            };
            let _ = write!(call, ", {text}");
        }
        let at = self.guard(function.line, true);
        let result = match function.result {
            Ty::Range => format!("rt::range_value(cx, {call})?, {at})"),
            ty => format!("Ok({})", convert::boxed(&format!("{call})?"), ty)),
        };
        let _ = writeln!(
            out,
            "fn enter_{name}<'s, 'a>(cx: &'a Cx<'a>, function: rt::Function<'a>, args: &'s [Value<'a>], _: u32) -> Result<Value<'a>> {{\n    {result}\n}}"
        );
    }
}
