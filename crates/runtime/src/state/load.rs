//! Takes up a document of a module's state.

use super::Module;
use crate::class::Form;
use crate::library::deque::as_deque;
use crate::{
    BailKind, Bool, Cx, Result, Type, Value, dict_new, image, instance_new, int_literal, json, list_new, set_new,
    tuple_new,
};

/// The guard of what is outside the compiled code.
const G: u32 = u32::MAX;
/// How deep tuples may be nested.
const DEEPEST: usize = 200;

/// Gives the module's objects, which are as its source made them, what the document says.
///
/// Bails out at what compiled code does not know.
pub(crate) fn load<'a>(cx: &'a Cx<'a>, module: Module, document: &str) -> Result<()> {
    if document.is_empty() {
        return Ok(());
    }
    let document = Node(json::parse(cx, cx.alloc_text(document, G)?, G)?);
    if document.entry("nodes")?.number()? != module.loaded {
        return Err(odd());
    }
    let contents = document.entry("new")?.items()?;
    let mut load = Load { cx, module, made: vec![None; contents.len()], contents };
    for place in 0..load.made.len() {
        load.make(place, 0)?;
    }
    for (place, content) in load.contents.iter().enumerate() {
        let value = load.made[place].ok_or_else(odd)?;
        load.fill(value, *content)?;
    }
    for (name, value) in document.entry("names")?.entries()? {
        let find = module.variables.iter().find(|(known, _)| *known == name).ok_or_else(odd)?.1;
        let variable = find(cx)?;
        variable.owner.move_in(cx.state());
        variable.begin(load.value(value)?);
    }
    for object in document.entry("objects")?.items()? {
        let [index, content] = object.items()?[..] else { return Err(odd()) };
        let value = load.object(index.number()?)?;
        load.fill(value, content)?;
    }
    Ok(())
}

fn odd() -> crate::Bail {
    BailKind::State.at(G)
}

/// A part of the document.
#[derive(Copy, Clone)]
struct Node<'a>(Value<'a>);

impl<'a> Node<'a> {
    fn items(self) -> Result<Vec<Node<'a>>> {
        let Value::List(list) = self.0 else { return Err(odd()) };
        Ok(list.to_vec().into_iter().map(Node).collect())
    }

    fn entries(self) -> Result<Vec<(&'a str, Node<'a>)>> {
        let Value::Dict(dict) = self.0 else { return Err(odd()) };
        let entry = |(key, value)| match key {
            Value::Str(key) => Ok((key.text(), Node(value))),
            _ => Err(odd()),
        };
        dict.entries().map(entry).collect()
    }

    fn entry(self, name: &str) -> Result<Node<'a>> {
        self.entries()?.into_iter().find(|(known, _)| *known == name).map(|(_, node)| node).ok_or_else(odd)
    }

    /// The only entry.
    fn kind(self) -> Result<(&'a str, Node<'a>)> {
        let entries = self.entries()?;
        if let [only] = entries[..] { Ok(only) } else { Err(odd()) }
    }

    fn number(self) -> Result<usize> {
        match self.0 {
            Value::Int(number) => usize::try_from(number).map_err(|_| odd()),
            _ => Err(odd()),
        }
    }
}

struct Load<'a> {
    cx: &'a Cx<'a>,
    module: Module,
    contents: Vec<Node<'a>>,
    /// New objects: whole if they are immutable, empty if not.
    made: Vec<Option<Value<'a>>>,
}

