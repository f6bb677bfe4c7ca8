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
    use super::*;

    #[test]
    fn the_ones_used_last_stay() {
        let start = Instant::now();
        let used: Vec<Instant> = [3, 1, 2, 5].into_iter().map(|at| start + Duration::from_secs(at)).collect();
        assert_eq!(cutoff(used.clone(), 4), None);
        assert_eq!(cutoff(used.clone(), 3), Some(start + Duration::from_secs(1)));
        assert_eq!(cutoff(used, 0), Some(start + Duration::from_secs(5)));
    }
}
