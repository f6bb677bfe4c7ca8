//! The state of a module: what its objects hold beyond what they held when it was loaded.
//!
//! Workers and native code write and read it as a document; `state.py` of the crate `tracer` describes that.
//! Here two documents are compared, which may say the same in different ways.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use crate::{Const, GlobalValue, Node, Trace};

/// A document.
#[derive(Deserialize)]
struct Document {
    nodes: usize,
    names: BTreeMap<String, Value>,
    objects: Vec<(usize, Content)>,
    new: Vec<Content>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Value {
    Object(usize),
    /// A class or function of a library, by its name.
    Library {
        builtin: String,
    },
    Const(Const),
}

/// What an object holds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    DictOf(String, Option<Value>, Vec<(Value, Value)>),
    Deque(Option<usize>, Vec<Value>),
    Set(bool, Vec<Value>),
    /// A named tuple: its class, and its items.
    Named(usize, Vec<Value>),
    /// What calling a class of a library with these gives.
    Construct(String, Vec<Value>),
    Instance {
        class: usize,
        dict: Vec<(String, Value)>,
    },
    /// Attributes that may have changed.
    Class(Vec<(String, Value)>),
}

impl Content {
    fn is_immutable(&self) -> bool {
        matches!(self, Self::Tuple(_) | Self::Set(true, _) | Self::Named(..) | Self::Construct(..))
    }
}

/// The document cannot be read, or is not of the trace's program.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is no such JSON.
    #[error("the state cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Its tuples are nested too deeply.
    #[error("the state is nested too deeply")]
    Deep,
    /// It refers to an object that is not there.
    #[error("the state is that of another program")]
    Other,
}

/// What a document says, in the one way that all documents have that say the same; empty if that is nothing.
pub fn canonical(trace: &Trace, document: &str) -> Result<String, StateError> {
    if document.is_empty() {
        return Ok(String::new());
    }
    let document: Document = serde_json::from_str(document)?;
    let loaded = trace.loaded.filter(|loaded| *loaded == document.nodes).ok_or(StateError::Other)?;
    let mut walk = Walk { depth: 0, trace, loaded, new: &document.new, numbers: BTreeMap::new(), order: Vec::new() };
    let mut out = String::new();
    for (name, value) in &document.names {
        if trace.globals.get(name).is_none_or(|first| !walk.is_first(value, first)) {
            let _ = writeln!(out, "{name} = {}", walk.value(value)?);
        }
    }
    let mut objects: Vec<&(usize, Content)> = document.objects.iter().collect();
    objects.sort_by_key(|(index, _)| *index);
    for (index, content) in objects {
        let node = trace.image.get(*index).ok_or(StateError::Other)?;
        let text = match content {
            Content::Class(entries) => walk.class(entries, node)?,
            content if walk.is_same(content, node) => continue,
            content => walk.content(content)?,
        };
        if !text.is_empty() {
            let _ = writeln!(out, "{index}: {text}");
        }
    }
    let mut place = 0;
    while let Some(index) = walk.order.get(place).copied() {
        let content = document.new.get(index).ok_or(StateError::Other)?;
        let _ = writeln!(out, "new {place}: {}", walk.content(content)?);
        place += 1;
    }
    Ok(out)
}

/// How deep tuples may be nested.
const DEEPEST: usize = 200;

/// The names of the module through which what a document says can be seen at once; empty if it cannot be read.
pub fn names(trace: &Trace, document: &str) -> Vec<String> {
    let Ok(document) = serde_json::from_str::<Document>(document) else { return Vec::new() };
    let changed: Vec<usize> = document.objects.iter().map(|(index, _)| *index).collect();
    let held =
        trace.globals.iter().filter(|(_, value)| matches!(value, GlobalValue::Image(at) if changed.contains(at)));
    document.names.keys().chain(held.map(|(name, _)| name)).cloned().collect()
}

struct Walk<'t> {
    /// How many tuples are being written.
    depth: usize,
    trace: &'t Trace,
    loaded: usize,
    new: &'t [Content],
    /// Of new objects, in the order in which they were met.
    numbers: BTreeMap<usize, usize>,
    order: Vec<usize>,
}

