//! The kinds of actions, as OpenWhisk's `runtimes.json` would list them.

use crate::DeployError;

/// What `python:default` and a document without a kind mean.
pub const DEFAULT_KIND: &str = "python:3";

/// The kinds that an action can have.
pub const KINDS: [&str; 2] = ["python:3", "python:3.11"];

/// The kind that `asked` stands for, or [`DeployError::UnknownKind`].
pub fn resolve_kind(asked: &str) -> Result<&'static str, DeployError> {
    if asked == "python:default" {
        return Ok(DEFAULT_KIND);
    }
    KINDS.into_iter().find(|kind| *kind == asked).ok_or_else(|| DeployError::UnknownKind(asked.to_owned()))
}

/// The kinds as OpenWhisk's message lists them.
pub(crate) fn valid() -> String {
    format!("'{}'", KINDS.join("', '"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_resolve() {
        assert_eq!(resolve_kind("python:default").unwrap(), "python:3");
        assert_eq!(resolve_kind("python:3").unwrap(), "python:3");
        assert_eq!(resolve_kind("python:3.11").unwrap(), "python:3.11");
        assert_eq!(
            resolve_kind("nodejs:default").unwrap_err().to_string(),
            "The specified runtime 'nodejs:default' is not supported by this platform. \
             Valid values are: 'python:3', 'python:3.11'."
        );
    }
}
