//! Why a trace cannot become native code, at the line.

use std::fmt;

/// One thing that keeps a function in Python.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Line in the source, from 1.
    pub line: u32,
    /// What it is, a sentence part.
    pub reason: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}
