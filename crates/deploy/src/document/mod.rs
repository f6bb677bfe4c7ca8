//! From the body of a `PUT` to an entity: one file a collection.
//!
//! In: the body, the entity that is there already (for an update) and the clock.
//! Out: the new entity with OpenWhisk's rules applied, or the error that the API answers (`WhiskActionPut`, `WhiskPackagePut`,
//! `WhiskTriggerPut` and `WhiskRulePut` of openwhisk's controller, with `WhiskActionsApi` and its neighbours).
//! What depends on other entities (a package that is there, a sequence that ends) is not looked at here.

mod action;
mod package;
mod reference;
mod rule;
mod trigger;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use action::{action, is_base64};
pub use package::package;
pub use rule::{RulePut, rule, status};
pub use trigger::trigger;

use crate::{Annotation, Bounds, DeployError, Limits, Parameter, Version};

/// Who deploys, when and within what.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The caller's namespace.
    pub own: &'a str,
    /// Milliseconds of the epoch.
    pub now: u64,
    /// The limits of a new action that names none.
    pub defaults: Limits,
    /// How far limits, and sizes, may go.
    pub bounds: &'a Bounds,
}

/// What the documents of packages, triggers and rules have in common.
#[derive(Default, Deserialize)]
struct Common {
    version: Option<Version>,
    publish: Option<bool>,
    annotations: Option<Vec<Annotation>>,
    parameters: Option<Vec<Parameter>>,
}

/// What of an entity that is there already stays where the document does not say otherwise.
struct Before<'a> {
    version: Version,
    publish: bool,
    annotations: &'a [Annotation],
    parameters: &'a [Parameter],
}

/// The same of the entity that is to be.
struct After {
    version: Version,
    publish: bool,
    annotations: Vec<Annotation>,
    parameters: Vec<Parameter>,
}

impl Common {
    /// Annotations and parameters are replaced as a whole, as far as the document has any.
    fn onto(self, before: Option<Before<'_>>, context: Context<'_>) -> Result<After, DeployError> {
        let annotations = self.annotations.or_else(|| before.as_ref().map(|before| before.annotations.to_vec()));
        let parameters = self.parameters.or_else(|| before.as_ref().map(|before| before.parameters.to_vec()));
        let annotations = annotations.unwrap_or_default();
        bounded(&annotations, context.bounds)?;
        let version = self.version.or_else(|| before.as_ref().map(|before| before.version.next()));
        Ok(After {
            version: version.unwrap_or_default(),
            publish: self.publish.or(before.map(|before| before.publish)).unwrap_or(false),
            annotations: last_of_each(annotations, |annotation| &annotation.key),
            parameters: checked(parameters.unwrap_or_default(), context.bounds)?,
        })
    }
}

/// The document that a body is; an empty one says nothing.
fn read<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, DeployError> {
    match body {
        b"" => Ok(T::default()),
        body => serde_json::from_slice(body).map_err(|error| DeployError::Malformed(error.to_string())),
    }
}

/// The parameters without those that a later one of the same name replaces, if they are within their size.
fn checked(parameters: Vec<Parameter>, bounds: &Bounds) -> Result<Vec<Parameter>, DeployError> {
    let parameters = last_of_each(parameters, |parameter| &parameter.key);
    let size = parameters.iter().map(|parameter| parameter.key.len() + parameter.value.get().len()).sum();
    if size > bounds.parameters {
        return Err(DeployError::TooLarge { field: "parameters", is: size, allowed: bounds.parameters });
    }
    Ok(parameters)
}

/// Annotations may be as large as parameters.
fn bounded(annotations: &[Annotation], bounds: &Bounds) -> Result<(), DeployError> {
    let size = annotations.iter().map(|annotation| annotation.key.len() + annotation.value.get().len()).sum();
    if size > bounds.parameters {
        return Err(DeployError::TooLarge { field: "annotations", is: size, allowed: bounds.parameters });
    }
    Ok(())
}

/// The last item of each key, at the place of the key's first.
fn last_of_each<T>(items: Vec<T>, key: impl Fn(&T) -> &String) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        match kept.iter_mut().find(|other| key(other) == key(&item)) {
            Some(other) => *other = item,
            None => kept.push(item),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn context(bounds: &Bounds) -> Context<'_> {
        Context { own: "guest", now: 5, defaults: Limits::default(), bounds }
    }
}