impl<'a> Load<'a> {
    /// An object of the loaded module.
    fn object(&self, index: usize) -> Result<Value<'a>> {
        let at = self.module.objects.binary_search_by_key(&index, |(known, _)| *known).map_err(|_| odd())?;
        self.module.objects[at].1(self.cx)
    }

    fn make(&mut self, place: usize, depth: usize) -> Result<Value<'a>> {
        if let Some(made) = *self.made.get(place).ok_or_else(odd)? {
            return Ok(made);
        }
        if depth > DEEPEST {
            return Err(odd());
        }
        let cx = self.cx;
        let log = cx.state();
        let (kind, content) = self.contents[place].kind()?;
        let made = match kind {
            "list" => Value::List(list_new(cx, &[], G)?),
            "dict" => Value::Dict(dict_new(cx, &[], G)?),
            "dictof" => {
                let [class, factory, _] = content.items()?[..] else { return Err(odd()) };
                let Value::Str(class) = class.0 else { return Err(odd()) };
                let factory = if matches!(factory.0, Value::None) { Value::None } else { self.value(factory)? };
                image::dict_of(cx, class.text(), factory, G)?
            }
            "deque" => {
                let [most, _] = content.items()?[..] else { return Err(odd()) };
                let most = if matches!(most.0, Value::None) { None } else { Some(most.number()?) };
                image::deque(cx, most, G)?
            }
            "tuple" => {
                let items = self.inner(content, depth)?;
                Value::Tuple(tuple_new(cx, &items, G)?)
            }
            "named" => {
                let [class, items] = content.items()?[..] else { return Err(odd()) };
                let class = self.object(class.number()?)?;
                let items = tuple_new(cx, &self.inner(items, depth)?, G)?;
                image::instance(cx, class, Value::Tuple(items), G)?
            }
            "construct" => {
                let [class, parts] = content.items()?[..] else { return Err(odd()) };
                let Value::Str(class) = class.0 else { return Err(odd()) };
                if !class.text().starts_with("datetime.") {
                    return Err(odd());
                }
                image::construct(cx, class.text(), &self.inner(parts, depth)?, G)?
            }
            "set" => {
                let [is_frozen, items] = content.items()?[..] else { return Err(odd()) };
                let is_frozen = matches!(is_frozen.0, Value::Bool(Bool::True));
                let items = if is_frozen { self.inner(items, depth)? } else { Vec::new() };
                let set = set_new(cx, is_frozen, &items, G)?;
                set.forget_order();
                Value::Set(set)
            }
            "instance" => {
                let Value::Class(class) = self.object(content.entry("class")?.number()?)? else { return Err(odd()) };
                if class.layout() != Type::Object || matches!(class.form(), Form::NamedTuple(_) | Form::Enum(_)) {
                    return Err(odd());
                }
                let instance = instance_new(cx, class, Value::None, G)?;
                instance.give(log);
                // Made here, so that it belongs to the module from the start.
                instance.dict(cx, G)?;
                Value::Instance(instance)
            }
            _ => return Err(odd()),
        };
        self.made[place] = Some(made);
        Ok(made)
    }

    /// The items of what cannot be filled later.
    fn inner(&mut self, items: Node<'a>, depth: usize) -> Result<Vec<Value<'a>>> {
        let mut values = Vec::new();
        for item in items.items()? {
            values.push(match item.0 {
                Value::Int(index) => match usize::try_from(index).map_err(|_| odd())?.checked_sub(self.module.loaded) {
                    Some(place) => self.make(place, depth + 1)?,
                    None => self.value(item)?,
                },
                _ => self.value(item)?,
            });
        }
        Ok(values)
    }

    fn value(&self, node: Node<'a>) -> Result<Value<'a>> {
        match node.0 {
            Value::Int(_) => {
                let index = node.number()?;
                match index.checked_sub(self.module.loaded) {
                    None => self.object(index),
                    Some(place) => self.made.get(place).copied().flatten().ok_or_else(odd),
                }
            }
            Value::Str(text) if text.text() == "none" => Ok(Value::None),
            Value::Str(text) if text.text() == "ellipsis" => Ok(Value::Ellipsis),
            _ => {
                let (kind, content) = node.kind()?;
                match (kind, content.0) {
                    ("bool", value @ Value::Bool(_))
                    | ("int", value @ Value::Int(_))
                    | ("str", value @ Value::Str(_)) => Ok(value),
                    ("bigint", Value::Str(digits)) => int_literal(self.cx, digits.text(), G),
                    ("float", Value::Str(text)) => text.text().parse().map(Value::float).map_err(|_| odd()),
                    ("builtin", Value::Str(name)) => crate::library::value(self.cx, name.text(), G),
                    ("bytes", Value::List(_)) => {
                        let bytes: Vec<u8> = content
                            .items()?
                            .into_iter()
                            .map(|byte| u8::try_from(byte.number()?).map_err(|_| odd()))
                            .collect::<Result<_>>()?;
                        crate::bytes_new(self.cx, &bytes, G).map(Value::Bytes)
                    }
                    _ => Err(odd()),
                }
            }
        }
    }

    fn named(&self, content: Node<'a>) -> Result<Vec<(Value<'a>, Value<'a>)>> {
        let mut entries = Vec::new();
        for entry in content.items()? {
            let [name, value] = entry.items()?[..] else { return Err(odd()) };
            if !matches!(name.0, Value::Str(_)) {
                return Err(odd());
            }
            entries.push((name.0, self.value(value)?));
        }
        Ok(entries)
    }

    /// Gives an object its content.
    fn fill(&self, value: Value<'a>, content: Node<'a>) -> Result<()> {
        let (cx, log) = (self.cx, self.cx.state());
        let (kind, content) = content.kind()?;
        match (kind, value) {
            ("list", Value::List(list)) => {
                let items: Vec<Value<'a>> =
                    content.items()?.into_iter().map(|item| self.value(item)).collect::<Result<_>>()?;
                list.refill(cx, &items, G)?;
                list.owner().move_in(log);
            }
            ("dict" | "dictof", Value::Dict(dict)) => {
                let mut entries = Vec::new();
                let content = if kind == "dict" { content } else { content.items()?.pop().ok_or_else(odd)? };
                for entry in content.items()? {
                    let [key, value] = entry.items()?[..] else { return Err(odd()) };
                    entries.push((self.value(key)?, self.value(value)?));
                }
                dict.refill(cx, &entries, G)?;
                dict.owner().move_in(log);
            }
            ("set", Value::Set(set)) if !set.is_frozen() => {
                let [_, items] = content.items()?[..] else { return Err(odd()) };
                let items: Vec<Value<'a>> =
                    items.items()?.into_iter().map(|item| self.value(item)).collect::<Result<_>>()?;
                set.refill(cx, &items, G)?;
                set.owner().move_in(log);
            }
            ("instance", Value::Instance(instance)) => {
                let dict = instance.dict(cx, G)?;
                dict.refill(cx, &self.named(content.entry("dict")?)?, G)?;
                dict.owner().move_in(log);
            }
            ("class", Value::Class(class)) => {
                let entries = self.named(content)?;
                for (name, value) in entries {
                    let Value::Str(name) = name else { return Err(odd()) };
                    class.dict().put(cx, name, value, G)?;
                }
                cx.class_changed();
                class.dict().owner().move_in(log);
            }
            // They were made whole.
            ("tuple" | "named" | "construct", _) | ("set", Value::Set(_)) => {}
            ("deque", value) => {
                let ([_, items], Some(deque)) = (&content.items()?[..], as_deque(value)) else { return Err(odd()) };
                let items: Vec<Value<'a>> =
                    items.items()?.into_iter().map(|item| self.value(item)).collect::<Result<_>>()?;
                deque.refill(cx, &items, G)?;
                deque.owner().move_in(log);
            }
            _ => return Err(odd()),
        }
        Ok(())
    }
}
