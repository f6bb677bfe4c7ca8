//! What an invocation gives, whichever tier it ran in.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use upshift_worker::LogLine;

use crate::pipeline::Bailout;

/// How much of a larger one the error quotes.
const QUOTED: usize = 1024;

/// The tier that gave an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tier {
    Python,
    Native,
}

impl Tier {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Native => "native",
        }
    }
}

/// The status of an activation, OpenWhisk's `ActivationResponse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Success = 0,
    ApplicationError = 1,
    DeveloperError = 2,
    SystemError = 3,
}

impl Status {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ApplicationError => "application error",
            Self::DeveloperError => "action developer error",
            Self::SystemError => "whisk internal error",
        }
    }
}

/// What an action's end of an invocation was, which OpenWhisk's runtimes tell apart where its API does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `main` returned a dict or a list, or raised.
    Returned,
    /// `main` returned `None`.
    ReturnedNone,
    /// `main` returned something else.
    ReturnedOther,
    /// The process ended, or had to be ended.
    Exited,
    /// It is not the action's: the daemon failed.
    Failed,
}

/// The end of an invocation.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) end: End,
    /// JSON text.
    pub(crate) result: String,
    /// Lines `<time> <stream>: <text>`.
    pub(crate) logs: Vec<String>,
    pub(crate) tier: Tier,
    /// The native version that ran.
    pub(crate) version: Option<u32>,
    /// The guard that sent the invocation to CPython.
    pub(crate) bailout: Option<Bailout>,
    pub(crate) timed_out: bool,
    /// From the request to its start.
    pub(crate) waited: Duration,
    /// How long a cold worker took.
    pub(crate) init: Option<Duration>,
    pub(crate) duration: Duration,
}

impl Answer {
    /// What `main` returned, a dict or list as JSON text, of which so many bytes are allowed.
    pub(crate) fn success(result: String, tier: Tier, most: usize) -> Self {
        if result.len() > most {
            let end = result.floor_char_boundary(QUOTED);
            let message = format!(
                "The action produced a response that exceeded the allowed length: {} > {most} bytes. \
                 The truncated response was: {}",
                result.len(),
                &result[..end],
            );
            return Self::error(Status::ApplicationError, &message, tier);
        }
        let failed = crate::payload::has_error(result.as_bytes());
        Self::new(if failed { Status::ApplicationError } else { Status::Success }, End::Returned, result, tier)
    }

    /// An error with its message as the result; a developer's is that of a process that ended.
    pub(crate) fn error(status: Status, message: &str, tier: Tier) -> Self {
        let end = match status {
            Status::Success | Status::ApplicationError => End::Returned,
            Status::DeveloperError => End::Exited,
            Status::SystemError => End::Failed,
        };
        Self::new(status, end, error_object(message), tier)
    }

    /// The action's time limit passed.
    pub(crate) fn timed_out(limit_ms: u64, initialising: bool, tier: Tier) -> Self {
        let end = if initialising { " during initialization." } else { "." };
        let message = format!("The action exceeded its time limits of {limit_ms} milliseconds{end}");
        Self { timed_out: true, ..Self::error(Status::DeveloperError, &message, tier) }
    }

    fn new(status: Status, end: End, result: String, tier: Tier) -> Self {
        Self {
            status,
            end,
            result,
            logs: Vec::new(),
            tier,
            version: None,
            bailout: None,
            timed_out: false,
            waited: Duration::ZERO,
            init: None,
            duration: Duration::ZERO,
        }
    }
}

/// One line as OpenWhisk's log drivers write it: the time padded to 30 characters, the stream, the text.
pub(crate) fn log_line(line: &LogLine) -> String {
    format!("{:<30} {}: {}", format!("{:.9}", line.time), line.stream, line.text)
}

/// The stream and the text of such a line.
pub(crate) fn written(line: &str) -> Option<(&str, &str)> {
    line.get(31..)?.split_once(": ")
}

fn error_object(message: &str) -> String {
    format!("{{\"error\":{}}}", serde_json::Value::from(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_classified() {
        let status = |result: &str| Answer::success(result.into(), Tier::Native, 100).status;
        assert_eq!(status("{\"a\": NaN}"), Status::Success);
        assert_eq!(status("[1]"), Status::Success);
        assert_eq!(status("{\"error\": null}"), Status::ApplicationError);
        let result = format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20));
        let large = Answer::success(result.clone(), Tier::Python, 1 << 20);
        assert_eq!((large.status, large.end), (Status::ApplicationError, End::Returned));
        assert!(large.result.contains("exceeded the allowed length: 1048585 > 1048576 bytes. The truncated"));
        assert!(large.result.len() < 2 * QUOTED);
        assert_eq!(Answer::success(result, Tier::Python, usize::MAX).status, Status::Success);
    }

    #[test]
    fn messages_are_the_contracts() {
        let answer = Answer::timed_out(100, false, Tier::Native);
        assert_eq!(answer.result, r#"{"error":"The action exceeded its time limits of 100 milliseconds."}"#);
        assert!(answer.timed_out && answer.status == Status::DeveloperError);
        assert!(Answer::timed_out(100, true, Tier::Python).result.contains("milliseconds during initialization."));
    }

    #[test]
    fn log_lines_have_thirty_characters_of_time() {
        let time: jiff::Timestamp = "2026-11-21T01:02:03.5Z".parse().unwrap();
        let line = LogLine { time, stream: "stdout", text: "a b".into() };
        assert_eq!(log_line(&line), "2026-11-21T01:02:03.500000000Z stdout: a b");
        assert_eq!(written(&log_line(&line)), Some(("stdout", "a b")));
        let whole = LogLine { time: "2026-11-21T01:02:03Z".parse().unwrap(), ..line };
        assert_eq!(log_line(&whole), "2026-11-21T01:02:03.000000000Z stdout: a b");
    }
}
