//! What may stay in memory of actions that nobody calls: the workers and versions that were used last.

use std::time::{Duration, Instant};

/// Idle workers and versions go after this long.
pub(crate) const IDLE: Duration = Duration::from_secs(300);
/// So many idle workers a daemon keeps, each some megabytes.
const MOST_WORKERS: usize = 100;
/// So many versions a daemon keeps in memory that run nothing.
const MOST_VERSIONS: usize = 1000;

/// Up to when what was used last must go, so that of these no more than so many stay.
fn cutoff(mut used: Vec<Instant>, most: usize) -> Option<Instant> {
    used.sort_unstable_by(|left, right| right.cmp(left));
    used.get(most).copied()
}

/// What of an action is idle.
pub(crate) trait Idle {
    /// Since when each of its workers is.
    fn workers(&self) -> Vec<Instant>;
    /// Ends those that are since then, or longer.
    fn end_workers(&self, since: Instant);
    /// Lets the states of its module go that no invocation asked for since then.
    fn end_states(&self, since: Instant);
    /// When its version was used last, if that is in memory.
    fn version(&self) -> Option<Instant>;
    /// Lets that go.
    fn rest(&self);
}

/// Lets the workers and versions go that were not used for [`IDLE`], and of the others those used longest ago, where
/// there are too many.
pub(crate) fn thin_out<T: Idle>(actions: &[T]) {
    let old = Instant::now().checked_sub(IDLE);
    if let Some(since) = old {
        actions.iter().for_each(|action| action.end_states(since));
    }
    let workers = actions.iter().flat_map(Idle::workers).collect();
    if let Some(since) = cutoff(workers, MOST_WORKERS).max(old) {
        actions.iter().for_each(|action| action.end_workers(since));
    }
    let versions = actions.iter().filter_map(Idle::version).collect();
    if let Some(since) = cutoff(versions, MOST_VERSIONS).max(old) {
        actions.iter().filter(|action| action.version().is_some_and(|used| used <= since)).for_each(Idle::rest);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_ones_used_last_stay() {
        let start = Instant::now();
        let used: Vec<Instant> = [3, 1, 2, 5].into_iter().map(|at| start + Duration::from_secs(at)).collect();
        assert_eq!(cutoff(used.clone(), 4), None);
        assert_eq!(cutoff(used.clone(), 3), Some(start + Duration::from_secs(1)));
        assert_eq!(cutoff(used, 0), Some(start + Duration::from_secs(5)));
    }

    /// An action with a worker and a version, each used at a time or gone.
    struct Action {
        worker: Cell<Option<Instant>>,
        version: Cell<Option<Instant>>,
        state: Cell<bool>,
    }

    impl Idle for Action {
        fn workers(&self) -> Vec<Instant> {
            self.worker.get().into_iter().collect()
        }

        fn end_workers(&self, since: Instant) {
            self.worker.set(self.worker.get().filter(|idle| *idle > since));
        }

        fn end_states(&self, since: Instant) {
            self.state.set(self.worker.get().is_some_and(|idle| idle > since));
        }

        fn version(&self) -> Option<Instant> {
            self.version.get()
        }

        fn rest(&self) {
            self.version.set(None);
        }
    }

    /// As many actions, of which each was used a millisecond before the one that follows, the last one `age` ago.
    fn actions(count: usize, age: Duration) -> Vec<Action> {
        let now = Instant::now();
        let used = |back: usize| now.checked_sub(age + Duration::from_millis(back as u64));
        let action =
            |back| Action { worker: Cell::new(used(back)), version: Cell::new(used(back)), state: true.into() };
        (0..count).rev().map(action).collect()
    }

    fn left(actions: &[Action]) -> [Vec<usize>; 2] {
        let workers = actions.iter().enumerate().filter(|(_, action)| action.worker.get().is_some());
        let versions = actions.iter().enumerate().filter(|(_, action)| action.version.get().is_some());
        [workers.map(|(at, _)| at).collect(), versions.map(|(at, _)| at).collect()]
    }

    #[test]
    fn too_many_go_the_longest_idle_first() {
        let many = actions(MOST_VERSIONS + 7, Duration::ZERO);
        thin_out(&many);
        let end = many.len();
        assert_eq!(left(&many), [(end - MOST_WORKERS..end).collect::<Vec<_>>(), (7..end).collect()]);
        assert!(many.iter().all(|action| action.state.get()));
    }

    #[test]
    fn what_is_idle_for_too_long_goes_however_few_there_are() {
        let few = actions(3, IDLE);
        thin_out(&few);
        assert!(left(&few).iter().all(Vec::is_empty));
        assert!(few.iter().all(|action| !action.state.get()));
        let young = actions(3, IDLE / 2);
        thin_out(&young);
        assert_eq!(left(&young), [[0, 1, 2], [0, 1, 2]]);
    }
}
