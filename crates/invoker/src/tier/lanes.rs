//! Workers that several invocations share: each follows the one before it without waiting for its answer to be read.
//!
//! Of an action whose invocations are short and change nothing that anybody else has to know.
//! A lane is open for as long as somebody has a seat in it; then its worker is idle again.
//! Holds: whoever waits gets the first seat or place that is free, and who wants a worker to himself waits for no more seats.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use upshift_worker::Worker;

/// Invocations that take more than this, in nanoseconds, are not made to wait behind each other.
const SHORT: u64 = 500_000;
/// How long the others in a lane may take together.
const QUEUE: u64 = 2_000_000;
/// So many have a seat in a lane at most.
const MOST: u64 = 16;

/// How long an action's invocations usually take in CPython, in nanoseconds; 0 if that is not known.
#[derive(Default)]
pub(crate) struct Usual(AtomicU64);

impl Usual {
    /// An invocation took so many nanoseconds.
    pub(crate) fn took(&self, nanos: u64) {
        let mean = self.0.load(Ordering::Relaxed);
        let mean = if mean == 0 { nanos } else { mean - mean / 64 + nanos / 64 };
        // One that is lost between these two is no loss.
        self.0.store(mean.max(1), Ordering::Relaxed);
    }

    /// How many may have a seat in a lane; 1 if each is better off alone.
    pub(crate) fn most(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            mean @ 1..=SHORT => (QUEUE / mean).clamp(2, MOST) as usize,
            _ => 1,
        }
    }
}

/// The lanes of one action.
#[derive(Clone)]
pub(super) struct Lanes(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// Takes a worker whose lane has closed.
    close: Box<dyn Fn(Worker, OwnedSemaphorePermit) + Send + Sync>,
}

#[derive(Default)]
struct State {
    open: Vec<(Arc<Lane>, usize)>,
    waiting: VecDeque<oneshot::Sender<Seat>>,
    /// How many want a worker to themselves.
    alone: usize,
}

struct Lane {
    worker: Worker,
    permit: OwnedSemaphorePermit,
}

/// The right to have one invocation in a lane.
pub(crate) struct Seat {
    /// None once it was passed on.
    lane: Option<Arc<Lane>>,
    lanes: Lanes,
}

/// Somebody who wants a worker to himself, until it is dropped.
pub(super) struct Alone(Lanes);

impl Lanes {
    /// None; `close` takes workers back.
    pub(super) fn new(close: impl Fn(Worker, OwnedSemaphorePermit) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { state: Mutex::default(), close: Box::new(close) }))
    }

    /// A lane with that worker, and the first seat in it.
    pub(super) fn open(&self, worker: Worker, permit: OwnedSemaphorePermit) -> Seat {
        let lane = Arc::new(Lane { worker, permit });
        self.state().open.push((Arc::clone(&lane), 1));
        self.seat(lane)
    }

    /// A seat in the lane that has the fewest, which are fewer than `most`; or where one will come.
    pub(super) fn seat_or_wait(&self, most: usize) -> Result<Seat, oneshot::Receiver<Seat>> {
        let mut state = self.state();
        while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
            state.waiting.pop_front();
        }
        if state.alone == 0
            && state.waiting.is_empty()
            && let Some((lane, seats)) = state.open.iter_mut().min_by_key(|(_, seats)| *seats)
            && *seats < most
        {
            *seats += 1;
            return Ok(self.seat(Arc::clone(lane)));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(sender);
        Err(receiver)
    }

    /// Says that somebody waits for a worker of his own.
    pub(super) fn alone(&self) -> Alone {
        self.state().alone += 1;
        Alone(self.clone())
    }

    fn seat(&self, lane: Arc<Lane>) -> Seat {
        Seat { lane: Some(lane), lanes: self.clone() }
    }

    /// A seat is free: somebody who waits has it, or there is one less; the last one closes the lane.
    fn leave(&self, mut lane: Arc<Lane>) {
        let is_alive = lane.worker.is_alive();
        let mut state = self.state();
        if is_alive && state.alone == 0 {
            while let Some(waiting) = state.waiting.pop_front() {
                match waiting.send(self.seat(lane)) {
                    Ok(()) => return,
                    Err(mut seat) => match seat.lane.take() {
                        Some(back) => lane = back,
                        None => return,
                    },
                }
            }
        }
        let Some(place) = state.open.iter().position(|(open, _)| Arc::ptr_eq(open, &lane)) else { return };
        state.open[place].1 -= 1;
        if is_alive && state.open[place].1 > 0 {
            return;
        }
        state.open.swap_remove(place);
        drop(state);
        // Of a worker that has ended, others may still be told so.
        if let Some(Lane { worker, permit }) = Arc::into_inner(lane)
            && is_alive
        {
            (self.0.close)(worker, permit);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// The worker that the seat is in.
    pub(crate) fn worker(&self) -> &Worker {
        &self.lane.as_ref().expect("only a seat that is dropped has been passed on").worker
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            self.lanes.leave(lane);
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.0.state().alone -= 1;
    }
}
