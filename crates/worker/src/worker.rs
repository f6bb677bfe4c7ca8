//! The daemon's handle to a worker: loads a module into it, runs invocations one at a time, ends it.

use std::os::fd::OwnedFd;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FallocateFlags, SeekFrom, fallocate, seek};
use rustix::process::{Pid, Signal, pidfd_send_signal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::error::WorkerError;
use crate::frame::{self, Answer, status};
use crate::logs::Logs;
use crate::types::{Limits, Loaded, LogLine, Mode, Module, Outcome, Reply, StateDocument};

/// How long a killed worker's last log lines are waited for.
const FAREWELL: Duration = Duration::from_millis(200);
/// How long compiling a source may take.
const COMPILING: Duration = Duration::from_secs(30);
const CRASHED: &str = "The action did not produce a valid response and exited unexpectedly.";
const OUT_OF_MEMORY: &str = "The action exhausted its memory and was aborted.";

/// A process with CPython in it, for one action; dropping it kills the process and all that is in its process group.
pub struct Worker {
    socket: UnixStream,
    received: BytesMut,
    pid: Pid,
    pidfd: OwnedFd,
    /// Where the process's descriptors 1 and 2 lead; the write positions are shared with it.
    captured: [OwnedFd; 2],
    log_bytes: usize,
    environment: Vec<(String, String)>,
    /// False for good after a timeout, crash or exit, and while a request is under way.
    usable: bool,
    /// What loading wrote, until the first invocation takes it.
    load_logs: Vec<LogLine>,
    load_drew: bool,
    hash_secret: [u64; 3],
}

/// How an exchange of frames ended.
enum Ended {
    Answered(Box<Answer>),
    TimedOut,
    Gone,
}

impl Worker {
    pub(crate) fn new(
        socket: UnixStream,
        pid: Pid,
        pidfd: OwnedFd,
        captured: [OwnedFd; 2],
        limits: &Limits,
        hash_secret: [u64; 3],
    ) -> Self {
        Self {
            socket,
            received: BytesMut::with_capacity(16 << 10),
            pid,
            pidfd,
            captured,
            log_bytes: limits.log_bytes,
            environment: limits.environment.clone(),
            usable: true,
            load_logs: Vec::new(),
            load_drew: false,
            hash_secret,
        }
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Whether it can take another request: it runs, and nothing went wrong in it but exceptions.
    pub fn is_alive(&self) -> bool {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        self.usable && poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(0)
    }

    /// Executes `module`, for up to `timeout`.
    ///
    /// # Errors
    /// If the worker is not usable, or the module is too large to send.
    pub async fn load(&mut self, module: &Module, timeout: Duration) -> Result<Loaded, WorkerError> {
        let path = |path: Option<&std::path::PathBuf>| path.map(|path| path.to_string_lossy().into_owned());
        let request = frame::Load {
            source: &module.source,
            filename: &module.filename,
            main: &module.main,
            directory: path(module.directory.as_ref()),
            temporary: path(module.temporary.as_ref()),
            instrumented: module.instrumented.as_ref(),
            watched: &module.watched,
            variables: &module.variables,
            environment: frame::variables(&self.environment),
        };
        let (ended, logs) = self.exchange(frame::json(frame::LOAD, &request)?, timeout).await?;
        let message = match ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => {
                self.load_logs = logs;
                self.load_drew = !answer.changed.is_empty();
                return Ok(Loaded::Ready);
            }
            Ended::TimedOut => return Ok(Loaded::TimedOut),
            Ended::Answered(answer) if answer.status == status::RAISED => text(&answer.body),
            Ended::Answered(answer) if answer.status == status::OUT_OF_MEMORY => OUT_OF_MEMORY.to_owned(),
            Ended::Answered(_) | Ended::Gone => CRASHED.to_owned(),
        };
        self.end();
        Ok(Loaded::Failed { message, logs })
    }

    /// Runs one invocation, for up to `timeout`.
    ///
    /// `args` is the JSON text of an object; `environment` is set before and stays set.
    /// If the future is dropped before it ends, the worker is no longer usable.
    ///
    /// # Errors
    /// If the worker is not usable, or the arguments are too large to send.
    pub async fn run(
        &mut self,
        args: &[u8],
        mode: Mode,
        environment: &[(String, String)],
        timeout: Duration,
    ) -> Result<Reply, WorkerError> {
        self.rerun(args, mode, environment, "", timeout).await
    }

    /// As [`Worker::run`], where an earlier run of the invocation has drawn from the world what `journal` says:
    /// this one is answered from it, up to its end. Empty if there was none.
    ///
    /// # Errors
    /// As those of [`Worker::run`].
    pub async fn rerun(
        &mut self,
        args: &[u8],
        mode: Mode,
        environment: &[(String, String)],
        journal: &str,
        timeout: Duration,
    ) -> Result<Reply, WorkerError> {
        let kind = match mode {
            Mode::Plain if journal.is_empty() => frame::PLAIN,
            Mode::Settled if journal.is_empty() => frame::SETTLED,
            Mode::Plain | Mode::Settled | Mode::Journalled => frame::JOURNALLED,
            Mode::Traced => frame::TRACED,
        };
        let request = frame::run(kind, environment, journal.as_bytes(), args)?;
        let (ended, own_logs) = self.exchange(request, timeout).await?;
        let mut logs = std::mem::take(&mut self.load_logs);
        let load_lines = logs.len();
        logs.extend(own_logs);
        let (outcome, answer) = match ended {
            Ended::TimedOut => (Outcome::TimedOut, Box::default()),
            Ended::Gone => (Outcome::Crashed, Box::default()),
            Ended::Answered(mut answer) => (outcome(&mut answer), answer),
        };
        if matches!(outcome, Outcome::OutOfMemory | Outcome::Crashed) {
            self.end();
        }
        let [state_before, state_after, stays] = answer.state;
        Ok(Reply {
            outcome,
            logs,
            load_lines,
            observations: Some(answer.observations).filter(|text| !text.is_empty()),
            trace_error: Some(answer.trace_error).filter(|text| !text.is_empty()),
            nanos: answer.nanos,
            cpu_nanos: answer.cpu_nanos,
            hash_secret: self.hash_secret,
            load_drew: self.load_drew,
            journal: answer.journal,
            differs: Some(answer.differs).filter(|text| !text.is_empty()),
            changed_globals: answer.changed.lines().map(str::to_owned).collect(),
            state_before,
            state_after,
            state_stays: Some(stays).filter(|reason| !reason.is_empty()),
        })
    }

    /// What the names hold that functions of the loaded module read, as the recorder's JSON; none of them is called.
    ///
    /// # Errors
    /// If the worker is not usable, or ends of this.
    pub async fn describe(&mut self, timeout: Duration) -> Result<String, WorkerError> {
        match self.exchange(frame::empty(frame::DESCRIBE)?, timeout).await? {
            (Ended::Answered(answer), _) if answer.status == status::SUCCESS => Ok(answer.observations),
            _ => Err(WorkerError::Protocol("describing the module ended the process")),
        }
    }

    /// The module's state, or why it must stay in the worker.
    ///
    /// # Errors
    /// If the worker is not usable, or ends of this.
    pub async fn take_state(&mut self, timeout: Duration) -> Result<Result<StateDocument, String>, WorkerError> {
        let [_, state, stays] = self.about_state(frame::empty(frame::TAKE_STATE)?, timeout).await?;
        Ok(if stays.is_empty() { Ok(state) } else { Err(stays) })
    }

    /// Gives the module a state, whatever it holds now; or says why it cannot have it.
    ///
    /// # Errors
    /// If the worker is not usable, or ends of this.
    pub async fn put_state(&mut self, state: &str, timeout: Duration) -> Result<Result<(), String>, WorkerError> {
        let [_, _, stays] = self.about_state(frame::bytes(frame::PUT_STATE, state.as_bytes())?, timeout).await?;
        Ok(if stays.is_empty() { Ok(()) } else { Err(stays) })
    }

    async fn about_state(&mut self, request: Vec<u8>, timeout: Duration) -> Result<[String; 3], WorkerError> {
        match self.exchange(request, timeout).await? {
            (Ended::Answered(answer), _) if answer.status == status::SUCCESS => Ok(answer.state),
            _ => Err(WorkerError::Protocol("moving the module's state ended the process")),
        }
    }

    pub(crate) async fn check_syntax(
        &mut self,
        source: &str,
        filename: &str,
    ) -> Result<Result<(), String>, WorkerError> {
        let request = frame::json(frame::CHECK, &frame::Check { source, filename })?;
        match self.exchange(request, COMPILING).await? {
            (Ended::Answered(answer), _) if answer.status == status::SUCCESS => Ok(Ok(())),
            (Ended::Answered(answer), _) if answer.status == status::RAISED => Ok(Err(text(&answer.body))),
            _ => Err(WorkerError::Protocol("compiling the source ended the process")),
        }
    }

    /// Sends a request and collects what follows, up to the answer; whatever else happens ends the worker.
    async fn exchange(&mut self, request: Vec<u8>, timeout: Duration) -> Result<(Ended, Vec<LogLine>), WorkerError> {
        if !self.usable {
            return Err(WorkerError::Unusable);
        }
        // Until the answer is there; see `run` about futures that are dropped.
        self.usable = false;
        let mut logs = Logs::new(self.log_bytes);
        let answer = tokio::time::timeout(timeout, async {
            // A worker that is gone may have left log lines to read.
            let _ = self.socket.write_all(&request).await;
            self.receive(&mut logs).await
        });
        let ended = match answer.await {
            Ok(Ok(Some(answer))) => {
                self.usable = true;
                Ended::Answered(Box::new(answer))
            }
            Ok(Ok(None)) => Ended::Gone,
            Ok(Err(error)) => {
                tracing::warn!(pid = self.pid(), "a worker is ended: {error}");
                Ended::Gone
            }
            Err(_elapsed) => Ended::TimedOut,
        };
        if !self.usable {
            self.end();
            if matches!(ended, Ended::TimedOut) {
                let _ = tokio::time::timeout(FAREWELL, self.receive(&mut logs)).await;
            }
        }
        logs.end_lines(jiff::Timestamp::now());
        for (stream, file) in [1, 2].into_iter().zip(&self.captured) {
            take_captured(file, stream, &mut logs)?;
            logs.end_lines(jiff::Timestamp::now());
        }
        Ok((ended, logs.into_lines()))
    }

    /// Reads frames up to the answer, or to the end of the stream.
    async fn receive(&mut self, logs: &mut Logs) -> Result<Option<Answer>, WorkerError> {
        loop {
            while let Some((kind, payload)) = frame::take(&mut self.received)? {
                match kind {
                    frame::LOG => log(logs, &payload)?,
                    frame::REPLY => return Answer::decode(payload).map(Some),
                    _ => return Err(WorkerError::Protocol("a frame of an unknown kind")),
                }
            }
            match self.socket.read_buf(&mut self.received).await {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Kills the process; the zygote then kills its group and reaps it.
    fn end(&mut self) {
        self.usable = false;
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

fn outcome(answer: &mut Answer) -> Outcome {
    let body = std::mem::take(&mut answer.body);
    match answer.status {
        status::SUCCESS => Outcome::Success(body),
        status::RAISED => Outcome::Raised { message: text(&body), exception: std::mem::take(&mut answer.exception) },
        status::NOT_DICT_OR_ARRAY => Outcome::NotDictOrArray,
        status::NOT_SERIALISABLE => Outcome::NotSerialisable,
        status::OUT_OF_MEMORY => Outcome::OutOfMemory,
        _ => Outcome::Crashed,
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

/// Moves what was written to a descriptor of the worker's to its logs.
fn take_captured(file: &OwnedFd, stream: u8, logs: &mut Logs) -> Result<(), WorkerError> {
    let length = seek(file, SeekFrom::Current(0))?;
    if length == 0 {
        return Ok(());
    }
    let mut bytes = vec![0; 64 << 10];
    let mut offset = 0;
    while offset < length {
        let wanted = usize::try_from(length - offset).map_or(bytes.len(), |rest| rest.min(bytes.len()));
        let count = rustix::io::pread(file, &mut bytes[..wanted], offset)?;
        if count == 0 {
            break;
        }
        logs.write(stream, Timestamp::now(), &bytes[..count]);
        offset += count as u64;
    }
    seek(file, SeekFrom::Start(0))?;
    fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, 0, length)?;
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
