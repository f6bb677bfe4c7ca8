//! The module `re` (`Lib/re/__init__.py`, `Modules/_sre/sre.c`), for patterns that a traced invocation compiled.

mod found;
mod template;

use self::found::found_new;
use self::template::Template;
use crate::op::{BinaryOp, CompareOp};
use crate::sre::{Machine, Pattern, Subject};
use crate::{
    Args, BailKind, Builtin, Bytes, Cx, Obj, Result, Str, Type, Value, bytes_new, call_with, list_new, object_new,
    str_new, tuple_new,
};

macro_rules! functions {
    ($($name:literal)+) => {
        /// The functions of `re`.
        pub(super) const TABLE: &[Builtin] = &[
            $(Builtin { module: "re", name: $name, call: |cx, args, g| function(cx, $name, args, g) },)+
            Builtin { module: "re", name: "compile", call: |cx, args, g| compile(cx, args, g) },
            Builtin { module: "re", name: "escape", call: |cx, args, g| escape(cx, args, g) },
        ];
    };
}

functions! { "findall" "finditer" "fullmatch" "match" "search" "split" "sub" "subn" }

/// The flag of that name.
pub(super) fn flag(name: &str) -> Option<i64> {
    Some(match name {
        "re.IGNORECASE" | "re.I" => 2,
        "re.MULTILINE" | "re.M" => 8,
        "re.DOTALL" | "re.S" => 16,
        "re.UNICODE" | "re.U" => 32,
        "re.VERBOSE" | "re.X" => 64,
        "re.ASCII" | "re.A" => 256,
        _ => return None,
    })
}

/// A `RegexFlag`.
struct Flag(i64);

/// The flag as a value.
pub(super) fn flag_new<'a>(cx: &'a Cx<'a>, flag: i64, g: u32) -> Result<Value<'a>> {
    object_new(cx, Flag(flag), g)
}

impl<'a> Obj<'a> for Flag {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, _g: u32) -> Result<Option<Value<'a>>> {
        Ok((name == "value").then_some(Value::Int(self.0)))
    }

    fn binary(
        &self,
        cx: &'a Cx<'a>,
        op: BinaryOp,
        _this: Value<'a>,
        other: Value<'a>,
        _reflected: bool,
        g: u32,
    ) -> Result<Option<Value<'a>>> {
        match (op, flags_of(cx, other, g)?) {
            (BinaryOp::BitOr, other) => flag_new(cx, self.0 | i64::from(other), g).map(Some),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

fn flags_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<u32> {
    let flags = match v {
        Value::Object(object) => object.get().attr(cx, v, "value", g)?,
        v => Some(v),
    };
    match flags {
        Some(Value::Int(flags)) => u32::try_from(flags).map_err(|_| BailKind::Unsupported.at(g)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// A compiled pattern.
struct Compiled(&'static Pattern);

/// The pattern object of a pattern.
pub fn compiled<'a>(cx: &'a Cx<'a>, pattern: &'static Pattern, g: u32) -> Result<Value<'a>> {
    let Some(place) = cx.pattern_object(pattern, g)? else { return object_new(cx, Compiled(pattern), g) };
    match place.get() {
        Some(known) => Ok(known),
        None => {
            let made = object_new(cx, Compiled(pattern), g)?;
            place.set(Some(made));
            Ok(made)
        }
    }
}

/// The pattern that a string with flags, or a pattern object, stands for.
fn pattern_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, flags: u32, g: u32) -> Result<&'static Pattern> {
    let (source, bytes) = match v {
        Value::Object(object) => {
            return match (object.get().as_pattern(), flags) {
                (Some(pattern), 0) => Ok(pattern),
                (Some(_), _) => Err(BailKind::Exception.at(g)),
                (None, _) => Err(BailKind::Unsupported.at(g)),
            };
        }
        Value::Str(text) => (text.text().to_owned(), false),
        Value::Bytes(bytes) => (bytes.bytes().iter().map(|byte| char::from(*byte)).collect::<String>(), true),
        _ => return Err(BailKind::Exception.at(g)),
    };
    let known = |pattern: &&Pattern| pattern.source == source && pattern.bytes == bytes && pattern.given == flags;
    // What no traced invocation has compiled, CPython compiles.
    cx.patterns().iter().find(known).ok_or_else(|| BailKind::Unsupported.at(g))
}

/// `compile(pattern, flags)`
fn compile<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [pattern, flags] = args.bind(["pattern", "flags"], 1, 2, g)?;
    let flags = flags.map_or(Ok(0), |flags| flags_of(cx, flags, g))?;
    match pattern {
        Some(v @ Value::Object(object)) if object.get().as_pattern().is_some() && flags == 0 => Ok(v),
        Some(v) => compiled(cx, pattern_of(cx, v, flags, g)?, g),
        None => Err(BailKind::Exception.at(g)),
    }
}

