//! The durable store: one redb database under the state directory.
//!
//! Every write has reached the disk when its function returns, so what was acknowledged survives `kill -9`.
//! A second daemon on the same directory is refused by redb's file lock.

use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, TableHandle, WriteTransaction};

use crate::migrate::migrate;
use crate::{Blobs, DeployError, Entity};

/// What is written: 1 had actions and records, 2 has every kind of entity, what was accepted, and no records.
pub(crate) const VERSION: u64 = 2;

pub(crate) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const ACCEPTED: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("accepted");

/// redb's page cache; entities are read once, at the start.
const CACHE_BYTES: usize = 16 << 20;

/// The open store of a state directory.
pub struct Store {
    database: Database,
    directory: PathBuf,
}

/// Changes that happen together or not at all.
#[derive(Default)]
pub struct Batch(Vec<Change>);

struct Change {
    collection: &'static str,
    key: String,
    /// Nothing for what is to go.
    bytes: Option<Vec<u8>>,
}

impl Batch {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// `entity` is stored, in place of what had its name.
    pub fn put<E: Entity>(mut self, entity: &E) -> Result<Self, DeployError> {
        self.0.push(Change { collection: E::COLLECTION, key: entity.key(), bytes: Some(serde_json::to_vec(entity)?) });
        Ok(self)
    }

    /// The entity of that name goes.
    pub fn delete<E: Entity>(mut self, key: &str) -> Self {
        self.0.push(Change { collection: E::COLLECTION, key: key.to_owned(), bytes: None });
        self
    }
}

impl Store {
    /// Opens the store of `directory`, making both if they are not there, and brings an older one up to date.
    ///
    /// Fails with [`DeployError::StateDirectory`], [`DeployError::StateInUse`] or [`DeployError::Newer`], each one clear line.
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
        store.write(migrate)?;
        Ok(store)
    }

    /// The files that belong to single actions.
    pub fn blobs(&self) -> Blobs {
        Blobs::new(self.directory.join("actions"))
    }

    /// Where the state is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Carries out every change of `batch`, or none.
    pub fn commit(&self, batch: Batch) -> Result<(), DeployError> {
        self.write(|transaction| {
            for Change { collection, key, bytes } in batch.0 {
                let mut table = transaction.open_table(table(collection))?;
                match bytes {
                    Some(bytes) => drop(table.insert(key.as_str(), bytes.as_slice())?),
                    None => drop(table.remove(key.as_str())?),
                }
            }
            Ok(())
        })
    }

    /// All entities of a kind, by key.
    pub fn list<E: Entity>(&self) -> Result<Vec<E>, DeployError> {
        let table = self.database.begin_read()?.open_table(table(E::COLLECTION))?;
        let mut entities = Vec::new();
        for entry in table.iter()? {
            entities.push(serde_json::from_slice(entry?.1.value())?);
        }
        Ok(entities)
    }

    /// Notes invocations that were accepted, and forgets those that have ended, in one commit.
    pub fn accepted(&self, new: &[(u128, Vec<u8>)], ended: &[u128]) -> Result<(), DeployError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(ACCEPTED)?;
            for (id, bytes) in new {
                table.insert(id, bytes.as_slice())?;
            }
            for id in ended {
                table.remove(id)?;
            }
            Ok(())
        })
    }

    /// The invocations that were accepted and have not ended, as far as is noted.
    pub fn pending(&self) -> Result<Vec<(u128, Vec<u8>)>, DeployError> {
        let table = self.database.begin_read()?.open_table(ACCEPTED)?;
        let mut pending = Vec::new();
        for entry in table.iter()? {
            let (id, bytes) = entry?;
            pending.push((id.value(), bytes.value().to_vec()));
        }
        Ok(pending)
    }

    fn write<T>(&self, change: impl FnOnce(&WriteTransaction) -> Result<T, DeployError>) -> Result<T, DeployError> {
        let transaction = self.database.begin_write()?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// The table of a collection.
pub(crate) fn table(collection: &'static str) -> TableDefinition<'static, &'static str, &'static [u8]> {
    TableDefinition::new(collection)
}

/// Makes every table that is not there.
pub(crate) fn make_tables(transaction: &WriteTransaction) -> Result<(), DeployError> {
    for collection in
        [crate::Action::COLLECTION, crate::Package::COLLECTION, crate::Trigger::COLLECTION, crate::Rule::COLLECTION]
    {
        transaction.open_table(table(collection))?;
    }
    transaction.open_table(ACCEPTED)?;
    Ok(())
}

/// Whether a table of that name is there.
pub(crate) fn has_table(transaction: &WriteTransaction, name: &str) -> Result<bool, DeployError> {
    Ok(transaction.list_tables()?.any(|table| table.name() == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Limits, Package, Trigger};

    fn action(name: &str) -> Action {
        Action::from_source(name, format!("# {name}"), Limits::default(), 1)
    }

    #[test]
    fn entities_survive_a_reopening() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let bounds = crate::Bounds::default();
        let context = crate::document::Context { own: "guest", now: 1, defaults: Limits::default(), bounds: &bounds };
        let name = crate::QualifiedName::new("guest", "t");
        let trigger = crate::document::trigger(b"{}", &name, None, context).unwrap();
        let batch = Batch::new().put(&action("b")).unwrap().put(&action("a")).unwrap();
        store.commit(batch.put(&action("gone")).unwrap().put(&trigger).unwrap()).unwrap();
        store.commit(Batch::new().delete::<Action>("gone").delete::<Action>("never")).unwrap();
        drop(store);
        let store = Store::open(directory.path()).unwrap();
        let names: Vec<_> = store.list::<Action>().unwrap().into_iter().map(|action| action.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(store.list::<Trigger>().unwrap().len(), 1);
        assert!(store.list::<Package>().unwrap().is_empty());
    }

    #[test]
    fn what_was_accepted_stays_until_it_ends() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        store.accepted(&[(1, b"one".to_vec()), (2, b"two".to_vec())], &[]).unwrap();
        store.accepted(&[], &[1]).unwrap();
        drop(store);
        let store = Store::open(directory.path()).unwrap();
        assert_eq!(store.pending().unwrap(), [(2, b"two".to_vec())]);
    }

    #[test]
    fn a_directory_is_one_daemons() {
        let directory = tempfile::tempdir().unwrap();
        let _store = Store::open(directory.path()).unwrap();
        let error = Store::open(directory.path()).err().unwrap();
        assert!(matches!(error, DeployError::StateInUse { .. }), "{error}");
        assert!(error.to_string().ends_with("is in use by another upshift"));
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_one_clear_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Store::open(&file).err().unwrap();
        assert!(matches!(error, DeployError::StateDirectory { .. }), "{error}");
    }
}
