//! What can go wrong with processes, as opposed to with actions.

use std::io;

/// A failure of the machinery around a worker; what an action does wrong is an [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The zygote could not be started.
    #[error("cannot start the zygote: {0}")]
    Start(#[source] io::Error),
    /// The zygote ended before it answered.
    #[error("the zygote ended")]
    ZygoteEnded,
    /// The zygote could not fork.
    #[error("cannot fork a worker: {0}")]
    Fork(String),
    /// A system call failed.
    #[error("talking to a worker failed: {0}")]
    Io(#[from] io::Error),
    /// What came over the socket was not a frame that belongs there.
    #[error("a worker broke the protocol: {0}")]
    Protocol(&'static str),
    /// The worker timed out, crashed or exited before, or a run in it was abandoned.
    #[error("the worker is no longer usable")]
    Unusable,
    /// The worker ended with what it ran before; what was asked for has not begun.
    #[error("the worker ended before it began with this")]
    NotBegun,
}

impl From<rustix::io::Errno> for WorkerError {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io(errno.into())
    }
}
