//! What a site of traced code looks at values with: `seen[value]` is the value, and its class is noted.
//!
//! A subscript, because CPython counts calls towards the limit of its recursion.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::ffi::PyTypeObject;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The classes of the values that a site has seen.
#[pyclass(frozen)]
#[derive(Default)]
pub(super) struct Seen {
    classes: Mutex<Vec<Py<PyType>>>,
    /// The class seen last, which is one of them; compared, never followed.
    last: AtomicPtr<PyTypeObject>,
}

#[pymethods]
impl Seen {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn __getitem__<'py>(&self, value: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
        let class = value.get_type_ptr();
        if self.last.load(Ordering::Relaxed) != class {
            let mut classes = self.lock();
            if !classes.iter().any(|known| known.as_ptr() == class.cast()) {
                classes.push(value.get_type().unbind());
            }
            self.last.store(class, Ordering::Relaxed);
        }
        value
    }

    /// Each class once, in the order of their appearance.
    fn classes(&self, py: Python<'_>) -> Vec<Py<PyType>> {
        self.lock().iter().map(|class| class.clone_ref(py)).collect()
    }

    /// Forgets all.
    fn clear(&self) {
        self.last.store(std::ptr::null_mut(), Ordering::Relaxed);
        // What dies with its last reference may come here again.
        let forgotten = std::mem::take(&mut *self.lock());
        drop(forgotten);
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Vec<Py<PyType>>> {
        self.classes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
