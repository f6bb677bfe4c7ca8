//! Invocations in the native tier: each runs in slices between what it waits for, and waiting takes no thread and no slot.
//!
//! Slices of an action that are short run on the thread that has the request; if one turns out to be long after all, it
//! pauses, and goes on where long ones run.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use upshift_loader::host::{End, Exchanged};
use upshift_loader::{Call, HashSecret, Instance, Step, Wanted};

use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Answer, Status, Tier, log_line};
use super::containers::{Container, ModuleState};
use super::environment::Environment;
use super::policy::AfterBailout;
use super::runtime::{Runtime, Version, nanos};
use super::tier_up;
use crate::client::{Client, awake};
use crate::pipeline::{Bailout, Compiled, Machine, NativeOutcome, Program};

/// An action whose slices took less than this is one of short slices, in nanoseconds.
const SHORT: u64 = 200_000;
/// How long a slice may hold up the thread that has the request.
const SLICE: Duration = Duration::from_millis(1);

/// What came of a native invocation.
pub(super) enum Native {
    Answered(Answer),
    Bailed {
        bailout: Bailout,
        traced: bool,
        journal: String,
        state: Option<ModuleState>,
    },
    /// What the module holds is in Python, and stays there.
    Unavailable,
}

/// What is to be run.
pub(super) struct Invocation {
    pub(super) args: Arc<[u8]>,
    pub(super) environment: Arc<Environment>,
    /// When its request came.
    pub(super) received: Instant,
    /// Whether it is measured what this takes of a processor.
    pub(super) measured: bool,
}

/// How a native invocation went.
struct Ran {
    outcome: NativeOutcome,
    /// From the request to its beginning.
    waited: Duration,
    /// How long it ran.
    busy: Duration,
    /// The same in time of processors, if that was measured.
    cpu: Option<Duration>,
    /// The same with what it waited for.
    elapsed: Duration,
    /// How often it waited.
    exchanges: usize,
    /// Of a bailout: what the module held before, if it keeps anything.
    state: Option<ModuleState>,
}

/// What comes of looking for an instance.
enum Found {
    Instance(Instance),
    /// Its module's state cannot leave Python.
    InPython,
}

/// How a slice begins.
enum Next {
    Run(Call),
    Resume(Exchanged),
    GoOn,
}

/// What an invocation stands still for.
enum Waiting {
    For(Wanted),
    Asleep(Duration),
}

impl Waiting {
    async fn end(self, client: &Client) -> Exchanged {
        match self {
            Self::For(wanted) => client.exchange(&wanted).await,
            Self::Asleep(time) => {
                tokio::time::sleep(time).await;
                awake()
            }
        }
    }
}

impl Next {
    /// Runs a slice, which pauses after that time; how far it came.
    fn slice(self, mut instance: Instance, at_most: Option<Duration>, measured: bool) -> (Instance, Step, Took) {
        let (started, cpu) = (Instant::now(), measured.then(thread_cpu));
        let until = at_most.map(|time| started + time);
        let step = match self {
            Self::Run(call) => instance.run(call, until),
            Self::Resume(answer) => instance.resume(answer, until),
            Self::GoOn => instance.go_on(until),
        };
        let cpu = cpu.map(|before| thread_cpu().saturating_sub(before));
        (instance, step, Took { busy: started.elapsed(), cpu })
    }
}

/// What a slice took, by the clock, and of a processor if that was measured.
struct Took {
    busy: Duration,
    cpu: Option<Duration>,
}

/// What processors have done for this thread so far.
fn thread_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// The answer where nobody knows what had an effect: a rerun might repeat it.
fn failed(version: u32) -> Answer {
    let message = "Native code failed, and what it had done is not known, so it is not run again. \
                   The action's next invocations run in Python.";
    Answer { version: Some(version), ..Answer::error(Status::SystemError, message, Tier::Native) }
}

