//! The action document: what an action is, and how the API shows it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Entity;
use super::parts::{Annotation, Parameter, Version, annotation, json as text};
use crate::{DEFAULT_KIND, Limits, QualifiedName};

/// A deployed function, or a sequence of such, with everything that the API says of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// `guest`, or `guest/pkg` in a package.
    pub namespace: String,
    /// Its name, valid by [`crate::validate_name`].
    pub name: String,
    /// `0.0.1`, its last part one more with each update.
    pub version: Version,
    /// Kept for clients.
    pub publish: bool,
    /// Annotations in order, `exec` among them.
    pub annotations: Vec<Annotation>,
    /// Default parameters in order.
    pub parameters: Vec<Parameter>,
    /// What runs.
    pub exec: Exec,
    /// What one invocation may use.
    pub limits: Limits,
    /// When it was last deployed, in milliseconds of the epoch.
    pub updated: u64,
}

/// What an invocation runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Exec {
    /// A function.
    Code(Code),
    /// Other actions, each with the result of the one before.
    Sequence {
        /// `sequence`.
        kind: SequenceKind,
        /// Their names.
        components: Vec<QualifiedName>,
    },
}

/// A function in Python.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// One of [`crate::KINDS`].
    pub kind: String,
    /// Python source, or a zip archive in base64.
    pub code: String,
    /// Whether the code would be read as base64 by OpenWhisk.
    pub binary: bool,
    /// The function that is called; `main` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
}

/// The one kind of sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SequenceKind {
    /// `sequence`.
    #[default]
    Sequence,
}

impl Entity for Action {
    const COLLECTION: &'static str = "actions";

    fn qualified(&self) -> QualifiedName {
        match self.namespace.split_once('/') {
            Some((namespace, package)) => QualifiedName::packaged(namespace, package, &self.name),
            None => QualifiedName::new(&self.namespace, &self.name),
        }
    }

    fn updated(&self) -> u64 {
        self.updated
    }
}

impl Exec {
    /// The sequence of these.
    pub fn sequence(components: Vec<QualifiedName>) -> Self {
        Self::Sequence { kind: SequenceKind::Sequence, components }
    }

    /// One of [`crate::KINDS`], or `sequence`.
    pub fn kind(&self) -> &str {
        match self {
            Self::Code(code) => &code.kind,
            Self::Sequence { .. } => "sequence",
        }
    }
}

impl Action {
    /// The action that a file of the watched folder is.
    pub fn from_source(name: &str, source: String, limits: Limits, updated: u64) -> Self {
        let code = Code { kind: DEFAULT_KIND.to_owned(), code: source, binary: false, main: None };
        Self {
            namespace: crate::GUEST.to_owned(),
            name: name.to_owned(),
            version: Version::default(),
            publish: false,
            annotations: vec![Annotation::new("exec", &DEFAULT_KIND)],
            parameters: Vec::new(),
            exec: Exec::Code(code),
            limits,
            updated,
        }
    }

    /// The source of a function; nothing for a sequence.
    pub fn source(&self) -> &str {
        match &self.exec {
            Exec::Code(code) => &code.code,
            Exec::Sequence { .. } => "",
        }
    }

    /// The name of the function that is called.
    pub fn main(&self) -> &str {
        match &self.exec {
            Exec::Code(Code { main: Some(main), .. }) => main,
            _ => "main",
        }
    }

    /// The actions of a sequence; none for a function.
    pub fn components(&self) -> &[QualifiedName] {
        match &self.exec {
            Exec::Code(_) => &[],
            Exec::Sequence { components, .. } => components,
        }
    }

    /// Whether it is a sequence.
    pub fn is_sequence(&self) -> bool {
        matches!(self.exec, Exec::Sequence { .. })
    }

    /// The annotation's value, as JSON text.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        annotation(&self.annotations, key)
    }

    /// Whether its parameters, and those that it inherits, cannot be overridden.
    pub fn is_final(&self) -> bool {
        self.annotation("final") == Some("true")
    }

    /// The whole document, as the API gives it; with `code` false the code is left out.
    pub fn document(&self, code: bool) -> String {
        text(&ShownAction { parameters: Some(&self.parameters), ..self.shown(self.shown_exec(code)) })
    }

    /// The document as it stands in lists: without parameters and with `exec: {binary}`.
    pub fn summary(&self) -> String {
        let binary = matches!(&self.exec, Exec::Code(Code { binary: true, .. }));
        text(&self.shown(json!({ "binary": binary })))
    }

    fn shown_exec(&self, with_code: bool) -> serde_json::Value {
        match &self.exec {
            Exec::Sequence { components, .. } => json!({ "kind": "sequence", "components": components }),
            Exec::Code(Code { kind, code, binary, main }) => {
                let mut exec = json!({ "kind": kind });
                if with_code {
                    exec["code"] = code.as_str().into();
                }
                exec["binary"] = (*binary).into();
                if let Some(main) = main {
                    exec["main"] = main.as_str().into();
                }
                exec
            }
        }
    }

    fn shown(&self, exec: serde_json::Value) -> ShownAction<'_> {
        ShownAction {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            parameters: None,
            exec,
            limits: self.limits,
            updated: self.updated,
        }
    }
}

#[derive(Serialize)]
struct ShownAction<'a> {
    namespace: &'a str,
    name: &'a str,
    version: Version,
    publish: bool,
    annotations: &'a [Annotation],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a [Parameter]>,
    exec: serde_json::Value,
    limits: Limits,
    updated: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_show_what_they_should() {
        let mut action = Action::from_source("hello", "def main(args): return {}".into(), Limits::default(), 7);
        action.parameters.push(serde_json::from_str(r#"{"key":"n","value":1e999}"#).unwrap());
        assert_eq!(
            action.document(true),
            concat!(
                r#"{"namespace":"guest","name":"hello","version":"0.0.1","publish":false,"#,
                r#""annotations":[{"key":"exec","value":"python:3"}],"parameters":[{"key":"n","value":1e999}],"#,
                r#""exec":{"kind":"python:3","code":"def main(args): return {}","binary":false},"#,
                r#""limits":{"timeout":60000,"memory":256,"logs":10,"concurrency":1},"updated":7}"#
            )
        );
        assert!(!action.document(false).contains("def main"));
        let summary = action.summary();
        assert!(!summary.contains("parameters") && summary.contains(r#""exec":{"binary":false}"#));
    }

    #[test]
    fn sequences_show_their_components() {
        let mut action = Action::from_source("both", String::new(), Limits::default(), 7);
        action.namespace = "guest/pkg".to_owned();
        action.exec = Exec::sequence(vec![QualifiedName::new("guest", "a"), QualifiedName::packaged("x", "p", "b")]);
        assert!(action.document(false).contains(r#""exec":{"kind":"sequence","components":["/guest/a","/x/p/b"]}"#));
        assert_eq!(action.key(), "pkg/both");
        let again: Action = serde_json::from_str(&serde_json::to_string(&action).unwrap()).unwrap();
        assert_eq!(again.components(), action.components());
    }

    #[test]
    fn the_stored_form_reads_back() {
        let mut action = Action::from_source("a", "x".into(), Limits::default(), 1);
        action.parameters.push(serde_json::from_str(r#"{"key":"k","value":"\ud800","init":true}"#).unwrap());
        let text = serde_json::to_string(&action).unwrap();
        let again: Action = serde_json::from_str(&text).unwrap();
        assert_eq!(again.parameters[0].value.get(), r#""\ud800""#);
        assert!(again.parameters[0].init);
        assert_eq!(again.document(true), action.document(true));
    }
}
