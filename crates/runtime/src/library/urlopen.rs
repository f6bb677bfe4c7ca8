//! `urllib.request` (`Lib/urllib/request.py`, `Lib/http/client.py`): `urlopen` and `Request`, over the daemon's connections.
//!
//! As with `requests`: what is sent is byte for byte what CPython sends, and what only it can tell, as where a redirect leads, is left to it.

use std::time::Duration;

use super::http_client::response;
use super::untold::{raise_within, untold};
use super::web::{self, is_configured, is_plain_host, timeouts};
use crate::exchange::Failure;
use crate::host::Request as Exchange;
use crate::http::{Head, Progress};
use crate::{
    Args, Bail, BailKind, Builtin, Bytes, Cx, Dict, Obj, Result, Str, Type, Value, dict_new, exception_new, object_new,
    str_new,
};

/// The functions of `urllib.request`.
pub(super) const TABLE: &[Builtin] =
    &[Builtin { module: "urllib.request", name: "urlopen", call: |cx, args, g| urlopen(cx, args, g) }];

/// `urllib.request.Request`
struct Request<'a> {
    url: Str<'a>,
    data: Option<Bytes<'a>>,
    /// Names as `str.capitalize` makes them, to values.
    headers: Dict<'a>,
    method: Str<'a>,
}

/// Host and port as they stand in the URL, and what stands in the request line.
struct Place<'u> {
    is_secure: bool,
    authority: &'u str,
    host: &'u str,
    port: u16,
    target: String,
}

/// A plain URL; everything else is CPython's.
fn place(url: &str) -> Option<Place<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let is_secure = match scheme {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['<', '>', '\\']) {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    if !is_plain_host(host) {
        return None;
    }
    let port = match port {
        None if is_secure => 443,
        None => 80,
        Some(port) => port.parse().ok().filter(|port| *port > 0)?,
    };
    let target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some(Place { is_secure, authority, host, port, target })
}

/// `str.capitalize` of a header's name.
fn capitalize(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// `str.title` of one.
fn title(name: &str) -> String {
    let mut is_inside = false;
    let letter = |letter: char| {
        let made = if is_inside { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() };
        is_inside = letter.is_ascii_alphabetic();
        made
    };
    name.chars().map(letter).collect()
}

/// `Request(url, data, headers, origin_req_host, unverifiable, method)`
pub(super) fn request<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let names = ["url", "data", "headers", "origin_req_host", "unverifiable", "method"];
    let [url, data, headers, origin, unverifiable, method] = args.bind(names, 1, 6, g)?;
    if origin.is_some() || unverifiable.is_some() {
        return Err(BailKind::Unsupported.at(g));
    }
    let Some(Value::Str(url)) = url else { return Err(BailKind::Exception.at(g)) };
    object_new(cx, new_request(cx, url, data, headers, method, g)?, g)
}

fn new_request<'a>(
    cx: &'a Cx<'a>,
    url: Str<'a>,
    data: Option<Value<'a>>,
    headers: Option<Value<'a>>,
    method: Option<Value<'a>>,
    g: u32,
) -> Result<Request<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let data = match data {
        None | Some(Value::None) => None,
        Some(Value::Bytes(data)) => Some(data),
        Some(_) => return Err(unsupported()),
    };
    let method = match method {
        Some(Value::Str(method)) if !method.text().is_empty() => method,
        None | Some(Value::None) => str_new(cx, if data.is_some() { "POST" } else { "GET" }, g)?,
        Some(_) => return Err(unsupported()),
    };
    let request = Request { url, data, headers: dict_new(cx, &[], g)?, method };
    match headers {
        None => {}
        Some(Value::Dict(headers)) if headers.kind() == Type::Dict => {
            for (name, value) in headers.entries().collect::<Vec<_>>() {
                request.add_header(cx, name, value, g)?;
            }
        }
        Some(_) => return Err(unsupported()),
    }
    Ok(request)
}

impl<'a> Request<'a> {
    fn add_header(&self, cx: &'a Cx<'a>, name: Value<'a>, value: Value<'a>, g: u32) -> Result<()> {
        match name {
            Value::Str(name) if name.is_ascii() => {
                let name = str_new(cx, &capitalize(name.text()), g)?;
                self.headers.set(cx, Value::Str(name), value, g)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    /// Head and body.
    fn bytes(&self, cx: &'a Cx<'a>, place: &Place<'_>, g: u32) -> Result<Vec<u8>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let has = |name: &str| {
            self.headers.entries().any(|(known, _)| matches!(known, Value::Str(known) if known.text() == name))
        };
        if ["Host", "Content-length", "Transfer-encoding", "Connection", "Expect"].into_iter().any(has) {
            return Err(unsupported());
        }
        if !self.method.text().bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(unsupported());
        }
        let mut lines = vec![format!("{} {} HTTP/1.1", self.method.text(), place.target)];
        if !has("Accept-encoding") {
            lines.push("Accept-Encoding: identity".to_owned());
        }
        if self.data.is_none() && matches!(self.method.text(), "PATCH" | "POST" | "PUT") {
            lines.push("Content-Length: 0".to_owned());
        }
        if let Some(data) = self.data {
            if !has("Content-type") {
                lines.push("Content-Type: application/x-www-form-urlencoded".to_owned());
            }
            lines.push(format!("Content-Length: {}", data.bytes().len()));
        }
        lines.push(format!("Host: {}", place.authority));
        if !has("User-agent") {
            lines.push("User-Agent: Python-urllib/3.11".to_owned());
        }
        for (name, value) in self.headers.entries() {
            let (Value::Str(name), Value::Str(value)) = (name, value) else { return Err(unsupported()) };
            if !web::is_valid(name, value) {
                return Err(unsupported());
            }
            lines.push(format!("{}: {}", title(name.text()), value.text()));
        }
        lines.push("Connection: close\r\n\r\n".to_owned());
        cx.tick(g)?;
        let latin = |text: String| text.chars().map(|letter| u32::from(letter) as u8).collect::<Vec<u8>>();
        let mut bytes = latin(lines.join("\r\n"));
        bytes.extend_from_slice(self.data.map_or(&[], Bytes::bytes));
        Ok(bytes)
    }
}

impl<'a> Obj<'a> for Request<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_request(&self) -> Option<&dyn Obj<'a>> {
        Some(self)
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "add_header" | "get_method")
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "data" => Ok(Some(self.data.map_or(Value::None, Value::Bytes))),
            _ if self.has_method(name) => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.positional(g)?) {
            ("add_header", [name, value]) => self.add_header(cx, *name, *value, g).map(|()| Value::None),
            ("get_method", []) => Ok(Value::Str(self.method)),
            ("urlopen", [timeout]) => open(cx, self, *timeout, g),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}

