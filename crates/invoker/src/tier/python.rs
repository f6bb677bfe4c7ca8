//! Invocations in CPython: plain, traced, or as the rerun of a bailout, and what is learnt of them.
//!
//! An invocation has its worker to itself. Those of a settled action that are short follow each other in one, where the next is
//! ready before the last has been answered (`lanes.rs`).

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use upshift_worker::{Mode, Outcome, Reply, TracedCode, WorkerError};

use super::answer::{Answer, Status, Tier};
use super::containers::{Container, ModuleState};
use super::environment::Environment;
use super::lanes::Seat;
use super::pace::PythonRun;
use super::pool::{Holds, Lease, NoWorker, Place};
use super::reply::{answer_of, no_worker, recording};
use super::runtime::{Counters, Runtime, nanos};
use super::tier_up;

/// How often a worker is looked for, where one after another is killed before it begins.
const TRIES: u32 = 3;

/// Why a run is traced, if it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tracing {
    /// It is not.
    No,
    /// It is not, and neither will others be: the action stays in Python.
    Settled,
    /// One of the invocations before the first version.
    First,
    /// The rerun of a bailout.
    Bailout,
    /// The rerun of a bailout that tracing would not help.
    Rerun,
}

impl Tracing {
    pub(super) fn is_traced(self) -> bool {
        matches!(self, Self::First | Self::Bailout)
    }
}

impl Runtime {
    pub(super) async fn run_python(
        self: &Arc<Self>,
        args: Arc<[u8]>,
        environment: Arc<Environment>,
        tracing: Tracing,
        journal: &str,
        state: Option<ModuleState>,
        received: Instant,
    ) -> Answer {
        let limits = self.action.limits;
        let timeout = Duration::from_millis(limits.timeout);
        let mut tries = 0;
        let (lease, mode, waited, started, reply) = loop {
            let (lease, mode) = match self.worker_for(tracing, state.clone()).await {
                Ok(found) => found,
                Err(failure) => {
                    self.learn_later(tracing, Arc::clone(&args), environment, None);
                    let mut answer = no_worker(failure, limits.timeout);
                    answer.waited = received.elapsed();
                    return answer;
                }
            };
            let waited = received.elapsed().saturating_sub(lease.init.unwrap_or_default());
            let started = Instant::now();
            environment.begin();
            let reply = lease.worker.rerun(&args, mode, environment.variables(), journal, timeout).await;
            tries += 1;
            // It was killed before it began with this.
            if tries == TRIES || !matches!(reply, Err(WorkerError::NotBegun | WorkerError::Unusable)) {
                break (lease, mode, waited, started, reply);
            }
        };
        let init = lease.init;
        let mut answer = match reply {
            Ok(reply) => {
                if mode == Mode::Settled {
                    self.usual.took(reply.nanos, started.elapsed());
                }
                let mut counters = self.count(&reply);
                // A rerun of a bailout is of the arguments that native code does not know.
                if matches!(tracing, Tracing::No | Tracing::First) && matches!(reply.outcome, Outcome::Success(_)) {
                    let hop = nanos(started.elapsed()).saturating_sub(reply.nanos);
                    // Looking at what the module holds is no part of it, and would end if the action stayed in Python.
                    let cpu = reply.cpu_nanos.min(reply.nanos);
                    counters.policy.python(PythonRun { cpu, hop }, mode == Mode::Traced);
                }
                drop(counters);
                let answer = answer_of(&reply, limits.timeout, self.shared.bounds.result);
                if lease.worker.is_alive() {
                    self.pool().give_back(lease);
                }
                self.learn_later(tracing, args, environment, Some(reply));
                answer
            }
            Err(error) => {
                self.learn_later(tracing, args, environment, None);
                self.failed_worker(&error)
            }
        };
        answer.waited = waited;
        answer.init = init;
        answer.duration = started.elapsed() + init.unwrap_or_default();
        answer
    }

    /// A worker that is ready, and how an invocation is to run there.
    async fn worker_for(
        self: &Arc<Self>,
        tracing: Tracing,
        state: Option<ModuleState>,
    ) -> Result<(Lease, Mode), NoWorker> {
        let code = async {
            let wants_tracing = tracing.is_traced() && self.program.is_some();
            if wants_tracing { self.traced_code().await } else { None }
        };
        let (lease, code) = tokio::join!(self.lease(state), code);
        let lease = lease?;
        let timeout = Duration::from_millis(self.action.limits.timeout);
        let mode = match (tracing, code) {
            // If the worker has died of it, the run says so.
            (_, Some(code)) => lease.worker.take_up(&code, timeout).await.map_or(Mode::Plain, |()| Mode::Traced),
            (Tracing::Settled, None) => Mode::Settled,
            (_, None) => Mode::Plain,
        };
        Ok((lease, mode))
    }

