//! The daemon: starts everything, serves connections, stops in order.

mod connection;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use upshift_deploy::{Archives, DeployError, Keys, Store, Watcher};

use crate::accepted::{Pending, Queue};
use crate::catalog::Catalog;
use crate::engine;
use crate::execute::{Busy, Daemon};
use crate::records::Records;
use crate::throttle::Throttle;
use crate::{Config, ServeError};

use connection::Door;

pub(crate) use connection::connection;

pub use tls::Tls;

/// How long a shutdown waits for what has begun.
const DRAIN: Duration = Duration::from_secs(10);
/// How often it is looked for what is idle.
const THINNING: Duration = Duration::from_secs(3);

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
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let Started { daemon, watcher: _watcher, pending } =
        start(config, format!("{scheme}://{address}"), stopping.clone()).await?;
    let door = Arc::new(Door { daemon: Arc::clone(&daemon), tls, stopping: stopping.clone() });
    tokio::spawn(reap(Arc::clone(&daemon.catalog), stopping));
    if !pending.is_empty() {
        tracing::info!("running {} invocations that were accepted before", pending.len());
        tokio::spawn(Arc::clone(&daemon).take_up(pending));
    }
    if !address.ip().is_loopback() && door.tls.is_none() {
        tracing::warn!(
            "keys and arguments go over the network as they are: use --tls-cert and --tls-key, or a proxy that does"
        );
    }
    tracing::info!("serving on {scheme}://{address}");
    accept(listener, shutdown, |stream, peer| drop(tokio::spawn(Arc::clone(&door).enter(stream, peer)))).await;
    stop.send_replace(true);
    if tokio::time::timeout(DRAIN, daemon.busy.idle()).await.is_err() {
        tracing::warn!("stopping with requests under way");
    }
    let closing = tokio::task::spawn_blocking(move || {
        daemon.records.close();
        daemon.queue.close();
    });
    if let Err(error) = closing.await {
        tracing::error!("activation records may be lost: {error}");
    }
    Ok(())
}

/// A daemon that is ready for requests.
struct Started {
    daemon: Arc<Daemon>,
    watcher: Option<Watcher>,
    /// What the one before it was asked for and did not end.
    pending: Vec<Pending>,
}

/// Opens the store first, so that a state directory that cannot be used is what the user hears of.
async fn start(config: Config, api_host: String, stopping: watch::Receiver<bool>) -> Result<Started, ServeError> {
    let store = Arc::new(Store::open(&config.state_dir)?);
    let records = Records::open(store.directory(), config.kept)?;
    let (queue, pending) = Queue::open(Arc::clone(&store), store.directory())?;
    let keys = Keys::open(store.directory())?;
    let bounds = Arc::new(config.bounds.clone());
    let archives = Archives::open(&config.state_dir.join("archives")).map_err(DeployError::from)?;
    let shared = engine::start(&config, &store, archives).await?;
    let catalog = Arc::new(Catalog::open(shared, store, config.limits, Arc::clone(&bounds)).await?);
    let watcher = match &config.functions_dir {
        Some(folder) => Some(follow(&catalog, folder).await?),
        None => None,
    };
    catalog.tidy().await;
    let daemon = Daemon {
        catalog,
        records,
        queue,
        throttle: Throttle::new(Arc::clone(&bounds)),
        keys,
        require_key: config.require_key,
        bounds,
        api_host: api_host.into(),
        stopping,
        busy: Busy::new(),
    };
    Ok(Started { daemon: Arc::new(daemon), watcher, pending })
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

/// Gives every connection to `serve`, with who it is from, until `shutdown` completes.
pub(crate) async fn accept(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    mut serve: impl FnMut(TcpStream, SocketAddr),
) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        match accepted {
            Ok((stream, peer)) => serve(stream, peer),
            Err(error) => {
                // Too many open files, or a client that went at once: neither ends the daemon.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn reap(catalog: Arc<Catalog>, mut stopping: watch::Receiver<bool>) {
    let reaping = async {
        loop {
            tokio::time::sleep(THINNING).await;
            catalog.thin_out();
            catalog.shared().client.reap();
            if !catalog.shared().unpacker.archives().is_tidy() {
                catalog.tidy().await;
            }
        }
    };
    tokio::select! { _ = stopping.wait_for(|stopping| *stopping) => {} () = reaping => {} }
}
