//! When an action is traced, compiled, widened, retired: every decision of the tiers, without I/O or clock.
//!
//! In: what happened to invocations and compilations. Out: what to do next.
//! The numbers that steer are the constants below and the threshold of the configuration.

use std::collections::{BTreeMap, VecDeque};

use super::pace::{Pace, PythonRun};
use upshift_loader::BailKind;

use crate::pipeline::Bailout;

/// After so many traced bailouts the trace is compiled again, wider.
const WIDEN_AFTER: u32 = 3;
/// Native tries that are looked at when a version may have to be retired.
const WINDOW: usize = 50;
/// A version is retired only after so many widenings have not helped, or where widening cannot help.
const WIDENINGS: u32 = 2;
/// Past the threshold, with nothing recorded yet to verify a version by, one invocation in so many is traced.
const SPARSE: u32 = 16;

/// The state of an action, as the API and the dashboard name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not invoked since it was deployed.
    Cold,
    /// Running in CPython, neither traced nor compiled at the moment.
    Python,
    /// Its invocations are traced.
    Tracing,
    /// Its first version is being compiled; invocations run in CPython.
    Compiling,
    /// A version is live.
    Native,
    /// It stays in CPython until it is deployed again.
    Pinned(String),
}

impl State {
    /// The one word for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Python => "python",
            Self::Tracing => "tracing",
            Self::Compiling => "compiling",
            Self::Native => "native",
            Self::Pinned(_) => "pinned",
        }
    }
}

/// Where an invocation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// In the live version.
    Native {
        /// Whether what it takes of a processor is to be told to [`Policy::native`].
        measured: bool,
    },
    /// In CPython.
    Python {
        /// Whether it is traced; the end must be told with [`Policy::traced`] then, with [`Policy::sampled`] otherwise.
        traced: bool,
    },
    /// In CPython, where the action stays.
    Settled,
}

/// What follows a bailout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AfterBailout {
    /// The invocation runs in CPython.
    Rerun,
    /// The same, traced; the end must be told with [`Policy::bailout_traced`].
    RerunTraced,
    /// The version is to be retired; the action is pinned with this reason now.
    Retire(String),
}

/// The counters of one deployment of an action.
pub(crate) struct Policy {
    threshold: u32,
    pinned: Option<String>,
    live: bool,
    compiling: bool,
    begun: u64,
    /// Traced invocations that began, and those that ended.
    tracing: (u32, u32),
    /// Invocations past the threshold that found nothing recorded.
    sparse: u32,
    window: VecDeque<bool>,
    guards: BTreeMap<Bailout, Seen>,
    bailouts_traced: u32,
    widenings: u32,
    pace: Pace,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    bailouts: u32,
    /// Tracing it has taught nothing new.
    exhausted: bool,
}

impl Policy {
    /// A policy that compiles after `threshold` traced invocations; 0 means never.
    pub(crate) fn new(threshold: u32) -> Self {
        Self {
            threshold,
            pinned: None,
            live: false,
            compiling: false,
            begun: 0,
            tracing: (0, 0),
            sparse: 0,
            window: VecDeque::with_capacity(WINDOW),
            guards: BTreeMap::new(),
            bailouts_traced: 0,
            widenings: 0,
            pace: Pace::default(),
        }
    }

    /// The state as it is shown.
    pub(crate) fn state(&self) -> State {
        match &self.pinned {
            Some(reason) => State::Pinned(reason.clone()),
            None if self.live => State::Native,
            None if self.compiling => State::Compiling,
            None if self.begun == 0 => State::Cold,
            None if self.tracing.1 < self.threshold => State::Tracing,
            None => State::Python,
        }
    }

