//! What is known of a source before it runs.

use upshift_frontend::NoHooks;
use upshift_frontend::normal::Module;
use upshift_ir::{FunctionId, Trace};
use upshift_tracer::{Instrumented, Observations};

use super::link::{self, Sources};

/// A source, read.
#[derive(Debug)]
pub struct Program {
    source: String,
    hash: String,
    module: Module,
    entry: FunctionId,
    instrumented: Instrumented,
    normal_text: String,
}

/// Why a program stays in Python.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unsupported {
    /// A sentence part.
    pub reason: String,
    /// The line that it is about, from 1.
    pub line: Option<u32>,
}

/// Observations that do not fit the program that they are said to be of.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// They cannot be read.
    #[error(transparent)]
    Observations(#[from] upshift_tracer::ObservationError),
    /// The trace made of them does not merge with the one at hand.
    #[error(transparent)]
    Merge(#[from] upshift_ir::MergeError),
}

impl Program {
    /// Reads `source`, whose invocations call `main`, and what it imports of `sources`.
    pub fn new(source: &str, main: &str, sources: &Sources) -> Result<Self, Unsupported> {
        let mut module = upshift_frontend::normalise(source)
            .map_err(|error| Unsupported { reason: error.message.clone(), line: Some(error.line) })?;
        let entry = upshift_tracer::entry(&module, main)
            .map_err(|error| Unsupported { reason: error.reason, line: error.line })?;
        link::link_all(&mut module, sources).map_err(|name| Unsupported {
            reason: format!("the module {name} beside the action stands before the library's"),
            line: None,
        })?;
        let instrumented = upshift_tracer::instrument(&module, &link::is_native);
        let normal_text = upshift_frontend::print(&module, &NoHooks).text;
        let mut hash = blake3::Hasher::new();
        hash.update(source.as_bytes());
        for linked in &module.linked {
            hash.update(linked.name.as_bytes());
            hash.update(linked.sha256.as_bytes());
        }
        let hash = hash.finalize().to_hex().to_string();
        Ok(Self { source: source.to_owned(), hash, module, entry, instrumented, normal_text })
    }

    /// The functions as a worker runs them to record.
    pub fn instrumented(&self) -> &Instrumented {
        &self.instrumented
    }

    /// The normal form, as Python.
    pub fn normal_text(&self) -> &str {
        &self.normal_text
    }

    /// Names the source and all that is linked; traces of another one do not fit.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The source itself.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Names of the module that native code may rely on; a worker reports when one is bound anew.
    pub fn watched(&self) -> Vec<String> {
        let declared = &self.module.globals.declared;
        // What the library's modules hold is taken to stay as it is, as is what native code knows of itself.
        let is_watched = |name: &String| match name.rsplit_once(':') {
            Some((module, _)) => self.module.linked.iter().any(|linked| linked.own && linked.name == module),
            None => !declared.contains(name),
        };
        upshift_tracer::names(&self.module).into_iter().filter(is_watched).collect()
    }

    /// Widens `trace` by what one traced invocation recorded.
    pub fn observe(&self, trace: &mut Option<Trace>, observations: &str) -> Result<(), PipelineError> {
        let observations = Observations::parse(observations)?;
        let seen = upshift_tracer::trace(&self.module, self.entry, &self.hash, &observations, 1);
        debug_assert_eq!(upshift_ir::verify(&seen), Ok(()));
        match trace {
            Some(trace) => trace.merge(&seen)?,
            None => *trace = Some(seen),
        }
        Ok(())
    }

    /// Everything that reading alone finds to keep the program in Python.
    pub fn diagnose(&self) -> Vec<Unsupported> {
        let diagnostics = upshift_codegen::lower(&self.assume_all()).err().unwrap_or_default();
        diagnostics.into_iter().map(|found| Unsupported { reason: found.reason, line: Some(found.line) }).collect()
    }

    /// The trace of a program of which every part is assumed to have run, with no type known: what reading alone tells.
    pub fn assume_all(&self) -> Trace {
        let observations = upshift_tracer::assume_all(&self.module);
        upshift_tracer::trace(&self.module, self.entry, &self.hash, &observations, 0)
    }
}
