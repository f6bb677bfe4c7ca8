//! Invocations: from what was asked for to the record of its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use hyper::header::HeaderValue;
use upshift_deploy::{Identity, QualifiedName};
use upshift_runtime::json::scan::object_members;
use uuid::Uuid;

use super::Daemon;
use super::begun::{Begun, begin};
use crate::accepted::{Accepted, Pending};
use crate::activation::{About, Cause, Record};
use crate::api::{Invoke, Refusal};
use crate::catalog::{Deployed, Resolved, now};
use crate::payload::{self, PayloadError};
use crate::reply::{self, Reply};
use crate::throttle::Running;
use crate::tier::{Answer, Environment, Origins, Status, Tier};

/// So many of those that an earlier daemon accepted run at once.
const TAKEN_UP_AT_ONCE: usize = 32;

/// One invocation that is ready to run.
pub(super) struct Invocation {
    pub(super) id: Uuid,
    pub(super) resolved: Resolved,
    pub(super) cause: Cause,
    /// JSON text.
    pub(super) args: Arc<[u8]>,
    pub(super) request_id: Arc<str>,
    /// Milliseconds of the epoch.
    pub(super) start: u64,
    /// When its request came.
    pub(super) received: Instant,
    /// Whether somebody was promised that it runs.
    pub(super) promised: Arc<AtomicBool>,
    /// Its place among those that run at once.
    pub(super) running: Option<Running>,
}

/// What a client that waits gets.
pub(super) enum Ended {
    Yes(Box<Record>),
    /// It goes on, and will end.
    NotYet(Uuid),
}

impl Daemon {
    /// Carries out `POST …/actions/NAME`.
    pub(super) async fn invoke(
        self: &Arc<Self>,
        invoke: Invoke,
        by: &Identity,
        request_id: &str,
    ) -> Result<Reply, Refusal> {
        let received = Instant::now();
        let resolved = self.catalog.resolve(&invoke.name, &by.namespace)?;
        let (id, reply) = match invoke.wait {
            None => {
                let id = self.submit(resolved, &invoke.name, invoke.body, by, request_id).await?;
                (id, accepted(id))
            }
            Some(wait) => {
                let invocation = self.prepare(resolved, &invoke.body, by, request_id, received)?;
                let id = invocation.id;
                match self.wait_for(invocation, &invoke.name, &invoke.body, wait).await? {
                    Ended::Yes(record) => (id, ended_reply(*record, invoke.result_only)),
                    Ended::NotYet(id) => (id, accepted(id)),
                }
            }
        };
        Ok(with_id(reply, id))
    }

    /// Runs an invocation, and waits at most `wait` for its end; one that takes longer is promised to end.
    pub(super) async fn wait_for(
        self: &Arc<Self>,
        invocation: Invocation,
        name: &QualifiedName,
        body: &Bytes,
        wait: Duration,
    ) -> Result<Ended, Refusal> {
        let (id, promised) = (invocation.id, Arc::clone(&invocation.promised));
        let promise = Promise::of(&invocation);
        let mut task = match begin(self.run_held(invocation)).await {
            Begun::Ended(Some(record)) => return Ok(Ended::Yes(Box::new(record))),
            Begun::Ended(None) => return Err(lost(name, "it panicked")),
            Begun::GoesOn(task) => task,
        };
        let ended = match tokio::time::timeout(wait, &mut task).await {
            Ok(ended) => ended,
            Err(_) => {
                promised.store(true, Ordering::Release);
                self.queue.accept(&promise.accepted(name, body)).await.map_err(not_noted)?;
                self.queue.began(id);
                if !task.is_finished() {
                    return Ok(Ended::NotYet(id));
                }
                // It ended before it was promised to, which nobody has to remember.
                self.queue.ended(id);
                task.await
            }
        };
        ended.map(|record| Ended::Yes(Box::new(record))).map_err(|error| lost(name, error))
    }