impl Runtime {
    pub(super) async fn run_native(self: &Arc<Self>, version: Arc<Version>, invocation: Invocation) -> Native {
        let limits = self.action.limits;
        let number = version.number;
        let is_stateful = version.compiled.is_stateful;
        let Ran { outcome, waited, busy, cpu, elapsed, exchanges, state } =
            match self.run_begun(version, invocation).await {
                Ok(Some(ran)) => ran,
                Ok(None) => return Native::Unavailable,
                Err(error) => {
                    tracing::error!(action = self.key, "a native invocation failed: {error}");
                    self.pin("native code failed".to_owned());
                    return Native::Answered(failed(number));
                }
            };
        let overflow = outcome.overflow();
        let mut answer = match outcome {
            NativeOutcome::Done { result, printed, .. } => {
                let Ok(result) = String::from_utf8(result) else {
                    self.pin("native code gave a result that is not UTF-8".to_owned());
                    return Native::Answered(failed(number));
                };
                let mut counters = self.counters();
                // What asking others takes of a processor is not all in the slices.
                let slower = counters.policy.native(cpu.filter(|_| exchanges == 0).map(nanos));
                counters.stats.ran_native(nanos(busy));
                counters.stats.effects.exchanged(exchanges);
                counters.stats.effects.printed(!printed.is_empty());
                drop(counters);
                if let Some(reason) = slower {
                    self.pin(reason);
                }
                let mut answer = Answer::success(result, Tier::Native, self.shared.bounds.result);
                if !printed.is_empty() {
                    let lines = printed.lines(jiff::Timestamp::now(), limits.logs << 20);
                    answer.logs = lines.iter().map(log_line).collect();
                }
                answer
            }
            NativeOutcome::TimedOut => {
                self.counters().stats.ran_native(nanos(busy));
                Answer::timed_out(limits.timeout, false, Tier::Native)
            }
            NativeOutcome::Bailed { .. } if is_stateful && state.is_none() => {
                self.pin("native code failed".to_owned());
                return Native::Answered(failed(number));
            }
            NativeOutcome::Bailed { bailout, journal, .. } => {
                tier_up::widen(self, &overflow.into_iter().collect());
                let traced = self.after_bailout(&bailout);
                return Native::Bailed { bailout, traced, journal, state };
            }
        };
        answer.version = Some(number);
        answer.waited = waited;
        answer.duration = elapsed;
        self.shared.touch();
        Native::Answered(answer)
    }

    /// A turn on the threads where long slices run.
    async fn slot(&self) -> io::Result<OwnedSemaphorePermit> {
        Arc::clone(&self.native_slots).acquire_owned().await.map_err(io::Error::other)
    }

    /// An instance that can run an invocation, in the state that the latest one left.
    async fn instance(&self, version: &Arc<Version>, hash_secret: HashSecret) -> io::Result<Found> {
        if version.compiled.rests() {
            let version = Arc::clone(version);
            tokio::task::spawn_blocking(move || version.compiled.wake()).await??;
        }
        match version.compiled.is_stateful {
            false => version.compiled.instance(hash_secret).map(Found::Instance),
            true => Box::pin(self.instance_of_container(version, hash_secret)).await,
        }
    }

    async fn instance_of_container(&self, version: &Version, hash_secret: HashSecret) -> io::Result<Found> {
        let compiled = &version.compiled;
        while let Some(container) = self.containers.take() {
            match container {
                Container::Instance(instance, number)
                    if number == version.number && instance.is_good_for(hash_secret) =>
                {
                    compiled.touch();
                    return Ok(Found::Instance(instance));
                }
                other => {
                    if let Some(state) = other.into_state() {
                        return self.instance_in(compiled, state);
                    }
                }
            }
        }
        match self.pool().take_state().await {
            None => compiled.instance_in(ModuleState::default()).map(Found::Instance),
            Some(Ok(state)) => self.instance_in(compiled, state.into_bytes().into()),
            Some(Err(reason)) => {
                self.pin_state(&reason);
                Ok(Found::InPython)
            }
        }
    }

    /// A new instance in that state, which stays for others if there can be none.
    fn instance_in(&self, compiled: &Compiled, state: ModuleState) -> io::Result<Found> {
        let made = compiled.instance_in(Arc::clone(&state));
        if made.is_err() {
            self.containers.give(Container::Moved(state));
        }
        made.map(Found::Instance)
    }

    /// Takes an instance back after an invocation; after a bailout, gives what its module held before that.
    fn give_back(
        &self,
        version: &Version,
        instance: Instance,
        hash_secret: HashSecret,
        outcome: &NativeOutcome,
    ) -> Option<ModuleState> {
        if !version.compiled.is_stateful {
            version.compiled.give_back(instance, hash_secret);
            return None;
        }
        match outcome {
            NativeOutcome::Done { .. } if instance.is_good_for(hash_secret) => {
                self.containers.give(Container::Instance(instance, version.number));
                None
            }
            NativeOutcome::Done { .. } => {
                if let Some(state) = instance.into_state() {
                    self.containers.give(Container::Moved(state));
                }
                None
            }
            NativeOutcome::Bailed { .. } => instance.into_state(),
            // What it was about is not known, and so is what its module holds.
            NativeOutcome::TimedOut => None,
        }
    }

