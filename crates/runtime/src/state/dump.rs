//! The state of a module as a document; `state.py` of the crate `tracer` describes it.

use std::collections::HashMap;

use super::{Module, Owned, Variable, factory_name, named};
use crate::library::datetime;
use crate::library::deque::{Deque, as_deque};
use crate::{BailKind, Class, Cx, DictKind, Result, Value, json};

/// The guard of what is outside the compiled code.
const G: u32 = u32::MAX;

/// Writes the document; nothing if the module is as its source made it.
pub(crate) fn dump<'a>(cx: &'a Cx<'a>, module: &Module, out: &mut Vec<u8>) -> Result<()> {
    let mut dump = Dump { cx, loaded: module.loaded, known: HashMap::new(), new: Vec::new() };
    let objects: Vec<(usize, Value<'a>)> =
        module.objects.iter().filter_map(|(index, _)| Some((*index, cx.made(*index)?))).collect();
    for (index, value) in &objects {
        if let Some(address) = address(*value) {
            dump.known.entry(address).or_insert(*index);
        }
    }
    let mut names = Vec::new();
    for (variable, (name, _)) in cx.variables_made().iter().zip(module.variables) {
        if let Some(value) = changed(variable) {
            separate(&mut names);
            text(name, &mut names)?;
            names.extend_from_slice(b": ");
            dump.value(value, &mut names)?;
        }
    }
    let mut contents = Vec::new();
    for (index, value) in &objects {
        if !owner(*value).is_some_and(Owned::is_changed) {
            continue;
        }
        separate(&mut contents);
        contents.extend_from_slice(format!("[{index}, ").as_bytes());
        match value {
            Value::Class(class) => dump.class(*class, &mut contents)?,
            value => dump.content(*value, false, &mut contents)?,
        }
        contents.push(b']');
    }
    if names.is_empty() && contents.is_empty() {
        return Ok(());
    }
    let mut new = Vec::new();
    let mut place = 0;
    while let Some(value) = dump.new.get(place).copied() {
        separate(&mut new);
        dump.content(value, true, &mut new)?;
        place += 1;
    }
    out.extend_from_slice(format!("{{\"nodes\": {}, \"names\": {{", module.loaded).as_bytes());
    out.extend_from_slice(&names);
    out.extend_from_slice(b"}, \"objects\": [");
    out.extend_from_slice(&contents);
    out.extend_from_slice(b"], \"new\": [");
    out.extend_from_slice(&new);
    out.extend_from_slice(b"]}");
    Ok(())
}

fn changed<'a>(variable: &Variable<'a>) -> Option<Value<'a>> {
    if variable.owner.is_changed() { variable.value.get() } else { None }
}

/// Whose an object is that a document can have the content of.
fn owner<'a>(value: Value<'a>) -> Option<&'a Owned<'a>> {
    match value {
        Value::List(list) => Some(list.owner()),
        Value::Dict(dict) => Some(dict.owner()),
        Value::Set(set) => Some(set.owner()),
        Value::Class(class) => Some(class.dict().owner()),
        Value::Instance(instance) => instance.dict_if_made().map(|dict| dict.owner()),
        value => as_deque(value).map(Deque::owner),
    }
}

/// Where an object is, which tells it from others.
fn address(value: Value<'_>) -> Option<usize> {
    Some(match value {
        Value::List(list) => list.address(),
        Value::Dict(dict) => dict.address(),
        Value::Set(set) => set.address(),
        Value::Class(class) => class.address(),
        Value::Tuple(tuple) => tuple.items().as_ptr().addr(),
        Value::Instance(instance) => std::ptr::from_ref(instance.0).addr(),
        Value::Function(function) => function.address(),
        Value::Builtin(builtin) => std::ptr::from_ref(builtin).addr(),
        Value::Method(method) => std::ptr::from_ref(method).addr(),
        Value::Object(object) => as_deque(value).map_or_else(|| object.address(), Deque::address),
        _ => return None,
    })
}

struct Dump<'a> {
    cx: &'a Cx<'a>,
    /// How many objects the loaded module has.
    loaded: usize,
    /// Indices by address.
    known: HashMap<usize, usize>,
    /// In the order in which the document has them.
    new: Vec<Value<'a>>,
}

