//! One client's connection: requests read whole, answered one after the other.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::{Body, Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::api::{self, Asked, Refusal};
use crate::execute::Daemon;
use crate::reply::{self, Reply};

/// How long a client may take to agree on how to encrypt.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A connection without a request is closed after this long.
const SILENCE: Duration = Duration::from_secs(300);
/// How much of a body that is too large is read, so that the client can read the answer.
const DISCARDED: u64 = 64 << 20;
/// Shorter bodies are copied.
const COPIED: usize = 4 << 10;

/// Where clients come in.
pub(super) struct Door {
    pub(super) daemon: Arc<Daemon>,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Door {
    /// Serves the connection of a client at `peer` until one of them ends it.
    pub(super) async fn enter(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Small answers go out at once; a socket that refuses the option still works.
        let _ = stream.set_nodelay(true);
        let local = peer.ip().to_canonical().is_loopback();
        let _busy = self.daemon.busy.enter();
        let Some(tls) = &self.tls else {
            return serve(Arc::clone(&self.daemon), stream, local, self.stopping.clone()).await;
        };
        match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve(Arc::clone(&self.daemon), stream, local, self.stopping.clone()).await,
            Ok(Err(error)) => tracing::debug!("a connection without TLS, or with one that is not trusted: {error}"),
            Err(_) => tracing::debug!("a connection that never said hello"),
        }
    }
}

/// Serves the daemon's API over a connection.
async fn serve(
    daemon: Arc<Daemon>,
    stream: impl AsyncRead + AsyncWrite + Unpin,
    local: bool,
    stopping: watch::Receiver<bool>,
) {
    connection(stream, stopping, |request| {
        let daemon = Arc::clone(&daemon);
        async move { answer(&daemon, request, local).await }
    })
    .await;
}

/// Answers the requests of a connection, one after another; once `stopping` is true, the one that is under way.
pub(crate) async fn connection<F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut stopping: watch::Receiver<bool>,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    F: Future<Output = Reply>,
{
    let service = service_fn(|request| {
        let reply = answer(request);
        async move { Ok::<Reply, Infallible>(reply.await) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    // A small answer goes out as one piece, which costs the kernel less than two.
    builder.timer(TokioTimer::new()).header_read_timeout(SILENCE).writev(false);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let stopped = async { drop(stopping.wait_for(|stopping| *stopping).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
}

async fn answer(daemon: &Arc<Daemon>, request: Request<Incoming>, local: bool) -> Reply {
    let request_id = reply::request_id(request.headers());
    let outcome = async {
        let asked = asked(daemon, request, local).await?;
        daemon.execute(asked, &request_id).await
    };
    let reply = outcome.await.unwrap_or_else(|refusal: Refusal| reply::refused(&refusal, &request_id));
    reply::finish(reply, &request_id)
}

/// What a request asks for; of the request itself, whose headers are parts of its connection's buffer, nothing is left.
async fn asked(daemon: &Daemon, request: Request<Incoming>, local: bool) -> Result<Asked, Refusal> {
    let (head, body) = request.into_parts();
    let who = api::identify(&head.headers, &daemon.keys, local, daemon.require_key);
    let limit = match who {
        // A stranger may say no more than fits into a web action's arguments.
        Ok(Some(_)) => api::body_limit(&head, &daemon.bounds),
        _ => daemon.bounds.payload,
    };
    let body = read(&head, body, limit).await?;
    api::parse(&head, body, who)
}

async fn read(head: &Parts, mut body: Incoming, limit: usize) -> Result<Bytes, Refusal> {
    let announced = body.size_hint().exact();
    let too_large = |seen: u64| Refusal::too_large(announced.unwrap_or(seen), limit);
    // A client that asks before it sends need not send at all.
    if announced.is_some_and(|size| size > limit as u64) && head.headers.contains_key(hyper::header::EXPECT) {
        return Err(too_large(0));
    }
    let mut pieces: Vec<Bytes> = Vec::new();
    let mut seen = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refusal::bad_request(format!("The request could not be read: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len() as u64;
        if seen <= limit as u64 {
            pieces.push(data);
        } else if seen > DISCARDED {
            break;
        }
    }
    match &mut pieces[..] {
        _ if seen > limit as u64 => Err(too_large(seen)),
        [] => Ok(Bytes::new()),
        // It is a part of the connection's buffer, which can be used again without it.
        [one] if one.len() < COPIED => Ok(Bytes::copy_from_slice(one)),
        [one] => Ok(std::mem::take(one)),
        many => Ok(many.concat().into()),
    }
}
