//! What a worker's reply means: the answer that clients get, and what a version can be verified by.

use upshift_worker::{Logs, Outcome, Reply};

use super::answer::{Answer, End, Status, Tier, log_line};
use super::pool::NoWorker;
use super::recordings::Recording;
use crate::printed::texts;

/// The answer where no worker could be had.
pub(super) fn no_worker(failure: NoWorker, limit_ms: u64) -> Answer {
    match failure {
        NoWorker::Failed(message, logs) => {
            let mut answer = Answer::error(Status::DeveloperError, &message, Tier::Python);
            answer.logs = lines(&logs);
            answer
        }
        NoWorker::TimedOut => Answer::timed_out(limit_ms, true, Tier::Python),
        NoWorker::System(error) => {
            tracing::error!("no worker could be had: {error}");
            Answer::error(Status::SystemError, "There was an internal error.", Tier::Python)
        }
    }
}

/// The contract's answer to each way that a run can end (section 2's table); a result has so many bytes at most.
pub(super) fn answer_of(reply: &Reply, limit_ms: u64, most: usize) -> Answer {
    let developer = |message: &str| Answer::error(Status::DeveloperError, message, Tier::Python);
    let returned = |end: End| Answer { end, ..developer("The action did not return a dictionary or array.") };
    let mut answer = match &reply.outcome {
        // The runtime protocol lets it pass, but the contract's controller does not.
        Outcome::Success(result) if result == b"null" => returned(End::ReturnedNone),
        Outcome::Success(result) => match String::from_utf8(result.clone()) {
            Ok(result) => Answer::success(result, Tier::Python, most),
            Err(_) => returned(End::ReturnedOther),
        },
        Outcome::Raised { message, .. } => Answer::error(Status::ApplicationError, message, Tier::Python),
        Outcome::NotDictOrArray => returned(End::ReturnedOther),
        Outcome::TimedOut => Answer::timed_out(limit_ms, false, Tier::Python),
        Outcome::OutOfMemory => developer("The action exhausted its memory and was aborted."),
        Outcome::NotSerialisable | Outcome::Crashed => {
            developer("The action did not produce a valid response and exited unexpectedly.")
        }
    };
    answer.logs = lines(&reply.logs);
    answer
}

fn lines(logs: &[upshift_worker::LogLine]) -> Vec<String> {
    logs.iter().map(log_line).collect()
}

/// What a version can be verified by, if the run succeeded.
pub(super) fn recording(args: &[u8], environment: Vec<(String, String)>, reply: &Reply) -> Option<Recording> {
    let Outcome::Success(result) = &reply.outcome else { return None };
    if result == b"null" {
        return None;
    }
    let lines = reply.logs.get(reply.load_lines..).unwrap_or_default();
    if Logs::are_truncated(lines) {
        return None;
    }
    Some(Recording {
        args: String::from_utf8(args.to_vec()).ok()?,
        result: String::from_utf8(result.clone()).ok()?,
        logs: texts(lines),
        hash_secret: reply.hash_secret,
        environment,
        journal: reply.journal.clone(),
        state: [reply.state_before.clone(), reply.state_after.clone()],
    })
}
