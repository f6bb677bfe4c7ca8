//! Tests of the whole: against a naive model, with damaged files, and what is left.

mod damage;
mod model;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::records::now;
use crate::segment::Index;
use crate::{Entry, Filter, MAX_NAME_BYTES, Records, RecordsError, Retention};

/// Everything is kept; segments are of `records` records.
fn endless(records: u64) -> Retention {
    Retention { records: records * 8, bytes: u64::MAX, age: Duration::MAX }
}

fn open(directory: &Path, records: u64) -> Records {
    Records::untended(directory, endless(records)).unwrap()
}

fn append(records: &Records, id: u128, start: u64, name: &str) {
    records.append(&Entry { id, start, name, bytes: format!("record {id}").as_bytes() }).unwrap();
}

/// The ids of a whole list, in its order.
fn ids(records: &Records, filter: &Filter<'_>) -> Vec<u128> {
    let list = records.list(filter, 0, usize::MAX).unwrap();
    list.iter().map(|bytes| std::str::from_utf8(bytes).unwrap()["record ".len()..].parse().unwrap()).collect()
}

/// The directory as a `kill -9` would leave it.
fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

#[test]
fn records_that_are_too_old_go() {
    let directory = tempfile::tempdir().unwrap();
    let hour = Duration::from_secs(3600);
    let records = Records::untended(directory.path(), Retention { age: hour, ..endless(2) }).unwrap();
    let long_ago = now() - 2 * 3_600_000;
    for id in 0..3 {
        append(&records, id, long_ago, "old/name");
    }
    append(&records, 3, now(), "a");
    append(&records, 4, now(), "a");
    records.shared.tend().unwrap();
    // The segment of 2 and 3 is as new as 3 is.
    assert_eq!(records.count(&Filter::default()), 3);
    assert!(records.get(1).unwrap().is_none() && records.get(2).unwrap().is_some());
    assert_eq!(ids(&records, &Filter { namespace: Some("old"), ..Filter::default() }), [2]);
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 3, "a sealed segment, its index, and the last segment");
}

#[test]
fn a_segment_that_grows_slowly_is_sealed_by_age() {
    let directory = tempfile::tempdir().unwrap();
    let records =
        Records::untended(directory.path(), Retention { age: Duration::from_secs(8), ..endless(100) }).unwrap();
    records.shared.state().appender.created = 0;
    records.shared.tend().unwrap();
    assert_eq!(records.shared.state().appender.number, 1, "an empty one stays");
    append(&records, 1, now(), "a");
    records.shared.tend().unwrap();
    assert_eq!(records.shared.state().appender.number, 2);
    assert!(matches!(records.shared.state().segments[0].index, Index::Sealed(_)));
    assert_eq!(ids(&records, &Filter::default()), [1]);
}

#[test]
fn names_go_with_their_records() {
    let directory = tempfile::tempdir().unwrap();
    let records = Records::untended(directory.path(), Retention { records: 8, ..endless(1) }).unwrap();
    for id in 0..100 {
        append(&records, id, 5, &format!("space{id}/name"));
    }
    records.shared.tend().unwrap();
    assert_eq!(records.count(&Filter::default()), 8);
    let which = |namespace: &str| {
        records.shared.state().names.which(&Filter { namespace: Some(namespace), ..Filter::default() })
    };
    assert!(which("space91").is_none() && which("space92").is_some());
    assert_eq!(ids(&records, &Filter { namespace: Some("space99"), ..Filter::default() }), [99]);
}

#[test]
fn after_close_there_is_reading_only() {
    let directory = tempfile::tempdir().unwrap();
    let records = Records::open(directory.path(), endless(100)).unwrap();
    append(&records, 1, 1, "a");
    records.close();
    records.close();
    let entry = Entry { id: 2, start: 2, name: "a", bytes: b"" };
    assert!(matches!(records.append(&entry), Err(RecordsError::Closed)));
    assert_eq!(ids(&records, &Filter::default()), [1]);
    assert!(!records.shared.state().unsynced);
}

#[test]
fn the_thread_syncs_and_seals() {
    let directory = tempfile::tempdir().unwrap();
    let records = Records::open(directory.path(), endless(1)).unwrap();
    append(&records, 1, 1, "a");
    append(&records, 2, 2, "a");
    loop {
        let state = records.shared.state();
        if !state.unsynced && matches!(state.segments[0].index, Index::Sealed(_)) {
            break;
        }
        drop(state);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(ids(&records, &Filter::default()), [2, 1]);
}

#[test]
fn what_is_too_long_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let records = open(directory.path(), 1);
    let name = "n".repeat(MAX_NAME_BYTES);
    append(&records, 1, 1, &name);
    let longer = format!("{name}n");
    let error = records.append(&Entry { id: 2, start: 1, name: &longer, bytes: b"" }).unwrap_err();
    assert!(matches!(error, RecordsError::LongName(65_536)), "{error}");
    drop(records);
    let records = open(directory.path(), 1);
    assert_eq!(ids(&records, &Filter { name: Some(&name), ..Filter::default() }), [1]);
}

#[test]
fn requests_append_while_others_read() {
    const EACH: u128 = 500;
    let directory = tempfile::tempdir().unwrap();
    let records = open(directory.path(), 64);
    let (records, done) = (&records, AtomicBool::new(false));
    std::thread::scope(|scope| {
        let appenders: Vec<_> = (0..3_u128)
            .map(|thread| {
                scope.spawn(move || {
                    (0..EACH).for_each(|n| append(records, thread * EACH + n, (n % 7) as u64, "a/b"));
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                records.shared.tend().unwrap();
                let list = records.list(&Filter { since: Some(2), ..Filter::default() }, 10, 20).unwrap();
                assert!(list.len() <= 20);
                assert!(list.iter().all(|bytes| bytes.starts_with(b"record ")));
            }
        });
        appenders.into_iter().for_each(|appender| appender.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    // Retention is eight segments, of which the last is not full.
    records.shared.tend().unwrap();
    let kept = records.count(&Filter::default());
    assert!(kept > 7 * 64 && kept <= 8 * 64, "{kept}");
    assert_eq!(ids(records, &Filter::default()).len(), kept);
    let mut last = (1..=3).map(|thread| thread * EACH - 1);
    assert!(last.any(|id| records.get(id).unwrap().is_some()));
}
