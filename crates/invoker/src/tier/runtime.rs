//! One deployed action at work: runs its invocations in the tier that the policy names.
//!
//! In: arguments as JSON text. Out: an [`Answer`].
//! A bailout is no error: the invocation runs again in CPython and only its `bailout` tells.
//! A redeployment makes a new [`Runtime`]; the old one finishes what it has begun and is then dropped.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use tokio::sync::{OnceCell, Semaphore};
use upshift_deploy::{Action, Blobs, Bounds, Entity};
use upshift_worker::{Module, TracedCode, Zygote};

use super::admission::Admission;
use super::answer::Answer;
use super::code::Code;
use super::containers::Containers;
use super::environment::Environment;
use super::idle::Idle;
use super::lanes::Usual;
use super::learnt::Learnt;
use super::native::{Invocation, Native};
use super::policy::{Path, Policy};
use super::pool::Pool;
use super::python::Tracing;
use super::slices::LongSlices;
use super::stats::Stats;
use super::temporary::{Temporary, TemporaryFolder};
use super::tier_up;
use crate::activation::About;
use crate::client::Client;
use crate::payload;
use crate::pipeline::{Compiled, Compiler, Program};
use crate::unpack::Unpacker;

/// What all actions of a daemon share.
pub(crate) struct Shared {
    pub(crate) zygote: Zygote,
    pub(crate) compiler: Arc<Compiler>,
    /// Whether that was made ready, or is being made so.
    pub(crate) prepared: AtomicBool,
    /// One compilation at a time, first come first served.
    pub(crate) compile_turn: Semaphore,
    pub(crate) long_slices: LongSlices,
    pub(crate) blobs: Blobs,
    pub(crate) bounds: Arc<Bounds>,
    pub(crate) threshold: u32,
    pub(crate) max_workers: usize,
    pub(crate) temporary: Temporary,
    pub(crate) unpacker: Arc<Unpacker>,
    pub(crate) admission: Arc<Admission>,
    /// Through which native invocations reach other services.
    pub(crate) client: Client,
    /// Told whenever something happened that the dashboard shows.
    pub(crate) changed: tokio::sync::watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn touch(&self) {
        // Whoever begins to look sees everything as it is then.
        if self.changed.receiver_count() > 0 {
            self.changed.send_modify(|count| *count += 1);
        }
    }

    /// Makes the compiler ready, once: the first action to be traced will need it soon.
    fn prepare_compiler(&self) {
        if !self.prepared.swap(true, Ordering::Relaxed) {
            let compiler = Arc::clone(&self.compiler);
            // What is wrong with it is told when it is needed.
            tokio::task::spawn_blocking(move || drop(compiler.toolchain().map(|_| ())));
        }
    }
}

/// Where an action came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The API; it is in the store.
    Api,
    /// A file or folder of the watched folder.
    Folder(PathBuf),
}

/// A deployed action.
pub(crate) struct Runtime {
    pub(crate) action: Arc<Action>,
    /// The action's key.
    pub(crate) key: String,
    /// What records say of it.
    pub(crate) about: Arc<About>,
    pub(crate) origin: Origin,
    pub(crate) code: Code,
    pub(crate) shared: Arc<Shared>,
    pub(crate) program: Option<Program>,
    pool: Pool,
    /// Behind the workers that use it.
    _temporary: TemporaryFolder,
    pub(super) native_slots: Arc<Semaphore>,
    live: ArcSwapOption<Version>,
    /// The module's states, if it keeps any from one invocation to the next, and whether it does.
    pub(super) containers: Containers,
    stateful: AtomicBool,
    /// How long a slice of the latest native invocation took, on the average.
    pub(super) slice_nanos: AtomicU64,
    /// What is traced, once somebody asked for it and until a version is live; it is the same for all workers.
    pub(super) traced_code: Mutex<Arc<OnceCell<Result<TracedCode, String>>>>,
    /// Of invocations after it was settled.
    pub(super) usual: Usual,
    counters: Mutex<Counters>,
    learnt: Mutex<Learnt>,
    replaced: AtomicBool,
}

