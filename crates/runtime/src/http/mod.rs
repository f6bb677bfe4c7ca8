//! Answers of HTTP/1.1, read as `http.client` reads them (`Lib/http/client.py`); what it might read in another way is told apart.

mod reader;

use std::borrow::Cow;

pub use reader::Reader;

/// The longest head, and the most header lines (`_MAXLINE` and `_MAXHEADERS` there).
const LONGEST: usize = 65_536;
const MOST_HEADERS: usize = 100;

/// Status line and headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Three digits.
    pub status: u16,
    /// The words behind the status.
    pub reason: String,
    /// Names and values in the order in which they came, decoded as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The bytes up to the body.
    pub len: usize,
    /// Whether it is HTTP/1.1.
    is_newer: bool,
}

/// How the end of a body is told.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes.
    Length(usize),
    /// Chunks.
    Chunked,
    /// It ends with the connection.
    Closed,
}

/// What has been received so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<T> {
    /// Not all of it.
    Part,
    /// All of it.
    Whole(T),
    /// Something that Python may read in its own way.
    Odd,
}

impl Head {
    /// Reads a head, behind those of `100 Continue`.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Progress<Self> {
        let mut start = 0;
        loop {
            match one(&bytes[start..]) {
                Progress::Whole(head) if head.status == 100 => start += head.len,
                Progress::Whole(head) => return Progress::Whole(Self { len: head.len + start, ..head }),
                other => return other,
            }
        }
    }

    /// The values of a header, joined as urllib3 joins them.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        if values.is_empty() { None } else { Some(values.join(", ")) }
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// How the body's end is told; none where Python's two readers may differ.
    #[must_use]
    pub fn framing(&self, bodiless: bool) -> Option<Framing> {
        if bodiless {
            return Some(Framing::Length(0));
        }
        if let Some(encoding) = self.header("transfer-encoding") {
            return encoding.eq_ignore_ascii_case("chunked").then_some(Framing::Chunked);
        }
        if self.is_empty() {
            return Some(Framing::Length(0));
        }
        match self.header("content-length") {
            None => Some(Framing::Closed),
            Some(length) if length.len() < 16 && length.bytes().all(|byte| byte.is_ascii_digit()) => {
                length.parse().ok().map(Framing::Length)
            }
            Some(_) => None,
        }
    }

    /// The body in the whole answer; none if it is not all there, or where Python's two readers may differ.
    #[must_use]
    pub fn body<'b>(&self, answer: &'b [u8], bodiless: bool) -> Option<Cow<'b, [u8]>> {
        let rest = answer.get(self.len..)?;
        match self.framing(bodiless)? {
            Framing::Length(length) => rest.get(..length).map(Cow::Borrowed),
            Framing::Closed => Some(Cow::Borrowed(rest)),
            Framing::Chunked if self.is_empty() => None,
            Framing::Chunked => match chunks(rest) {
                Progress::Whole((body, _)) => Some(Cow::Owned(body)),
                Progress::Part | Progress::Odd => None,
            },
        }
    }

    /// Whether there should be no body; with chunks, Python's two readers differ about that.
    fn is_empty(&self) -> bool {
        matches!(self.status, 100..=199 | 204 | 304)
    }

    /// Whether the connection stays open behind a body whose end is told otherwise.
    #[must_use]
    pub fn keeps_alive(&self) -> bool {
        let says = |word: &str| self.first("connection").is_some_and(|value| value.to_lowercase().contains(word));
        if self.is_newer { !says("close") } else { says("keep-alive") }
    }
}

fn one(bytes: &[u8]) -> Progress<Head> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if bytes.len() > LONGEST { Progress::Odd } else { Progress::Part };
    };
    read_head(&bytes[..end], end + 4).map_or(Progress::Odd, Progress::Whole)
}

/// The head in `bytes`, which end before its last line's end.
fn read_head(bytes: &[u8], len: usize) -> Option<Head> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let line = lines.next()?;
    let (version, rest) = line.split_once(' ')?;
    let is_newer = match version {
        "HTTP/1.1" => true,
        "HTTP/1.0" => false,
        _ => return None,
    };
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    if status.len() != 3 || !status.bytes().all(|byte| byte.is_ascii_digit()) || !is_plain(reason) {
        return None;
    }
    let headers: Vec<(String, String)> = lines.map(header).collect::<Option<_>>()?;
    let status = status.parse().ok().filter(|status| *status >= 100)?;
    let reason = reason.trim_matches([' ', '\t']).to_owned();
    (headers.len() <= MOST_HEADERS && len <= LONGEST).then_some(Head { status, reason, headers, len, is_newer })
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) || !is_plain(value) {
        return None;
    }
    Some((name.to_owned(), value.trim_start_matches([' ', '\t']).to_owned()))
}

/// Without what `str.splitlines` and the like may cut at.
fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| letter == '\t' || !letter.is_control())
}

/// The bytes of a chunked body, and how far it reached.
fn chunks(bytes: &[u8]) -> Progress<(Vec<u8>, usize)> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let Some(end) = line_end(bytes, at) else { return too_long(bytes, at) };
        let size = bytes[at..end].split(|byte| *byte == b';').next().unwrap_or_default();
        let size = str::from_utf8(size)
            .ok()
            .filter(|size| (1..=8).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else { return Progress::Odd };
        at = end + 2;
        if size == 0 {
            break;
        }
        let Some(chunk) = bytes.get(at..at + size + 2) else { return Progress::Part };
        if &chunk[size..] != b"\r\n" {
            return Progress::Odd;
        }
        body.extend_from_slice(&chunk[..size]);
        at += size + 2;
    }
    loop {
        let Some(end) = line_end(bytes, at) else { return too_long(bytes, at) };
        let is_last = end == at;
        at = end + 2;
        if is_last {
            return Progress::Whole((body, at));
        }
    }
}

fn too_long<T>(bytes: &[u8], at: usize) -> Progress<T> {
    if bytes.len() - at > LONGEST { Progress::Odd } else { Progress::Part }
}

fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    bytes[at..].windows(2).position(|window| window == b"\r\n").map(|end| at + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Head {
        match Head::read(text.as_bytes()) {
            Progress::Whole(head) => head,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn heads() {
        let head = whole("HTTP/1.1 404 Not Found \r\nA: 1\r\nX-b:\t two \r\na:3\r\n\r\nbody");
        assert_eq!((head.status, head.reason.as_str(), head.len), (404, "Not Found", 50));
        assert_eq!(head.header("a").as_deref(), Some("1, 3"));
        assert_eq!(head.header("x-B").as_deref(), Some("two "));
        assert_eq!(whole("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200\r\n\r\n").len, 41);
        for odd in [
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nfolded: 1\r\n 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\na: 1\nb: 2\r\n\r\n",
        ] {
            assert_eq!(Head::read(odd.as_bytes()), Progress::Odd, "{odd}");
        }
        assert_eq!(Head::read(b"HTTP/1.1 200 OK\r\na: 1\r\n"), Progress::Part);
    }

    #[test]
    fn bodies_in_chunks() {
        assert_eq!(chunks(b"3\r\nabc\r\n0\r\n\r\n"), Progress::Whole((b"abc".to_vec(), 13)));
        assert_eq!(chunks(b"3\r\nabc\r\n0\r\n"), Progress::Part);
        assert_eq!(chunks(b"3\r\nabcd\r\n0\r\n\r\n"), Progress::Odd);
        assert_eq!(chunks(b"x\r\n"), Progress::Odd);
    }
}
