//! The daemon's side of an invocation: what native code cannot do by itself.

use std::net::IpAddr;
use std::time::{Duration, Instant};

/// What the daemon does for native code.
pub trait Host {
    /// Connects, or takes a connection that is open; sends, and waits for the answer.
    ///
    /// The invocation stands still meanwhile; nothing else of it runs.
    fn exchange(&self, request: &Request<'_>) -> Exchanged;

    /// Waits; false if the invocation's time is over.
    fn sleep(&self, time: Duration) -> bool;

    /// Called now and then by what takes its time: the invocation may stand still here while others run.
    fn pause(&self, now: Instant) {
        let _ = now;
    }
}

/// A host for invocations that are answered from a journal: nothing can be reached.
#[derive(Copy, Clone, Debug)]
pub struct NoHost;

impl Host for NoHost {
    fn exchange(&self, _request: &Request<'_>) -> Exchanged {
        Exchanged::nothing(End::Unclear)
    }

    fn sleep(&self, _time: Duration) -> bool {
        true
    }
}

/// `ENOMEM`, of an answer that is larger than [`Request::most`]; nothing of it is told.
pub const NO_MEMORY: i32 = 12;

/// Whether asking so more than once has no effect (RFC 9110, 9.2.1).
#[must_use]
pub fn is_safe(bytes: &[u8]) -> bool {
    [&b"GET "[..], b"HEAD ", b"OPTIONS "].iter().any(|method| bytes.starts_with(method))
}

/// What is to be sent.
#[derive(Copy, Clone, Debug)]
pub struct Request<'r> {
    /// A name or an address.
    pub host: &'r str,
    /// The TCP port.
    pub port: u16,
    /// For TLS: the file with the certificates of those who may vouch for the host.
    pub trusted: Option<&'r str>,
    /// Head and body of an HTTP request.
    pub bytes: &'r [u8],
    /// Whether the answer has no body whatever its head says: that of `HEAD`.
    pub bodiless: bool,
    /// How long each attempt to connect may take.
    pub connect_timeout: Option<Duration>,
    /// How long each wait for more of the answer may take.
    pub read_timeout: Option<Duration>,
    /// How many bytes the answer may have.
    pub most: usize,
}

impl Request<'_> {
    /// Whether sending it again has no effect.
    pub(crate) fn is_safe(&self) -> bool {
        is_safe(self.bytes)
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// Attempts to connect that failed.
    pub attempts: Vec<Attempt>,
    /// Which of the host's addresses was asked, if that is known.
    pub at: Option<IpAddr>,
    /// What was received, as it came.
    pub received: Vec<u8>,
    /// How it ended.
    pub end: End,
}

impl Exchanged {
    /// Nothing was sent.
    #[must_use]
    pub fn nothing(end: End) -> Self {
        Self { attempts: Vec::new(), at: None, received: Vec::new(), end }
    }
}

/// An attempt to connect that failed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The address.
    pub at: IpAddr,
    /// The error number; 0 if it took too long.
    pub number: i32,
}

/// How an exchange ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The answer is whole.
    Open,
    /// The other side closed the connection.
    Closed,
    /// Nothing came in time.
    TimedOut,
    /// With this error number.
    Failed(i32),
    /// Nothing was sent: none of the host's addresses took the connection, or it has none.
    NotConnected,
    /// Nothing was sent: there was no connection for another reason (TLS, this machine), which CPython is to find out.
    Unclear,
    /// The invocation's time is over.
    Cancelled,
}

impl End {
    /// Its word in the journal; `traffic.rs` of the crate `worker` has the same.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Closed => "closed".to_owned(),
            Self::TimedOut => "timeout".to_owned(),
            Self::Failed(number) => number.to_string(),
            Self::NotConnected | Self::Unclear | Self::Cancelled => "0".to_owned(),
        }
    }

    /// The inverse of [`End::word`].
    pub(crate) fn of_word(word: &str) -> Self {
        match word {
            "open" => Self::Open,
            "closed" => Self::Closed,
            "timeout" => Self::TimedOut,
            number => Self::Failed(number.parse().unwrap_or(0)),
        }
    }
}
