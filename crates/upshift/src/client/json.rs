//! JSON that is read without being parsed, so that what functions answer comes out as it came in.
//!
//! In: the body of an answer, whose results are CPython's JSON (NaN, 1e999, ints of any size, doubled keys).
//! Out: its parts as pieces of the text, and the whole indented. Nothing here takes stack for nesting.

use serde::de::IgnoredAny;

use crate::terminal::{Ink, Style};

/// How far a level is indented.
const INDENT: &str = "    ";

/// One JSON value, as a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Json<'t>(&'t str);

/// What a text consists of, white space left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    /// `{` or `[`.
    Open(char),
    /// `}` or `]`.
    Close(char),
    Comma,
    Colon,
    /// With its quotes.
    String(&'t str),
    /// A number, a constant, or something that is neither.
    Word(&'t str),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value, or the end of an array.
    First,
    Key,
    /// A key, or the end of an object.
    FirstKey,
    Colon,
    /// A comma, or the end of what is open.
    Comma,
}

impl<'t> Json<'t> {
    /// `text`, if it is one JSON value as Python writes it.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let (value, rest) = Self::first(text)?;
        rest.trim().is_empty().then_some(value)
    }

    /// The value at the beginning of `text`, and what comes after it.
    fn first(text: &'t str) -> Option<(Self, &'t str)> {
        let text = text.trim_start();
        let mut tokens = Tokens(text);
        let mut open = Vec::new();
        let mut next = Next::Value;
        loop {
            next = match (next, tokens.next()?) {
                (Next::Value | Next::First, Token::Open(bracket)) => {
                    open.push(bracket);
                    if bracket == '{' { Next::FirstKey } else { Next::First }
                }
                (Next::Value | Next::First, Token::String(_)) => Next::Comma,
                (Next::Value | Next::First, Token::Word(word)) if is_scalar(word) => Next::Comma,
                (Next::Key | Next::FirstKey, Token::String(_)) => Next::Colon,
                (Next::Colon, Token::Colon) => Next::Value,
                (Next::Comma, Token::Comma) if open.last() == Some(&'{') => Next::Key,
                (Next::Comma, Token::Comma) if !open.is_empty() => Next::Value,
                (Next::Comma | Next::First, Token::Close(']')) if open.pop() == Some('[') => Next::Comma,
                (Next::Comma | Next::FirstKey, Token::Close('}')) if open.pop() == Some('{') => Next::Comma,
                _ => return None,
            };
            if next == Next::Comma && open.is_empty() {
                let (value, rest) = text.split_at(text.len() - tokens.0.len());
                return Some((Self(value), rest));
            }
        }
    }

    pub(crate) fn text(self) -> &'t str {
        self.0
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// The members of an object, in order; of anything else none.
    fn members(self) -> Vec<(&'t str, Self)> {
        let mut members = Vec::new();
        let mut rest = self.0.strip_prefix('{').unwrap_or_default();
        while let Some((key, after)) = Self::first(rest) {
            let Some((value, after)) = after.trim_start().strip_prefix(':').and_then(Self::first) else { break };
            members.push((key.0, value));
            rest = after.trim_start().strip_prefix(',').unwrap_or_default();
        }
        members
    }

    /// The items of an array; of anything else none.
    pub(crate) fn items(self) -> Vec<Self> {
        let mut items = Vec::new();
        let mut rest = self.0.strip_prefix('[').unwrap_or_default();
        while let Some((item, after)) = Self::first(rest) {
            items.push(item);
            rest = after.trim_start().strip_prefix(',').unwrap_or_default();
        }
        items
    }

    /// The member `key`; of several the last, which is the one that Python takes.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let is_key = |text: &str| text[1..text.len() - 1] == *key || unquoted(text).is_some_and(|text| text == key);
        self.members().into_iter().rev().find(|(text, _)| is_key(text)).map(|(_, value)| value)
    }

    /// The text of a string.
    pub(crate) fn string(self) -> Option<String> {
        // With a lone surrogate it is no text; its escapes say the most.
        self.0.starts_with('"').then(|| unquoted(self.0).unwrap_or_else(|| self.0[1..self.0.len() - 1].to_owned()))
    }

    /// A string's text, and anything else as it stands.
    pub(crate) fn plain(self) -> String {
        self.string().unwrap_or_else(|| self.0.to_owned())
    }

    pub(crate) fn number(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The text of the member `key`, or none of it.
    pub(crate) fn string_at(self, key: &str) -> String {
        self.get(key).and_then(Self::string).unwrap_or_default()
    }

    /// The number of the member `key`, or 0.
    pub(crate) fn number_at(self, key: &str) -> u64 {
        self.get(key).and_then(Self::number).unwrap_or_default()
    }

    /// The value of the annotation `key` of a document.
    pub(crate) fn annotation(self, key: &str) -> Option<Self> {
        let annotations = self.get("annotations")?.items();
        annotations.into_iter().find(|annotation| annotation.string_at("key") == key)?.get("value")
    }

    /// The value with a line for each item and member; numbers and strings are as they were.
    pub(crate) fn pretty(self, style: Style) -> String {
        let tokens: Vec<Token<'_>> = Tokens(self.0).collect();
        let mut text = String::with_capacity(self.0.len() * 2);
        let mut depth = 0;
        let new_line = |text: &mut String, depth: usize| {
            text.push('\n');
            (0..depth).for_each(|_| text.push_str(INDENT));
        };
        for (i, token) in tokens.iter().enumerate() {
            let after = tokens.get(i + 1);
            match *token {
                Token::Open(bracket) => {
                    text.push(bracket);
                    if !matches!(after, Some(Token::Close(_))) {
                        depth += 1;
                        new_line(&mut text, depth);
                    }
                }
                Token::Close(bracket) => {
                    if i > 0 && !matches!(tokens[i - 1], Token::Open(_)) {
                        depth = depth.saturating_sub(1);
                        new_line(&mut text, depth);
                    }
                    text.push(bracket);
                }
                Token::Comma => {
                    text.push(',');
                    new_line(&mut text, depth);
                }
                Token::Colon => text.push_str(": "),
                Token::String(string) if after == Some(&Token::Colon) => text.push_str(&style.paint(Ink::Blue, string)),
                Token::String(string) => text.push_str(&style.paint(Ink::Green, string)),
                Token::Word(word) => text.push_str(word),
            }
        }
        text
    }
}

