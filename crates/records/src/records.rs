//! The records of a directory: what requests call.
//!
//! One mutex guards what appends change; it is held for a write to the kernel and for looking things up, never for a sync, a deletion or a read of a file.
//! Full segments do not change, so readers take a reference to all of them and let go of the mutex.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::appender::Appender;
use crate::directory::{Directory, failed};
use crate::format::{self, RECORD_HEADER};
use crate::growing::Growing;
use crate::limits::SegmentLimits;
use crate::names::{Filter, Names};
use crate::read::Reader;
use crate::scan::Found;
use crate::segment::{Index, Segment};
use crate::selection::Selection;
use crate::{MAX_NAME_BYTES, MAX_RECORD_BYTES, RecordsError, Retention, open, page, tend};

/// A record to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What the record is got by; of two records with the same id the later is got, and both are listed.
    pub id: u128,
    /// What lists are ordered by, milliseconds of the epoch.
    pub start: u64,
    /// What lists are filtered by, of at most [`MAX_NAME_BYTES`]: an opaque key, but for the namespace before its first `/`.
    pub name: &'a str,
    /// The record itself, of at most [`MAX_RECORD_BYTES`].
    pub bytes: &'a [u8],
}

/// An open directory of records; nobody else may have it open.
///
/// Dropping it closes it.
pub struct Records {
    pub(crate) shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What requests and the thread in the background share.
pub(crate) struct Shared {
    pub(crate) directory: Directory,
    pub(crate) retention: Retention,
    pub(crate) limits: SegmentLimits,
    pub(crate) state: Mutex<State>,
    /// Told when the records are closed.
    pub(crate) closing: Condvar,
    /// Held by who tends: there may be two at the end.
    pub(crate) tending: Mutex<()>,
}

/// What changes.
pub(crate) struct State {
    pub(crate) names: Names,
    /// The full ones, in the order of their numbers.
    pub(crate) segments: Arc<Vec<Arc<Segment>>>,
    /// The index of the last segment, the one that takes appends.
    pub(crate) growing: Growing,
    /// Its file.
    pub(crate) appender: Appender,
    /// It has records that have not been synced.
    pub(crate) unsynced: bool,
    /// It is new, and its name has not been synced.
    pub(crate) unnamed: bool,
    pub(crate) closed: bool,
}

impl Records {
    /// Opens the records of `directory`, making it if it is not there, and starts the thread that tends them.
    ///
    /// What a crash left is put right and logged: a torn tail is cut, a missing or damaged index is made again.
    /// Fails with [`RecordsError::NewerFormat`], or with [`RecordsError::File`] if a file cannot be read or written.
    pub fn open(directory: &Path, retention: Retention) -> Result<Self, RecordsError> {
        let records = Self::untended(directory, retention)?;
        let shared = Arc::clone(&records.shared);
        let thread = std::thread::Builder::new().name("records".into()).spawn(move || tend::run(&shared));
        let thread = thread.map_err(|error| failed(directory, error))?;
        *lock(&records.thread) = Some(thread);
        Ok(records)
    }

    /// Opens without a thread: nothing is synced, sealed or deleted but by [`Shared::tend`].
    pub(crate) fn untended(directory: &Path, retention: Retention) -> Result<Self, RecordsError> {
        let directory = Directory::open(directory)?;
        let limits = retention.segment();
        let state = Mutex::new(open::open(&directory, &limits, now())?);
        let shared = Shared { directory, retention, limits, state, closing: Condvar::new(), tending: Mutex::new(()) };
        Ok(Self { shared: Arc::new(shared), thread: Mutex::new(None) })
    }

    /// Appends a record, in a few microseconds.
    ///
    /// When it returns, the kernel has the record: it survives the death of this process.
    /// The background thread syncs twice a second, so a power failure costs no more than the last second.
    /// If it fails, the record is not there, and the next one may well succeed: see [`RecordsError`].
    pub fn append(&self, entry: &Entry<'_>) -> Result<(), RecordsError> {
        if entry.bytes.len() > MAX_RECORD_BYTES {
            return Err(RecordsError::TooLarge(entry.bytes.len()));
        }
        if entry.name.len() > MAX_NAME_BYTES {
            return Err(RecordsError::LongName(entry.name.len()));
        }
        let checksum = format::checksum(entry.name.as_bytes(), entry.bytes);
        let length = (RECORD_HEADER + entry.name.len() + entry.bytes.len()) as u64;
        let mut state = self.shared.state();
        if state.closed {
            return Err(RecordsError::Closed);
        }
        if state.is_full_for(length, &self.shared.limits) {
            state.roll(&self.shared)?;
        }
        let (offset, length) = state.appender.append(entry, checksum)?;
        let found = Found { id: entry.id, start: entry.start, name: entry.name, offset, length };
        let State { growing, names, .. } = &mut *state;
        growing.index(names, &found);
        state.unsynced = true;
        Ok(())
    }

