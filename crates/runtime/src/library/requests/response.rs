//! `Response` (`requests/models.py`).

use std::cell::Cell;
use std::io::Read as _;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::super::untold::raise_within;
use super::headers::Headers;
use crate::http::{Head, Progress};
use crate::{Args, Bail, BailKind, Bytes, Cx, Obj, Result, Str, Type, Value, bytes_new, object_new, str_new};

/// What came back.
pub(super) struct Response<'a> {
    status: u16,
    reason: Str<'a>,
    url: Str<'a>,
    headers: Headers<'a>,
    /// `headers` as an object, of which there is one.
    shown: Value<'a>,
    content: Bytes<'a>,
    encoding: Cell<Value<'a>>,
    /// A list.
    history: Cell<Value<'a>>,
}

/// The answer in `bytes`; bails out where Python's reading of it is not plain.
pub(super) fn read<'a>(cx: &'a Cx<'a>, bytes: &[u8], bodiless: bool, url: &str, g: u32) -> Result<Response<'a>> {
    let odd = || BailKind::Effect.at(g);
    let Progress::Whole(head) = Head::read(bytes) else { return Err(odd()) };
    let content = bytes_new(cx, &head.body(bytes, bodiless).ok_or_else(odd)?, g)?;
    let content = match head.header("content-encoding") {
        Some(_) if content.bytes().is_empty() => content,
        Some(encoding) => bytes_new(cx, &decoded(&encoding, content.bytes(), cx.memory_bytes()).ok_or_else(odd)?, g)?,
        None => content,
    };
    let headers = Headers::new(cx, g)?;
    for (at, (name, _)) in head.headers.iter().enumerate() {
        let is_first = head.headers[..at].iter().all(|(known, _)| !known.eq_ignore_ascii_case(name));
        if let Some(value) = head.header(name).filter(|_| is_first) {
            headers.set_text(cx, name, &value, g)?;
        }
    }
    let encoding = match head.header("content-type") {
        None => None,
        Some(content_type) => encoding_of(&content_type).ok_or_else(odd)?,
    };
    let encoding = encoding.map_or(Ok(Value::None), |name| str_new(cx, &name, g).map(Value::Str))?;
    Ok(Response {
        status: head.status,
        reason: str_new(cx, &head.reason, g)?,
        url: str_new(cx, url, g)?,
        headers,
        shown: headers.object(cx, g)?,
        content,
        encoding: Cell::new(encoding),
        history: Cell::new(Value::None),
    })
}

/// A body as urllib3 decodes it (`urllib3/response.py`); none where it is broken, too large, or in another encoding.
fn decoded(encoding: &str, bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let most = most as u64;
    let mut out = Vec::new();
    let whole = match encoding.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => MultiGzDecoder::new(bytes).take(most).read_to_end(&mut out),
        "deflate" => ZlibDecoder::new(bytes).take(most).read_to_end(&mut out).or_else(|_| {
            out.clear();
            DeflateDecoder::new(bytes).take(most).read_to_end(&mut out)
        }),
        _ => return None,
    };
    whole.ok().filter(|count| (*count as u64) < most)?;
    Some(out)
}

/// `get_encoding_from_headers`; none where a parameter is written in a rarer way.
fn encoding_of(content_type: &str) -> Option<Option<String>> {
    let mut parts = content_type.split(';');
    let kind = parts.next()?.trim();
    let mut charset = None;
    for part in parts {
        let Some((name, value)) = part.split_once('=') else { return part.trim().is_empty().then_some(None) };
        if name.trim().trim_matches(['"', '\'']).eq_ignore_ascii_case("charset") {
            charset = Some(value.trim().trim_matches(['"', '\'', ' ']).to_owned());
        }
    }
    Some(match charset {
        Some(charset) => Some(charset),
        None if kind.contains("text") => Some("ISO-8859-1".to_owned()),
        None if kind.contains("application/json") => Some("utf-8".to_owned()),
        None => None,
    })
}

impl<'a> Response<'a> {
    pub(super) fn object(self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        object_new(cx, self, g)
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Whether `raise_for_status` has nothing to say.
    fn is_ok(&self) -> bool {
        !(400..600).contains(&self.status)
    }

    /// Where it leads, if it is a redirect.
    pub(super) fn location(&self, cx: &'a Cx<'a>, g: u32) -> Result<Option<&'a str>> {
        match self.status {
            301 | 302 | 303 | 307 | 308 => self.headers.get_text(cx, "location", g),
            _ => Ok(None),
        }
    }

