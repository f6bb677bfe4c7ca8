//! From the arguments of a call to the bytes of a request (`requests/models.py`, `PreparedRequest`; `http/client.py`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::web::{is_valid, quote_plus};
use super::headers::{self, Headers};
use super::url::{self, Url};
use crate::{BailKind, Cx, Result, Str, Type, Value};

/// What a call asks for; what it does not name is None.
#[derive(Copy, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    pub(super) url: Value<'a>,
    pub(super) params: Value<'a>,
    pub(super) data: Value<'a>,
    pub(super) json: Value<'a>,
    pub(super) headers: Value<'a>,
    pub(super) auth: Value<'a>,
}

/// What its session adds.
#[derive(Copy, Clone)]
pub(super) struct Defaults<'a> {
    pub(super) headers: Headers<'a>,
    pub(super) params: Value<'a>,
    pub(super) auth: Value<'a>,
}

/// A request that can be sent.
pub(super) struct Prepared<'a> {
    pub(super) method: &'a str,
    pub(super) url: Url,
    pub(super) headers: Headers<'a>,
    pub(super) body: Option<Vec<u8>>,
}

impl<'a> Prepared<'a> {
    /// What is sent.
    pub(super) fn bytes(&self, cx: &'a Cx<'a>, g: u32) -> Result<Vec<u8>> {
        let mut bytes = head(cx, self.method, &self.url, self.headers, g)?;
        bytes.extend(self.body.iter().flatten());
        Ok(bytes)
    }

    /// The request that a redirect leads to (`resolve_redirects`, `rebuild_method`); none where that is not plain.
    pub(super) fn redirected(self, cx: &'a Cx<'a>, status: u16, location: &str, g: u32) -> Result<Option<Self>> {
        let Some(url) = url::resolve(&self.url, location) else { return Ok(None) };
        let method = match (status, self.method) {
            (303 | 302, method) if method != "HEAD" => "GET",
            (301, "POST") => "GET",
            (_, method) => method,
        };
        let text = |name: &str| crate::str_new(cx, name, g).map(Value::Str);
        let mut body = self.body;
        if !matches!(status, 307 | 308) {
            for name in ["Content-Length", "Content-Type", "Transfer-Encoding"] {
                self.headers.remove(cx, text(name)?, g)?;
            }
            body = None;
        }
        let place = |url: &Url| (url.is_secure, url.host.clone(), url.port);
        if place(&url) != place(&self.url) && self.headers.get_text(cx, "authorization", g)?.is_some() {
            return Ok(None);
        }
        Ok(Some(Self { method, url, headers: self.headers, body }))
    }
}

/// The request; bails out where CPython would raise, or do what is not done here.
pub(super) fn prepare<'a>(cx: &'a Cx<'a>, ask: Ask<'a>, defaults: Defaults<'a>, g: u32) -> Result<Prepared<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let Value::Str(text) = ask.url else { return Err(unsupported()) };
    let params = merged_params(cx, ask.params, defaults.params, g)?;
    let url = url::prepare(text.text(), &query(cx, params, g)?).ok_or_else(unsupported)?;
    let headers = headers::merged(cx, Some(defaults.headers), ask.headers, g)?;
    for own in ["content-length", "transfer-encoding", "cookie", "expect"] {
        if headers.get_text(cx, own, g)?.is_some() {
            return Err(unsupported());
        }
    }
    let (body, content_type) = body(cx, ask, g)?;
    match &body {
        Some(body) if !body.is_empty() => headers.set_text(cx, "Content-Length", &body.len().to_string(), g)?,
        Some(_) => return Err(unsupported()),
        None if matches!(ask.method, "GET" | "HEAD") => {}
        None => headers.set_text(cx, "Content-Length", "0", g)?,
    }
    if let Some(content_type) = content_type
        && headers.get_text(cx, "content-type", g)?.is_none()
    {
        headers.set_text(cx, "Content-Type", content_type, g)?;
    }
    let auth = if matches!(ask.auth, Value::None) { defaults.auth } else { ask.auth };
    if let Some(basic) = basic(auth, g)? {
        headers.set_text(cx, "Authorization", &basic, g)?;
    }
    Ok(Prepared { method: ask.method, url, headers, body })
}

/// `params` of the call over those of the session.
fn merged_params<'a>(cx: &'a Cx<'a>, own: Value<'a>, session: Value<'a>, g: u32) -> Result<Value<'a>> {
    let own = if crate::truth(cx, own, g)? { own } else { Value::None };
    match (own, session) {
        (_, Value::None) => match own {
            Value::Dict(dict) => without_none(cx, dict, g),
            _ => Ok(own),
        },
        (Value::None, Value::Dict(session)) => without_none(cx, session, g),
        (Value::Dict(own), Value::Dict(session)) if session.kind() == Type::Dict => {
            let all = session.copy(cx, g)?;
            for (name, value) in own.entries().collect::<Vec<_>>() {
                all.set(cx, name, value, g)?;
            }
            without_none(cx, all, g)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn without_none<'a>(cx: &'a Cx<'a>, dict: crate::Dict<'a>, g: u32) -> Result<Value<'a>> {
    if dict.kind() != Type::Dict {
        return Err(BailKind::Unsupported.at(g));
    }
    let items: Vec<_> = dict.entries().filter(|(_, value)| !matches!(value, Value::None)).collect();
    crate::dict_new(cx, &items, g).map(Value::Dict)
}

/// The query that `params` make.
fn query<'a>(cx: &'a Cx<'a>, params: Value<'a>, g: u32) -> Result<String> {
    match params {
        Value::None => Ok(String::new()),
        // As it stands; what must be quoted of it is quoted with the whole URL.
        Value::Str(text) => {
            if text.text().contains('#') {
                Err(BailKind::Unsupported.at(g))
            } else {
                Ok(text.text().to_owned())
            }
        }
        _ => encoded(cx, params, g),
    }
}

