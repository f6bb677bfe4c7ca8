//! Brings a store that an older program wrote up to date.

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use crate::DeployError;
use crate::store::{META, VERSION, has_table, make_tables};

const KEY: &str = "version";

/// The table of activation records of version 1, which are in files of their own since.
const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// One step at a time, from whatever version the store has; all of them in one transaction.
pub(crate) fn migrate(transaction: &WriteTransaction) -> Result<(), DeployError> {
    match version(transaction)? {
        VERSION => {}
        0 | 1 => {
            // A record is kept for a while only, so those of before are let go.
            transaction.delete_table(RECORDS)?;
        }
        newer => return Err(DeployError::Newer(newer)),
    }
    make_tables(transaction)?;
    transaction.open_table(META)?.insert(KEY, VERSION)?;
    Ok(())
}

/// The version that the store has; 0 for a new one.
fn version(transaction: &WriteTransaction) -> Result<u64, DeployError> {
    if has_table(transaction, "meta")? {
        let meta = transaction.open_table(META)?;
        return Ok(meta.get(KEY)?.map_or(0, |version| version.value()));
    }
    Ok(u64::from(has_table(transaction, "actions")?))
}

#[cfg(test)]
mod tests {
    use redb::Database;

    use super::*;
    use crate::{Action, Limits, Store};

    #[test]
    fn the_first_versions_actions_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("upshift.redb");
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let actions: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("actions");
        // As the first version wrote it.
        let stored = r#"{"namespace":"guest","name":"old","version":"0.0.3","publish":false,"annotations":[],
            "parameters":[],"exec":{"kind":"python:3","code":"x","binary":false},
            "limits":{"timeout":60000,"memory":256,"logs":10,"concurrency":1},"updated":7}"#;
        transaction.open_table(actions).unwrap().insert("old", stored.as_bytes()).unwrap();
        transaction.open_table(RECORDS).unwrap().insert(1, b"{}".as_slice()).unwrap();
        transaction.commit().unwrap();
        drop(database);

        let store = Store::open(directory.path()).unwrap();
        let kept = store.list::<Action>().unwrap();
        assert_eq!((kept[0].name.as_str(), kept[0].source(), kept[0].limits), ("old", "x", Limits::default()));
        drop(store);
        assert_eq!(Store::open(directory.path()).unwrap().list::<Action>().unwrap().len(), 1);
    }

    #[test]
    fn what_a_newer_program_wrote_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        drop(Store::open(directory.path()).unwrap());
        let database = Database::create(directory.path().join("upshift.redb")).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(META).unwrap().insert(KEY, VERSION + 1).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = Store::open(directory.path()).err().unwrap().to_string();
        assert!(error.contains("written by a newer upshift") && error.contains("--state"), "{error}");
    }
}