fn unquoted(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

fn is_scalar(word: &str) -> bool {
    matches!(word, "NaN" | "Infinity" | "-Infinity") || serde_json::from_str::<IgnoredAny>(word).is_ok()
}

/// The tokens of what is left of a text; it ends where there is none.
struct Tokens<'t>(&'t str);

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let text = self.0.trim_start_matches([' ', '\t', '\n', '\r']);
        let first = text.chars().next()?;
        let (token, length) = match first {
            '{' | '[' => (Token::Open(first), 1),
            '}' | ']' => (Token::Close(first), 1),
            ',' => (Token::Comma, 1),
            ':' => (Token::Colon, 1),
            '"' => {
                let length = string_length(text)?;
                (Token::String(&text[..length]), length)
            }
            _ => {
                let end = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | '"');
                let length = text.find(end).unwrap_or(text.len());
                (Token::Word(&text[..length]), length)
            }
        };
        self.0 = &text[length..];
        Some(token)
    }
}

/// How long the string is that `text` begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((i, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(i + 1),
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(text: &str) -> String {
        Json::read(text).unwrap().pretty(Style::PLAIN)
    }

    #[test]
    fn values_are_recognised() {
        for good in ["{}", " [ ] ", "1", "NaN", "-Infinity", "\"a\\\"b\"", r#"{"a":[1,{"b":null}],"a":1e999}"#] {
            assert!(Json::read(good).is_some(), "{good}");
        }
        for bad in
            ["", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{,}", "[1 2]", "[}", "]", "nope", "{} {}", "\"a", "01", "{1:2}"]
        {
            assert!(Json::read(bad).is_none(), "{bad}");
        }
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(Json::read(&deep).is_some());
    }

    #[test]
    fn parts_are_pieces_of_the_text() {
        let text = r#"{"a": {"n": 12345678901234567890123}, "list": [1e999, "x,]", NaN], "s": "\u00e9\n", "a": 7}"#;
        let json = Json::read(text).unwrap();
        assert_eq!(json.number_at("a"), 7);
        assert_eq!(json.string_at("s"), "é\n");
        assert_eq!(
            json.get("list").unwrap().items().iter().map(|item| item.text()).collect::<Vec<_>>(),
            ["1e999", "\"x,]\"", "NaN"]
        );
        assert!(json.get("b").is_none() && json.get("list").unwrap().get("a").is_none());
        assert!(json.is_object() && json.items().is_empty());
        assert_eq!(Json::read(r#""\ud800!""#).unwrap().string().unwrap(), r"\ud800!");
        assert_eq!(Json::read(r#"{"\u0061": 1}"#).unwrap().number_at("a"), 1);
    }

    #[test]
    fn annotations_are_found() {
        let json = Json::read(r#"{"annotations":[{"key":"x","value":1},{"key":"tier","value":"native"}]}"#).unwrap();
        assert_eq!(json.annotation("tier").unwrap().plain(), "native");
        assert!(json.annotation("y").is_none());
    }

    #[test]
    fn indenting_changes_nothing_else() {
        let text = r#"{"a":[1.50,1e999,-0.0,NaN,{}],"b":{"c":12345678901234567890123,"c":"\u00e9 : ,"},"d":[]}"#;
        let expected = r#"{
    "a": [
        1.50,
        1e999,
        -0.0,
        NaN,
        {}
    ],
    "b": {
        "c": 12345678901234567890123,
        "c": "\u00e9 : ,"
    },
    "d": []
}"#;
        assert_eq!(pretty(text), expected);
        assert_eq!(pretty(expected), expected);
        assert_eq!(pretty("null"), "null");
    }
}