    /// The bytes of the record with that id, if there is one.
    ///
    /// A record whose bytes are damaged on the disk is none, which is logged.
    pub fn get(&self, id: u128) -> Result<Option<Vec<u8>>, RecordsError> {
        let mut reader = Reader::new(&self.shared.directory);
        let (last, segments) = {
            let state = self.shared.state();
            let last = state.growing.find(id).map(|item| (state.appender.number, *item));
            (last, Arc::clone(&state.segments))
        };
        let found = last.or_else(|| {
            // What is asked for is new, more often than not.
            segments.iter().rev().find_map(|segment| Some((segment.number, *segment.find(id)?)))
        });
        match found {
            Some((number, item)) => reader.read(number, &item),
            None => Ok(None),
        }
    }

    /// The bytes of the records that pass `filter`: those with the newest start first, and by id where they are equal.
    ///
    /// The first `skip` are left out, and at most `limit` are given.
    /// Fewer are given too where records are damaged, or go by retention meanwhile.
    pub fn list(&self, filter: &Filter<'_>, skip: usize, limit: usize) -> Result<Vec<Vec<u8>>, RecordsError> {
        let (which, number, last, segments) = {
            let state = self.shared.state();
            let Some(which) = state.names.which(filter) else { return Ok(Vec::new()) };
            let last = state.growing.newest(which, filter, skip.saturating_add(limit));
            (which, state.appender.number, last, Arc::clone(&state.segments))
        };
        let full = segments.iter().map(|segment| (segment.number, segment.passing(which, filter)));
        let all = full.chain([(number, Selection::ordered(&last))]);
        let (numbers, selections): (Vec<u64>, Vec<Selection<'_>>) =
            all.filter(|(_, selection)| !selection.is_empty()).unzip();
        let mut reader = Reader::new(&self.shared.directory);
        let mut list = Vec::new();
        for (at, item) in page::page(&selections, skip, limit) {
            list.extend(reader.read(numbers[at], item)?);
        }
        Ok(list)
    }

    /// How many records pass `filter`.
    pub fn count(&self, filter: &Filter<'_>) -> usize {
        let (which, last, segments) = {
            let state = self.shared.state();
            let Some(which) = state.names.which(filter) else { return 0 };
            (which, state.growing.select(which).within(filter).len(), Arc::clone(&state.segments))
        };
        last + segments.iter().map(|segment| segment.passing(which, filter).len()).sum::<usize>()
    }

    /// Syncs everything and ends the thread; what is appended later fails, what is read does not.
    pub fn close(&self) {
        self.shared.state().closed = true;
        self.shared.closing.notify_all();
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that tends activation records failed");
        }
        if let Err(error) = self.shared.tend() {
            tracing::error!("activation records: {error}");
        }
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// Whether a record of `length` bytes belongs into a new segment.
    fn is_full_for(&self, length: u64, limits: &SegmentLimits) -> bool {
        self.growing.len() > 0 && (self.growing.len() >= limits.records || self.appender.end + length > limits.bytes)
    }

    /// Has a new segment take the appends; sealing the one before is for the background.
    pub(crate) fn roll(&mut self, shared: &Shared) -> Result<(), RecordsError> {
        let next = Appender::create(&shared.directory, self.appender.number + 1, now())?;
        let full = std::mem::replace(&mut self.appender, next);
        let growing = std::mem::replace(&mut self.growing, Growing::with_room(shared.limits.records));
        let segment = Segment { number: full.number, bytes: full.end, index: Index::Growing(growing) };
        Arc::make_mut(&mut self.segments).push(Arc::new(segment));
        self.unnamed = true;
        Ok(())
    }
}

/// The lock of a mutex whose holders leave nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds of the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
