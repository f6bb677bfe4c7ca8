//! Folders for temporary files: one a deployed action, for which the workers' `tempfile` uses it.
//!
//! What an action's module remembers of its files stays true in whichever of its workers it runs next.
//! Holds: no folder outlives its action's deployment, nor any the daemon; after `kill -9` the next one clears them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the folders are.
#[derive(Debug)]
pub(crate) struct Temporary {
    root: PathBuf,
    made: AtomicU64,
}

impl Temporary {
    /// In the state directory, which is this daemon's alone; what an earlier one left there goes.
    pub(crate) fn open(state: &Path) -> std::io::Result<Self> {
        let root = fs::canonicalize(state)?.join("temporary");
        match fs::remove_dir_all(&root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self { root, made: AtomicU64::new(0) })
    }

    /// Another folder, which the first worker makes that may need it.
    pub(crate) fn folder(&self) -> TemporaryFolder {
        TemporaryFolder(self.root.join(self.made.fetch_add(1, Ordering::Relaxed).to_string()))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A folder that goes with everything in it when this is dropped.
#[derive(Debug)]
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        let remove = move || drop(fs::remove_dir_all(path));
        // It may hold much, and the thread may have requests.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_with_their_action_and_with_the_daemon() {
        let state = tempfile::tempdir().unwrap();
        let temporary = Temporary::open(state.path()).unwrap();
        let (first, second) = (temporary.folder(), temporary.folder());
        assert_ne!(first.path(), second.path());
        for folder in [&first, &second] {
            fs::create_dir_all(folder.path()).unwrap();
            fs::write(folder.path().join("file"), "content").unwrap();
        }
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists() && second.path().exists());
        // As after `kill -9`.
        std::mem::forget(temporary);
        drop(Temporary::open(state.path()).unwrap());
        assert!(!second.path().exists());
    }
}
