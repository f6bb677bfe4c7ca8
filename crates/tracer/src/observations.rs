//! What one traced invocation reported, as the recorder's JSON and as a table.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use upshift_ir::{GlobalValue, Node, Pattern, SiteId, TypeSet};

/// What traced invocations did, by site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observations {
    /// Functions, branches and loop bodies that were entered, and opaque parts that were reached.
    pub hits: BTreeSet<SiteId>,
    /// Types of parameters, items and results.
    pub types: BTreeMap<SiteId, TypeSet>,
    /// What module-level and built-in names held.
    #[serde(default)]
    pub globals: BTreeMap<String, GlobalValue>,
    /// The objects that those names reach.
    #[serde(default)]
    pub image: Vec<Node>,
    /// How many of them the module had when it was loaded; these come first, as they were then.
    #[serde(default)]
    pub loaded: usize,
    /// Regular expressions that were compiled.
    #[serde(default)]
    pub patterns: Vec<Pattern>,
}

/// The recorder sent something that is not its JSON.
#[derive(Debug, thiserror::Error)]
#[error("the recorder's observations cannot be read: {0}")]
pub struct ObservationError(#[from] serde_json::Error);

impl Observations {
    /// Reads what `Recorder.finish` wrote.
    pub fn parse(json: &str) -> Result<Self, ObservationError> {
        Ok(serde_json::from_str(json)?)
    }
}
