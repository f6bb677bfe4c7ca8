//! `json.loads(text)` into the arena.

use super::lex::{Scalar, Word, scalar, skip_whitespace, string, unescape};
use crate::{BailKind, Cx, Result, Value, dict_new, list_new, str_new};

/// How deep arrays and objects may nest.
const MAX_NESTING: u32 = 200;

/// `json.loads(text)`.
///
/// Bails out with `Exception` at a syntax error, with `Overflow` at an int beyond `i64`, with `Unsupported` at a lone surrogate or nesting past 200.
pub fn parse<'a>(cx: &'a Cx<'a>, text: &str, g: u32) -> Result<Value<'a>> {
    let mut parser = Parser { cx, text, at: 0, unescaped: String::new(), g };
    parser.skip();
    let value = parser.value(0)?;
    parser.skip();
    if parser.at < text.len() {
        return Err(parser.syntax());
    }
    Ok(value)
}

struct Parser<'p, 'a> {
    cx: &'a Cx<'a>,
    text: &'p str,
    at: usize,
    /// Reused for every string with escapes.
    unescaped: String,
    g: u32,
}

impl<'a> Parser<'_, 'a> {
    fn syntax(&self) -> crate::Bail {
        BailKind::Exception.at(self.g)
    }

    fn skip(&mut self) {
        self.at = skip_whitespace(self.text.as_bytes(), self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` and the whitespace after it, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.skip();
        }
        found
    }

    fn value(&mut self, depth: u32) -> Result<Value<'a>> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{' | b'[') if depth >= MAX_NESTING => Err(BailKind::Unsupported.at(self.g)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Result<Value<'a>> {
        let start = self.at;
        let (kind, end) = scalar(self.text.as_bytes(), start).map_err(|_| self.syntax())?;
        self.at = end;
        let text = &self.text[start..end];
        Ok(match kind {
            Scalar::Word(Word::Null) => Value::None,
            Scalar::Word(Word::True) => Value::Bool(true),
            Scalar::Word(Word::False) => Value::Bool(false),
            Scalar::Word(Word::Nan) => Value::Float(f64::NAN),
            Scalar::Word(Word::Infinity) => Value::Float(f64::INFINITY),
            Scalar::Word(Word::MinusInfinity) => Value::Float(f64::NEG_INFINITY),
            Scalar::Int => match text.parse() {
                Ok(number) => Value::Int(number),
                // CPython refuses more digits than this.
                Err(_) if text.len() <= 4300 => crate::int_literal(self.cx, text, self.g)?,
                Err(_) => return Err(self.syntax()),
            },
            Scalar::Float => Value::Float(text.parse().map_err(|_| BailKind::Unsupported.at(self.g))?),
        })
    }

    fn string(&mut self) -> Result<Value<'a>> {
        let start = self.at + 1;
        let (end, escaped) = string(self.text.as_bytes(), self.at).map_err(|_| self.syntax())?;
        self.at = end + 1;
        let inside = &self.text[start..end];
        if !escaped {
            return str_new(self.cx, inside, self.g).map(Value::Str);
        }
        self.unescaped.clear();
        unescape(inside, &mut self.unescaped).ok_or(BailKind::Unsupported.at(self.g))?;
        str_new(self.cx, &self.unescaped, self.g).map(Value::Str)
    }

    fn array(&mut self, depth: u32) -> Result<Value<'a>> {
        let list = list_new(self.cx, &[], self.g)?;
        self.eat(b'[');
        if self.eat_closing(b']') {
            return Ok(Value::List(list));
        }
        loop {
            let item = self.value(depth)?;
            list.push(self.cx, item, self.g)?;
            self.skip();
            if self.eat_closing(b']') {
                return Ok(Value::List(list));
            }
            if !self.eat(b',') {
                return Err(self.syntax());
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>> {
        let dict = dict_new(self.cx, &[], self.g)?;
        self.eat(b'{');
        if self.eat_closing(b'}') {
            return Ok(Value::Dict(dict));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.syntax());
            }
            let key = self.string()?;
            self.skip();
            if !self.eat(b':') {
                return Err(self.syntax());
            }
            let value = self.value(depth)?;
            dict.set(self.cx, key, value, self.g)?;
            self.skip();
            if self.eat_closing(b'}') {
                return Ok(Value::Dict(dict));
            }
            if !self.eat(b',') {
                return Err(self.syntax());
            }
        }
    }

    /// Steps over a closing bracket, if it is next.
    fn eat_closing(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }
}
