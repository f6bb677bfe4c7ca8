//! What of an action's code its workers and the compiler are given: the main module, and where it finds others.

use std::path::{Path, PathBuf};

use upshift_deploy::{Action, Hold, Unpacked};

use super::runtime::Origin;
use crate::pipeline::Sources;

/// A main module and its surroundings.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// The text of the main module.
    pub(crate) source: String,
    /// What tracebacks call it.
    pub(crate) filename: String,
    /// The function that is called.
    pub(crate) main: String,
    /// Working directory, and the place of other modules.
    pub(crate) directory: Option<PathBuf>,
    /// Whether what is in there changes only with the action.
    is_whole: bool,
    /// A folder of packages that stand before all others.
    pub(crate) packages: Option<PathBuf>,
    /// Of an archive: its folder stays while this does.
    _hold: Option<Hold>,
}

impl Code {
    /// The code of `action`; `unpacked` if it is an archive.
    pub(crate) fn new(action: &Action, origin: &Origin, unpacked: Option<Unpacked>) -> Self {
        if let Some(Unpacked { directory, main, source, entry, site_packages, hold, .. }) = unpacked {
            return Self {
                source,
                filename: main.display().to_string(),
                main: entry.unwrap_or_else(|| action.main().to_owned()),
                directory: Some(directory),
                is_whole: true,
                packages: site_packages,
                _hold: Some(hold),
            };
        }
        let (filename, directory, is_whole) = match origin {
            Origin::Api => (format!("{}.py", action.name), None, false),
            Origin::Folder(path) if path.is_dir() => {
                (path.join("__main__.py").display().to_string(), Some(path.clone()), true)
            }
            // A file beside a single file is an action of its own, and may change without this one.
            Origin::Folder(path) => (path.display().to_string(), path.parent().map(Path::to_owned), false),
        };
        let (source, main) = (action.source().to_owned(), action.main().to_owned());
        Self { source, filename, main, directory, is_whole, packages: None, _hold: None }
    }

    /// Where the modules are that it imports; `library` is the folder of the standard library.
    pub(crate) fn sources(&self, library: PathBuf) -> Sources {
        let (folder, packages) = (self.directory.clone(), self.packages.clone());
        Sources { folder, packages, links_folder: self.is_whole, library }
    }
}
