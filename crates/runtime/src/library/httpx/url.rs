//! `httpx.URL` (`httpx/_urlparse.py`, `httpx/_urls.py`): URLs as httpx normalises them.
//!
//! `http` and `https` with a name or an IPv4 address, and what is relative to such; everything else is left to CPython.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::super::web::is_plain_host;
use crate::op::CompareOp;
use crate::{BailKind, Cx, Obj, Result, Str, Type, Value, bytes_new, str_new};

/// `MAX_URL_LENGTH`
const LONGEST: usize = 65_536;

/// A URL in its normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// `http` or `https`; empty if it is relative, as is the host then.
    scheme: &'static str,
    pub(super) host: String,
    /// None for the scheme's own.
    port: Option<u16>,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

impl Url {
    /// `urlparse`; none where CPython would raise, or read what is not read here.
    pub(super) fn parse(url: &str) -> Option<Self> {
        if url.len() > LONGEST || url.chars().any(|letter| letter.is_ascii_control()) {
            return None;
        }
        let (rest, fragment) = cut(url, '#');
        let (rest, query) = cut(rest, '?');
        let is_of_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+.-".contains(letter);
        let has_scheme = rest.find(|letter| !is_of_scheme(letter)).is_some_and(|at| rest[at..].starts_with(':'));
        if !has_scheme && rest.starts_with("//") {
            return None;
        }
        let query = query.map(|query| quote(query, is_query));
        let fragment = fragment.map(|fragment| quote(fragment, is_fragment));
        if !has_scheme {
            let path = quote(rest, is_path);
            return Some(Self { scheme: "", host: String::new(), port: None, path, query, fragment });
        }
        let (scheme, rest) = rest.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|known| *known == scheme)?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = cut(authority, ':');
        let host = plain_host(host)?;
        let port = match port {
            None | Some("") => None,
            Some(port) if port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?).filter(|port| *port != own_port(scheme))
            }
            Some(_) => return None,
        };
        Some(Self { scheme, host, port, path: quote(&without_dots(path), is_path), query, fragment })
    }

    pub(super) fn is_relative(&self) -> bool {
        self.scheme.is_empty()
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme == "https"
    }

    /// Where to connect to.
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| own_port(self.scheme))
    }

    /// `netloc`
    pub(super) fn netloc(&self) -> String {
        self.port.map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    /// `raw_path`: what stands in the request line.
    pub(super) fn raw_path(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        self.query.as_ref().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    /// `copy_with(params=…)`: the URL with another query, which is encoded already.
    pub(super) fn with_query(self, query: Option<String>) -> Self {
        Self { query: query.map(|query| quote(&query, is_query)), ..self }
    }

    /// `_merge_url` of a client with this base.
    pub(super) fn merged(&self, url: Self) -> Option<Self> {
        if !url.is_relative() {
            return Some(url);
        }
        if self.is_relative() {
            return None;
        }
        let slash = if self.raw_path().ends_with('/') { "" } else { "/" };
        let all = format!("{}{slash}{}", self.raw_path(), url.raw_path().trim_start_matches('/'));
        let (path, query) = cut(&all, '?');
        let query = query.map(|query| quote(query, is_query));
        Some(Self { path: quote(&without_dots(path), is_path), query, ..self.clone() })
    }

    /// `_redirect_url`: where a `Location` header leads from here; none where that is not plain.
    pub(super) fn redirected(&self, location: &str) -> Option<Self> {
        let odd = |byte: u8| !byte.is_ascii_graphic() || b"#;\\".contains(&byte);
        if location.bytes().any(odd) || self.fragment.is_some() || location.ends_with('?') {
            return None;
        }
        let url = Self::parse(location)?;
        if !url.is_relative() {
            return Some(url);
        }
        let path = location.split('?').next().unwrap_or_default();
        let plain = path.starts_with('/') && !path.contains("//") && !path.contains("/.");
        plain.then(|| Self { path: url.path, query: url.query, ..self.clone() })
    }

    /// Whether both lead to the same server (`_same_origin`).
    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port()) == (other.scheme, &other.host, other.port())
    }

    /// `str(url)`
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if !self.is_relative() {
            let _ = write!(text, "{}://{}", self.scheme, self.netloc());
        }
        text.push_str(&self.path);
        if let Some(query) = &self.query {
            let _ = write!(text, "?{query}");
        }
        if let Some(fragment) = &self.fragment {
            let _ = write!(text, "#{fragment}");
        }
        text
    }
}

/// `httpx.URL`, by its text.
pub(super) struct Shown<'a>(pub(super) Str<'a>);

impl<'a> Shown<'a> {
    fn url(&self, g: u32) -> Result<Url> {
        Url::parse(self.0.text()).ok_or_else(|| BailKind::Unsupported.at(g))
    }
}

