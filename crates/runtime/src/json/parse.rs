//! `json.loads(text)` into the arena.

use super::documents::{Documents, Room};
use super::lex::{Number, Scalar, Word, scalar, short_number, skip_whitespace, string, unescape};
use crate::dict::{dict_of, dict_of_keys};
use crate::string::str_of;
use crate::{BailKind, Cx, Result, Str, Value, list_new, str_new};

/// How deep arrays and objects may nest.
const MAX_NESTING: u32 = 200;

/// `json.loads(text)`.
///
/// Bails out with `Exception` at a syntax error, with `Overflow` at an int beyond `i64`, with `Unsupported` at a lone surrogate or nesting past 200.
/// Strings are parts of `text`.
pub fn parse<'a>(cx: &'a Cx<'a>, text: &'a str, g: u32) -> Result<Value<'a>> {
    let (documents, unescaped) = (cx.documents(), String::new());
    let mut parser = Parser { cx, text, at: 0, unescaped, room: documents.take_room(), documents, learnt: 0, g };
    let value = parser.document();
    documents.give_back(parser.room);
    value
}

/// Records have few keys; where there are many, looking for them among the program's strings would take longer than it saves.
const LEARNT: usize = 64;

struct Parser<'a> {
    cx: &'a Cx<'a>,
    text: &'a str,
    at: usize,
    /// Reused for every string with escapes.
    unescaped: String,
    room: Room<'a>,
    documents: &'a Documents<'a>,
    /// How many keys were not known.
    learnt: usize,
    g: u32,
}

impl<'a> Parser<'a> {
    fn syntax(&self) -> crate::Bail {
        BailKind::Exception.at(self.g)
    }

    fn document(&mut self) -> Result<Value<'a>> {
        self.skip();
        let value = self.value(0)?;
        self.skip();
        if self.at < self.text.len() { Err(self.syntax()) } else { Ok(value) }
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
            Some(b'"') => self.string().map(Value::Str),
            Some(b'{' | b'[') if depth >= MAX_NESTING => Err(BailKind::Unsupported.at(self.g)),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            _ => match short_number(self.text.as_bytes(), self.at) {
                Some((number, end)) => {
                    self.at = end;
                    Ok(match number {
                        Number::Int(number) => Value::Int(number),
                        Number::Float(number) => Value::float(number),
                    })
                }
                None => self.scalar(),
            },
        }
    }

    #[inline(never)]
    fn scalar(&mut self) -> Result<Value<'a>> {
        let start = self.at;
        let (kind, end) = scalar(self.text.as_bytes(), start).map_err(|_| self.syntax())?;
        self.at = end;
        let text = &self.text[start..end];
        Ok(match kind {
            Scalar::Word(Word::Null) => Value::None,
            Scalar::Word(Word::True) => Value::bool(true),
            Scalar::Word(Word::False) => Value::bool(false),
            Scalar::Word(Word::Nan) => Value::float(f64::NAN),
            Scalar::Word(Word::Infinity) => Value::float(f64::INFINITY),
            Scalar::Word(Word::MinusInfinity) => Value::float(f64::NEG_INFINITY),
            Scalar::Int => match text.parse() {
                Ok(number) => Value::Int(number),
                // CPython refuses more digits than this.
                Err(_) if text.len() <= 4300 => crate::int_literal(self.cx, text, self.g)?,
                Err(_) => return Err(self.syntax()),
            },
            Scalar::Float => Value::float(text.parse().map_err(|_| BailKind::Unsupported.at(self.g))?),
        })
    }

    fn string(&mut self) -> Result<Str<'a>> {
        match self.content()? {
            Some(inside) => self.word(inside),
            None => str_new(self.cx, &self.unescaped, self.g),
        }
    }

    fn word(&self, text: &'a str) -> Result<Str<'a>> {
        let Some(place) = self.documents.word(text) else { return str_of(self.cx, text, self.g) };
        match place.get() {
            Some(known) if known.text() == text => Ok(known),
            _ => {
                let made = str_of(self.cx, text, self.g)?;
                place.set(Some(made));
                Ok(made)
            }
        }
    }

    /// The inside of the string that is next; none if it had escapes, and is in `unescaped` now.
    fn content(&mut self) -> Result<Option<&'a str>> {
        let start = self.at + 1;
        let (end, escaped) = string(self.text.as_bytes(), self.at).map_err(|_| self.syntax())?;
        self.at = end + 1;
        let inside = &self.text[start..end];
        if !escaped {
            return Ok(Some(inside));
        }
        self.unescaped.clear();
        unescape(inside, &mut self.unescaped).ok_or_else(|| BailKind::Unsupported.at(self.g))?;
        Ok(None)
    }

    /// A key, which is one string wherever it occurs; that of the program, if it has it.
    fn key(&mut self) -> Result<Str<'a>> {
        let inside = self.content()?;
        let text = inside.unwrap_or(&self.unescaped);
        let (known, place) = self.documents.key(text);
        if let Some(known) = known {
            return Ok(known);
        }
        let literal = if self.learnt < LEARNT { self.cx.literal_of(text) } else { None };
        self.learnt += 1;
        let key = match (literal, inside) {
            (Some(literal), _) => literal,
            (None, Some(inside)) => str_of(self.cx, inside, self.g)?,
            (None, None) => str_new(self.cx, text, self.g)?,
        };
        place.set(Some(key));
        Ok(key)
    }

    fn array(&mut self, depth: u32) -> Result<Value<'a>> {
        let start = self.room.items.len();
        self.eat(b'[');
        if !self.eat_closing(b']') {
            loop {
                let item = self.value(depth)?;
                self.room.items.push(item);
                self.skip();
                if self.eat_closing(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        let list = list_new(self.cx, &self.room.items[start..], self.g)?;
        self.room.items.truncate(start);
        Ok(Value::List(list))
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>> {
        let start = self.room.entries.len();
        // The names that are expected, as long as they come.
        let mut names: &[Str<'a>] = &[];
        self.eat(b'{');
        if !self.eat_closing(b'}') {
            loop {
                let at = self.room.entries.len() - start;
                let key = match names.get(at) {
                    Some(name) if self.eat_name(*name) => *name,
                    _ => {
                        if self.peek() != Some(b'"') {
                            return Err(self.syntax());
                        }
                        let key = self.key()?;
                        let begun = if at == 0 { self.documents.begun(key) } else { None };
                        names = begun.map_or(&[], |keys| keys.names);
                        key
                    }
                };
                self.skip();
                if !self.eat(b':') {
                    return Err(self.syntax());
                }
                let value = self.value(depth)?;
                self.room.entries.push((key, value));
                self.skip();
                if self.eat_closing(b'}') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        let entries = &self.room.entries[start..];
        let dict = match self.documents.record(self.cx, entries, self.g)? {
            Some(keys) => dict_of_keys(self.cx, keys, |at| entries[at].1, self.g)?,
            None => dict_of(self.cx, entries, self.g)?,
        };
        self.room.entries.truncate(start);
        Ok(Value::Dict(dict))
    }

    /// Steps over a key of that name, if it is next; it must be one that stands between quotes as it is.
    fn eat_name(&mut self, name: Str<'a>) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let name = name.text().as_bytes();
        let found = rest.len() > name.len() + 1
            && rest[0] == b'"'
            && rest[name.len() + 1] == b'"'
            && rest[1..=name.len()] == *name;
        if found {
            self.at += name.len() + 2;
        }
        found
    }

    /// Steps over a closing bracket, if it is next.
    fn eat_closing(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }
}
