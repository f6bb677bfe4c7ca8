//! Whether native code pays: what invocations took in each tier, and when to ask CPython again.
//!
//! In: how long runs took, in nanoseconds from their start to their answer. Out: a sample to take, or the verdict.
//! Pure, like the policy that it serves.

use std::collections::VecDeque;

/// Native runs that are looked at, and as many must have been.
const NATIVE: usize = 32;
/// Plain runs in CPython that decide.
const PLAIN: usize = 7;
/// While a version is in doubt, one invocation in so many runs in CPython.
const SAMPLE: u32 = 8;
/// A traced run takes at most so many times as long as a plain one; a version that is this much quicker is not in doubt.
const TRACED_COST: u64 = 4;

/// What runs took, since the version went live.
#[derive(Default)]
pub(crate) struct Pace {
    /// The quickest traced run before.
    traced: Option<u64>,
    native: VecDeque<u64>,
    plain: Vec<u64>,
    /// Invocations while in doubt.
    doubted: u32,
}

impl Pace {
    /// A run in CPython has ended.
    pub(crate) fn python(&mut self, nanos: u64, traced: bool) {
        if traced {
            self.traced = Some(self.traced.map_or(nanos, |quickest| quickest.min(nanos)));
        } else if self.plain.len() < PLAIN {
            self.plain.push(nanos);
        }
    }

    /// A native run has ended; the reason to retire its version, if it does not pay.
    pub(crate) fn native(&mut self, nanos: u64) -> Option<String> {
        if self.native.len() == NATIVE {
            self.native.pop_front();
        }
        self.native.push_back(nanos);
        if self.native.len() < NATIVE || self.plain.len() < PLAIN {
            return None;
        }
        let (native, plain) = (median(self.native.iter().copied()), median(self.plain.iter().copied()));
        // A tenth is noise.
        (native > plain + plain / 10)
            .then(|| format!("native code is slower than CPython: {} µs against {} µs", native / 1000, plain / 1000))
    }

    /// Whether the invocation that begins is to run in CPython, to be compared.
    pub(crate) fn samples(&mut self) -> bool {
        if self.native.len() < NATIVE || self.plain.len() >= PLAIN {
            return false;
        }
        let native = median(self.native.iter().copied());
        if self.traced.is_some_and(|traced| native < traced / TRACED_COST) {
            return false;
        }
        self.doubted += 1;
        self.doubted.is_multiple_of(SAMPLE)
    }

    /// Another version went live: what is known of the one before does not count.
    pub(crate) fn restart(&mut self) {
        self.native.clear();
        self.plain.clear();
    }
}

fn median(times: impl Iterator<Item = u64>) -> u64 {
    let mut times: Vec<u64> = times.collect();
    let middle = times.len() / 2;
    if times.is_empty() { 0 } else { *times.select_nth_unstable(middle).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs natively, and in CPython when asked to, until a verdict or `most` invocations.
    fn invoke(pace: &mut Pace, native: u64, plain: u64, most: usize) -> (Option<String>, usize) {
        let mut samples = 0;
        for _ in 0..most {
            if pace.samples() {
                samples += 1;
                pace.python(plain, false);
            } else if let Some(reason) = pace.native(native) {
                return (Some(reason), samples);
            }
        }
        (None, samples)
    }

    #[test]
    fn what_is_much_quicker_is_never_sampled() {
        let mut pace = Pace::default();
        pace.python(100_000, true);
        assert_eq!(invoke(&mut pace, 10_000, 50_000, 1000), (None, 0));
    }

    #[test]
    fn what_is_slower_is_retired() {
        let mut pace = Pace::default();
        pace.python(100_000, true);
        let (reason, samples) = invoke(&mut pace, 90_000, 60_000, 1000);
        assert_eq!(reason.as_deref(), Some("native code is slower than CPython: 90 µs against 60 µs"));
        assert_eq!(samples, PLAIN);
    }

    #[test]
    fn what_pays_is_sampled_a_few_times_and_stays() {
        let mut pace = Pace::default();
        pace.python(100_000, true);
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 10_000), (None, PLAIN));
        pace.restart();
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 10_000), (None, PLAIN));
    }

    #[test]
    fn after_a_restart_of_the_daemon_nothing_was_traced() {
        let mut pace = Pace::default();
        assert!(invoke(&mut pace, 90_000, 60_000, 1000).0.is_some());
    }
}
