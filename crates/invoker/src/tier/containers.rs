//! The states of an action's module, of which each invocation has one to itself, as it would have a warm container.
//!
//! A state is where its last invocation ran: in an idle worker (see `pool.rs`), in an instance of a version, or, moved out of one
//! of these, here as a document. An invocation takes the one that was given back last, whichever tier it runs in; where all
//! are in use, it begins with that of a freshly loaded module.
//! Holds: a state is at one place at a time; it ends with a worker that dies, a deadline, a redeployment, or when it has been
//! idle for long, as a container does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use upshift_loader::Instance;

/// What a module holds, as a document; empty if that is what it held when it was loaded.
pub(crate) type ModuleState = Arc<[u8]>;

/// So many states stay in instances; more are kept as documents.
const MOST_INSTANCES: usize = 32;
/// So many are kept at all.
const MOST: usize = 1024;

/// States that no worker has.
#[derive(Default)]
pub(crate) struct Containers {
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    container: Container,
    since: Instant,
}

/// Where a state is.
pub(crate) enum Container {
    /// In an instance of the version of that number.
    Instance(Instance, u32),
    /// On its way.
    Moved(ModuleState),
}

impl Container {
    /// The state alone; none if it cannot be told.
    pub(crate) fn into_state(self) -> Option<ModuleState> {
        match self {
            Self::Instance(instance, _) => instance.into_state(),
            Self::Moved(state) => Some(state),
        }
    }
}

impl Containers {
    /// The one that was given back last.
    pub(crate) fn take(&self) -> Option<Container> {
        self.idle().pop().map(|idle| idle.container)
    }

    /// The state of the one that was given back last.
    pub(crate) fn take_state(&self) -> Option<ModuleState> {
        while let Some(container) = self.take() {
            if let Some(state) = container.into_state() {
                return Some(state);
            }
        }
        None
    }

    /// Keeps a state for the next invocation.
    pub(crate) fn give(&self, container: Container) {
        let is_instance = |idle: &&Idle| matches!(idle.container, Container::Instance(..));
        let is_full = self.idle().iter().filter(is_instance).count() >= MOST_INSTANCES;
        let container = match container {
            Container::Instance(instance, _) if is_full => match instance.into_state() {
                Some(state) => Container::Moved(state),
                None => return,
            },
            container => container,
        };
        let mut idle = self.idle();
        idle.push(Idle { container, since: Instant::now() });
        if idle.len() > MOST {
            idle.remove(0);
        }
    }

    /// Lets those go that are idle since then, or longer.
    pub(crate) fn end_idle(&self, since: Instant) {
        let old: Vec<Idle> = self.idle().extract_if(.., |idle| idle.since <= since).collect();
        drop(old);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_last_is_taken_first_and_the_oldest_goes() {
        let containers = Containers::default();
        for number in 0..=MOST {
            containers.give(Container::Moved(number.to_string().into_bytes().into()));
        }
        assert_eq!(containers.take_state().as_deref(), Some(MOST.to_string().as_bytes()));
        let rest: Vec<ModuleState> = std::iter::from_fn(|| containers.take_state()).collect();
        assert_eq!((rest.len(), rest.last().map(|state| &state[..])), (MOST - 1, Some(b"1".as_slice())));
        containers.give(Container::Moved(Arc::default()));
        containers.end_idle(Instant::now() - Duration::from_secs(60));
        assert!(containers.take().is_some());
        containers.give(Container::Moved(Arc::default()));
        containers.end_idle(Instant::now());
        assert!(containers.take().is_none());
    }
}
