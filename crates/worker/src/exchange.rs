//! A worker's socket, on which several requests may be under way: they are answered in the order in which they were sent.
//!
//! In: frames. Out: the answer to each, with what was logged before it.
//! Holds: what is said not to have begun has not: the process counts what it begins, where the daemon can see it afterwards.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, pidfd_send_signal};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use crate::captured;
use crate::error::WorkerError;
use crate::frame::{self, Answer};
use crate::logs::Logs;
use crate::types::LogLine;

/// How long a killed worker's last log lines are waited for.
const FAREWELL: Duration = Duration::from_millis(200);
/// Room for what is read at once, at least.
const READ: usize = 8 << 10;

/// A process and the way to it; dropping this kills it.
pub(crate) struct Exchange {
    socket: UnixStream,
    /// Held while a frame is written, and while its place behind `inbox` is taken.
    outbox: Mutex<()>,
    /// First come, first served.
    inbox: Mutex<Inbox>,
    pid: Pid,
    pidfd: OwnedFd,
    /// Where the process's descriptors 1 and 2 lead; the write positions are shared with it.
    captured: [OwnedFd; 2],
    log_bytes: usize,
    /// What loading wrote, until the first run takes it.
    load_logs: std::sync::Mutex<Vec<LogLine>>,
    /// How many requests have been sent, or are being sent.
    sent: AtomicU64,
    /// False for good after a timeout, crash or exit, and after a request that was abandoned.
    usable: AtomicBool,
}

struct Inbox {
    received: BytesMut,
    /// The number of the request that was answered last.
    answered: u64,
    /// What is sent after this has not begun, and never will.
    is_over: bool,
}

/// How a request ended.
pub(crate) enum Ended {
    Answered(Box<Answer>),
    TimedOut,
    Gone,
}

/// An exchange that took place.
pub(crate) struct Exchanged {
    pub(crate) ended: Ended,
    pub(crate) logs: Vec<LogLine>,
    /// What was logged while the module was loaded, for the first run.
    pub(crate) load_logs: Vec<LogLine>,
    /// How long it was behind others.
    pub(crate) behind: Duration,
}

/// A request that is under way; if it is dropped before its end, nobody would take its answer, so the process ends.
struct UnderWay<'a>(Option<&'a Exchange>);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = self.0 {
            exchange.end();
        }
    }
}

