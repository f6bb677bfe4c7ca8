//! What a shutdown waits for.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts what a shutdown waits for.
#[derive(Clone)]
pub(crate) struct Busy(Arc<watch::Sender<usize>>);

/// One thing that a shutdown waits for, until it is dropped.
pub(crate) struct BusyGuard(Arc<watch::Sender<usize>>);

impl Busy {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn enter(&self) -> BusyGuard {
        self.0.send_modify(|count| *count += 1);
        BusyGuard(Arc::clone(&self.0))
    }

    /// Waits until nothing is left.
    pub(crate) async fn idle(&self) {
        // The sender is in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
