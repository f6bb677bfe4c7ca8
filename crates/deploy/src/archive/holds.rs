//! Who runs in which folder.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Somebody's use of a folder: it stays for as long as one of these does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hold(Arc<()>);

/// The folders that are held, by name.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<BTreeMap<String, Weak<()>>>);

impl Holds {
    /// The folder `name` stays from now on, or from when it is there.
    pub(super) fn take(&self, name: &str) -> Hold {
        let mut held = self.held();
        if let Some(hold) = held.get(name).and_then(Weak::upgrade) {
            return Hold(hold);
        }
        let hold = Arc::default();
        held.insert(name.to_owned(), Arc::downgrade(&hold));
        Hold(hold)
    }

    /// Whether somebody has let go of a folder since [`Holds::forget`].
    pub(super) fn is_any_free(&self) -> bool {
        self.held().values().any(|hold| hold.strong_count() == 0)
    }

    /// Forgets the folders that nobody holds any more.
    pub(super) fn forget(&self) {
        self.held().retain(|_, hold| hold.strong_count() > 0);
    }

    /// Does `remove` if nobody holds the folder `name`; nobody can take it meanwhile.
    pub(super) fn unless_held<T>(&self, name: &str, remove: impl FnOnce() -> T) -> Option<T> {
        let held = self.held();
        let is_held = held.get(name).is_some_and(|hold| hold.strong_count() > 0);
        (!is_held).then(remove)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Weak<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
