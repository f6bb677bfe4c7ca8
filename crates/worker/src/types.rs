//! What goes into workers and what comes out.

use std::path::PathBuf;

use upshift_tracer::Instrumented;

/// What a worker may use; each limit holds for one worker.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory beyond what the interpreter itself takes, in bytes.
    pub memory_bytes: u64,
    /// Processor time of one invocation, in seconds.
    pub cpu_seconds: u64,
    /// Largest file that it may write, in bytes; any size if absent.
    pub file_bytes: Option<u64>,
    /// Log bytes of one invocation; the rest is cut off, and a last line says so.
    pub log_bytes: usize,
    /// Variables of its environment, beside the few that the zygote passes on.
    pub environment: Vec<(String, String)>,
}

impl Limits {
    /// Limits for memory and logs, both in bytes; ten minutes of processor time, no limit on files.
    pub fn new(memory_bytes: u64, log_bytes: u64) -> Self {
        Self {
            memory_bytes,
            cpu_seconds: 600,
            file_bytes: None,
            log_bytes: usize::try_from(log_bytes).unwrap_or(usize::MAX),
            environment: Vec::new(),
        }
    }
}

/// An action's code, as a worker loads it.
#[derive(Clone, Debug)]
pub struct Module {
    /// Python source.
    pub source: String,
    /// What tracebacks call it.
    pub filename: String,
    /// Name of the function to call.
    pub main: String,
    /// Working directory, and first place to import from.
    pub directory: Option<PathBuf>,
    /// A folder of packages that it imports before all others, as from a virtual environment.
    pub packages: Option<PathBuf>,
    /// Where its `tempfile` puts files; made if it is not there.
    pub temporary: Option<PathBuf>,
    /// The same functions with calls to the recorder, if the action can be traced.
    pub instrumented: Option<Instrumented>,
    /// Names of module globals and builtins that native code relies on; `os:environ` for what the environment holds.
    pub watched: Vec<String>,
    /// Names of the module that functions rebind (`global`), which are part of its state.
    pub variables: Vec<String>,
}

/// How loading a module ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// It can run.
    Ready,
    /// It cannot; the worker is of no further use.
    Failed {
        /// One line, such as `SyntaxError: invalid syntax (hello.py, line 3)`.
        message: String,
        /// What it wrote, and the traceback.
        logs: Vec<LogLine>,
    },
    /// It took longer than it was given.
    TimedOut,
}

/// What CPython compiled a module to for its traced invocations, which any of its workers can take up.
#[derive(Clone, Debug)]
pub struct TracedCode(pub(crate) bytes::Bytes);

/// Which code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The action's own.
    Plain,
    /// The same, of an action that stays in CPython: what it changes in its module is told of the first invocations only.
    Settled,
    /// The action's own, and a journal is kept of what it draws from the world.
    Journalled,
    /// The instrumented functions in their place, for one invocation; with a journal. See [`Worker::take_up`](crate::Worker::take_up).
    Traced,
}

/// What one invocation left.
#[derive(Clone, Debug)]
pub struct Reply {
    /// How it ended.
    pub outcome: Outcome,
    /// Its log lines, in the order they were written; the first invocation's begin with those of loading.
    pub logs: Vec<LogLine>,
    /// How many of `logs` were written while the module was loaded.
    pub load_lines: usize,
    /// How long it stood behind others in its worker.
    pub behind: std::time::Duration,
    /// What the recorder saw, as JSON, if the invocation was traced.
    pub observations: Option<String>,
    /// Why a traced invocation ran plain after all.
    pub trace_error: Option<String>,
    /// Parsing the arguments, running and printing the result, in nanoseconds; 0 if the worker died.
    pub nanos: u64,
    /// Time of processors for all threads of the worker since its last reply, in nanoseconds; 0 if it died.
    pub cpu_nanos: u64,
    /// What the worker's hashes depend on; see [`Zygote::hash_secret`](crate::Zygote::hash_secret).
    pub hash_secret: [u64; 3],
    /// Whether loading the module drew from the world or asked others, so that another process may hold something else.
    pub load_drew: bool,
    /// What the invocation drew from the world, as JSON; empty if nothing, or if no journal was kept.
    pub journal: String,
    /// What it sent otherwise than the run whose journal it went by; it was stopped there, and `outcome` says so.
    pub differs: Option<String>,
    /// Those of [`Module::watched`] that no longer are what they were after loading, and are no part of the state.
    pub changed_globals: Vec<String>,
    /// The module's state before a traced invocation.
    pub state_before: StateDocument,
    /// Its state after it, told for traced invocations, and when it first is another than that of the loaded module.
    pub state_after: StateDocument,
    /// Why the state cannot leave the worker.
    pub state_stays: Option<String>,
}

/// What a module's objects hold beyond what they held when it was loaded, as JSON; empty if nothing.
///
/// `state.py` of the crate `tracer` describes it.
pub type StateDocument = String;

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// JSON text of an object, an array or `null`.
    Success(Vec<u8>),
    /// An exception left the function; the traceback is in the logs.
    Raised {
        /// `str()` of it.
        message: String,
        /// The name of its class.
        exception: String,
    },
    /// The result is something else than a dictionary, list, tuple or None.
    NotDictOrArray,
    /// The result cannot be printed as JSON; why is in the logs.
    NotSerialisable,
    /// It was killed because its time was over.
    TimedOut,
    /// A `MemoryError` left the function.
    OutOfMemory,
    /// The process exited, crashed or was killed.
    Crashed,
}

/// One line that an action wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub time: jiff::Timestamp,
    /// `stdout` or `stderr`.
    pub stream: &'static str,
    /// The line without its end; bytes that are not UTF-8 are replaced.
    pub text: String,
}
