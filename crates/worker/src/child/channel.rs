//! A worker's socket, as Python and the frame loop use it.

use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use rustix::io::Errno;

use crate::error::WorkerError;
use crate::{captured, frame};

/// The worker's end of its socket; what it writes comes in whole frames, whichever thread writes.
#[pyclass(frozen)]
pub(super) struct Channel {
    /// Negative in processes that the action forked: those have no part in the protocol.
    fd: AtomicI32,
    writing: Mutex<()>,
    /// Where descriptors 1 and 2 led first.
    captured: [OwnedFd; 2],
    /// Where the first of these has the count of requests.
    count: u64,
    log_bytes: u64,
    logged: AtomicU64,
}

#[pymethods]
impl Channel {
    /// Sends what the action wrote to stream 1 or 2.
    fn emit(&self, py: Python<'_>, stream: u8, bytes: &[u8]) -> PyResult<()> {
        let Some(socket) = self.socket() else {
            let own = if stream == 2 { rustix::stdio::stderr() } else { rustix::stdio::stdout() };
            return Ok(write_all(own, bytes).map_err(std::io::Error::from)?);
        };
        let Some(frame) = self.log(stream, bytes) else { return Ok(()) };
        let frame = frame.map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(py.detach(|| self.write(socket, &frame)).map_err(std::io::Error::from)?)
    }

    /// Leaves the protocol, in a process that the action forked.
    fn close(&self) {
        let fd = self.fd.swap(-1, Ordering::Relaxed);
        if fd >= 0 {
            // SAFETY: the descriptor was the socket's, which this channel alone owned, and nobody can load it any more.
            drop(unsafe { OwnedFd::from_raw_fd(fd) });
        }
    }
}

impl Channel {
    pub(super) fn new(socket: OwnedFd, captured: [OwnedFd; 2], log_bytes: u64) -> Result<Self, Errno> {
        let count = captured::place(&captured[0])?;
        let (fd, logged) = (AtomicI32::new(socket.into_raw_fd()), AtomicU64::new(0));
        Ok(Self { fd, writing: Mutex::new(()), captured, count, log_bytes, logged })
    }

    /// Reads what the daemon has sent, of which there is at least one byte, or `None` once it has closed the socket.
    pub(super) fn read(&self, room: &mut [u8]) -> Result<Option<usize>, Errno> {
        let Some(socket) = self.socket() else { return Ok(None) };
        rustix::io::read(socket, room).map(|count| Some(count).filter(|count| *count > 0))
    }

    /// Begins with the request of that number: what is logged from now on is its own. If the daemon cannot be told, it must not run.
    pub(super) fn begin(&self, number: u64) -> Result<(), Errno> {
        self.logged.store(0, Ordering::Relaxed);
        captured::begin(&self.captured[0], self.count, number)
    }

    /// Sends what has been written to descriptors 1 and 2, as lines of their own.
    pub(super) fn send_captured(&self) -> Result<(), WorkerError> {
        // What an action puts in their place is its own affair, and so is one that it closes.
        let Some(socket) = self.socket() else { return Ok(()) };
        for (stream, file) in [1, 2].into_iter().zip(&self.captured) {
            if !matches!(rustix::fs::tell(file), Ok(1..)) {
                continue;
            }
            self.write(socket, &frame::empty(frame::LINE_END)?)?;
            captured::take(file, |piece| {
                let Some(frame) = self.log(stream, piece) else { return Ok(()) };
                self.write(socket, &frame.map_err(|_| Errno::INVAL)?)
            })?;
            self.write(socket, &frame::empty(frame::LINE_END)?)?;
        }
        Ok(())
    }

    /// The frame of what was logged, if it is to be sent.
    fn log(&self, stream: u8, bytes: &[u8]) -> Option<Result<Vec<u8>, WorkerError>> {
        // The daemon keeps no more than this and needs one byte over it to know that something is missing.
        if self.logged.fetch_add(bytes.len() as u64, Ordering::Relaxed) > self.log_bytes {
            return None;
        }
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        let nanos = now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec);
        Some(frame::log(stream, nanos, bytes))
    }

    /// Writes a whole frame.
    pub(super) fn send(&self, frame: &[u8]) -> Result<(), Errno> {
        self.socket().map_or(Ok(()), |socket| self.write(socket, frame))
    }

    /// Whether this process still takes part in the protocol.
    pub(super) fn is_open(&self) -> bool {
        self.socket().is_some()
    }

    fn write(&self, socket: BorrowedFd<'_>, frame: &[u8]) -> Result<(), Errno> {
        let _whole = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        write_all(socket, frame)
    }

    fn socket(&self) -> Option<BorrowedFd<'_>> {
        let fd = self.fd.load(Ordering::Relaxed);
        // SAFETY: only `close` closes it, in a process that has one thread, right after a fork.
        (fd >= 0).then(|| unsafe { BorrowedFd::borrow_raw(fd) })
    }
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
