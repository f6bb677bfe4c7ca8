//! A directory as another process left it, to the state in memory.
//!
//! A segment with a sound index is known by that alone; any other is scanned.
//! The last one goes on taking appends, unless it was sealed.

use std::path::Path;
use std::sync::Arc;

use crate::RecordsError;
use crate::appender::Appender;
use crate::columns::Columns;
use crate::directory::{Directory, failed};
use crate::format::{SegmentHeader, Unusable};
use crate::growing::{Growing, MOST};
use crate::index_file;
use crate::limits::SegmentLimits;
use crate::names::Names;
use crate::records::State;
use crate::scan::{Scan, scan};
use crate::segment::{Index, Segment};

/// Reads what is there, puts right what a crash left, and makes the first segment if there is none; `now` is in milliseconds of the epoch.
pub(crate) fn open(directory: &Directory, limits: &SegmentLimits, now: u64) -> Result<State, RecordsError> {
    let listed = directory.list()?;
    let last = listed.segments.last().copied();
    let mut names = Names::default();
    let mut segments = Vec::with_capacity(listed.segments.len());
    let mut taken_up = None;
    for number in listed.segments {
        let has_index = listed.indexes.contains(&number);
        if has_index && let Some(segment) = indexed(directory, number, &mut names)? {
            segments.push(Arc::new(segment));
        } else if Some(number) == last {
            // It describes the segment of another moment, or nothing.
            directory.remove_index(number)?;
            taken_up = Some(resumed(directory, number, &mut names, limits, now)?);
        } else {
            segments.push(Arc::new(rebuilt(directory, number, &mut names)?));
        }
    }
    let (appender, growing) = match taken_up {
        Some(taken_up) => taken_up,
        None => {
            let number = last.map_or(1, |last| last + 1);
            (Appender::create(directory, number, now)?, Growing::with_room(limits.records))
        }
    };
    // Who wrote the last records may not have lived to sync them.
    Ok(State { names, segments: Arc::new(segments), growing, appender, unsynced: true, unnamed: true, closed: false })
}

/// The segment `number` by its index file; None if that is of no use.
fn indexed(directory: &Directory, number: u64, names: &mut Names) -> Result<Option<Segment>, RecordsError> {
    let path = directory.index(number);
    let segment = directory.segment(number);
    let length = std::fs::metadata(&segment).map_err(|error| failed(&segment, error))?.len();
    let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
    match index_file::decode(&bytes, number, length, names) {
        Ok(columns) => Ok(Some(Segment { number, bytes: length, index: Index::Sealed(columns) })),
        Err(Unusable::Newer(version)) => Err(RecordsError::NewerFormat { path, version }),
        Err(Unusable::Damaged) => {
            tracing::warn!("{}: the index is damaged and is made again", path.display());
            Ok(None)
        }
    }
}

/// The segment `number` by its records, with a new index file.
fn rebuilt(directory: &Directory, number: u64, names: &mut Names) -> Result<Segment, RecordsError> {
    let path = directory.segment(number);
    let (bytes, _) = read(&path, number)?;
    let scan = scan(&bytes, number);
    let length = bytes.len() as u64;
    if length > scan.end {
        tracing::warn!("{}: its last {} bytes are damaged and are left out", path.display(), length - scan.end);
    }
    let columns = Columns::from_growing(&grown(&scan, Growing::default(), names, &path));
    let texts: Vec<_> = columns.names().iter().map(|name| (*name, names.text(*name))).collect();
    let file = index_file::encode(&columns, number, length, &texts);
    if let Err(error) = directory.write_index(number, &file) {
        tracing::warn!("an index is not kept, and is made again at the next start: {error}");
    }
    Ok(Segment { number, bytes: length, index: Index::Sealed(columns) })
}

/// The last segment, ready for appends behind its last whole record.
fn resumed(
    directory: &Directory,
    number: u64,
    names: &mut Names,
    limits: &SegmentLimits,
    now: u64,
) -> Result<(Appender, Growing), RecordsError> {
    let path = directory.segment(number);
    let (bytes, created) = read(&path, number)?;
    let scan = scan(&bytes, number);
    if bytes.len() as u64 > scan.end {
        let torn = bytes.len() as u64 - scan.end;
        tracing::warn!("{}: its last {torn} bytes are no whole record and are cut off", path.display());
    }
    let growing = grown(&scan, Growing::with_room(limits.records), names, &path);
    Ok((Appender::resume(directory, number, scan.end, created, now)?, growing))
}

/// A segment's file, and when it was made if its header is sound.
fn read(path: &Path, number: u64) -> Result<(Vec<u8>, Option<u64>), RecordsError> {
    let bytes = std::fs::read(path).map_err(|error| failed(path, error))?;
    match SegmentHeader::decode(&bytes, number) {
        Ok(header) => Ok((bytes, Some(header.created))),
        Err(Unusable::Newer(version)) => Err(RecordsError::NewerFormat { path: path.to_owned(), version }),
        Err(Unusable::Damaged) => {
            tracing::warn!("{}: the header is damaged; the records behind it are read", path.display());
            Ok((bytes, None))
        }
    }
}

fn grown(scan: &Scan<'_>, mut growing: Growing, names: &mut Names, path: &Path) -> Growing {
    if scan.lost > 0 {
        tracing::warn!("{}: {} bytes between records are damaged and are left out", path.display(), scan.lost);
    }
    if scan.found.len() > MOST {
        tracing::warn!("{}: only the first {MOST} of its {} records are read", path.display(), scan.found.len());
    }
    for found in scan.found.iter().take(MOST) {
        growing.index(names, found);
    }
    growing
}
