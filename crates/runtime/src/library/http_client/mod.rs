//! `http.client` (`Lib/http/client.py`): `HTTPConnection` and `HTTPSConnection`, over the daemon's connections.
//!
//! `request` sends and waits; `getresponse` gives what came, so that nothing shows of the answer before.

pub(super) mod response;

use std::cell::Cell;
use std::time::Duration;

use super::web::{is_plain_host, is_valid, timeouts};
use crate::exchange::Failure;
use crate::host::Request;
use crate::http::{Head, Progress};
use crate::{Args, BailKind, Cx, Obj, Result, Str, Type, Value, object_new, str_new};

/// A connection, which sends one request after the other.
struct Connection<'a> {
    is_secure: bool,
    host: Str<'a>,
    port: u16,
    timeout: Option<Duration>,
    /// The answer to what was sent, until it is asked for.
    answer: Cell<Answer<'a>>,
    /// Whether the answer before was read to its end, so that it can send again.
    is_free: Cell<Option<&'a Cell<bool>>>,
}

#[derive(Copy, Clone)]
enum Answer<'a> {
    /// Nothing was sent.
    None,
    /// It came, and this says when its connection is free again.
    Came(Value<'a>, &'a Cell<bool>),
    /// Its head did not come in time.
    TimedOut,
    /// The same, which was told: only closing helps.
    Lost,
}

/// `HTTPConnection(host, port, timeout)`, or `HTTPSConnection`
pub(super) fn connection<'a>(cx: &'a Cx<'a>, is_secure: bool, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let unsupported = || BailKind::Unsupported.at(g);
    let [Some(Value::Str(host)), port, timeout] = args.bind(["host", "port", "timeout"], 1, 2, g)? else {
        return Err(unsupported());
    };
    let own_port = if is_secure { 443 } else { 80 };
    let (host, port) = match (host.text().split_once(':'), port) {
        (None, None | Some(Value::None)) => (host, own_port),
        (None, Some(Value::Int(port))) => (host, u16::try_from(port).map_err(|_| unsupported())?),
        (Some((host, port)), None | Some(Value::None)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (str_new(cx, host, g)?, port.parse().map_err(|_| unsupported())?)
        }
        _ => return Err(unsupported()),
    };
    if !is_plain_host(host.text()) || port == 0 {
        return Err(unsupported());
    }
    let timeout = match timeout {
        Some(Value::Tuple(_)) => return Err(unsupported()),
        timeout => timeouts(timeout.unwrap_or(Value::None), g)?[0],
    };
    let (answer, is_free) = (Cell::new(Answer::None), Cell::new(None));
    object_new(cx, Connection { is_secure, host, port, timeout, answer, is_free }, g)
}

