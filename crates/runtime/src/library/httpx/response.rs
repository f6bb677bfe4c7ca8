//! `httpx.Response` (`httpx/_models.py`), as h11 and httpcore read it.

use std::cell::Cell;
use std::io::Read as _;

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::headers::Headers;
use super::url::{Shown, Url};
use crate::http::{Head, Progress};
use crate::{Args, BailKind, Bytes, Cx, Obj, Result, Str, Type, Value, bytes_new, object_new, str_new};

/// What came back.
pub(super) struct Response<'a> {
    status: u16,
    reason: Str<'a>,
    url: Str<'a>,
    headers: Headers<'a>,
    /// `headers` and `url` as objects, of which there is one each.
    shown: [Value<'a>; 2],
    content: Bytes<'a>,
    encoding: Cell<Option<Str<'a>>>,
    /// Whether `text` was asked for, after which the encoding stays.
    decoded: Cell<bool>,
    /// A list.
    history: Cell<Value<'a>>,
}

/// The answer in `bytes`; bails out where h11's reading of it may be another one than that of `http.client`.
pub(super) fn read<'a>(cx: &'a Cx<'a>, bytes: &[u8], bodiless: bool, url: &Url, g: u32) -> Result<Response<'a>> {
    let odd = || BailKind::Effect.at(g);
    let Progress::Whole(head) = Head::read(bytes) else { return Err(odd()) };
    if head.status < 200 || !is_plain(bytes, &head) {
        return Err(odd());
    }
    let content = head.body(bytes, bodiless).ok_or_else(odd)?;
    let content = match head.header("content-encoding") {
        Some(encoding) if !content.is_empty() => {
            bytes_new(cx, &decoded(&encoding, &content, cx.memory_bytes()).ok_or_else(odd)?, g)?
        }
        _ => bytes_new(cx, &content, g)?,
    };
    let mut pairs = Vec::new();
    for (name, value) in &head.headers {
        pairs.push((str_new(cx, name, g)?, str_new(cx, value.trim_end_matches([' ', '\t']), g)?));
    }
    let headers = Headers::new(cx, &pairs, g)?;
    let text = str_new(cx, &url.text(), g)?;
    Ok(Response {
        status: head.status,
        reason: str_new(cx, &head.reason, g)?,
        url: text,
        headers,
        shown: [headers.object(cx, g)?, object_new(cx, Shown(text), g)?],
        content,
        encoding: Cell::new(None),
        decoded: Cell::new(false),
        history: Cell::new(Value::None),
    })
}

/// Whether a head is one that both read alike: ASCII, the reason without blanks around it, one way to tell the body's end.
fn is_plain(bytes: &[u8], head: &Head) -> bool {
    let ascii = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t'));
    let whole = bytes.get(..head.len).unwrap_or_default();
    let status = format!(" {}", head.status);
    let ends: Vec<String> = if head.reason.is_empty() {
        vec![status.clone(), status + " "]
    } else {
        vec![format!("{status} {}", head.reason)]
    };
    let line = whole.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let is_line = line.get(b"HTTP/1.1".len()..).is_some_and(|rest| ends.iter().any(|end| end.as_bytes() == rest));
    let both = ["content-length", "transfer-encoding"].iter().all(|name| head.header(name).is_some());
    let texts = head.headers.iter().all(|(name, value)| ascii(name) && ascii(value));
    is_line && texts && ascii(&head.reason) && !both
}

/// A body as httpx decodes it (`httpx/_decoders.py`); none where it is broken, too large, or in another encoding.
fn decoded(encoding: &str, bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let limit = most as u64;
    let mut out = Vec::new();
    let mut rest = bytes;
    let count = match encoding.to_ascii_lowercase().as_str() {
        "identity" => return Some(bytes.to_vec()),
        "gzip" => GzDecoder::new(&mut rest).take(limit).read_to_end(&mut out),
        "deflate" => ZlibDecoder::new(&mut rest).take(limit).read_to_end(&mut out).or_else(|_| {
            out.clear();
            rest = bytes;
            DeflateDecoder::new(&mut rest).take(limit).read_to_end(&mut out)
        }),
        _ => return None,
    };
    // Another member behind it would be left out by the one and not by the other.
    (count.is_ok_and(|count| count < most) && rest.is_empty()).then_some(out)
}

/// The charset that a type names, in lower case; none where that is written in a rarer way.
fn charset(content_type: Option<&str>) -> Option<Option<String>> {
    let Some(content_type) = content_type else { return Some(None) };
    if content_type.contains(['"', '\'', '*', '(', '\\', ',']) {
        return None;
    }
    for part in content_type.split(';').skip(1) {
        let (name, value) = part.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("charset") {
            return Some(Some(value.trim().to_ascii_lowercase()));
        }
    }
    Some(None)
}

