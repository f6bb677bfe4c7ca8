//! What the HTTP libraries share: fields of heads, settings in the environment, timeouts, names of hosts.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{BailKind, Cx, Obj, Result, Str, Type, Value, list_new, object_new};

/// Environment variables that change what TLS trusts or tells.
const TRUSTING: [&str; 3] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSLKEYLOGFILE"];

/// Whether a variable changes how others are asked, over TLS or without.
pub(super) fn is_configured<'a>(cx: &'a Cx<'a>, is_secure: bool) -> bool {
    cx.any_variable(|name| name == "NETRC" || is_proxy(name) || is_secure && TRUSTING.contains(&name))
}

/// Whether a variable tells of a proxy (`getproxies_environment` of `Lib/urllib/request.py`).
fn is_proxy(name: &str) -> bool {
    let is_of_all = name.len() >= 6 && name.is_char_boundary(name.len() - 6);
    is_of_all && name[name.len() - 6..].eq_ignore_ascii_case("_proxy") && !name.eq_ignore_ascii_case("no_proxy")
}

/// How long connecting and reading may take.
pub(super) fn timeouts(timeout: Value<'_>, g: u32) -> Result<[Option<Duration>; 2]> {
    let one = |timeout: Value<'_>| match timeout {
        Value::None => Ok(None),
        Value::Int(seconds) if (1..1 << 20).contains(&seconds) => Ok(Some(Duration::from_secs(seconds as u64))),
        Value::Float(seconds) if seconds.get() > 1e-3 && seconds.get() < 1e6 => {
            Ok(Some(Duration::from_secs_f64(seconds.get())))
        }
        _ => Err(BailKind::Unsupported.at(g)),
    };
    match timeout {
        Value::Tuple(pair) => match pair.items() {
            [connect, read] => Ok([one(*connect)?, one(*read)?]),
            _ => Err(BailKind::Unsupported.at(g)),
        },
        _ => one(timeout).map(|timeout| [timeout; 2]),
    }
}

/// A value and a name that may stand in a head.
pub(super) fn is_valid(name: Str<'_>, value: Str<'_>) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let latin = value.text().chars().all(|letter| u32::from(letter) < 0x100 && !letter.is_control());
    !name.text().is_empty()
        && name.text().bytes().all(is_token)
        && latin
        && !value.text().starts_with(char::is_whitespace)
}

/// Whether a host is a name or an IPv4 address, in ASCII; the rest is left to CPython.
pub(super) fn is_plain_host(host: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !host.is_empty() && host.bytes().all(is_name)
}

/// Whether a byte of a URL stands for itself wherever it is (RFC 3986, section 2.3).
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-~".contains(&byte)
}

/// `quote_plus` of `urllib.parse`.
pub(super) fn quote_plus(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        match byte {
            b' ' => out.push('+'),
            _ if is_unreserved(byte) => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// What `keys`, `values` and `items` give, for going through.
pub(super) struct View<'a>(&'a [Value<'a>]);

impl<'a> View<'a> {
    pub(super) fn object(cx: &'a Cx<'a>, items: Vec<Value<'a>>, g: u32) -> Result<Value<'a>> {
        let items = cx.alloc_slice(items.len(), |at| items[at], g)?;
        object_new(cx, Self(items), g)
    }
}

impl<'a> Obj<'a> for View<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn iter(&self, cx: &'a Cx<'a>, _this: Value<'a>, g: u32) -> Result<Value<'a>> {
        crate::iter_value(cx, Value::List(list_new(cx, self.0, g)?), g)
    }

    fn len(&self, _cx: &'a Cx<'a>, _g: u32) -> Result<Option<usize>> {
        Ok(Some(self.0.len()))
    }

    fn contains(&self, _cx: &'a Cx<'a>, _item: Value<'a>, g: u32) -> Result<Option<bool>> {
        Err(BailKind::Unsupported.at(g))
    }
}
