//! What the backing server keeps, in SQLite.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Accounts, users, objects and statuses.
#[derive(Debug)]
pub struct Store(Mutex<Connection>);

/// Why something could not be done.
#[derive(Debug)]
pub enum StoreError {
    /// The database failed.
    Database(rusqlite::Error),
    /// There is no such thing.
    Missing,
    /// A transaction of somebody else's came first.
    Conflict,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

const TABLES: &str = "
    CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT NOT NULL);
    CREATE TABLE accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL, version INTEGER NOT NULL);
    CREATE TABLE transactions (id INTEGER PRIMARY KEY, open INTEGER NOT NULL);
    CREATE TABLE reads (id INTEGER NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL);
    CREATE INDEX reads_by_id ON reads (id);
    CREATE TABLE objects (name TEXT PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE statuses (id INTEGER PRIMARY KEY, place TEXT NOT NULL, status TEXT NOT NULL);
    CREATE INDEX statuses_by_place ON statuses (place, id);
";

/// The users and accounts that are there from the beginning.
const PEOPLE: usize = 20_000;

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// A new store in memory, with users `user0` to `user19999` (password `secret0` …) who have 1,000 each.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn new() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        let transaction = connection.transaction()?;
        for number in 0..PEOPLE {
            let (name, password) = (format!("user{number}"), sha256(format!("secret{number}").as_bytes()));
            transaction.execute("INSERT INTO users VALUES (?, ?)", params![name, password])?;
            transaction.execute("INSERT INTO accounts VALUES (?, 1000, 0)", params![name])?;
        }
        transaction.commit()?;
        Ok(Self(Mutex::new(connection)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the SHA-256 of the user's password is this.
    pub(crate) fn checks(&self, name: &str, password: &str) -> Result<bool, StoreError> {
        let connection = self.lock();
        let mut find = connection.prepare_cached("SELECT password FROM users WHERE name = ?")?;
        let known: Option<String> = find.query_row([name], |row| row.get(0)).optional()?;
        Ok(known.as_deref() == Some(password))
    }

    /// Begins a transaction: its number.
    pub(crate) fn begin(&self) -> Result<i64, StoreError> {
        let connection = self.lock();
        connection.prepare_cached("INSERT INTO transactions (open) VALUES (1)")?.execute([])?;
        Ok(connection.last_insert_rowid())
    }

    /// What is on an account, as the transaction sees it.
    pub(crate) fn balance(&self, id: i64, account: &str) -> Result<i64, StoreError> {
        let connection = self.lock();
        let mut find = connection.prepare_cached("SELECT balance, version FROM accounts WHERE name = ?")?;
        let (balance, version): (i64, i64) =
            find.query_row([account], |row| Ok((row.get(0)?, row.get(1)?))).optional()?.ok_or(StoreError::Missing)?;
        connection.prepare_cached("INSERT INTO reads VALUES (?, ?, ?)")?.execute(params![id, account, version])?;
        Ok(balance)
    }

    /// Ends a transaction with these balances, if what it has read is still so.
    pub(crate) fn commit(&self, id: i64, balances: &[(String, i64)]) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let closed =
            transaction.prepare_cached("UPDATE transactions SET open = 0 WHERE id = ? AND open = 1")?.execute([id])?;
        if closed == 0 {
            return Err(StoreError::Missing);
        }
        let stale: i64 = transaction
            .prepare_cached(
                "SELECT COUNT(*) FROM reads JOIN accounts ON account = name WHERE id = ? AND reads.version <> accounts.version",
            )?
            .query_row([id], |row| row.get(0))?;
        transaction.prepare_cached("DELETE FROM reads WHERE id = ?")?.execute([id])?;
        if stale > 0 {
            transaction.commit()?;
            return Err(StoreError::Conflict);
        }
        for (account, balance) in balances {
            let mut update =
                transaction.prepare_cached("UPDATE accounts SET balance = ?, version = version + 1 WHERE name = ?")?;
            if update.execute(params![balance, account])? == 0 {
                return Err(StoreError::Missing);
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// All that is on all accounts.
    pub(crate) fn total(&self) -> Result<i64, StoreError> {
        Ok(self.lock().query_row("SELECT SUM(balance) FROM accounts", [], |row| row.get(0))?)
    }

    /// Keeps an object, in the place of one of the same name.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let connection = self.lock();
        connection.prepare_cached("INSERT OR REPLACE INTO objects VALUES (?, ?)")?.execute(params![name, bytes])?;
        Ok(())
    }

    /// An object.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let connection = self.lock();
        let mut find = connection.prepare_cached("SELECT bytes FROM objects WHERE name = ?")?;
        find.query_row([name], |row| row.get(0)).optional()?.ok_or(StoreError::Missing)
    }

    /// Adds a status, as JSON: its number.
    pub(crate) fn set_status(&self, place: &str, status: &str) -> Result<i64, StoreError> {
        let connection = self.lock();
        connection
            .prepare_cached("INSERT INTO statuses (place, status) VALUES (?, ?)")?
            .execute(params![place, status])?;
        Ok(connection.last_insert_rowid())
    }

    /// The newest status of a place.
    pub(crate) fn status(&self, place: &str) -> Result<String, StoreError> {
        let connection = self.lock();
        let mut find =
            connection.prepare_cached("SELECT status FROM statuses WHERE place = ? ORDER BY id DESC LIMIT 1")?;
        find.query_row([place], |row| row.get(0)).optional()?.ok_or(StoreError::Missing)
    }
}