impl<'a> Obj<'a> for Shown<'a> {
    fn kind(&self) -> Type {
        Type::LibraryObject
    }

    fn as_url(&self) -> Option<Str<'a>> {
        Some(self.0)
    }

    fn attr(&self, cx: &'a Cx<'a>, _this: Value<'a>, name: &str, g: u32) -> Result<Option<Value<'a>>> {
        let url = self.url(g)?;
        let text = |text: &str| str_new(cx, text, g).map(Value::Str);
        Ok(Some(match name {
            "scheme" => text(url.scheme)?,
            "host" => text(&url.host)?,
            "port" => url.port.map_or(Value::None, |port| Value::Int(port.into())),
            "path" if !url.path.contains('%') => text(if url.path.is_empty() { "/" } else { &url.path })?,
            "query" => bytes_new(cx, url.query.unwrap_or_default().as_bytes(), g).map(Value::Bytes)?,
            "netloc" => bytes_new(cx, url.netloc().as_bytes(), g).map(Value::Bytes)?,
            "raw_path" => bytes_new(cx, url.raw_path().as_bytes(), g).map(Value::Bytes)?,
            "is_relative_url" => Value::bool(url.is_relative()),
            "is_absolute_url" => Value::bool(!url.is_relative()),
            _ => return Err(BailKind::Unsupported.at(g)),
        }))
    }

    fn compare(
        &self,
        _cx: &'a Cx<'a>,
        op: CompareOp,
        _this: Value<'a>,
        other: Value<'a>,
        g: u32,
    ) -> Result<Option<bool>> {
        let other = match (op, other) {
            (CompareOp::Eq, Value::Str(other)) => other.text(),
            (CompareOp::Eq, Value::Object(other)) => {
                other.get().as_url().ok_or_else(|| BailKind::Unsupported.at(g))?.text()
            }
            _ => return Err(BailKind::Unsupported.at(g)),
        };
        let other = Url::parse(other).ok_or_else(|| BailKind::Unsupported.at(g))?;
        Ok(Some(self.url(g)?.text() == other.text()))
    }

    fn repr(&self, cx: &'a Cx<'a>, out: &mut String, g: u32) -> Result<()> {
        let _ = write!(out, "URL({})", crate::repr::repr_text(cx, Value::Str(self.0), g)?);
        Ok(())
    }

    fn str(&self, _cx: &'a Cx<'a>, out: &mut String, _g: u32) -> Result<()> {
        out.push_str(self.0.text());
        Ok(())
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

fn own_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

/// `encode_host` of a name or an IPv4 address.
fn plain_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    if !is_plain_host(&host) || host.split('.').any(|part| part.starts_with("xn--")) {
        return None;
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_address = host.split('.').count() == 4 && host.split('.').all(is_number);
    (!is_address || host.parse::<Ipv4Addr>().is_ok()).then_some(host)
}

/// `normalize_path`
fn without_dots(path: &str) -> String {
    let segments = || path.split('/');
    if !segments().any(|segment| matches!(segment, "." | "..")) {
        return path.to_owned();
    }
    let mut out: Vec<&str> = Vec::new();
    for segment in segments() {
        match segment {
            "." => {}
            ".." if out.is_empty() || out == [""] => {}
            ".." => {
                out.pop();
            }
            _ => out.push(segment),
        }
    }
    out.join("/")
}

/// `quote`, to which a percent sign is as safe as what it begins.
fn quote(text: &str, is_safe: fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match is_safe(byte) {
            true => out.push(char::from(byte)),
            false => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>?`{}".contains(&byte)
}

fn is_query(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"#<>".contains(&byte)
}

fn is_fragment(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>`".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `httpx.URL` of httpx 0.28.1 gives: `str`, `raw_path`.
    #[test]
    fn as_httpx_normalises_them() {
        for (url, text, raw_path) in [
            ("http://h", "http://h", "/"),
            (
                "http://H.X:80/a b/é?q=ü&y=%7e'`#f g",
                "http://h.x/a%20b/%C3%A9?q=%C3%BC&y=%7e'`#f%20g",
                "/a%20b/%C3%A9?q=%C3%BC&y=%7e'`",
            ),
            ("https://h:8443/x/../y/./z", "https://h:8443/y/z", "/y/z"),
            ("http://h?", "http://h?", "/?"),
            ("http://h/[x]{y}|z\\", "http://h/[x]%7By%7D|z\\", "/[x]%7By%7D|z\\"),
            ("http://h/..", "http://h", "/"),
            ("http://h/a/..", "http://h", "/"),
            ("http://h/a/../", "http://h/", "/"),
            ("x/../y", "x/../y", "x/../y"),
            ("", "", "/"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000", "/"),
        ] {
            let parsed = Url::parse(url).unwrap_or_else(|| panic!("{url}"));
            assert_eq!((parsed.text().as_str(), parsed.raw_path().as_str()), (text, raw_path), "{url}");
        }
        for url in [
            "HTTP://h/",
            "http:/h",
            "//h",
            "ftp://h",
            "http://u@h/",
            "http://[::1]/",
            "http://h:x/",
            "a:b",
            ":x",
            "http://é/",
            "http://01.2.3.4/",
            "http:///x",
            "http://h/\n",
        ] {
            assert_eq!(Url::parse(url), None, "{url}");
        }
    }

    /// What `httpx.Client(base_url=…).build_request("GET", …).url` is.
    #[test]
    fn merged_with_a_base() {
        for (base, url, text) in [
            ("http://h", "/x", "http://h/x"),
            ("http://h/api", "/x?y=1", "http://h/api/x?y=1"),
            ("http://h/api/", "../x", "http://h/x"),
            ("http://h/api", "", "http://h/api/"),
            ("http://h/api", "https://o/x", "https://o/x"),
            ("http://h/api", "//x", ""),
        ] {
            let merged = Url::parse(url).and_then(|url| Url::parse(base).unwrap().merged(url));
            assert_eq!(merged.map_or_else(String::new, |url| url.text()), text, "{base} {url}");
        }
    }

    #[test]
    fn redirects_lead_there() {
        let base = Url::parse("http://h:81/a/b?c").unwrap();
        for (location, text) in [
            ("/x/y?z=1", "http://h:81/x/y?z=1"),
            ("https://Other", "https://other"),
            ("x", ""),
            ("/a/../b", ""),
            ("//o/x", ""),
            ("/x#y", ""),
        ] {
            assert_eq!(base.redirected(location).map_or_else(String::new, |url| url.text()), text, "{location}");
        }
    }
}
