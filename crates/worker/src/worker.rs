//! The daemon's handle to a worker: loads a module into it, runs invocations one after another, ends it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::WorkerError;
use crate::exchange::{Ended, Exchange, Exchanged};
use crate::frame::{self, status};
use crate::types::{Limits, Loaded, Mode, Module, Outcome, Reply, StateDocument, TracedCode};

/// How long compiling a source may take.
const COMPILING: Duration = Duration::from_secs(30);
const CRASHED: &str = "The action did not produce a valid response and exited unexpectedly.";
const OUT_OF_MEMORY: &str = "The action exhausted its memory and was aborted.";

/// A process with CPython in it, for one action; dropping it kills the process and all that is in its process group.
pub struct Worker {
    exchange: Exchange,
    environment: Vec<(String, String)>,
    load_drew: bool,
    has_traced_code: AtomicBool,
    hash_secret: [u64; 3],
}

impl Worker {
    pub(crate) fn new(exchange: Exchange, limits: &Limits, hash_secret: [u64; 3]) -> Self {
        let environment = limits.environment.clone();
        Self { exchange, environment, load_drew: false, has_traced_code: AtomicBool::new(false), hash_secret }
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.exchange.pid()
    }

    /// Whether it can take another request: it runs, and nothing went wrong in it but exceptions.
    pub fn is_alive(&self) -> bool {
        self.exchange.is_alive()
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
            packages: path(module.packages.as_ref()),
            temporary: path(module.temporary.as_ref()),
            instrumented: module.instrumented.as_ref().map(frame::Recorded::of),
            watched: &module.watched,
            variables: &module.variables,
            environment: frame::variables(&self.environment),
        };
        let Exchanged { ended, logs, .. } =
            self.exchange.request(&frame::json(frame::LOAD, &request)?, timeout).await?;
        let message = match ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => {
                *self.exchange.load_logs() = logs;
                self.load_drew = !answer.changed.is_empty();
                return Ok(Loaded::Ready);
            }
            Ended::TimedOut => return Ok(Loaded::TimedOut),
            Ended::Answered(answer) if answer.status == status::RAISED => text(&answer.body),
            Ended::Answered(answer) if answer.status == status::OUT_OF_MEMORY => OUT_OF_MEMORY.to_owned(),
            Ended::Answered(_) | Ended::Gone => CRASHED.to_owned(),
        };
        self.exchange.end();
        Ok(Loaded::Failed { message, logs })
    }

    /// Takes up what the module runs as in traced invocations, if it has not: an exchange that runs nothing of it.
    ///
    /// # Errors
    /// If the worker is not usable, or ends of this.
    pub async fn take_up(&self, code: &TracedCode, timeout: Duration) -> Result<(), WorkerError> {
        if self.has_traced_code.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.exchange.request(&frame::bytes(frame::TAKE_UP, &code.0)?, timeout).await?.ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => {
                self.has_traced_code.store(true, Ordering::Relaxed);
                Ok(())
            }
            _ => Err(WorkerError::Protocol("taking up traced code ended the process")),
        }
    }

    /// Runs one invocation, for up to `timeout`.
    ///
    /// `args` is the JSON text of an object; `environment` is set before and stays set.
    /// Where others are under way, this one follows them, and its time begins when they have ended.
    /// If the future is dropped before it ends, the worker is no longer usable.
    ///
    /// # Errors
    /// If the worker is not usable, or is no longer when those before have ended, or the arguments are too large to send.
    pub async fn run(
        &self,
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
        &self,
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
        let exchanged = self.exchange.request(&request, timeout).await?;
        let Exchanged { ended, logs: own_logs, load_logs: mut logs, behind } = exchanged;
        let load_lines = logs.len();
        logs.extend(own_logs);
        let (outcome, answer) = match ended {
            Ended::TimedOut => (Outcome::TimedOut, Box::default()),
            Ended::Gone => (Outcome::Crashed, Box::default()),
            Ended::Answered(mut answer) => (outcome(&mut answer), answer),
        };
        let [state_before, state_after, stays] = answer.state;
        Ok(Reply {
            outcome,
            logs,
            load_lines,
            behind,
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
        match self.exchange.request(&frame::empty(frame::DESCRIBE)?, timeout).await?.ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => Ok(answer.observations),
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

    pub(crate) async fn instrument(&self, module: &Module) -> Result<Result<TracedCode, String>, WorkerError> {
        let Some(instrumented) = &module.instrumented else {
            return Ok(Err("the action has no instrumented code".to_owned()));
        };
        let (source, filename) = (&*module.source, &*module.filename);
        let request = frame::json(frame::INSTRUMENT, &frame::Instrument { source, filename, instrumented })?;
        match self.exchange.request(&request, COMPILING).await?.ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => Ok(Ok(TracedCode(answer.body.into()))),
            Ended::Answered(answer) if answer.status == status::RAISED => Ok(Err(text(&answer.body))),
            _ => Err(WorkerError::Protocol("compiling what is traced ended the process")),
        }
    }

    async fn about_state(&mut self, request: Vec<u8>, timeout: Duration) -> Result<[String; 3], WorkerError> {
        match self.exchange.request(&request, timeout).await?.ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => Ok(answer.state),
            _ => Err(WorkerError::Protocol("moving the module's state ended the process")),
        }
    }

    pub(crate) async fn check_syntax(
        &mut self,
        source: &str,
        filename: &str,
    ) -> Result<Result<(), String>, WorkerError> {
        let request = frame::json(frame::CHECK, &frame::Check { source, filename })?;
        match self.exchange.request(&request, COMPILING).await?.ended {
            Ended::Answered(answer) if answer.status == status::SUCCESS => Ok(Ok(())),
            Ended::Answered(answer) if answer.status == status::RAISED => Ok(Err(text(&answer.body))),
            _ => Err(WorkerError::Protocol("compiling the source ended the process")),
        }
    }
}

fn outcome(answer: &mut frame::Answer) -> Outcome {
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

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
