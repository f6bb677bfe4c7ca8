//! Finds the other modules whose functions a program may call, and links those that it imports.
//!
//! These are the action's own, beside its source, and those of the standard library that are written in Python;
//! a module of which only what native code knows of itself is taken (`collections.deque`) is not read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use upshift_frontend::normal::Module;
use upshift_runtime::library;

/// Modules of the standard library that may be linked.
const LIBRARY: &[&str] = &[
    "base64",
    "bisect",
    "calendar",
    "collections",
    "colorsys",
    "contextlib",
    "csv",
    "difflib",
    "fnmatch",
    "fractions",
    "functools",
    "graphlib",
    "heapq",
    "hmac",
    "html",
    "html.entities",
    "keyword",
    "numbers",
    "operator",
    "pprint",
    "quopri",
    "reprlib",
    "shlex",
    "statistics",
    "string",
    "stringprep",
    "textwrap",
    "urllib.parse",
    "uuid",
];
/// A program that imports more has the rest in CPython.
const MOST: usize = 32;

/// Where modules are found.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The first place on the worker's path, if the action has a folder.
    pub folder: Option<PathBuf>,
    /// A place before that one, whose modules are not linked.
    pub packages: Option<PathBuf>,
    /// Whether the folder's files change only with the action, so that they can be linked.
    pub links_folder: bool,
    /// The folder of the standard library; empty if nothing of it is to be linked.
    pub library: PathBuf,
}

/// The file of a module in a folder.
fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name.replace('.', "/"));
    [path.with_extension("py"), path.join("__init__.py")].into_iter().find(|path| path.is_file())
}

/// Whether native code knows `module.name` of itself.
pub(super) fn is_native(qualified: &str) -> bool {
    library::kind(qualified).is_some() || library::is_module(qualified)
}

/// Whether native code of this source may read the environment: it can only by one of these names.
pub(super) fn reads_environment(source: &str) -> bool {
    source.contains("environ") || source.contains("getenv")
}

/// Links every module of which `module` takes what native code does not know, and what these take in turn.
/// True if one of them may read the environment.
///
/// # Errors
/// The name of a module in the action's folder that stands before one that native code knows.
pub(super) fn link_all(module: &mut Module, sources: &Sources) -> Result<bool, String> {
    let mut seen = BTreeSet::new();
    let mut reads = false;
    loop {
        let mut wanted = BTreeSet::new();
        for (from, name) in module.taken() {
            let found = |folder: &Option<PathBuf>| folder.as_deref().and_then(|folder| file(folder, &from));
            let (is_packaged, own) = (found(&sources.packages).is_some(), found(&sources.folder));
            if (is_packaged || own.is_some()) && library::is_module(&from) {
                return Err(from);
            }
            if !is_packaged && !is_native(&format!("{from}.{name}")) {
                wanted.insert((from, own));
            }
        }
        let Some((name, own)) = wanted.into_iter().find(|(name, _)| !seen.contains(name)) else { return Ok(reads) };
        seen.insert(name.clone());
        let is_own = own.is_some();
        let path = match own {
            Some(own) => sources.links_folder.then_some(own),
            None => LIBRARY.contains(&name.as_str()).then(|| file(&sources.library, &name)).flatten(),
        };
        let Some(bytes) = path.and_then(|path| fs::read(path).ok()) else { continue };
        let Ok(source) = str::from_utf8(&bytes) else { continue };
        if module.linked.len() >= MOST {
            return Ok(reads);
        }
        reads = reads || reads_environment(source);
        let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // What cannot be read stays in CPython.
        let _ = upshift_frontend::link(module, &name, &hash, is_own, source);
    }
}
