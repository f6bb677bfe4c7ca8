//! The daemon's handle to the zygote: starts it, asks it for workers, starts it again if it died.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::fcntl_setfl;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::captured;
use crate::child::control::{self, Forked, Request};
use crate::error::WorkerError;
use crate::exchange::Exchange;
use crate::types::{Limits, Module, TracedCode};
use crate::worker::Worker;

/// How long the zygote may take to warm up, or to fork.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many arenas malloc has: each further one would take 64 MiB of a worker's address space. Hidden from actions.
const ARENAS: &str = "MALLOC_ARENA_MAX";
/// Variables of the daemon's environment that workers get; all others may be secrets.
const PASSED_ON: [&str; 18] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "VIRTUAL_ENV",
];
/// What raw writes to a worker's standard streams may exceed the log limit by, so that the excess is noticed.
const SLACK: u64 = 64 << 10;

/// The warm process that workers are forked from; clones are handles to the same one.
#[derive(Clone)]
pub struct Zygote(Arc<Inner>);

struct Inner {
    executable: PathBuf,
    args: Vec<OsString>,
    /// One request at a time; nothing after a failure, until the next request starts a successor.
    process: Mutex<Option<Process>>,
    /// Of the process that was started last.
    hash_secret: std::sync::Mutex<[u64; 3]>,
    is_utc: bool,
    facts: Arc<[(String, String)]>,
    environment: Arc<[(String, String)]>,
    /// Those that check syntax and have nothing to do right now.
    checkers: std::sync::Mutex<Vec<Checker>>,
}

/// A worker that compiles sources, as they are or instrumented, and runs none.
struct Checker {
    worker: Worker,
    /// How many it has compiled.
    checked: u32,
    /// When it did the last time.
    last: Instant,
}

/// So many checkers are kept.
const MOST_CHECKERS: usize = 4;

/// What a checker keeps of sources that it has compiled goes with it after so many.
const MOST_CHECKED: u32 = 1000;

/// A zygote that runs; it ends when this is dropped, and its workers with it.
struct Process {
    control: AsyncFd<OwnedFd>,
    sequence: u64,
    hash_secret: [u64; 3],
    is_utc: bool,
    facts: Arc<[(String, String)]>,
}

impl Zygote {
    /// Starts `executable` with `args`, which must call [`zygote_main`](crate::zygote_main), and waits until it is warm.
    ///
    /// # Errors
    /// If it cannot be started or ends at once; what it has to say goes to this process's standard error.
    pub async fn start(executable: &Path, args: &[impl AsRef<OsStr>]) -> Result<Self, WorkerError> {
        let args: Vec<OsString> = args.iter().map(|arg| arg.as_ref().to_owned()).collect();
        let process = Process::start(executable, &args).await?;
        let hash_secret = std::sync::Mutex::new(process.hash_secret);
        let executable = executable.to_owned();
        let (is_utc, facts) = (process.is_utc, process.facts.clone());
        let process = Mutex::new(Some(process));
        let environment = environment().into();
        let checkers = std::sync::Mutex::default();
        Ok(Self(Arc::new(Inner { executable, args, process, hash_secret, is_utc, facts, environment, checkers })))
    }

    /// Whether the zone of the machine is UTC.
    pub fn is_utc(&self) -> bool {
        self.0.is_utc
    }

    /// The folder of CPython's standard library.
    pub fn library(&self) -> PathBuf {
        self.path("library")
    }

    /// The `python3` that the workers' CPython belongs to.
    pub fn python(&self) -> PathBuf {
        self.path("executable")
    }

    fn path(&self, fact: &str) -> PathBuf {
        let found = self.0.facts.iter().find(|(name, _)| name == fact);
        found.map(|(_, path)| path.into()).unwrap_or_default()
    }

    /// What is known of the machine and of the packages that its workers import, by name; `warm` of `prelude/warm.py` names them.
    pub fn facts(&self) -> &Arc<[(String, String)]> {
        &self.0.facts
    }