    /// Promises an invocation to its caller, and lets it run.
    pub(super) async fn submit(
        self: &Arc<Self>,
        resolved: Resolved,
        name: &QualifiedName,
        body: Bytes,
        by: &Identity,
        request_id: &str,
    ) -> Result<Uuid, Refusal> {
        let invocation = self.prepare(resolved, &body, by, request_id, Instant::now())?;
        let id = invocation.id;
        invocation.promised.store(true, Ordering::Release);
        self.queue.accept(&Promise::of(&invocation).accepted(name, &body)).await.map_err(not_noted)?;
        tokio::spawn(self.run_held(invocation));
        Ok(id)
    }

    /// What is asked for, if it may be, with its arguments.
    pub(super) fn prepare(
        &self,
        resolved: Resolved,
        body: &[u8],
        by: &Identity,
        request_id: &str,
        received: Instant,
    ) -> Result<Invocation, Refusal> {
        let start = now();
        let running = Some(self.throttle.invoke(&by.namespace, start)?);
        let cause = Cause {
            namespace: by.namespace.as_str().into(),
            binding: resolved.binding.as_ref().map(QualifiedName::full),
            ..Cause::default()
        };
        Ok(Invocation {
            id: Uuid::new_v4(),
            args: arguments(&resolved, body)?,
            resolved,
            cause,
            request_id: request_id.into(),
            start,
            received,
            promised: Arc::default(),
            running,
        })
    }

    /// Runs it to its end, which a daemon that stops waits for.
    fn run_held(self: &Arc<Self>, invocation: Invocation) -> impl Future<Output = Record> + Send + use<> {
        let (daemon, busy) = (Arc::clone(self), self.busy.enter());
        async move {
            let _busy = busy;
            daemon.run(invocation).await
        }
    }

    /// Runs it to its end; its record is kept when this returns.
    pub(super) async fn run(self: &Arc<Self>, invocation: Invocation) -> Record {
        let (id, promised) = (invocation.id, Arc::clone(&invocation.promised));
        let record = match invocation.resolved.deployed.clone() {
            Deployed::Function(runtime) => {
                let Invocation { resolved, cause, args, request_id, start, received, running, .. } = invocation;
                let origins = Origins {
                    namespace: Arc::clone(&cause.namespace),
                    api_host: Arc::clone(&self.api_host),
                    id,
                    request_id,
                    now: start,
                };
                let (action, about) = (Arc::clone(&runtime.action), Arc::clone(&runtime.about));
                let began = promised.load(Ordering::Acquire).then(|| {
                    let daemon = Arc::clone(self);
                    Box::new(move || daemon.queue.began(id)) as crate::tier::Began
                });
                let environment = Environment::new(action, &resolved.inherited, origins, began);
                let answer = runtime.invoke(args, Arc::new(environment), received).await;
                drop(running);
                Record::new(id, about, cause, start, answer)
            }
            Deployed::Sequence(sequence) => Box::pin(self.run_sequence(&sequence, invocation)).await,
        };
        self.records.add(&record);
        if promised.load(Ordering::Acquire) {
            self.queue.ended(id);
        }
        record
    }

    /// Runs what an earlier daemon was asked for and did not end.
    pub(crate) async fn take_up(self: Arc<Self>, pending: Vec<Pending>) {
        let places = Arc::new(tokio::sync::Semaphore::new(TAKEN_UP_AT_ONCE));
        for Pending { accepted, began } in pending {
            // Nobody closes it.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (daemon, busy) = (Arc::clone(&self), self.busy.enter());
            tokio::spawn(async move {
                let _busy = (busy, place);
                daemon.take_up_one(accepted, began).await;
            });
        }
    }

