//! What goes over sockets, cut into exchanges, and the rerun that is answered from them.
//!
//! An exchange is what was sent over one connection up to the first answer, and what was received until something was
//! sent again; in the journal they stand in the order in which they began.
//! In a rerun nothing is sent until the exchanges of the earlier run are used up: what the program sends is compared with
//! the next of them, and answered with what came then. If it differs, nothing goes on: no effect happens twice.

use std::collections::{HashMap, VecDeque};

/// So many bytes of an invocation's exchanges are kept; what has more is not replayed.
const MOST: usize = 16 << 20;

/// `ENOTCONN`
const NOT_CONNECTED: i32 = 107;

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The connection stayed open.
    Open,
    /// The other side closed it.
    Closed,
    /// Nothing came in time.
    TimedOut,
    /// With this error number.
    Failed(i32),
}

/// One exchange, or an attempt to connect that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    /// The port, or what else tells the place.
    pub(super) to: String,
    /// The address; empty if it is not known.
    pub(super) at: String,
    pub(super) sent: Vec<u8>,
    pub(super) received: Vec<u8>,
    pub(super) end: End,
}

/// The exchanges of the invocation under way, of which the first may be those of an earlier run.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    given: VecDeque<Exchange>,
    done: Vec<Exchange>,
    links: HashMap<i64, Link>,
    bytes: usize,
    refused: Option<String>,
}

/// A connection.
#[derive(Debug, Default)]
struct Link {
    to: String,
    at: String,
    /// Whether there is none yet, because the earlier run's exchanges come first.
    pretended: bool,
    /// Sent in the rerun, and not yet compared.
    pending: Vec<u8>,
    /// What the rerun receives, and how that ends.
    answer: Option<(VecDeque<u8>, End)>,
    /// Which of `done` grows.
    current: Option<usize>,
}

impl Exchange {
    /// Whether it is an attempt to connect that failed, which is no effect.
    fn is_attempt(&self) -> bool {
        self.sent.is_empty() && self.received.is_empty() && self.end != End::Open
    }
}

/// What connecting does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Connect {
    Real,
    Pretended,
    Failed(End),
}

/// What sending does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Send {
    Real,
    /// The connection was pretended until now.
    ConnectFirst,
    Kept,
    Refused(String),
}

/// What receiving does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Receive {
    Real,
    Bytes(Vec<u8>),
    TimedOut,
    Failed(i32),
    Refused(String),
}

impl Traffic {
    pub(super) fn is_replaying(&self) -> bool {
        !self.given.is_empty()
    }

    /// Begins an invocation whose first exchanges are these.
    pub(super) fn begin(&mut self, given: Vec<Exchange>) {
        *self = Self { given: given.into(), ..Self::default() };
    }

    /// Ends it: the exchanges that were made, and what the rerun did otherwise than the earlier run, if anything.
    pub(super) fn end(&mut self) -> (Vec<Exchange>, Option<String>) {
        let traffic = std::mem::take(self);
        let unsent = traffic.links.values().find(|link| !link.pending.is_empty());
        let left = traffic.given.iter().find(|left| !left.is_attempt());
        let differs = match (traffic.refused, unsent, left) {
            (Some(refused), ..) => Some(refused),
            (_, Some(link), left) => Some(differs(&link.to, &link.pending, left)),
            (_, _, Some(left)) => Some(differs(&left.to, b"", Some(left))),
            _ => None,
        };
        let kept = traffic.bytes <= MOST;
        (if kept { traffic.done } else { Vec::new() }, differs)
    }

    /// Whether something other than these was to be sent while exchanges of the earlier run are left.
    pub(super) fn refuse(&mut self, what: &str) -> Option<String> {
        if !self.is_replaying() && self.refused.is_none() {
            return None;
        }
        let text = differs(what, b"", self.given.front());
        Some(self.refused.get_or_insert(text).clone())
    }

    /// Whether a connection was there before the invocation, and not used in it.
    pub(super) fn is_unknown(&self, link: i64) -> bool {
        !self.links.contains_key(&link)
    }

    /// Such a connection leads there.
    pub(super) fn know(&mut self, link: i64, to: &str, at: &str) {
        self.links.insert(link, Link { to: to.to_owned(), at: at.to_owned(), ..Link::default() });
    }

    pub(super) fn connect(&mut self, link: i64, to: &str, at: &str) -> Connect {
        let new = |pretended| Link { to: to.to_owned(), at: at.to_owned(), pretended, ..Link::default() };
        let attempt = self.given.front().filter(|next| next.to == to);
        if let Some(next) = attempt {
            if next.is_attempt() {
                let end = next.end.clone();
                self.done.extend(self.given.pop_front());
                return Connect::Failed(end);
            }
            self.links.insert(link, new(true));
            return Connect::Pretended;
        }
        self.links.insert(link, new(false));
        Connect::Real
    }

