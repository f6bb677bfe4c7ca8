//! Packages, and bindings to packages of others.

use serde::{Deserialize, Serialize};

use super::parts::{Annotation, Parameter, Version, annotation, json};
use super::{Action, Entity};
use crate::QualifiedName;

/// Actions that share a name and parameters; or, with a binding, another name for such a package, with parameters of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Package {
    /// Whose it is.
    pub namespace: String,
    /// Its name, valid by [`crate::validate_name`].
    pub name: String,
    /// The package that this stands for.
    pub binding: Option<Binding>,
    /// What its actions are given where they do not say otherwise.
    pub parameters: Vec<Parameter>,
    /// `0.0.1`, its last part one more with each update.
    pub version: Version,
    /// Whether others may read it, bind to it and invoke its actions.
    pub publish: bool,
    /// Annotations in order; `binding` among them, if it is one.
    pub annotations: Vec<Annotation>,
    /// When it was last written, in milliseconds of the epoch.
    pub updated: u64,
}

/// The package that another one stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Whose it is.
    pub namespace: String,
    /// Its name.
    pub name: String,
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
    binding: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<Part<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feeds: Option<Vec<Part<'a>>>,
    updated: u64,
}

/// An action as its package shows it.
#[derive(Serialize)]
struct Part<'a> {
    name: &'a str,
    version: Version,
    annotations: &'a [Annotation],
}

impl Entity for Package {
    const COLLECTION: &'static str = "packages";

    fn qualified(&self) -> QualifiedName {
        QualifiedName::new(&self.namespace, &self.name)
    }

    fn updated(&self) -> u64 {
        self.updated
    }
}

impl Package {
    /// The document, without its actions.
    pub fn document(&self) -> String {
        json(&Shown { parameters: Some(&self.parameters), ..self.shown(self.shown_binding()) })
    }

    fn shown_binding(&self) -> serde_json::Value {
        match &self.binding {
            Some(binding) => serde_json::json!(binding),
            None => serde_json::json!({}),
        }
    }

    /// The document with `actions`, those with the annotation `feed` apart, and `parameters` in place of its own.
    pub fn document_with(&self, actions: &[&Action], parameters: &[Parameter]) -> String {
        let is_feed = |action: &&Action| action.annotation("feed").is_some();
        let (feeds, actions): (Vec<&Action>, Vec<&Action>) = actions.iter().partition(|action| is_feed(action));
        json(&Shown {
            parameters: Some(parameters),
            actions: Some(actions.into_iter().map(Part::of).collect()),
            feeds: Some(feeds.into_iter().map(Part::of).collect()),
            ..self.shown(self.shown_binding())
        })
    }

    /// The document as it stands in lists: without parameters, and `false` where there is no binding.
    pub fn summary(&self) -> String {
        let binding = self.binding.as_ref().map_or_else(|| false.into(), |binding| serde_json::json!(binding));
        json(&self.shown(binding))
    }

    /// The annotation's value, as JSON text.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        annotation(&self.annotations, key)
    }

    fn shown(&self, binding: serde_json::Value) -> Shown<'_> {
        Shown {
            namespace: &self.namespace,
            name: &self.name,
            version: self.version,
            publish: self.publish,
            annotations: &self.annotations,
            parameters: None,
            binding,
            actions: None,
            feeds: None,
            updated: self.updated,
        }
    }
}

impl<'a> Part<'a> {
    fn of(action: &'a Action) -> Self {
        Self { name: &action.name, version: action.version, annotations: &action.annotations }
    }
}

impl Binding {
    /// The name of the package.
    pub fn qualified(&self) -> QualifiedName {
        QualifiedName::new(&self.namespace, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn packages_show_their_actions_and_feeds() {
        let package = Package {
            namespace: "guest".into(),
            name: "p".into(),
            binding: None,
            parameters: Vec::new(),
            version: Version::default(),
            publish: true,
            annotations: Vec::new(),
            updated: 3,
        };
        let action = Action::from_source("a", String::new(), Limits::default(), 0);
        let mut feed = Action::from_source("f", String::new(), Limits::default(), 0);
        feed.annotations.push(Annotation::new("feed", &true));
        let shown: serde_json::Value = serde_json::from_str(&package.document_with(&[&action, &feed], &[])).unwrap();
        assert_eq!((&shown["actions"][0]["name"], &shown["feeds"][0]["name"]), (&"a".into(), &"f".into()));
        assert_eq!((shown["actions"].as_array().unwrap().len(), &shown["binding"]), (1, &serde_json::json!({})));
        assert!(package.summary().contains("\"binding\":false") && !package.summary().contains("parameters"));
    }
}
