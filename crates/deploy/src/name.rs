//! Names of actions: OpenWhisk's `EntityName`, `([\w]|[\w][\w@ .&-]*[\w@.&-]+)` of at most 256 characters.

use crate::DeployError;

/// Whether `name` may name an action.
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
}
