//! The file that takes appends.
//!
//! **Records follow each other without gaps up to `end`; what stands behind it is of no meaning.**
//! Each is written at `end`, not at the file's end, so that what a failed append left behind is written over.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::io::{Errno, pwritev};

use crate::directory::{Directory, failed};
use crate::format::{RecordHeader, SEGMENT_HEADER, SegmentHeader};
use crate::{Entry, RecordsError};

/// The open file of the last segment.
#[derive(Debug)]
pub(crate) struct Appender {
    pub(crate) number: u64,
    /// Where the next record goes.
    pub(crate) end: u64,
    /// Milliseconds of the epoch.
    pub(crate) created: u64,
    /// Shared with the thread that syncs it.
    pub(crate) file: Arc<File>,
    path: PathBuf,
}

impl Appender {
    /// Makes the segment `number` with nothing in it; on failure there is no such file.
    pub(crate) fn create(directory: &Directory, number: u64, now: u64) -> Result<Self, RecordsError> {
        let path = directory.segment(number);
        let write = || {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
            file.write_all_at(&SegmentHeader { number, created: now }.encode(), 0)?;
            Ok(file)
        };
        match write() {
            Ok(file) => Ok(Self { number, end: SEGMENT_HEADER as u64, created: now, file: Arc::new(file), path }),
            Err(error) => {
                // Nothing is in it, and the next try may have more luck.
                let _ = std::fs::remove_file(&path);
                Err(failed(&path, error))
            }
        }
    }

    /// Opens the segment `number`, whose records end at `end`, and cuts off what is behind them.
    ///
    /// `created` is None if the header is damaged; it is then written anew, as of `now`.
    pub(crate) fn resume(
        directory: &Directory,
        number: u64,
        end: u64,
        created: Option<u64>,
        now: u64,
    ) -> Result<Self, RecordsError> {
        let path = directory.segment(number);
        let cut = || {
            let file = OpenOptions::new().read(true).write(true).open(&path)?;
            if created.is_none() {
                file.write_all_at(&SegmentHeader { number, created: now }.encode(), 0)?;
            }
            if file.metadata()?.len() > end {
                file.set_len(end)?;
            }
            Ok(file)
        };
        let file = Arc::new(cut().map_err(|error| failed(&path, error))?);
        Ok(Self { number, end, created: created.unwrap_or(now), file, path })
    }

    /// Writes `entry` with one call to the kernel, and returns where it is and how long.
    ///
    /// The entry is within the limits of this crate, `checksum` is that of its name and bytes.
    /// If it fails, it is as if it had not been tried.
    pub(crate) fn append(&mut self, entry: &Entry<'_>, checksum: u32) -> Result<(u32, u32), RecordsError> {
        let header = RecordHeader {
            id: entry.id,
            start: entry.start,
            name_length: entry.name.len() as u16,
            bytes_length: entry.bytes.len() as u32,
            checksum,
        };
        let place = (self.end as u32, header.length() as u32);
        let head = header.encode(self.number, self.end);
        let parts = &mut [IoSlice::new(&head), IoSlice::new(entry.name.as_bytes()), IoSlice::new(entry.bytes)];
        if let Err(error) = write_all_at(&self.file, parts, self.end) {
            // Where this fails too, the next record is written over what is there, and an opening cuts it.
            let _ = self.file.set_len(self.end);
            return Err(failed(&self.path, error));
        }
        self.end += header.length() as u64;
        Ok(place)
    }
}

fn write_all_at(file: &File, mut parts: &mut [IoSlice<'_>], mut offset: u64) -> std::io::Result<()> {
    // Leading empty parts would make an end look like a full disk.
    IoSlice::advance_slices(&mut parts, 0);
    while !parts.is_empty() {
        match pwritev(file, parts, offset) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                IoSlice::advance_slices(&mut parts, written);
                offset += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    use super::*;
    use crate::format::checksum;
    use crate::scan::scan;

    fn append(appender: &mut Appender, id: u128, bytes: &[u8]) -> Result<(u32, u32), RecordsError> {
        appender.append(&Entry { id, start: 1, name: "a/b", bytes }, checksum(b"a/b", bytes))
    }

    fn contents(appender: &Appender) -> Vec<u8> {
        let mut bytes = vec![0; appender.file.metadata().unwrap().len() as usize];
        appender.file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    }

    #[test]
    fn records_follow_each_other() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::open(temporary.path()).unwrap();
        let mut appender = Appender::create(&directory, 4, 99).unwrap();
        assert_eq!(append(&mut appender, 1, b"one").unwrap(), (32, 50));
        assert_eq!(append(&mut appender, 2, b"").unwrap(), (82, 47));
        let mut resumed = Appender::resume(&directory, 4, 82, Some(99), 0).unwrap();
        assert_eq!((resumed.created, append(&mut resumed, 3, b"3").unwrap()), (99, (82, 48)));
        let bytes = contents(&resumed);
        let scan = scan(&bytes, 4);
        assert_eq!(scan.found.iter().map(|found| found.id).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((scan.end, scan.lost), (bytes.len() as u64, 0));
    }

    #[test]
    fn a_failed_append_leaves_no_half_record() {
        // A file that may neither grow nor shrink is a full disk: a write takes the pages that there are, then fails.
        let file = File::from(memfd_create("full", MemfdFlags::ALLOW_SEALING).unwrap());
        file.set_len(3 * 4096).unwrap();
        fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK).unwrap();
        file.write_all_at(&SegmentHeader { number: 1, created: 0 }.encode(), 0).unwrap();
        let mut appender =
            Appender { number: 1, end: 32, created: 0, file: Arc::new(file), path: PathBuf::from("full") };
        append(&mut appender, 1, b"one").unwrap();
        let error = append(&mut appender, 2, &[b'x'; 20_000]).unwrap_err();
        assert!(error.to_string().starts_with("full: "), "{error}");
        assert_eq!(appender.end, 82);
        let bytes = contents(&appender);
        assert!(bytes[4096..8192].iter().all(|byte| *byte == b'x'), "half of it was written");
        assert_eq!(scan(&bytes, 1).end, 82);

        append(&mut appender, 3, b"three").unwrap();
        let bytes = contents(&appender);
        assert_eq!(scan(&bytes, 1).found.iter().map(|found| found.id).collect::<Vec<_>>(), [1, 3]);
    }
}
