//! A loaded version of an action: opens the dylib, checks it, runs invocations in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::{Mutex, OnceLock, PoisonError};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_LOCAL, RTLD_NOW};
use upshift_runtime::abi::{ABI_VERSION, Call, Export, Reply, Status};
use upshift_runtime::host::Host;
use upshift_runtime::{BailKind, NativeInstance, Stream};

use crate::{Artifact, LoadError, Toolchain};

/// A compiled function in memory; dropping it unloads the code.
#[derive(Debug)]
pub struct Version {
    export: NonNull<Export>,
    /// Unloaded last: `export` points into it.
    _library: Library,
}

// SAFETY: `export` points to an immutable static of the library, which is mapped as long as `self` lives;
// `Export::run` keeps all its state in the call and in thread-local storage.
unsafe impl Send for Version {}
// SAFETY: as above; running from several threads at once shares nothing that is written.
unsafe impl Sync for Version {}

/// How an invocation of native code ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It finished.
    Done(Answer),
    /// CPython must run the invocation.
    Bailed {
        /// The guard that failed; `u32::MAX` outside the function: reading the arguments or writing the result.
        guard: u32,
        /// Why.
        kind: BailKind,
        /// What it drew from the world until then, as JSON; empty if nothing.
        journal: Vec<u8>,
    },
}

/// The answer of a finished invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The result's JSON text.
    pub result: Vec<u8>,
    /// What was printed, in order.
    pub printed: Vec<(Stream, String)>,
    /// What it drew from the world, as JSON; empty if nothing.
    pub journal: Vec<u8>,
}

impl Reply for Answer {
    fn result(&mut self, json: &[u8]) {
        self.result.extend_from_slice(json);
    }

    fn printed(&mut self, stream: Stream, text: &str) {
        self.printed.push((stream, text.to_owned()));
    }

    fn journal(&mut self, json: &[u8]) {
        self.journal.extend_from_slice(json);
    }
}

impl Version {
    /// Opens `artifact`, which `toolchain` compiled.
    pub fn load(toolchain: &Toolchain, artifact: &Artifact) -> Result<Self, LoadError> {
        keep_loaded(toolchain)?;
        // SAFETY: the dylib is rustc's output for generated code without `unsafe`; it has no initialisers of its own.
        let library = unsafe { Library::open(Some(&artifact.path), RTLD_NOW | RTLD_LOCAL)? };
        // SAFETY: the loader's root file defines this symbol as a static of this type.
        let symbol = unsafe { library.get::<*const Export>(b"UPSHIFT_EXPORT\0")? };
        let export = NonNull::new(symbol.cast_mut()).ok_or(LoadError::OtherBuild)?;
        // SAFETY: the symbol is a live static. The ABI version is its first field whatever its version,
        // and the fields behind it are looked at only if that fits.
        let fits = unsafe { export.as_ref().abi == ABI_VERSION && export.as_ref().build == toolchain.build };
        if !fits {
            return Err(LoadError::OtherBuild);
        }
        Ok(Self { export, _library: library })
    }

    /// Makes an instance for `body`, on this thread's stack, whose module has that state.
    pub(crate) fn with(&self, host: &dyn Host, state: &[u8], body: &mut dyn FnMut(&dyn NativeInstance)) {
        // SAFETY: `load` checked that the static is an `Export` of this build, and the library is still mapped.
        let export = unsafe { self.export.as_ref() };
        export.with(host, state, body);
    }
}

/// Runs one invocation in an instance, on this thread.
pub(crate) fn run_in(instance: &dyn NativeInstance, call: &Call) -> Outcome {
    let mut answer = Answer::default();
    match instance.run(call, &mut answer) {
        Status::Done => Outcome::Done(answer),
        Status::Bailed(bailout) => {
            Outcome::Bailed { guard: bailout.guard, kind: bailout.kind, journal: answer.journal }
        }
    }
}

/// Loads the standard and the runtime library for good: their thread-local destructors must outlive every version.
fn keep_loaded(toolchain: &Toolchain) -> Result<(), LoadError> {
    static LOADED: OnceLock<Mutex<HashMap<PathBuf, [Library; 2]>>> = OnceLock::new();
    let mut loaded = LOADED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if !loaded.contains_key(&toolchain.runtime) {
        let standard = open_global(&standard_library(&toolchain.std_directory))?;
        let runtime = open_global(&toolchain.runtime.join("libupshift_runtime.so"))?;
        loaded.insert(toolchain.runtime.clone(), [standard, runtime]);
    }
    Ok(())
}

fn open_global(path: &Path) -> Result<Library, LoadError> {
    // SAFETY: the standard library is rustc's own, the runtime library the embedded one; both only initialise themselves.
    Ok(unsafe { Library::open(Some(path), RTLD_NOW | RTLD_GLOBAL)? })
}

fn standard_library(directory: &Path) -> PathBuf {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found = entries.map(|entry| entry.path()).filter(|path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("libstd-") && name.ends_with(".so"))
    });
    found.next().unwrap_or_else(|| directory.join("libstd.so"))
}