    /// What hashes depend on in its workers: SipHash's two keys, and the hash of None. Another zygote has another.
    pub fn hash_secret(&self) -> [u64; 3] {
        *self.0.hash_secret.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The environment of its workers, before what an invocation adds.
    pub fn environment(&self) -> &Arc<[(String, String)]> {
        &self.0.environment
    }

    /// A new worker, which has nothing loaded.
    ///
    /// # Errors
    /// If the zygote cannot fork, or died and cannot be started again.
    pub async fn fork(&self, limits: Limits) -> Result<Worker, WorkerError> {
        let mut slot = self.0.process.lock().await;
        // Taken out, so that a request that is abandoned half-way leaves no zygote with a reply on its way.
        if let Some(mut process) = slot.take() {
            match process.fork(&limits).await {
                Err(error @ (WorkerError::ZygoteEnded | WorkerError::Io(_))) => {
                    tracing::warn!("the zygote is started again: {error}");
                }
                result => {
                    *slot = Some(process);
                    return result;
                }
            }
        }
        let mut process = Process::start(&self.0.executable, &self.0.args).await?;
        *self.0.hash_secret.lock().unwrap_or_else(PoisonError::into_inner) = process.hash_secret;
        let result = process.fork(&limits).await;
        *slot = Some(process);
        result
    }

    /// Whether CPython compiles `source`; if not, its own message with line and caret, as it prints it.
    ///
    /// # Errors
    /// As [`Zygote::fork`], and if the worker that does it dies.
    pub async fn check_syntax(&self, source: &str, filename: &str) -> Result<Result<(), String>, WorkerError> {
        // Taken out, so that one that is abandoned half-way, or that a source has killed, is never asked again.
        let checker = self.checkers().pop();
        if let Some(mut checker) = checker
            && let Ok(Ok(())) = checker.worker.check_syntax(source, filename).await
        {
            self.keep(Checker { checked: checker.checked + 1, last: Instant::now(), ..checker });
            return Ok(Ok(()));
        }
        // What is refused is refused by a process that has compiled nothing before.
        let mut worker = self.fork(Limits::new(512 << 20, 0)).await?;
        let verdict = worker.check_syntax(source, filename).await?;
        if verdict.is_ok() {
            self.keep(Checker { worker, checked: 1, last: Instant::now() });
        }
        Ok(verdict)
    }

    /// What `module` runs as in traced invocations, or why it cannot.
    ///
    /// # Errors
    /// As [`Zygote::fork`], and if the worker that compiles it dies.
    pub async fn traced_code(&self, module: &Module) -> Result<Result<TracedCode, String>, WorkerError> {
        let checker = self.checkers().pop();
        let (worker, checked) = match checker {
            Some(checker) if checker.worker.is_alive() => (checker.worker, checker.checked),
            _ => (self.fork(Limits::new(512 << 20, 0)).await?, 0),
        };
        let code = worker.instrument(module).await?;
        self.keep(Checker { worker, checked: checked + 1, last: Instant::now() });
        Ok(code)
    }

    fn keep(&self, checker: Checker) {
        let mut checkers = self.checkers();
        if checker.checked < MOST_CHECKED && checkers.len() < MOST_CHECKERS {
            checkers.push(checker);
        }
    }

    fn checkers(&self) -> std::sync::MutexGuard<'_, Vec<Checker>> {
        self.0.checkers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Ends the workers that check syntax and have had nothing to do for `age`.
    pub fn reap(&self, age: Duration) {
        self.checkers().retain(|checker| checker.last.elapsed() < age);
    }
}

impl Process {
    async fn start(executable: &Path, args: &[OsString]) -> Result<Self, WorkerError> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        fcntl_setfl(&ours, rustix::fs::OFlags::NONBLOCK)?;
        let mut command = Command::new(executable);
        command
            .args(args)
            .env_clear()
            .envs(environment())
            .env(ARENAS, "2")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null());
        let mut child = command.spawn().map_err(WorkerError::Start)?;
        drop(command);
        // It ends by itself when the socket closes; this only keeps it from staying a zombie.
        tokio::spawn(async move { child.wait().await });
        // SAFETY: an `OwnedFd` gives the same open descriptor for as long as the `AsyncFd` owns it.
        let control = unsafe { AsyncFd::register(ours) }.map_err(io::Error::from)?;
        let mut process = Self { control, sequence: 0, hash_secret: [0; 3], is_utc: false, facts: Arc::default() };
        let (ready, _) = process.reply(0).await?;
        let (hash_secret, is_utc, facts) = ready.facts().ok_or(WorkerError::ZygoteEnded)?;
        (process.hash_secret, process.is_utc, process.facts) = (hash_secret, is_utc, facts.into_iter().collect());
        Ok(process)
    }

    async fn fork(&mut self, limits: &Limits) -> Result<Worker, WorkerError> {
        self.sequence += 1;
        let request = Request::new(self.sequence, limits);
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        let most = request.log_bytes.saturating_add(SLACK).min(limits.file_bytes.unwrap_or(u64::MAX));
        let captured = [captured::create(most)?, captured::create(most)?];
        let fds = [theirs.as_fd(), captured[0].as_fd(), captured[1].as_fd()];
        loop {
            let mut guard = self.control.writable().await?;
            let sent = guard.try_io(|control| Ok(control::send(control.as_fd(), &request, fds)?));
            match sent {
                Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Err(WorkerError::ZygoteEnded),
                Ok(sent) => break sent?,
                Err(_would_block) => {}
            }
        }
        let (forked, pidfd) = self.reply(request.sequence).await?;
        let (Some(pid), Some(pidfd)) = (forked.pid, pidfd) else { return Err(WorkerError::Fork(forked.text)) };
        let socket = std::os::unix::net::UnixStream::from(ours);
        socket.set_nonblocking(true)?;
        let exchange = Exchange::new(UnixStream::from_std(socket)?, pid, pidfd, captured, limits.log_bytes);
        Ok(Worker::new(exchange, limits, self.hash_secret))
    }

    async fn reply(&self, sequence: u64) -> Result<(Forked, Option<OwnedFd>), WorkerError> {
        let receive = async {
            loop {
                let mut guard = self.control.readable().await?;
                match guard.try_io(|control| Ok(control::receive_reply(control.as_fd())?)) {
                    Ok(Ok(None)) => return Err(WorkerError::ZygoteEnded),
                    Ok(Ok(Some((forked, pidfd)))) if forked.sequence == sequence => return Ok((forked, pidfd)),
                    // An earlier request's, which nobody waits for: dropping the descriptors ends that worker.
                    Ok(Ok(Some(_))) => {}
                    Ok(Err(error)) => return Err(error.into()),
                    Err(_would_block) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, receive).await.map_err(|_| WorkerError::ZygoteEnded)?
    }
}

fn environment() -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = PASSED_ON
        .iter()
        .filter_map(|&name| Some((name.to_owned(), std::env::var(name).ok().filter(|value| !value.is_empty())?)))
        .collect();
    // An embedded interpreter does not leave the C locale by itself, as `python3` does (PEP 538).
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|&wanted| variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()));
    if locale.is_none_or(|locale| matches!(locale, "C" | "POSIX")) {
        variables.retain(|(name, _)| name != "LC_ALL" && name != "LC_CTYPE");
        variables.push(("LC_CTYPE".to_owned(), "C.UTF-8".to_owned()));
    }
    variables
}
