//! Names of entities: OpenWhisk's `EntityName`, `([\w]|[\w][\w@ .&-]*[\w@.&-]+)` of at most 256 characters, and where they are.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::DeployError;

/// The namespace of those who show no key.
pub const GUEST: &str = "guest";
/// The caller's own namespace, in paths.
pub const OWN: &str = "_";

/// Whether `name` may name an action, a package, a trigger or a rule.
pub fn validate_name(name: &str) -> Result<(), DeployError> {
    let length = name.chars().count();
    if length > 256 {
        return Err(DeployError::LongName(length));
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let inner = |c: char| word(c) || matches!(c, '@' | ' ' | '.' | '&' | '-');
    let legal = name.starts_with(word) && name.chars().all(inner) && !name.ends_with(' ');
    if legal { Ok(()) } else { Err(DeployError::IllegalName) }
}

/// A name with its namespace and, for an action, its package.
///
/// Written for people it is short: `hello` and `pkg/hello` in the guest's namespace, `/acme/hello` in others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct QualifiedName {
    /// Whose it is.
    pub namespace: String,
    /// The package that it is in, if it is in one.
    pub package: Option<String>,
    /// Its own name.
    pub name: String,
}

impl QualifiedName {
    /// The entity `name` of `namespace`, in no package.
    pub fn new(namespace: &str, name: &str) -> Self {
        Self { namespace: namespace.to_owned(), package: None, name: name.to_owned() }
    }

    /// The action `name` in the package `package` of `namespace`.
    pub fn packaged(namespace: &str, package: &str, name: &str) -> Self {
        Self { package: Some(package.to_owned()), ..Self::new(namespace, name) }
    }

    /// Reads `/namespace/name` or `/namespace/package/name`, with or without its first slash; `_` stands for `own`.
    pub fn parse(text: &str, own: &str) -> Result<Self, DeployError> {
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        let (namespace, package, name) = match parts[..] {
            [namespace, name] => (namespace, None, name),
            [namespace, package, name] => (namespace, Some(package), name),
            [_] => {
                return Err(DeployError::Malformed(
                    "The fully qualified name of the entity must contain at least the namespace and the name of the entity."
                        .to_owned(),
                ));
            }
            _ => return Err(DeployError::Malformed("fully qualified name malformed".to_owned())),
        };
        let namespace = if namespace == OWN { own } else { namespace };
        for part in [Some(namespace), package, Some(name)].into_iter().flatten() {
            validate_name(part).map_err(|error| DeployError::Malformed(error.to_string()))?;
        }
        Ok(Self { package: package.map(str::to_owned), ..Self::new(namespace, name) })
    }

    /// What documents call its namespace: `guest`, or `guest/pkg` in a package.
    pub fn path(&self) -> String {
        match &self.package {
            Some(package) => format!("{}/{package}", self.namespace),
            None => self.namespace.clone(),
        }
    }

    /// The whole name: `guest/pkg/hello`.
    pub fn full(&self) -> String {
        format!("{}/{}", self.path(), self.name)
    }

    /// The package that it is in, as a name of its own.
    pub fn of_package(&self) -> Option<Self> {
        self.package.as_ref().map(|package| Self::new(&self.namespace, package))
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace != GUEST {
            write!(f, "/{}/", self.namespace)?;
        }
        if let Some(package) = &self.package {
            write!(f, "{package}/")?;
        }
        f.write_str(&self.name)
    }
}

impl From<QualifiedName> for String {
    fn from(name: QualifiedName) -> Self {
        format!("/{}", name.full())
    }
}

impl TryFrom<String> for QualifiedName {
    type Error = DeployError;

    fn try_from(text: String) -> Result<Self, DeployError> {
        Self::parse(&text, OWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "hello", "a b", "x.y-z", "_1", "mail@home", &"n".repeat(256)] {
            assert!(validate_name(good).is_ok(), "{good}");
        }
        for bad in ["", " a", "a ", "..", ".a", "-a", "a/b", "ä", "a\n", "a$"] {
            assert!(matches!(validate_name(bad), Err(DeployError::IllegalName)), "{bad:?}");
        }
        assert!(matches!(validate_name(&"n".repeat(257)), Err(DeployError::LongName(257))));
    }

    #[test]
    fn qualified_names_are_read_and_written() {
        let parse = |text: &str| QualifiedName::parse(text, "acme").map_err(|error| error.to_string());
        assert_eq!(parse("/_/a").unwrap(), QualifiedName::new("acme", "a"));
        assert_eq!(parse("guest/pkg/a").unwrap(), QualifiedName::packaged("guest", "pkg", "a"));
        assert!(parse("a").unwrap_err().contains("must contain at least the namespace"));
        assert!(parse("/a/b/c/d").is_err() && parse("/guest/a$").is_err());
        let packaged = QualifiedName::packaged("guest", "pkg", "a");
        assert_eq!((packaged.path(), packaged.full()), ("guest/pkg".to_owned(), "guest/pkg/a".to_owned()));
        assert_eq!(packaged.to_string(), "pkg/a");
        assert_eq!(QualifiedName::new("acme", "a").to_string(), "/acme/a");
        assert_eq!(serde_json::to_string(&packaged).unwrap(), "\"/guest/pkg/a\"");
    }
}
