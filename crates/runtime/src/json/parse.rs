//! `json.loads(text)` into the arena.

use super::lex::{Scalar, Word, scalar, skip_whitespace, string, unescape};
use crate::dict::{Keys, SCAN, dict_of, dict_of_keys};
use crate::string::str_of;
use crate::{BailKind, Cx, Result, Str, Value, list_new, str_new};

/// How deep arrays and objects may nest.
const MAX_NESTING: u32 = 200;

/// `json.loads(text)`.
///
/// Bails out with `Exception` at a syntax error, with `Overflow` at an int beyond `i64`, with `Unsupported` at a lone surrogate or nesting past 200.
/// Strings are parts of `text`.
pub fn parse<'a>(cx: &'a Cx<'a>, text: &'a str, g: u32) -> Result<Value<'a>> {
    let (unescaped, items, entries, keys) = (String::new(), Vec::new(), Vec::new(), [None; KEYS]);
    let (records, none) = ([None; RECORDS], str_of(cx, "", g)?);
    let mut parser = Parser { cx, text, at: 0, unescaped, items, entries, keys, learnt: 0, records, none, g };
    parser.skip();
    let value = parser.value(0)?;
    parser.skip();
    if parser.at < text.len() {
        return Err(parser.syntax());
    }
    Ok(value)
}

/// How many keys are remembered, a power of two.
const KEYS: usize = 64;

/// How many kinds of records are remembered, a power of two.
const RECORDS: usize = 16;

/// Where the keys of a record are remembered.
fn place(names: &[Str<'_>]) -> usize {
    let ends =
        names.first().zip(names.last()).map_or(0, |(first, last)| (first.address() >> 4) ^ (last.address() >> 5));
    (ends ^ names.len()) % RECORDS
}

struct Parser<'a> {
    cx: &'a Cx<'a>,
    text: &'a str,
    at: usize,
    /// Reused for every string with escapes.
    unescaped: String,
    /// Items of arrays that have no end yet.
    items: Vec<Value<'a>>,
    /// Entries of objects that have no end yet.
    entries: Vec<(Str<'a>, Value<'a>)>,
    /// Keys met, by a hash of their text: records share theirs, as in CPython.
    keys: [Option<Str<'a>>; KEYS],
    /// How many were not.
    learnt: usize,
    /// The keys of objects, by [`place`].
    records: [Option<&'a Keys<'a>>; RECORDS],
    /// Any string.
    none: Str<'a>,
    g: u32,
}

impl<'a> Parser<'a> {
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
            Some(b'"') => self.string().map(Value::Str),
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
            Some(inside) => str_of(self.cx, inside, self.g),
            None => str_new(self.cx, &self.unescaped, self.g),
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
        let bytes = text.as_bytes();
        let ends = bytes.first().zip(bytes.last()).map_or(0, |(first, last)| usize::from(first ^ last.rotate_left(3)));
        let place = (bytes.len() * 5 + ends) % KEYS;
        if let Some(known) = self.keys[place]
            && known.text() == text
        {
            return Ok(known);
        }
        // Records have few keys; where there are many, looking them up would take longer than it saves.
        let literal = if self.learnt < KEYS { self.cx.literal_of(text) } else { None };
        self.learnt += 1;
        let key = match (literal, inside) {
            (Some(literal), _) => literal,
            (None, Some(inside)) => str_of(self.cx, inside, self.g)?,
            (None, None) => str_new(self.cx, text, self.g)?,
        };
        self.keys[place] = Some(key);
        Ok(key)
    }

    fn array(&mut self, depth: u32) -> Result<Value<'a>> {
        let start = self.items.len();
        self.eat(b'[');
        if !self.eat_closing(b']') {
            loop {
                let item = self.value(depth)?;
                self.items.push(item);
                self.skip();
                if self.eat_closing(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        let list = list_new(self.cx, &self.items[start..], self.g)?;
        self.items.truncate(start);
        Ok(Value::List(list))
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>> {
        let start = self.entries.len();
        self.eat(b'{');
        if !self.eat_closing(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(self.syntax());
                }
                let key = self.key()?;
                self.skip();
                if !self.eat(b':') {
                    return Err(self.syntax());
                }
                let value = self.value(depth)?;
                self.entries.push((key, value));
                self.skip();
                if self.eat_closing(b'}') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(self.syntax());
                }
            }
        }
        let entries = &self.entries[start..];
        let dict = match self.shared(entries)? {
            Some(keys) => dict_of_keys(self.cx, keys, |at| entries[at].1, self.g)?,
            None => dict_of(self.cx, entries, self.g)?,
        };
        if let Some(keys) = dict.keys() {
            self.records[place(keys.names)] = Some(keys);
        }
        self.entries.truncate(start);
        Ok(Value::Dict(dict))
    }

    /// The keys of an object, which others may have too; none if they are no record's.
    fn shared(&self, entries: &[(Str<'a>, Value<'a>)]) -> Result<Option<&'a Keys<'a>>> {
        let mut names = [self.none; SCAN];
        let Some(names) = names.get_mut(..entries.len()) else { return Ok(None) };
        names.iter_mut().zip(entries).for_each(|(name, entry)| *name = entry.0);
        match self.records[place(names)] {
            Some(keys) if keys.are(names) => Ok(Some(keys)),
            _ => Keys::new(self.cx, names, self.g),
        }
    }

    /// Steps over a closing bracket, if it is next.
    fn eat_closing(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }
}
