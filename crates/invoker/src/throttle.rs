//! How often and how many at once: the limits of a namespace on its invocations (`RateThrottler.scala`, `ActivationThrottler.scala`).
//!
//! Where none is set, nothing is counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upshift_deploy::Bounds;

use crate::api::Refusal;

/// The counts of every namespace.
pub(crate) struct Throttle {
    bounds: Arc<Bounds>,
    namespaces: Mutex<HashMap<String, Counts>>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    invocations: InMinute,
    fires: InMinute,
    running: u32,
}

/// How much there was in one minute of the clock.
#[derive(Clone, Copy, Default)]
struct InMinute {
    minute: u64,
    count: u32,
}

/// An invocation that runs, until it is dropped.
pub(crate) struct Running(Option<(Arc<Throttle>, String)>);

impl InMinute {
    /// One more, at `now`; the count with it, if that is more than `allowed`.
    fn more(&mut self, now: u64, allowed: Option<u32>) -> Option<(u32, u32)> {
        let allowed = allowed?;
        let minute = now / 60_000;
        if self.minute != minute {
            *self = Self { minute, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        (self.count > allowed).then_some((self.count, allowed))
    }
}

impl Throttle {
    pub(crate) fn new(bounds: Arc<Bounds>) -> Arc<Self> {
        Arc::new(Self { bounds, namespaces: Mutex::default() })
    }

    /// Whether an invocation of `namespace` may begin at `now` (milliseconds of the epoch).
    pub(crate) fn invoke(self: &Arc<Self>, namespace: &str, now: u64) -> Result<Running, Refusal> {
        if self.bounds.invocations_per_minute.is_none() && self.bounds.concurrent.is_none() {
            return Ok(Running(None));
        }
        let mut namespaces = self.lock();
        let counts = namespaces.entry(namespace.to_owned()).or_default();
        if let Some((count, allowed)) = counts.invocations.more(now, self.bounds.invocations_per_minute) {
            return Err(too_many(count, allowed));
        }
        if let Some(allowed) = self.bounds.concurrent.filter(|allowed| counts.running >= *allowed) {
            let count = counts.running.saturating_add(1);
            let message = format!("Too many concurrent requests in flight (count: {count}, allowed: {allowed}).");
            return Err(Refusal::too_many(message));
        }
        counts.running += 1;
        Ok(Running(Some((Arc::clone(self), namespace.to_owned()))))
    }

    /// Whether a trigger of `namespace` may fire at `now` (milliseconds of the epoch).
    pub(crate) fn fire(&self, namespace: &str, now: u64) -> Result<(), Refusal> {
        if self.bounds.fires_per_minute.is_none() {
            return Ok(());
        }
        let mut namespaces = self.lock();
        let counts = namespaces.entry(namespace.to_owned()).or_default();
        match counts.fires.more(now, self.bounds.fires_per_minute) {
            Some((count, allowed)) => Err(too_many(count, allowed)),
            None => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Counts>> {
        self.namespaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some((throttle, namespace)) = self.0.take() else { return };
        if let Some(counts) = throttle.lock().get_mut(&namespace) {
            counts.running = counts.running.saturating_sub(1);
        }
    }
}

fn too_many(count: u32, allowed: u32) -> Refusal {
    Refusal::too_many(format!("Too many requests in the last minute (count: {count}, allowed: {allowed})."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_counted_a_namespace() {
        let bounds = Bounds { invocations_per_minute: Some(2), fires_per_minute: Some(1), ..Bounds::default() };
        let throttle = Throttle::new(Arc::new(bounds));
        let ask =
            |namespace: &str, now: u64| throttle.invoke(namespace, now).map(drop).map_err(|refusal| refusal.message);
        assert!(ask("a", 0).is_ok() && ask("a", 59_999).is_ok() && ask("b", 0).is_ok());
        assert_eq!(ask("a", 59_999).unwrap_err(), "Too many requests in the last minute (count: 3, allowed: 2).");
        assert!(ask("a", 60_000).is_ok());
        assert!(throttle.fire("a", 0).is_ok());
        assert_eq!(throttle.fire("a", 1).unwrap_err().status, 429);
    }

    #[test]
    fn those_that_run_are_counted_until_they_end() {
        let throttle = Throttle::new(Arc::new(Bounds { concurrent: Some(1), ..Bounds::default() }));
        let running = throttle.invoke("a", 0).map_err(|refusal| refusal.message).unwrap();
        let refused = throttle.invoke("a", 0).map(drop).unwrap_err().message;
        assert_eq!(refused, "Too many concurrent requests in flight (count: 2, allowed: 1).");
        drop(running);
        assert!(throttle.invoke("a", 0).is_ok());
        assert!(Throttle::new(Arc::default()).invoke("a", 0).is_ok());
    }
}