    /// An invocation begins.
    pub(crate) fn begin(&mut self) -> Path {
        self.begun += 1;
        if self.pinned.is_some() || self.threshold == 0 {
            return Path::Settled;
        }
        if self.live {
            if self.pace.samples() {
                return Path::Python { traced: false };
            }
            return Path::Native { measured: self.pace.measures() };
        }
        if self.compiling {
            return Path::Python { traced: false };
        }
        let traced = if self.will_trace() {
            true
        } else if self.tracing.1 < self.threshold {
            // The last of the first ones are still running.
            false
        } else {
            self.sparse += 1;
            self.sparse.is_multiple_of(SPARSE)
        };
        self.tracing.0 += u32::from(traced);
        Path::Python { traced }
    }

    /// Whether the next invocation is traced.
    pub(crate) fn will_trace(&self) -> bool {
        self.pinned.is_none() && !self.live && !self.compiling && self.tracing.0 < self.threshold
    }

    /// A traced invocation of [`Policy::begin`] has ended, with `recorded` recordings kept by now.
    /// True if a version is to be compiled: the caller then does so and tells [`Policy::compiled`] or pins.
    pub(crate) fn traced(&mut self, recorded: usize) -> bool {
        self.tracing.1 += 1;
        let due = self.tracing.1 >= self.threshold && recorded > 0;
        if !due || self.live || self.compiling || self.pinned.is_some() {
            return false;
        }
        self.compiling = true;
        true
    }

    /// What an earlier daemon learnt is to be compiled at once.
    pub(crate) fn resume(&mut self) {
        self.tracing = (self.threshold, self.threshold);
        self.compiling = true;
    }

    /// The live version ran an invocation to its end, in so many nanoseconds of a processor if it says something of it.
    /// A reason if it is slower than CPython: the action is pinned with that now, and the version to be retired.
    pub(crate) fn native(&mut self, nanos: Option<u64>) -> Option<String> {
        self.tried(false);
        if !self.live || self.compiling {
            return None;
        }
        let reason = self.pace.native(nanos?)?;
        self.pin(reason.clone());
        Some(reason)
    }

    /// An invocation that was not traced has ended in CPython, or could not run there.
    pub(crate) fn sampled(&mut self) {
        self.pace.sampled();
    }

    /// An invocation ran in CPython.
    pub(crate) fn python(&mut self, run: PythonRun, traced: bool) {
        if self.live || traced {
            self.pace.python(run, traced);
        }
    }

    /// The live version failed a guard.
    pub(crate) fn bailed(&mut self, guard: &Bailout) -> AfterBailout {
        if self.pinned.is_some() || !self.live {
            return AfterBailout::Rerun;
        }
        // Others answered in an odd way; another version would see the same, and this one serves when they are well again.
        if guard.kind == BailKind::Effect.name() {
            return AfterBailout::Rerun;
        }
        self.tried(true);
        let seen = self.guards.entry(guard.clone()).or_default();
        seen.bailouts += 1;
        let hopeless = seen.exhausted || !can_widen(&guard.kind);
        let failed = self.window.iter().filter(|bailed| **bailed).count();
        if failed * 2 > WINDOW && !self.compiling && (hopeless || self.widenings >= WIDENINGS) {
            let worst = self.guards.iter().max_by_key(|(_, seen)| seen.bailouts).map_or(guard, |(guard, _)| guard);
            let reason = format!("native code kept bailing out: {worst}");
            self.pin(reason.clone());
            return AfterBailout::Retire(reason);
        }
        if hopeless { AfterBailout::Rerun } else { AfterBailout::RerunTraced }
    }

    /// The traced rerun of a bailout has ended; `wider` if the trace now differs from the one that is live.
    /// True if it is to be compiled again.
    pub(crate) fn bailout_traced(&mut self, wider: bool) -> bool {
        self.bailouts_traced += 1;
        self.may_widen(wider)
    }

    /// A compilation has ended and its version is live; `wider` if the trace has grown since it began.
    /// True if it is to be compiled again.
    pub(crate) fn compiled(&mut self, wider: bool) -> bool {
        self.compiling = false;
        if self.pinned.is_some() {
            return false;
        }
        self.live = true;
        self.pace.restart();
        self.window.clear();
        self.guards.clear();
        if !wider {
            self.bailouts_traced = 0;
        }
        self.may_widen(wider)
    }