impl<'a> Dump<'a> {
    /// A value: a constant, or an index.
    fn value(&mut self, value: Value<'a>, out: &mut Vec<u8>) -> Result<()> {
        let constant = |kind: &str, content: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(format!("{{\"{kind}\": {content}}}").as_bytes());
        };
        match value {
            Value::None => out.extend_from_slice(b"\"none\""),
            Value::Ellipsis => out.extend_from_slice(b"\"ellipsis\""),
            Value::Bool(value) => constant("bool", if value.get() { "true" } else { "false" }, out),
            Value::Int(value) => constant("int", &value.to_string(), out),
            Value::Big(big) => constant("bigint", &format!("\"{}\"", big.number()), out),
            Value::Float(value) => constant("float", &format!("\"{value:?}\""), out),
            Value::Str(value) => {
                out.extend_from_slice(b"{\"str\": ");
                text(value.text(), out)?;
                out.push(b'}');
            }
            Value::Bytes(bytes) => constant("bytes", &format!("{:?}", bytes.bytes()), out),
            value => {
                let address = address(value).ok_or_else(|| BailKind::State.at(G))?;
                let next = self.loaded + self.new.len();
                let index = *self.known.entry(address).or_insert(next);
                if index == next {
                    self.new.push(value);
                }
                out.extend_from_slice(index.to_string().as_bytes());
            }
        }
        Ok(())
    }

    fn values(&mut self, values: impl IntoIterator<Item = Value<'a>>, out: &mut Vec<u8>) -> Result<()> {
        out.push(b'[');
        for (number, value) in values.into_iter().enumerate() {
            if number > 0 {
                out.extend_from_slice(b", ");
            }
            self.value(value, out)?;
        }
        out.push(b']');
        Ok(())
    }

    fn named(&mut self, entries: impl Iterator<Item = (Value<'a>, Value<'a>)>, out: &mut Vec<u8>) -> Result<()> {
        out.push(b'[');
        let mut is_first = true;
        for (name, value) in entries {
            let Value::Str(name) = name else { return Err(BailKind::State.at(G)) };
            if !std::mem::take(&mut is_first) {
                out.extend_from_slice(b", ");
            }
            out.push(b'[');
            text(name.text(), out)?;
            out.extend_from_slice(b", ");
            self.value(value, out)?;
            out.push(b']');
        }
        out.push(b']');
        Ok(())
    }

    /// What makes the values of a `defaultdict`.
    fn factory(&mut self, factory: Value<'a>) -> Result<String> {
        if let Some(name) = factory_name(factory) {
            return Ok(format!("{{\"builtin\": \"{name}\"}}"));
        }
        let mut out = Vec::new();
        self.value(factory, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// What an object holds; of a new one also what it is, as far as the same content can be that of several.
    fn content(&mut self, value: Value<'a>, is_new: bool, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::List(list) => {
                out.extend_from_slice(b"{\"list\": ");
                self.values(list.to_vec(), out)?;
            }
            Value::Tuple(tuple) => {
                out.extend_from_slice(b"{\"tuple\": ");
                self.values(tuple.items().iter().copied(), out)?;
            }
            Value::Set(set) => {
                out.extend_from_slice(format!("{{\"set\": [{}, ", set.is_frozen()).as_bytes());
                self.values(set.items(), out)?;
                out.push(b']');
            }
            Value::Dict(dict) => {
                let is_plain = !is_new || matches!(dict.form(), DictKind::Plain);
                if is_plain {
                    out.extend_from_slice(b"{\"dict\": [");
                } else {
                    let factory = match dict.form() {
                        DictKind::Default(factory) => self.factory(factory)?,
                        _ => "null".to_owned(),
                    };
                    out.extend_from_slice(
                        format!("{{\"dictof\": [\"collections.{}\", {factory}, [", dict.kind().name()).as_bytes(),
                    );
                }
                for (number, (key, value)) in dict.entries().enumerate() {
                    out.extend_from_slice(if number > 0 { b", " } else { b"" });
                    self.values([key, value], out)?;
                }
                out.extend_from_slice(if is_plain { b"]" } else { b"]]" });
            }
            Value::Instance(instance) if let Some((class, items)) = named(instance) => {
                out.extend_from_slice(b"{\"named\": [");
                self.value(Value::Class(class), out)?;
                out.extend_from_slice(b", ");
                self.values(items.items().iter().copied(), out)?;
                out.push(b']');
            }
            Value::Instance(instance) => {
                out.extend_from_slice(b"{\"instance\": {\"class\": ");
                self.value(Value::Class(instance.class()), out)?;
                out.extend_from_slice(b", \"dict\": ");
                self.named(instance.dict_if_made().into_iter().flat_map(|dict| dict.entries()), out)?;
                out.push(b'}');
            }
            value if let Some((class, parts)) = datetime::parts(self.cx, value, G)? => {
                out.extend_from_slice(format!("{{\"construct\": [\"{class}\", ").as_bytes());
                self.values(parts, out)?;
                out.push(b']');
            }
            value => {
                let deque = as_deque(value).ok_or_else(|| BailKind::State.at(G))?;
                let most = deque.most().map_or_else(|| "null".to_owned(), |most| most.to_string());
                out.extend_from_slice(format!("{{\"deque\": [{most}, ").as_bytes());
                self.values(deque.items(), out)?;
                out.push(b']');
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// The attributes of a class that are not those which its statement made.
    fn class(&mut self, class: Class<'a>, out: &mut Vec<u8>) -> Result<()> {
        out.extend_from_slice(b"{\"class\": ");
        let classes = self.cx.state().classes.borrow();
        let first = classes.iter().find(|(known, _)| known.same(class)).map_or(&[][..], |(_, first)| first);
        let is_first = |(name, value): &(Value<'a>, Value<'a>)| {
            first.iter().any(|(known, first)| is_same(*name, *known) && is_same(*value, *first))
        };
        self.named(class.dict().entries().filter(|entry| !is_first(entry)), out)?;
        out.push(b'}');
        Ok(())
    }
}

/// Whether two values are known to be one.
fn is_same(l: Value<'_>, r: Value<'_>) -> bool {
    match (l, r) {
        (Value::None, Value::None) => true,
        (Value::Bool(l), Value::Bool(r)) => l.get() == r.get(),
        (Value::Int(l), Value::Int(r)) => l == r,
        (Value::Str(l), Value::Str(r)) => l.text() == r.text(),
        _ => address(l).is_some_and(|l| address(r) == Some(l)),
    }
}

fn separate(out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.extend_from_slice(b", ");
    }
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    json::dump_text(text, out).map_err(|kind| kind.at(G))
}
