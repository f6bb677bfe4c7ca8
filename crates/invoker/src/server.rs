//! The daemon: starts everything, serves connections, stops in order.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::{Body, Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use upshift_deploy::{Archives, DeployError, Store, Watcher};

use crate::api::{self, Refusal};
use crate::catalog::Catalog;
use crate::engine;
use crate::execute::{Busy, Daemon};
use crate::records::Records;
use crate::reply::{self, Reply};
use crate::{Config, ServeError};

/// How long a shutdown waits for what has begun.
const DRAIN: Duration = Duration::from_secs(10);
/// How often it is looked for what is idle.
const THINNING: Duration = Duration::from_secs(3);
/// A connection without a request is closed after this long.
const SILENCE: Duration = Duration::from_secs(300);
/// How much of a body that is too large is read, so that the client can read the answer.
const DISCARDED: u64 = 64 << 20;
/// Shorter bodies are copied.
const COPIED: usize = 4 << 10;

/// Serves the API on `listener` until `shutdown` completes, then finishes what has begun.
///
/// When it returns, everything acknowledged is on the disk and no worker is left.
/// Needs a multi-threaded tokio runtime.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let (stop, stopping) = watch::channel(false);
    let address = listener.local_addr()?;
    let (daemon, _watcher) = start(config, address, stopping.clone()).await?;
    let daemon = Arc::new(daemon);
    tokio::spawn(reap(Arc::clone(&daemon.catalog), stopping.clone()));
    tracing::info!("serving on http://{address}");
    accept(listener, shutdown, |stream| {
        let (daemon, stopping) = (Arc::clone(&daemon), stopping.clone());
        tokio::spawn(async move {
            let _busy = daemon.busy.enter();
            connection(stream, stopping, |request| {
                let daemon = Arc::clone(&daemon);
                async move { answer(&daemon, request).await }
            })
            .await;
        });
    })
    .await;
    stop.send_replace(true);
    if tokio::time::timeout(DRAIN, daemon.busy.idle()).await.is_err() {
        tracing::warn!("stopping with requests under way");
    }
    let records = Arc::clone(&daemon.records);
    if let Err(error) = tokio::task::spawn_blocking(move || records.close()).await {
        tracing::error!("activation records may be lost: {error}");
    }
    Ok(())
}

/// Opens the store first, so that a state directory that cannot be used is what the user hears of.
async fn start(
    config: Config,
    address: SocketAddr,
    stopping: watch::Receiver<bool>,
) -> Result<(Daemon, Option<Watcher>), ServeError> {
    let store = Arc::new(Store::open(&config.state_dir)?);
    let records = Arc::new(Records::open(Arc::clone(&store))?);
    let archives = Archives::open(&config.state_dir.join("archives")).map_err(DeployError::from)?;
    let shared = engine::start(&config, &store, archives).await?;
    let catalog = Arc::new(Catalog::open(shared, store, config.limits).await?);
    let watcher = match &config.functions_dir {
        Some(folder) => Some(follow(&catalog, folder).await?),
        None => None,
    };
    catalog.tidy().await;
    let daemon = Daemon { catalog, records, api_host: format!("http://{address}").into(), stopping, busy: Busy::new() };
    Ok((daemon, watcher))
}

/// Deploys what the folder holds now, then follows it.
async fn follow(catalog: &Arc<Catalog>, folder: &std::path::Path) -> Result<Watcher, ServeError> {
    let (sender, mut changes) = mpsc::unbounded_channel();
    let folder = folder.to_owned();
    let watching = tokio::task::spawn_blocking(move || {
        upshift_deploy::watch(&folder, move |change| {
            // Nobody follows any more once the daemon has stopped.
            let _ = sender.send(change);
        })
    });
    let watcher = watching.await.map_err(std::io::Error::other)??;
    catalog.follow_all(std::iter::from_fn(|| changes.try_recv().ok())).await;
    let catalog = Arc::clone(catalog);
    tokio::spawn(async move {
        while let Some(change) = changes.recv().await {
            catalog.follow(change).await;
        }
    });
    Ok(watcher)
}

async fn reap(catalog: Arc<Catalog>, mut stopping: watch::Receiver<bool>) {
    let reaping = async {
        loop {
            tokio::time::sleep(THINNING).await;
            catalog.thin_out();
            catalog.shared().client.reap();
        }
    };
    tokio::select! { _ = stopping.wait_for(|stopping| *stopping) => {} () = reaping => {} }
}

/// Gives every connection to `serve`, until `shutdown` completes.
pub(crate) async fn accept(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    mut serve: impl FnMut(TcpStream),
) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        match accepted {
            Ok((stream, _)) => serve(stream),
            Err(error) => {
                // Too many open files, or a client that went at once: neither ends the daemon.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Answers the requests of a connection, one after another; once `stopping` is true, the one that is under way.
pub(crate) async fn connection<F>(
    stream: TcpStream,
    mut stopping: watch::Receiver<bool>,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    F: Future<Output = Reply>,
{
    // Small answers go out at once; a socket that refuses the option still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let reply = answer(request);
        async move { Ok::<Reply, Infallible>(reply.await) }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(SILENCE);
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

async fn answer(daemon: &Daemon, request: Request<Incoming>) -> Reply {
    let request_id = reply::request_id(request.headers());
    let outcome = async {
        let command = command(request).await?;
        daemon.execute(command, &request_id).await
    };
    let reply = outcome.await.unwrap_or_else(|refusal: Refusal| reply::refused(&refusal, &request_id));
    reply::finish(reply, &request_id)
}

/// What a request asks for; of the request itself, whose headers are parts of its connection's buffer, nothing is left.
async fn command(request: Request<Incoming>) -> Result<api::Command, Refusal> {
    let (head, body) = request.into_parts();
    let body = read(&head, body).await?;
    api::parse(&head, body)
}

async fn read(head: &hyper::http::request::Parts, mut body: Incoming) -> Result<Bytes, Refusal> {
    let limit = api::body_limit(head);
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
