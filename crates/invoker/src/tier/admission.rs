//! Which native invocations may begin: all of them while the processors keep up, else as many as end.
//!
//! What has begun has an instance, an arena and a connection to a service; what has not has its arguments.
//! Thousands at once are no quicker than those that keep the processors busy, but they take the memory of thousands, and
//! of the processors' caches nothing is left. So a few may always begin. Beyond these it goes by how long a task that
//! is ready waits for its turn, as `CoDel` has it for packets (Nichols and Jacobson, 2012): where that is short, those that
//! have begun wait for others, and more may.
//!
//! **Nobody waits here for an invocation that waits**: one that calls another action of this daemon, and that action's,
//! both begin.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// So many may always be under way, for each processor.
const ALWAYS: usize = 64;
/// How often it is looked whether more may begin, and how many then.
const TICK: Duration = Duration::from_millis(2);
const MORE: usize = 64;
/// So many places are kept free where the processors keep up, so that hardly anybody has to wait for a look.
const SPARE: usize = 32;
/// A task that is ready waits no longer than this where the processors keep up.
const KEEPS_UP: Duration = Duration::from_millis(1);

/// Lets native invocations begin, first come first served.
pub(crate) struct Admission {
    places: Semaphore,
    /// Places beyond those that there always are.
    extra: AtomicUsize,
    /// Whether such a place goes with the invocation that has it: where the processors keep up, it is for the next one.
    lessens: AtomicBool,
    waiting: AtomicUsize,
    /// Whether a task looks after those who wait.
    attended: AtomicBool,
}

/// An invocation that has begun, until it is dropped.
pub(super) struct Begun<'a> {
    admission: &'a Admission,
    place: Option<SemaphorePermit<'a>>,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let fewer = |extra: usize| extra.checked_sub(1);
        if self.admission.lessens.load(SeqCst)
            && self.admission.extra.fetch_update(SeqCst, SeqCst, fewer).is_ok()
            && let Some(place) = self.place.take()
        {
            place.forget();
        }
    }
}

/// Counts one who waits, for as long as it does.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, SeqCst);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Admission {
    pub(crate) fn new(processors: usize) -> Self {
        Self {
            places: Semaphore::new(ALWAYS * processors),
            extra: AtomicUsize::new(0),
            lessens: AtomicBool::new(true),
            waiting: AtomicUsize::new(0),
            attended: AtomicBool::new(false),
        }
    }

    /// Waits until an invocation may begin.
    pub(super) async fn begin<'a>(self: &'a Arc<Self>) -> Begun<'a> {
        if let Ok(place) = self.places.try_acquire() {
            return Begun { admission: self, place: Some(place) };
        }
        let _waits = Waits::new(&self.waiting);
        if !self.attended.swap(true, SeqCst) {
            tokio::spawn(Arc::clone(self).attend());
        }
        // It is never closed; if it were, everybody might begin.
        let place = self.places.acquire().await.ok();
        Begun { admission: self, place }
    }

    /// Lets more begin while the processors keep up, until there are no more places than there always are.
    async fn attend(self: Arc<Self>) {
        loop {
            tokio::time::sleep(TICK).await;
            let keeps_up = turn().await < KEEPS_UP;
            self.tick(keeps_up);
            if self.waiting.load(SeqCst) > 0 || self.extra.load(SeqCst) > 0 {
                continue;
            }
            self.attended.store(false, SeqCst);
            // Whoever came in between saw that somebody attends.
            if self.waiting.load(SeqCst) == 0 || self.attended.swap(true, SeqCst) {
                return;
            }
        }
    }

    fn tick(&self, keeps_up: bool) {
        self.lessens.store(!keeps_up, SeqCst);
        let wanted = if keeps_up { self.waiting.load(SeqCst).min(MORE) + SPARE } else { 0 };
        let free = self.places.available_permits();
        if free < wanted {
            self.extra.fetch_add(wanted - free, SeqCst);
            self.places.add_permits(wanted - free);
        } else {
            let extra = self.extra.swap(0, SeqCst);
            let forgotten = self.places.forget_permits(extra.min(free - wanted));
            self.extra.fetch_add(extra - forgotten, SeqCst);
        }
    }
}

