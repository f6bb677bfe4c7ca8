//! What a shutdown waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts what a shutdown waits for.
#[derive(Clone, Default)]
pub(crate) struct Busy(Arc<Things>);

/// One thing that a shutdown waits for, until it is dropped.
pub(crate) struct BusyGuard(Arc<Things>);

#[derive(Default)]
struct Things {
    count: AtomicUsize,
    none: Notify,
}

impl Busy {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn enter(&self) -> BusyGuard {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        BusyGuard(Arc::clone(&self.0))
    }

    /// Waits until nothing is left.
    pub(crate) async fn idle(&self) {
        loop {
            // Before the count is looked at: what ends after that is not missed.
            let none = self.0.none.notified();
            if self.0.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.none.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_last_one_ends_the_waiting() {
        let busy = Busy::new();
        busy.idle().await;
        let guards = [busy.enter(), busy.clone().enter()];
        let waiting = tokio::spawn({
            let busy = busy.clone();
            async move { busy.idle().await }
        });
        for guard in guards {
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(!waiting.is_finished());
            drop(guard);
        }
        waiting.await.unwrap();
    }
}
