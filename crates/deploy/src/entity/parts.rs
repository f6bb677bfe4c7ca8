//! What the documents of all entities are made of: versions, annotations, parameters.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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
    #[serde(default = "null")]
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

/// The value of the annotation `key`, as JSON text.
pub(crate) fn annotation<'a>(annotations: &'a [Annotation], key: &str) -> Option<&'a str> {
    annotations.iter().find(|annotation| annotation.key == key).map(|annotation| annotation.value.get())
}

/// The JSON text of a document.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an entity has string keys only")
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

impl Annotation {
    /// An annotation of that value.
    pub fn new(key: &str, value: &impl Serialize) -> Self {
        let value = serde_json::value::to_raw_value(value).expect("annotations have string keys only");
        Self { key: key.to_owned(), value }
    }
}

impl Parameter {
    /// A parameter of that value, for the arguments.
    pub fn new(key: &str, value: &impl Serialize) -> Self {
        let Annotation { key, value } = Annotation::new(key, value);
        Self { key, value, init: false }
    }
}

impl Default for Version {
    fn default() -> Self {
        Self(0, 0, 1)
    }
}

impl Version {
    /// The version of the next update.
    pub fn next(self) -> Self {
        Self(self.0, self.1, self.2.saturating_add(1))
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
    fn versions_count_up() {
        assert_eq!(Version::try_from("1.2.3".to_owned()).unwrap().next().to_string(), "1.2.4");
        assert!(Version::try_from("1.2".to_owned()).is_err());
        assert!(Version::try_from("1.2.x".to_owned()).is_err());
    }
}