/// A compiled version that may be live; the dylib goes when the last invocation in it has ended.
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) compiled: Compiled,
}

/// What the policy and the dashboard count.
pub(crate) struct Counters {
    pub(crate) policy: Policy,
    pub(crate) stats: Stats,
}

impl Runtime {
    /// Reads the program statically, takes up what an earlier daemon learnt, and is ready for invocations.
    ///
    /// Blocking: call it off the request path, within a tokio runtime.
    pub(crate) fn start(shared: Arc<Shared>, action: Action, origin: Origin, code: Code) -> Arc<Self> {
        let mut policy = Policy::new(shared.threshold);
        let program = match Program::new(&code.source, &code.main, &code.sources(shared.zygote.library())) {
            Ok(program) => Some(program),
            Err(unsupported) => {
                policy.pin(unsupported.to_string());
                None
            }
        };
        let learnt = program.as_ref().filter(|_| shared.threshold > 0).and_then(|program| {
            let place = place(&shared, &action, program);
            Learnt::load(&shared.blobs, &action.key(), program.hash(), &code.main, &place)
        });
        let resumes = learnt.is_some();
        if resumes {
            policy.resume();
        }
        let has_variables = program.as_ref().is_some_and(|program| !program.variables().is_empty());
        let changes = learnt.as_ref().and_then(|learnt| learnt.trace.as_ref()).is_some_and(|trace| trace.changes);
        let temporary = shared.temporary.folder();
        let runtime = Arc::new(Self {
            pool: pool(&shared, &action, &code, temporary.path(), program.as_ref()),
            _temporary: temporary,
            native_slots: Arc::new(Semaphore::new(shared.max_workers.max(1))),
            live: ArcSwapOption::empty(),
            containers: Containers::default(),
            stateful: AtomicBool::new(has_variables || changes),
            slice_nanos: AtomicU64::new(u64::MAX),
            traced_code: Mutex::default(),
            usual: Usual::default(),
            counters: Mutex::new(Counters { policy, stats: Stats::default() }),
            learnt: Mutex::new(learnt.unwrap_or_default()),
            replaced: AtomicBool::new(false),
            about: Arc::new(About::new(&action)),
            key: action.key(),
            action: Arc::new(action),
            origin,
            code,
            shared,
            program,
        });
        if resumes {
            tier_up::spawn(Arc::clone(&runtime));
        }
        runtime
    }

    /// Runs one invocation to its end. `received` is when its request came.
    pub(crate) async fn invoke(
        self: Arc<Self>,
        args: Arc<[u8]>,
        environment: Arc<Environment>,
        received: Instant,
    ) -> Answer {
        let path = self.counters().policy.begin();
        let (mut bailout, mut journal, mut state) = (None, String::new(), None);
        let mut mode = match path {
            Path::Python { traced: true } => {
                self.shared.prepare_compiler();
                Tracing::First
            }
            Path::Settled => Tracing::Settled,
            Path::Native { .. } | Path::Python { traced: false } => Tracing::No,
        };
        let version = self.live.load_full();
        if let (Path::Native { measured }, Some(version)) = (path, version) {
            let (args, environment) = (Arc::clone(&args), Arc::clone(&environment));
            match self.run_native(version, Invocation { args, environment, received, measured }).await {
                Native::Answered(answer) => return answer,
                Native::Bailed { bailout: failed, traced, journal: drawn, state: before } => {
                    (bailout, journal, state) = (Some(failed), drawn, before);
                    mode = if traced { Tracing::Bailout } else { Tracing::Rerun };
                }
                Native::Unavailable => {}
            }
        }
        // Apart, so that what waits natively does not take the room that a worker's exchanges take.
        if mode == Tracing::Settled {
            let answer = Box::pin(self.run_settled(args, environment, received)).await;
            self.shared.touch();
            return answer;
        }
        let mut answer = Box::pin(self.run_python(args, environment, mode, &journal, state, received)).await;
        answer.bailout = bailout;
        if path == (Path::Python { traced: false }) {
            self.counters().policy.sampled();
        }
        self.shared.touch();
        answer
    }

