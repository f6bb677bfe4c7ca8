//! The one executor: carries out commands on the daemon's state.
//!
//! In: a [`Command`]. Out: a response without the headers that everything carries.

use std::sync::Arc;
use std::time::Instant;

use hyper::body::Bytes;
use hyper::header::HeaderValue;
use tokio::sync::watch;
use upshift_deploy::{Action, DEFAULT_KIND, KINDS};
use uuid::Uuid;

use crate::activation::Record;
use crate::api::{Command, Invoke, MAX_PAYLOAD, Page, Refusal};
use crate::catalog::{Catalog, Refused, now};
use crate::dashboard;
use crate::payload::{self, PayloadError};
use crate::records::{Filter, Records};
use crate::reply::{self, Reply};
use crate::tier::{Environment, Status};

/// A running daemon, as requests see it.
pub(crate) struct Daemon {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) records: Arc<Records>,
    /// The address that clients reach it at, for the actions' environment.
    pub(crate) api_host: Arc<str>,
    /// True once it is shutting down.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Connections and invocations that have not ended.
    pub(crate) busy: Busy,
}

/// Counts what a shutdown waits for.
#[derive(Clone)]
pub(crate) struct Busy(Arc<watch::Sender<usize>>);

/// One thing that a shutdown waits for, until it is dropped.
pub(crate) struct BusyGuard(Arc<watch::Sender<usize>>);

impl Daemon {
    /// Carries out `command` for the request `request_id`.
    pub(crate) async fn execute(&self, command: Command, request_id: &str) -> Result<Reply, Refusal> {
        Ok(match command {
            Command::Ping => reply::typed(200, "text/plain; charset=UTF-8", "pong"),
            Command::Info => reply::json(200, info()),
            Command::Build => reply::json(200, build()),
            Command::Namespaces => reply::json(200, "[\"guest\"]"),
            Command::NamespaceLimits => reply::json(200, "{}"),
            Command::Preflight => reply::empty(200),
            Command::ListActions { page, count } => self.list_actions(page, count),
            Command::GetAction { name, code } => {
                let runtime = self.catalog.get(&name).ok_or_else(Refusal::not_found)?;
                reply::json(200, runtime.action.document(code))
            }
            Command::PutAction { name, overwrite, body } => {
                let action = Box::pin(self.catalog.put(&name, &body, overwrite)).await.map_err(refusal)?;
                reply::json(200, action.document(true))
            }
            Command::DeleteAction { name } => {
                let action = Box::pin(self.catalog.delete(&name)).await.map_err(refusal)?;
                reply::json(200, action.document(true))
            }
            Command::Invoke(invoke) => self.invoke(invoke, request_id).await?,
            Command::ListActivations { filter, page, docs, count } => self.list_activations(&filter, page, docs, count),
            Command::GetActivation(id) => reply::json(200, self.record(id)?.document()),
            Command::GetActivationLogs(id) => {
                let logs = serde_json::json!({ "logs": self.record(id)?.logs });
                reply::json(200, logs.to_string())
            }
            Command::GetActivationResult(id) => reply::json(200, self.record(id)?.response()),
            Command::DashboardPage => reply::typed(200, "text/html; charset=utf-8", dashboard::PAGE),
            Command::DashboardEvents => {
                reply::events(dashboard::events(Arc::clone(&self.catalog), self.stopping.clone()))
            }
            Command::DashboardAction(name) => {
                let runtime = self.catalog.get(&name).ok_or_else(Refusal::not_found)?;
                reply::json(200, dashboard::detail(&runtime))
            }
        })
    }

    async fn invoke(&self, invoke: Invoke, request_id: &str) -> Result<Reply, Refusal> {
        let received = Instant::now();
        let runtime = self.catalog.get(&invoke.name).ok_or_else(Refusal::not_found)?;
        let args = payload::arguments(&runtime.action, &invoke.body).map_err(|error| match error {
            PayloadError::Malformed(reason) => Refusal::malformed(&reason),
            PayloadError::NotAllowed => {
                Refusal::bad_request("Request defines parameters that are not allowed (e.g., reserved properties).")
            }
        })?;
        let (id, start, action) = (Uuid::new_v4(), now(), Arc::clone(&runtime.action));
        let environment = Environment::new(action, Arc::clone(&self.api_host), id, request_id.to_owned(), start);
        // A task of its own: an invocation that has begun ends, whether or not its client waits for it.
        let task = tokio::spawn({
            let (records, busy) = (Arc::clone(&self.records), self.busy.enter());
            async move {
                let _busy = busy;
                let about = Arc::clone(&runtime.about);
                let answer = runtime.invoke(args, Arc::new(environment), received).await;
                records.add(Record::new(id, about, start, answer))
            }
        });
        let ended = match invoke.wait {
            Some(wait) => tokio::time::timeout(wait, task).await.ok(),
            None => None,
        };
        let mut reply = match ended {
            None => reply::json(202, format!("{{\"activationId\":\"{}\"}}", id.simple())),
            Some(Ok(record)) => ended_reply(&record, invoke.result_only),
            Some(Err(error)) => {
                tracing::error!(action = invoke.name, "an invocation failed: {error}");
                return Err(Refusal::internal());
            }
        };
        if let Ok(id) = HeaderValue::from_str(id.simple().encode_lower(&mut Uuid::encode_buffer())) {
            reply.headers_mut().insert("x-openwhisk-activation-id", id);
        }
        Ok(reply)
    }

