//! Invocations whose callers do not wait: what was accepted runs, once, also after the daemon has ended in any way.
//!
//! Accepted ones are in the store before their callers hear of it, many in one commit where many come at once.
//! That one has begun is noted in a file without waiting for the disk, which outlives this process if not the machine; one that
//! may have begun when its daemon ended runs once more, and its record says so.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use upshift_deploy::{DeployError, QualifiedName, Store};
use uuid::Uuid;

/// So many more ids than are of interest the file may have.
const SPARE: usize = 10_000;

/// An invocation that will run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    #[serde(with = "uuid::serde::simple")]
    pub(crate) id: Uuid,
    /// Whose it is.
    pub(crate) namespace: String,
    pub(crate) name: QualifiedName,
    /// What its caller sent, JSON text.
    pub(crate) body: String,
    pub(crate) request_id: String,
    /// When it was asked for, in milliseconds of the epoch.
    pub(crate) start: u64,
}

/// One that an earlier daemon accepted and did not end.
pub(crate) struct Pending {
    pub(crate) accepted: Accepted,
    /// It may have run.
    pub(crate) began: bool,
}

/// What the callers of this daemon were promised.
pub(crate) struct Queue {
    began: Arc<Mutex<Began>>,
    writer: Mutex<Option<(Sender<Note>, JoinHandle<()>)>>,
}

/// Which have begun and not ended, in memory and in a file.
struct Began {
    file: File,
    ids: HashSet<u128>,
    /// Ids in the file.
    written: usize,
}

enum Note {
    Accept(u128, Vec<u8>, oneshot::Sender<Result<(), String>>),
    Ended(u128),
}

impl Queue {
    /// Takes up the promises of the state directory `state`; what is left of those before is to be run.
    pub(crate) fn open(store: Arc<Store>, state: &Path) -> Result<(Self, Vec<Pending>), DeployError> {
        let path = state.join("began");
        let failed = |source| DeployError::File { path: path.clone(), source };
        let options = File::options().read(true).append(true).create(true).open(&path);
        let mut began = Began::read(options.map_err(failed)?).map_err(failed)?;
        let mut pending: Vec<Pending> = Vec::new();
        for (id, bytes) in store.pending()? {
            pending.push(Pending { accepted: serde_json::from_slice(&bytes)?, began: began.ids.contains(&id) });
        }
        let known: HashSet<u128> = pending.iter().map(|pending| pending.accepted.id.as_u128()).collect();
        began.ids.retain(|id| known.contains(id));
        let began = Arc::new(Mutex::new(began));
        let marks = Arc::clone(&began);
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("accepted".into())
            .spawn(move || write(&store, &marks, &receiver))
            .map_err(failed)?;
        Ok((Self { began, writer: Mutex::new(Some((sender, thread))) }, pending))
    }

    /// Promises to run `accepted`; it is on the disk when this returns.
    pub(crate) async fn accept(&self, accepted: &Accepted) -> Result<(), String> {
        let bytes = serde_json::to_vec(accepted).map_err(|error| error.to_string())?;
        let (sender, written) = oneshot::channel();
        self.note(Note::Accept(accepted.id.as_u128(), bytes, sender));
        written.await.map_err(|_| "the daemon is stopping".to_owned())?
    }

    /// One that was accepted begins to run.
    pub(crate) fn began(&self, id: Uuid) {
        lock(&self.began).add(id.as_u128());
    }

    /// One that was accepted has its record.
    pub(crate) fn ended(&self, id: Uuid) {
        self.note(Note::Ended(id.as_u128()));
    }

    /// Waits until everything is noted.
    pub(crate) fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = writer {
            drop(sender);
            if thread.join().is_err() {
                tracing::error!("the writer of accepted invocations failed");
            }
        }
    }

    fn note(&self, note: Note) {
        if let Some((sender, _)) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            // The thread ends only when the sender is dropped.
            let _ = sender.send(note);
        }
    }
}

impl Began {
    /// A last id that is not whole was never relied on.
    fn read(mut file: File) -> std::io::Result<Self> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let ids = bytes.as_chunks::<16>().0;
        Ok(Self { written: ids.len(), ids: ids.iter().map(|id| u128::from_le_bytes(*id)).collect(), file })
    }

    fn add(&mut self, id: u128) {
        // A rerun begins once more.
        if self.ids.insert(id) {
            self.write(&[id]);
        }
    }

    /// These have ended; the file does not grow for ever.
    fn forget(&mut self, ended: &[u128]) {
        self.ids.retain(|id| !ended.contains(id));
        if self.written <= self.ids.len() + SPARE && !(self.ids.is_empty() && self.written > 0) {
            return;
        }
        match self.file.set_len(0) {
            Ok(()) => {
                self.written = 0;
                let left: Vec<u128> = self.ids.iter().copied().collect();
                self.write(&left);
            }
            Err(error) => tracing::error!("the note of what began cannot be emptied: {error}"),
        }
    }

    fn write(&mut self, ids: &[u128]) {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        self.written += ids.len();
        if let Err(error) = self.file.write_all(&bytes) {
            tracing::error!("it is not noted that an invocation began: {error}");
        }
    }
}

fn lock(began: &Mutex<Began>) -> MutexGuard<'_, Began> {
    began.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Commits what has gathered since the last commit.
fn write(store: &Store, began: &Mutex<Began>, notes: &Receiver<Note>) {
    while let Ok(first) = notes.recv() {
        let (mut new, mut ended, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for note in std::iter::once(first).chain(notes.try_iter()) {
            match note {
                Note::Accept(id, bytes, sender) => {
                    new.push((id, bytes));
                    waiting.push(sender);
                }
                Note::Ended(id) => ended.push(id),
            }
        }
        let written = store.accepted(&new, &ended).map_err(|error| error.to_string());
        match &written {
            Ok(()) => lock(began).forget(&ended),
            Err(error) => tracing::error!("accepted invocations cannot be noted: {error}"),
        }
        for sender in waiting {
            // One that went away does not want to know.
            let _ = sender.send(written.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(id: u128) -> Accepted {
        Accepted {
            id: Uuid::from_u128(id),
            namespace: "guest".into(),
            name: QualifiedName::packaged("guest", "p", "a"),
            body: "{\"x\": 1e999}".into(),
            request_id: "r".into(),
            start: 7,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn promises_outlive_the_daemon() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Queue::open(Arc::new(Store::open(directory.path()).unwrap()), directory.path()).unwrap();
        let (queue, pending) = open();
        assert!(pending.is_empty());
        for id in 1..=3 {
            queue.accept(&accepted(id)).await.unwrap();
        }
        queue.began(Uuid::from_u128(1));
        queue.began(Uuid::from_u128(2));
        queue.ended(Uuid::from_u128(1));
        queue.close();
        drop(queue);

        let (queue, pending) = open();
        let left: Vec<_> = pending.iter().map(|pending| (pending.accepted.id.as_u128(), pending.began)).collect();
        assert_eq!(left, [(2, true), (3, false)]);
        assert_eq!(pending[1].accepted, accepted(3));
        queue.ended(Uuid::from_u128(2));
        queue.ended(Uuid::from_u128(3));
        queue.close();
        drop(queue);
        assert_eq!(std::fs::metadata(directory.path().join("began")).unwrap().len(), 0);
        assert!(open().1.is_empty());
    }
}