impl<'a> Connection<'a> {
    /// `request(method, url, body, headers)`
    fn request(&self, cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<()> {
        let unsupported = || BailKind::Unsupported.at(g);
        let is_free = self.is_free.get().is_none_or(Cell::get);
        if !is_free || !matches!(self.answer.get(), Answer::None) {
            return Err(unsupported());
        }
        let [Some(Value::Str(method)), Some(Value::Str(url)), body, headers] =
            args.bind(["method", "url", "body", "headers"], 2, 4, g)?
        else {
            return Err(unsupported());
        };
        let trusted = match self.is_secure {
            true if cx.variable("SSLKEYLOGFILE").is_some() => return Err(unsupported()),
            true => Some(cx.fact("ssl.cafile").ok_or_else(unsupported)?),
            false => None,
        };
        let bodiless = method.text() == "HEAD";
        let request = Request {
            host: self.host.text(),
            port: self.port,
            trusted: trusted.as_deref(),
            bytes: &self.bytes(method, url, body.unwrap_or(Value::None), headers, g)?,
            bodiless,
            connect_timeout: self.timeout,
            read_timeout: self.timeout,
            most: cx.memory_bytes() / 4,
        };
        let answer = match cx.exchange(&request, g)? {
            Ok(received) => {
                let Progress::Whole(head) = Head::read(&received) else { return Err(BailKind::Effect.at(g)) };
                if head.status < 200 {
                    return Err(BailKind::Effect.at(g));
                }
                let (answer, is_free) = response::new(cx, &head, &received, bodiless, None, g)?;
                Answer::Came(answer, is_free)
            }
            Err(Failure::TimedOut { has_head: false }) => Answer::TimedOut,
            Err(_) => return Err(BailKind::Effect.at(g)),
        };
        self.answer.set(answer);
        Ok(())
    }

    /// Head and body, as `_send_request` makes them.
    fn bytes(
        &self,
        method: Str<'a>,
        url: Str<'a>,
        body: Value<'a>,
        headers: Option<Value<'a>>,
        g: u32,
    ) -> Result<Vec<u8>> {
        let unsupported = || BailKind::Unsupported.at(g);
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if method.text().is_empty() || !method.text().bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(unsupported());
        }
        if !is_plain(url.text()) || url.text().starts_with("http") {
            return Err(unsupported());
        }
        let given: Vec<(Str<'a>, Str<'a>)> = match headers {
            None => Vec::new(),
            Some(Value::Dict(headers)) if headers.kind() == Type::Dict => headers
                .entries()
                .map(|pair| match pair {
                    (Value::Str(name), Value::Str(value)) if is_valid(name, value) => Ok((name, value)),
                    _ => Err(unsupported()),
                })
                .collect::<Result<_>>()?,
            _ => return Err(unsupported()),
        };
        let has = |name: &str| given.iter().any(|(known, _)| known.text().eq_ignore_ascii_case(name));
        if ["host", "content-length", "transfer-encoding", "connection", "expect"].into_iter().any(has) {
            return Err(unsupported());
        }
        let target = if url.text().is_empty() { "/" } else { url.text() };
        let mut head = format!("{} {target} HTTP/1.1\r\nHost: {}", method.text(), self.host.text());
        if self.port != if self.is_secure { 443 } else { 80 } {
            head.push_str(&format!(":{}", self.port));
        }
        head.push_str("\r\n");
        if !has("accept-encoding") {
            head.push_str("Accept-Encoding: identity\r\n");
        }
        let latin = |text: &str| text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<_>>();
        let body: Option<Vec<u8>> = match body {
            Value::None => None,
            Value::Bytes(bytes) => Some(bytes.bytes().to_vec()),
            Value::Str(text) => Some(latin(text.text()).ok_or_else(unsupported)?),
            _ => return Err(unsupported()),
        };
        match &body {
            Some(body) => head.push_str(&format!("Content-Length: {}\r\n", body.len())),
            None if matches!(method.text(), "PATCH" | "POST" | "PUT") => head.push_str("Content-Length: 0\r\n"),
            None => {}
        }
        for (name, value) in given {
            head.push_str(&format!("{}: {}\r\n", name.text(), value.text()));
        }
        head.push_str("\r\n");
        let mut bytes: Vec<u8> = latin(&head).ok_or_else(unsupported)?;
        bytes.extend(body.into_iter().flatten());
        Ok(bytes)
    }
}

impl<'a> Obj<'a> for Connection<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn attr(&self, _cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        match name {
            "host" => Ok(Some(Value::Str(self.host))),
            "port" => Ok(Some(Value::Int(self.port.into()))),
            _ if self.has_method(name) => Ok(None),
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }

    fn has_method(&self, name: &str) -> bool {
        matches!(name, "request" | "getresponse" | "connect" | "close")
    }

    fn method(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
        match (name, args.pos.len() + args.kw.len()) {
            ("request", _) => self.request(cx, args, g).map(|()| Value::None),
            ("getresponse", 0) => match self.answer.replace(Answer::None) {
                Answer::Came(answer, is_free) => {
                    self.is_free.set(Some(is_free));
                    Ok(answer)
                }
                Answer::TimedOut => {
                    self.answer.set(Answer::Lost);
                    Err(cx.raise(Type::TimeoutError, "timed out", g))
                }
                Answer::None | Answer::Lost => Err(BailKind::Exception.at(g)),
            },
            // It would take an answer along that is not read to its end.
            ("close", 0) if !self.is_free.get().is_none_or(Cell::get) => Err(BailKind::Unsupported.at(g)),
            ("close", 0) => {
                self.answer.set(Answer::None);
                self.is_free.set(None);
                Ok(Value::None)
            }
            _ => Err(BailKind::Unsupported.at(g)),
        }
    }
}
