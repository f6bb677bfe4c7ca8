//! A file as CPython runs it, plain and traced.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use upshift_worker::{Limits, Loaded, Mode, Module, Outcome, Reply, TracedCode, Worker, Zygote};

use super::{Answer, CheckError, MEMORY, PATIENCE};
use crate::pipeline::{Program, Sources};
use crate::printed::texts;

/// Each call is timed this often, or until [`TIMING`] is over.
pub(super) const REPEATS: usize = 15;
/// The time spent on timing, in each tier.
pub(super) const TIMING: Duration = Duration::from_millis(400);

/// What a file can import.
pub(crate) fn sources(file: &str, zygote: &Zygote) -> Sources {
    Sources { folder: folder(file), packages: None, links_folder: true, library: zygote.library() }
}

/// The folder that a file is in, if it is one.
fn folder(file: &str) -> Option<PathBuf> {
    Path::new(file).canonicalize().ok()?.parent().map(Path::to_owned)
}

/// One worker after another: the next is forked when the last died of a call.
pub(crate) struct Python<'c> {
    zygote: &'c Zygote,
    module: Module,
    /// What is traced, since the first traced call.
    traced_code: Option<TracedCode>,
    worker: Option<Worker>,
}

impl<'c> Python<'c> {
    pub(crate) fn new(zygote: &'c Zygote, file: &str, source: &str, program: Option<&Program>) -> Self {
        let module = Module {
            source: source.to_owned(),
            filename: file.to_owned(),
            main: "main".to_owned(),
            directory: folder(file),
            packages: None,
            temporary: None,
            instrumented: program.map(|program| program.instrumented().clone()),
            watched: program.map(Program::watched).unwrap_or_default(),
            variables: program.map(Program::variables).unwrap_or_default(),
        };
        Self { zygote, module, traced_code: None, worker: None }
    }

    pub(crate) async fn worker(&mut self) -> Result<&mut Worker, CheckError> {
        if !self.worker.as_ref().is_some_and(Worker::is_alive) {
            let mut worker = self.zygote.fork(Limits::new(MEMORY, 10 << 20)).await?;
            match worker.load(&self.module, PATIENCE).await? {
                Loaded::Ready => {}
                Loaded::Failed { message, .. } => return Err(CheckError::Load(message)),
                Loaded::TimedOut => return Err(CheckError::Load("loading it takes too long".to_owned())),
            }
            self.worker = Some(worker);
        }
        Ok(self.worker.as_mut().expect("it was forked above"))
    }

    /// One call; what an earlier run drew from the world, as `journal` says, comes first.
    pub(super) async fn run(&mut self, call: &str, mode: Mode, journal: &str) -> Result<(Answer, Reply), CheckError> {
        if mode == Mode::Traced {
            let code = match self.traced_code.take() {
                Some(code) => code,
                None => {
                    let code = self.zygote.traced_code(&self.module).await?;
                    code.map_err(|reason| CheckError::Load(format!("it cannot be traced: {reason}")))?
                }
            };
            self.worker().await?.take_up(&code, PATIENCE).await?;
            self.traced_code = Some(code);
        }
        let reply = self.worker().await?.rerun(call.as_bytes(), mode, &[], journal, PATIENCE).await?;
        let result = match &reply.outcome {
            Outcome::Success(json) => Ok(String::from_utf8_lossy(json).into_owned()),
            Outcome::Raised { message, exception } => Err(format!("{exception}: {message}")),
            other => Err(format!("{other:?}")),
        };
        let logs = texts(&reply.logs[reply.load_lines.min(reply.logs.len())..]);
        Ok((Answer { result, logs }, reply))
    }

    /// What the module holds now; an error if that cannot leave the worker.
    pub(super) async fn state(&mut self) -> Result<Result<String, String>, CheckError> {
        Ok(self.worker().await?.take_state(PATIENCE).await?)
    }

    /// Gives the module a state.
    pub(super) async fn put(&mut self, state: &str) -> Result<(), CheckError> {
        let put = self.worker().await?.put_state(state, PATIENCE).await?;
        put.map_err(|reason| CheckError::Load(format!("the module's state cannot be put back: {reason}")))
    }

    /// The median time of a call, over calls that succeed; those that ask others are answered from their journals.
    pub(super) async fn median(
        &mut self,
        calls: &[String],
        journals: &[String],
        states: Option<&States>,
    ) -> Result<Option<f64>, CheckError> {
        let mut times = Vec::new();
        let end = Instant::now() + TIMING;
        for (number, (call, journal)) in calls.iter().zip(journals).enumerate() {
            let journal = if exchanges(journal) { journal } else { "" };
            for _ in 0..REPEATS {
                if let Some(states) = states {
                    self.put(states.before(number)).await?;
                }
                let reply = self.worker().await?.rerun(call.as_bytes(), Mode::Plain, &[], journal, PATIENCE).await?;
                times.push(reply.nanos);
                if Instant::now() > end {
                    break;
                }
            }
        }
        Ok(median(times))
    }
}

/// What the module held before each call, and after the last.
#[derive(Clone, Debug, Default)]
pub(crate) struct States(pub(super) Vec<String>);

impl States {
    pub(super) fn before(&self, call: usize) -> &str {
        self.0.get(call).map_or("", String::as_str)
    }

    pub(super) fn after(&self, call: usize) -> &str {
        self.before(call + 1)
    }

    /// Whether any call changed anything.
    pub(super) fn differ(&self) -> bool {
        self.0.iter().any(|state| !state.is_empty())
    }
}

/// Whether an invocation asked others, which is not to be done again.
pub(super) fn exchanges(journal: &str) -> bool {
    journal.contains("[\"exchange\"")
}

pub(super) fn median(mut nanos: Vec<u64>) -> Option<f64> {
    nanos.sort_unstable();
    let middle = nanos.get(nanos.len() / 2)?;
    Some(*middle as f64 / 1000.0)
}