/// `_encode_params`: names and values as `urlencode` writes them.
fn encoded<'a>(cx: &'a Cx<'a>, data: Value<'a>, g: u32) -> Result<String> {
    let unsupported = || BailKind::Unsupported.at(g);
    let pairs: Vec<(Value<'a>, Value<'a>)> = match data {
        Value::Dict(dict) if dict.kind() == Type::Dict => dict.entries().collect(),
        Value::List(list) => {
            let pair = |item: Value<'a>| match item {
                Value::Tuple(pair) if pair.items().len() == 2 => Ok((pair.items()[0], pair.items()[1])),
                _ => Err(unsupported()),
            };
            list.to_vec().into_iter().map(pair).collect::<Result<_>>()?
        }
        _ => return Err(unsupported()),
    };
    let mut out = String::new();
    for (name, values) in pairs {
        let values = match values {
            Value::List(list) => list.to_vec(),
            Value::Tuple(tuple) => tuple.items().to_vec(),
            one => vec![one],
        };
        for value in values.into_iter().filter(|value| !matches!(value, Value::None)) {
            if !out.is_empty() {
                out.push('&');
            }
            quote_plus(&plain(cx, name, g)?, &mut out);
            out.push('=');
            quote_plus(&plain(cx, value, g)?, &mut out);
        }
    }
    Ok(out)
}

/// A name or value as bytes: texts as they are, numbers as `str` prints them.
fn plain<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Vec<u8>> {
    match v {
        Value::Str(text) => Ok(text.text().as_bytes().to_vec()),
        Value::Bytes(bytes) => Ok(bytes.bytes().to_vec()),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            crate::repr::repr_text(cx, v, g).map(String::into_bytes)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The body, if there is one, and what type it is of.
fn body<'a>(cx: &'a Cx<'a>, ask: Ask<'a>, g: u32) -> Result<(Option<Vec<u8>>, Option<&'static str>)> {
    const FORM: &str = "application/x-www-form-urlencoded";
    if !crate::truth(cx, ask.data, g)? {
        return match ask.json {
            Value::None => Ok((None, None)),
            json => {
                let text = crate::library::json::text_of(cx, json, g)?;
                Ok((Some(text.into_bytes()), Some("application/json")))
            }
        };
    }
    match ask.data {
        Value::Str(text) if text.is_ascii() => Ok((Some(text.text().as_bytes().to_vec()), None)),
        Value::Bytes(bytes) => Ok((Some(bytes.bytes().to_vec()), None)),
        Value::Dict(_) | Value::List(_) => Ok((Some(encoded(cx, ask.data, g)?.into_bytes()), Some(FORM))),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// The value of the header for a pair of name and password.
fn basic(auth: Value<'_>, g: u32) -> Result<Option<String>> {
    let latin = |v: &Value<'_>| match v {
        Value::Str(text) => text.text().chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
        _ => None,
    };
    match auth {
        Value::None => Ok(None),
        Value::Tuple(pair) if pair.items().len() == 2 => {
            let parts: Option<Vec<Vec<u8>>> = pair.items().iter().map(latin).collect();
            let parts = parts.ok_or_else(|| BailKind::Unsupported.at(g))?;
            Ok(Some(format!("Basic {}", STANDARD.encode([&parts[0][..], b":", &parts[1]].concat()))))
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// Request line and headers, as `http.client` and urllib3 write them.
fn head<'a>(cx: &'a Cx<'a>, method: &str, url: &Url, headers: Headers<'a>, g: u32) -> Result<Vec<u8>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let mut bytes = format!("{method} {} HTTP/1.1\r\n", url.target).into_bytes();
    if headers.get_text(cx, "host", g)?.is_none() {
        bytes.extend(format!("Host: {}", url.host).bytes());
        if url.port != if url.is_secure { 443 } else { 80 } {
            bytes.extend(format!(":{}", url.port).bytes());
        }
        bytes.extend(b"\r\n");
    }
    if headers.get_text(cx, "accept-encoding", g)?.is_none() {
        bytes.extend(b"Accept-Encoding: identity\r\n");
    }
    if headers.get_text(cx, "user-agent", g)?.is_none() {
        return Err(unsupported());
    }
    for (name, value) in headers.pairs() {
        let (Value::Str(name), Value::Str(value)) = (name, value) else { return Err(unsupported()) };
        if !is_valid(name, value) {
            return Err(unsupported());
        }
        write(name, value, &mut bytes);
    }
    bytes.extend(b"\r\n");
    Ok(bytes)
}

fn write(name: Str<'_>, value: Str<'_>, bytes: &mut Vec<u8>) {
    bytes.extend(name.text().bytes());
    bytes.extend(b": ");
    bytes.extend(value.text().chars().map(|letter| u32::from(letter) as u8));
    bytes.extend(b"\r\n");
}