/// `urlopen(url, data, timeout)`
fn urlopen<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(url), data, timeout] = args.bind(["url", "data", "timeout"], 1, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let timeout = timeout.unwrap_or(Value::None);
    match url {
        Value::Str(url) => open(cx, &new_request(cx, url, data, None, None, g)?, timeout, g),
        // Data of its own would change the request.
        Value::Object(request) if matches!(data, None | Some(Value::None)) => request
            .get()
            .as_request()
            .ok_or_else(|| BailKind::Unsupported.at(g))?
            .method(cx, url, "urlopen", Args::of(&[timeout]), g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

fn open<'a>(cx: &'a Cx<'a>, request: &Request<'a>, timeout: Value<'a>, g: u32) -> Result<Value<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let odd = || BailKind::Effect.at(g);
    let place = place(request.url.text()).ok_or_else(unsupported)?;
    if is_configured(cx, place.is_secure) || matches!(timeout, Value::Tuple(_)) {
        return Err(unsupported());
    }
    let [connect_timeout, read_timeout]: [Option<Duration>; 2] = timeouts(timeout, g)?;
    let trusted = match place.is_secure {
        true => Some(cx.fact("ssl.cafile").ok_or_else(unsupported)?),
        false => None,
    };
    let bodiless = request.method.text() == "HEAD";
    let exchange = Exchange {
        host: place.host,
        port: place.port,
        trusted: trusted.as_deref(),
        bytes: &request.bytes(cx, &place, g)?,
        bodiless,
        connect_timeout,
        read_timeout,
        most: cx.memory_bytes() / 4,
    };
    let received = match cx.exchange(&exchange, g)? {
        Ok(received) => received,
        Err(failure) => return failed(cx, &failure, g),
    };
    let Progress::Whole(head) = Head::read(&received) else { return Err(odd()) };
    // Redirects lead elsewhere, by rules of their own.
    if head.status < 200 || matches!(head.status, 301 | 302 | 303 | 307 | 308) {
        return Err(odd());
    }
    let (response, _) = response::new(cx, &head, &received, bodiless, Some(request.url), g)?;
    if (200..300).contains(&head.status) { Ok(response) } else { Err(http_error(cx, response, g)?) }
}

/// Raises `HTTPError` (`Lib/urllib/error.py`), which is an answer as well.
fn http_error<'a>(cx: &'a Cx<'a>, response: Value<'a>, g: u32) -> Result<Bail> {
    let error = exception_new(cx, cx.class(Type::UrllibHttpError, g)?, &[], g)?;
    let attributes = error.dict(cx, g)?;
    let set = |name: &'static str, value| attributes.set(cx, Value::Str(cx.name(name, g)?), value, g);
    set("fp", response)?;
    for (name, of) in [
        ("code", "status"),
        ("status", "status"),
        ("msg", "reason"),
        ("reason", "reason"),
        ("hdrs", "headers"),
        ("headers", "headers"),
        ("filename", "url"),
        ("url", "url"),
        ("read", "read"),
        ("info", "info"),
        ("geturl", "geturl"),
        ("getcode", "getcode"),
        ("close", "close"),
    ] {
        set(name, crate::attr::get(cx, response, cx.name(of, g)?, g)?)?;
    }
    Ok(cx.throw(error, g))
}

/// Raises what `AbstractHTTPHandler.do_open` raises.
fn failed<'a, T>(cx: &'a Cx<'a>, failure: &Failure, g: u32) -> Result<T> {
    match failure {
        Failure::NotConnected(_) => {
            let reason = untold(cx, g)?;
            let error = exception_new(cx, cx.class(Type::UrllibError, g)?, &[reason], g)?;
            error.dict(cx, g)?.set(cx, Value::Str(cx.name("reason", g)?), reason, g)?;
            Err(raise_within(cx, error, false, g)?)
        }
        Failure::TimedOut { has_head: false } => Err(cx.raise(Type::TimeoutError, "timed out", g)),
        _ => Err(BailKind::Effect.at(g)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_python_writes_them() {
        assert_eq!(capitalize("X-API-key"), "X-api-key");
        assert_eq!(title("X-api2key"), "X-Api2Key");
    }

    #[test]
    fn plain_places() {
        let place = place("http://h:81?a=b#c").unwrap();
        assert_eq!((place.authority, place.host, place.port, place.target.as_str()), ("h:81", "h", 81, "/?a=b"));
        for url in ["ftp://h/", "http://h/a b", "http://u@h/", "http:///x", "<URL:http://h/>", "http://h:x/"] {
            assert!(super::place(url).is_none(), "{url}");
        }
    }
}
