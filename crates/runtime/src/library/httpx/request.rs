//! From the arguments of a call to the bytes of a request (`httpx/_client.py`, `_models.py`, `_content.py`; `h11/_writers.py`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::web::{is_valid, quote_plus};
use super::headers::Headers;
use super::url::Url;
use crate::{BailKind, Cx, Result, Str, Type, Value, str_new};

/// What a call asks for; what it does not name is None.
#[derive(Copy, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    pub(super) url: Value<'a>,
    pub(super) params: Value<'a>,
    pub(super) content: Value<'a>,
    pub(super) data: Value<'a>,
    pub(super) json: Value<'a>,
    pub(super) headers: Value<'a>,
}

/// What its client adds.
pub(super) struct Defaults<'a> {
    pub(super) headers: Headers<'a>,
    pub(super) params: Value<'a>,
    pub(super) base: Url,
    /// A pair of name and password, or the header for one.
    pub(super) auth: Value<'a>,
}

/// A request that can be sent.
pub(super) struct Prepared<'a> {
    pub(super) method: &'a str,
    pub(super) url: Url,
    headers: Headers<'a>,
    body: Vec<u8>,
}

/// Whether a header decides how a request is sent, in another way than usual.
fn decides_how(name: &str, value: &str) -> bool {
    match name.to_ascii_lowercase().as_str() {
        "host" | "content-length" | "transfer-encoding" | "expect" | "upgrade" | "cookie" => true,
        "connection" => value != "keep-alive",
        _ => false,
    }
}

/// `build_request` and `BasicAuth`; bails out where CPython would raise, or do what is not done here.
pub(super) fn prepare<'a>(cx: &'a Cx<'a>, ask: Ask<'a>, defaults: &Defaults<'a>, g: u32) -> Result<Prepared<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let given = super::url_text(ask.url, g)?;
    let url = Url::parse(given.text()).and_then(|url| defaults.base.merged(url)).ok_or_else(unsupported)?;
    let url = match merged_params(cx, defaults.params, ask.params, g)? {
        Some(params) => url.with_query(if params.0.is_empty() { None } else { Some(params.text()) }),
        None => url,
    };
    if url.is_relative() {
        return Err(unsupported());
    }
    let headers = Headers::new(cx, &defaults.headers.pairs(), g)?;
    headers.update(cx, &Headers::given(cx, ask.headers, g)?, g)?;
    if headers.pairs().into_iter().any(|(name, value)| decides_how(name.text(), value.text())) {
        return Err(unsupported());
    }
    let (body, content_type) = body(cx, ask, g)?;
    let text = |text: &str| str_new(cx, text, g);
    let mut first = vec![(text("Host")?, text(&url.netloc())?)];
    if !body.is_empty() || content_type.is_some() {
        headers.set(cx, text("Content-Length")?, text(&body.len().to_string())?, g)?;
    } else if matches!(ask.method, "POST" | "PUT" | "PATCH") {
        first.push((text("Content-Length")?, text("0")?));
    }
    if let Some(content_type) = content_type
        && headers.get("content-type").is_none()
    {
        headers.set(cx, text("Content-Type")?, text(content_type)?, g)?;
    }
    first.extend(headers.pairs());
    let headers = Headers::new(cx, &first, g)?;
    if let Some(authorization) = authorization(cx, defaults.auth, g)? {
        headers.set(cx, text("Authorization")?, authorization, g)?;
    }
    Ok(Prepared { method: ask.method, url, headers, body })
}

impl<'a> Prepared<'a> {
    /// What is sent.
    pub(super) fn bytes(&self, g: u32) -> Result<Vec<u8>> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.url.raw_path()).into_bytes();
        for (name, value) in self.headers.pairs() {
            if !is_valid(name, value) || value.text().ends_with(' ') {
                return Err(BailKind::Unsupported.at(g));
            }
            bytes.extend(format!("{}: {}\r\n", name.text(), value.text()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        Ok(bytes)
    }

    /// The request that a redirect leads to (`_build_redirect_request`); none where that is not plain.
    pub(super) fn redirected(&self, cx: &'a Cx<'a>, status: u16, location: &str, g: u32) -> Result<Option<Self>> {
        let Some(url) = self.url.redirected(location) else { return Ok(None) };
        let method = match (status, self.method) {
            (303 | 302, method) if method != "HEAD" => "GET",
            (301, "POST") => "GET",
            (_, method) => method,
        };
        let headers = Headers::new(cx, &self.headers.pairs(), g)?;
        if !url.is_same_origin(&self.url) {
            if headers.get("authorization").is_some() {
                return Ok(None);
            }
            headers.set(cx, str_new(cx, "Host", g)?, str_new(cx, &url.netloc(), g)?, g)?;
        }
        let mut body = self.body.clone();
        if method != self.method {
            headers.remove(cx, "content-length", g)?;
            body.clear();
        }
        Ok(Some(Self { method, url, headers, body }))
    }
}

/// `QueryParams`: names to values.
struct Params(Vec<(String, Vec<String>)>);

impl Params {
    fn of<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<Self> {
        let unsupported = || BailKind::Unsupported.at(g);
        let mut params: Vec<(String, Vec<String>)> = Vec::new();
        match value {
            Value::None => {}
            Value::Dict(dict) if dict.kind() == Type::Dict => {
                for (name, value) in dict.entries().collect::<Vec<_>>() {
                    let values = several(value).iter().map(|value| primitive(cx, *value, g)).collect::<Result<_>>()?;
                    let Value::Str(name) = name else { return Err(unsupported()) };
                    params.push((name.text().to_owned(), values));
                }
            }
            Value::List(_) | Value::Tuple(_) => {
                for item in crate::builtin::collect(cx, value, g)? {
                    let Value::Tuple(pair) = item else { return Err(unsupported()) };
                    let [Value::Str(name), value] = pair.items() else { return Err(unsupported()) };
                    let value = primitive(cx, *value, g)?;
                    match params.iter_mut().find(|(known, _)| known == name.text()) {
                        Some((_, values)) => values.push(value),
                        None => params.push((name.text().to_owned(), vec![value])),
                    }
                }
            }
            _ => return Err(unsupported()),
        }
        Ok(Self(params))
    }

    /// `str(params)`
    fn text(&self) -> String {
        form(self.0.iter().flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.as_str()))))
    }
}

