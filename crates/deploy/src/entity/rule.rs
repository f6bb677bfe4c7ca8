//! Rules: when a trigger fires, an action is invoked.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Entity;
use super::parts::{Annotation, Version, json as text};
use crate::QualifiedName;

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Whose it is.
    pub namespace: String,
    /// Its name, valid by [`crate::validate_name`].
    pub name: String,
    /// What sets it off.
    pub trigger: QualifiedName,
    /// What it invokes.
    pub action: QualifiedName,
    /// Whether it does.
    pub status: Status,
    /// `0.0.1`, its last part one more with each update.
    pub version: Version,
    /// Kept for clients.
    pub publish: bool,
    /// Annotations in order.
    pub annotations: Vec<Annotation>,
    /// When it was last written, in milliseconds of the epoch.
    pub updated: u64,
}

/// Whether a rule is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Active,
    /// It is not, or its trigger is gone.
    Inactive,
}

#[derive(Serialize)]
struct Shown<'a> {
    namespace: &'a str,
    name: &'a str,
    version: Version,
    publish: bool,
    annotations: &'a [Annotation],
    trigger: Value,
    action: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    updated: u64,
}

impl Entity for Rule {
    const COLLECTION: &'static str = "rules";

    fn qualified(&self) -> QualifiedName {
        QualifiedName::new(&self.namespace, &self.name)
    }

    fn updated(&self) -> u64 {
        self.updated
    }
}

impl Rule {
    /// The document.
    pub fn document(&self) -> String {
        text(&Shown { status: Some(self.status), ..self.shown() })
    }

    /// The document as it stands in lists: without its status.
    pub fn summary(&self) -> String {
        text(&self.shown())
    }

    /// The action as documents name it.
    pub(crate) fn shown_action(&self) -> Value {
        reference(&self.action)
    }

    fn shown(&self) -> Shown<'_> {
        Shown {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            trigger: reference(&self.trigger),
            action: reference(&self.action),
            status: None,
            updated: self.updated,
        }
    }
}

fn reference(name: &QualifiedName) -> Value {
    json!({ "path": name.path(), "name": name.name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_name_trigger_and_action_by_path_and_name() {
        let rule = Rule {
            namespace: "guest".into(),
            name: "r".into(),
            trigger: QualifiedName::new("guest", "t"),
            action: QualifiedName::packaged("guest", "p", "a"),
            status: Status::Active,
            version: Version::default(),
            publish: false,
            annotations: Vec::new(),
            updated: 1,
        };
        assert_eq!(
            rule.document(),
            concat!(
                r#"{"namespace":"guest","name":"r","version":"0.0.1","publish":false,"annotations":[],"#,
                r#""trigger":{"path":"guest","name":"t"},"action":{"path":"guest/p","name":"a"},"#,
                r#""status":"active","updated":1}"#
            )
        );
        assert!(!rule.summary().contains("status"));
    }
}
