//! Watches the folder of functions.
//!
//! In: a folder. Out: a [`Change`] for every action that is there at the start and for every one that changes after.
//! Each burst of file-system events leads to one new scan, so that editors which write beside and rename,
//! and tools which write in several steps, give one change.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher as _};

use crate::DeployError;
use crate::scan::{Snapshot, difference, scan};

/// A burst ends when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(100);
/// A burst that does not end is scanned all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// What happened to one action of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added {
        /// The action.
        name: String,
        /// The text of its file, or of its `__main__.py`; of a zip the base64.
        source: String,
        /// Its file or folder.
        path: PathBuf,
    },
    /// Its source, or a file beside it in its folder, is another.
    Changed {
        /// The action.
        name: String,
        /// The text of its file, or of its `__main__.py`; of a zip the base64.
        source: String,
        /// Its file or folder.
        path: PathBuf,
    },
    /// It is gone.
    Removed {
        /// The action.
        name: String,
    },
    /// It cannot be read; the version before stays.
    Broken {
        /// The action.
        name: String,
        /// Its file or folder.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

/// A running watch; it ends when this is dropped.
pub struct Watcher {
    _watcher: notify::RecommendedWatcher,
}

/// Scans `folder`, reports every action in it before returning, and goes on reporting from a thread.
pub fn watch(folder: &Path, mut report: impl FnMut(Change) + Send + 'static) -> Result<Watcher, DeployError> {
    let failed = |reason: String| DeployError::Watch { path: folder.to_owned(), reason };
    let folder_path = folder.canonicalize().map_err(|error| failed(error.to_string()))?;
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let reads_only = event.as_ref().is_ok_and(|event| event.kind.is_access());
        if !reads_only {
            // The thread is gone only when the watch is being dropped.
            let _ = sender.send(());
        }
    })
    .map_err(|error| failed(error.to_string()))?;
    // Watching starts before the scan, so that nothing falls between the two.
    watcher.watch(&folder_path, RecursiveMode::Recursive).map_err(|error| failed(error.to_string()))?;
    let mut following = Following { folder: folder_path, seen: Snapshot::new() };
    following.rescan(&mut report).map_err(|error| failed(error.to_string()))?;
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || following.run(&events, &mut report))
        .map_err(|error| failed(error.to_string()))?;
    Ok(Watcher { _watcher: watcher })
}

struct Following {
    folder: PathBuf,
    seen: Snapshot,
}

impl Following {
    fn run(&mut self, events: &Receiver<()>, report: &mut impl FnMut(Change)) {
        while events.recv().is_ok() {
            let started = Instant::now();
            loop {
                match events.recv_timeout(QUIET) {
                    Ok(()) if started.elapsed() < PATIENCE => {}
                    Ok(()) | Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            if let Err(error) = self.rescan(report) {
                tracing::warn!(folder = %self.folder.display(), "the folder of functions cannot be read: {error}");
            }
        }
    }

    fn rescan(&mut self, report: &mut impl FnMut(Change)) -> std::io::Result<()> {
        let now = scan(&self.folder)?;
        for change in difference(&self.seen, &now) {
            report(change);
        }
        self.seen = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn changes_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f.py");
        std::fs::write(&file, "one").unwrap();
        let (sender, changes) = mpsc::channel();
        let watcher = watch(folder.path(), move |change| sender.send(change).unwrap()).unwrap();
        let next = || changes.recv_timeout(Duration::from_secs(20)).expect("a change");
        assert!(matches!(next(), Change::Added { name, source, .. } if name == "f" && source == "one"));

        std::fs::write(&file, "two").unwrap();
        assert!(matches!(next(), Change::Changed { source, .. } if source == "two"));

        let beside = folder.path().join(".f.py.swp");
        std::fs::write(&beside, "three").unwrap();
        std::fs::rename(&beside, &file).unwrap();
        assert!(matches!(next(), Change::Changed { source, .. } if source == "three"));

        std::fs::remove_file(&file).unwrap();
        assert_eq!(next(), Change::Removed { name: "f".to_owned() });
        drop(watcher);
        assert!(changes.recv_timeout(Duration::from_secs(20)).is_err(), "the thread ends with the watch");
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = watch(&folder.path().join("none"), |_| ()).err().unwrap();
        assert!(matches!(error, DeployError::Watch { .. }));
    }
}