    /// Whether the module keeps state from one invocation to the next, as far as is known.
    pub(super) fn is_stateful(&self) -> bool {
        self.stateful.load(Ordering::Acquire)
    }

    /// An invocation has changed what the module holds: versions must know that it does.
    pub(super) fn keeps_state(self: &Arc<Self>) {
        if self.stateful.swap(true, Ordering::AcqRel) {
            return;
        }
        let again = self.counters().policy.outdated();
        self.live.store(None);
        if again {
            tier_up::spawn(Arc::clone(self));
        }
    }

    /// Keeps the action in CPython, since what its module holds cannot leave there.
    pub(super) fn pin_state(&self, reason: &str) {
        self.pin(format!("module state cannot leave Python: {reason}"));
    }

    /// Retires the live version, if any; the action stays in CPython.
    pub(crate) fn pin(&self, reason: String) {
        {
            let mut counters = self.counters();
            counters.policy.pin(reason.clone());
            counters.stats.retired();
        }
        self.live.store(None);
        if !self.is_replaced() {
            tracing::warn!(action = self.key, "pinned to CPython: {reason}");
            if let Err(error) = Learnt::forget(&self.shared.blobs, &self.key) {
                tracing::error!(action = self.key, "{error}");
            }
        }
        self.shared.touch();
    }

    /// The workers of the action.
    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Makes `version` the one that invocations run in, unless the action has been pinned meanwhile.
    pub(crate) fn install(&self, version: Version) {
        self.live.store(Some(Arc::new(version)));
        *self.traced_code.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        // Pinning takes the counters first and the version after, so one of the two sees the other.
        if matches!(self.counters().policy.state(), super::State::Pinned(_)) {
            self.live.store(None);
        }
    }

    /// A new deployment has taken this one's place: nothing of it is written any more.
    pub(crate) fn replace(&self) {
        self.replaced.store(true, Ordering::Release);
    }

    pub(crate) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::Acquire)
    }

    pub(crate) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle for Arc<Runtime> {
    fn workers(&self) -> Vec<Instant> {
        self.pool.idle_since()
    }

    fn end_workers(&self, since: Instant) {
        self.pool.end_idle(since);
    }

    fn end_states(&self, since: Instant) {
        self.containers.end_idle(since);
    }

    fn version(&self) -> Option<Instant> {
        self.live.load().as_ref()?.compiled.used()
    }

    fn rest(&self) {
        if let Some(version) = &*self.live.load() {
            version.compiled.rest();
        }
    }
}

/// What a trace depends on beside the source: the packages of the workers, and their environment if it is read.
pub(super) fn place(shared: &Shared, action: &Action, program: &Program) -> String {
    let environment = program
        .reads_environment()
        .then(|| (shared.zygote.environment(), payload::environment(action.parameters.iter())));
    serde_json::json!([shared.zygote.facts(), environment]).to_string()
}

fn pool(
    shared: &Arc<Shared>,
    action: &Action,
    code: &Code,
    temporary: &std::path::Path,
    program: Option<&Program>,
) -> Pool {
    let module = Module {
        source: code.source.clone(),
        filename: code.filename.clone(),
        main: code.main.clone(),
        directory: code.directory.clone(),
        packages: code.packages.clone(),
        temporary: Some(temporary.to_owned()),
        instrumented: program.map(|program| program.instrumented().clone()),
        watched: program.map(Program::watched).unwrap_or_default(),
        variables: program.map(Program::variables).unwrap_or_default(),
    };
    let timeout = Duration::from_millis(action.limits.timeout);
    let mut limits = upshift_worker::Limits::new(action.limits.memory << 20, action.limits.logs << 20);
    // Of the two, the time limit is the one that says what it is.
    limits.cpu_seconds = limits.cpu_seconds.max(timeout.as_secs());
    // They are there when the module is loaded, as in a container that is started with them.
    limits.environment = payload::environment(action.parameters.iter());
    limits.environment.retain(|(name, value)| is_variable(name, value));
    Pool::new(shared.zygote.clone(), module, limits, timeout, shared.max_workers)
}

/// Whether a process's environment can have it.
fn is_variable(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
