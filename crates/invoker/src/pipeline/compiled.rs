//! A version in memory: its instances, and what their outcomes mean in terms of the source.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use upshift_loader::host::{End, Exchanged};
use upshift_loader::{BailKind, Call, HashSecret, Instance, LoadError, Outcome, Step, Variables, Version, World};
use upshift_worker::Zygote;

use super::Bailout;
use crate::printed::Printed;

/// So many idle instances of a version are kept.
const MOST_IDLE: usize = 16;

/// A version in memory.
pub struct Compiled {
    /// The generated module.
    pub rust: String,
    /// `guards[i]` is guard number `i`.
    pub guards: Vec<GuardInfo>,
    /// From the trace to the loaded version.
    pub compile_ms: u64,
    /// Whether its module keeps state from one invocation to the next, so that it matters which instance runs one.
    pub is_stateful: bool,
    loaded: Mutex<Loaded>,
    /// Held by the one that loads the code; nobody waits for it who holds `loaded`.
    waking: Mutex<()>,
    load: Load,
}

/// Loads the code of a version, from the cache if it is still there.
pub(super) type Load = Box<dyn Fn(&str) -> Result<Version, LoadError> + Send + Sync>;

/// What is in memory of a version.
struct Loaded {
    /// Its code; none while the version rests.
    version: Option<Arc<Version>>,
    /// Instances that run nothing at the moment.
    idle: Vec<Instance>,
    used: Instant,
}

/// A guard of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardInfo {
    /// Line in the action's source, or in that of `module`, from 1.
    pub line: u32,
    /// The linked module that it is in.
    pub module: Option<String>,
    /// The line as the trace counts it.
    pub counted: u32,
    /// What the native language does not have, at a guard that always fails because of it.
    pub reason: Option<String>,
    /// Whether [`Call::force`] can make it fail.
    pub forcible: bool,
}

/// What native invocations know of the place where they run, and with what CPython there hashes.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What hashes depend on; see [`Zygote::hash_secret`].
    pub hash_secret: [u64; 3],
    /// Whether the zone of the machine is UTC.
    pub is_utc: bool,
    /// The environment of every worker.
    pub environment: Variables,
    /// What is known of the machine and of the packages that workers import.
    pub facts: Variables,
}

impl Machine {
    /// Where that zygote's workers run.
    pub fn of(zygote: &Zygote) -> Self {
        let (environment, facts) = (Arc::clone(zygote.environment()), Arc::clone(zygote.facts()));
        Self { hash_secret: zygote.hash_secret(), is_utc: zygote.is_utc(), environment, facts }
    }

    /// An invocation of these arguments, as JSON text, in `time` and with so much memory, before the world itself.
    pub fn call(&self, args: Arc<[u8]>, time: Duration, memory_bytes: usize) -> Call {
        Call {
            args,
            deadline: Instant::now() + time,
            memory_bytes,
            force: u32::MAX,
            hash_secret: HashSecret::from_words(self.hash_secret),
            is_utc: self.is_utc,
            environment: [Arc::clone(&self.environment), Variables::default()],
            facts: Arc::clone(&self.facts),
            world: World::Live,
        }
    }
}

/// How a native invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeOutcome {
    /// It finished.
    Done {
        /// The result's JSON text.
        result: Vec<u8>,
        /// What it printed.
        printed: Printed,
        /// What it drew from the world, as JSON; empty if nothing, or if [`World::Told`] did not ask for it.
        journal: String,
    },
    /// A guard failed; CPython must run the invocation.
    Bailed {
        /// Which.
        bailout: Bailout,
        /// The guard's number; `u32::MAX` for reading the arguments and writing the result.
        guard: u32,
        /// The line as the trace counts it.
        counted: u32,
        /// What it drew from the world until then, as JSON; empty if nothing.
        journal: String,
    },
    /// The deadline passed; CPython would not be done by then either.
    TimedOut,
}

impl NativeOutcome {
    /// The line of the source where an int left 64 bits, if that is how it ended.
    pub fn overflow(&self) -> Option<u32> {
        match self {
            NativeOutcome::Bailed { bailout, counted, .. }
                if bailout.kind == BailKind::Overflow.name() && *counted > 0 =>
            {
                Some(*counted)
            }
            _ => None,
        }
    }
}

impl Compiled {
    pub(super) fn new(
        rust: String,
        guards: Vec<GuardInfo>,
        compile_ms: u64,
        is_stateful: bool,
        (version, load): (Version, Load),
    ) -> Self {
        let loaded = Loaded { version: Some(Arc::new(version)), idle: Vec::new(), used: Instant::now() };
        Self { rust, guards, compile_ms, is_stateful, loaded: Mutex::new(loaded), waking: Mutex::default(), load }
    }

    /// It is used: by an instance that is kept elsewhere.
    pub fn touch(&self) {
        self.loaded().used = Instant::now();
    }

    /// When it was used last; none if it rests.
    pub fn used(&self) -> Option<Instant> {
        let loaded = self.loaded();
        loaded.version.as_ref().map(|_| loaded.used)
    }

