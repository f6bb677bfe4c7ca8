//! How documents name other entities.

use serde::Deserialize;

use crate::{DeployError, QualifiedName};

/// A name as a text, or as documents show it (`FullyQualifiedEntityName.serdes`).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Text(String),
    Parts { path: String, name: String },
}

impl Reference {
    /// The name that it is for the caller, whose namespace is `own`.
    pub(super) fn resolve(&self, own: &str) -> Result<QualifiedName, DeployError> {
        match self {
            Self::Text(text) => QualifiedName::parse(text, own),
            Self::Parts { path, name } => QualifiedName::parse(&format!("{path}/{name}"), own),
        }
    }
}
