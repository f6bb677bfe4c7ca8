//! `requests` (version 2), over the daemon's connections.
//!
//! What is sent is byte for byte what requests, urllib3 and `http.client` send; what is answered is read as they read it.
//! What goes beyond bails out before anything is sent; an answer that only they know how to read, or the text of an
//! exception, afterwards: their rerun finds in the journal what came.

mod headers;
mod prepare;
mod response;
mod session;
mod url;

use std::time::Duration;

use self::headers::Headers;
use self::prepare::{Ask, Defaults};
use self::response::Response;
use super::untold::{raise_within, untold};
use super::web::{is_configured, timeouts};
use crate::exchange::Failure;
use crate::host::Request;
use crate::{Args, BailKind, Bool, Builtin, Cx, Result, Type, Value, exception_new};

/// The functions of `requests`, which make a session for each call.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "requests", name: "get", call: |cx, args, g| once(cx, "get", args, g) },
    Builtin { module: "requests", name: "options", call: |cx, args, g| once(cx, "options", args, g) },
    Builtin { module: "requests", name: "head", call: |cx, args, g| once(cx, "head", args, g) },
    Builtin { module: "requests", name: "post", call: |cx, args, g| once(cx, "post", args, g) },
    Builtin { module: "requests", name: "put", call: |cx, args, g| once(cx, "put", args, g) },
    Builtin { module: "requests", name: "patch", call: |cx, args, g| once(cx, "patch", args, g) },
    Builtin { module: "requests", name: "delete", call: |cx, args, g| once(cx, "delete", args, g) },
    Builtin { module: "requests", name: "request", call: |cx, args, g| once(cx, "request", args, g) },
    Builtin { module: "requests", name: "session", call: |cx, args, g| session::new(cx, args, g) },
];

/// What each method takes by position behind the URL.
const METHODS: &[(&str, &[&str])] = &[
    ("get", &["params"]),
    ("options", &[]),
    ("head", &[]),
    ("post", &["data", "json"]),
    ("put", &["data"]),
    ("patch", &["data"]),
    ("delete", &[]),
];

/// `DEFAULT_REDIRECT_LIMIT`
const MOST_REDIRECTS: usize = 30;

/// `Session()`
pub(super) fn session<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    session::new(cx, args, g)
}

/// A session of the module, of its headers, params and auth.
pub(crate) fn session_of_module<'a>(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    session::of_module(cx, parts, g)
}

fn once<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let headers = default_headers(cx, g)?;
    perform(cx, name, args, Defaults { headers, params: Value::None, auth: Value::None }, g)?.object(cx, g)
}

/// `default_headers()` of the installed version.
fn default_headers<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Headers<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let headers = Headers::new(cx, g)?;
    headers.set_text(cx, "User-Agent", &cx.fact("requests.user_agent").ok_or_else(unsupported)?, g)?;
    headers.set_text(cx, "Accept-Encoding", &cx.fact("requests.accept_encoding").ok_or_else(unsupported)?, g)?;
    headers.set_text(cx, "Accept", "*/*", g)?;
    headers.set_text(cx, "Connection", "keep-alive", g)?;
    Ok(headers)
}

