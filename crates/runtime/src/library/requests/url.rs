//! URLs as `requests` prepares them (`requests/models.py`, `prepare_url`; `urllib3/util/url.py`, `parse_url`).
//!
//! Only `http` and `https` URLs with a name or an IPv4 address; everything else is `None` and left to CPython.

use std::fmt::Write as _;

use super::super::web::{is_plain_host, is_unreserved};

/// A URL to send to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// Whether it is `https`.
    pub(super) is_secure: bool,
    /// In lower case.
    pub(super) host: String,
    /// 80 or 443 if it has none.
    pub(super) port: u16,
    /// The whole, as `Response.url` shows it.
    pub(super) text: String,
    /// What stands in the request line.
    pub(super) target: String,
}

const SUB_DELIMS: &str = "!$&'()*+,;=";

fn is_path(byte: u8) -> bool {
    is_unreserved(byte) || SUB_DELIMS.as_bytes().contains(&byte) || b":@/".contains(&byte)
}

fn is_query(byte: u8) -> bool {
    is_path(byte) || byte == b'?'
}

/// The URL with `query` behind its own; `query` is encoded.
pub(super) fn prepare(url: &str, query: &str) -> Option<Url> {
    let url = url.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (scheme, rest) = url.split_once("://")?;
    let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    if url.contains(['\\', '\0']) || url.chars().any(char::is_control) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let (host, given_port) = host_and_port(authority)?;
    let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(rest, fragment)| (rest, Some(fragment)));
    let (path, own_query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = match encode(&without_dots(path), is_path) {
        path if path.is_empty() => "/".to_owned(),
        path => path,
    };
    let own_query = own_query.map(|query| encode(query, is_query)).filter(|query| !query.is_empty());
    let query = match (own_query, query) {
        (None, query) => query.to_owned(),
        (Some(own), "") => own,
        (Some(own), query) => format!("{own}&{query}"),
    };
    let mut text = format!("{scheme}://{host}");
    if let Some(port) = given_port.filter(|port| *port > 0) {
        let _ = write!(text, ":{port}");
    }
    text.push_str(&path);
    if !query.is_empty() {
        let _ = write!(text, "?{query}");
    }
    if let Some(fragment) = fragment.map(|fragment| encode(fragment, is_query)).filter(|text| !text.is_empty()) {
        let _ = write!(text, "#{fragment}");
    }
    let text = requote(&text)?;
    let target = target(&text)?;
    let is_secure = scheme == "https";
    let port = given_port.filter(|port| *port > 0).unwrap_or(if is_secure { 443 } else { 80 });
    Some(Url { is_secure, host, port, text, target })
}

/// Where a `Location` header leads from `base` (`resolve_redirects` of `requests/sessions.py`).
pub(super) fn resolve(base: &Url, location: &str) -> Option<Url> {
    let odd = |byte: u8| !byte.is_ascii_graphic() || b"#\\;".contains(&byte);
    if location.bytes().any(odd) || base.text.contains('#') {
        return None;
    }
    let (scheme, rest) = match location.split_once("://") {
        Some((scheme, rest)) => (["http", "https"].into_iter().find(|known| scheme == *known)?, rest.to_owned()),
        None => {
            let path = location.split('?').next().unwrap_or_default();
            if !location.starts_with('/') || path.contains("//") || path.contains("/.") {
                return None;
            }
            let (scheme, rest) = base.text.split_once("://")?;
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            (if scheme == "https" { "https" } else { "http" }, format!("{authority}{location}"))
        }
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = host_and_port(authority)?;
    let is_secure = scheme == "https";
    let text = requote(&format!("{scheme}://{rest}"))?;
    let target = target(&text)?;
    let port = port.filter(|port| *port > 0).unwrap_or(if is_secure { 443 } else { 80 });
    Some(Url { is_secure, host, port, text, target })
}

/// A lower-case name and a port, if that is all there is.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.split_once(':') {
        None => (authority, None),
        Some((host, "")) => (host, None),
        Some((host, port)) if port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, Some(port.parse().ok()?))
        }
        Some(_) => return None,
    };
    let plain = !host.starts_with('.') && is_plain_host(host);
    plain.then(|| (host.to_ascii_lowercase(), port))
}

