//! Entities of one kind by key, for many readers.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Values that are cheap to clone, by key.
pub(super) struct Table<T>(RwLock<BTreeMap<String, T>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Table<T> {
    pub(super) fn get(&self, key: &str) -> Option<T> {
        self.read().get(key).cloned()
    }

    /// Those that are wanted, by key.
    pub(super) fn filter(&self, wanted: impl Fn(&T) -> bool) -> Vec<T> {
        self.read().values().filter(|value| wanted(value)).cloned().collect()
    }

    pub(super) fn insert(&self, key: String, value: T) {
        self.write().insert(key, value);
    }

    pub(super) fn remove(&self, key: &str) -> Option<T> {
        self.write().remove(key)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, T>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, T>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