/// Sends what a method of a session asks for.
fn perform<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, defaults: Defaults<'a>, g: u32) -> Result<Response<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let (method, positional, names): (&str, &[Value<'a>], &[&str]) = match name {
        "request" => match args.pos {
            [Value::Str(method), rest @ ..] if method.is_ascii() => (method.text(), rest, &[]),
            _ => return Err(unsupported()),
        },
        _ => {
            let (_, names) = METHODS.iter().find(|(known, _)| *known == name).ok_or_else(unsupported)?;
            (name, args.pos, names)
        }
    };
    let method = crate::str_new(cx, &method.to_ascii_uppercase(), g)?.text();
    if !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(unsupported());
    }
    let mut ask = Ask {
        method,
        url: Value::None,
        params: Value::None,
        data: Value::None,
        json: Value::None,
        headers: Value::None,
        auth: Value::None,
    };
    let mut verify = Value::None;
    let (mut timeout, mut follows) = (Value::None, method != "HEAD" || name == "request");
    let places = std::iter::once("url").chain(names.iter().copied());
    if places.clone().take(positional.len()).any(|name| args.keyword(name).is_some()) {
        return Err(BailKind::Exception.at(g));
    }
    let by_position = places.zip(positional).map(|(name, value)| (name, *value));
    if positional.len() > names.len() + 1 {
        return Err(unsupported());
    }
    for (name, value) in by_position.chain(args.kw.iter().map(|(name, value)| (name.text(), *value))) {
        match (name, value) {
            ("url", value) => ask.url = value,
            ("params", value) => ask.params = value,
            ("data", value) => ask.data = value,
            ("json", value) => ask.json = value,
            ("headers", value) => ask.headers = value,
            ("auth", value) => ask.auth = value,
            ("timeout", value) => timeout = value,
            ("allow_redirects", Value::Bool(value)) => follows = value.get(),
            ("verify", Value::None | Value::Bool(_) | Value::Str(_)) => verify = value,
            ("stream", Value::None | Value::Bool(Bool::False)) => {}
            ("cookies" | "files" | "proxies" | "hooks" | "cert", Value::None) => {}
            _ => return Err(unsupported()),
        }
    }
    if cx.fact("netrc").is_some() {
        return Err(unsupported());
    }
    let timeouts = timeouts(timeout, g)?;
    let mut prepared = prepare::prepare(cx, ask, defaults, g)?;
    let mut history = Vec::new();
    loop {
        let response = send(cx, &prepared, verify, timeouts, g)?;
        let Some(location) = response.location(cx, g)? else { return response.after(cx, &history, g) };
        // Cookies would go with the next request; where it is not followed, that is made ready all the same.
        if history.len() >= MOST_REDIRECTS || response.sets_cookie(cx, g)? {
            return Err(BailKind::Effect.at(g));
        }
        let next = prepared.redirected(cx, response.status(), location, g)?.ok_or_else(|| BailKind::Effect.at(g))?;
        if !follows {
            return response.after(cx, &history, g);
        }
        prepared = next;
        history.push(response.after(cx, &history, g)?.object(cx, g)?);
    }
}

/// Sends a request, and reads the answer.
fn send<'a>(
    cx: &'a Cx<'a>,
    prepared: &prepare::Prepared<'a>,
    verify: Value<'a>,
    [connect_timeout, read_timeout]: [Option<Duration>; 2],
    g: u32,
) -> Result<Response<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    if is_configured(cx, prepared.url.is_secure) {
        return Err(unsupported());
    }
    let bundle = match (prepared.url.is_secure, verify) {
        (false, _) => None,
        (true, Value::Str(file)) => Some(file.text().to_owned()),
        (true, Value::None | Value::Bool(Bool::True)) => Some(cx.fact("requests.bundle").ok_or_else(unsupported)?),
        // That is warned of.
        (true, _) => return Err(unsupported()),
    };
    let bodiless = prepared.method == "HEAD";
    let request = Request {
        host: &prepared.url.host,
        port: prepared.url.port,
        trusted: bundle.as_deref(),
        bytes: &prepared.bytes(cx, g)?,
        bodiless,
        connect_timeout,
        read_timeout,
        most: cx.memory_bytes() / 4,
    };
    match cx.exchange(&request, g)? {
        Ok(received) => response::read(cx, &received, bodiless, &prepared.url.text, g),
        Err(failure) => failed(cx, &failure, g),
    }
}

/// Raises what `HTTPAdapter.send` and `Response.content` raise (`requests/adapters.py`, `requests/models.py`).
fn failed<'a, T>(cx: &'a Cx<'a>, failure: &Failure, g: u32) -> Result<T> {
    let ty = match failure {
        Failure::NotConnected(None) => Type::RequestsConnectTimeout,
        Failure::NotConnected(Some(_)) | Failure::Dropped => Type::RequestsConnectionError,
        Failure::TimedOut { has_head: false } => Type::RequestsReadTimeout,
        Failure::TimedOut { .. } | Failure::Broken { has_head: false, .. } => Type::RequestsConnectionError,
        Failure::Broken { .. } => return Err(BailKind::Effect.at(g)),
    };
    let error = exception_new(cx, cx.class(ty, g)?, &[untold(cx, g)?], g)?;
    error.dict(cx, g)?.set(cx, Value::Str(cx.name("response", g)?), Value::None, g)?;
    Err(raise_within(cx, error, false, g)?)
}
