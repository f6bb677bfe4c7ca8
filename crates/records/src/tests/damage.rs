//! What a crash, a full disk or a bad one leaves behind.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::{append, copy, endless, ids, open};
use crate::records::Records;
use crate::{Entry, Filter, RecordsError};

const ALL: Filter<'_> = Filter { namespace: None, name: None, since: None, upto: None };

fn segment(directory: &Path, number: u64) -> std::path::PathBuf {
    directory.join(format!("{number:010}.segment"))
}

fn index(directory: &Path, number: u64) -> std::path::PathBuf {
    directory.join(format!("{number:010}.index"))
}

fn damage(path: &Path, at: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x55], at).unwrap();
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

fn cut(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Two sealed segments of three records each, and a last one of two.
fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let records = open(directory.path(), 3);
    for id in 1..=8_u64 {
        append(&records, id.into(), id * 10, if id % 2 == 0 { "guest/even" } else { "odd" });
    }
    drop(records);
    directory
}

#[test]
fn a_torn_tail_costs_the_last_record() {
    let whole = filled();
    let path = segment(whole.path(), 3);
    let end = length(&path);
    let last = end - (44 + "guest/even".len() + "record 8".len()) as u64;
    for torn in last..end {
        let directory = copy(whole.path());
        cut(&segment(directory.path(), 3), torn);
        let records = open(directory.path(), 3);
        assert_eq!(ids(&records, &ALL), [7, 6, 5, 4, 3, 2, 1], "cut at {torn}");
        assert_eq!(length(&segment(directory.path(), 3)), last);
        append(&records, 9, 5, "odd");
        assert_eq!(ids(&open(copy(directory.path()).path(), 3), &ALL), [7, 6, 5, 4, 3, 2, 1, 9]);
    }
}

#[test]
fn a_damaged_tail_costs_the_last_record() {
    let whole = filled();
    let path = segment(whole.path(), 3);
    let end = length(&path);
    let last = end - (44 + "guest/even".len() + "record 8".len()) as u64;
    for at in last..end {
        let directory = copy(whole.path());
        damage(&segment(directory.path(), 3), at);
        assert_eq!(ids(&open(directory.path(), 3), &ALL), [7, 6, 5, 4, 3, 2, 1], "byte {at}");
        assert_eq!(length(&segment(directory.path(), 3)), last);
    }
    for tail in [vec![0; 10_000], vec![0xd7; 99], b"\xd7rec".repeat(50)] {
        let directory = copy(whole.path());
        let file = OpenOptions::new().write(true).open(segment(directory.path(), 3)).unwrap();
        file.write_all_at(&tail, end).unwrap();
        assert_eq!(ids(&open(directory.path(), 3), &ALL).len(), 8);
        assert_eq!(length(&segment(directory.path(), 3)), end);
    }
}

#[test]
fn an_index_that_is_damaged_or_missing_is_made_again() {
    let whole = filled();
    let bytes = length(&index(whole.path(), 2));
    for at in (0..bytes).step_by(3).filter(|at| !(8..12).contains(at)) {
        let directory = copy(whole.path());
        damage(&index(directory.path(), 2), at);
        std::fs::remove_file(index(directory.path(), 1)).unwrap();
        let records = open(directory.path(), 3);
        assert_eq!(ids(&records, &ALL), [8, 7, 6, 5, 4, 3, 2, 1], "byte {at}");
        assert_eq!(ids(&records, &Filter { name: Some("guest/even"), ..ALL }), [8, 6, 4, 2]);
        assert_eq!(ids(&records, &Filter { namespace: Some("guest"), since: Some(40), upto: Some(60), ..ALL }), [6, 4]);
        drop(records);
        for number in [1, 2] {
            assert_eq!(length(&index(directory.path(), number)), length(&index(whole.path(), number)));
        }
    }
}

#[test]
fn a_damaged_record_of_a_sealed_segment_is_left_out() {
    let whole = filled();
    // The name of the record 2, and the header of the record 5.
    for (number, at, lost) in [(1, 32 + 55 + 50, 2), (2, 32 + 65 + 9, 5)] {
        let directory = copy(whole.path());
        damage(&segment(directory.path(), number), at);
        let left: Vec<u128> = (1..=8).rev().filter(|id| *id != lost).collect();
        let records = open(directory.path(), 3);
        assert_eq!(ids(&records, &ALL), left);
        assert_eq!(records.get(lost).unwrap(), None);
        assert_eq!(records.count(&ALL), 8, "the index knows of it yet");
        drop(records);
        std::fs::remove_file(index(directory.path(), number)).unwrap();
        let records = open(directory.path(), 3);
        assert_eq!(ids(&records, &ALL), left);
        assert_eq!(records.count(&ALL), 7);
    }
}

#[test]
fn a_sealed_segment_of_another_length_is_read_anew() {
    let directory = filled();
    let path = segment(directory.path(), 1);
    cut(&path, length(&path) - 1);
    assert_eq!(ids(&open(directory.path(), 3), &ALL), [8, 7, 6, 5, 4, 2, 1]);
    cut(&path, 0);
    let records = open(directory.path(), 3);
    assert_eq!(ids(&records, &ALL), [8, 7, 6, 5, 4]);
    records.shared.tend().unwrap();
    assert!(!path.exists(), "nothing is in it");
}

