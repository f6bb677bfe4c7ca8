//! What a namespace holds, each with its document as the API shows it: actions, packages, triggers and rules.
//!
//! Values of annotations and parameters are kept as the JSON text that came in, so nothing in them is rounded.

mod action;
mod package;
mod parts;
mod rule;
mod trigger;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use action::{Action, Code, Exec};
pub use package::{Binding, Package};
pub use parts::{Annotation, Parameter, Version};
pub use rule::{Rule, Status};
pub use trigger::Trigger;

use crate::QualifiedName;

/// An entity of the store, in a table of its own kind.
pub trait Entity: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What the API calls entities of this kind together.
    const COLLECTION: &'static str;

    /// Its whole name.
    fn qualified(&self) -> QualifiedName;

    /// When it was last written, in milliseconds of the epoch.
    fn updated(&self) -> u64;

    /// What it is found by: its name as it is written for people.
    fn key(&self) -> String {
        self.qualified().to_string()
    }
}
