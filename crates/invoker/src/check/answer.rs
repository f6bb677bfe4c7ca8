//! What one way of running a call gave, and whether two ways agree.

use serde::Serialize;
use serde::ser::Serializer;

use crate::pipeline::NativeOutcome;
use crate::printed::Printed;

/// Two tiers that disagree.
#[derive(Clone, Debug, Serialize)]
pub struct Mismatch {
    /// The arguments.
    #[serde(serialize_with = "raw")]
    pub args: String,
    /// What CPython answered.
    #[serde(serialize_with = "raw")]
    pub python: String,
    /// What the other way answered.
    #[serde(serialize_with = "raw")]
    pub native: String,
}

/// What a run of one call gave, for comparison: equal answers are equal in every byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The result's JSON text, or `ExceptionName: message`, or how else it ended.
    pub result: Result<String, String>,
    /// Log lines, `stdout: text` or `stderr: text`.
    pub logs: Vec<String>,
}

impl Answer {
    /// What native code answered: the result's JSON text, and what it printed.
    pub(super) fn native(result: &[u8], printed: &Printed) -> Self {
        Self { result: Ok(String::from_utf8_lossy(result).into_owned()), logs: printed.texts() }
    }

    /// What a native run answered, if it did.
    pub(super) fn of(outcome: &NativeOutcome) -> Option<Self> {
        match outcome {
            NativeOutcome::Done { result, printed, .. } => Some(Self::native(result, printed)),
            NativeOutcome::Bailed { .. } | NativeOutcome::TimedOut => None,
        }
    }

    /// Whether two answers of CPython are the same but for the addresses in texts such as `<object object at 0x7f…>`.
    pub fn agrees(&self, other: &Answer) -> bool {
        let result = |answer: &Answer| match &answer.result {
            Ok(text) => (true, masked(text)),
            Err(text) => (false, masked(text)),
        };
        result(self) == result(other)
            && self.logs.len() == other.logs.len()
            && self.logs.iter().zip(&other.logs).all(|(l, r)| masked(l) == masked(r))
    }
}

/// `text` with every address cut down to its `0x`; a shorter number is none, but a program's own.
fn masked(text: &str) -> String {
    const LEAST: usize = 9;
    let mut parts = text.split(" at 0x");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        out.push_str(" at 0x");
        out.push_str(if part.len() - rest.len() < LEAST { part } else { rest });
    }
    out
}

/// JSON text as it is where it is valid JSON, otherwise as a string.
fn raw<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::value::RawValue::from_string(text.to_owned()) {
        Ok(raw) => raw.serialize(serializer),
        Err(_) => serializer.serialize_str(text),
    }
}

pub(super) fn mismatch(args: &str, python: &Answer, native: &Answer) -> Mismatch {
    let shown = |answer: &Answer| {
        let result = answer.result.clone().unwrap_or_else(|error| error);
        if python.result == native.result { format!("{result} with logs {:?}", answer.logs) } else { result }
    };
    Mismatch { args: args.to_owned(), python: shown(python), native: shown(native) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_not_compared() {
        let answer = |text: &str| Answer { result: Ok(text.to_owned()), logs: vec![format!("stdout: {text}")] };
        assert!(answer("[<A object at 0x7fa04b0c1d50>, 1]").agrees(&answer("[<A object at 0x7f114b0c1e10>, 1]")));
        assert!(!answer("[<A object at 0x7fa04b0c1d50>, 1]").agrees(&answer("[<A object at 0x7fa04b0c1d50>, 2]")));
        assert!(!answer("found at 0x10").agrees(&answer("found at 0x11")));
        assert!(!answer("1").agrees(&Answer { result: Err("1".to_owned()), logs: vec!["stdout: 1".to_owned()] }));
    }
}