    /// Connecting in the world failed.
    pub(super) fn not_connected(&mut self, to: &str, at: &str, end: End) {
        let (to, at) = (to.to_owned(), at.to_owned());
        self.done.push(Exchange { to, at, sent: Vec::new(), received: Vec::new(), end });
    }

    /// Passes over attempts to connect for which this run had no need, as it had a connection.
    fn skip_attempts(&mut self) {
        while self.given.front().is_some_and(Exchange::is_attempt) {
            self.done.extend(self.given.pop_front());
        }
    }

    pub(super) fn send(&mut self, link: i64, bytes: &[u8]) -> Send {
        if let Some(refused) = &self.refused {
            return Send::Refused(refused.clone());
        }
        self.skip_attempts();
        let replaying = self.is_replaying();
        let link = self.links.entry(link).or_default();
        if replaying {
            link.pending.extend_from_slice(bytes);
            return Send::Kept;
        }
        link.answer = None;
        if std::mem::take(&mut link.pretended) { Send::ConnectFirst } else { Send::Real }
    }

    /// Sending in the world succeeded.
    pub(super) fn sent(&mut self, link: i64, bytes: &[u8]) {
        self.keep(link, |exchange| exchange.received.is_empty() && exchange.end == End::Open).sent.extend(bytes);
        self.count(bytes.len());
    }

    pub(super) fn receive(&mut self, key: i64, most: usize) -> Receive {
        if let Some(refused) = &self.refused {
            return Receive::Refused(refused.clone());
        }
        let replaying = self.is_replaying();
        let link = self.links.entry(key).or_default();
        let unasked = link.pretended && link.pending.is_empty() && link.answer.is_none();
        if unasked && self.given.front().is_some_and(|next| !next.sent.is_empty()) {
            // As on any socket without a connection: TLS looks whether there is something before it begins.
            return Receive::Failed(NOT_CONNECTED);
        }
        if !link.pending.is_empty() || link.answer.is_none() && replaying {
            let next = self.given.front();
            if next.is_none_or(|next| next.to != link.to && !link.to.is_empty() || next.sent != link.pending) {
                let text = differs(&link.to, &link.pending, next);
                self.refused = Some(text.clone());
                return Receive::Refused(text);
            }
            link.pending.clear();
            if let Some(next) = self.given.pop_front() {
                link.answer = Some((next.received.clone().into(), next.end.clone()));
                self.done.push(next);
            }
        }
        let Some((bytes, end)) = &mut link.answer else { return Receive::Real };
        if !bytes.is_empty() {
            let count = most.min(bytes.len());
            return Receive::Bytes(bytes.drain(..count).collect());
        }
        match end {
            End::Closed => Receive::Bytes(Vec::new()),
            End::TimedOut => Receive::TimedOut,
            End::Failed(number) => Receive::Failed(*number),
            End::Open => {
                let text = format!("it waited for more on a connection to port {} than came then", link.to);
                self.refused = Some(text.clone());
                Receive::Refused(text)
            }
        }
    }

    /// Receiving in the world succeeded; no bytes are the end.
    pub(super) fn received(&mut self, link: i64, bytes: &[u8]) {
        let exchange = self.keep(link, |_| true);
        exchange.received.extend(bytes);
        if bytes.is_empty() {
            exchange.end = End::Closed;
        }
        self.count(bytes.len());
    }

    /// Sending or receiving in the world failed.
    pub(super) fn failed(&mut self, link: i64, end: End) {
        self.keep(link, |_| true).end = end;
    }

    /// The exchange of the connection that grows, or a new one.
    fn keep(&mut self, link: i64, goes_on: impl Fn(&Exchange) -> bool) -> &mut Exchange {
        let link = self.links.entry(link).or_default();
        let at = link.current.filter(|at| self.done.get(*at).is_some_and(goes_on)).unwrap_or_else(|| {
            let (to, at, end) = (link.to.clone(), link.at.clone(), End::Open);
            self.done.push(Exchange { to, at, sent: Vec::new(), received: Vec::new(), end });
            self.done.len() - 1
        });
        link.current = Some(at);
        &mut self.done[at]
    }

    fn count(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > MOST {
            self.done.iter_mut().for_each(|exchange| (exchange.sent, exchange.received) = Default::default());
        }
    }
}

