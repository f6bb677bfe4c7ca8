//! Workers that several invocations share: each follows the one before it without waiting for its answer to be read.
//!
//! Of an action whose invocations are short and change nothing that anybody else has to know.
//! A lane is open for as long as somebody has a seat in it; then its worker is idle again.
//! Holds: whoever waits gets the first seat or place that is free, and who wants a worker to himself waits for no more seats.
//! What has a seat cannot change lanes: an invocation that turns out long holds up those few that were seated behind it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use upshift_worker::Worker;

use super::runtime::nanos;

/// Invocations that take more than this, in nanoseconds, are not made to wait behind each other.
const SHORT: u64 = 500_000;
/// How long the others in a lane may take together; nobody more is let into one where that has passed.
const QUEUE: Duration = Duration::from_millis(2);
/// So many have a seat in a lane at most: enough to keep the worker busy, and few that a long invocation could hold up.
const MOST: u64 = 6;

/// How long an action's invocations usually take in CPython, in nanoseconds; 0 if that is not known.
#[derive(Default)]
pub(crate) struct Usual(AtomicU64);

impl Usual {
    /// An invocation took so many nanoseconds; if its worker died, nobody knows better than `elapsed`.
    pub(crate) fn took(&self, nanos: u64, elapsed: Duration) {
        let nanos = if nanos > 0 { nanos } else { super::runtime::nanos(elapsed) };
        let mean = self.0.load(Ordering::Relaxed);
        let mean = if mean == 0 { nanos } else { mean - mean / 64 + nanos / 64 };
        // One that is lost between these two is no loss.
        self.0.store(mean.max(1), Ordering::Relaxed);
    }

    /// How many may have a seat in a lane; 1 if each is better off alone.
    pub(crate) fn most(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            mean @ 1..=SHORT => (nanos(QUEUE) / mean).min(MOST) as usize,
            _ => 1,
        }
    }
}

/// The lanes of one action, in workers `W`.
pub(super) struct Lanes<W: Mortal = Worker>(Arc<Inner<W>>);

/// What may end at any time.
pub(crate) trait Mortal {
    fn is_alive(&self) -> bool;
}

impl Mortal for Worker {
    fn is_alive(&self) -> bool {
        Self::is_alive(self)
    }
}

impl<W: Mortal> Clone for Lanes<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Takes a worker whose lane has closed.
type Close<W> = Box<dyn Fn(W, OwnedSemaphorePermit) + Send + Sync>;

struct Inner<W: Mortal> {
    state: Mutex<State<W>>,
    close: Close<W>,
}

struct State<W: Mortal> {
    open: Vec<Open<W>>,
    /// How many may have a seat in one lane.
    most: usize,
    waiting: VecDeque<oneshot::Sender<Seat<W>>>,
    /// How many want a worker to themselves.
    alone: usize,
}

/// A lane in which somebody has a seat.
struct Open<W> {
    lane: Arc<Lane<W>>,
    seats: usize,
    /// When a seat there was free last.
    moved: Instant,
}

struct Lane<W> {
    worker: W,
    permit: OwnedSemaphorePermit,
}

/// The right to have one invocation in a lane.
pub(crate) struct Seat<W: Mortal = Worker> {
    /// None once it was passed on.
    lane: Option<Arc<Lane<W>>>,
    lanes: Lanes<W>,
}

/// Somebody who wants a worker to himself, until it is dropped.
pub(super) struct Alone<W: Mortal = Worker>(Lanes<W>);

impl<W: Mortal> Lanes<W> {
    /// None; `close` takes workers back.
    pub(super) fn new(close: impl Fn(W, OwnedSemaphorePermit) + Send + Sync + 'static) -> Self {
        let state = State { open: Vec::new(), most: 1, waiting: VecDeque::new(), alone: 0 };
        Self(Arc::new(Inner { state: Mutex::new(state), close: Box::new(close) }))
    }

    /// A lane with that worker, and the first seat in it.
    pub(super) fn open(&self, worker: W, permit: OwnedSemaphorePermit) -> Seat<W> {
        let lane = Arc::new(Lane { worker, permit });
        let mut state = self.state();
        state.open.push(Open { lane: Arc::clone(&lane), seats: 1, moved: Instant::now() });
        self.fill(&mut state);
        self.seat(lane)
    }

