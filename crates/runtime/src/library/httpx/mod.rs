//! `httpx` (version 0.28), its interface without `async`, over the daemon's connections.
//!
//! As with `requests`: what is sent is byte for byte what httpx, httpcore and h11 send, what is answered is read as they read it,
//! and what goes beyond is left to them, before anything is sent or with what came in the journal.

mod client;
mod headers;
mod request;
mod response;
mod url;

use std::time::Duration;

use self::client::Client;
use self::request::{Ask, Defaults};
use self::response::Response;
use super::untold::raise_within;
use super::web::{self, is_configured};
use crate::exchange::{Failure, os_error_text};
use crate::host::Request;
use crate::{Args, Bail, BailKind, Builtin, Cx, Obj, Result, Str, Type, Value, exception_new, object_new};

/// The functions of `httpx`, which make a client for each call.
pub(super) const TABLE: &[Builtin] = &[
    Builtin { module: "httpx", name: "get", call: |cx, args, g| once(cx, "get", args, g) },
    Builtin { module: "httpx", name: "options", call: |cx, args, g| once(cx, "options", args, g) },
    Builtin { module: "httpx", name: "head", call: |cx, args, g| once(cx, "head", args, g) },
    Builtin { module: "httpx", name: "post", call: |cx, args, g| once(cx, "post", args, g) },
    Builtin { module: "httpx", name: "put", call: |cx, args, g| once(cx, "put", args, g) },
    Builtin { module: "httpx", name: "patch", call: |cx, args, g| once(cx, "patch", args, g) },
    Builtin { module: "httpx", name: "delete", call: |cx, args, g| once(cx, "delete", args, g) },
    Builtin { module: "httpx", name: "request", call: |cx, args, g| once(cx, "request", args, g) },
];

/// `DEFAULT_MAX_REDIRECTS`
const MOST_REDIRECTS: usize = 20;

/// How long connecting and reading may take.
type Timeouts = [Option<Duration>; 2];

/// `DEFAULT_TIMEOUT_CONFIG`
const USUAL: Timeouts = [Some(Duration::from_secs(5)); 2];

/// `Client(…)`
pub(super) fn client<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    object_new(cx, Client::new(cx, args, g)?, g)
}

/// `URL(url)`
pub(super) fn url<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let [given] = args.positional(g)? else { return Err(unsupported()) };
    let text = url_text(*given, g)?;
    let normal = url::Url::parse(text.text()).ok_or_else(unsupported)?.text();
    object_new(cx, url::Shown(crate::str_new(cx, &normal, g)?), g)
}

/// The text of a URL that is given as that or as an object.
fn url_text(given: Value<'_>, g: u32) -> Result<Str<'_>> {
    match given {
        Value::Str(text) => Ok(text),
        Value::Object(url) => url.get().as_url().ok_or_else(|| BailKind::Unsupported.at(g)),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// A client of the module, of its base URL, headers, params, auth, timeouts, and whether it follows redirects.
pub(crate) fn client_of_module<'a>(cx: &'a Cx<'a>, parts: &[Value<'a>], g: u32) -> Result<Value<'a>> {
    object_new(cx, Client::of_module(cx, parts, g)?, g)
}

/// `get(url, …)` and the like: a client for one call.
fn once<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let of_client =
        |name: &str| matches!(name, "timeout" | "verify" | "trust_env" | "proxy" | "cookies" | "follow_redirects");
    let (made, asked): (Vec<_>, Vec<_>) = args.kw.iter().partition(|(name, _)| of_client(name.text()));
    let client = Client::new(cx, Args { pos: &[], kw: &made }, g)?;
    client.perform(cx, name, Args { pos: args.pos, kw: &asked }, g)?.object(cx, g)
}

/// What one call overrides of its client.
struct Call<'a> {
    ask: Ask<'a>,
    timeouts: Timeouts,
    follows: bool,
}

/// Sends what a call asks for, and follows where it leads.
fn perform<'a>(cx: &'a Cx<'a>, call: &Call<'a>, defaults: &Defaults<'a>, g: u32) -> Result<Response<'a>> {
    let odd = || BailKind::Effect.at(g);
    let mut prepared = request::prepare(cx, call.ask, defaults, g)?;
    let mut history = Vec::new();
    loop {
        let response = send(cx, &prepared, call.timeouts, g)?;
        let Some(location) = response.location() else { return response.after(cx, &history, g) };
        // The next request is made even where it is not sent, and would carry the cookies.
        let next = prepared.redirected(cx, response.status(), &location, g)?.ok_or_else(odd)?;
        if !call.follows {
            return response.after(cx, &history, g);
        }
        if history.len() >= MOST_REDIRECTS || response.sets_cookie() {
            return Err(odd());
        }
        prepared = next;
        history.push(response.after(cx, &history, g)?.object(cx, g)?);
    }
}

