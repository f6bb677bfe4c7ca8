//! From a trace to a version in memory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use upshift_codegen::{Options, emit, lower};
use upshift_ir::Trace;
use upshift_loader::{LoadError, Toolchain, Version};

use super::compiled::{Compiled, GuardInfo};
use super::{Program, Unsupported};

/// Compiles traces; its toolchain is made ready at the first need and kept.
#[derive(Debug)]
pub struct Compiler {
    cache: PathBuf,
    toolchain: OnceLock<Arc<Toolchain>>,
    preparing: Mutex<()>,
}

/// Why a trace has no version.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The native language lacks something that the trace went through.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The trace breaks an invariant.
    #[error(transparent)]
    Trace(#[from] upshift_ir::VerifyError),
    /// No compiler, or what it made does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// So many times a trace is made wider before its version is taken as it is.
const MOST_WIDENINGS: usize = 8;

impl Compiler {
    /// A compiler that keeps what it makes under `cache`.
    pub fn new(cache: &Path) -> Self {
        Self { cache: cache.to_owned(), toolchain: OnceLock::new(), preparing: Mutex::new(()) }
    }

    /// The toolchain; finding it takes some 50 ms the first time, and half a second where its files are not there yet.
    pub fn toolchain(&self) -> Result<&Arc<Toolchain>, LoadError> {
        if let Some(known) = self.toolchain.get() {
            return Ok(known);
        }
        // One at a time: they write the same files.
        let _turn = self.preparing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.toolchain.get().is_none() {
            let made = Toolchain::prepare(&self.cache)?;
            let _ = self.toolchain.set(Arc::new(made));
        }
        Ok(self.toolchain.get().expect("it was set above"))
    }

    /// The Rust of `trace`, with its guards.
    pub fn rust(
        &self,
        program: &Program,
        trace: &Trace,
        forced: bool,
    ) -> Result<upshift_codegen::Emitted, CompileError> {
        upshift_ir::verify(trace)?;
        let typed = lower(trace).map_err(|found| Unsupported::first_of(found, trace))?;
        Ok(emit(&typed, &Options { source: Some(program.source()), forced }))
    }

    /// Compiles `trace` over again, each time wider, until `replay` meets no int beyond 64 bits where none is expected.
    ///
    /// `replay` gives the lines of its overflow bailouts; what it found wide stays in `trace`.
    pub fn compile_wide(
        &self,
        program: &Program,
        trace: &mut Trace,
        mut replay: impl FnMut(&Compiled) -> BTreeSet<u32>,
    ) -> Result<Compiled, CompileError> {
        for _ in 0..MOST_WIDENINGS {
            let compiled = self.compile(program, trace, false)?;
            let lines = replay(&compiled);
            if lines.is_subset(&trace.wide) {
                return Ok(compiled);
            }
            trace.wide.extend(lines);
        }
        self.compile(program, trace, false)
    }

    /// Compiles and loads `trace`; `forced` makes a version whose every guard can be made to fail.
    pub fn compile(&self, program: &Program, trace: &Trace, forced: bool) -> Result<Compiled, CompileError> {
        let started = Instant::now();
        let emitted = self.rust(program, trace, forced)?;
        let toolchain = self.toolchain()?;
        let load = {
            let toolchain = Arc::clone(toolchain);
            move |rust: &str| Version::load(&toolchain, &toolchain.compile(rust)?)
        };
        let version = load(&emitted.rust)?;
        let guards = emitted.guards.iter().map(|guard| {
            let (module, line) = trace.place(guard.line);
            let module = module.map(ToOwned::to_owned);
            let reason = guard.reason.clone();
            GuardInfo { line, module, counted: guard.line, reason, forcible: guard.forcible }
        });
        let guards = guards.collect();
        let compile_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Compiled::new(emitted.rust, guards, compile_ms, trace.is_stateful(), (version, Box::new(load))))
    }
}