    fn list_actions(&self, page: Page, count: bool) -> Reply {
        let mut actions: Vec<Arc<Action>> =
            self.catalog.all().iter().map(|runtime| Arc::clone(&runtime.action)).collect();
        if count {
            return reply::json(200, format!("{{\"actions\":{}}}", page.count(actions.len())));
        }
        actions.sort_by_key(|action| std::cmp::Reverse(action.updated));
        reply::json(200, list(page.of(actions).map(|action| action.summary())))
    }

    fn list_activations(&self, filter: &Filter, page: Page, docs: bool, count: bool) -> Reply {
        let records = self.records.list(filter);
        if count {
            return reply::json(200, format!("{{\"activations\":{}}}", page.count(records.len())));
        }
        let shown = |record: Arc<Record>| if docs { record.document() } else { record.summary() };
        reply::json(200, list(page.of(records).map(shown)))
    }

    fn record(&self, id: Uuid) -> Result<Arc<Record>, Refusal> {
        self.records.get(id).ok_or_else(Refusal::not_found)
    }
}

/// What a client that waited gets: 200 for success, 502 for the action's errors, 500 for ours.
fn ended_reply(record: &Record, result_only: bool) -> Reply {
    let status = match record.status {
        Status::Success => 200,
        Status::ApplicationError | Status::DeveloperError => 502,
        Status::SystemError => 500,
    };
    let bare = result_only || record.result.starts_with('[');
    let body = if bare { record.result.clone() } else { record.document() };
    let mut reply = reply::json(status, body);
    reply.headers_mut().insert("x-upshift-tier", HeaderValue::from_static(record.tier.name()));
    reply
}

fn refusal(refused: Refused) -> Refusal {
    match refused {
        Refused::Exists => Refusal::new(409, "resource already exists"),
        Refused::Missing => Refusal::not_found(),
        Refused::Syntax(message) => Refusal::bad_request(message),
        Refused::Deploy(error) => error.into(),
        Refused::Internal(error) => {
            tracing::error!("{error}");
            Refusal::internal()
        }
    }
}

fn list(documents: impl Iterator<Item = String>) -> Bytes {
    let documents: Vec<String> = documents.collect();
    format!("[{}]", documents.join(",")).into()
}

fn info() -> String {
    let python: Vec<_> = KINDS
        .iter()
        .map(|kind| {
            serde_json::json!({
                "kind": kind, "default": *kind == DEFAULT_KIND, "deprecated": false,
                "attached": false, "requireMain": false, "image": "upshift",
            })
        })
        .collect();
    serde_json::json!({
        "description": "Upshift",
        "support": {},
        "api_paths": ["/api/v1"],
        "limits": {
            "max_action_duration": 300_000, "min_action_duration": 100,
            "max_action_memory": 512 << 20, "min_action_memory": 128 << 20,
            "max_action_logs": 10 << 20, "min_action_logs": 0,
            "max_payload": MAX_PAYLOAD,
        },
        "runtimes": { "python": python },
    })
    .to_string()
}

fn build() -> String {
    serde_json::json!({
        "description": "Upshift, an OpenWhisk API",
        "api_version": "1.0.0",
        "api_version_path": "v1",
        "build": env!("CARGO_PKG_VERSION"),
        "buildno": env!("CARGO_PKG_VERSION"),
        "swagger_paths": {},
    })
    .to_string()
}

impl Busy {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn enter(&self) -> BusyGuard {
        self.0.send_modify(|count| *count += 1);
        BusyGuard(Arc::clone(&self.0))
    }

    /// Waits until nothing is left.
    pub(crate) async fn idle(&self) {
        // The sender is in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
