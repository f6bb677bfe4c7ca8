//! Whether native code pays: what invocations took in each tier, and when to ask CPython again.
//!
//! In: what runs took of processors, in nanoseconds: how long they waited for one says nothing of a tier.
//! Out: a sample to take, or the verdict.
//! Pure, like the policy that it serves; its chance is a sequence of its own.
//!
//! The invocations of an action may be of many kinds, long and short ones, that come in any order.
//! So samples are taken by chance, and means count: the verdict waits until their difference cannot well be chance.

use std::collections::VecDeque;

/// Native runs that are looked at, and as many must have been.
const NATIVE: usize = 64;
/// Plain runs in CPython that decide.
const PLAIN: usize = 32;
/// While a version is in doubt, one invocation in so many runs in CPython, by chance.
const SAMPLE: u64 = 8;
/// Of a version that is not in doubt, one run in so many is looked at: asking for a processor's time has its price.
const LOOK: u64 = 16;
/// A traced run takes at most so many times as long as a plain one; a version that is this much quicker is not in doubt.
const TRACED_COST: f64 = 8.0;
/// How much slower is slower.
const MARGIN: f64 = 1.1;
/// How many standard errors the difference must have.
const SURE: f64 = 3.0;

/// What a run in CPython took, in nanoseconds.
#[derive(Copy, Clone, Debug)]
pub(crate) struct PythonRun {
    /// Of a processor, in the worker.
    pub(crate) cpu: u64,
    /// From its start to its answer without what the worker worked; on a busy machine this is more than the hop costs.
    pub(crate) hop: u64,
}

/// What runs took, since the version went live.
#[derive(Default)]
pub(crate) struct Pace {
    /// The quickest traced run before.
    traced: Option<u64>,
    native: VecDeque<u64>,
    /// The sum of these.
    sum: u64,
    plain: Vec<u64>,
    /// The least that getting to a worker and back took.
    hop: Option<u64>,
    /// How often chance was asked.
    throws: u64,
}

impl Pace {
    /// A run in CPython has ended.
    pub(crate) fn python(&mut self, run: PythonRun, traced: bool) {
        if traced {
            self.traced = Some(self.traced.map_or(run.cpu, |quickest| quickest.min(run.cpu)));
        } else if self.plain.len() < PLAIN {
            self.plain.push(run.cpu);
            self.hop = Some(self.hop.map_or(run.hop, |least| least.min(run.hop)));
        }
    }

    /// A native run has ended; the reason to retire its version, if it does not pay.
    pub(crate) fn native(&mut self, nanos: u64) -> Option<String> {
        if self.native.len() == NATIVE {
            self.sum -= self.native.pop_front().unwrap_or_default();
        }
        self.native.push_back(nanos);
        self.sum += nanos;
        if self.native.len() < NATIVE || self.plain.len() < PLAIN {
            return None;
        }
        let native = Mean::of(self.native.iter().copied());
        let hop = self.hop.unwrap_or_default();
        let plain = Mean::of(self.plain.iter().map(|cpu| cpu + hop));
        let error = native.squared_error + MARGIN * MARGIN * plain.squared_error;
        (native.mean - MARGIN * plain.mean > SURE * error.sqrt()).then(|| {
            let micros = |mean: f64| (mean / 1000.0).round();
            format!("native code is slower than CPython: {} µs against {} µs", micros(native.mean), micros(plain.mean))
        })
    }

    /// Whether the invocation that begins is to run in CPython, to be compared.
    pub(crate) fn samples(&mut self) -> bool {
        self.native.len() == NATIVE && self.plain.len() < PLAIN && self.is_in_doubt() && self.one_in(SAMPLE)
    }

    /// Whether the native invocation that begins is to be measured.
    pub(crate) fn measures(&mut self) -> bool {
        self.native.len() < NATIVE || self.is_in_doubt() || self.one_in(LOOK)
    }

    fn is_in_doubt(&self) -> bool {
        let mean = self.sum as f64 / NATIVE as f64;
        self.traced.is_none_or(|traced| mean >= traced as f64 / TRACED_COST)
    }