    /// A seat in the lane that has the fewest, which are fewer than `most`; or where one will come.
    pub(super) fn seat_or_wait(&self, most: usize) -> Result<Seat<W>, oneshot::Receiver<Seat<W>>> {
        let mut state = self.state();
        state.most = most;
        while state.waiting.front().is_some_and(oneshot::Sender::is_closed) {
            state.waiting.pop_front();
        }
        if state.waiting.is_empty()
            && let Some(lane) = state.take_seat()
        {
            return Ok(self.seat(lane));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(sender);
        Err(receiver)
    }

    /// Gives the seats that are free to those who wait.
    fn fill(&self, state: &mut State<W>) {
        while !state.waiting.is_empty()
            && let Some(lane) = state.take_seat()
        {
            if let Some(mut seat) = state.offer(self.seat(lane)) {
                // Nobody waits any more. It must not be dropped here, where the state is in use.
                if let Some(lane) = seat.lane.take() {
                    state.give_back(&lane);
                }
            }
        }
    }

    /// Says that somebody waits for a worker of his own.
    pub(super) fn alone(&self) -> Alone<W> {
        self.state().alone += 1;
        Alone(self.clone())
    }

    fn seat(&self, lane: Arc<Lane<W>>) -> Seat<W> {
        Seat { lane: Some(lane), lanes: self.clone() }
    }

    /// A seat is free; where nobody wants it and it was the last, the lane closes.
    fn leave(&self, lane: Arc<Lane<W>>) {
        let is_alive = lane.worker.is_alive();
        let mut state = self.state();
        let Some(place) = state.open.iter().position(|open| Arc::ptr_eq(&open.lane, &lane)) else { return };
        if is_alive {
            state.open[place].seats -= 1;
            state.open[place].moved = Instant::now();
            self.fill(&mut state);
            if state.open[place].seats > 0 {
                return;
            }
        }
        let open = state.open.swap_remove(place);
        drop(state);
        drop(open);
        // Of a worker that has ended, others may still be told so.
        if let Some(Lane { worker, permit }) = Arc::into_inner(lane)
            && is_alive
        {
            (self.0.close)(worker, permit);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Mortal> State<W> {
    /// One more seat in the lane that has the fewest, of those that are not held up.
    fn take_seat(&mut self) -> Option<Arc<Lane<W>>> {
        if self.alone > 0 {
            return None;
        }
        let moves = |open: &&mut Open<W>| open.seats < self.most && open.moved.elapsed() < QUEUE;
        let open = self.open.iter_mut().filter(moves).min_by_key(|open| open.seats)?;
        open.seats += 1;
        Some(Arc::clone(&open.lane))
    }

    /// Gives a seat to whoever has waited longest; gives it back if nobody waits.
    fn offer(&mut self, mut seat: Seat<W>) -> Option<Seat<W>> {
        while let Some(waiting) = self.waiting.pop_front() {
            match waiting.send(seat) {
                Ok(()) => return None,
                Err(back) => seat = back,
            }
        }
        Some(seat)
    }

    /// A seat that was taken for nobody.
    fn give_back(&mut self, lane: &Arc<Lane<W>>) {
        if let Some(open) = self.open.iter_mut().find(|open| Arc::ptr_eq(&open.lane, lane)) {
            open.seats -= 1;
        }
    }
}

impl<W: Mortal> Seat<W> {
    /// The worker that the seat is in.
    pub(crate) fn worker(&self) -> &W {
        &self.lane.as_ref().expect("only a seat that is dropped has been passed on").worker
    }
}

impl<W: Mortal> Drop for Seat<W> {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            self.lanes.leave(lane);
        }
    }
}

impl<W: Mortal> Drop for Alone<W> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.alone -= 1;
        self.0.fill(&mut state);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    /// A worker that is alive until it is told otherwise.
    #[derive(Clone, Debug)]
    struct Fake(Arc<AtomicBool>);

    impl Mortal for Fake {
        fn is_alive(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    type Back = Arc<Mutex<Vec<Fake>>>;

    /// Lanes whose workers come back into the list, and a first one with a seat in it.
    fn lanes() -> (Lanes<Fake>, Fake, Seat<Fake>, Back) {
        let back = Back::default();
        let closed = Arc::clone(&back);
        let lanes = Lanes::new(move |worker, _| closed.lock().unwrap().push(worker));
        let worker = Fake(Arc::new(true.into()));
        let seat = lanes.open(worker.clone(), permit());
        (lanes, worker, seat, back)
    }

    fn permit() -> OwnedSemaphorePermit {
        Arc::new(tokio::sync::Semaphore::new(1)).try_acquire_owned().unwrap()
    }

    #[test]
    fn seats_go_to_those_who_wait_in_their_order() {
        let (lanes, _, first, back) = lanes();
        let second = lanes.seat_or_wait(2).ok().unwrap();
        let mut waiting: Vec<_> = (0..4).map(|_| lanes.seat_or_wait(2).err().unwrap()).collect();
        // One that nobody waits for any more is passed over.
        drop(waiting.remove(1));
        drop(first);
        let third = waiting[0].try_recv().unwrap();
        assert!(waiting[1].try_recv().is_err() && waiting[2].try_recv().is_err(), "there is one seat");
        drop(second);
        let fourth = waiting[1].try_recv().unwrap();
        drop(fourth);
        let fifth = waiting[2].try_recv().unwrap();
        assert!(back.lock().unwrap().is_empty());
        drop((third, fifth));
        assert_eq!(back.lock().unwrap().len(), 1, "the last one has left");
    }

    #[test]
    fn a_lane_that_opens_has_room_for_several_who_wait() {
        let (lanes, _, first, back) = lanes();
        let mut waiting: Vec<_> = (0..3).map(|_| lanes.seat_or_wait(1).err().unwrap()).collect();
        lanes.state().most = 3;
        let other = lanes.open(Fake(Arc::new(true.into())), permit());
        let seats: Vec<_> = waiting.iter_mut().map(|waiting| waiting.try_recv().unwrap()).collect();
        drop((first, other));
        // A seat that nobody has taken out is free again with its receiver.
        drop(seats);
        assert_eq!(back.lock().unwrap().len(), 2);
        assert!(lanes.state().open.is_empty());
    }

    #[test]
    fn who_wants_to_be_alone_lets_nobody_in() {
        let (lanes, _, first, back) = lanes();
        let alone = lanes.alone();
        let mut waiting = lanes.seat_or_wait(4).err().unwrap();
        drop(first);
        assert_eq!(back.lock().unwrap().len(), 1, "his turn has come");
        assert!(waiting.try_recv().is_err());
        let seat = lanes.open(back.lock().unwrap().pop().unwrap(), permit());
        assert!(waiting.try_recv().is_err());
        drop(alone);
        drop((waiting.try_recv().unwrap(), seat));
        assert_eq!(back.lock().unwrap().len(), 1);
    }

    #[test]
    fn nobody_is_let_in_behind_what_is_held_up_or_dead() {
        let (lanes, worker, first, back) = lanes();
        lanes.state().open[0].moved = Instant::now() - QUEUE;
        let mut waiting = lanes.seat_or_wait(4).err().unwrap();
        let second = lanes.open(Fake(Arc::new(true.into())), permit());
        let third = waiting.try_recv().unwrap();
        worker.0.store(false, Ordering::Relaxed);
        drop(first);
        assert_eq!((lanes.state().open.len(), back.lock().unwrap().len()), (1, 0), "a dead worker is of no use");
        drop((second, third));
        assert_eq!(back.lock().unwrap().len(), 1);
    }

    #[test]
    fn only_short_invocations_stand_behind_each_other() {
        let usual = Usual::default();
        assert_eq!(usual.most(), 1, "nothing is known");
        usual.took(15_000, Duration::ZERO);
        assert_eq!(usual.most() as u64, MOST);
        // One in a thousand that is delayed makes no difference, one in a hundred that is long does.
        usual.took(0, Duration::from_millis(4));
        assert_eq!(usual.most() as u64, MOST);
        for n in 0..500 {
            usual.took(if n % 100 == 0 { 500_000_000 } else { 15_000 }, Duration::ZERO);
            assert_eq!(usual.most(), 1);
        }
        for _ in 0..1000 {
            usual.took(450_000, Duration::ZERO);
        }
        assert_eq!(usual.most(), 4);
    }
}
