//! `http.client.HTTPResponse` and `HTTPMessage` (`Lib/http/client.py`, `Lib/email/message.py`).

use std::cell::Cell;

use crate::http::Head;
use crate::{
    Args, BailKind, Bytes, Cx, Obj, Result, Str, Type, Value, bytes_new, list_new, object_new, str_new, tuple_new,
};

/// `http.client.HTTPResponse`
pub(in super::super) struct Response<'a> {
    status: u16,
    reason: Str<'a>,
    /// Where it came from, as `urlopen` notes it.
    url: Option<Str<'a>>,
    headers: Value<'a>,
    /// None if it is not all there, which matters only to who reads it.
    content: Option<Bytes<'a>>,
    /// How much of it was read.
    at: Cell<usize>,
    /// Whether its connection is free again.
    done: &'a Cell<bool>,
}

/// The answer in `bytes`, of which the head is read, and whether its connection is free again.
pub(in super::super) fn new<'a>(
    cx: &'a Cx<'a>,
    head: &Head,
    bytes: &[u8],
    bodiless: bool,
    url: Option<Str<'a>>,
    g: u32,
) -> Result<(Value<'a>, &'a Cell<bool>)> {
    let content = head.body(bytes, bodiless).map(|body| bytes_new(cx, &body, g)).transpose()?;
    let mut pairs = Vec::new();
    for (name, value) in &head.headers {
        pairs.push((str_new(cx, name, g)?, str_new(cx, value, g)?));
    }
    let pairs = cx.alloc_slice(pairs.len(), |at| pairs[at], g)?;
    let done: &'a Cell<bool> = cx.alloc(Cell::new(!head.keeps_alive()), g)?;
    let response = Response {
        status: head.status,
        reason: str_new(cx, &head.reason, g)?,
        url,
        headers: object_new(cx, Message(pairs), g)?,
        content,
        at: Cell::new(0),
        done,
    };
    Ok((object_new(cx, response, g)?, done))
}

