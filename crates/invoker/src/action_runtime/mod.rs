//! OpenWhisk's action runtime: one action a process, which a cluster sends its code to `/init` and its invocations to `/run`.
//!
//! The protocol is that of the proxy in openwhisk-runtime-go with the launcher of openwhisk-runtime-python; on Knative, that of
//! openwhisk-runtime-nodejs (`platform/knative.js`), where both are a `POST` of `/`.
//! [`serve`] is the process. A body becomes a request (`request`, `knative`), `container` carries it out with the same tiers as
//! the daemon, `answer` says it over HTTP, and what the function printed goes to the process's own streams (`streams`).
//! Limits are the cluster's to enforce; what a function does to files and memory is confined by its container.

mod answer;
mod container;
mod knative;
mod request;
mod streams;
mod surroundings;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::{Method, Request};
use tokio::net::TcpListener;
use tokio::sync::watch;
use upshift_deploy::{Archives, DeployError, Store};

use crate::execute::Busy;
use crate::reply::Reply;
use crate::tier::{IDLE, Shared};
use crate::{Config, ServeError, engine, server};
use answer::Said;
use container::Container;
pub use surroundings::{Platform, Surroundings, UnknownPlatform};

/// How long a shutdown waits for what has begun; a cluster kills what takes longer than it allows.
const DRAIN: Duration = Duration::from_secs(300);
/// How often it is looked for connections to other services that nobody uses.
const THINNING: Duration = Duration::from_secs(3);
/// The largest body, in bytes; a worker takes no larger request.
const MOST_BODY: usize = 200 << 20;

/// Serves the protocol on `listener` until `shutdown` completes, then finishes what has begun.
///
/// The state directory of `config` is this process's alone.
/// Needs a multi-threaded tokio runtime.
///
/// # Errors
/// Before anything is served: if the state directory cannot be used, or CPython not be started.
pub async fn serve(
    config: Config,
    surroundings: Surroundings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    // Connections are taken from here on, by the kernel: a cluster that tries again and again finds the port open at once.
    let address = listener.local_addr()?;
    let store = Store::open(&config.state_dir)?;
    let archives = Archives::fleeting(&config.state_dir.join("archives")).map_err(DeployError::from)?;
    let shared = engine::start(&config, &store, archives).await?;
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(reap(Arc::clone(&shared), stopping.clone()));
    let service = Arc::new(Service {
        container: Container::new(shared, config.limits, surroundings.variables.clone()),
        surroundings,
        busy: Busy::new(),
    });
    service.begin().await;
    tracing::info!("serving on http://{address}");
    server::accept(listener, shutdown, |stream, _| {
        // Small answers go out at once; a socket that refuses the option still works.
        let _ = stream.set_nodelay(true);
        let (service, stopping) = (Arc::clone(&service), stopping.clone());
        tokio::spawn(async move {
            let _busy = service.busy.enter();
            server::connection(stream, stopping, |request| Arc::clone(&service).answer(request)).await;
        });
    })
    .await;
    stop.send_replace(true);
    if tokio::time::timeout(DRAIN, service.busy.idle()).await.is_err() {
        tracing::error!("stopping with requests under way");
    }
    Ok(())
}

async fn reap(shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let reaping = async {
        loop {
            tokio::time::sleep(THINNING).await;
            shared.client.reap();
            shared.zygote.reap(IDLE);
        }
    };
    tokio::select! { _ = stopping.wait_for(|stopping| *stopping) => {} () = reaping => {} }
}

/// The process, as requests see it.
struct Service {
    container: Container,
    surroundings: Surroundings,
    /// Connections and requests that have not ended.
    busy: Busy,
}

impl Service {
    /// Takes up the action that the process was started with, if it was with one; a failure is told to whoever asks first.
    async fn begin(&self) {
        if let Some(dedicated) = &self.surroundings.dedicated {
            let _ = self.container.init(dedicated.init.clone()).await;
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, MOST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let status = if error.is::<LengthLimitError>() { 413 } else { 400 };
                return Said::error(status, &format!("The request could not be read: {error}")).into_reply();
            }
        };
        let busy = self.busy.enter();
        // A task of its own: an invocation that has begun ends, whether or not its client waits for it.
        let task = tokio::spawn(async move {
            let _busy = busy;
            self.route(&head, body).await
        });
        task.await.unwrap_or_else(|error| {
            tracing::error!("a request failed: {error}");
            Said::error(500, "There was an internal error.").into_reply()
        })
    }

    async fn route(&self, head: &Parts, body: Bytes) -> Reply {
        let path = head.uri.path();
        let is_read = head.method == Method::GET || head.method == Method::HEAD;
        match self.surroundings.platform {
            _ if path == "/health" && is_read => Said::ok().into_reply(),
            Platform::OpenWhisk => match path {
                "/init" => self.init(&body).await.into_reply(),
                "/run" => self.container.run(request::run(&body)).await.into_reply(),
                "/" if is_read => Said::ok().into_reply(),
                _ => Said::error(404, "There are /init and /run here, and /health.").into_reply(),
            },
            Platform::Knative if path == "/" => self.knative(head, &body).await,
            Platform::Knative => Said::error(404, "There is / here, and /health.").into_reply(),
        }
    }

    async fn init(&self, body: &[u8]) -> Said {
        match request::init(body) {
            Ok(init) => self.container.init(init).await.map_or_else(|refused| refused, |()| Said::ok()),
            Err(message) => Said::error(400, &message),
        }
    }

    /// Takes up an action, runs an invocation, or first the one and then the other.
    async fn knative(&self, head: &Parts, body: &[u8]) -> Reply {
        if !self.surroundings.methods.iter().any(|method| head.method.as_str().eq_ignore_ascii_case(method)) {
            return Said::error(405, "The method is none of __OW_HTTP_METHODS.").into_reply();
        }
        let asked = match knative::read(head, body, &self.surroundings) {
            Ok(asked) => asked,
            Err(message) => return Said::error(400, &message).into_reply(),
        };
        let init = match (&self.surroundings.dedicated, asked.init) {
            (Some(_), Some(_)) => {
                let message = "Cannot initialize a runtime with a dedicated function.";
                return Said::error(403, message).into_reply();
            }
            (Some(dedicated), None) if self.container.is_empty() => Some(dedicated.init.clone()),
            (_, init) => init,
        };
        if let Some(init) = init
            && let Err(refused) = self.container.init(init).await
        {
            return refused.into_reply();
        }
        match asked.run {
            Some(run) => knative::reply(self.container.run(Ok(run)).await),
            None => Said::ok().into_reply(),
        }
    }
}