/// `escape(pattern)`
fn escape<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Str(text)] = args.positional(g)? else { return Err(BailKind::Unsupported.at(g)) };
    let mut out = String::with_capacity(text.text().len());
    for letter in text.text().chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    str_new(cx, &out, g).map(Value::Str)
}

/// A function of the module that takes the pattern first.
fn function<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let names: [&str; 5] = match name {
        "sub" | "subn" => ["pattern", "repl", "string", "count", "flags"],
        "split" => ["pattern", "string", "maxsplit", "flags", ""],
        _ => ["pattern", "string", "flags", "", ""],
    };
    let required = if matches!(name, "sub" | "subn") { 3 } else { 2 };
    let most = names.iter().filter(|name| !name.is_empty()).count();
    let bound = args.bind(names, required, most, g)?;
    let at = |wanted: &str| names.iter().position(|name| *name == wanted).and_then(|at| bound[at]);
    let flags = at("flags").map_or(Ok(0), |flags| flags_of(cx, flags, g))?;
    let (Some(pattern), Some(string)) = (at("pattern"), at("string")) else { return Err(BailKind::Exception.at(g)) };
    let pattern = pattern_of(cx, pattern, flags, g)?;
    let count = at("count").or(at("maxsplit")).map_or(Ok(0), |count| crate::method::integer(cx, count, g))?;
    let task = Task { cx, pattern, source: Source::of(pattern, string, g)?, g };
    task.run(name, at("repl"), count, 0, usize::MAX)
}