/// What a rerun did otherwise.
fn differs(to: &str, sent: &[u8], next: Option<&Exchange>) -> String {
    let line = |bytes: &[u8]| {
        let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        match line {
            b"" => "nothing".to_owned(),
            _ => String::from_utf8_lossy(&line[..line.len().min(120)]).into_owned(),
        }
    };
    let before = next.map_or_else(|| "nothing".to_owned(), |next| format!("{} to port {}", line(&next.sent), next.to));
    format!("it sent {} to port {to} where its native run had sent {before}", line(sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(sent: &str, received: &str, end: End) -> Exchange {
        Exchange { to: "80".to_owned(), at: String::new(), sent: sent.into(), received: received.into(), end }
    }

    #[test]
    fn what_is_sent_and_received_is_cut_into_exchanges() {
        let mut traffic = Traffic::default();
        assert_eq!(traffic.connect(1, "80", ""), Connect::Real);
        for bytes in ["GET /a\r\n", "\r\n"] {
            assert_eq!(traffic.send(1, bytes.as_bytes()), Send::Real);
            traffic.sent(1, bytes.as_bytes());
        }
        assert_eq!(traffic.receive(1, 10), Receive::Real);
        traffic.received(1, b"one");
        traffic.sent(1, b"GET /b");
        traffic.received(1, b"two");
        traffic.received(1, b"");
        traffic.not_connected("80", "", End::Failed(111));
        let (done, differs) = traffic.end();
        assert_eq!(differs, None);
        let expected = [
            exchange("GET /a\r\n\r\n", "one", End::Open),
            exchange("GET /b", "two", End::Closed),
            exchange("", "", End::Failed(111)),
        ];
        assert_eq!(done, expected);
    }

    #[test]
    fn a_rerun_is_answered_and_then_goes_on_in_the_world() {
        let mut traffic = Traffic::default();
        traffic.begin(vec![exchange("", "", End::Failed(111)), exchange("GET /a", "answer", End::Closed)]);
        assert_eq!(traffic.connect(1, "80", ""), Connect::Failed(End::Failed(111)));
        assert_eq!(traffic.connect(2, "81", ""), Connect::Real, "a connection to elsewhere is no effect");
        assert_eq!(traffic.connect(1, "80", ""), Connect::Pretended);
        assert_eq!(traffic.send(1, b"GET"), Send::Kept);
        assert_eq!(traffic.send(1, b" /a"), Send::Kept);
        assert_eq!(traffic.receive(1, 4), Receive::Bytes(b"answ".to_vec()));
        assert_eq!(traffic.receive(1, 4), Receive::Bytes(b"er".to_vec()));
        assert_eq!(traffic.receive(1, 4), Receive::Bytes(Vec::new()));
        assert_eq!(traffic.send(1, b"GET /b"), Send::ConnectFirst);
        traffic.sent(1, b"GET /b");
        assert_eq!(traffic.receive(1, 4), Receive::Real);
        traffic.received(1, b"x");
        let (done, differs) = traffic.end();
        assert_eq!((done.len(), differs), (3, None));
        assert_eq!(done[2], exchange("GET /b", "x", End::Open));
    }

    #[test]
    fn attempts_to_connect_are_no_effects() {
        let mut traffic = Traffic::default();
        traffic.begin(vec![exchange("", "", End::Failed(111)), exchange("GET /a", "answer", End::Open)]);
        traffic.know(1, "80", "");
        assert_eq!(traffic.send(1, b"GET /a"), Send::Kept, "over a connection that it had");
        assert_eq!(traffic.receive(1, 9), Receive::Bytes(b"answer".to_vec()));
        assert_eq!(traffic.end().1, None);
        traffic.begin(vec![exchange("", "", End::TimedOut)]);
        assert_eq!(traffic.end().1, None);
        traffic.begin(vec![exchange("", "", End::TimedOut)]);
        traffic.know(1, "80", "");
        assert_eq!(traffic.send(1, b"GET /a"), Send::Real);
    }

    #[test]
    fn a_rerun_that_differs_is_stopped() {
        let mut traffic = Traffic::default();
        let given = vec![exchange("POST /pay\r\n", "paid", End::Open)];
        traffic.begin(given.clone());
        assert_eq!(traffic.connect(1, "80", ""), Connect::Pretended);
        assert_eq!(traffic.send(1, b"POST /refund\r\n"), Send::Kept);
        let Receive::Refused(text) = traffic.receive(1, 9) else { panic!("it must be stopped") };
        assert_eq!(text, "it sent POST /refund to port 80 where its native run had sent POST /pay to port 80");
        assert_eq!(traffic.send(1, b"more"), Send::Refused(text.clone()), "for good");
        assert_eq!(traffic.end().1, Some(text));
        traffic.begin(given.clone());
        assert!(traffic.end().1.is_some_and(|text| text.contains("it sent nothing")), "an effect too many");
        traffic.begin(given.clone());
        traffic.connect(1, "80", "");
        traffic.send(1, b"POST");
        assert!(traffic.end().1.is_some(), "what was never sent is no success");
        traffic.begin(given);
        assert!(traffic.refuse("a datagram").is_some());
    }
}