impl<'a> Response<'a> {
    pub(super) fn object(self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        object_new(cx, self, g)
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Where it leads, if it is a redirect (`has_redirect_location`).
    pub(super) fn location(&self) -> Option<String> {
        matches!(self.status, 301 | 302 | 303 | 307 | 308).then(|| self.headers.get("location"))?
    }

    /// The same, with the answers before it.
    pub(super) fn after(self, cx: &'a Cx<'a>, history: &[Value<'a>], g: u32) -> Result<Self> {
        self.history.set(Value::List(crate::list_new(cx, history, g)?));
        Ok(self)
    }

    /// Whether it sets a cookie, which later requests of its client would carry.
    pub(super) fn sets_cookie(&self) -> bool {
        self.headers.get("set-cookie").is_some()
    }

    fn encoding(&self, cx: &'a Cx<'a>, g: u32) -> Result<Str<'a>> {
        if let Some(encoding) = self.encoding.get() {
            return Ok(encoding);
        }
        let content_type = self.headers.get("content-type");
        let encoding = match charset(content_type.as_deref()).ok_or_else(|| BailKind::Unsupported.at(g))? {
            None => str_new(cx, "utf-8", g)?,
            Some(charset)
                if matches!(charset.as_str(), "utf-8" | "utf8" | "ascii" | "us-ascii" | "iso-8859-1" | "latin-1") =>
            {
                str_new(cx, &charset, g)?
            }
            // Whether Python knows it decides.
            Some(_) => return Err(BailKind::Unsupported.at(g)),
        };
        self.encoding.set(Some(encoding));
        Ok(encoding)
    }

    fn text(&self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        self.decoded.set(true);
        let errors = Value::Str(str_new(cx, "replace", g)?);
        crate::codec::decode(cx, self.content.bytes(), Args::of(&[Value::Str(self.encoding(cx, g)?), errors]), g)
    }

    fn raise_for_status(&self, cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let kind = match self.status / 100 {
            2 => return Ok(this),
            3 => "Redirect response",
            4 => "Client error",
            5 => "Server error",
            _ => "Invalid status code",
        };
        let (status, reason, url) = (self.status, self.reason.text(), self.url.text());
        let location = self.location().map_or_else(String::new, |to| format!("\nRedirect location: '{to}'"));
        let text = format!(
            "{kind} '{status} {reason}' for url '{url}'{location}\n\
             For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/{status}"
        );
        let text = Value::Str(str_new(cx, &text, g)?);
        let error = crate::exception_new(cx, cx.class(Type::HttpxStatusError, g)?, &[text], g)?;
        error.dict(cx, g)?.set(cx, Value::Str(cx.name("response", g)?), this, g)?;
        Err(cx.throw(error, g))
    }
}

impl<'a> Obj<'a> for Response<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        let of_class = |class: u16| Value::bool(self.status / 100 == class);
        Ok(Some(match name {
            "status_code" => Value::Int(self.status.into()),
            "reason_phrase" => Value::Str(self.reason),
            "headers" => self.shown[0],
            "url" => self.shown[1],
            "content" => Value::Bytes(self.content),
            "text" => self.text(cx, g)?,
            "encoding" => Value::Str(self.encoding(cx, g)?),
            "charset_encoding" => match charset(self.headers.get("content-type").as_deref()) {
                Some(Some(charset)) => Value::Str(str_new(cx, &charset, g)?),
                Some(None) => Value::None,
                None => return Err(BailKind::Unsupported.at(g)),
            },
            "is_success" => of_class(2),
            "is_redirect" => of_class(3),
            "is_client_error" => of_class(4),
            "is_server_error" => of_class(5),
            "is_error" => Value::bool(matches!(self.status / 100, 4 | 5)),
            "has_redirect_location" => Value::bool(self.location().is_some()),
            "history" => self.history.get(),
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn set_attr(&self, _cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        match (name.text(), value) {
            ("encoding", Value::Str(encoding)) if !self.decoded.get() => {
                self.encoding.set(Some(encoding));
                Ok(())
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "json" | "raise_for_status" | "read" | "close")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("json", []) => crate::library::json::loads(cx, Args::of(&[Value::Bytes(self.content)]), g),
            ("raise_for_status", []) => self.raise_for_status(cx, this, g),
            ("read", []) => Ok(Value::Bytes(self.content)),
            ("close", []) => Ok(Value::None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn repr(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        out.push_str(&format!("<Response [{} {}]>", self.status, self.reason.text()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_by_content_type() {
        for (content_type, expected) in [
            ("application/json", Some(None)),
            ("text/html; charset=UTF-8", Some(Some("utf-8".to_owned()))),
            ("text/html; charset=\"UTF-8\"", None),
        ] {
            assert_eq!(charset(Some(content_type)), expected, "{content_type}");
        }
        assert_eq!(charset(None), Some(None));
    }

    #[test]
    fn heads_that_two_readers_read_alike() {
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", true),
            ("HTTP/1.1 200\r\n\r\n", true),
            ("HTTP/1.1 200 \r\n\r\n", true),
            ("HTTP/1.1 200  OK\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nA: \u{e9}\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", false),
        ] {
            let bytes: Vec<u8> = head.chars().map(|letter| letter as u8).collect();
            let Progress::Whole(read) = Head::read(&bytes) else { panic!("{head}") };
            assert_eq!(is_plain(&bytes, &read), expected, "{head}");
        }
    }
}
