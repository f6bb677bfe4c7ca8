//! `json.dumps(v, ensure_ascii=False)`.

use super::lex::skip_plain;
use crate::text::Short;
use crate::{BailKind, Instance, Value, float_text};

/// How deep lists and dicts may nest.
const MAX_NESTING: u32 = 200;

type Written = Result<(), BailKind>;

/// Appends the JSON text of `v`: `Exception` when it has no JSON form, `Unsupported` past a nesting of 200.
pub fn dump(v: Value<'_>, out: &mut Vec<u8>) -> Result<(), BailKind> {
    dump_within(v, out, usize::MAX)
}

/// As [`dump`], with `Memory` when the text passes `limit` bytes: shared structures can print without bound.
pub(crate) fn dump_within(v: Value<'_>, out: &mut Vec<u8>, limit: usize) -> Written {
    Printer { out, limit }.value(v, 0)
}

/// Appends a text as JSON.
pub(crate) fn dump_text(text: &str, out: &mut Vec<u8>) -> Result<(), BailKind> {
    Printer { out, limit: usize::MAX }.string(text)
}

/// What an instance of a subclass prints as, where the encoder runs no method of the class (`Modules/_json.c`).
pub(crate) fn held<'a>(instance: Instance<'a>) -> Option<Value<'a>> {
    const RUN: [&str; 4] = ["__iter__", "items", "__len__", "__bool__"];
    let is_run = |key: Value<'_>| matches!(key, Value::Str(name) if RUN.contains(&name.text()));
    match crate::plain(Value::Instance(instance)) {
        inner @ (Value::Str(_) | Value::Int(_) | Value::Big(_) | Value::Float(_)) => Some(inner),
        inner @ (Value::List(_) | Value::Tuple(_) | Value::Dict(_)) => {
            let mut keys = instance.class().mro().iter().flat_map(|class| class.dict().entries());
            (!keys.any(|(key, _)| is_run(key))).then_some(inner)
        }
        _ => None,
    }
}

struct Printer<'o> {
    out: &'o mut Vec<u8>,
    limit: usize,
}

impl Printer<'_> {
    fn push(&mut self, text: &str) -> Written {
        if text.len() > self.limit.saturating_sub(self.out.len()) {
            return Err(BailKind::Memory);
        }
        self.out.try_reserve(text.len()).map_err(|_| BailKind::Memory)?;
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn value(&mut self, v: Value<'_>, depth: u32) -> Written {
        match v {
            Value::None => self.push("null"),
            Value::Bool(value) => self.push(if value.get() { "true" } else { "false" }),
            Value::Int(value) => self.push(itoa::Buffer::new().format(value)),
            Value::Float(value) => self.float(value.get()),
            Value::Str(value) => self.string(value.text()),
            Value::Big(value) => {
                let text = crate::repr::decimal(value, 0).map_err(|bail| bail.kind())?;
                self.push(&text)
            }
            Value::Tuple(_) | Value::List(_) | Value::Dict(_) if depth >= MAX_NESTING => Err(BailKind::Unsupported),
            Value::List(list) => {
                self.push("[")?;
                let mut index = 0;
                while let Some(item) = list.at(index) {
                    if index > 0 {
                        self.push(", ")?;
                    }
                    self.value(item, depth + 1)?;
                    index += 1;
                }
                self.push("]")
            }
            Value::Tuple(tuple) => {
                self.push("[")?;
                for (index, item) in tuple.items().iter().enumerate() {
                    if index > 0 {
                        self.push(", ")?;
                    }
                    self.value(*item, depth + 1)?;
                }
                self.push("]")
            }
            Value::Dict(dict) => {
                self.push("{")?;
                for (index, (key, value)) in dict.entries().enumerate() {
                    if index > 0 {
                        self.push(", ")?;
                    }
                    self.key(key, depth)?;
                    self.push(": ")?;
                    self.value(value, depth + 1)?;
                }
                self.push("}")
            }
            Value::Instance(instance) if instance.is_exception() => Err(BailKind::Exception),
            Value::Instance(instance) => match held(instance) {
                Some(inner) => self.value(inner, depth),
                None => Err(BailKind::Unsupported),
            },
            _ => Err(BailKind::Exception),
        }
    }

    /// Keys that are not strings print as the string of their JSON form.
    fn key(&mut self, key: Value<'_>, depth: u32) -> Written {
        match crate::plain(key) {
            Value::Str(_) => return self.value(key, depth),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => {}
            _ => return Err(BailKind::Exception),
        }
        self.push("\"")?;
        self.value(key, depth)?;
        self.push("\"")
    }

    fn float(&mut self, value: f64) -> Written {
        if value.is_nan() {
            return self.push("NaN");
        }
        if value.is_infinite() {
            return self.push(if value > 0.0 { "Infinity" } else { "-Infinity" });
        }
        self.push(float_text::repr(value).as_str())
    }

    fn string(&mut self, value: &str) -> Written {
        self.push("\"")?;
        let bytes = value.as_bytes();
        let mut plain = 0;
        loop {
            let at = skip_plain(bytes, plain);
            let Some(byte) = bytes.get(at) else { break };
            self.push(&value[plain..at])?;
            plain = at + 1;
            match byte {
                b'"' => self.push("\\\"")?,
                b'\\' => self.push("\\\\")?,
                b'\n' => self.push("\\n")?,
                b'\r' => self.push("\\r")?,
                b'\t' => self.push("\\t")?,
                0x08 => self.push("\\b")?,
                0x0C => self.push("\\f")?,
                _ => self.push(Short::of(format_args!("\\u{byte:04x}")).as_str())?,
            }
        }
        self.push(&value[plain..])?;
        self.push("\"")
    }
}