/// Sends a request, and reads the answer.
fn send<'a>(cx: &'a Cx<'a>, prepared: &request::Prepared<'a>, timeouts: Timeouts, g: u32) -> Result<Response<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let is_secure = prepared.url.is_secure();
    if is_configured(cx, is_secure) {
        return Err(unsupported());
    }
    let bundle = if is_secure { Some(bundle(cx).ok_or_else(unsupported)?) } else { None };
    let bodiless = prepared.method == "HEAD";
    let [connect_timeout, read_timeout] = timeouts;
    let request = Request {
        host: &prepared.url.host,
        port: prepared.url.port(),
        trusted: bundle.as_deref(),
        bytes: &prepared.bytes(g)?,
        bodiless,
        connect_timeout,
        read_timeout,
        most: cx.memory_bytes() / 4,
    };
    match cx.exchange(&request, g)? {
        Ok(received) => response::read(cx, &received, bodiless, &prepared.url, g),
        Err(failure) => Err(failed(cx, &failure, g)?),
    }
}

/// What `map_httpcore_exceptions` raises (`httpx/_transports/default.py`; `httpcore/_backends/sync.py`, `_sync/http11.py`).
fn failed<'a>(cx: &'a Cx<'a>, failure: &Failure, g: u32) -> Result<Bail> {
    let (ty, text) = match failure {
        Failure::NotConnected(None) => (Type::HttpxConnectTimeout, "timed out".to_owned()),
        Failure::NotConnected(Some(number)) => (Type::HttpxConnectError, os_error_text(*number)),
        Failure::TimedOut { .. } => (Type::HttpxReadTimeout, "timed out".to_owned()),
        Failure::Dropped => {
            (Type::HttpxRemoteProtocolError, "Server disconnected without sending a response.".to_owned())
        }
        Failure::Broken { number, .. } => (Type::HttpxReadError, os_error_text(*number)),
    };
    let error = exception_new(cx, cx.class(ty, g)?, &[Value::Str(crate::str_new(cx, &text, g)?)], g)?;
    raise_within(cx, error, true, g)
}

/// The file of those whom a client trusts (`create_ssl_context`); none where that is a folder.
fn bundle<'a>(cx: &'a Cx<'a>) -> Option<String> {
    let given = |name: &str| cx.variable(name).filter(|value| !value.is_empty());
    match (given("SSL_CERT_FILE"), given("SSL_CERT_DIR")) {
        (Some(file), _) => Some(file),
        (None, Some(_)) => None,
        (None, None) => cx.fact("httpx.bundle"),
    }
}

/// `Timeout(value)`
fn timeouts(value: Value<'_>, g: u32) -> Result<Timeouts> {
    match value {
        Value::Object(object) => object.get().as_timeouts().ok_or_else(|| BailKind::Unsupported.at(g)),
        Value::Tuple(four) => match four.items() {
            [connect, read, ..] => Ok([limit(*connect, g)?, limit(*read, g)?]),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        one => limit(one, g).map(|one| [one; 2]),
    }
}

fn limit(value: Value<'_>, g: u32) -> Result<Option<Duration>> {
    match value {
        Value::Tuple(_) => Err(BailKind::Unsupported.at(g)),
        one => web::timeouts(one, g).map(|[one, _]| one),
    }
}

/// `httpx.Timeout`
struct Timeout(Timeouts);

/// `Timeout(timeout, *, connect, read, write, pool)`
pub(super) fn timeout<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [all, connect, read, write, pool] = args.bind(["timeout", "connect", "read", "write", "pool"], 0, 1, g)?;
    let made = match (all, [connect, read, write, pool]) {
        (Some(all), [None, None, None, None]) => timeouts(all, g)?,
        // A tuple or another Timeout has them all.
        (Some(Value::Tuple(_) | Value::Object(_)), _) => return Err(BailKind::Unsupported.at(g)),
        (Some(all), [connect, read, ..]) => [limit(connect.unwrap_or(all), g)?, limit(read.unwrap_or(all), g)?],
        (None, [Some(connect), Some(read), Some(_), Some(_)]) => [limit(connect, g)?, limit(read, g)?],
        (None, _) => return Err(BailKind::Exception.at(g)),
    };
    object_new(cx, Timeout(made), g)
}

impl<'a> Obj<'a> for Timeout {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_timeouts(&self) -> Option<[Option<Duration>; 2]> {
        Some(self.0)
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, _name: &str, g: u32) -> Result<Option<Value<'a>>> {
        Err(BailKind::Unsupported.at(g))
    }
}

/// The header of that name with the installed version's value.
fn fact<'a>(cx: &'a Cx<'a>, name: &str, g: u32) -> Result<Str<'a>> {
    let text = cx.fact(name).ok_or_else(|| BailKind::Unsupported.at(g))?;
    crate::str_new(cx, &text, g)
}
