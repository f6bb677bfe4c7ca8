//! One connection, over which one request at a time goes.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use upshift_loader::Wanted;
use upshift_loader::host::{Attempt, End, Exchanged, NO_MEMORY};
use upshift_runtime::http::Reader;

use super::tls::Connectors;

/// The room that is made at a time: as much as there is, within these bounds.
const ROOM: usize = 1 << 10;
const MOST_ROOM: usize = 256 << 10;
/// `ENFILE`, `EMFILE`, `ENOBUFS`, `ENOMEM`: what this process is short of, a worker may have.
const OWN: [i32; 4] = [23, 24, 105, 12];

/// A connection on which nothing is under way.
pub(super) struct Connection {
    stream: Stream,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    async fn receive(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(into).await,
            Self::Tls(stream) => stream.read_buf(into).await,
        }
    }
}

/// What came of connecting.
pub(super) enum Connected {
    Open(Connection),
    /// There is no such name, or every attempt failed.
    Nowhere,
    /// There was a connection, and no TLS over it; or this machine could not even try.
    Unclear,
}

/// `work` within `timeout`, if there is one; none if it took longer.
async fn within<T>(timeout: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match timeout {
        None => Some(work.await),
        Some(timeout) => tokio::time::timeout(timeout, work).await.ok(),
    }
}

impl Connection {
    /// Connects to the first of the host's addresses that takes it, as `socket.create_connection` does.
    ///
    /// Those before go to `attempts`.
    pub(super) async fn open(wanted: &Wanted, attempts: &mut Vec<Attempt>, connectors: &Connectors) -> Connected {
        let Ok(addresses) = tokio::net::lookup_host((wanted.host.as_str(), wanted.port)).await else {
            return Connected::Nowhere;
        };
        for address in addresses {
            match within(wanted.connect_timeout, TcpStream::connect(address)).await {
                Some(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    let Some(trusted) = &wanted.trusted else {
                        return Connected::Open(Self { stream: Stream::Plain(stream) });
                    };
                    let secured = within(wanted.connect_timeout, secured(stream, wanted, trusted, connectors)).await;
                    return match secured {
                        Some(Ok(stream)) => Connected::Open(Self { stream: Stream::Tls(Box::new(stream)) }),
                        // Nothing of the request was sent; why not is for CPython to say.
                        _ => Connected::Unclear,
                    };
                }
                Some(Err(error)) => match error.raw_os_error() {
                    Some(number) if !OWN.contains(&number) => attempts.push(Attempt { at: address.ip(), number }),
                    _ => return Connected::Unclear,
                },
                None => attempts.push(Attempt { at: address.ip(), number: 0 }),
            }
        }
        Connected::Nowhere
    }

    /// Whether the other side has neither closed it nor said anything unasked.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.stream.tcp().try_read(&mut [0; 1]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends and receives; gives the connection back if it can be used again.
    pub(super) async fn exchange(mut self, wanted: &Wanted) -> (Exchanged, Option<Self>) {
        let mut received = Vec::new();
        let end = match within(wanted.read_timeout, self.stream.send(&wanted.bytes)).await {
            None => Err(End::TimedOut),
            // What it has to say may be there all the same.
            Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(&error)),
            Some(_) => self.receive(wanted, &mut received).await,
        };
        let (end, keeps) = match end {
            Ok(keeps) => (End::Open, keeps),
            Err(end) => (end, false),
        };
        let at = self.stream.tcp().peer_addr().ok().map(|address| address.ip());
        (Exchanged { attempts: Vec::new(), at, received, end }, keeps.then_some(self))
    }

    /// Receives up to the end of the answer; true if the connection can be used again.
    async fn receive(&mut self, wanted: &Wanted, received: &mut Vec<u8>) -> Result<bool, End> {
        let mut reader = Reader::new(wanted.bodiless);
        loop {
            // Most answers are short, and thousands may wait for one.
            received.reserve(received.len().clamp(ROOM, MOST_ROOM));
            match within(wanted.read_timeout, self.stream.receive(received)).await {
                None => return Err(End::TimedOut),
                Some(Err(error)) => return Err(failed(&error)),
                Some(Ok(0)) => return Err(End::Closed),
                Some(Ok(_)) => {}
            }
            if received.len() > wanted.most {
                // Nobody is told of the part that came.
                *received = Vec::new();
                return Err(End::Failed(NO_MEMORY));
            }
            if let Some(keeps) = reader.is_whole(received) {
                return Ok(keeps);
            }
        }
    }
}

/// TLS over the connection, with a certificate for the host.
async fn secured(
    stream: TcpStream,
    wanted: &Wanted,
    trusted: &str,
    connectors: &Connectors,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(wanted.host.clone()).map_err(io::Error::other)?;
    connectors.get(trusted)?.connect(name, stream).await
}

fn failed(error: &io::Error) -> End {
    // TLS was not taken leave of, which Python does not mind (`suppress_ragged_eofs`).
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return End::Closed;
    }
    End::Failed(error.raw_os_error().unwrap_or(0))
}