impl Walk<'_> {
    fn value(&mut self, value: &Value) -> Result<String, StateError> {
        Ok(match value {
            Value::Const(constant) => format!("{constant:?}"),
            Value::Library { builtin } => builtin.clone(),
            Value::Object(index) => match index.checked_sub(self.loaded) {
                None => match self.trace.image.get(*index) {
                    Some(Node::Builtin(name)) => name.clone(),
                    _ => format!("object {index}"),
                },
                // Immutable ones are what they hold.
                Some(new) => match self.new.get(new).ok_or(StateError::Other)? {
                    content if content.is_immutable() && self.depth == DEEPEST => return Err(StateError::Deep),
                    content if content.is_immutable() => {
                        self.depth += 1;
                        let text = self.content(&content.clone())?;
                        self.depth -= 1;
                        text
                    }
                    _ => {
                        let next = self.order.len();
                        let number = *self.numbers.entry(new).or_insert(next);
                        if number == next {
                            self.order.push(new);
                        }
                        format!("new {number}")
                    }
                },
            },
        })
    }

    fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Result<String, StateError> {
        let texts: Vec<String> = values.into_iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
        Ok(texts.join(", "))
    }

    fn dict(&mut self, items: &[(Value, Value)]) -> Result<String, StateError> {
        Ok(format!("{{{}}}", self.values(items.iter().flat_map(|(key, value)| [key, value]))?))
    }

    fn content(&mut self, content: &Content) -> Result<String, StateError> {
        Ok(match content {
            Content::List(items) => format!("[{}]", self.values(items)?),
            Content::Tuple(items) => format!("({})", self.values(items)?),
            Content::Named(class, items) => format!("named {class} ({})", self.values(items)?),
            Content::Construct(class, items) => format!("{class}({})", self.values(items)?),
            Content::Dict(items) => self.dict(items)?,
            Content::DictOf(class, factory, items) => {
                let factory = factory.as_ref().map(|factory| self.value(factory)).transpose()?.unwrap_or_default();
                format!("{class}({factory}) {}", self.dict(items)?)
            }
            Content::Deque(most, items) => format!("deque {most:?} [{}]", self.values(items)?),
            Content::Set(is_frozen, items) => {
                // The order is not part of what moves.
                let mut texts: Vec<String> = items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?;
                texts.sort();
                format!("set {is_frozen} {{{}}}", texts.join(", "))
            }
            Content::Instance { class, dict } => {
                // Attributes of slots have no order.
                let mut dict: Vec<&(String, Value)> = dict.iter().collect();
                dict.sort_by_key(|(name, _)| name);
                let mut text = format!("instance of {class}");
                for (name, value) in dict {
                    let _ = write!(text, " {name} = {};", self.value(value)?);
                }
                text
            }
            Content::Class(_) => return Err(StateError::Other),
        })
    }

    /// The attributes that differ from those of the loaded class.
    fn class(&mut self, entries: &[(String, Value)], node: &Node) -> Result<String, StateError> {
        let Node::Class { dict, .. } = node else { return Err(StateError::Other) };
        let mut changed: Vec<&(String, Value)> = entries
            .iter()
            .filter(|(name, value)| !dict.iter().any(|(known, at)| known == name && self.is_node(value, *at)))
            .collect();
        changed.sort_by_key(|(name, _)| name);
        let mut text = String::new();
        for (name, value) in changed {
            let _ = write!(text, "{name} = {};", self.value(value)?);
        }
        Ok(text)
    }

    /// Whether a value is what a name held at first.
    fn is_first(&self, value: &Value, first: &GlobalValue) -> bool {
        match (value, first) {
            (Value::Const(value), GlobalValue::Const(first)) => value == first,
            (Value::Object(index), GlobalValue::Image(first)) => index == first,
            _ => false,
        }
    }

    /// Whether a value is that object of the image.
    fn is_node(&self, value: &Value, at: usize) -> bool {
        match (value, self.trace.image.get(at)) {
            (Value::Const(value), Some(Node::Const(constant))) => value == constant,
            (Value::Object(index), _) => *index == at,
            _ => false,
        }
    }

    /// Whether an object holds what it held when the module was loaded.
    fn is_same(&self, content: &Content, node: &Node) -> bool {
        let all = |values: &[Value], nodes: &[usize]| {
            values.len() == nodes.len() && values.iter().zip(nodes).all(|(value, at)| self.is_node(value, *at))
        };
        match (content, node) {
            (Content::List(items), Node::List(nodes)) | (Content::Deque(_, items), Node::Deque(_, nodes)) => {
                all(items, nodes)
            }
            (Content::Dict(items), Node::Dict(nodes) | Node::DictOf(_, _, nodes)) => {
                let same = |((key, value), (key_at, at)): (&(Value, Value), &(usize, usize))| {
                    self.is_node(key, *key_at) && self.is_node(value, *at)
                };
                items.len() == nodes.len() && items.iter().zip(nodes).all(same)
            }
            (Content::Set(false, items), Node::Set(false, nodes)) => {
                items.len() == nodes.len() && items.iter().all(|item| nodes.iter().any(|at| self.is_node(item, *at)))
            }
            (Content::Instance { dict, .. }, Node::Instance { dict: nodes, .. }) => {
                let same = |(name, value): &(String, Value)| {
                    nodes.iter().any(|(known, at)| known == name && self.is_node(value, *at))
                };
                dict.len() == nodes.len() && dict.iter().all(same)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FunctionId, TRACE_VERSION};

    fn trace() -> Trace {
        Trace {
            version: TRACE_VERSION,
            source: String::new(),
            invocations: 1,
            entry: FunctionId(0),
            functions: Vec::new(),
            modules: Vec::new(),
            globals: BTreeMap::from([("count".to_owned(), GlobalValue::Const(Const::Int(0)))]),
            image: vec![Node::List(vec![1]), Node::Const(Const::Int(7)), Node::Dict(Vec::new())],
            loaded: Some(3),
            variables: ["count".to_owned()].into(),
            changes: false,
            patterns: Vec::new(),
            wide: Default::default(),
        }
    }

    fn of(text: &str) -> String {
        canonical(&trace(), text).unwrap()
    }

    #[test]
    fn documents_that_say_the_same_are_equal() {
        let nothing =
            r#"{"nodes": 3, "names": {"count": {"int": 0}}, "objects": [[0, {"list": [{"int": 7}]}]], "new": []}"#;
        assert_eq!(of(nothing), "");
        assert_eq!(of(""), "");
        let one = r#"{"nodes": 3, "names": {"count": {"int": 1}}, "objects": [[2, {"dict": [[{"str": "a"}, 4]]}], [0, {"list": [3, 4]}]],
            "new": [{"tuple": [4]}, {"list": [4, {"float": "1.5"}]}]}"#;
        let other = r#"{"nodes": 3, "names": {"count": {"int": 1}}, "objects": [[0, {"list": [4, 3]}], [2, {"dict": [[{"str": "a"}, 3]]}]],
            "new": [{"list": [3, {"float": "1.50"}]}, {"tuple": [3]}, {"list": []}]}"#;
        assert_eq!(of(one), of(other));
        assert!(of(one).contains("new 0: [new 0, Float"), "{}", of(one));
    }

    #[test]
    fn documents_that_differ_are_told_apart() {
        let with = |content: &str| {
            of(&format!(
                r#"{{"nodes": 3, "names": {{}}, "objects": [[2, {{"dict": {content}}}]], "new": [{{"list": []}}, {{"list": []}}]}}"#
            ))
        };
        let shared = with(r#"[[{"str": "a"}, 3], [{"str": "b"}, 3]]"#);
        assert_ne!(shared, with(r#"[[{"str": "a"}, 3], [{"str": "b"}, 4]]"#), "one list or two");
        assert_ne!(shared, with(r#"[[{"str": "b"}, 3], [{"str": "a"}, 3]]"#), "the order of a dict shows");
        assert_ne!(with(r#"[[{"int": 1}, "none"]]"#), with(r#"[[{"bool": true}, "none"]]"#));
        let other = r#"{"nodes": 4, "names": {}, "objects": [], "new": []}"#;
        assert!(matches!(canonical(&trace(), other), Err(StateError::Other)));
    }
}