    /// Has a worker load the module, which the first invocation then finds warm.
    pub(crate) async fn warm_up(&self) -> Result<(), NoWorker> {
        let lease = self.pool().lease(false).await?;
        self.pool().give_back(lease);
        Ok(())
    }

    /// The first invocation may come any moment: what it takes to trace that is made ready.
    pub(crate) fn prepare_tracing(self: &Arc<Self>) {
        if self.program.is_some() && self.counters().policy.will_trace() {
            let runtime = Arc::clone(self);
            tokio::spawn(async move { drop(runtime.traced_code().await) });
        }
    }

    /// What is traced; nothing if that is not possible, or not at the moment.
    pub(crate) async fn traced_code(&self) -> Option<TracedCode> {
        let cell = Arc::clone(&self.traced_code.lock().unwrap_or_else(PoisonError::into_inner));
        match cell.get_or_try_init(|| self.pool().traced_code()).await {
            Ok(Ok(code)) => Some(code.clone()),
            Ok(Err(reason)) => {
                self.pin(format!("its invocations cannot be traced: {reason}"));
                None
            }
            Err(error) => {
                tracing::error!(action = self.key, "what is traced could not be compiled: {error}");
                None
            }
        }
    }

    /// Runs an invocation of a settled action: where they are short, behind others.
    pub(super) async fn run_settled(
        self: &Arc<Self>,
        args: Arc<[u8]>,
        environment: Arc<Environment>,
        received: Instant,
    ) -> Answer {
        let most = self.usual.most();
        if most > 1
            && let Some(answer) = self.run_behind(&args, &environment, most, received).await
        {
            return answer;
        }
        self.run_python(args, environment, Tracing::Settled, "", None, received).await
    }

    /// The same behind others; nothing if it did not begin because of one of them.
    async fn run_behind(
        &self,
        args: &[u8],
        environment: &Environment,
        most: usize,
        received: Instant,
    ) -> Option<Answer> {
        let limits = self.action.limits;
        let (seat, init) = match self.seat(most).await {
            Ok(seat) => seat,
            Err(failure) => {
                let mut answer = no_worker(failure, limits.timeout);
                answer.waited = received.elapsed();
                return Some(answer);
            }
        };
        let (before, called) = (received.elapsed().saturating_sub(init.unwrap_or_default()), Instant::now());
        let timeout = Duration::from_millis(limits.timeout);
        environment.begin();
        let reply = seat.worker().run(args, Mode::Settled, environment.variables(), timeout).await;
        let took = called.elapsed();
        drop(seat);
        match reply {
            Ok(reply) => {
                self.usual.took(reply.nanos, took.saturating_sub(reply.behind));
                drop(self.count(&reply));
                let mut answer = answer_of(&reply, limits.timeout, self.shared.bounds.result);
                answer.waited = before + reply.behind;
                answer.init = init;
                answer.duration = took.saturating_sub(reply.behind) + init.unwrap_or_default();
                Some(answer)
            }
            Err(WorkerError::NotBegun | WorkerError::Unusable) => None,
            Err(error) => Some(self.failed_worker(&error)),
        }
    }

    /// A seat, and how long the worker took to start if it was not warm.
    async fn seat(&self, most: usize) -> Result<(Seat, Option<Duration>), NoWorker> {
        match self.pool().place(most).await? {
            Place::Seat(seat) => Ok((seat, None)),
            Place::Worker(permit) => {
                let lease = self.with_state(self.pool().lease_at(permit, false).await?, None).await?;
                let init = lease.init;
                Ok((self.pool().open(lease), init))
            }
        }
    }