/// How long a task that is ready waits for its turn.
async fn turn() -> Duration {
    let ready = Instant::now();
    tokio::task::yield_now().await;
    ready.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets every task that is ready have its turn, for less than a tick.
    async fn settle() {
        for _ in 0..ALWAYS * 4 {
            tokio::task::yield_now().await;
        }
    }

    /// Starts `count` invocations, each of which lasts until it is told to end; how many have begun.
    fn start(admission: &Arc<Admission>, count: usize, begun: &Arc<AtomicUsize>, end: &Arc<Semaphore>) {
        for _ in 0..count {
            let (admission, begun, end) = (Arc::clone(admission), Arc::clone(begun), Arc::clone(end));
            tokio::spawn(async move {
                let _begun = admission.begin().await;
                begun.fetch_add(1, SeqCst);
                if let Ok(told) = end.acquire().await {
                    told.forget();
                }
            });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_begin_as_end_where_the_processors_do_not_keep_up() {
        let admission = Arc::new(Admission::new(1));
        // Somebody attends already: this test, by its ticks.
        admission.attended.store(true, SeqCst);
        let (begun, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        start(&admission, ALWAYS + 10, &begun, &end);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS);
        admission.tick(false);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS, "none more while the processors are behind");
        end.add_permits(3);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 3);
        admission.tick(true);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 10, "all that waited");
        assert_eq!((admission.extra.load(SeqCst), admission.places.available_permits()), (7 + SPARE, SPARE));
        start(&admission, SPARE + 2, &begun, &end);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 10 + SPARE, "there were free places");
        end.add_permits(1);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 11 + SPARE, "a place is for the next one");
        admission.tick(false);
        end.add_permits(6 + SPARE);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 11 + SPARE, "but not where the processors are behind");
        assert_eq!((admission.extra.load(SeqCst), admission.places.available_permits()), (1, 0));
        end.add_permits(ALWAYS + 5);
        settle().await;
        assert_eq!(begun.load(SeqCst), ALWAYS + 12 + SPARE);
        assert_eq!((admission.extra.load(SeqCst), admission.places.available_permits()), (0, ALWAYS));
    }

    #[tokio::test(start_paused = true)]
    async fn everybody_begins_while_those_before_only_wait() {
        let admission = Arc::new(Admission::new(1));
        let (begun, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let from = Instant::now();
        start(&admission, 20 * ALWAYS, &begun, &end);
        while begun.load(SeqCst) < 20 * ALWAYS {
            tokio::time::sleep(TICK).await;
            assert!(from.elapsed() < TICK * 100, "{} of {} began", begun.load(SeqCst), 20 * ALWAYS);
        }
        end.add_permits(20 * ALWAYS);
        tokio::time::sleep(TICK * 3).await;
        assert_eq!((admission.extra.load(SeqCst), admission.places.available_permits()), (0, ALWAYS));
        assert!(!admission.attended.load(SeqCst), "nobody attends once nobody waits");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_goes_away_while_waiting_takes_no_place() {
        let admission = Arc::new(Admission::new(1));
        admission.attended.store(true, SeqCst);
        let (begun, end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        start(&admission, ALWAYS, &begun, &end);
        settle().await;
        assert!(tokio::time::timeout(TICK, admission.begin()).await.is_err());
        assert_eq!(admission.waiting.load(SeqCst), 0);
        admission.tick(true);
        assert_eq!(admission.extra.load(SeqCst), SPARE);
        admission.tick(false);
        assert_eq!(admission.extra.load(SeqCst), 0);
        end.add_permits(ALWAYS);
        settle().await;
        assert_eq!(admission.places.available_permits(), ALWAYS);
    }
}