impl Exchange {
    pub(crate) fn new(socket: UnixStream, pid: Pid, pidfd: OwnedFd, captured: [OwnedFd; 2], log_bytes: usize) -> Self {
        let inbox = Inbox { received: BytesMut::with_capacity(16 << 10), answered: 0, is_over: false };
        let (outbox, inbox, usable) = (Mutex::default(), Mutex::new(inbox), AtomicBool::new(true));
        let load_logs = std::sync::Mutex::default();
        Self { socket, outbox, inbox, pid, pidfd, captured, log_bytes, load_logs, sent: AtomicU64::new(0), usable }
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Whether it can take another request: it runs, and nothing went wrong in it but exceptions.
    pub(crate) fn is_alive(&self) -> bool {
        self.is_usable() && self.runs()
    }

    /// Sends a request and collects what follows, up to the answer; whatever else happens ends the process.
    ///
    /// `timeout` counts from when those before it have been answered.
    pub(crate) async fn request(&self, request: &[u8], timeout: Duration) -> Result<Exchanged, WorkerError> {
        let sent = Instant::now();
        let mut outbox = Some(self.outbox.lock().await);
        if !self.is_usable() {
            return Err(WorkerError::Unusable);
        }
        let number = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        // Behind `outbox`, so that of a frame that was begun nobody writes the rest.
        let mut under_way = UnderWay(Some(self));
        let mut write = pin!(self.write(request));
        // The place in the order is taken before the frame is written, while nobody else can.
        let mut turn = pin!(tokio::task::unconstrained(self.inbox.lock()));
        let (mut inbox, mut is_written) = tokio::select! {
            biased;
            inbox = &mut turn => (inbox, false),
            // A process that is gone says so when it is read from.
            _ = &mut write => {
                outbox = None;
                (turn.await, true)
            }
        };
        if inbox.is_over {
            return Err(WorkerError::NotBegun);
        }
        let behind = sent.elapsed();
        let load_logs = if frame::is_run(request) { std::mem::take(&mut *self.load_logs()) } else { Vec::new() };
        let mut logs = Logs::new(self.log_bytes);
        let is_next = inbox.answered + 1 == number;
        let answer = tokio::time::timeout(timeout, async {
            if !is_next {
                // One before it was abandoned, so nobody knows whose an answer is that may be there.
                return Ok(None);
            }
            if !is_written {
                let _ = write.await;
                is_written = true;
                outbox = None;
            }
            self.receive(&mut inbox, &mut logs).await
        });
        let (ended, is_over) = match answer.await {
            Ok(Ok(Some(answer))) => {
                let is_over = answer.is_last();
                (Ended::Answered(Box::new(answer)), is_over)
            }
            Ok(Ok(None)) => (Ended::Gone, true),
            Ok(Err(error)) => {
                tracing::warn!(pid = self.pid(), "a worker is ended: {error}");
                (Ended::Gone, true)
            }
            Err(_elapsed) => self.time_out(&mut inbox, &mut logs).await,
        };
        under_way.0 = None;
        inbox.answered = number;
        if is_over {
            inbox.is_over = true;
            self.end();
            self.die().await;
            if matches!(ended, Ended::Gone) && captured::begun(&self.captured[0])? < number {
                return Err(WorkerError::NotBegun);
            }
            for (stream, file) in [1, 2].into_iter().zip(&self.captured) {
                logs.end_lines(Timestamp::now());
                captured::take(file, |piece| {
                    logs.write(stream, Timestamp::now(), piece);
                    Ok(())
                })?;
            }
        }
        drop(inbox);
        drop(outbox);
        logs.end_lines(Timestamp::now());
        Ok(Exchanged { ended, logs: logs.into_lines(), load_logs, behind })
    }

    /// Ends the process; what it sent before that still counts, as the next request may have begun after it.
    async fn time_out(&self, inbox: &mut Inbox, logs: &mut Logs) -> (Ended, bool) {
        self.end();
        match tokio::time::timeout(FAREWELL, self.receive(inbox, logs)).await {
            Ok(Ok(Some(answer))) => {
                let is_over = answer.is_last();
                (Ended::Answered(Box::new(answer)), is_over)
            }
            _ => (Ended::TimedOut, true),
        }
    }

    /// Kills the process; the zygote then kills its group and reaps it.
    pub(crate) fn end(&self) {
        self.usable.store(false, Ordering::Release);
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Waits until the process that was killed runs no more.
    async fn die(&self) {
        let end = Instant::now() + FAREWELL;
        while self.runs() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn runs(&self) -> bool {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(0)
    }

    /// What loading wrote.
    pub(crate) fn load_logs(&self) -> std::sync::MutexGuard<'_, Vec<LogLine>> {
        self.load_logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_usable(&self) -> bool {
        self.usable.load(Ordering::Acquire)
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.socket.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.socket.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads frames up to the answer, or to the end of the stream.
    async fn receive(&self, inbox: &mut Inbox, logs: &mut Logs) -> Result<Option<Answer>, WorkerError> {
        loop {
            while let Some((kind, payload)) = frame::take(&mut inbox.received)? {
                match kind {
                    frame::LOG => log(logs, &payload)?,
                    frame::LINE_END => logs.end_lines(Timestamp::now()),
                    frame::REPLY => return Answer::decode(payload).map(Some),
                    _ => return Err(WorkerError::Protocol("a frame of an unknown kind")),
                }
            }
            inbox.received.reserve(READ);
            match self.socket.try_read_buf(&mut inbox.received) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.socket.readable().await?,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end();
    }
}

fn log(logs: &mut Logs, payload: &Bytes) -> Result<(), WorkerError> {
    const SHORT: WorkerError = WorkerError::Protocol("a log frame is too short");
    let (&stream, rest) = payload.split_first().ok_or(SHORT)?;
    let (nanos, bytes) = rest.split_first_chunk::<8>().ok_or(SHORT)?;
    let time = Timestamp::from_nanosecond(i64::from_le_bytes(*nanos).into());
    logs.write(stream, time.unwrap_or_else(|_| Timestamp::now()), bytes);
    Ok(())
}
