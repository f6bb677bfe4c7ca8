//! External effects: what an invocation exchanges with others, each done once, kept in the journal with its outcome.
//!
//! What is no whole answer, and not sure to mean the same to every library, is left to CPython, whose rerun is told by the
//! journal what came.

use std::cell::{Cell, RefCell};
use std::iter::Peekable;
use std::rc::Rc;

use crate::host::{Attempt, End, Exchanged, NO_MEMORY, Request};
use crate::http::{Head, Progress};
use crate::{BailKind, Cx, Result, Value};

/// The journal's word for an exchange; `sockets.rs` of the crate `worker` has the same.
pub(crate) const SOURCE: &str = "exchange";

/// One exchange, or an attempt to connect that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    port: u16,
    /// The address as the journal has it; empty if it is not known.
    at: String,
    sent: Vec<u8>,
    received: Rc<Vec<u8>>,
    end: End,
}

/// Why an exchange brought no whole answer.
pub(crate) enum Failure {
    /// No address took the connection; the last one's error number, none if it took too long.
    NotConnected(Option<i32>),
    /// Nothing more came in time, after the head or before.
    TimedOut { has_head: bool },
    /// The connection was closed before anything came.
    Dropped,
    /// It ended with an error of that number, after the head or before.
    Broken { number: i32, has_head: bool },
}

/// Whether an error number says more than that: the kernel's own timeout is a `TimeoutError` to Python.
fn is_special(number: i32) -> bool {
    const TIMED_OUT: i32 = 110;
    matches!(number, TIMED_OUT | NO_MEMORY)
}

fn number(end: End) -> Option<i32> {
    match end {
        End::Failed(number) => Some(number),
        _ => None,
    }
}

/// The text of an `OSError` with that number.
pub(crate) fn os_error_text(number: i32) -> String {
    let text = std::io::Error::from_raw_os_error(number).to_string();
    format!("[Errno {number}] {}", text.split(" (os error").next().unwrap_or_default())
}

/// The exchanges of one invocation, in order.
#[derive(Default)]
pub(crate) struct Exchanges {
    /// Those of an earlier run; none for the world itself.
    given: RefCell<Option<Peekable<std::vec::IntoIter<Exchange>>>>,
    done: RefCell<Vec<Exchange>>,
    count: Cell<usize>,
}

impl Exchanges {
    /// Begins anew, and frees what the arena does not.
    pub(crate) fn clear(&self) {
        self.given.take();
        self.done.take();
        self.count.set(0);
    }

    /// Has every exchange answered from these.
    pub(crate) fn replay(&self, given: Vec<Exchange>) {
        self.given.replace(Some(given.into_iter().peekable()));
    }

    /// How many there were.
    pub(crate) fn len(&self) -> usize {
        self.count.get()
    }

    /// Writes them as entries of the journal, each after `separator`; the first one has none if nothing stands before.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for exchange in self.done.borrow().iter() {
            out.extend_from_slice(if out.len() > 1 { b", [\"" } else { b"[\"" });
            out.extend_from_slice(SOURCE.as_bytes());
            let space = if exchange.at.is_empty() { "" } else { " " };
            out.extend_from_slice(format!("\", [\"{}{space}{}\", ", exchange.port, exchange.at).as_bytes());
            for bytes in [&exchange.sent, &*exchange.received] {
                write_bytes(bytes, out);
                out.extend_from_slice(b", ");
            }
            out.extend_from_slice(format!("\"{}\"]]", exchange.end.word()).as_bytes());
        }
    }

    fn keep(&self, exchange: Exchange) {
        self.count.set(self.count.get() + 1);
        self.done.borrow_mut().push(exchange);
    }

    /// The exchange with the earlier run's outcome, behind its attempts to connect.
    ///
    /// These try each of the host's addresses once: where one comes again, another request begins.
    fn replayed(&self, request: &Request<'_>, g: u32) -> Option<Result<std::result::Result<Exchange, Failure>>> {
        let mut given = self.given.borrow_mut();
        let given = given.as_mut()?;
        let mut tried: Vec<(String, End)> = Vec::new();
        loop {
            let again = |next: &Exchange| !next.at.is_empty() && tried.iter().any(|(at, _)| *at == next.at);
            let next = given.next_if(|next| {
                next.port == request.port && !again(next) && (next.sent.is_empty() || next.sent == request.bytes)
            });
            let Some(next) = next else {
                return Some(match tried.last() {
                    // Whether TLS failed behind them is not told.
                    Some(_) if request.trusted.is_some() => Err(BailKind::Effect.at(g)),
                    Some((_, End::Failed(number))) if is_special(*number) => Err(BailKind::Effect.at(g)),
                    Some((_, end)) => Ok(Err(Failure::NotConnected(number(*end)))),
                    None => Err(BailKind::Unsupported.at(g)),
                });
            };
            if !next.sent.is_empty() {
                return Some(Ok(Ok(next)));
            }
            tried.push((next.at.clone(), next.end));
            self.keep(next);
        }
    }
}