    /// Runs it as soon as it may begin.
    async fn run_begun(self: &Arc<Self>, version: Arc<Version>, invocation: Invocation) -> io::Result<Option<Ran>> {
        let _begun = self.shared.admission.begin().await;
        // Apart, so that what has not begun does not take the room that slices take.
        Box::pin(self.run_slices(version, invocation)).await
    }

    /// Runs it to its end; none if there is no instance to run it in.
    async fn run_slices(self: &Arc<Self>, version: Arc<Version>, invocation: Invocation) -> io::Result<Option<Ran>> {
        let Invocation { args, environment, received, measured } = invocation;
        let timeout = Duration::from_millis(self.action.limits.timeout);
        let memory_bytes = usize::try_from(self.action.limits.memory << 20).unwrap_or(usize::MAX);
        let machine = Machine::of(&self.shared.zygote);
        let mut here = self.slice_nanos.load(Ordering::Relaxed) < SHORT;
        // Before there is an instance: what only waits for its turn needs none.
        let mut slot = if here { None } else { Some(self.slot().await?) };
        let waited = received.elapsed();
        let started = Instant::now();
        let call = machine.call(args, timeout, memory_bytes);
        let (hash_secret, deadline) = (call.hash_secret, call.deadline);
        let reads = self.program.as_ref().is_none_or(Program::reads_environment);
        let call = Call { environment: [machine.environment, environment.for_native(reads)], ..call };
        let mut instance = match self.instance(&version, hash_secret).await {
            Ok(Found::Instance(instance)) => instance,
            Ok(Found::InPython) => return Ok(None),
            // Nothing has begun yet, so CPython can answer.
            Err(error) => {
                self.pin(format!("native code cannot be run any more: {error}"));
                return Ok(None);
            }
        };
        environment.begin();
        let (mut next, mut busy, mut exchanges) = (Next::Run(call), Duration::ZERO, 0);
        let mut cpu = measured.then_some(Duration::ZERO);
        let mut slices = 0;
        loop {
            let (again, step, took) = match here {
                true => next.slice(instance, Some(SLICE), measured),
                false => {
                    let slot = match slot.take() {
                        Some(slot) => slot,
                        None => self.slot().await?,
                    };
                    let slice = move || {
                        let _slot = slot;
                        next.slice(instance, None, measured)
                    };
                    self.shared.long_slices.run(slice).await?
                }
            };
            instance = again;
            slices += 1;
            busy += took.busy;
            cpu = cpu.zip(took.cpu).map(|(before, slice)| before + slice);
            let waiting = match step {
                Step::Done(outcome) => {
                    self.slice_nanos.store(nanos(busy) / slices, Ordering::Relaxed);
                    let outcome = version.compiled.outcome(outcome);
                    let state = self.give_back(&version, instance, hash_secret, &outcome);
                    return Ok(Some(Ran { outcome, waited, busy, cpu, elapsed: started.elapsed(), exchanges, state }));
                }
                Step::Paused => {
                    (next, here) = (Next::GoOn, false);
                    continue;
                }
                Step::Wants(wanted) => Waiting::For(wanted),
                Step::Sleeps(time) => Waiting::Asleep(time),
            };
            exchanges += 1;
            let answer = tokio::time::timeout_at(deadline.into(), waiting.end(&self.shared.client)).await;
            // Dropped, the connection is closed: nobody knows what state it is in.
            let cancelled = || Exchanged::nothing(End::Cancelled);
            next = Next::Resume(answer.unwrap_or_else(|_| cancelled()));
        }
    }

    /// Counts a bailout; true if the invocation is to be traced in CPython.
    fn after_bailout(self: &Arc<Self>, bailout: &Bailout) -> bool {
        let after = {
            let mut counters = self.counters();
            counters.stats.bailed(bailout);
            counters.policy.bailed(bailout)
        };
        if let AfterBailout::Retire(reason) = &after {
            self.pin(reason.clone());
        }
        after == AfterBailout::RerunTraced
    }
}
