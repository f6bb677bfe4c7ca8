//! Where an answer ends, told while it grows.

use super::{Framing, Head, LONGEST, MOST_HEADERS, Progress};

/// Tells when an answer is whole, also one that only Python can read: that one is, when Python waits for no more.
#[derive(Debug)]
pub struct Reader {
    bodiless: bool,
    body: Option<Body>,
    /// Of a chunked body: where the next chunk begins.
    at: usize,
}

/// What the head says of the rest.
#[derive(Debug)]
struct Body {
    framing: Framing,
    start: usize,
    keeps_alive: bool,
}

/// Why there is nothing to be said yet, or nothing at all.
enum Unread {
    Part,
    /// Python raises an exception without waiting for more.
    Broken,
}

impl Reader {
    /// For an answer that has no body whatever its head says, or for any other.
    #[must_use]
    pub fn new(bodiless: bool) -> Self {
        Self { bodiless, body: None, at: 0 }
    }

    /// Whether `bytes`, all that has come so far, are the whole answer, and the connection can be used again.
    pub fn is_whole(&mut self, bytes: &[u8]) -> Option<bool> {
        if self.body.is_none() {
            match body_of(bytes, self.bodiless) {
                Err(Unread::Part) => return None,
                Err(Unread::Broken) => return Some(false),
                Ok(body) => {
                    self.at = body.start;
                    self.body = Some(body);
                }
            }
        }
        let body = self.body.as_ref()?;
        let len = match body.framing {
            Framing::Closed => return None,
            Framing::Length(length) => body.start.saturating_add(length),
            Framing::Chunked => match chunks_end(bytes, &mut self.at) {
                Ok(end) => end,
                Err(Unread::Part) => return None,
                Err(Unread::Broken) => return Some(false),
            },
        };
        (bytes.len() >= len).then_some(bytes.len() == len && body.keeps_alive)
    }
}

fn body_of(bytes: &[u8], bodiless: bool) -> Result<Body, Unread> {
    if let Progress::Whole(head) = Head::read(bytes)
        && let Some(framing) = head.framing(bodiless)
    {
        return Ok(Body { framing, start: head.len, keeps_alive: head.keeps_alive() });
    }
    let mut at = 0;
    loop {
        let (status, body) = loose_body_of(bytes, at, bodiless)?;
        if status != 100 {
            return Ok(body);
        }
        at = body.start;
    }
}

/// The status and the same of a head that is not plain, as far as `http.client` looks: lines may end without `\r`, a line may
/// go on in the next, and of a header that is there twice it takes the first.
fn loose_body_of(bytes: &[u8], at: usize, bodiless: bool) -> Result<(u16, Body), Unread> {
    let (line, mut at) = line(bytes, at)?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_known = words.next().is_some_and(|version| version.starts_with(b"HTTP/1.") || version == b"HTTP/0.9");
    let status = words.next().and_then(|status| str::from_utf8(status).ok()?.parse().ok());
    let Some(status) = status.filter(|status| is_known && (100..1000).contains(status)) else {
        return Err(Unread::Broken);
    };
    let (mut length, mut is_chunked) = (None, None);
    for count in 0.. {
        let (line, next) = self::line(bytes, at)?;
        at = next;
        let text = line.trim_ascii();
        if text.is_empty() && line.len() < 3 {
            break;
        }
        if count == MOST_HEADERS {
            return Err(Unread::Broken);
        }
        let Some(colon) = text.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&text[..colon], text[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            length.get_or_insert_with(|| str::from_utf8(value).ok().and_then(|value| value.parse().ok()));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            is_chunked.get_or_insert_with(|| value.eq_ignore_ascii_case(b"chunked"));
        }
    }
    let framing = match (is_chunked, length.flatten()) {
        _ if bodiless => Framing::Length(0),
        (Some(true), _) => Framing::Chunked,
        _ if matches!(status, 100..=199 | 204 | 304) => Framing::Length(0),
        (_, Some(length)) => Framing::Length(length),
        _ => Framing::Closed,
    };
    Ok((status, Body { framing, start: at, keeps_alive: false }))
}

/// A line with its end, and where the next begins.
fn line(bytes: &[u8], at: usize) -> Result<(&[u8], usize), Unread> {
    let rest = bytes.get(at..).ok_or(Unread::Part)?;
    match rest.iter().position(|byte| *byte == b'\n') {
        Some(end) if end < LONGEST => Ok((&rest[..=end], at + end + 1)),
        None if rest.len() <= LONGEST => Err(Unread::Part),
        _ => Err(Unread::Broken),
    }
}

/// The end of a chunked body; `at` moves over the chunks that are whole.
fn chunks_end(bytes: &[u8], at: &mut usize) -> Result<usize, Unread> {
    loop {
        let (size, next) = line(bytes, *at)?;
        let size = size.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size =
            str::from_utf8(size).ok().and_then(|size| u32::from_str_radix(size, 16).ok()).ok_or(Unread::Broken)?;
        let end = next + size as usize + 2;
        if size == 0 {
            return trailer_end(bytes, next);
        }
        if bytes.len() < end {
            return Err(Unread::Part);
        }
        *at = end;
    }
}

fn trailer_end(bytes: &[u8], mut at: usize) -> Result<usize, Unread> {
    loop {
        let (line, next) = line(bytes, at)?;
        at = next;
        if matches!(line, b"\r\n" | b"\n") {
            return Ok(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_at_its_last_byte() {
        for (text, keeps) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", true),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", false),
            ("HTTP/1.1 204 No Content\r\n\r\n", true),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nbody\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
                true,
            ),
        ] {
            let mut reader = Reader::new(false);
            for end in 0..text.len() {
                assert_eq!(reader.is_whole(&text.as_bytes()[..end]), None, "{:?}", &text[..end]);
            }
            assert_eq!(reader.is_whole(text.as_bytes()), Some(keeps), "{text}");
        }
        let body = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(Reader::new(true).is_whole(body), Some(true), "that of HEAD");
        assert_eq!(Reader::new(false).is_whole(b"HTTP/1.1 200 OK\r\n\r\nup to the end"), None);
        let more = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab";
        assert_eq!(Reader::new(false).is_whole(more), Some(false), "what comes behind it is not to be used");
    }

    #[test]
    fn an_odd_answer_is_whole_when_python_waits_for_no_more() {
        for odd in [
            "SSH-2.0-OpenSSH_9\r\n",
            "HTTP/2 200 OK\r\n",
            "HTTP/1.1 99 Low\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nfolded: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 100 Continue\r\n\nHTTP/1.1 204 Nothing\n\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
        ] {
            let mut reader = Reader::new(false);
            for end in 0..odd.len() {
                assert_eq!(reader.is_whole(&odd.as_bytes()[..end]), None, "{:?}", &odd[..end]);
            }
            assert_eq!(reader.is_whole(odd.as_bytes()), Some(false), "{odd}");
        }
        assert_eq!(Reader::new(false).is_whole(&vec![b'x'; LONGEST + 1]), Some(false));
        let many = format!("HTTP/1.1 200 OK\r\n{}", "a: 1\r\n".repeat(MOST_HEADERS + 1));
        assert_eq!(Reader::new(false).is_whole(many.as_bytes()), Some(false));
    }
}
