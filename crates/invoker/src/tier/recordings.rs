//! Recorded invocations: what a version must reproduce before it goes live.

use serde::{Deserialize, Serialize};
use upshift_worker::StateDocument;

/// Recordings kept of an action.
const KEPT: usize = 64;
/// The first ones stay; later ones replace each other in the rest.
const FIRST: usize = 32;
/// Their bytes together, after the first recording.
const BYTES: usize = 8 << 20;

/// A traced invocation that succeeded, and had no part cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recording {
    /// The arguments, as JSON text.
    pub(crate) args: String,
    /// CPython's answer, as JSON text.
    pub(crate) result: String,
    /// The lines that it printed, `stdout: text` or `stderr: text`.
    pub(crate) logs: Vec<String>,
    /// What hashes depended on where it ran.
    pub(crate) hash_secret: [u64; 3],
    /// The environment, if the program may read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) environment: Vec<(String, String)>,
    /// What it drew from the world, as JSON; empty if nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) journal: String,
    /// The module's state before and after, as documents; empty if that of the loaded module.
    #[serde(default, skip_serializing_if = "has_no_state")]
    pub(crate) state: [StateDocument; 2],
}

fn has_no_state(state: &[StateDocument; 2]) -> bool {
    state.iter().all(String::is_empty)
}

/// The recordings of one action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Recordings {
    kept: Vec<Recording>,
    #[serde(skip)]
    replaced: usize,
}

impl Recordings {
    /// Keeps `recording` if there is room, in place of a later one if need be.
    pub(crate) fn add(&mut self, recording: Recording) {
        let bytes: usize = self.kept.iter().map(Recording::bytes).sum();
        if (!self.kept.is_empty() && bytes + recording.bytes() > BYTES)
            || self.kept.iter().any(|known| known.is_like(&recording))
        {
            return;
        }
        if self.kept.len() < KEPT {
            self.kept.push(recording);
        } else {
            self.kept[FIRST + self.replaced % (KEPT - FIRST)] = recording;
            self.replaced += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Recording> {
        self.kept.iter()
    }
}

impl Recording {
    fn bytes(&self) -> usize {
        let texts: usize = self.state.iter().chain(&self.logs).map(String::len).sum();
        self.args.len() + self.result.len() + self.journal.len() + texts
    }

    /// Whether both are of the same arguments with the same answer.
    fn is_like(&self, other: &Self) -> bool {
        (&self.args, &self.result, &self.logs, &self.state) == (&other.args, &other.result, &other.logs, &other.state)
    }

    /// The journal that a replay goes by, in which it may find nothing.
    pub(crate) fn journal(&self) -> &[u8] {
        if self.journal.is_empty() { b"[]" } else { self.journal.as_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(args: impl ToString) -> Recording {
        Recording {
            args: args.to_string(),
            result: "{}".into(),
            logs: Vec::new(),
            hash_secret: [1, 2, 3],
            environment: Vec::new(),
            journal: String::new(),
            state: Default::default(),
        }
    }

    #[test]
    fn the_first_and_the_latest_are_kept() {
        let mut recordings = Recordings::default();
        for n in 0..200 {
            recordings.add(recording(n));
        }
        assert_eq!(recordings.len(), KEPT);
        let kept: Vec<_> = recordings.iter().map(|recording| recording.args.clone()).collect();
        assert!((0..FIRST).all(|n| kept.contains(&n.to_string())));
        assert!(kept.contains(&"199".to_string()) && kept.contains(&"168".to_string()));
        assert!(!kept.contains(&"100".to_string()));
    }

    #[test]
    fn large_ones_are_left_out_and_equal_ones_kept_once() {
        let mut recordings = Recordings::default();
        recordings.add(recording("x".repeat(2 * BYTES)));
        recordings.add(recording(1));
        assert_eq!(recordings.len(), 1);
        let mut recordings = Recordings::default();
        recordings.add(recording(1));
        recordings.add(recording(1));
        assert_eq!(recordings.len(), 1);
    }

    #[test]
    fn they_are_stored_as_a_list() {
        let mut recordings = Recordings::default();
        recordings.add(recording(1));
        let json = serde_json::to_string(&recordings).unwrap();
        assert_eq!(json, r#"[{"args":"1","result":"{}","logs":[],"hash_secret":[1,2,3]}]"#);
        assert_eq!(serde_json::from_str::<Recordings>(&json).unwrap(), recordings);
    }
}
