//! The files of a directory of records: `<number>.segment`, and `<number>.index` beside sealed ones.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::RecordsError;

const SEGMENT: &str = "segment";
const INDEX: &str = "index";
/// What a file is called until it is whole.
const BESIDE: &str = "new";

/// The directory, which holds nothing else.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

/// The numbers of the files that there are.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) segments: BTreeSet<u64>,
    pub(crate) indexes: BTreeSet<u64>,
}

impl Directory {
    /// Makes the directory if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, RecordsError> {
        std::fs::create_dir_all(path).map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned() })
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.{SEGMENT}"))
    }

    pub(crate) fn index(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.{INDEX}"))
    }

    /// Lists the files, and removes what a crash left half written and indexes whose segment is gone.
    pub(crate) fn list(&self) -> Result<Listed, RecordsError> {
        let mut listed = Listed::default();
        for entry in std::fs::read_dir(&self.path).map_err(|error| failed(&self.path, error))? {
            let path = entry.map_err(|error| failed(&self.path, error))?.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if extension == Some(BESIDE) {
                remove(&path)?;
                continue;
            }
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let Some(number) = stem.and_then(|stem| stem.parse::<u64>().ok()) else { continue };
            match extension {
                Some(SEGMENT) => listed.segments.insert(number),
                Some(INDEX) => listed.indexes.insert(number),
                _ => continue,
            };
        }
        for orphan in listed.indexes.difference(&listed.segments) {
            remove(&self.index(*orphan))?;
        }
        listed.indexes = listed.indexes.intersection(&listed.segments).copied().collect();
        Ok(listed)
    }

    /// Writes an index file beside its place, and renames it once it has reached the disk.
    pub(crate) fn write_index(&self, number: u64, bytes: &[u8]) -> Result<(), RecordsError> {
        let path = self.index(number);
        let beside = path.with_extension(BESIDE);
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)
        };
        write().map_err(|error| {
            // On a full disk the half of it would stand in the way of records.
            let _ = std::fs::remove_file(&beside);
            failed(&path, error)
        })
    }

    /// Removes a segment and its index.
    ///
    /// The segment goes first: alone it would be taken up again, an index alone is not.
    pub(crate) fn remove(&self, number: u64) -> Result<(), RecordsError> {
        remove(&self.segment(number))?;
        self.remove_index(number)
    }

    pub(crate) fn remove_index(&self, number: u64) -> Result<(), RecordsError> {
        remove(&self.index(number))
    }

    /// Has the files' names reach the disk.
    pub(crate) fn sync(&self) -> Result<(), RecordsError> {
        File::open(&self.path).and_then(|directory| directory.sync_all()).map_err(|error| failed(&self.path, error))
    }
}

/// The error of a file.
pub(crate) fn failed(path: &Path, source: std::io::Error) -> RecordsError {
    RecordsError::File { path: path.to_owned(), source }
}

fn remove(path: &Path) -> Result<(), RecordsError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_segments_and_their_indexes_are_listed() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::open(&temporary.path().join("deep/records")).unwrap();
        for path in [directory.segment(7), directory.segment(12), directory.index(7), directory.index(3)] {
            std::fs::write(path, "x").unwrap();
        }
        std::fs::write(directory.path.join("0000000007.new"), "x").unwrap();
        std::fs::write(directory.path.join("notes.segment"), "x").unwrap();
        let listed = directory.list().unwrap();
        assert_eq!(listed.segments, BTreeSet::from([7, 12]));
        assert_eq!(listed.indexes, BTreeSet::from([7]));
        assert!(!directory.index(3).exists(), "an index without its segment is of no use");
        assert!(!directory.path.join("0000000007.new").exists());
        assert!(directory.path.join("notes.segment").exists(), "what is not ours stays");

        directory.remove(7).unwrap();
        directory.remove(7).unwrap();
        assert_eq!(directory.list().unwrap().segments, BTreeSet::from([12]));
    }

    #[test]
    fn an_index_is_replaced_as_a_whole() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = Directory::open(temporary.path()).unwrap();
        directory.write_index(1, b"first").unwrap();
        directory.write_index(1, b"second").unwrap();
        assert_eq!(std::fs::read(directory.index(1)).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    }
}
