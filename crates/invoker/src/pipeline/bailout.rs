//! A guard that failed, as users see it.

use std::fmt;

use serde::Serialize;

/// What failed, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Bailout {
    /// `type`, `branch`, `overflow`, `exception` …
    pub kind: String,
    /// Line in the source, or in that of `module`, from 1; 0 outside the function.
    pub line: u32,
    /// The linked module that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// What the native language does not have there, if that is known before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Bailout {
    /// One at no line of the source.
    pub fn outside(kind: &str) -> Self {
        Self { kind: kind.to_owned(), line: 0, module: None, reason: None }
    }
}

impl fmt::Display for Bailout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.line > 0 {
            write!(f, " at line {}", self.line)?;
        }
        if let Some(module) = &self.module {
            write!(f, " of {module}")?;
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