#[test]
fn a_damaged_header_costs_nothing() {
    for (number, at) in [(1, 0), (1, 15), (3, 3), (3, 25)] {
        let directory = filled();
        damage(&segment(directory.path(), number), at);
        if number == 1 {
            std::fs::remove_file(index(directory.path(), 1)).unwrap();
        }
        let records = open(directory.path(), 3);
        append(&records, 9, 90, "odd");
        drop(records);
        assert_eq!(ids(&open(directory.path(), 3), &ALL), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }
}

#[test]
fn an_empty_last_segment_is_begun_anew() {
    for left in [0, 5, 31, 32] {
        let directory = filled();
        cut(&segment(directory.path(), 3), left);
        let records = open(directory.path(), 3);
        append(&records, 9, 90, "odd");
        drop(records);
        assert_eq!(ids(&open(directory.path(), 3), &ALL), [9, 6, 5, 4, 3, 2, 1], "{left} bytes");
    }
}

#[test]
fn behind_a_sealed_segment_a_new_one_begins() {
    let directory = filled();
    std::fs::remove_file(segment(directory.path(), 3)).unwrap();
    let records = open(directory.path(), 3);
    append(&records, 9, 90, "odd");
    assert_eq!(records.shared.state().appender.number, 3);
    assert_eq!(ids(&records, &ALL), [9, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_stale_index_of_the_last_segment_is_removed() {
    let directory = filled();
    std::fs::copy(index(directory.path(), 2), index(directory.path(), 3)).unwrap();
    let records = open(directory.path(), 3);
    assert!(!index(directory.path(), 3).exists());
    append(&records, 9, 90, "odd");
    assert_eq!(ids(&records, &ALL), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn a_newer_format_is_refused_in_one_line() {
    for path in [segment as fn(&Path, u64) -> _, index] {
        let directory = filled();
        let number = if path(directory.path(), 2).extension().unwrap() == "index" { 2 } else { 3 };
        let file = OpenOptions::new().write(true).open(path(directory.path(), number)).unwrap();
        file.write_all_at(&7_u32.to_le_bytes(), 8).unwrap();
        let error = Records::untended(directory.path(), endless(3)).err().unwrap();
        assert!(matches!(error, RecordsError::NewerFormat { version: 7, .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains("has format 7") && !message.contains('\n'), "{message}");
    }
}

#[test]
fn a_failed_write_is_an_error_and_no_end() {
    let directory = tempfile::tempdir().unwrap();
    let records = open(directory.path(), 100);
    append(&records, 1, 1, "a");
    let writable = {
        let mut state = records.shared.state();
        let read_only = File::open(segment(directory.path(), 1)).unwrap();
        std::mem::replace(&mut state.appender.file, Arc::new(read_only))
    };
    let error = records.append(&Entry { id: 2, start: 2, name: "new", bytes: b"record 2" }).unwrap_err();
    assert!(matches!(error, RecordsError::File { .. }), "{error}");
    assert_eq!(records.get(2).unwrap(), None);
    assert_eq!(records.count(&Filter { name: Some("new"), ..ALL }), 0);
    records.shared.state().appender.file = writable;
    append(&records, 3, 3, "a");
    assert_eq!(ids(&records, &ALL), [3, 1]);
    assert_eq!(ids(&open(copy(directory.path()).path(), 100), &ALL), [3, 1]);
}

#[test]
fn without_a_new_segment_appends_fail_until_there_is_one() {
    let temporary = tempfile::tempdir().unwrap();
    let (path, away) = (temporary.path().join("records"), temporary.path().join("away"));
    let records = open(&path, 1);
    append(&records, 1, 1, "a");
    std::fs::rename(&path, &away).unwrap();
    for _ in 0..2 {
        assert!(records.append(&Entry { id: 2, start: 2, name: "a", bytes: b"record 2" }).is_err());
    }
    assert_eq!(records.get(1).unwrap(), None);
    std::fs::rename(&away, &path).unwrap();
    append(&records, 3, 3, "a");
    assert_eq!(ids(&records, &ALL), [3, 1]);
    assert!(records.shared.tend().is_ok());
}

#[test]
fn what_cannot_be_synced_or_deleted_is_said() {
    let temporary = tempfile::tempdir().unwrap();
    let (path, away) = (temporary.path().join("records"), temporary.path().join("away"));
    let records = open(&path, 1);
    append(&records, 1, 1, "a");
    append(&records, 2, 2, "a");
    std::fs::rename(&path, &away).unwrap();
    assert!(matches!(records.shared.tend(), Err(RecordsError::File { .. })));
    std::fs::rename(&away, &path).unwrap();
    // What could not be sealed on the disk was in memory, and is sealed by the next one to open it.
    assert_eq!(ids(&records, &ALL), [2, 1]);
    records.shared.tend().unwrap();
    drop(records);
    assert_eq!(ids(&open(&path, 1), &ALL), [2, 1]);
    assert!(index(&path, 1).exists());
}