    /// Counts what an invocation in CPython did.
    fn count(&self, reply: &Reply) -> MutexGuard<'_, Counters> {
        let mut counters = self.counters();
        counters.stats.ran_python(reply.nanos);
        counters.stats.effects.printed(reply.logs.len() > reply.load_lines);
        counters.stats.effects.drew(&reply.journal);
        if !reply.changed_globals.is_empty() || !reply.state_after.is_empty() || reply.state_stays.is_some() {
            counters.stats.effects.changed(&reply.changed_globals);
        }
        counters
    }

    fn failed_worker(&self, error: &WorkerError) -> Answer {
        tracing::error!(action = self.key, "a worker failed: {error}");
        Answer::error(Status::SystemError, "There was an internal error.", Tier::Python)
    }

    /// A worker, whose module has that state; if there is none, what it holds, or that of the latest invocation elsewhere.
    async fn lease(&self, state: Option<ModuleState>) -> Result<Lease, NoWorker> {
        let lease = self.pool().lease(state.is_some()).await?;
        self.with_state(lease, state).await
    }

    async fn with_state(&self, mut lease: Lease, state: Option<ModuleState>) -> Result<Lease, NoWorker> {
        if !self.is_stateful() {
            // The invocation may be the first to change something.
            lease.holds = Holds::Own;
            return Ok(lease);
        }
        let timeout = Duration::from_millis(self.action.limits.timeout);
        while state.is_some() && lease.holds == Holds::Own {
            match lease.worker.take_state(timeout).await {
                Ok(Ok(other)) => {
                    self.containers.give(Container::Moved(other.into_bytes().into()));
                    lease.holds = Holds::Nothing;
                }
                Ok(Err(reason)) => {
                    self.pin_state(&reason);
                    lease = self.pool().instead(lease).await?;
                }
                // It is gone, and its state with it.
                Err(_) => {
                    drop(lease);
                    lease = self.pool().lease(true).await?;
                }
            }
        }
        let state = match (state, lease.holds) {
            (Some(state), _) => Some(state),
            (None, Holds::Own) => None,
            (None, Holds::First) => self.containers.take_state(),
            (None, Holds::Nothing) => Some(self.containers.take_state().unwrap_or_default()),
        };
        if let Some(state) = state {
            let put = lease.worker.put_state(&String::from_utf8_lossy(&state), timeout).await;
            let failed = put.map_err(|error| error.to_string()).and_then(|put| put).err();
            if let Some(reason) = failed {
                self.pin_state(&reason);
                return Err(NoWorker::System(format!("the module's state could not be moved to Python: {reason}")));
            }
        }
        lease.holds = Holds::Own;
        Ok(lease)
    }

    /// Hands what a run taught to a blocking thread; the answer does not wait for it.
    fn learn_later(
        self: &Arc<Self>,
        tracing: Tracing,
        args: Arc<[u8]>,
        environment: Arc<Environment>,
        reply: Option<Reply>,
    ) {
        if tracing == Tracing::Settled {
            return;
        }
        let changed = reply.as_ref().and_then(|reply| reply.changed_globals.first());
        if let Some(name) = changed {
            self.pin(format!("module state changed: {name}"));
        }
        if let Some(reply) = &reply {
            match &reply.state_stays {
                Some(reason) => self.pin_state(reason),
                None if !reply.state_after.is_empty() => self.keeps_state(),
                None => {}
            }
        }
        if let Some(error) = reply.as_ref().and_then(|reply| reply.trace_error.as_ref()) {
            self.pin(format!("its invocations cannot be traced: {error}"));
            return;
        }
        if let Some(differs) = reply.as_ref().and_then(|reply| reply.differs.as_ref()) {
            self.pin(format!("its effects natively and in Python differ: {differs}"));
        }
        if !tracing.is_traced() {
            return;
        }
        let runtime = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            if runtime.learn(tracing, &args, &environment, reply) {
                tier_up::spawn(runtime);
            }
        });
    }

    /// Merges a traced run into the trace; true if a version is to be compiled now.
    fn learn(&self, tracing: Tracing, args: &[u8], environment: &Environment, reply: Option<Reply>) -> bool {
        let mut changed = Vec::new();
        let mut learnt = self.learnt();
        if let (Some(program), Some(reply)) = (&self.program, reply) {
            if let Some(observations) = &reply.observations
                && let Err(error) = program.observe(&mut learnt.trace, observations)
            {
                drop(learnt);
                self.pin(error.to_string());
                return false;
            }
            let environment = match program.reads_environment() {
                true => [&self.shared.zygote.environment()[..], environment.variables()].concat(),
                false => Vec::new(),
            };
            learnt.is_volatile |= reply.load_drew;
            if let Some(trace) = &mut learnt.trace {
                trace.changes |= self.is_stateful();
                if !reply.state_after.is_empty() {
                    changed = upshift_ir::state::names(trace, &reply.state_after);
                }
            }
            if let Some(recording) = recording(args, environment, &reply) {
                learnt.recordings.add(recording);
            }
        }
        let (recorded, wider) = (learnt.recordings.len(), learnt.is_wider());
        drop(learnt);
        let counters = &mut self.counters();
        if !changed.is_empty() {
            counters.stats.effects.changed(&changed);
        }
        let policy = &mut counters.policy;
        match tracing {
            Tracing::Bailout => policy.bailout_traced(wider),
            _ => policy.traced(recorded),
        }
    }
}
