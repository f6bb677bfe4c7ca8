//! What the dashboard counts of one action: calls, times, bailouts, versions.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::effects::Effects;
use crate::pipeline::Bailout;

/// Times kept for the medians.
const KEPT: usize = 256;

/// The counters of one action.
#[derive(Default)]
pub(crate) struct Stats {
    python: Calls,
    native: Calls,
    bailouts: BTreeMap<Bailout, u64>,
    versions: Vec<VersionInfo>,
    /// What invocations were seen to do beyond their results.
    pub(crate) effects: Effects,
    /// The last thing that went wrong with the action outside invocations.
    pub(crate) last_error: Option<String>,
}

#[derive(Default)]
struct Calls {
    count: u64,
    micros: VecDeque<u32>,
}

/// One compiled version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionInfo {
    /// From 1.
    pub(crate) number: u32,
    /// How long it took to compile.
    pub(crate) compile_ms: u64,
    /// How many guards it has.
    pub(crate) guards: usize,
    /// Recordings that it reproduced before it went live.
    pub(crate) verified: usize,
    /// Whether invocations run in it.
    pub(crate) live: bool,
}

/// A count by tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ByTier<T> {
    pub(crate) python: T,
    pub(crate) native: T,
}

/// How often one guard failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BailoutCount {
    #[serde(flatten)]
    pub(crate) bailout: Bailout,
    pub(crate) count: u64,
}

impl Stats {
    pub(crate) fn ran_python(&mut self, nanos: u64) {
        self.python.add(nanos);
    }

    pub(crate) fn ran_native(&mut self, nanos: u64) {
        self.native.add(nanos);
    }

    pub(crate) fn bailed(&mut self, bailout: &Bailout) {
        *self.bailouts.entry(bailout.clone()).or_default() += 1;
    }

    /// A version went live; those before it did not stay so.
    pub(crate) fn installed(&mut self, version: VersionInfo) {
        self.retired();
        self.versions.push(version);
    }

    /// No version is live any more.
    pub(crate) fn retired(&mut self) {
        for version in &mut self.versions {
            version.live = false;
        }
    }

    /// The number of the next version.
    pub(crate) fn next_version(&self) -> u32 {
        self.versions.last().map_or(1, |version| version.number + 1)
    }

    pub(crate) fn calls(&self) -> ByTier<u64> {
        ByTier { python: self.python.count, native: self.native.count }
    }

    /// The median of the last 256 times, in microseconds.
    pub(crate) fn median_us(&self) -> ByTier<Option<u32>> {
        ByTier { python: self.python.median(), native: self.native.median() }
    }

    pub(crate) fn bailouts(&self) -> Vec<BailoutCount> {
        let counts = self.bailouts.iter();
        counts.map(|(bailout, count)| BailoutCount { bailout: bailout.clone(), count: *count }).collect()
    }

    pub(crate) fn versions(&self) -> &[VersionInfo] {
        &self.versions
    }
}

impl Calls {
    fn add(&mut self, nanos: u64) {
        self.count += 1;
        if self.micros.len() == KEPT {
            self.micros.pop_front();
        }
        self.micros.push_back(u32::try_from(nanos.div_ceil(1000)).unwrap_or(u32::MAX));
    }

    fn median(&self) -> Option<u32> {
        let mut micros: Vec<u32> = self.micros.iter().copied().collect();
        let middle = micros.len() / 2;
        (!micros.is_empty()).then(|| *micros.select_nth_unstable(middle).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_of_the_last_calls() {
        let mut stats = Stats::default();
        assert_eq!(stats.median_us(), ByTier { python: None, native: None });
        for micros in 0..1000_u64 {
            stats.ran_python(micros * 1000);
        }
        stats.ran_native(1);
        assert_eq!(stats.calls(), ByTier { python: 1000, native: 1 });
        assert_eq!(stats.median_us(), ByTier { python: Some(872), native: Some(1) });
    }

    #[test]
    fn one_version_is_live_at_most() {
        let mut stats = Stats::default();
        for _ in 0..2 {
            let number = stats.next_version();
            stats.installed(VersionInfo { number, compile_ms: 1, guards: 2, verified: 3, live: true });
        }
        assert_eq!(stats.versions().iter().map(|version| version.live).collect::<Vec<_>>(), [false, true]);
        stats.retired();
        assert!(!stats.versions().iter().any(|version| version.live));
        assert_eq!(stats.next_version(), 3);
    }

    #[test]
    fn bailouts_are_counted_by_guard() {
        let mut stats = Stats::default();
        let bailout = Bailout { line: 4, ..Bailout::outside("type") };
        stats.bailed(&bailout);
        stats.bailed(&bailout);
        assert_eq!(stats.bailouts(), [BailoutCount { bailout, count: 2 }]);
    }
}