/// Bytes as a JSON string of Latin-1.
fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..=0x1f | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            0x80.. => out.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 4]).as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// The inverse of [`Exchanges::write`] for one entry.
pub(crate) fn read(value: Value<'_>) -> Option<Exchange> {
    let Value::List(parts) = value else { return None };
    let text = |at: usize| match parts.at(at) {
        Some(Value::Str(text)) => Some(text.text()),
        _ => None,
    };
    let bytes =
        |at: usize| text(at)?.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<Vec<u8>>>();
    let (port, at) = text(0)?.split_once(' ').unwrap_or((text(0)?, ""));
    Some(Exchange {
        port: port.parse().ok()?,
        at: at.to_owned(),
        sent: bytes(1)?,
        received: bytes(2)?.into(),
        end: End::of_word(text(3)?),
    })
}

impl<'a> Cx<'a> {
    /// Sends, and gives what was received up to the end of the connection or of the answer, or why that is not all.
    ///
    /// Where that cannot be said for sure, it is a bailout of the kind `Effect`: CPython makes of it what it makes of it.
    pub(crate) fn exchange(&self, request: &Request<'_>, g: u32) -> Result<std::result::Result<Rc<Vec<u8>>, Failure>> {
        let exchanges = self.exchanges();
        let done = match exchanges.replayed(request, g) {
            Some(replayed) => replayed?,
            None => self.exchange_live(request, g)?,
        };
        let done = match done {
            Ok(done) => done,
            Err(failure) => return Ok(Err(failure)),
        };
        let received = Rc::clone(&done.received);
        // In the midst of a head the libraries differ: some read it line by line, and complain earlier.
        let has_head = matches!(Head::read(&received), Progress::Whole(_));
        let is_clear = has_head || received.is_empty();
        let outcome = match done.end {
            End::Closed if received.is_empty() => Ok(Err(Failure::Dropped)),
            End::Open | End::Closed => Ok(Ok(received)),
            End::TimedOut if is_clear => Ok(Err(Failure::TimedOut { has_head })),
            End::Failed(number) if is_clear && !is_special(number) => Ok(Err(Failure::Broken { number, has_head })),
            _ => Err(BailKind::Effect.at(g)),
        };
        exchanges.keep(done);
        outcome
    }

    fn exchange_live(&self, request: &Request<'_>, g: u32) -> Result<std::result::Result<Exchange, Failure>> {
        let exchanges = self.exchanges();
        let Some(host) = self.host() else { return Err(BailKind::Unsupported.at(g)) };
        let Exchanged { attempts, at, received, end } = host.exchange(request);
        let last = attempts.last().map(|attempt| attempt.number);
        let exchange =
            |at: String, end| Exchange { port: request.port, at, sent: Vec::new(), received: Rc::default(), end };
        for Attempt { at, number } in attempts {
            exchanges.keep(exchange(at.to_string(), if number == 0 { End::TimedOut } else { End::Failed(number) }));
        }
        match (end, last) {
            (End::NotConnected, Some(number)) if !is_special(number) => {
                Ok(Err(Failure::NotConnected((number != 0).then_some(number))))
            }
            (End::NotConnected | End::Unclear, _) => Err(BailKind::Effect.at(g)),
            (End::Cancelled, _) => Err(BailKind::Deadline.at(g)),
            // It is too large to be told; asking once more, in CPython, is no effect.
            (End::Failed(NO_MEMORY), _) if request.is_safe() => Err(BailKind::Memory.at(g)),
            _ => {
                let at = at.map_or_else(String::new, |at| at.to_string());
                Ok(Ok(Exchange { sent: request.bytes.to_vec(), received: received.into(), ..exchange(at, end) }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journals_text_is_json() {
        let exchanges = Exchanges::default();
        let sent = vec![b'"', b'\\', b'\n', 0x7f, 0xe9, b'a'];
        exchanges.keep(Exchange { port: 80, at: String::new(), sent, received: Rc::default(), end: End::Closed });
        let mut out = vec![b'['];
        exchanges.write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#"[["exchange", ["80", "\"\\\u000a\u007féa", "", "closed"]]"#);
    }
}