    /// The same, with the answers before it.
    pub(super) fn after(self, cx: &'a Cx<'a>, history: &[Value<'a>], g: u32) -> Result<Self> {
        self.history.set(Value::List(crate::list_new(cx, history, g)?));
        Ok(self)
    }

    /// Whether it sets a cookie, which later requests of its session would carry.
    pub(super) fn sets_cookie(&self, cx: &'a Cx<'a>, g: u32) -> Result<bool> {
        Ok(self.headers.get_text(cx, "set-cookie", g)?.is_some())
    }

    fn text(&self, cx: &'a Cx<'a>, g: u32) -> Result<Str<'a>> {
        let bytes = self.content.bytes();
        match self.encoding.get() {
            _ if bytes.is_empty() => str_new(cx, "", g),
            Value::Str(encoding) => {
                let errors = Value::Str(str_new(cx, "replace", g)?);
                match crate::codec::decode(cx, bytes, Args::of(&[Value::Str(encoding), errors]), g)? {
                    Value::Str(text) => Ok(text),
                    _ => Err(BailKind::Unsupported.at(g)),
                }
            }
            // Whatever is guessed for it, this it is.
            Value::None if bytes.is_ascii() => str_new(cx, &String::from_utf8_lossy(bytes), g),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    /// `json()`
    fn json(&self, cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let bytes = self.content.bytes();
        let guessed = matches!(self.encoding.get(), Value::None) && bytes.len() > 3;
        let text = match guessed {
            true if bytes[..4].contains(&0) => return Err(unsupported()),
            true => str_new(cx, str::from_utf8(bytes).map_err(|_| unsupported())?, g)?,
            false => self.text(cx, g)?,
        };
        if text.text().starts_with('\u{feff}') {
            return Err(unsupported());
        }
        cx.burn(bytes.len(), g)?;
        match crate::json::parse(cx, text.text(), g) {
            Err(bail) if bail.kind() == BailKind::Exception => Err(no_json(cx, text.text(), g)?),
            parsed => parsed,
        }
    }

    fn raise_for_status(&self, cx: &'a Cx<'a>, this: Value<'a>, g: u32) -> Result<Value<'a>> {
        let kind = match self.status {
            400..500 => "Client",
            500..600 => "Server",
            _ => return Ok(Value::None),
        };
        let (status, reason, url) = (self.status, self.reason.text(), self.url.text());
        let text = str_new(cx, &format!("{status} {kind} Error: {reason} for url: {url}"), g)?;
        let error = crate::exception_new(cx, cx.class(Type::RequestsHttpError, g)?, &[Value::Str(text)], g)?;
        let attributes = error.dict(cx, g)?;
        attributes.set(cx, Value::Str(cx.name("response", g)?), this, g)?;
        Err(cx.throw(error, g))
    }
}

/// Raises the `JSONDecodeError` of `requests`.
fn no_json<'a>(cx: &'a Cx<'a>, text: &str, g: u32) -> Result<Bail> {
    let message = crate::json::scan::fault(text).ok_or_else(|| BailKind::Exception.at(g))?;
    let message = Value::Str(str_new(cx, &message, g)?);
    let error = crate::exception_new(cx, cx.class(Type::RequestsJsonDecodeError, g)?, &[message], g)?;
    error.dict(cx, g)?.set(cx, Value::Str(cx.name("response", g)?), Value::None, g)?;
    raise_within(cx, error, false, g)
}

impl<'a> Obj<'a> for Response<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Ok(Some(match name {
            "status_code" => Value::Int(self.status.into()),
            "ok" => Value::bool(self.is_ok()),
            "reason" => Value::Str(self.reason),
            "url" => Value::Str(self.url),
            "headers" => self.shown,
            "content" => Value::Bytes(self.content),
            "encoding" => self.encoding.get(),
            "text" => Value::Str(self.text(cx, g)?),
            "is_redirect" => Value::bool(self.location(cx, g)?.is_some()),
            "history" => self.history.get(),
            _ if self.has_method(name) => return Ok(None),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn set_attr(&self, _cx: &'a Cx<'a>, name: Str<'a>, value: Value<'a>, g: u32) -> Result<()> {
        match (name.text(), value) {
            ("encoding", Value::None | Value::Str(_)) => {
                self.encoding.set(value);
                Ok(())
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "json" | "raise_for_status" | "close" | "__enter__" | "__exit__")
    }

    fn method(&self, cx: &'a Cx<'a>, this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("json", []) => self.json(cx, g),
            ("raise_for_status", []) => self.raise_for_status(cx, this, g),
            ("close", []) | ("__exit__", _) => Ok(Value::None),
            ("__enter__", []) => Ok(this),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn truth(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<bool> {
        Ok(self.is_ok())
    }

    fn repr(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        out.push_str(&format!("<Response [{}]>", self.status));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::encoding_of;

    #[test]
    fn encodings_by_content_type() {
        for (content_type, encoding) in [
            ("application/json", Some("utf-8")),
            ("text/html", Some("ISO-8859-1")),
            ("text/html; charset=UTF-8", Some("UTF-8")),
            ("application/octet-stream", None),
            ("text/plain; Charset=\"latin-1\"", Some("latin-1")),
        ] {
            assert_eq!(encoding_of(content_type), Some(encoding.map(str::to_owned)), "{content_type}");
        }
    }
}