/// `_merge_queryparams`; none if the URL keeps its own.
fn merged_params<'a>(cx: &'a Cx<'a>, client: Value<'a>, call: Value<'a>, g: u32) -> Result<Option<Params>> {
    let (client, own) = (Params::of(cx, client, g)?, Params::of(cx, call, g)?);
    if client.0.is_empty() {
        return Ok((!matches!(call, Value::None)).then_some(own));
    }
    let mut merged = client.0;
    for (name, values) in own.0 {
        match merged.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = values,
            None => merged.push((name, values)),
        }
    }
    Ok(Some(Params(merged)))
}

fn several(value: Value<'_>) -> Vec<Value<'_>> {
    match value {
        Value::List(list) => list.to_vec(),
        Value::Tuple(tuple) => tuple.items().to_vec(),
        one => vec![one],
    }
}

/// `primitive_value_to_str`
fn primitive<'a>(cx: &'a Cx<'a>, value: Value<'a>, g: u32) -> Result<String> {
    match value {
        Value::None => Ok(String::new()),
        Value::Bool(value) => Ok(value.get().to_string()),
        Value::Str(text) => Ok(text.text().to_owned()),
        Value::Int(_) | Value::Big(_) | Value::Float(_) => crate::repr::repr_text(cx, value, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// `urlencode`
fn form<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        quote_plus(name.as_bytes(), &mut out);
        out.push('=');
        quote_plus(value.as_bytes(), &mut out);
    }
    out
}

/// `encode_request`: the body, and what type it is of; without a type and empty, there is none.
fn body<'a>(cx: &'a Cx<'a>, ask: Ask<'a>, g: u32) -> Result<(Vec<u8>, Option<&'static str>)> {
    const FORM: &str = "application/x-www-form-urlencoded";
    let unsupported = || BailKind::Unsupported.at(g);
    let data = match ask.data {
        Value::None => None,
        Value::Dict(data) if data.kind() == Type::Dict => Some(data),
        _ => return Err(unsupported()),
    };
    match ask.content {
        Value::None => {}
        Value::Str(text) => return Ok((text.text().as_bytes().to_vec(), None)),
        Value::Bytes(bytes) => return Ok((bytes.bytes().to_vec(), None)),
        _ => return Err(unsupported()),
    }
    if let Some(data) = data.filter(|data| !data.is_empty()) {
        let mut pairs = Vec::new();
        for (name, value) in data.entries().collect::<Vec<_>>() {
            let Value::Str(name) = name else { return Err(unsupported()) };
            for value in several(value) {
                pairs.push((name.text(), primitive(cx, value, g)?));
            }
        }
        let text = form(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        return Ok((text.into_bytes(), Some(FORM)));
    }
    match ask.json {
        Value::None => Ok((Vec::new(), None)),
        json => Ok((crate::library::json::compact(cx, json, g)?.into_bytes(), Some("application/json"))),
    }
}

/// The header for a pair of name and password (`BasicAuth`).
fn authorization<'a>(cx: &'a Cx<'a>, auth: Value<'a>, g: u32) -> Result<Option<Str<'a>>> {
    match auth {
        Value::None => Ok(None),
        Value::Str(header) => Ok(Some(header)),
        Value::Tuple(pair) if let [Value::Str(name), Value::Str(password)] = pair.items() => {
            let both = STANDARD.encode(format!("{}:{}", name.text(), password.text()));
            str_new(cx, &format!("Basic {both}"), g).map(Some)
        }
        _ => Err(BailKind::Unsupported.at(g)),
    }
}
