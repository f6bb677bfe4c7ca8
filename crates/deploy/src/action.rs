//! The action document: what an action is, and how the API shows it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{DEFAULT_KIND, Limits};

/// A deployed function with everything that the API says of it.
///
/// Values of annotations and parameters are kept as the JSON text that came in, so nothing in them is rounded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// `guest`.
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

/// `major.minor.patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Version(pub u32, pub u32, pub u32);

/// One annotation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Annotation {
    /// Its name.
    pub key: String,
    /// Its value, as JSON text.
    pub value: Box<RawValue>,
}

/// One default parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub key: String,
    /// Its value, as JSON text.
    #[serde(default = "null")]
    pub value: Box<RawValue>,
    /// Whether it goes to the environment instead of the arguments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub init: bool,
}

/// The executable part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    /// One of [`crate::KINDS`].
    pub kind: String,
    /// Python source, or the base64 of a zip ([`crate::archive::decode`]).
    pub code: String,
    /// Whether the code would be read as base64 by OpenWhisk.
    pub binary: bool,
    /// The function that is called; `main` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
}

impl Action {
    /// The action that a file of the watched folder is.
    pub fn from_source(name: &str, source: String, limits: Limits, updated: u64) -> Self {
        Self {
            namespace: "guest".to_owned(),
            name: name.to_owned(),
            version: Version(0, 0, 1),
            publish: false,
            annotations: vec![Annotation::string("exec", DEFAULT_KIND)],
            parameters: Vec::new(),
            exec: Exec { kind: DEFAULT_KIND.to_owned(), code: source, binary: false, main: None },
            limits,
            updated,
        }
    }

    /// The name of the function that is called.
    pub fn main(&self) -> &str {
        self.exec.main.as_deref().unwrap_or("main")
    }

    /// The annotation's value, as JSON text.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.iter().find(|annotation| annotation.key == key).map(|annotation| annotation.value.get())
    }

    /// The whole document, as the API gives it; with `code` false the code is left out.
    pub fn document(&self, code: bool) -> String {
        let exec = ShownExec {
            kind: &self.exec.kind,
            code: code.then_some(self.exec.code.as_str()),
            binary: self.exec.binary,
            main: self.exec.main.as_deref(),
        };
        json(&ShownAction {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            parameters: Some(&self.parameters),
            exec,
            limits: self.limits,
            updated: self.updated,
        })
    }

    /// The document as it stands in lists: without parameters and with `exec: {binary}`.
    pub fn summary(&self) -> String {
        json(&ShownAction {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            parameters: None,
            exec: SummaryExec { binary: self.exec.binary },
            limits: self.limits,
            updated: self.updated,
        })
    }
}

#[derive(Serialize)]
struct ShownAction<'a, E> {
    namespace: &'a str,
    name: &'a str,
    version: Version,
    publish: bool,
    annotations: &'a [Annotation],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<&'a [Parameter]>,
    exec: E,
    limits: Limits,
    updated: u64,
}

#[derive(Serialize)]
struct ShownExec<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    binary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    main: Option<&'a str>,
}

#[derive(Serialize)]
struct SummaryExec {
    binary: bool,
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an action has string keys only")
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

impl Annotation {
    /// An annotation whose value is a string.
    pub fn string(key: &str, value: &str) -> Self {
        let value = serde_json::value::to_raw_value(value).expect("a string is JSON");
        Self { key: key.to_owned(), value }
    }
}

impl Version {
    /// The version of the next update.
    pub fn next(self) -> Self {
        Self(self.0, self.1, self.2 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<u32> = text.split('.').filter_map(|part| part.parse().ok()).collect();
        match parts[..] {
            [major, minor, patch] if text.matches('.').count() == 2 => Ok(Self(major, minor, patch)),
            _ => Err(format!("'{text}' is not a version of the form 0.0.1")),
        }
    }
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
    fn the_stored_form_reads_back() {
        let mut action = Action::from_source("a", "x".into(), Limits::default(), 1);
        action.parameters.push(serde_json::from_str(r#"{"key":"k","value":"\ud800","init":true}"#).unwrap());
        let text = serde_json::to_string(&action).unwrap();
        let again: Action = serde_json::from_str(&text).unwrap();
        assert_eq!(again.parameters[0].value.get(), r#""\ud800""#);
        assert!(again.parameters[0].init);
        assert_eq!(again.document(true), action.document(true));
    }

    #[test]
    fn versions_count_up() {
        assert_eq!(Version::try_from("1.2.3".to_owned()).unwrap().next().to_string(), "1.2.4");
        assert!(Version::try_from("1.2".to_owned()).is_err());
        assert!(Version::try_from("1.2.x".to_owned()).is_err());
    }
}
