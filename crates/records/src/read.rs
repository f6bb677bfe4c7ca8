//! Records from their files.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;

use crate::RecordsError;
use crate::directory::{Directory, failed};
use crate::format::{self, RECORD_HEADER, RecordHeader};
use crate::selection::Item;

/// Files that one list has open at a time; neighbouring records are in few.
const OPEN: usize = 8;

/// Reads records for one request.
///
/// Files are opened when they are needed and closed with the request: there may be thousands of segments.
pub(crate) struct Reader<'a> {
    directory: &'a Directory,
    files: Vec<(u64, File)>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(directory: &'a Directory) -> Self {
        Self { directory, files: Vec::new() }
    }

    /// The bytes of a record of the segment `number`.
    ///
    /// None if its segment went by retention meanwhile, or if it is damaged, which is logged.
    pub(crate) fn read(&mut self, number: u64, item: &Item) -> Result<Option<Vec<u8>>, RecordsError> {
        let mut record = vec![0; item.length as usize];
        let read = self.file(number).and_then(|file| file.read_exact_at(&mut record, item.offset.into()));
        match read {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // The file was cut by somebody else.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => record.clear(),
            Err(error) => return Err(failed(&self.directory.segment(number), error)),
        }
        let bytes = unwrap(record, number, item);
        if bytes.is_none() {
            let path = self.directory.segment(number);
            tracing::warn!("{}: the activation record at byte {} is damaged", path.display(), item.offset);
        }
        Ok(bytes)
    }

    fn file(&mut self, number: u64) -> std::io::Result<&File> {
        if let Some(at) = self.files.iter().position(|(open, _)| *open == number) {
            return Ok(&self.files[at].1);
        }
        let file = File::open(self.directory.segment(number))?;
        if self.files.len() == OPEN {
            self.files.remove(0);
        }
        self.files.push((number, file));
        Ok(&self.files[self.files.len() - 1].1)
    }
}

/// A whole record to its bytes, if it is sound and the one that is meant.
fn unwrap(mut record: Vec<u8>, number: u64, item: &Item) -> Option<Vec<u8>> {
    let header = RecordHeader::decode(&record, number, item.offset.into())?;
    if header.length() != record.len() || header.id != item.id() {
        return None;
    }
    let bytes_at = RECORD_HEADER + usize::from(header.name_length);
    if format::checksum(&record[RECORD_HEADER..bytes_at], &record[bytes_at..]) != header.checksum {
        return None;
    }
    record.drain(..bytes_at);
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entry;
    use crate::appender::Appender;

    #[test]
    fn a_record_is_read_whole_or_not_at_all() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::open(temporary.path()).unwrap();
        let mut appender = Appender::create(&directory, 1, 0).unwrap();
        let entry = Entry { id: 5, start: 1, name: "a/b", bytes: b"bytes" };
        let (offset, length) = appender.append(&entry, format::checksum(b"a/b", b"bytes")).unwrap();
        let item = Item::new(5, 1, 0, offset, length);
        let read = |number, item: &Item| Reader::new(&directory).read(number, item).unwrap();
        assert_eq!(read(1, &item).as_deref(), Some(&b"bytes"[..]));
        assert_eq!(read(2, &item), None, "a segment that is gone");
        for other in [
            Item::new(6, 1, 0, offset, length),
            Item::new(5, 1, 0, offset, length - 1),
            Item::new(5, 1, 0, offset + 1, length - 1),
            Item::new(5, 1, 0, offset, length + 1),
        ] {
            assert_eq!(read(1, &other), None, "{other:?}");
        }
        appender.file.write_all_at(b"B", u64::from(offset) + 48).unwrap();
        assert_eq!(read(1, &item), None, "damaged bytes");
    }

    #[test]
    fn few_files_are_open() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::open(temporary.path()).unwrap();
        let mut reader = Reader::new(&directory);
        for number in 1..20 {
            Appender::create(&directory, number, 0).unwrap();
            reader.file(number).unwrap();
            reader.file(1.max(number - 1)).unwrap();
        }
        assert_eq!(reader.files.len(), OPEN);
    }
}
