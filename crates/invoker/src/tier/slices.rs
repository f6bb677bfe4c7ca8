//! The threads where long slices of native invocations run.
//!
//! They stand back in the queue for processors: whoever has a short answer to give goes first, and they still have a tenth
//! of a processor beside somebody who would take all of it.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// How far they stand back (`nice(2)`); the weight of such a thread is a tenth of that of others.
const NICE: i32 = 10;

/// The threads.
pub(crate) struct LongSlices {
    /// Of which there are no more than the threads for what blocks; none once it ends.
    runtime: Option<Runtime>,
}

impl LongSlices {
    /// None yet; each is made when it is needed.
    pub(crate) fn new() -> io::Result<Self> {
        let stand_back = || {
            // One that may not is as good as any other.
            let _ = rustix::process::nice(NICE);
        };
        let runtime = Builder::new_current_thread().thread_name("long slices").on_thread_start(stand_back).build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Runs a slice; an error if it cannot be run, or panicked.
    pub(crate) async fn run<T: Send + 'static>(&self, slice: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        let runtime = self.runtime.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(runtime.spawn_blocking(slice).await?)
    }
}

impl Drop for LongSlices {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Native code past its time limit ends by itself.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn they_stand_back_and_others_do_not() {
        let slices = LongSlices::new().unwrap();
        let nice = || rustix::process::nice(0).unwrap();
        let before = nice();
        let within = slices.run(nice).await.unwrap();
        assert_eq!((within, nice()), ((before + NICE).min(19), before));
        assert!(slices.run(|| panic!("on purpose")).await.is_err() && slices.run(|| ()).await.is_ok());
    }
}
