//! Match objects.

use std::cell::Cell;
use std::fmt::Write as _;

use super::{Source, Template, compiled, slice, spans};
use crate::sre::{Machine, Pattern};
use crate::{Args, BailKind, Cx, Obj, Result, Type, Value, dict_new, object_new, repr, str_new, tuple_new};

/// A match.
pub(super) struct Found<'a> {
    pattern: &'static Pattern,
    source: Source<'a>,
    /// Of the whole match, and of each group.
    spans: &'a [Option<(usize, usize)>],
    bounds: (usize, usize),
    last: Option<usize>,
}

/// The match that the machine has found.
pub(super) fn found_new<'a>(
    cx: &'a Cx<'a>,
    pattern: &'static Pattern,
    source: Source<'a>,
    machine: &Machine<'_, 'a>,
    bounds: (usize, usize),
    g: u32,
) -> Result<Value<'a>> {
    let spans = spans(machine, pattern.groups);
    let spans = cx.alloc_slice(spans.len(), |at| spans[at], g)?;
    object_new(cx, Found { pattern, source, spans, bounds, last: machine.last_index() }, g)
}

impl<'a> Found<'a> {
    /// The number of the group that an argument names.
    fn number(&self, cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<usize> {
        let found = match v {
            Value::Str(name) => {
                self.pattern.names.iter().find(|(known, _)| *known == name.text()).map(|(_, number)| *number as usize)
            }
            _ => v.index().and_then(|number| usize::try_from(number).ok()).filter(|number| *number < self.spans.len()),
        };
        found.ok_or_else(|| cx.raise(Type::IndexError, "no such group", g))
    }

    fn text(&self, cx: &'a Cx<'a>, number: usize, default: Value<'a>, g: u32) -> Result<Value<'a>> {
        match self.spans[number] {
            Some((from, to)) => self.source.cut(cx, from, to, g),
            None => Ok(default),
        }
    }

    fn span(&self, number: usize) -> (i64, i64) {
        self.spans[number].map_or((-1, -1), |(from, to)| (from as i64, to as i64))
    }
}

impl<'a> Obj<'a> for Found<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "string" => Some(self.source.value()),
            "re" => Some(compiled(cx, self.pattern, g)?),
            "pos" => Some(Value::Int(self.bounds.0 as i64)),
            "endpos" => Some(Value::Int(self.bounds.1 as i64)),
            "lastindex" => Some(self.last.map_or(Value::None, |last| Value::Int(last as i64))),
            "lastgroup" => {
                let named = self.pattern.names.iter().find(|(_, number)| Some(*number as usize) == self.last);
                Some(match named {
                    Some((name, _)) => Value::Str(str_new(cx, name, g)?),
                    None => Value::None,
                })
            }
            _ => None,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "group" | "groups" | "groupdict" | "start" | "end" | "span" | "expand")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match name {
            "group" => match args.positional(g)? {
                [] => self.text(cx, 0, Value::None, g),
                [one] => self.text(cx, self.number(cx, *one, g)?, Value::None, g),
                several => {
                    let parts = several
                        .iter()
                        .map(|one| self.text(cx, self.number(cx, *one, g)?, Value::None, g))
                        .collect::<Result<Vec<_>>>()?;
                    tuple_new(cx, &parts, g).map(Value::Tuple)
                }
            },
            "groups" => {
                let [default] = args.bind(["default"], 0, 1, g)?;
                let default = default.unwrap_or(Value::None);
                let parts = (1..self.spans.len())
                    .map(|number| self.text(cx, number, default, g))
                    .collect::<Result<Vec<_>>>()?;
                tuple_new(cx, &parts, g).map(Value::Tuple)
            }
            "groupdict" => {
                let [default] = args.bind(["default"], 0, 1, g)?;
                let dict = dict_new(cx, &[], g)?;
                for (name, number) in self.pattern.names {
                    let value = self.text(cx, *number as usize, default.unwrap_or(Value::None), g)?;
                    dict.set(cx, Value::Str(str_new(cx, name, g)?), value, g)?;
                }
                Ok(Value::Dict(dict))
            }
            "start" | "end" | "span" => {
                let number = match args.positional(g)? {
                    [] => 0,
                    [one] => self.number(cx, *one, g)?,
                    _ => return Err(BailKind::Exception.at(g)),
                };
                let (from, to) = self.span(number);
                match name {
                    "start" => Ok(Value::Int(from)),
                    "end" => Ok(Value::Int(to)),
                    _ => tuple_new(cx, &[Value::Int(from), Value::Int(to)], g).map(Value::Tuple),
                }
            }
            _ => {
                let ([Value::Str(template)], Source::Text(text)) = (args.positional(g)?, self.source) else {
                    return Err(BailKind::Unsupported.at(g));
                };
                let template =
                    Template::parse(template.text(), self.pattern).ok_or_else(|| BailKind::Exception.at(g))?;
                let mut out = String::new();
                template.expand(&mut out, |number| self.spans[number].map(|(from, to)| slice(text.text(), from, to)));
                str_new(cx, &out, g).map(Value::Str)
            }
        }
    }

    fn get_item(&self, cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        self.text(cx, self.number(cx, index, g)?, Value::None, g)
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        let (from, to) = self.span(0);
        let shown = repr::repr_text(cx, self.text(cx, 0, Value::None, g)?, g)?;
        let shown: String = shown.chars().take(50).collect();
        let _ = write!(out, "<re.Match object; span=({from}, {to}), match={shown}>");
        Ok(())
    }
}

/// What `finditer` gives.
struct Matches<'a> {
    items: &'a [Value<'a>],
    at: Cell<usize>,
}

/// An iterator over matches.
pub(super) fn iterator<'a>(cx: &'a Cx<'a>, items: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    let items = cx.alloc_slice(items.len(), |at| items[at], g)?;
    object_new(cx, Matches { items, at: Cell::new(0) }, g)
}

impl<'a> Obj<'a> for Matches<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn iter(&self, _cx: &'a Cx<'a>, this: Value<'a>, _g: u32) -> Result<Value<'a>> {
        Ok(this)
    }

    fn next(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<Value<'a>>> {
        let at = self.at.get();
        self.at.set(at + 1);
        Ok(self.items.get(at).copied())
    }
}
