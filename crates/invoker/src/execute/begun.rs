//! Work that ends whether or not its client stays, and takes a task of its own only if it has to wait.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tokio::task::JoinHandle;

/// How far work came at once.
pub(super) enum Begun<T> {
    /// To its end; none if it failed, as a task of its own would have.
    Ended(Option<T>),
    /// It goes on in a task of its own.
    GoesOn(JoinHandle<T>),
}

/// Begins `work` in the task of whoever waits for it.
///
/// Nobody can drop it there before it has ended or has its task: what happens here has no await between the two.
pub(super) async fn begin<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Begun<T> {
    let mut work: Pin<Box<dyn Future<Output = T> + Send>> = Box::pin(work);
    let first = poll_fn(|context| Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))))).await;
    match first {
        Ok(Poll::Ready(ended)) => Begun::Ended(Some(ended)),
        // A task polls it anew, so that it is the task that is woken from then on.
        Ok(Poll::Pending) => Begun::GoesOn(tokio::spawn(work)),
        Err(_) => Begun::Ended(None),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_does_not_wait_ends_at_once() {
        assert!(matches!(begin(async { 7 }).await, Begun::Ended(Some(7))));
        assert!(matches!(begin(async { panic!("on purpose") }).await, Begun::Ended(None::<()>)));
    }

    #[tokio::test]
    async fn what_waits_goes_on_without_its_client() {
        let ended = Arc::new(AtomicBool::new(false));
        let mark = Arc::clone(&ended);
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let work = async move {
            let _ = receiver.await;
            tokio::task::yield_now().await;
            mark.store(true, Ordering::Release);
        };
        let client = tokio::spawn(async move {
            let Begun::GoesOn(task) = begin(work).await else { panic!("it waits") };
            task.await
        });
        tokio::task::yield_now().await;
        client.abort();
        assert!(client.await.is_err());
        sender.send(()).unwrap();
        for _ in 0..1000 {
            if ended.load(Ordering::Acquire) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it went with its client");
    }
}