    /// A wider version could not be made; the live one stays and its guards are not traced again.
    pub(crate) fn not_widened(&mut self) {
        self.compiling = false;
        self.exhaust();
    }

    /// The live version, if any, was made for a module that keeps nothing, which turned out to be wrong.
    /// True if another is to be compiled.
    pub(crate) fn outdated(&mut self) -> bool {
        let again = self.live && !self.compiling && self.pinned.is_none();
        self.live = false;
        self.compiling |= again;
        again
    }

    /// Whether a version is live.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// The action stays in CPython from now on. The first reason stays.
    pub(crate) fn pin(&mut self, reason: String) {
        self.pinned.get_or_insert(reason);
        self.live = false;
        self.compiling = false;
    }

    fn may_widen(&mut self, wider: bool) -> bool {
        if self.bailouts_traced < WIDEN_AFTER || self.compiling || !self.live {
            return false;
        }
        self.bailouts_traced = 0;
        self.widenings += 1;
        if wider {
            self.compiling = true;
        } else {
            self.exhaust();
        }
        wider
    }

    fn exhaust(&mut self) {
        self.bailouts_traced = 0;
        for seen in self.guards.values_mut() {
            seen.exhausted = true;
        }
    }

    fn tried(&mut self, bailed: bool) {
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(bailed);
    }
}

