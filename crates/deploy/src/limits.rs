//! Limits of an action: defaults, ranges and OpenWhisk's messages (`TimeLimit`, `MemoryLimit`, `LogLimit`).

use std::ops::RangeInclusive;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::DeployError;

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

/// How far limits may go, and everything else that a daemon bounds; the defaults are OpenWhisk's, but for how often and how many
/// at once, which are not bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Of an action's time limit, in milliseconds.
    pub timeout: RangeInclusive<u64>,
    /// Of an action's memory limit, in MB.
    pub memory: RangeInclusive<u64>,
    /// Of an action's log limit, in MB.
    pub logs: RangeInclusive<u64>,
    /// Of what an action says of its concurrency.
    pub concurrency: RangeInclusive<u64>,
    /// The largest code, in bytes as it is sent.
    pub code: usize,
    /// The largest default parameters, in bytes of JSON.
    pub parameters: usize,
    /// The largest arguments, in bytes.
    pub payload: usize,
    /// The largest result, in bytes.
    pub result: usize,
    /// Actions of one sequence, those of the sequences in it among them.
    pub sequence: usize,
    /// Invocations of a namespace in one minute.
    pub invocations_per_minute: Option<u32>,
    /// Firings of triggers of a namespace in one minute.
    pub fires_per_minute: Option<u32>,
    /// Invocations of a namespace at once.
    pub concurrent: Option<u32>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            timeout: 100..=300_000,
            memory: 128..=512,
            logs: 0..=10,
            concurrency: 1..=500,
            code: 48 << 20,
            parameters: 1 << 20,
            payload: 1 << 20,
            result: 1 << 20,
            sequence: 50,
            invocations_per_minute: None,
            fires_per_minute: None,
            concurrent: None,
        }
    }
}

/// The limits of a document: what is absent stays as it was.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct LimitsUpdate {
    #[serde(default, deserialize_with = "whole")]
    timeout: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    memory: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    logs: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    concurrency: Option<i64>,
}

/// A whole number, however it is written: 2000, 2e3 or 2000.0.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    /// Beyond it, not every float is a number of its own; no limit comes near.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    if number.fract() != 0.0 || number.abs() > EXACT {
        return Err(D::Error::custom("a limit must be a whole number"));
    }
    Ok(Some(number as i64))
}

impl LimitsUpdate {
    /// `base` with this update, each limit within its range.
    pub(crate) fn apply(self, base: Limits, bounds: &Bounds) -> Result<Limits, DeployError> {
        Ok(Limits {
            timeout: within(self.timeout, base.timeout, &bounds.timeout, "duration", " milliseconds")?,
            memory: within(self.memory, base.memory, &bounds.memory, "memory size", " MB")?,
            logs: within(self.logs, base.logs, &bounds.logs, "log size", " MB")?,
            concurrency: within(self.concurrency, base.concurrency, &bounds.concurrency, "concurrency", "")?,
        })
    }
}

fn within(
    asked: Option<i64>,
    base: u64,
    range: &RangeInclusive<u64>,
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
        update.apply(Limits::default(), &Bounds::default()).map_err(|error| error.to_string())
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
