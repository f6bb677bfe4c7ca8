//! Checks a JSON document as `json.loads` does, and finds the members of its top-level object.
//!
//! In: the bytes of a document. Out: the spans of its members, or the error with CPython's wording.
//! Holds: nothing limits sizes of numbers or nesting, and nesting takes no stack.

use std::fmt;
use std::ops::Range;

use super::lex::{EXPECTING_VALUE, Fault, scalar, skip_whitespace, string, unescape};

/// A member of the top-level object, in the order of the text; equal keys all appear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key's text; `None` when it has a lone surrogate.
    pub key: Option<String>,
    /// The bytes of the key, with its quotes.
    pub key_span: Range<usize>,
    /// The bytes of the value.
    pub value: Range<usize>,
}

/// Why a document has no members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The document is JSON, but not an object.
    NotObject,
    /// The document is not JSON.
    Syntax {
        /// As `str()` of CPython's `JSONDecodeError`.
        message: String,
    },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonError::NotUtf8 => f.write_str("the document is not UTF-8"),
            JsonError::NotObject => f.write_str("the document is not an object"),
            JsonError::Syntax { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for JsonError {}

/// The members of the object that `body` is.
pub fn object_members(body: &[u8]) -> core::result::Result<Vec<Member>, JsonError> {
    let text = str::from_utf8(body).map_err(|_| JsonError::NotUtf8)?;
    let mut scanner = Scanner { text, at: 0, open: Vec::new(), members: Vec::new() };
    match scanner.document() {
        Ok(true) => Ok(scanner.members),
        Ok(false) => Err(JsonError::NotObject),
        Err((message, at)) => Err(JsonError::Syntax { message: describe(text, message, at) }),
    }
}

/// What `json.loads` has against a text, as `str()` of its `JSONDecodeError`; none for JSON.
pub(crate) fn fault(text: &str) -> Option<String> {
    let mut scanner = Scanner { text, at: 0, open: Vec::new(), members: Vec::new() };
    scanner.document().err().map(|(message, at)| describe(text, message, at))
}

/// CPython's wording: line and column count characters from 1, `char` from 0.
fn describe(text: &str, message: &str, at: usize) -> String {
    let before = &text[..at.min(text.len())];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{message}: line {line} column {column} (char {})", before.chars().count())
}

/// What is expected next inside the innermost open bracket.
#[derive(Copy, Clone, PartialEq)]
enum Next {
    /// A value: of the document, of an array or of a member.
    Value,
    /// A comma or the closing bracket.
    Comma,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The closing brackets that are missing, outermost first.
    open: Vec<u8>,
    members: Vec<Member>,
}

impl Scanner<'_> {
    /// Checks the document; whether it is an object.
    fn document(&mut self) -> Result<bool, Fault> {
        if self.text.starts_with('\u{FEFF}') {
            return Err(("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
        }
        self.skip();
        let is_object = self.peek() == Some(b'{');
        let mut next = Next::Value;
        loop {
            next = match next {
                Next::Value => self.value()?,
                Next::Comma => {
                    self.end_member();
                    if self.open.is_empty() {
                        break;
                    }
                    self.comma()?
                }
            };
        }
        self.skip();
        if self.at < self.text.len() {
            return Err(("Extra data", self.at));
        }
        Ok(is_object)
    }

    fn skip(&mut self) {
        self.at = skip_whitespace(self.text.as_bytes(), self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads a scalar, or opens a bracket.
    fn value(&mut self) -> Result<Next, Fault> {
        match self.peek() {
            Some(b'"') => {
                self.at = string(self.text.as_bytes(), self.at)?.0 + 1;
                Ok(Next::Comma)
            }
            Some(b'{') => {
                self.at += 1;
                self.skip();
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    return Ok(Next::Comma);
                }
                self.open.push(b'}');
                self.member_start()
            }
            Some(b'[') => {
                self.at += 1;
                self.skip();
                if self.peek() == Some(b']') {
                    self.at += 1;
                    return Ok(Next::Comma);
                }
                self.open.push(b']');
                Ok(Next::Value)
            }
            Some(_) => {
                self.at = scalar(self.text.as_bytes(), self.at)?.1;
                Ok(Next::Comma)
            }
            None => Err((EXPECTING_VALUE, self.at)),
        }
    }

    /// After a value: its bracket closes, or another one follows.
    fn comma(&mut self) -> Result<Next, Fault> {
        self.skip();
        let closing = self.open.last().copied();
        if self.peek() == closing {
            self.at += 1;
            self.open.pop();
            return Ok(Next::Comma);
        }
        if self.peek() != Some(b',') {
            return Err(("Expecting ',' delimiter", self.at));
        }
        self.at += 1;
        self.skip();
        if closing == Some(b'}') { self.member_start() } else { Ok(Next::Value) }
    }

    /// Reads a key and its colon.
    fn member_start(&mut self) -> Result<Next, Fault> {
        if self.peek() != Some(b'"') {
            return Err(("Expecting property name enclosed in double quotes", self.at));
        }
        let start = self.at;
        let (end, _) = string(self.text.as_bytes(), start)?;
        self.at = end + 1;
        self.skip();
        if self.peek() != Some(b':') {
            return Err(("Expecting ':' delimiter", self.at));
        }
        self.at += 1;
        self.skip();
        if self.open == [b'}'] {
            let mut key = String::new();
            let key = unescape(&self.text[start + 1..end], &mut key).map(|()| key);
            self.members.push(Member { key, key_span: start..end + 1, value: self.at..self.at });
        }
        Ok(Next::Value)
    }

    /// Sets where the value of a top-level member ends, if that is what was just read.
    fn end_member(&mut self) {
        if self.open == [b'}']
            && let Some(member) = self.members.last_mut()
        {
            member.value.end = self.at;
        }
    }
}