impl<'a> Obj<'a> for Compiled {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_pattern(&self) -> Option<&'static Pattern> {
        Some(self.0)
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(match name {
            "pattern" if !self.0.bytes => Some(Value::Str(str_new(cx, self.0.source, g)?)),
            "flags" => Some(Value::Int(i64::from(self.0.flags))),
            "groups" => Some(Value::Int(i64::from(self.0.groups))),
            _ => None,
        })
    }

    fn has_method(&self, name: &str) -> bool {
        TABLE.iter().any(|known| known.name == name && !matches!(name, "compile" | "escape"))
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        let names: [&str; 3] = match name {
            "sub" | "subn" => ["repl", "string", "count"],
            "split" => ["string", "maxsplit", ""],
            _ => ["string", "pos", "endpos"],
        };
        let required = if matches!(name, "sub" | "subn") { 2 } else { 1 };
        let bound = args.bind(names, required, if name == "split" { 2 } else { 3 }, g)?;
        let at = |wanted: &str| names.iter().position(|name| *name == wanted).and_then(|at| bound[at]);
        let number =
            |wanted: &str, default: i64| at(wanted).map_or(Ok(default), |count| crate::method::integer(cx, count, g));
        let count = if name == "split" { number("maxsplit", 0)? } else { number("count", 0)? };
        let (pos, end) = (number("pos", 0)?, number("endpos", i64::MAX)?);
        let Some(string) = at("string") else { return Err(BailKind::Exception.at(g)) };
        let task = Task { cx, pattern: self.0, source: Source::of(self.0, string, g)?, g };
        let clamp = |at: i64| usize::try_from(at).unwrap_or(0);
        task.run(name, at("repl"), count, clamp(pos), clamp(end))
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        let Value::Object(other) = other else { return Ok(None) };
        let same = other.get().as_pattern().is_some_and(|other| std::ptr::eq(other, self.0));
        match op {
            CompareOp::Eq if same => Ok(Some(true)),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// What is searched, as Python has it.
#[derive(Copy, Clone)]
enum Source<'a> {
    Text(Str<'a>),
    Bytes(Bytes<'a>),
}

impl<'a> Source<'a> {
    fn of(pattern: &Pattern, v: Value<'a>, g: u32) -> Result<Self> {
        match (crate::plain(v), pattern.bytes) {
            (Value::Str(text), false) if matches!(v, Value::Str(_)) => Ok(Source::Text(text)),
            (Value::Bytes(bytes), true) => Ok(Source::Bytes(bytes)),
            (Value::Str(_) | Value::Object(_), _) => Err(BailKind::Unsupported.at(g)),
            _ => Err(BailKind::Exception.at(g)),
        }
    }

    fn subject(self) -> Subject<'a> {
        match self {
            Source::Text(text) => Subject::text(text.text()),
            Source::Bytes(bytes) => Subject::Bytes(bytes.bytes()),
        }
    }

    fn value(self) -> Value<'a> {
        match self {
            Source::Text(text) => Value::Str(text),
            Source::Bytes(bytes) => Value::Bytes(bytes),
        }
    }

    /// The part between two character indices.
    fn cut(self, cx: &'a Cx<'a>, from: usize, to: usize, g: u32) -> Result<Value<'a>> {
        match self {
            Source::Text(text) if from == 0 && to == text.text().chars().count() => Ok(Value::Str(text)),
            Source::Text(text) => str_new(cx, slice(text.text(), from, to), g).map(Value::Str),
            Source::Bytes(bytes) => bytes_new(cx, &bytes.bytes()[from..to], g).map(Value::Bytes),
        }
    }

    fn empty(self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        self.cut(cx, 0, 0, g)
    }
}

/// The part of a text between two character indices.
fn slice(text: &str, from: usize, to: usize) -> &str {
    if text.is_ascii() {
        return &text[from..to];
    }
    let place = |index: usize, text: &str| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let rest = &text[place(from, text)..];
    &rest[..place(to - from, rest)]
}

/// One call of a function of the module.
struct Task<'a> {
    cx: &'a Cx<'a>,
    pattern: &'static Pattern,
    source: Source<'a>,
    g: u32,
}

impl<'a> Task<'a> {
    fn run(&self, name: &str, repl: Option<Value<'a>>, count: i64, pos: usize, end: usize) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        let subject = self.source.subject();
        cx.burn(subject.len(), g)?;
        let end = end.min(subject.len());
        let pos = pos.min(end);
        let mut machine = Machine::new(cx, self.pattern, &subject, pos, end, g);
        match name {
            "search" => {
                let found = machine.search()?;
                self.one(&machine, found, pos, end)
            }
            "match" | "fullmatch" => {
                machine.match_all = name == "fullmatch";
                let found = machine.matches(0, true)?;
                self.one(&machine, found, pos, end)
            }
            "findall" => self.find_all(&mut machine),
            "finditer" => {
                let mut items = Vec::new();
                while machine.next_match()? {
                    items.push(self.one(&machine, true, pos, end)?);
                    machine.advance();
                }
                found::iterator(cx, &items, g)
            }
            "split" => self.split(&mut machine, count),
            _ => self.substitute(&mut machine, repl.ok_or_else(|| BailKind::Exception.at(g))?, count, name == "subn"),
        }
    }