    /// Whether its code is not in memory.
    pub fn rests(&self) -> bool {
        self.loaded().version.is_none()
    }

    /// Loads its code again, if it rests: in milliseconds, or in as long as compiling takes if the cache has lost it.
    ///
    /// # Errors
    /// If it cannot be loaded.
    pub fn wake(&self) -> io::Result<()> {
        let _waking = self.waking.lock().unwrap_or_else(PoisonError::into_inner);
        if self.rests() {
            let version = Arc::new((self.load)(&self.rust).map_err(io::Error::other)?);
            let mut loaded = self.loaded();
            (loaded.version, loaded.used) = (Some(version), Instant::now());
        }
        Ok(())
    }

    /// Lets its code and its idle instances go; whoever wants an instance wakes it.
    ///
    /// What still runs keeps the code until it has ended.
    pub fn rest(&self) {
        let (version, idle) = {
            let mut loaded = self.loaded();
            (loaded.version.take(), std::mem::take(&mut loaded.idle))
        };
        drop((idle, version));
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new instance whose module has that state.
    ///
    /// # Errors
    /// If there is no memory for one.
    /// If its code rests and cannot be loaded again, either.
    pub fn instance_in(&self, state: Arc<[u8]>) -> io::Result<Instance> {
        loop {
            let version = {
                let mut loaded = self.loaded();
                loaded.used = Instant::now();
                loaded.version.clone()
            };
            match version {
                Some(version) => return Instance::new(version, state),
                None => self.wake()?,
            }
        }
    }

    /// An instance that can run an invocation under that hash secret; give it back with [`Compiled::give_back`].
    ///
    /// # Errors
    /// If there is no memory for one.
    pub fn instance(&self, hash_secret: HashSecret) -> io::Result<Instance> {
        let mut loaded = self.loaded();
        while let Some(instance) = loaded.idle.pop() {
            if instance.is_good_for(hash_secret) {
                return Ok(instance);
            }
        }
        drop(loaded);
        self.instance_in(Arc::default())
    }

    /// Keeps an instance for the next invocation, if it can run one.
    pub fn give_back(&self, instance: Instance, hash_secret: HashSecret) {
        let mut loaded = self.loaded();
        loaded.used = Instant::now();
        // What ran while the version went to rest goes, too.
        if loaded.version.is_some() && loaded.idle.len() < MOST_IDLE && instance.is_good_for(hash_secret) {
            loaded.idle.push(instance);
        }
    }

    /// Runs one invocation on this thread, which reaches nobody.
    pub fn run(&self, call: Call) -> NativeOutcome {
        let hash_secret = call.hash_secret;
        let Ok(mut instance) = self.instance(hash_secret) else { return self.out_of_memory() };
        let outcome = self.run_on(&mut instance, call);
        self.give_back(instance, hash_secret);
        outcome
    }

    /// The same where the module has that state; and the state afterwards, as it was before if the invocation bailed out.
    pub fn run_in(&self, call: Call, state: &str) -> (NativeOutcome, Option<String>) {
        if !self.is_stateful {
            return (self.run(call), Some(String::new()));
        }
        let Ok(mut instance) = self.instance_in(state.as_bytes().into()) else { return (self.out_of_memory(), None) };
        let outcome = self.run_on(&mut instance, call);
        (outcome, instance.into_state().map(|state| String::from_utf8_lossy(&state).into_owned()))
    }

    /// Runs one invocation in an instance, on this thread, which reaches nobody.
    pub fn run_on(&self, instance: &mut Instance, call: Call) -> NativeOutcome {
        let mut step = instance.run(call, None);
        loop {
            match step {
                Step::Done(outcome) => return self.outcome(outcome),
                Step::Wants(_) | Step::Sleeps(_) => {
                    step = instance.resume(Exchanged::nothing(End::Unclear), None);
                }
                Step::Paused => step = instance.go_on(None),
            }
        }
    }

    fn out_of_memory(&self) -> NativeOutcome {
        self.outcome(Outcome::Bailed { guard: u32::MAX, kind: BailKind::Memory, journal: Vec::new() })
    }

    /// What the end of an invocation means in terms of the source.
    pub fn outcome(&self, outcome: Outcome) -> NativeOutcome {
        match outcome {
            Outcome::Done(answer) => NativeOutcome::Done {
                result: answer.result,
                printed: Printed::new(answer.printed),
                journal: String::from_utf8_lossy(&answer.journal).into_owned(),
            },
            Outcome::Bailed { kind: BailKind::Deadline, .. } => NativeOutcome::TimedOut,
            Outcome::Bailed { guard, kind, journal } => {
                let mut bailout = Bailout::outside(kind.name());
                let known = self.guards.get(guard as usize);
                if let Some(known) = known {
                    bailout.line = known.line;
                    bailout.module.clone_from(&known.module);
                    bailout.reason.clone_from(&known.reason);
                }
                let counted = known.map_or(0, |known| known.counted);
                let journal = String::from_utf8_lossy(&journal).into_owned();
                NativeOutcome::Bailed { bailout, guard, counted, journal }
            }
        }
    }
}
