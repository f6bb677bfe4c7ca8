//! Whether native code pays: what invocations took in each tier, and when to ask CPython again.
//!
//! In: what runs took of processors, in nanoseconds: how long they waited for one says nothing of a tier.
//! Out: a sample to take, or the verdict.
//! Pure, like the policy that it serves; its chance is a sequence of its own.
//!
//! The invocations of an action may be of many kinds, long and short ones, that come in any order, and a machine has
//! better and worse minutes. So both tiers run in the same minutes, CPython by chance, and means count: a version is
//! slower if the difference of these cannot well be chance.

/// So many native runs are looked at before a version is trusted or compared; and compared, at least.
const NATIVE: usize = 64;
/// Plain runs in CPython that decide.
const PLAIN: usize = 32;
/// While a version is compared, one invocation in so many runs in CPython, by chance.
const SAMPLE: u64 = 8;
/// After so many invocations it is looked at anew.
const TRUSTED: u32 = 10_000;
/// A traced run takes at most so many times as long as a plain one; a version that is this much quicker is trusted.
const TRACED_COST: f64 = 8.0;
/// A version that was found to pay is compared again when it is looked at the second time after that, then the fourth, …,
/// but not later than at so many looks: each comparison holds up others while CPython has the processor.
const MOST_LOOKS: u32 = 64;
/// Earlier, if its native runs take so many times as long as they did.
const LAPSED: f64 = 1.5;
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

/// What is known of the live version.
#[derive(Default)]
pub(crate) struct Pace {
    /// The quickest traced run before it.
    traced: Option<u64>,
    /// That it was compared and pays.
    proven: Option<Proven>,
    phase: Phase,
    /// Runs of this phase.
    native: Vec<u64>,
    plain: Vec<u64>,
    /// The least that getting to a worker and back took.
    hop: Option<u64>,
    /// Whether an invocation runs in CPython for this.
    is_sampling: bool,
    /// How often chance was asked.
    throws: u64,
}

/// A comparison that a version stood.
#[derive(Copy, Clone)]
struct Proven {
    /// What a native run took in the mean, in nanoseconds.
    mean: f64,
    /// It stands for so many looks.
    looks: u32,
    /// So many are left of these.
    left: u32,
}

#[derive(Default)]
enum Phase {
    /// Native runs are measured.
    #[default]
    Looking,
    /// Runs of both tiers are.
    Comparing,
    /// None, for so many invocations.
    Trusting(u32),
}

impl Pace {
    /// A run in CPython has ended.
    pub(crate) fn python(&mut self, run: PythonRun, traced: bool) {
        if traced {
            self.traced = Some(self.traced.map_or(run.cpu, |quickest| quickest.min(run.cpu)));
        } else if matches!(self.phase, Phase::Comparing) && self.plain.len() < PLAIN {
            self.plain.push(run.cpu);
            self.hop = Some(self.hop.map_or(run.hop, |least| least.min(run.hop)));
        }
    }

    /// A native run has ended; the reason to retire its version, if it does not pay.
    pub(crate) fn native(&mut self, nanos: u64) -> Option<String> {
        self.native.push(nanos);
        if self.native.len() < NATIVE {
            return None;
        }
        match self.phase {
            Phase::Looking => {
                let is_in_doubt = self.is_in_doubt();
                self.begin(if is_in_doubt { Phase::Comparing } else { Phase::Trusting(TRUSTED) });
            }
            Phase::Comparing if self.plain.len() < PLAIN => {}
            Phase::Comparing => {
                let verdict = self.verdict();
                let looks = self.proven.map_or(1, |before| (before.looks * 2).min(MOST_LOOKS));
                self.proven = Some(Proven { mean: Mean::of(&self.native).mean, looks, left: looks });
                self.begin(Phase::Trusting(TRUSTED));
                return verdict;
            }
            Phase::Trusting(_) => self.native.clear(),
        }
        None
    }

    /// Whether the invocation that begins is to run in CPython, to be compared; its end must be told with [`Pace::sampled`].
    ///
    /// One at a time: a worker is no place for an eighth of what native code can do.
    pub(crate) fn samples(&mut self) -> bool {
        let wanted = matches!(self.phase, Phase::Comparing) && self.plain.len() < PLAIN;
        let samples = wanted && !self.is_sampling && self.one_in(SAMPLE);
        self.is_sampling |= samples;
        samples
    }

    /// An invocation that ran in CPython to be compared has ended.
    pub(crate) fn sampled(&mut self) {
        self.is_sampling = false;
    }