    async fn take_up_one(self: &Arc<Self>, accepted: Accepted, began: bool) {
        let Accepted { id, namespace, name, body, request_id, start } = accepted;
        let request_id = request_id.into();
        if matches!(self.records.get(&namespace, id), Ok(Some(_))) {
            return self.queue.ended(id);
        }
        let mut cause = Cause { namespace: namespace.as_str().into(), again: began, ..Cause::default() };
        let resolved = self.catalog.resolve(&name, &namespace).map_err(Refusal::from);
        let ready = resolved.and_then(|resolved| Ok((arguments(&resolved, body.as_bytes())?, resolved)));
        match ready {
            Ok((args, resolved)) => {
                cause.binding = resolved.binding.as_ref().map(QualifiedName::full);
                let promised = Arc::new(AtomicBool::new(true));
                let received = Instant::now();
                let invocation =
                    Invocation { id, resolved, cause, args, request_id, start, received, promised, running: None };
                self.run(invocation).await;
            }
            Err(_) => {
                let message = "Action could not be found or may have been deleted.";
                let answer = Answer::error(Status::SystemError, message, Tier::Python);
                self.records.add(&Record::new(id, Arc::new(About::missing(&name)), cause, start, answer));
                self.queue.ended(id);
            }
        }
    }
}

/// The arguments of a function; what a sequence is given goes to its first action.
pub(super) fn arguments(resolved: &Resolved, body: &[u8]) -> Result<Arc<[u8]>, Refusal> {
    let malformed = |reason: String| Refusal::malformed(&reason);
    match &resolved.deployed {
        Deployed::Function(runtime) => {
            payload::arguments(&runtime.action, &resolved.inherited, body).map_err(|error| match error {
                PayloadError::Malformed(reason) => malformed(reason),
                PayloadError::NotAllowed => Refusal::not_allowed(),
            })
        }
        Deployed::Sequence(_) if body.is_empty() => Ok(b"{}"[..].into()),
        Deployed::Sequence(_) => match object_members(body) {
            Ok(_) => Ok(body.into()),
            Err(error) => Err(malformed(error.to_string())),
        },
    }
}

/// What of an invocation may have to be promised, while it runs.
struct Promise {
    id: Uuid,
    namespace: Arc<str>,
    request_id: Arc<str>,
    start: u64,
}

impl Promise {
    fn of(invocation: &Invocation) -> Self {
        Self {
            id: invocation.id,
            namespace: Arc::clone(&invocation.cause.namespace),
            request_id: Arc::clone(&invocation.request_id),
            start: invocation.start,
        }
    }

    fn accepted(&self, name: &QualifiedName, body: &Bytes) -> Accepted {
        Accepted {
            id: self.id,
            namespace: self.namespace.to_string(),
            name: name.clone(),
            // It was read as JSON, so it is UTF-8.
            body: String::from_utf8_lossy(body).into_owned(),
            request_id: self.request_id.to_string(),
            start: self.start,
        }
    }
}

fn not_noted(error: String) -> Refusal {
    tracing::error!("an invocation could not be accepted: {error}");
    Refusal::internal()
}

fn lost(name: &QualifiedName, error: impl std::fmt::Display) -> Refusal {
    tracing::error!(action = %name, "an invocation failed: {error}");
    Refusal::internal()
}

fn accepted(id: Uuid) -> Reply {
    reply::json(202, format!("{{\"activationId\":\"{}\"}}", id.simple()))
}

/// The header by which clients find the record.
pub(super) fn with_id(mut reply: Reply, id: Uuid) -> Reply {
    if let Ok(id) = HeaderValue::from_str(id.simple().encode_lower(&mut Uuid::encode_buffer())) {
        reply.headers_mut().insert("x-openwhisk-activation-id", id);
    }
    reply
}

/// What a client that waited gets: 200 for success, 502 for the action's errors, 500 for ours.
fn ended_reply(record: Record, result_only: bool) -> Reply {
    let status = match record.status {
        Status::Success => 200,
        Status::ApplicationError | Status::DeveloperError => 502,
        Status::SystemError => 500,
    };
    let bare = result_only || record.result.starts_with('[');
    let tier = record.tier();
    let body = if bare { record.result } else { record.document() };
    with_tier(reply::json(status, body), tier)
}

/// The header that says how it was run.
pub(super) fn with_tier(mut reply: Reply, tier: Option<Tier>) -> Reply {
    if let Some(tier) = tier {
        reply.headers_mut().insert("x-upshift-tier", HeaderValue::from_static(tier.name()));
    }
    reply
}
