//! What can be said of a file of which nothing was called yet; `upshift explain` prints it.

use std::time::Duration;

use upshift_ir::Trace;
use upshift_worker::Zygote;

use crate::check::{CheckError, Python, sources};
use crate::pipeline::{PipelineError, Program, Unsupported};

/// How long describing a module may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file that cannot be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It does not load, or the worker failed.
    #[error(transparent)]
    Load(#[from] CheckError),
    /// What the worker said cannot be used.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// Reads `source` and what it imports.
///
/// # Errors
/// What keeps all of it in Python.
pub fn read(file: &str, source: &str, zygote: &Zygote) -> Result<Program, Unsupported> {
    Program::new(source, "main", &sources(file, zygote))
}

/// The trace of every part of `program`, as if all had run: the module is loaded in a worker of `zygote`, and nothing called.
///
/// # Errors
/// If the module does not load.
pub async fn assume(program: &Program, file: &str, zygote: &Zygote) -> Result<Trace, ExplainError> {
    let mut python = Python::new(zygote, file, program.source(), Some(program));
    let loaded = python.worker().await?.describe(PATIENCE).await.map_err(CheckError::from)?;
    Ok(program.assume_all(&loaded)?)
}
