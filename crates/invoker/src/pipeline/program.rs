//! What is known of a source before it runs.

use upshift_codegen::Diagnostic;
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
    reads_environment: bool,
}

/// By which a worker is told to watch the environment, as if it were a name of the module `os`.
const ENVIRONMENT: &str = "os:environ";

/// Why a program stays in Python.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}{}", place(*.line, .module.as_deref()))]
pub struct Unsupported {
    /// A sentence part.
    pub reason: String,
    /// The line that it is about, from 1.
    pub line: Option<u32>,
    /// The linked module that the line is in.
    pub module: Option<String>,
}

fn place(line: Option<u32>, module: Option<&str>) -> String {
    match (line, module) {
        (None, _) => String::new(),
        (Some(line), None) => format!(" (line {line})"),
        (Some(line), Some(module)) => format!(" (line {line} of {module})"),
    }
}

impl Unsupported {
    /// A reason of the action's own source.
    fn here(reason: String, line: Option<u32>) -> Self {
        Self { reason, line, module: None }
    }

    fn placed(diagnostic: Diagnostic, trace: &Trace) -> Self {
        let (module, line) = trace.place(diagnostic.line);
        Self { reason: diagnostic.reason, line: Some(line), module: module.map(str::to_owned) }
    }

    /// The first of what keeps `trace` from being native code.
    pub(super) fn first_of(found: Vec<Diagnostic>, trace: &Trace) -> Self {
        let first = found.into_iter().next();
        first.map_or_else(|| Self::here("it cannot be lowered".to_owned(), None), |first| Self::placed(first, trace))
    }

    /// What keeps `trace` from being native code, and the statements that bail out wherever they are reached.
    pub fn all_of(trace: &Trace) -> (Vec<Self>, Vec<Self>) {
        let (refused, left) = upshift_codegen::diagnose(trace);
        let placed = |found: Vec<Diagnostic>| found.into_iter().map(|one| Self::placed(one, trace)).collect();
        (placed(refused), placed(left))
    }
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
            .map_err(|error| Unsupported::here(error.message.clone(), Some(error.line)))?;
        let entry =
            upshift_tracer::entry(&module, main).map_err(|error| Unsupported::here(error.reason, error.line))?;
        let linked_read = link::link_all(&mut module, sources).map_err(|name| {
            Unsupported::here(format!("the module {name} beside the action stands before the library's"), None)
        })?;
        let reads_environment = linked_read || link::reads_environment(source);
        let instrumented = upshift_tracer::instrument(&module, &link::is_native);
        let normal_text = upshift_frontend::print(&module, &NoHooks).text;
        let mut hash = blake3::Hasher::new();
        hash.update(source.as_bytes());
        for linked in &module.linked {
            hash.update(linked.name.as_bytes());
            hash.update(linked.sha256.as_bytes());
        }
        let hash = hash.finalize().to_hex().to_string();
        Ok(Self { source: source.to_owned(), hash, module, entry, instrumented, normal_text, reads_environment })
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
        // What the library's modules hold is taken to stay as it is, as is what native code knows of itself.
        let is_watched = |name: &String| match name.rsplit_once(':') {
            Some((module, _)) => self.module.linked.iter().any(|linked| linked.own && linked.name == module),
            None => true,
        };
        let names = upshift_tracer::names(&self.module).into_iter().filter(is_watched);
        names.chain(self.reads_environment.then(|| ENVIRONMENT.to_owned())).collect()
    }

    /// Names of the module that functions rebind, which are part of its state.
    pub fn variables(&self) -> Vec<String> {
        upshift_tracer::variables(&self.module)
    }

    /// Whether native code of it may read the environment.
    pub fn reads_environment(&self) -> bool {
        self.reads_environment
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

    /// The trace of a program of which every part is assumed to have run, with no type known;
    /// `loaded` is what [`upshift_worker::Worker::describe`] gave.
    pub fn assume_all(&self, loaded: &str) -> Result<Trace, PipelineError> {
        let observations = upshift_tracer::assume_all(&self.module, Observations::parse(loaded)?);
        Ok(upshift_tracer::trace(&self.module, self.entry, &self.hash, &observations, 0))
    }
}
