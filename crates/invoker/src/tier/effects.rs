//! The effects that an action's invocations were seen to have, in either tier.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use upshift_ir::Effect;

/// The sources that a journal names.
const SOURCES: [&str; 5] = ["time", "monotonic", "random", "getrandbits", "urandom"];

/// Effects, each with what it was seen at: sources of draws, names of the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects(BTreeMap<Effect, BTreeSet<String>>);

/// One effect, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Seen {
    effect: Effect,
    at: Vec<String>,
}

impl Effects {
    /// An invocation printed, or did not.
    pub(crate) fn printed(&mut self, anything: bool) {
        if anything {
            self.0.entry(Effect::Observable).or_default();
        }
    }

    /// A traced invocation drew what its journal says; native code draws where these did.
    pub(crate) fn drew(&mut self, journal: &str) {
        if journal.is_empty() {
            return;
        }
        self.exchanged(usize::from(journal.contains("[\"exchange\"")));
        for source in SOURCES.into_iter().filter(|source| journal.contains(&format!("[\"{source}\""))) {
            let seen = self.0.entry(Effect::Nondeterministic).or_default();
            if !seen.contains(source) {
                seen.insert(source.to_owned());
            }
        }
    }

    /// A native invocation asked others for something, so many times.
    pub(crate) fn exchanged(&mut self, times: usize) {
        if times > 0 {
            self.0.entry(Effect::External).or_default();
        }
    }

    /// An invocation changed what the module holds: what these names do, as far as that is known.
    pub(crate) fn changed(&mut self, names: &[String]) {
        self.0.entry(Effect::State).or_default().extend(names.iter().cloned());
    }

    /// All of them, the lesser first.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.iter().map(|(effect, at)| Seen { effect: *effect, at: at.iter().cloned().collect() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_add_up() {
        let mut effects = Effects::default();
        assert_eq!(effects.seen(), []);
        effects.drew("");
        effects.printed(false);
        assert_eq!(effects.seen(), []);
        effects.changed(&["cache".to_owned()]);
        effects.drew(r#"[["time", 5], ["time", 6]]"#);
        effects.drew(r#"[["getrandbits", [3, 1]]]"#);
        effects.printed(true);
        let json = serde_json::to_value(effects.seen()).unwrap();
        let expected = serde_json::json!([
            {"effect": "state", "at": ["cache"]},
            {"effect": "observable", "at": []},
            {"effect": "nondeterministic", "at": ["getrandbits", "time"]},
        ]);
        assert_eq!(json, expected);
    }
}
