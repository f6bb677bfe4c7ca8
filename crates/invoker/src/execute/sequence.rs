//! Sequences: each action is given the result of the one before (`SequenceActions.scala`).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use upshift_deploy::QualifiedName;
use uuid::Uuid;

use super::Daemon;
use super::invoke::{Invocation, arguments};
use crate::activation::{Cause, Record};
use crate::catalog::{Deployed, Refused, Resolved, Sequence, now};
use crate::payload;
use crate::tier::Status;

/// How far a sequence has come.
struct Progress {
    /// How the last part ended.
    status: Status,
    /// What it gave, JSON text.
    result: String,
    parts: Vec<Uuid>,
    /// Milliseconds that the parts took together.
    duration: u64,
    /// The most memory that one of them could use, in MB.
    memory: Option<u64>,
}

impl Progress {
    fn fail(&mut self, status: Status, message: &str) {
        self.status = status;
        self.result = serde_json::json!({ "error": message }).to_string();
    }
}

impl Daemon {
    /// Runs the actions of a sequence, and of the sequences in it, one after the other until one fails.
    pub(super) async fn run_sequence(self: &Arc<Self>, sequence: &Arc<Sequence>, invocation: Invocation) -> Record {
        let left = self.bounds.sequence;
        self.run_parts(sequence, invocation, &mut { left }).await
    }

    /// `left` are the functions that may still run.
    async fn run_parts(self: &Arc<Self>, sequence: &Arc<Sequence>, invocation: Invocation, left: &mut usize) -> Record {
        let start = invocation.start;
        if invocation.promised.load(Ordering::Acquire) {
            self.queue.began(invocation.id);
        }
        let mut progress = Progress {
            status: Status::Success,
            result: String::from_utf8_lossy(&invocation.args).into_owned(),
            parts: Vec::new(),
            duration: 0,
            memory: None,
        };
        for component in sequence.action.components() {
            if *left == 0 {
                progress.fail(Status::ApplicationError, "Too many actions in the sequence.");
                break;
            }
            if !self.run_part(component, &invocation, &mut progress, left).await {
                break;
            }
        }
        let about = Arc::new(sequence.about.with_memory(progress.memory));
        let last = (progress.status, progress.result);
        let times = (start, now());
        Record::of_sequence(invocation.id, about, invocation.cause, times, last, &progress.parts, progress.duration)
    }

    /// Runs one part on what the last one gave; whether the sequence goes on.
    async fn run_part(
        self: &Arc<Self>,
        component: &QualifiedName,
        whole: &Invocation,
        progress: &mut Progress,
        left: &mut usize,
    ) -> bool {
        let resolved = match self.catalog.resolve(component, &whole.cause.namespace) {
            Ok(resolved) => resolved,
            Err(Refused::Forbidden(_) | Refused::Missing) => {
                progress.fail(Status::ApplicationError, "Sequence component does not exist.");
                return false;
            }
            Err(_) => {
                progress.fail(Status::SystemError, "Sequence failed.");
                return false;
            }
        };
        let Some(args) = handed_on(&resolved, &progress.result) else {
            progress.fail(
                Status::ApplicationError,
                "Request defines parameters that are not allowed (e.g., reserved properties).",
            );
            return false;
        };
        let cause = Cause {
            namespace: Arc::clone(&whole.cause.namespace),
            sequence: Some(whole.id),
            binding: resolved.binding.as_ref().map(QualifiedName::full),
            again: whole.cause.again,
        };
        let part = Invocation {
            id: Uuid::new_v4(),
            cause,
            args,
            request_id: Arc::clone(&whole.request_id),
            start: now(),
            received: std::time::Instant::now(),
            promised: Arc::default(),
            running: None,
            resolved,
        };
        let record = match part.resolved.deployed.clone() {
            Deployed::Function(_) => {
                *left -= 1;
                self.run(part).await
            }
            Deployed::Sequence(inner) => {
                let record = Box::pin(self.run_parts(&inner, part, left)).await;
                self.records.add(&record);
                record
            }
        };
        progress.parts.push(record.id);
        progress.duration = progress.duration.saturating_add(record.duration());
        progress.memory = progress.memory.max(record.memory());
        progress.status = record.status;
        progress.result = record.result;
        progress.status == Status::Success && !payload::has_error(progress.result.as_bytes())
    }
}

/// What a part is given: the members of an object beside its own parameters, or an array as it is.
fn handed_on(resolved: &Resolved, result: &str) -> Option<Arc<[u8]>> {
    if result.starts_with('[') {
        return Some(result.as_bytes().into());
    }
    arguments(resolved, result.as_bytes()).ok()
}