/// `_encode_invalid_chars`
fn encode(component: &str, is_allowed: fn(u8) -> bool) -> String {
    let bytes = component.as_bytes();
    let mut upper = Vec::with_capacity(bytes.len());
    let (mut encodings, mut at) = (0, 0);
    while at < bytes.len() {
        let hex =
            bytes[at] == b'%' && bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        match hex {
            true => {
                upper.extend(bytes[at..at + 3].iter().map(u8::to_ascii_uppercase));
                (encodings, at) = (encodings + 1, at + 3);
            }
            false => {
                upper.push(bytes[at]);
                at += 1;
            }
        }
    }
    let is_encoded = encodings == upper.iter().filter(|byte| **byte == b'%').count();
    quoted(&upper, |byte| is_encoded && byte == b'%' || byte.is_ascii() && is_allowed(byte))
}

fn quoted(bytes: &[u8], is_safe: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match is_safe(byte) {
            true => out.push(char::from(byte)),
            false => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// `_remove_path_dot_segments`
fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                out.pop();
            }
            _ => out.push(segment),
        }
    }
    if path.starts_with('/') && out.first().is_none_or(|first| !first.is_empty()) {
        out.insert(0, "");
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        out.push("");
    }
    out.join("/")
}

/// `requote_uri`
fn requote(uri: &str) -> Option<String> {
    let mut parts = uri.split('%');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let Some(hex) = part.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) else {
            // Python quotes the whole once more, or not, by what stands there.
            return None;
        };
        let code = u8::from_str_radix(hex, 16).ok()?;
        match is_unreserved(code) {
            true => {
                out.push(char::from(code));
                out.push_str(&part[2..]);
            }
            false => {
                out.push('%');
                out.push_str(part);
            }
        }
    }
    Some(quoted(out.as_bytes(), |byte| is_unreserved(byte) || b"!#$%&'()*+,/:;=?@[]".contains(&byte)))
}

/// `path_url` of the URL, and `_encode_target` of that.
fn target(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let rest = &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..];
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
    let mut target = encode(if path.is_empty() { "/" } else { path }, is_path);
    if !query.is_empty() {
        let _ = write!(target, "?{}", encode(query, is_query));
    }
    Some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_there() {
        let base = prepare("http://h:81/a/b?c", "").unwrap();
        for (location, text, target) in [
            ("/x/y?z=1", "http://h:81/x/y?z=1", "/x/y?z=1"),
            ("https://Other", "https://Other", "/"),
            ("http://o/%7e%zz", "http://o/~%zz", ""),
        ] {
            match resolve(&base, location) {
                Some(url) => assert_eq!((url.text.as_str(), url.target.as_str()), (text, target)),
                None => assert_eq!(target, "", "{location}"),
            }
        }
        for location in ["x", "//h/x", "/a/../b", "ftp://h/", "/a#b", "http://u@h/", "/é"] {
            assert_eq!(resolve(&base, location), None, "{location}");
        }
    }

    /// What requests 2.34 gives for each: `Request("GET", url, params=…).prepare()`, and what urllib3 2.7 sends of it.
    #[test]
    fn as_requests_prepares_them() {
        for (url, query, text, target) in [
            ("http://a.b", "", "http://a.b/", "/"),
            ("HTTP://LocalHost:8080/x/../y?q=1#f", "", "http://localhost:8080/y?q=1#f", "/y?q=1"),
            (
                "http://h/a b/é?x=ü&y=%7e",
                "z=1",
                "http://h/a%20b/%C3%A9?x=%C3%BC&y=~&z=1",
                "/a%20b/%C3%A9?x=%C3%BC&y=~&z=1",
            ),
            ("http://h:80?a=b", "", "http://h:80/?a=b", "/?a=b"),
            ("http://h/%zz%41", "", "http://h/%25zz%2541", "/%25zz%2541"),
            ("http://h/%e9", "", "http://h/%E9", "/%E9"),
            ("  http://h/?", "", "http://h/", "/"),
            ("http://h/x/../..?a=b", "", "http://h/?a=b", "/?a=b"),
            ("http://h/[x]", "", "http://h/%5Bx%5D", "/%5Bx%5D"),
            ("HTTPS://H:8443/x", "", "https://h:8443/x", "/x"),
        ] {
            let url = prepare(url, query).unwrap_or_else(|| panic!("{url}"));
            assert_eq!((url.text.as_str(), url.target.as_str()), (text, target));
        }
        for url in ["ftp://h/", "http://u:p@h/", "http:///x", "http://[::1]/", "h/x", "http://*.h/", "http://é/"] {
            assert_eq!(prepare(url, ""), None, "{url}");
        }
    }
}
