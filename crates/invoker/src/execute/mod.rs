//! The one executor: carries out commands on the daemon's state, one file a resource.
//!
//! In: a [`Command`] and whose it is. Out: a response without the headers that everything carries.

mod actions;
mod activations;
mod begun;
mod busy;
mod info;
mod invoke;
mod packages;
mod rules;
mod sequence;
mod triggers;
mod web;

use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::watch;
use upshift_deploy::{Bounds, Identity, Keys};

use crate::accepted::Queue;
use crate::api::{Asked, Command, List, Refusal};
use crate::catalog::{Catalog, Refused};
use crate::dashboard;
use crate::records::Records;
use crate::reply::{self, Reply};
use crate::throttle::Throttle;

pub(crate) use busy::Busy;

/// A running daemon, as requests see it.
pub(crate) struct Daemon {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) records: Records,
    pub(crate) queue: Queue,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) keys: Keys,
    /// Whether clients on this machine need a key, too.
    pub(crate) require_key: bool,
    pub(crate) bounds: Arc<Bounds>,
    /// The address that clients reach it at, for the actions' environment.
    pub(crate) api_host: Arc<str>,
    /// True once it is shutting down.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Connections and invocations that have not ended.
    pub(crate) busy: Busy,
}

impl Daemon {
    /// Carries out what was asked for by the request `request_id`.
    pub(crate) async fn execute(self: &Arc<Self>, asked: Asked, request_id: &str) -> Result<Reply, Refusal> {
        let Asked { by, command } = asked;
        match command {
            Command::Ping => Ok(reply::typed(200, "text/plain; charset=UTF-8", "pong")),
            Command::Info => Ok(reply::json(200, info::info(&self.bounds))),
            Command::Build => Ok(reply::json(200, info::build())),
            Command::ApiDocs => Ok(reply::json(200, info::API)),
            Command::Namespaces => Ok(reply::json(200, serde_json::json!([by.namespace]).to_string())),
            Command::NamespaceLimits => Ok(reply::json(200, info::namespace_limits(&self.bounds))),
            Command::Preflight => Ok(reply::empty(200)),
            Command::Action(command) => Box::pin(self.action(command, &by, request_id)).await,
            Command::Package(command) => Box::pin(self.package(command, &by)).await,
            Command::Trigger(command) => Box::pin(self.trigger(command, &by, request_id)).await,
            Command::Rule(command) => Box::pin(self.rule(command)).await,
            Command::Activation(command) => self.activation(command, &by),
            Command::Web(request) => Box::pin(self.web(request, request_id)).await,
            command => self.dashboard(command, by),
        }
    }

    fn dashboard(&self, command: Command, by: Identity) -> Result<Reply, Refusal> {
        match command {
            Command::DashboardEvents => {
                Ok(reply::events(dashboard::events(Arc::clone(&self.catalog), by, self.stopping.clone())))
            }
            Command::DashboardAction(key) => {
                let deployed = self.catalog.get(&key);
                let runtime = deployed.as_ref().and_then(|deployed| deployed.function());
                let runtime =
                    runtime.filter(|runtime| dashboard::shows(runtime, &by)).ok_or_else(Refusal::not_found)?;
                Ok(reply::json(200, dashboard::detail(runtime)))
            }
            _ => Ok(reply::typed(200, "text/html; charset=utf-8", dashboard::PAGE)),
        }
    }
}

/// A list of the API: the page that is asked for, or how many there are from its start on.
fn listed<T>(list: &List, collection: &str, entities: Vec<T>, shown: impl Fn(&T) -> String) -> Reply {
    if list.count {
        return reply::json(200, format!("{{\"{collection}\":{}}}", list.page.count(entities.len())));
    }
    reply::json(200, array(list.page.of(&entities).map(shown)))
}

/// A JSON array of documents.
fn array(documents: impl Iterator<Item = String>) -> Bytes {
    let documents: Vec<String> = documents.collect();
    format!("[{}]", documents.join(",")).into()
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Exists => Self::conflict("resource already exists"),
            Refused::Missing => Self::not_found(),
            Refused::Gone(message) => Self::new(404, message),
            Refused::Forbidden(what) => Self::forbidden(&what),
            Refused::Conflict(message) => Self::conflict(message),
            Refused::Bad(message) | Refused::Syntax(message) => Self::bad_request(message),
            Refused::Deploy(error) => error.into(),
            Refused::Internal(error) => {
                tracing::error!("{error}");
                Self::internal()
            }
        }
    }
}