    /// Whether the native invocation that begins is to be measured, which has its price.
    pub(crate) fn measures(&mut self) -> bool {
        match &mut self.phase {
            Phase::Looking | Phase::Comparing => true,
            Phase::Trusting(0) => {
                self.begin(Phase::Looking);
                true
            }
            Phase::Trusting(left) => {
                *left -= 1;
                false
            }
        }
    }

    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.native.clear();
        self.plain.clear();
        self.hop = None;
    }

    fn is_in_doubt(&mut self) -> bool {
        let mean = Mean::of(&self.native).mean;
        if self.traced.is_some_and(|traced| mean < traced as f64 / TRACED_COST) {
            return false;
        }
        match &mut self.proven {
            Some(proven) if proven.left > 0 && mean < proven.mean * LAPSED => {
                proven.left -= 1;
                false
            }
            _ => true,
        }
    }

    fn verdict(&self) -> Option<String> {
        let (native, mut plain) = (Mean::of(&self.native), Mean::of(&self.plain));
        plain.mean += self.hop.unwrap_or_default() as f64;
        let error = native.squared_error + MARGIN * MARGIN * plain.squared_error;
        (native.mean - MARGIN * plain.mean > SURE * error.sqrt()).then(|| {
            let micros = |mean: f64| (mean / 1000.0).round();
            format!("native code is slower than CPython: {} µs against {} µs", micros(native.mean), micros(plain.mean))
        })
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
        self.proven = None;
        self.begin(Phase::Looking);
    }
}

/// A mean, and how far it may be off: the square of its standard error.
struct Mean {
    mean: f64,
    squared_error: f64,
}

impl Mean {
    /// Of two numbers at least; of fewer, nothing that means anything.
    fn of(numbers: &[u64]) -> Self {
        let count = numbers.len().max(2) as f64;
        let mean = numbers.iter().map(|&number| number as f64).sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|&number| (number as f64 - mean).powi(2)).sum();
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
                pace.sampled();
            } else if pace.measures()
                && let Some(reason) = pace.native(native(i))
            {
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
    fn one_is_sampled_at_a_time() {
        let mut pace = Pace::default();
        (0..NATIVE).for_each(|_| assert_eq!(pace.native(90_000), None));
        let samples = |pace: &mut Pace| (0..1000).filter(|_| pace.samples()).count();
        assert_eq!(samples(&mut pace), 1);
        assert_eq!(samples(&mut pace), 0, "it still runs");
        pace.sampled();
        assert_eq!(samples(&mut pace), 1);
    }

    #[test]
    fn what_is_much_quicker_is_seldom_measured() {
        let mut pace = Pace::default();
        traced(&mut pace);
        let measured = |pace: &mut Pace, nanos: u64, count: usize| {
            (0..count).filter(|_| pace.measures() && pace.native(nanos).is_none()).count()
        };
        assert_eq!(measured(&mut pace, 10_000, NATIVE + TRUSTED as usize), NATIVE);
        assert_eq!(measured(&mut pace, 90_000, 1000), 1000, "it has become slow");
    }

    /// The machine is half as quick from one invocation on.
    #[test]
    fn a_bad_minute_of_the_machine_says_nothing_of_a_version() {
        for from in (0..2000).step_by(100) {
            let slow = |i: usize| if i < from { 1 } else { 2 };
            let mut pace = Pace::default();
            assert_eq!(
                invoke_each(&mut pace, |i| 55_000 * slow(i), |i| 60_000 * slow(i), 9000),
                (None, PLAIN),
                "{from}"
            );
        }
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
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 9000), (None, PLAIN));
        pace.restart();
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 9000), (None, PLAIN));
    }

    /// Every eighth invocation is a short one, and they come in turn.
    #[test]
    fn long_and_short_ones_in_turn_are_compared_as_a_whole() {
        let kind = |i: usize| if i.is_multiple_of(8) { 1 } else { 10 };
        let mut pace = Pace::default();
        assert_eq!(invoke_each(&mut pace, |i| 70_000 * kind(i), |i| 80_000 * kind(i), 9000), (None, PLAIN));
        pace.restart();
        assert!(invoke_each(&mut pace, |i| 140_000 * kind(i), |i| 80_000 * kind(i), 50_000).0.is_some());
    }

    #[test]
    fn what_has_proven_to_pay_is_compared_less_and_less() {
        let mut pace = Pace::default();
        traced(&mut pace);
        let look = TRUSTED as usize + NATIVE;
        assert_eq!(invoke(&mut pace, 50_000, 60_000, look), (None, PLAIN));
        assert_eq!(invoke(&mut pace, 50_000, 60_000, look), (None, 0), "looked at");
        assert_eq!(invoke(&mut pace, 50_000, 60_000, look).1, PLAIN, "and compared");
        let (_, samples) = invoke(&mut pace, 50_000, 60_000, 100 * look);
        assert!((4 * PLAIN..=6 * PLAIN).contains(&samples), "{samples}");
    }

    #[test]
    fn what_has_become_slow_is_compared_at_the_next_look() {
        let mut pace = Pace::default();
        traced(&mut pace);
        assert_eq!(invoke(&mut pace, 50_000, 60_000, 300 * TRUSTED as usize).0, None);
        let (reason, samples) = invoke(&mut pace, 90_000, 60_000, 2 * TRUSTED as usize);
        assert_eq!((reason.is_some(), samples), (true, PLAIN));
    }

    #[test]
    fn after_a_restart_of_the_daemon_nothing_was_traced() {
        let mut pace = Pace::default();
        assert!(invoke(&mut pace, 90_000, 60_000, 1000).0.is_some());
    }
}
