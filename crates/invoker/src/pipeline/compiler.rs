//! From a trace to a version in memory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use upshift_codegen::{Options, emit, lower};
use upshift_ir::Trace;
use upshift_loader::host::Host;
use upshift_loader::{BailKind, Call, HashSecret, LoadError, Outcome, Toolchain, Version, World};

use super::{Bailout, Program, Unsupported};

/// Compiles traces; its toolchain is made ready at the first need and kept.
#[derive(Debug)]
pub struct Compiler {
    cache: PathBuf,
    toolchain: OnceLock<Toolchain>,
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

/// A version in memory.
#[derive(Debug)]
pub struct Compiled {
    /// The generated module.
    pub rust: String,
    /// `guards[i]` is guard number `i`.
    pub guards: Vec<GuardInfo>,
    /// From the trace to the loaded version.
    pub compile_ms: u64,
    version: Version,
}

/// A guard of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardInfo {
    /// Line in the action's source, or in that of `module`, from 1.
    pub line: u32,
    /// The linked module that it is in.
    pub module: Option<String>,
    /// The line as the trace counts it.
    pub counted: u32,
    /// What the native language does not have, at a guard that always fails because of it.
    pub reason: Option<String>,
    /// Whether [`NativeLimits::force`] can make it fail.
    pub forcible: bool,
}

/// What one native invocation may use.
#[derive(Clone, Copy)]
pub struct NativeLimits<'j> {
    /// When it must be done.
    pub deadline: Instant,
    /// The size of its arena.
    pub memory_bytes: usize,
    /// A guard that is made to fail, in a version compiled for that.
    pub force: Option<u32>,
    /// What hashes depend on; see [`upshift_worker::Zygote::hash_secret`].
    pub hash_secret: [u64; 3],
    /// Whether the zone of the machine is UTC.
    pub is_utc: bool,
    /// The environment: that of every worker, and what comes on top; of two of one name, the later counts.
    pub environment: [&'j [(String, String)]; 2],
    /// What is known of the machine and of the packages that workers import.
    pub facts: &'j [(String, String)],
    /// Where it draws from.
    pub world: World<'j>,
    /// What does for it what native code cannot do by itself.
    pub host: &'j dyn Host,
}

/// How a native invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeOutcome {
    /// It finished.
    Done {
        /// The result's JSON text.
        result: Vec<u8>,
        /// What it printed.
        stdout: String,
        /// What it drew from the world, as JSON; empty if nothing, or if [`World::Told`] did not ask for it.
        journal: String,
    },
    /// A guard failed; CPython must run the invocation.
    Bailed {
        /// Which.
        bailout: Bailout,
        /// The guard's number; `u32::MAX` for reading the arguments and writing the result.
        guard: u32,
        /// The line as the trace counts it.
        counted: u32,
        /// What it drew from the world until then, as JSON; empty if nothing.
        journal: String,
    },
    /// The deadline passed; CPython would not be done by then either.
    TimedOut,
}

/// So many times a trace is made wider before its version is taken as it is.
const MOST_WIDENINGS: usize = 8;

impl Compiler {
    /// A compiler that keeps what it makes under `cache`.
    pub fn new(cache: &Path) -> Self {
        Self { cache: cache.to_owned(), toolchain: OnceLock::new() }
    }

    /// The toolchain; finding it takes some 50 ms the first time.
    pub fn toolchain(&self) -> Result<&Toolchain, LoadError> {
        if self.toolchain.get().is_none() {
            let made = Toolchain::prepare(&self.cache)?;
            let _ = self.toolchain.set(made);
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
        let artifact = toolchain.compile(&emitted.rust)?;
        let version = Version::load(toolchain, &artifact)?;
        let guards = emitted.guards.iter().map(|guard| {
            let (module, line) = trace.place(guard.line);
            let module = module.map(ToOwned::to_owned);
            let reason = guard.reason.clone();
            GuardInfo { line, module, counted: guard.line, reason, forcible: guard.forcible }
        });
        let guards = guards.collect();
        let compile_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Compiled { rust: emitted.rust, guards, compile_ms, version })
    }
}

impl NativeOutcome {
    /// The line of the source where an int left 64 bits, if that is how it ended.
    pub fn overflow(&self) -> Option<u32> {
        match self {
            NativeOutcome::Bailed { bailout, counted, .. }
                if bailout.kind == BailKind::Overflow.name() && *counted > 0 =>
            {
                Some(*counted)
            }
            _ => None,
        }
    }
}

impl Compiled {
    /// Runs one invocation on this thread; `args` is the JSON text of the args object.
    pub fn run(&self, args: &[u8], limits: NativeLimits<'_>) -> NativeOutcome {
        let NativeLimits { deadline, memory_bytes, force, hash_secret, is_utc, environment, facts, world, host } =
            limits;
        let (hash_secret, force) = (HashSecret::from_words(hash_secret), force.unwrap_or(u32::MAX));
        let call = Call { args, deadline, memory_bytes, force, hash_secret, is_utc, environment, facts, world, host };
        match self.version.run(&call) {
            Outcome::Done(answer) => NativeOutcome::Done {
                result: answer.result,
                stdout: String::from_utf8_lossy(&answer.stdout).into_owned(),
                journal: String::from_utf8_lossy(&answer.journal).into_owned(),
            },
            Outcome::Bailed { kind: BailKind::Deadline, .. } => NativeOutcome::TimedOut,
            Outcome::Bailed { guard, kind, journal } => {
                let mut bailout = Bailout::outside(kind.name());
                let known = self.guards.get(guard as usize);
                if let Some(known) = known {
                    bailout.line = known.line;
                    bailout.module.clone_from(&known.module);
                    bailout.reason.clone_from(&known.reason);
                }
                let counted = known.map_or(0, |known| known.counted);
                let journal = String::from_utf8_lossy(&journal).into_owned();
                NativeOutcome::Bailed { bailout, guard, counted, journal }
            }
        }
    }
}
