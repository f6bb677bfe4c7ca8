//! Finds the other modules whose functions a program may call, and links those that it imports.
//!
//! These are the action's own, beside its source, and those of the standard library that are written in Python and that
//! somebody may miss natively; what native code knows of itself (`json`, `re` …) is not read.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use upshift_frontend::normal::Module;

/// Modules of the standard library that may be linked.
const LIBRARY: &[&str] = &[
    "base64",
    "bisect",
    "calendar",
    "collections",
    "colorsys",
    "contextlib",
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
];
/// A program that imports more has the rest in CPython.
const MOST: usize = 32;

/// Where modules are found.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The action's folder, if it has one.
    pub folder: Option<PathBuf>,
    /// The folder of the standard library; empty if nothing of it is to be linked.
    pub library: PathBuf,
}

impl Sources {
    /// The file of a module, if it may be linked.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let relative = name.replace('.', "/");
        let files = |folder: &Path| {
            [folder.join(format!("{relative}.py")), folder.join(&relative).join("__init__.py")]
                .into_iter()
                .find(|path| path.is_file())
        };
        // The folder comes first on the worker's path.
        if let Some(own) = self.folder.as_deref().and_then(files) {
            return Some(own);
        }
        LIBRARY.contains(&name).then(|| files(&self.library)).flatten()
    }
}

/// Links every module that `module` imports, and those that these import.
pub(super) fn link_all(module: &mut Module, sources: &Sources) {
    let mut waiting: VecDeque<String> = module.imported().into();
    let mut seen: Vec<String> = Vec::new();
    while let Some(name) = waiting.pop_front() {
        if seen.contains(&name) || module.linked.len() >= MOST {
            continue;
        }
        seen.push(name.clone());
        let Some(bytes) = sources.find(&name).and_then(|path| fs::read(path).ok()) else { continue };
        let Ok(source) = str::from_utf8(&bytes) else { continue };
        let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // What cannot be read stays in CPython.
        if upshift_frontend::link(module, &name, &hash, source).is_ok() {
            waiting.extend(module.imported());
        }
    }
}