/// Whether tracing an invocation that failed such a guard can teach anything:
/// neither resources nor what the runtime cannot do are part of a trace.
fn can_widen(kind: &str) -> bool {
    !matches!(kind, "fuel" | "depth" | "memory" | "unsupported" | "forced" | "panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACED: Path = Path::Python { traced: true };
    const PLAIN: Path = Path::Python { traced: false };
    const NATIVE: Path = Path::Native { measured: true };

    fn guard(kind: &str) -> Bailout {
        Bailout { line: 3, ..Bailout::outside(kind) }
    }

    /// A policy whose version is live after `threshold` invocations.
    fn live(threshold: u32) -> Policy {
        let mut policy = Policy::new(threshold);
        for n in 1..=threshold {
            assert_eq!(policy.begin(), TRACED);
            assert_eq!(policy.traced(n as usize), n == threshold);
        }
        assert_eq!(policy.state(), State::Compiling);
        assert!(!policy.compiled(false));
        policy
    }

    #[test]
    fn cold_then_tracing_then_compiling_then_native() {
        let mut policy = Policy::new(2);
        assert_eq!(policy.state(), State::Cold);
        assert_eq!(policy.begin(), TRACED);
        assert_eq!(policy.state(), State::Tracing);
        assert_eq!(policy.begin(), TRACED);
        assert_eq!(policy.begin(), PLAIN, "both traced ones are still running");
        assert!(!policy.traced(1));
        assert!(policy.traced(2));
        assert_eq!(policy.state(), State::Compiling);
        assert_eq!(policy.begin(), PLAIN);
        assert!(!policy.compiled(false));
        assert_eq!(policy.state(), State::Native);
        assert_eq!(policy.begin(), NATIVE);
    }

    #[test]
    fn a_threshold_of_zero_never_traces() {
        let mut policy = Policy::new(0);
        assert_eq!(policy.begin(), Path::Settled);
        assert_eq!(policy.state(), State::Python);
    }

    #[test]
    fn without_recordings_tracing_goes_on_sparsely() {
        let mut policy = Policy::new(1);
        assert_eq!(policy.begin(), TRACED);
        assert!(!policy.traced(0));
        assert_eq!(policy.state(), State::Python);
        let paths: Vec<Path> = (0..SPARSE).map(|_| policy.begin()).collect();
        assert_eq!(paths.iter().filter(|path| **path == TRACED).count(), 1);
        assert!(policy.traced(1));
    }

    #[test]
    fn three_traced_bailouts_widen() {
        let mut policy = live(1);
        for n in 1..=3 {
            assert_eq!(policy.bailed(&guard("branch")), AfterBailout::RerunTraced);
            assert_eq!(policy.bailout_traced(true), n == 3);
        }
        assert_eq!(policy.state(), State::Native, "the old version serves meanwhile");
        assert_eq!(policy.begin(), NATIVE);
        assert!(!policy.compiled(false));
        assert_eq!(policy.bailed(&guard("branch")), AfterBailout::RerunTraced);
    }

    #[test]
    fn bailouts_traced_during_a_compilation_lead_to_another() {
        let mut policy = live(1);
        for _ in 0..3 {
            policy.bailed(&guard("branch"));
            policy.bailout_traced(true);
        }
        for _ in 0..3 {
            policy.bailed(&guard("type"));
            assert!(!policy.bailout_traced(true), "one compilation at a time");
        }
        assert!(policy.compiled(true));
        assert!(!policy.compiled(false));
    }

    #[test]
    fn guards_that_teach_nothing_are_traced_no_more() {
        let mut policy = live(1);
        for _ in 0..3 {
            assert_eq!(policy.bailed(&guard("overflow")), AfterBailout::RerunTraced);
            assert!(!policy.bailout_traced(false));
        }
        assert_eq!(policy.bailed(&guard("overflow")), AfterBailout::Rerun);
        assert_eq!(policy.bailed(&guard("branch")), AfterBailout::RerunTraced, "another guard is");
    }

    #[test]
    fn a_version_that_keeps_bailing_out_is_retired() {
        let mut policy = live(1);
        let mut tries = 0;
        let reason = loop {
            tries += 1;
            match policy.bailed(&guard("overflow")) {
                AfterBailout::Retire(reason) => break reason,
                AfterBailout::RerunTraced => assert!(!policy.bailout_traced(false)),
                AfterBailout::Rerun => {}
            }
        };
        assert_eq!(tries, WINDOW / 2 + 1);
        assert_eq!(reason, "native code kept bailing out: overflow at line 3");
        assert_eq!(policy.state(), State::Pinned(reason));
        assert_eq!(policy.begin(), Path::Settled);
    }

    #[test]
    fn a_version_that_bails_out_half_the_time_stays() {
        let mut policy = live(1);
        for _ in 0..500 {
            policy.native(Some(1));
            assert_eq!(policy.bailed(&guard("fuel")), AfterBailout::Rerun);
        }
        assert_eq!(policy.state(), State::Native);
    }

    #[test]
    fn widening_twice_without_help_retires() {
        let mut policy = live(1);
        let mut compilations = 0;
        for line in 1..1000 {
            match policy.bailed(&Bailout { line, ..Bailout::outside("type") }) {
                AfterBailout::Retire(_) => break,
                AfterBailout::RerunTraced if policy.bailout_traced(compilations < 2) => {
                    compilations += 1;
                    policy.compiled(false);
                }
                _ => {}
            }
        }
        assert_eq!(compilations, 2);
        assert!(matches!(policy.state(), State::Pinned(_)));
    }

    #[test]
    fn a_failed_widening_keeps_the_live_version() {
        let mut policy = live(1);
        for _ in 0..3 {
            policy.bailed(&guard("branch"));
            policy.bailout_traced(true);
        }
        policy.not_widened();
        assert_eq!(policy.state(), State::Native);
        assert_eq!(policy.bailed(&guard("branch")), AfterBailout::Rerun);
    }

    #[test]
    fn the_first_pin_stays_and_a_late_compilation_changes_nothing() {
        let mut policy = Policy::new(1);
        policy.begin();
        assert!(policy.traced(1));
        policy.pin("one".into());
        policy.pin("two".into());
        assert!(!policy.compiled(true));
        assert_eq!(policy.state(), State::Pinned("one".into()));
    }

    #[test]
    fn what_an_earlier_daemon_learnt_is_compiled_at_once() {
        let mut policy = Policy::new(10);
        policy.resume();
        assert_eq!(policy.state(), State::Compiling);
        policy.compiled(false);
        assert_eq!(policy.begin(), NATIVE);
    }
}
