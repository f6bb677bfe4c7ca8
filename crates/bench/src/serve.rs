//! The backing server: HTTP/1.1 on a port, each answer after a delay.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::routes::{Answer, Body, answer};
use crate::store::Store;

/// A server that listens.
#[derive(Debug)]
pub struct Backing {
    listener: TcpListener,
    store: Arc<Store>,
    delay: Duration,
    requests: Arc<AtomicU64>,
}

impl Backing {
    /// Listens on `address`; each answer is given after `delay`.
    ///
    /// # Errors
    /// If the address is in use, or SQLite fails.
    pub async fn bind(address: SocketAddr, delay: Duration) -> anyhow::Result<Self> {
        let store = Store::new().map_err(|error| anyhow::anyhow!("the store: {error:?}"))?;
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, store: Arc::new(store), delay, requests: Arc::default() })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped.
    pub async fn serve(self) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let (store, delay, requests) = (Arc::clone(&self.store), self.delay, Arc::clone(&self.requests));
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let (store, requests) = (Arc::clone(&store), Arc::clone(&requests));
                    async move {
                        requests.fetch_add(1, Ordering::Relaxed);
                        Ok::<_, Infallible>(respond(&store, delay, &requests, request).await)
                    }
                });
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }
}

async fn respond(
    store: &Store,
    delay: Duration,
    requests: &AtomicU64,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Response::new(Full::default()) };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let query = head.uri.query().unwrap_or_default();
    let Answer { status, body } = match head.uri.path() {
        // How many requests there were, without this one.
        "/requests" => {
            let count = requests.load(Ordering::Relaxed) - 1;
            Answer { status: 200, body: Body::Json(serde_json::json!({"requests": count})) }
        }
        path => answer(store, head.method.as_str(), path, query, &body.to_bytes()),
    };
    let (kind, bytes) = match body {
        Body::Json(value) => ("application/json", value.to_string().into_bytes()),
        Body::Bytes(bytes) => ("application/octet-stream", bytes),
    };
    let response = Response::builder().status(status).header("content-type", kind);
    response.body(Full::new(bytes.into())).unwrap_or_default()
}
