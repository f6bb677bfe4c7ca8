//! The workers of one action: forked when they are needed, first come first served, kept warm for a while.
//!
//! A worker belongs to one invocation at a time, or to several that follow each other (`lanes.rs`). One that is not given back is killed,
//! so whatever went wrong in it ends with the invocation that it went wrong in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use upshift_worker::{Loaded, Module, StateDocument, TracedCode, Worker, WorkerError, Zygote};

use super::lanes::{Lanes, Seat};

/// The idle workers and the right to have more.
pub(crate) struct Pool {
    zygote: Zygote,
    module: Module,
    limits: upshift_worker::Limits,
    /// How long loading the module may take.
    timeout: Duration,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle>>>,
    lanes: Lanes,
}

struct Idle {
    worker: Worker,
    holds: Holds,
    since: Instant,
}

/// Whose state the module in a worker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// That of a freshly loaded one, which no invocation has seen.
    First,
    /// That of the invocations that ran in it.
    Own,
    /// Nobody's: it has moved out.
    Nothing,
}

/// A worker that has the module loaded, and its place among the action's workers.
pub(crate) struct Lease {
    pub(crate) worker: Worker,
    pub(crate) holds: Holds,
    /// How long it took to start, if it was not warm.
    pub(crate) init: Option<Duration>,
    permit: OwnedSemaphorePermit,
}

/// Where an invocation of a settled action can run.
pub(crate) enum Place {
    /// In a worker that nobody has.
    Worker(OwnedSemaphorePermit),
    /// Behind others.
    Seat(Seat),
}

/// Why there is no worker.
pub(crate) enum NoWorker {
    /// The module cannot be loaded: message and logs.
    Failed(String, Vec<upshift_worker::LogLine>),
    /// Loading took longer than the action's time limit.
    TimedOut,
    /// No process could be had.
    System(String),
}

impl Pool {
    pub(crate) fn new(
        zygote: Zygote,
        module: Module,
        limits: upshift_worker::Limits,
        timeout: Duration,
        most: usize,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(most.max(1)));
        let idle = Arc::<Mutex<Vec<Idle>>>::default();
        let close = Arc::clone(&idle);
        let lanes = Lanes::new(move |worker, permit| {
            lock(&close).push(Idle { worker, holds: Holds::Own, since: Instant::now() });
            drop(permit);
        });
        Self { zygote, module, limits, timeout, permits, idle, lanes }
    }

    /// What the module runs as in traced invocations, or why it cannot.
    pub(crate) async fn traced_code(&self) -> Result<Result<TracedCode, String>, WorkerError> {
        self.zygote.traced_code(&self.module).await
    }

    /// Waits for a place, then for a worker; `vacant` if one is wanted most that holds nobody's state.
    pub(crate) async fn lease(&self, vacant: bool) -> Result<Lease, NoWorker> {
        let permits = Arc::clone(&self.permits);
        let permit = match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _alone = self.lanes.alone();
                permits.acquire_owned().await.map_err(|error| NoWorker::System(error.to_string()))?
            }
        };
        self.lease_at(permit, vacant).await
    }

    /// Waits for a place among the workers, or for one behind at most `most` less one other invocations.
    pub(crate) async fn place(&self, most: usize) -> Result<Place, NoWorker> {
        let permits = Arc::clone(&self.permits);
        if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            return Ok(Place::Worker(permit));
        }
        let seat = match self.lanes.seat_or_wait(most) {
            Ok(seat) => return Ok(Place::Seat(seat)),
            Err(seat) => seat,
        };
        tokio::select! {
            biased;
            Ok(seat) = seat => Ok(Place::Seat(seat)),
            permit = permits.acquire_owned() => match permit {
                Ok(permit) => Ok(Place::Worker(permit)),
                Err(error) => Err(NoWorker::System(error.to_string())),
            },
        }
    }

    /// Others may follow in the worker of this lease; the first seat there.
    pub(crate) fn open(&self, lease: Lease) -> Seat {
        self.lanes.open(lease.worker, lease.permit)
    }

    /// A worker for that place.
    pub(crate) async fn lease_at(&self, permit: OwnedSemaphorePermit, vacant: bool) -> Result<Lease, NoWorker> {
        // One that was killed while it was idle must not cost an invocation.
        while let Some(Idle { worker, holds, .. }) = self.pop_idle(vacant) {
            if worker.is_alive() {
                return Ok(Lease { worker, holds, init: None, permit });
            }
        }
        self.start(permit).await
    }

    /// Another worker in the place of one that is to keep what it holds.
    pub(crate) async fn instead(&self, lease: Lease) -> Result<Lease, NoWorker> {
        let Lease { worker, holds, permit, .. } = lease;
        self.idle().insert(0, Idle { worker, holds, since: Instant::now() });
        self.start(permit).await
    }

    async fn start(&self, permit: OwnedSemaphorePermit) -> Result<Lease, NoWorker> {
        let started = Instant::now();
        let mut worker =
            self.zygote.fork(self.limits.clone()).await.map_err(|error| NoWorker::System(error.to_string()))?;
        match worker.load(&self.module, self.timeout).await {
            Ok(Loaded::Ready) => Ok(Lease { worker, holds: Holds::First, init: Some(started.elapsed()), permit }),
            Ok(Loaded::Failed { message, logs }) => Err(NoWorker::Failed(message, logs)),
            Ok(Loaded::TimedOut) => Err(NoWorker::TimedOut),
            Err(error) => Err(NoWorker::System(error.to_string())),
        }
    }

    fn pop_idle(&self, vacant: bool) -> Option<Idle> {
        let mut idle = self.idle();
        match idle.iter().rposition(|idle| vacant && idle.holds != Holds::Own) {
            Some(place) => Some(idle.remove(place)),
            None => idle.pop(),
        }
    }

    /// Moves the state out of the idle worker that ran last, if one has any; or why it cannot leave that.
    pub(crate) async fn take_state(&self) -> Option<Result<StateDocument, String>> {
        loop {
            // Without a place there is no idle worker either.
            let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
            let mut found = {
                let mut idle = self.idle();
                let place = idle.iter().rposition(|idle| idle.holds == Holds::Own)?;
                idle.remove(place)
            };
            let Ok(taken) = found.worker.take_state(self.timeout).await else { continue };
            if taken.is_ok() {
                found.holds = Holds::Nothing;
            }
            self.idle().push(found);
            drop(permit);
            return Some(taken);
        }
    }

    /// Takes a worker back after an invocation that left it in order.
    pub(crate) fn give_back(&self, lease: Lease) {
        self.idle().push(Idle { worker: lease.worker, holds: lease.holds, since: Instant::now() });
    }

    /// Since when each idle worker is.
    pub(crate) fn idle_since(&self) -> Vec<Instant> {
        self.idle().iter().map(|idle| idle.since).collect()
    }

    /// Ends the workers that are idle since then, or longer.
    pub(crate) fn end_idle(&self, since: Instant) {
        let old: Vec<Idle> = self.idle().extract_if(.., |idle| idle.since <= since).collect();
        drop(old);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        lock(&self.idle)
    }
}

fn lock(idle: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