    /// The match object, or `None`.
    fn one(&self, machine: &Machine<'_, 'a>, found: bool, pos: usize, end: usize) -> Result<Value<'a>> {
        if found {
            machine.check_groups()?;
        }
        match found {
            true => found_new(self.cx, self.pattern, self.source, machine, (pos, end), self.g),
            false => Ok(Value::None),
        }
    }

    fn group(&self, machine: &Machine<'_, 'a>, group: usize) -> Result<Option<Value<'a>>> {
        machine.group(group).map(|(from, to)| self.source.cut(self.cx, from, to, self.g)).transpose()
    }

    fn find_all(&self, machine: &mut Machine<'_, 'a>) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        let mut items = Vec::new();
        let group = |machine: &Machine<'_, 'a>, number| match self.group(machine, number)? {
            Some(text) => Ok(text),
            None => self.source.empty(cx, g),
        };
        while machine.next_match()? {
            cx.tick(g)?;
            items.push(match self.pattern.groups {
                0 => self.source.cut(cx, machine.start, machine.ptr, g)?,
                1 => group(machine, 1)?,
                count => {
                    let parts =
                        (1..=count as usize).map(|number| group(machine, number)).collect::<Result<Vec<_>>>()?;
                    Value::Tuple(tuple_new(cx, &parts, g)?)
                }
            });
            machine.advance();
        }
        list_new(cx, &items, g).map(Value::List)
    }

    fn split(&self, machine: &mut Machine<'_, 'a>, most: i64) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        let (mut items, mut done, mut last) = (Vec::new(), 0, machine.start);
        while (most == 0 || done < most) && machine.next_match()? {
            items.push(self.source.cut(cx, last, machine.start, g)?);
            for number in 1..=self.pattern.groups as usize {
                items.push(self.group(machine, number)?.unwrap_or(Value::None));
            }
            done += 1;
            machine.advance();
            last = machine.start;
        }
        items.push(self.source.cut(cx, last, machine.limit(), g)?);
        list_new(cx, &items, g).map(Value::List)
    }

    fn substitute(&self, machine: &mut Machine<'_, 'a>, repl: Value<'a>, count: i64, pair: bool) -> Result<Value<'a>> {
        let (cx, g) = (self.cx, self.g);
        let Source::Text(text) = self.source else { return Err(BailKind::Unsupported.at(g)) };
        let (pos, end) = (machine.start, machine.limit());
        let template = match repl {
            Value::Str(repl) => {
                Some(Template::parse(repl.text(), self.pattern).ok_or_else(|| BailKind::Exception.at(g))?)
            }
            _ => None,
        };
        let (mut out, mut done, mut last) = (String::new(), 0, 0);
        while (count == 0 || done < count) && machine.next_match()? {
            cx.tick(g)?;
            let (from, to) = (machine.start, machine.ptr);
            if last < from {
                out.push_str(slice(text.text(), last, from));
            }
            match &template {
                Some(template) => template.expand(&mut out, |group| match group {
                    0 => Some(slice(text.text(), from, to)),
                    _ => machine.group(group).map(|(from, to)| slice(text.text(), from, to)),
                }),
                None => {
                    let made = call_with(cx, repl, &[self.one(machine, true, pos, end)?], g)?;
                    match made {
                        Value::Str(text) => out.push_str(text.text()),
                        Value::None => {}
                        _ => return Err(BailKind::Exception.at(g)),
                    }
                }
            }
            cx.reserve(out.len(), g)?;
            (last, done) = (to, done + 1);
            machine.advance();
        }
        if last < end {
            out.push_str(slice(text.text(), last, end));
        }
        let made = Value::Str(str_new(cx, &out, g)?);
        match pair {
            true => tuple_new(cx, &[made, Value::Int(done)], g).map(Value::Tuple),
            false => Ok(made),
        }
    }
}

impl Machine<'_, '_> {
    /// Finds the next match.
    fn next_match(&mut self) -> Result<bool> {
        if self.start > self.limit() {
            return Ok(false);
        }
        self.reset();
        self.ptr = self.start;
        let found = self.search()?;
        if found {
            self.check_groups()?;
        }
        Ok(found)
    }

    /// Goes on behind the match; an empty one must not be found again.
    fn advance(&mut self) {
        self.must_advance = self.ptr == self.start;
        self.start = self.ptr;
    }
}

/// Start and end of the match and of each of its groups.
fn spans<'a>(machine: &Machine<'_, 'a>, groups: u32) -> Vec<Option<(usize, usize)>> {
    let whole = Some((machine.start, machine.ptr));
    std::iter::once(whole).chain((1..=groups as usize).map(|group| machine.group(group))).collect()
}
