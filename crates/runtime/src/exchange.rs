//! External effects: what an invocation exchanges with others, each done once, kept in the journal with its outcome.
//!
//! Anything but a whole answer is left to CPython, whose rerun is told by the journal what came.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::host::{End, Exchanged, NO_MEMORY, Request};
use crate::{BailKind, Cx, Result, Value};

/// The journal's word for an exchange; `sockets.rs` of the crate `worker` has the same.
pub(crate) const SOURCE: &str = "exchange";

/// One exchange, or an attempt to connect that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    port: u16,
    sent: Vec<u8>,
    received: Rc<Vec<u8>>,
    end: End,
}

/// The exchanges of one invocation, in order.
#[derive(Default)]
pub(crate) struct Exchanges {
    /// Those of an earlier run; none for the world itself.
    given: RefCell<Option<std::vec::IntoIter<Exchange>>>,
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
        self.given.replace(Some(given.into_iter()));
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
            out.extend_from_slice(format!("\", [\"{}\", ", exchange.port).as_bytes());
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
    fn replayed(&self, request: &Request<'_>, g: u32) -> Option<Result<Exchange>> {
        let mut given = self.given.borrow_mut();
        let given = given.as_mut()?;
        let mut attempts = 0;
        loop {
            match given.next() {
                Some(next) if next.port == request.port && next.sent.is_empty() => {
                    attempts += 1;
                    self.keep(next);
                }
                Some(next) if next.port == request.port && next.sent == request.bytes => return Some(Ok(next)),
                // None of them led to a connection.
                _ if attempts > 0 => return Some(Err(BailKind::Effect.at(g))),
                _ => return Some(Err(BailKind::Unsupported.at(g))),
            }
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
    Some(Exchange {
        port: text(0)?.parse().ok()?,
        sent: bytes(1)?,
        received: bytes(2)?.into(),
        end: End::of_word(text(3)?),
    })
}

impl<'a> Cx<'a> {
    /// Sends, and gives what was received up to the end of the connection or of the answer.
    ///
    /// Any other outcome is a bailout of the kind `Effect`: CPython makes of it what it makes of it.
    pub(crate) fn exchange(&self, request: &Request<'_>, g: u32) -> Result<Rc<Vec<u8>>> {
        let exchanges = self.exchanges();
        let done = match exchanges.replayed(request, g) {
            Some(replayed) => replayed?,
            None => self.exchange_live(request, g)?,
        };
        let outcome = match done.end {
            End::Open | End::Closed => Ok(Rc::clone(&done.received)),
            _ => Err(BailKind::Effect.at(g)),
        };
        exchanges.keep(done);
        outcome
    }

    fn exchange_live(&self, request: &Request<'_>, g: u32) -> Result<Exchange> {
        let exchanges = self.exchanges();
        let Some(host) = self.host() else { return Err(BailKind::Unsupported.at(g)) };
        let Exchanged { attempts, received, end } = host.exchange(request);
        for number in attempts {
            let end = if number == 0 { End::TimedOut } else { End::Failed(number) };
            exchanges.keep(Exchange { port: request.port, sent: Vec::new(), received: Rc::default(), end });
        }
        let received = Rc::new(received);
        match end {
            End::NotConnected => Err(BailKind::Effect.at(g)),
            End::Cancelled => Err(BailKind::Deadline.at(g)),
            // It is too large to be told; asking once more, in CPython, is no effect.
            End::Failed(NO_MEMORY) if request.is_safe() => Err(BailKind::Memory.at(g)),
            _ => Ok(Exchange { port: request.port, sent: request.bytes.to_vec(), received, end }),
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
        exchanges.keep(Exchange { port: 80, sent, received: Rc::default(), end: End::Closed });
        let mut out = vec![b'['];
        exchanges.write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#"[["exchange", ["80", "\"\\\u000a\u007féa", "", "closed"]]"#);
    }
}
