//! What traced invocations taught of one action, in memory and on disk.
//!
//! On disk it is `trace.json` and `recordings.json` of the action, written when a version goes live,
//! so that the next daemon starts where this one was. Both name the source that they belong to,
//! and the recordings name the trace: a daemon that is killed between the two leaves nothing for the next one.

use serde::{Deserialize, Serialize};
use upshift_deploy::{Blobs, DeployError};
use upshift_ir::Trace;

use super::recordings::Recordings;

const TRACE: &str = "trace.json";
const RECORDINGS: &str = "recordings.json";

/// The trace and the recordings of one action.
#[derive(Default)]
pub(crate) struct Learnt {
    pub(crate) trace: Option<Trace>,
    /// The trace that the live version was compiled from.
    pub(crate) compiled: Option<Trace>,
    pub(crate) recordings: Recordings,
    /// Whether the module holds what it drew from the world when it was loaded: nothing for another daemon.
    pub(crate) is_volatile: bool,
    /// The Rust source of the latest version.
    pub(crate) rust: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredRecordings {
    source: String,
    main: String,
    /// The BLAKE3 hash of the trace's file that they were stored beside.
    #[serde(default)]
    trace: String,
    /// What the trace depends on beside the source; see [`Learnt::load`].
    #[serde(default)]
    place: String,
    recordings: Recordings,
}

impl Learnt {
    /// Whether the trace has seen anything that the compiled one has not.
    pub(crate) fn is_wider(&self) -> bool {
        match (&self.trace, &self.compiled) {
            (Some(trace), Some(compiled)) => {
                trace.entry != compiled.entry
                    || trace.functions != compiled.functions
                    || trace.source != compiled.source
                    || trace.wide != compiled.wide
                    || trace.changes != compiled.changes
                    || trace.patterns.len() != compiled.patterns.len()
            }
            (trace, _) => trace.is_some(),
        }
    }

    /// What an earlier daemon kept for this very source and entry, if it kept anything to verify by.
    ///
    /// `place` says where it ran: the packages there, and the environment if the program reads that.
    pub(crate) fn load(blobs: &Blobs, name: &str, source: &str, main: &str, place: &str) -> Option<Self> {
        let trace_text = blobs.read(name, TRACE).ok()??;
        let trace: Trace = serde_json::from_slice(&trace_text).ok()?;
        let stored: StoredRecordings = serde_json::from_slice(&blobs.read(name, RECORDINGS).ok()??).ok()?;
        let fits = trace.version == upshift_ir::TRACE_VERSION
            && trace.source == source
            && stored.trace == hash(&trace_text)
            && stored.source == source
            && stored.main == main
            && stored.place == place
            && stored.recordings.len() > 0;
        fits.then(|| Self { trace: Some(trace), recordings: stored.recordings, ..Self::default() })
    }

    /// Keeps `trace` and `recordings` for the next daemon.
    pub(crate) fn store(
        blobs: &Blobs,
        name: &str,
        main: &str,
        place: &str,
        trace: &Trace,
        recordings: Recordings,
    ) -> Result<(), DeployError> {
        let trace_text = serde_json::to_vec(trace)?;
        let stored = StoredRecordings {
            trace: hash(&trace_text),
            source: trace.source.clone(),
            main: main.to_owned(),
            place: place.to_owned(),
            recordings,
        };
        blobs.write(name, RECORDINGS, &serde_json::to_vec(&stored)?)?;
        blobs.write(name, TRACE, &trace_text)
    }

    /// The next daemon starts anew.
    pub(crate) fn forget(blobs: &Blobs, name: &str) -> Result<(), DeployError> {
        blobs.remove(name, TRACE)?;
        blobs.remove(name, RECORDINGS)
    }
}

fn hash(text: &[u8]) -> String {
    blake3::hash(text).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use upshift_deploy::Store;
    use upshift_ir::{FunctionId, TRACE_VERSION};

    use super::super::recordings::Recording;
    use super::*;

    fn trace(source: &str) -> Trace {
        Trace {
            version: TRACE_VERSION,
            source: source.into(),
            invocations: 1,
            entry: FunctionId(0),
            functions: Vec::new(),
            modules: Vec::new(),
            globals: Default::default(),
            image: Vec::new(),
            loaded: Some(0),
            variables: Default::default(),
            changes: false,
            wide: Default::default(),
            patterns: Vec::new(),
        }
    }

    fn recordings() -> Recordings {
        let mut recordings = Recordings::default();
        recordings.add(Recording {
            args: "{}".into(),
            result: "{}".into(),
            logs: Vec::new(),
            hash_secret: [0; 3],
            environment: Vec::new(),
            journal: String::new(),
            state: Default::default(),
        });
        recordings
    }

    #[test]
    fn a_trace_and_recordings_that_were_not_stored_together_are_no_use() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Store::open(directory.path()).unwrap().blobs();
        Learnt::store(&blobs, "a", "main", "there", &Trace { invocations: 7, ..trace("hash") }, recordings()).unwrap();
        let older = blobs.read("a", TRACE).unwrap().unwrap();
        Learnt::store(&blobs, "a", "main", "here", &trace("hash"), recordings()).unwrap();
        let newer = blobs.read("a", TRACE).unwrap().unwrap();
        // As a daemon leaves it that is killed when it has written the recordings.
        blobs.write("a", TRACE, &older).unwrap();
        assert!(Learnt::load(&blobs, "a", "hash", "main", "here").is_none());
        blobs.write("a", TRACE, &newer).unwrap();
        assert!(Learnt::load(&blobs, "a", "hash", "main", "here").is_some());
    }

    #[test]
    fn what_was_learnt_is_found_again_for_the_same_source() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Store::open(directory.path()).unwrap().blobs();
        assert!(Learnt::load(&blobs, "a", "hash", "main", "here").is_none());
        let recordings = recordings();
        Learnt::store(&blobs, "a", "main", "here", &trace("hash"), recordings).unwrap();
        let learnt = Learnt::load(&blobs, "a", "hash", "main", "here").unwrap();
        assert_eq!((learnt.recordings.len(), learnt.trace), (1, Some(trace("hash"))));
        assert!(Learnt::load(&blobs, "a", "other", "main", "here").is_none());
        assert!(Learnt::load(&blobs, "a", "hash", "other", "here").is_none());
        assert!(Learnt::load(&blobs, "a", "hash", "main", "elsewhere").is_none());
        Learnt::forget(&blobs, "a").unwrap();
        assert!(Learnt::load(&blobs, "a", "hash", "main", "here").is_none());
    }

    #[test]
    fn more_invocations_alone_are_not_wider() {
        let mut learnt = Learnt::default();
        assert!(!learnt.is_wider());
        learnt.trace = Some(trace("hash"));
        assert!(learnt.is_wider());
        learnt.compiled = Some(Trace { invocations: 7, ..trace("hash") });
        assert!(!learnt.is_wider());
        learnt.compiled = Some(trace("other"));
        assert!(learnt.is_wider());
    }
}
