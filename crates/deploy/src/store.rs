//! The durable store: one redb database under the state directory.
//!
//! Every write has reached the disk when its function returns, so what was acknowledged survives `kill -9`.
//! A second daemon on the same directory is refused by redb's file lock.

use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use crate::{Action, Blobs, DeployError};

const ACTIONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("actions");
const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// redb's page cache; actions and records are read once, at the start.
const CACHE_BYTES: usize = 16 << 20;

/// The open store of a state directory.
pub struct Store {
    database: Database,
    directory: PathBuf,
}

impl Store {
    /// Opens the store of `directory`, making both if they are not there.
    ///
    /// Fails with [`DeployError::StateDirectory`] or [`DeployError::StateInUse`], each one clear line.
    pub fn open(directory: &Path) -> Result<Self, DeployError> {
        let unwritable = |reason: String| DeployError::StateDirectory { path: directory.to_owned(), reason };
        std::fs::create_dir_all(directory).map_err(|error| unwritable(error.to_string()))?;
        // A read-only directory with an old database in it would be noticed only at the first write.
        let probe = directory.join(".writable");
        std::fs::write(&probe, b"").map_err(|error| unwritable(error.to_string()))?;
        std::fs::remove_file(&probe).map_err(|error| unwritable(error.to_string()))?;
        let opened = Database::builder().set_cache_size(CACHE_BYTES).create(directory.join("upshift.redb"));
        let database = opened.map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => DeployError::StateInUse { path: directory.to_owned() },
            error => unwritable(error.to_string()),
        })?;
        let store = Self { database, directory: directory.to_owned() };
        store.write(|transaction| {
            transaction.open_table(ACTIONS)?;
            transaction.open_table(RECORDS)?;
            Ok(())
        })?;
        Ok(store)
    }

    /// The files that belong to single actions.
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.directory.join("actions"))
    }

    /// Stores `action` under its name, replacing what was there.
    pub fn put(&self, action: &Action) -> Result<(), DeployError> {
        let bytes = serde_json::to_vec(action)?;
        self.write(|transaction| {
            transaction.open_table(ACTIONS)?.insert(action.name.as_str(), bytes.as_slice())?;
            Ok(())
        })
    }

    /// Removes the action of that name; false if there was none.
    pub fn delete(&self, name: &str) -> Result<bool, DeployError> {
        self.write(|transaction| Ok(transaction.open_table(ACTIONS)?.remove(name)?.is_some()))
    }

    /// The action of that name.
    pub fn get(&self, name: &str) -> Result<Option<Action>, DeployError> {
        let table = self.database.begin_read()?.open_table(ACTIONS)?;
        match table.get(name)? {
            Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
            None => Ok(None),
        }
    }

    /// All actions, by name.
    pub fn list(&self) -> Result<Vec<Action>, DeployError> {
        let table = self.database.begin_read()?.open_table(ACTIONS)?;
        let mut actions = Vec::new();
        for entry in table.iter()? {
            actions.push(serde_json::from_slice(entry?.1.value())?);
        }
        Ok(actions)
    }

    /// Appends activation records and forgets those numbered below `oldest`, in one commit.
    pub fn append_records(&self, records: &[(u64, Vec<u8>)], oldest: u64) -> Result<(), DeployError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(RECORDS)?;
            for (number, bytes) in records {
                table.insert(number, bytes.as_slice())?;
            }
            table.retain_in(..oldest, |_, _| false)?;
            Ok(())
        })
    }

    /// All activation records with their numbers, oldest first.
    pub fn records(&self) -> Result<Vec<(u64, Vec<u8>)>, DeployError> {
        let table = self.database.begin_read()?.open_table(RECORDS)?;
        let mut records = Vec::new();
        for entry in table.iter()? {
            let (number, bytes) = entry?;
            records.push((number.value(), bytes.value().to_vec()));
        }
        Ok(records)
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<T, DeployError>,
    ) -> Result<T, DeployError> {
        let transaction = self.database.begin_write()?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn action(name: &str) -> Action {
        Action::from_source(name, format!("# {name}"), Limits::default(), 1)
    }

    #[test]
    fn actions_survive_a_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        store.put(&action("b")).unwrap();
        store.put(&action("a")).unwrap();
        store.put(&action("gone")).unwrap();
        assert!(store.delete("gone").unwrap());
        assert!(!store.delete("gone").unwrap());
        drop(store);
        let store = Store::open(directory.path()).unwrap();
        let names: Vec<_> = store.list().unwrap().into_iter().map(|action| action.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(store.get("a").unwrap().unwrap().exec.code, "# a");
        assert!(store.get("gone").unwrap().is_none());
    }

    #[test]
    fn records_are_appended_and_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        store.append_records(&[(1, b"one".to_vec()), (2, b"two".to_vec())], 0).unwrap();
        store.append_records(&[(3, b"three".to_vec())], 2).unwrap();
        drop(store);
        let store = Store::open(directory.path()).unwrap();
        assert_eq!(store.records().unwrap(), [(2, b"two".to_vec()), (3, b"three".to_vec())]);
    }

    #[test]
    fn a_second_store_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let _store = Store::open(directory.path()).unwrap();
        let error = Store::open(directory.path()).err().unwrap();
        assert!(matches!(error, DeployError::StateInUse { .. }), "{error}");
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_one_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let message = Store::open(&file.join("state")).err().unwrap().to_string();
        assert!(message.starts_with("the state directory ") && !message.contains('\n'), "{message}");
    }
}