impl<'a> Obj<'a> for Response<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn has_method(&self, name: &str) -> bool {
        const METHODS: [&str; 8] =
            ["read", "getcode", "info", "getheader", "getheaders", "close", "__enter__", "__exit__"];
        METHODS.contains(&name) || name == "geturl" && self.url.is_some()
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(Some(match name {
            "status" | "code" => Value::Int(self.status.into()),
            "reason" => Value::Str(self.reason),
            "msg" => {
                if self.url.is_some() {
                    Value::Str(self.reason)
                } else {
                    self.headers
                }
            }
            "url" if let Some(url) = self.url => Value::Str(url),
            "headers" => self.headers,
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("read", given @ ([] | [Value::None | Value::Int(_)])) => {
                let content = self.content.ok_or_else(|| BailKind::Effect.at(g))?;
                let rest = &content.bytes()[self.at.get()..];
                let count = match given {
                    [Value::Int(count)] => usize::try_from(*count).map_err(|_| BailKind::Unsupported.at(g))?,
                    _ => rest.len(),
                };
                let part = &rest[..count.min(rest.len())];
                self.at.set(self.at.get() + part.len());
                if !matches!(given, [Value::Int(_)]) {
                    self.done.set(true);
                }
                bytes_new(cx, part, g).map(Value::Bytes)
            }
            ("getcode", []) => Ok(Value::Int(self.status.into())),
            ("geturl", []) => Ok(self.url.map_or(Value::None, Value::Str)),
            ("getheaders", []) => crate::call_method(cx, self.headers, cx.name("items", g)?, Args::of(&[]), g),
            ("getheader", [name]) => self.header(cx, *name, Value::None, g),
            ("getheader", [name, default]) => self.header(cx, *name, *default, g),
            ("info", []) => Ok(self.headers),
            // What is read after that is no longer there.
            ("close", []) | ("__exit__", _) => {
                self.at.set(self.content.map_or(0, |content| content.bytes().len()));
                self.done.set(true);
                Ok(Value::None)
            }
            ("__enter__", []) => Ok(this),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

impl<'a> Response<'a> {
    /// The values of a name, joined.
    fn header(&self, cx: &'a Cx<'a>, name: Value<'a>, default: Value<'a>, g: u32) -> Result<Value<'a>> {
        let (Value::Str(name), Value::Object(headers)) = (name, self.headers) else {
            return Err(BailKind::Unsupported.at(g));
        };
        let pairs = headers.get().as_message().ok_or_else(|| BailKind::Unsupported.at(g))?;
        let same = |(known, _): &&(Str<'a>, Str<'a>)| known.text().eq_ignore_ascii_case(name.text());
        let values: Vec<&str> = pairs.iter().filter(same).map(|(_, value)| value.text()).collect();
        match default {
            _ if !values.is_empty() => str_new(cx, &values.join(", "), g).map(Value::Str),
            Value::None | Value::Str(_) | Value::Int(_) | Value::Bool(_) => Ok(default),
            // What can be gone through is joined.
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// `http.client.HTTPMessage`: names and values, a name as often as it came.
struct Message<'a>(&'a [(Str<'a>, Str<'a>)]);

impl<'a> Message<'a> {
    fn find(&self, name: Value<'a>, g: u32) -> Result<Option<Value<'a>>> {
        let Value::Str(name) = name else { return Err(BailKind::Unsupported.at(g)) };
        let found = self.0.iter().find(|(known, _)| known.text().eq_ignore_ascii_case(name.text()));
        Ok(found.map(|(_, value)| Value::Str(*value)))
    }

    fn content_type(&self) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(known, _)| known.text().eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value.text())
    }

    /// `get_content_charset()`
    fn charset(&self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        let Some(content_type) = self.content_type() else { return Ok(Value::None) };
        if content_type.contains(['"', '\'', '*', '(', '\\']) {
            return Err(BailKind::Unsupported.at(g));
        }
        for part in content_type.split(';').skip(1) {
            let Some((name, value)) = part.split_once('=') else { return Err(BailKind::Unsupported.at(g)) };
            if name.trim().eq_ignore_ascii_case("charset") {
                return str_new(cx, &value.trim().to_ascii_lowercase(), g).map(Value::Str);
            }
        }
        Ok(Value::None)
    }

    fn list(&self, cx: &'a Cx<'a>, item: impl Fn(Str<'a>, Str<'a>) -> Result<Value<'a>>, g: u32) -> Result<Value<'a>> {
        let items: Vec<Value<'a>> = self.0.iter().map(|(name, value)| item(*name, *value)).collect::<Result<_>>()?;
        list_new(cx, &items, g).map(Value::List)
    }
}

impl<'a> Obj<'a> for Message<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_message(&self) -> Option<&'a [(Str<'a>, Str<'a>)]> {
        Some(self.0)
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "get" | "items" | "keys" | "values" | "get_content_charset")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("get", [name]) => Ok(self.find(*name, g)?.unwrap_or(Value::None)),
            ("get", [name, default]) => Ok(self.find(*name, g)?.unwrap_or(*default)),
            ("keys", []) => self.list(cx, |name, _| Ok(Value::Str(name)), g),
            ("values", []) => self.list(cx, |_, value| Ok(Value::Str(value)), g),
            ("items", []) => {
                let pair = |name, value| tuple_new(cx, &[Value::Str(name), Value::Str(value)], g).map(Value::Tuple);
                self.list(cx, pair, g)
            }
            ("get_content_charset", []) => self.charset(cx, g),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.0.len()))
    }

    fn contains(&self, _cx: &'a Cx<'a>, item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Ok(Some(self.find(item, g)?.is_some()))
    }

    fn get_item(&self, _cx: &'a Cx<'a>, index: Value<'a>, g: u32) -> Result<Value<'a>> {
        Ok(self.find(index, g)?.unwrap_or(Value::None))
    }
}
