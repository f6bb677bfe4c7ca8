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
    pub value: Box<RawValue>,
}

/// One default parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub key: String,
    /// Its value, as JSON text.
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

    /// As `SemVer.apply`: what is missing is 0, not everything is, and what follows the third number does not count.
    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.trim_end_matches('.').split('.').map(|part| part.parse::<u32>().ok());
        let mut next = || parts.next().unwrap_or(Some(0)).filter(|number| i32::try_from(*number).is_ok());
        match (next(), next(), next()) {
            (Some(major), Some(minor), Some(patch)) if (major, minor, patch) != (0, 0, 0) => {
                Ok(Self(major, minor, patch))
            }
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
    }

    #[test]
    fn versions_may_be_short() {
        let read = |text: &str| Version::try_from(text.to_owned()).ok().map(|version| version.to_string());
        for (text, version) in [("1.2", "1.2.0"), ("4", "4.0.0"), ("1.2..", "1.2.0"), ("1.2.3.4", "1.2.3")] {
            assert_eq!(read(text).as_deref(), Some(version));
        }
        for wrong in ["", ".", "0.0.0", "1..2", "1.2.x", "-1.0.0", "1.2147483648.0"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
