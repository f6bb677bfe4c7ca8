//! Triggers: names for events, to which rules tie actions.

use serde::{Deserialize, Serialize};

use super::parts::{Annotation, Parameter, Version, json};
use super::{Entity, Rule};
use crate::QualifiedName;

/// A trigger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trigger {
    /// Whose it is.
    pub namespace: String,
    /// Its name, valid by [`crate::validate_name`].
    pub name: String,
    /// What an event says where it does not say otherwise.
    pub parameters: Vec<Parameter>,
    /// `0.0.1`, its last part one more with each update.
    pub version: Version,
    /// Kept for clients.
    pub publish: bool,
    /// Annotations in order.
    pub annotations: Vec<Annotation>,
    /// When it was last written, in milliseconds of the epoch.
    pub updated: u64,
}

#[derive(Serialize)]
struct Shown<'a> {
    namespace: &'a str,
    name: &'a str,
    version: Version,
    publish: bool,
    annotations: &'a [Annotation],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a [Parameter]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<serde_json::Value>,
    updated: u64,
}

impl Entity for Trigger {
    const COLLECTION: &'static str = "triggers";

    fn qualified(&self) -> QualifiedName {
        QualifiedName::new(&self.namespace, &self.name)
    }

    fn updated(&self) -> u64 {
        self.updated
    }
}

impl Trigger {
    /// The document, with the rules that name this trigger.
    pub fn document(&self, rules: &[Rule]) -> String {
        let links: serde_json::Map<String, serde_json::Value> = rules
            .iter()
            .map(|rule| {
                let link = serde_json::json!({ "action": rule.shown_action(), "status": rule.status });
                (rule.qualified().full(), link)
            })
            .collect();
        json(&Shown {
            parameters: Some(&self.parameters),
            limits: Some(serde_json::json!({})),
            rules: (!links.is_empty()).then(|| links.into()),
            ..self.shown()
        })
    }

    /// The document as it stands in lists: without parameters, limits and rules.
    pub fn summary(&self) -> String {
        json(&self.shown())
    }

    fn shown(&self) -> Shown<'_> {
        Shown {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            parameters: None,
            limits: None,
            rules: None,
            updated: self.updated,
        }
    }
}