    /// True once in so many times, at times that nothing else goes by (SplitMix64: Steele, Lea and Flood, 2014).
    fn one_in(&mut self, times: u64) -> bool {
        self.throws = self.throws.wrapping_add(1);
        let mixed = self.throws.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).is_multiple_of(times)
    }

    /// Another version went live: what is known of the one before does not count.
    pub(crate) fn restart(&mut self) {
        self.native.clear();
        self.sum = 0;
        self.plain.clear();
        self.hop = None;
    }
}

/// A mean, and how far it may be off: the square of its standard error.
struct Mean {
    mean: f64,
    squared_error: f64,
}

impl Mean {
    /// Of two numbers at least; of fewer, nothing that means anything.
    fn of(numbers: impl ExactSizeIterator<Item = u64> + Clone) -> Self {
        let count = numbers.len().max(2) as f64;
        let mean = numbers.clone().map(|number| number as f64).sum::<f64>() / count;
        let squares: f64 = numbers.map(|number| (number as f64 - mean).powi(2)).sum();
        Self { mean, squared_error: squares / (count - 1.0) / count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP: u64 = 10_000;

    fn traced(pace: &mut Pace) {
        pace.python(PythonRun { cpu: 100_000, hop: HOP }, true);
    }

    /// Runs invocations natively, and in CPython when asked to, until a verdict or `most`; the i-th takes `native(i)` or
    /// `plain(i)`.
    fn invoke_each(
        pace: &mut Pace,
        native: impl Fn(usize) -> u64,
        plain: impl Fn(usize) -> u64,
        most: usize,
    ) -> (Option<String>, usize) {
        let mut samples = 0;
        for i in 0..most {
            if pace.samples() {
                samples += 1;
                pace.python(PythonRun { cpu: plain(i) - HOP, hop: HOP * (1 + samples as u64 % 2) }, false);
            } else if let Some(reason) = pace.native(native(i)) {
                return (Some(reason), samples);
            }
        }
        (None, samples)
    }

    fn invoke(pace: &mut Pace, native: u64, plain: u64, most: usize) -> (Option<String>, usize) {
        invoke_each(pace, |_| native, |_| plain, most)
    }

    #[test]
    fn what_is_much_quicker_is_never_sampled() {
        let mut pace = Pace::default();
        traced(&mut pace);
        assert_eq!(invoke(&mut pace, 10_000, 50_000, 1000), (None, 0));
    }

    #[test]
    fn what_is_much_quicker_is_seldom_measured() {
        let mut pace = Pace::default();
        traced(&mut pace);
        let measured = |pace: &mut Pace, nanos: u64, count: usize| {
            (0..count).filter(|_| pace.measures() && pace.native(nanos).is_none()).count()
        };
        assert_eq!(measured(&mut pace, 10_000, NATIVE), NATIVE);
        let seldom = measured(&mut pace, 10_000, 1600);
        assert!((60..140).contains(&seldom), "{seldom}");
        assert!(measured(&mut pace, 90_000, 1000) > 800, "until what is known of it is slow");
    }

    #[test]
    fn what_is_slower_is_retired() {
        let mut pace = Pace::default();
        traced(&mut pace);
        let (reason, samples) = invoke(&mut pace, 90_000, 60_000, 1000);
        assert_eq!(reason.as_deref(), Some("native code is slower than CPython: 90 µs against 60 µs"));
        assert_eq!(samples, PLAIN);
    }

    #[test]
    fn what_pays_is_sampled_a_few_times_and_stays() {
        let mut pace = Pace::default();
        traced(&mut pace);
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 10_000), (None, PLAIN));
        pace.restart();
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 10_000), (None, PLAIN));
    }

    /// Every eighth invocation is a short one, and they come in turn.
    #[test]
    fn long_and_short_ones_in_turn_are_compared_as_a_whole() {
        let kind = |i: usize| if i.is_multiple_of(8) { 1 } else { 10 };
        let mut pace = Pace::default();
        assert_eq!(invoke_each(&mut pace, |i| 70_000 * kind(i), |i| 80_000 * kind(i), 50_000), (None, PLAIN));
        pace.restart();
        assert!(invoke_each(&mut pace, |i| 140_000 * kind(i), |i| 80_000 * kind(i), 50_000).0.is_some());
    }

    #[test]
    fn after_a_restart_of_the_daemon_nothing_was_traced() {
        let mut pace = Pace::default();
        assert!(invoke(&mut pace, 90_000, 60_000, 1000).0.is_some());
    }
}
