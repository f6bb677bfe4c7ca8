//! What an operation does beyond its result, and what that allows.

use serde::{Deserialize, Serialize};

/// The kinds of effects, from none to the one that can never be taken back.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// None: the same operands give the same result.
    Pure,
    /// It reads or writes objects that the invocation made.
    Local,
    /// It changes what the module holds.
    State,
    /// It prints.
    Observable,
    /// It draws from the world: clocks, random numbers.
    Nondeterministic,
    /// It changes the world, or asks it for what may be different next time: network, files, processes.
    External,
}

impl Effect {
    /// Its word in the API and on the dashboard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Local => "local",
            Self::State => "state",
            Self::Observable => "observable",
            Self::Nondeterministic => "nondeterministic",
            Self::External => "external",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Effect;

    #[test]
    fn names_are_those_of_the_json() {
        let json = serde_json::to_string(&Effect::Nondeterministic).unwrap();
        assert_eq!(json, format!("\"{}\"", Effect::Nondeterministic.name()));
    }
}
