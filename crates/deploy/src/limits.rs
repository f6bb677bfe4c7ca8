//! Limits of an action: defaults, ranges and OpenWhisk's messages (`TimeLimit`, `MemoryLimit`, `LogLimit`).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::DeployError;

const TIMEOUT: RangeInclusive<u64> = 100..=300_000;
const MEMORY: RangeInclusive<u64> = 128..=512;
const LOGS: RangeInclusive<u64> = 0..=10;
const CONCURRENCY: RangeInclusive<u64> = 1..=500;

/// What one invocation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall-clock time, in milliseconds.
    pub timeout: u64,
    /// Memory, in MB.
    pub memory: u64,
    /// Logs, in MB.
    pub logs: u64,
    /// Invocations in one container at a time; kept for clients, it changes nothing here.
    pub concurrency: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 }
    }
}

/// The limits of a document: what is absent stays as it was.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct LimitsUpdate {
    timeout: Option<i64>,
    memory: Option<i64>,
    logs: Option<i64>,
    concurrency: Option<i64>,
}

impl LimitsUpdate {
    /// `base` with this update, each limit within its range.
    pub(crate) fn apply(self, base: Limits) -> Result<Limits, DeployError> {
        Ok(Limits {
            timeout: within(self.timeout, base.timeout, TIMEOUT, "duration", " milliseconds")?,
            memory: within(self.memory, base.memory, MEMORY, "memory size", " MB")?,
            logs: within(self.logs, base.logs, LOGS, "log size", " MB")?,
            concurrency: within(self.concurrency, base.concurrency, CONCURRENCY, "concurrency", "")?,
        })
    }
}

fn within(
    asked: Option<i64>,
    base: u64,
    range: RangeInclusive<u64>,
    what: &str,
    unit: &str,
) -> Result<u64, DeployError> {
    let Some(asked) = asked else { return Ok(base) };
    let (relation, threshold) = match u64::try_from(asked) {
        Ok(value) if range.contains(&value) => return Ok(value),
        Ok(value) if value > *range.end() => ("exceeds", range.end()),
        _ => ("below", range.start()),
    };
    Err(DeployError::Limit(format!("{what} {asked}{unit} {relation} allowed threshold of {threshold}{unit}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(json: &str) -> Result<Limits, String> {
        let update: LimitsUpdate = serde_json::from_str(json).unwrap();
        update.apply(Limits::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_limits_keep_their_value() {
        assert_eq!(apply("{}").unwrap(), Limits { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 });
        assert_eq!(apply(r#"{"timeout":100,"memory":512,"logs":0}"#).unwrap().timeout, 100);
    }

    #[test]
    fn ranges_have_the_contracts_messages() {
        assert_eq!(
            apply(r#"{"timeout":300001}"#).unwrap_err(),
            "duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds"
        );
        assert_eq!(apply(r#"{"memory":1024}"#).unwrap_err(), "memory size 1024 MB exceeds allowed threshold of 512 MB");
        assert_eq!(apply(r#"{"memory":-1}"#).unwrap_err(), "memory size -1 MB below allowed threshold of 128 MB");
        assert_eq!(apply(r#"{"logs":11}"#).unwrap_err(), "log size 11 MB exceeds allowed threshold of 10 MB");
    }
}
