//! The activation records: the latest ones in memory, written to the store behind the requests' backs.
//!
//! One thread commits what has gathered since its last commit; a record that was evicted from memory
//! is forgotten by the store too. Losing the last moment's records to a `kill -9` is accepted.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use upshift_deploy::Store;
use uuid::Uuid;

use crate::activation::Record;

/// Records kept at most.
const KEPT: usize = 10_000;
/// Their weight at most, in bytes.
const WEIGHT: usize = 128 << 20;
/// The niceness of the thread that writes: requests come first, but a quarter of a processor is enough to keep up with them.
const UNHURRIED: i32 = 5;
/// How long a commit waits for company.
const GATHER: Duration = Duration::from_millis(50);

/// The records of this daemon and of those before it.
pub(crate) struct Records {
    ring: Mutex<Ring>,
    writer: Mutex<Option<(Sender<Written>, JoinHandle<()>)>>,
}

/// Which records a list asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) name: Option<String>,
    /// Milliseconds of the epoch, both inclusive.
    pub(crate) since: Option<u64>,
    pub(crate) upto: Option<u64>,
}

struct Written {
    number: u64,
    oldest: u64,
    record: Arc<Record>,
}

#[derive(Default)]
struct Ring {
    records: VecDeque<Arc<Record>>,
    /// The number of the first of `records`; each one after has the next.
    oldest: u64,
    weight: usize,
    by_id: HashMap<Uuid, Arc<Record>>,
}

impl Records {
    /// Reads what the store has and starts the writer.
    pub(crate) fn open(store: Arc<Store>) -> Result<Self, upshift_deploy::DeployError> {
        let mut ring = Ring::default();
        for (number, bytes) in store.records()? {
            // A record of another version of this program is no reason not to start.
            let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { continue };
            ring.push(Arc::new(record));
            ring.oldest = number + 1 - ring.records.len() as u64;
        }
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("records".into()).spawn(move || write(&store, &receiver));
        let thread = thread.map_err(|source| upshift_deploy::DeployError::File { path: "records".into(), source })?;
        Ok(Self { ring: Mutex::new(ring), writer: Mutex::new(Some((sender, thread))) })
    }

    /// Adds the record of an invocation that has just ended.
    pub(crate) fn add(&self, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        let (number, oldest) = {
            let mut ring = self.ring();
            let number = ring.push(Arc::clone(&record));
            (number, ring.oldest)
        };
        if let Some((sender, _)) = &*self.writer.lock().unwrap_or_else(PoisonError::into_inner) {
            // The thread ends only when the sender is dropped.
            let _ = sender.send(Written { number, oldest, record: Arc::clone(&record) });
        }
        record
    }

    /// The record with that id.
    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<Record>> {
        self.ring().by_id.get(&id).cloned()
    }

    /// The records that pass `filter`, newest first.
    pub(crate) fn list(&self, filter: &Filter) -> Vec<Arc<Record>> {
        let mut list: Vec<_> =
            self.ring().records.iter().rev().filter(|record| filter.passes(record)).cloned().collect();
        // They were added as they ended.
        list.sort_by_key(|record| std::cmp::Reverse(record.start));
        list
    }

    /// Waits until everything has reached the store; records added later stay in memory.
    pub(crate) fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((sender, thread)) = writer {
            drop(sender);
            if thread.join().is_err() {
                tracing::error!("the writer of activation records failed");
            }
        }
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filter {
    fn passes(&self, record: &Record) -> bool {
        self.name.as_ref().is_none_or(|name| *name == record.about.name)
            && self.since.is_none_or(|since| record.start >= since)
            && self.upto.is_none_or(|upto| record.start <= upto)
    }
}

impl Ring {
    fn push(&mut self, record: Arc<Record>) -> u64 {
        let number = self.oldest + self.records.len() as u64;
        self.weight += record.weight();
        self.by_id.insert(record.id, Arc::clone(&record));
        self.records.push_back(record);
        while self.records.len() > KEPT || (self.weight > WEIGHT && self.records.len() > 1) {
            let Some(evicted) = self.records.pop_front() else { break };
            self.oldest += 1;
            self.weight -= evicted.weight();
            self.by_id.remove(&evicted.id);
        }
        number
    }
}

fn write(store: &Store, written: &Receiver<Written>) {
    // Where that is not allowed, everything still works.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), UNHURRIED);
    while let Ok(first) = written.recv() {
        std::thread::sleep(GATHER);
        let mut batch = vec![first];
        batch.extend(written.try_iter());
        let oldest = batch.iter().map(|written| written.oldest).max().unwrap_or(0);
        let kept = batch.iter().filter(|written| written.number >= oldest);
        let rows: Vec<_> =
            kept.filter_map(|written| Some((written.number, serde_json::to_vec(&*written.record).ok()?))).collect();
        if let Err(error) = store.append_records(&rows, oldest) {
            tracing::error!("activation records could not be written: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::tests::record;

    #[test]
    fn lists_filter_and_survive_a_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Records::open(Arc::new(Store::open(directory.path()).unwrap())).unwrap();
        let records = open();
        for (id, name, start) in [(0xa, "one", 10), (0xc, "two", 30), (0xb, "one", 20)] {
            records.add(record(id, name, start));
        }
        let ids = |records: &Records, filter: Filter| -> String {
            records.list(&filter).iter().map(|record| format!("{:x}", record.id.as_u128())).collect()
        };
        assert_eq!(ids(&records, Filter::default()), "cba");
        assert_eq!(ids(&records, Filter { name: Some("one".into()), ..Filter::default() }), "ba");
        assert_eq!(ids(&records, Filter { since: Some(20), upto: Some(29), ..Filter::default() }), "b");
        records.close();
        drop(records);

        let records = open();
        assert_eq!(ids(&records, Filter::default()), "cba");
        assert_eq!(records.get(Uuid::from_u128(0xb)).unwrap().start, 20);
        records.add(record(0xd, "one", 40));
        records.close();
        drop(records);
        assert_eq!(ids(&open(), Filter::default()), "dcba");
    }

    #[test]
    fn the_ring_is_bounded() {
        let mut ring = Ring::default();
        for n in 0..KEPT as u64 + 5 {
            assert_eq!(ring.push(Arc::new(record(n.into(), "a", n))), n);
        }
        assert_eq!((ring.records.len(), ring.by_id.len(), ring.oldest), (KEPT, KEPT, 5));
        assert!(!ring.by_id.contains_key(&Uuid::from_u128(4)) && ring.by_id.contains_key(&Uuid::from_u128(5)));
    }
}
