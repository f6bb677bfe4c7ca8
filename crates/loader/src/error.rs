//! Why there is no version to load.

use std::path::PathBuf;

/// Errors of compiling and loading; none of them is the user's to mend but a missing compiler.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no compiler.
    #[error("no Rust compiler: {0} cannot be run ({1}); install Rust or set UPSHIFT_RUSTC to its path")]
    NoCompiler(PathBuf, std::io::Error),
    /// The compiler is not the one that built the runtime library.
    #[error(
        "the Rust compiler is {found}, but Upshift was built with {built}: build Upshift again with `cargo build --release`"
    )]
    OtherCompiler {
        /// First line of its version.
        found: String,
        /// First line of the version that built Upshift.
        built: String,
    },
    /// The cache directory cannot be used.
    #[error("{0} cannot be written: {1}")]
    Write(PathBuf, std::io::Error),
    /// rustc refused the generated source: a defect of code generation.
    #[error("rustc failed: {0}")]
    Rustc(String),
    /// rustc took too long.
    #[error("rustc did not finish within {0} seconds")]
    Slow(u64),
    /// The dylib cannot be opened.
    #[error("the compiled function cannot be loaded: {0}: {reason}", reason = std::error::Error::source(.0).map(ToString::to_string).unwrap_or_default())]
    Open(#[from] libloading::Error),
    /// The dylib is of another build of Upshift.
    #[error("the compiled function is of another build of Upshift")]
    OtherBuild,
}
