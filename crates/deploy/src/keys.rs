//! Who may ask: keys, each for a namespace, kept as hashes in a file of the state directory.
//!
//! The file is replaced whole, and read again when another one has taken its place, so that the command line can make and revoke
//! keys while a daemon runs. It is a file, and not an address to ask at, because functions can reach addresses but not the
//! state directory.
//! Keys are random and long, so one round of a fast hash is as safe as a slow one.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DeployError, GUEST};

/// The key that every OpenWhisk on one machine has for its guest; it holds for clients on the machine itself.
pub const GUEST_KEY: &str =
    "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";

/// Characters of a key's secret part.
const LENGTH: usize = 64;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Whom a request is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The namespace whose entities it may change.
    pub namespace: String,
}

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its public part.
    pub uuid: String,
    /// Whose it is.
    pub namespace: String,
    /// When it was made, in milliseconds of the epoch.
    pub created: u64,
    /// BLAKE3 of its secret part, in hexadecimal digits.
    hash: String,
}

/// A key that was just made; its secret is nowhere else.
pub struct NewKey {
    /// Its public part.
    pub uuid: String,
    /// Its secret part.
    pub secret: String,
}

/// The keys of a state directory.
pub struct Keys {
    path: PathBuf,
    read: RwLock<Read>,
}

#[derive(Default)]
struct Read {
    keys: Vec<Key>,
    /// Which file they are from.
    file: Option<(u64, SystemTime)>,
}

impl Identity {
    /// The one of those who show no key.
    pub fn guest() -> Self {
        Self { namespace: GUEST.to_owned() }
    }
}

impl Keys {
    /// The keys of `directory`, which may have none.
    pub fn open(directory: &Path) -> Result<Self, DeployError> {
        let keys = Self { path: directory.join("keys.json"), read: RwLock::default() };
        keys.refresh()?;
        Ok(keys)
    }

    /// Whose key that is; nobody's if it was never made, or revoked.
    pub fn identify(&self, uuid: &str, secret: &str) -> Option<Identity> {
        if let Err(error) = self.refresh() {
            tracing::error!("the keys cannot be read, those known before hold: {error}");
        }
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        let hash = blake3::hash(secret.as_bytes());
        let key = read.keys.iter().find(|key| key.uuid == uuid)?;
        // Compared in constant time.
        let holds = blake3::Hash::from_hex(&key.hash).is_ok_and(|known| known == hash);
        holds.then(|| Identity { namespace: key.namespace.clone() })
    }

    /// Makes a key for `namespace`.
    pub fn create(&self, namespace: &str, now: u64) -> Result<NewKey, DeployError> {
        crate::validate_name(namespace)?;
        let new = NewKey { uuid: Uuid::new_v4().to_string(), secret: secret()? };
        let key = Key {
            uuid: new.uuid.clone(),
            namespace: namespace.to_owned(),
            created: now,
            hash: blake3::hash(new.secret.as_bytes()).to_hex().to_string(),
        };
        self.change(|keys| keys.push(key))?;
        Ok(new)
    }

    /// Revokes the key with that public part; false if there is none.
    pub fn revoke(&self, uuid: &str) -> Result<bool, DeployError> {
        let mut found = false;
        self.change(|keys| {
            let before = keys.len();
            keys.retain(|key| key.uuid != uuid);
            found = keys.len() < before;
        })?;
        Ok(found)
    }

    /// Every key, in the order in which they were made.
    pub fn list(&self) -> Result<Vec<Key>, DeployError> {
        self.refresh()?;
        Ok(self.read.read().unwrap_or_else(PoisonError::into_inner).keys.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Key>)) -> Result<(), DeployError> {
        let failed = |source| DeployError::File { path: self.path.clone(), source };
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        // Two that make keys at once do not lose each other's.
        let lock = File::create(self.path.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut keys = self.list()?;
        change(&mut keys);
        self.replace(&serde_json::to_vec_pretty(&keys)?).map_err(failed)?;
        self.refresh()
    }

    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        match self.path.parent() {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    }

    /// Reads the file if it is not the one that was read.
    fn refresh(&self) -> Result<(), DeployError> {
        let failed = |source| DeployError::File { path: self.path.clone(), source };
        let file = match fs::metadata(&self.path) {
            Ok(metadata) => Some((metadata.ino(), metadata.modified().map_err(failed)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if self.read.read().unwrap_or_else(PoisonError::into_inner).file == file {
            return Ok(());
        }
        let keys = match file {
            Some(_) => serde_json::from_slice(&fs::read(&self.path).map_err(failed)?)?,
            None => Vec::new(),
        };
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = Read { keys, file };
        Ok(())
    }
}

/// Characters that nobody can guess.
fn secret() -> Result<String, DeployError> {
    let mut secret = String::with_capacity(LENGTH);
    while secret.len() < LENGTH {
        let mut bytes = [0_u8; LENGTH];
        rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| DeployError::File { path: "/dev/urandom".into(), source: error.into() })?;
        // Those beyond the last whole alphabet would make some characters likelier than others.
        let fair = bytes.iter().filter(|byte| usize::from(**byte) < 256 / ALPHABET.len() * ALPHABET.len());
        secret.extend(fair.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    }
    secret.truncate(LENGTH);
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hold_until_they_are_revoked() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(directory.path()).unwrap();
        let new = keys.create("acme", 1).unwrap();
        assert_eq!(new.secret.len(), LENGTH);
        assert_eq!(keys.identify(&new.uuid, &new.secret).unwrap().namespace, "acme");
        assert_eq!(keys.identify(&new.uuid, "wrong"), None);
        assert_eq!(keys.identify("nobody", &new.secret), None);
        let file = fs::read_to_string(directory.path().join("keys.json")).unwrap();
        assert!(!file.contains(&new.secret), "only its hash is kept");
        assert_eq!(fs::metadata(directory.path().join("keys.json")).unwrap().mode() & 0o777, 0o600);

        // As the command line does while a daemon runs.
        let other = Keys::open(directory.path()).unwrap();
        assert!(other.revoke(&new.uuid).unwrap() && !other.revoke(&new.uuid).unwrap());
        assert_eq!(keys.identify(&new.uuid, &new.secret), None);
        let again = other.create("acme", 2).unwrap();
        assert_eq!(keys.list().unwrap()[0].uuid, again.uuid);
        assert!(keys.create("no/name", 1).is_err());
    }
}
