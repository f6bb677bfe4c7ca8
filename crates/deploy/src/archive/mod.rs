//! Zip archives on the disk: from an action's code to the folder that it runs in.
//!
//! In: the bytes of a zip. Out: an [`Unpacked`], which says where its files are, which of them is the main module, and where packages
//! of its own come from.
//! A folder is named by its content, so the same archive is unpacked once; it is written beside and renamed.
//! Holds: whatever the moment of a crash, a folder that is there is whole; nothing of an archive is outside its folder;
//! no folder goes while somebody runs in it.

mod extract;
mod holds;
mod inspect;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use self::holds::Hold;
use self::holds::Holds;

/// How large an archive's files may be together, in bytes.
const MOST_BYTES: u64 = 512 << 20;
/// How the name of a folder begins that is being written.
const UNFINISHED: &str = ".new-";
/// How the name of the folder ends that has what was installed for an archive.
const PACKAGES: &str = ".packages";

/// The folders of a state directory's archives.
#[derive(Debug)]
pub struct Archives {
    root: PathBuf,
    /// Whether they are to outlast a power cut.
    durable: bool,
    made: AtomicU64,
    holds: Holds,
}

/// An archive's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Where its files are, an absolute path: the working directory of what runs.
    pub directory: PathBuf,
    /// The file of the main module, in there.
    pub main: PathBuf,
    /// Its text.
    pub source: String,
    /// The function that an archive is bound to which OpenWhisk's own image has compiled (`-compile`); it goes before the action's.
    pub entry: Option<String>,
    /// A folder of packages that stand before all others: those of its `virtualenv`.
    pub site_packages: Option<PathBuf>,
    /// Its `requirements.txt`, where it brings no `virtualenv`.
    pub requirements: Option<PathBuf>,
    /// The folder stays for as long as this does.
    pub hold: Hold,
}

/// Why an archive cannot be served; each is one line, and all but the last are the archive's own fault.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no zip, or a damaged one, or one with a feature that is not served (encryption, another compression than deflate).
    #[error("the zip archive cannot be read: {0}")]
    Unreadable(String),
    /// An entry's path is absolute, has `..` in it, is no file's, or is another entry's too.
    #[error(
        "the zip archive's entry '{0}' cannot be unpacked: paths must be relative, without '..', and of one file each"
    )]
    Entry(String),
    /// A link to somewhere else.
    #[error("the zip archive's link '{0}' leads out of it, to '{1}'")]
    Link(String, String),
    /// It has more entries than this.
    #[error("the zip archive has more than {0} entries")]
    TooMany(usize),
    /// Its files are larger than so many MB together.
    #[error("the zip archive is larger than {0} MB when it is unpacked")]
    TooLarge(u64),
    /// It has no main module.
    #[error("Zip file does not include __main__.py")]
    NoMain,
    /// It was compiled by OpenWhisk's own image and has lost its main module since.
    #[error("Zip file does not include main__.py, which its exec__.py imports")]
    NoCompiledMain,
    /// Its main module is no text, or too long.
    #[error("the zip archive's {0} is not the text of a Python file")]
    NotText(String),
    /// Its `virtualenv` has no packages.
    #[error("Invalid virtualenv. Zip file does not include a folder virtualenv/lib/python3*/site-packages")]
    Virtualenv,
    /// A file of the state directory failed.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ArchiveError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { path: path.to_owned(), source }
    }

    /// Whether another archive would have been served.
    pub fn is_the_archives(&self) -> bool {
        !matches!(self, Self::File { .. })
    }
}

/// The bytes of the zip that an action's code is, if it is one: base64 of something that begins as zips do.
pub fn decode(code: &str) -> Option<Vec<u8>> {
    let code = code.trim();
    // What no zip begins with need not be decoded.
    if !code.starts_with("UEs") {
        return None;
    }
    STANDARD.decode(code).ok().filter(|bytes| is_zip(bytes))
}

/// Whether `bytes` begin as a zip does: with an entry, with the end of an empty one, or as a part of several.
pub fn is_zip(bytes: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| bytes.starts_with(*magic))
}

impl Archives {
    /// The folders below `root`, which is made; what an earlier process had not finished goes.
    ///
    /// They outlast a power cut.
    pub fn open(root: &Path) -> Result<Self, ArchiveError> {
        let archives = Self::at(root, true)?;
        archives.remove(|name| name.starts_with(UNFINISHED))?;
        Ok(archives)
    }

    /// The same for one process alone: what is there goes, and nothing waits for the disk.
    pub fn fleeting(root: &Path) -> Result<Self, ArchiveError> {
        let archives = Self::at(root, false)?;
        archives.remove(|_| true)?;
        Ok(archives)
    }

    fn at(root: &Path, durable: bool) -> Result<Self, ArchiveError> {
        fs::create_dir_all(root).map_err(ArchiveError::file(root))?;
        let root = root.canonicalize().map_err(ArchiveError::file(root))?;
        Ok(Self { root, durable, made: AtomicU64::new(0), holds: Holds::default() })
    }

    /// The folder of the archive whose bytes these are, which is unpacked if it is not there.
    pub fn unpack(&self, zip: &[u8]) -> Result<Unpacked, ArchiveError> {
        self.of_content(zip, |folder| extract::extract(zip, folder, MOST_BYTES))
    }

    /// The folder of an archive that has nothing but a main module.
    pub fn of_source(&self, source: &str) -> Result<Unpacked, ArchiveError> {
        self.of_content(source.as_bytes(), |folder| {
            let path = folder.join("__main__.py");
            fs::write(&path, source).map_err(ArchiveError::file(&path))
        })
    }

    fn of_content(
        &self,
        content: &[u8],
        fill: impl FnOnce(&Path) -> Result<(), ArchiveError>,
    ) -> Result<Unpacked, ArchiveError> {
        let name = blake3::hash(content).to_hex();
        // Before it is looked for: what is found is not removed any more.
        let hold = self.holds.take(&name);
        let directory = self.root.join(name.as_str());
        self.make(&directory, fill)?;
        Ok(Unpacked { hold, ..inspect::inspect(directory)? })
    }

    /// Where what an archive requires is installed: beside its folder.
    pub fn packages(&self, unpacked: &Unpacked) -> PathBuf {
        let mut path = unpacked.directory.as_os_str().to_owned();
        path.push(PACKAGES);
        path.into()
    }

    /// Makes `folder`, unless it is there: `fill` is called with an empty one beside it, and takes its name when it is whole.
    pub fn make<E: From<ArchiveError>>(
        &self,
        folder: &Path,
        fill: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        if folder.is_dir() {
            return Ok(());
        }
        let new = self.unfinished();
        fs::create_dir(&new).map_err(ArchiveError::file(&new))?;
        let done = fill(&new).and_then(|()| self.name(&new, folder).map_err(E::from));
        if done.is_err() {
            // The reason why it failed says more than why it cannot be removed.
            let _ = fs::remove_dir_all(&new);
        }
        done
    }

    fn name(&self, new: &Path, folder: &Path) -> Result<(), ArchiveError> {
        if self.durable {
            // One call for all files, however many there are.
            let root = fs::File::open(&self.root).map_err(ArchiveError::file(&self.root))?;
            rustix::fs::syncfs(&root).map_err(|error| ArchiveError::file(&self.root)(error.into()))?;
        }
        match fs::rename(new, folder) {
            // Somebody else was quicker with the same content.
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) => {
                fs::remove_dir_all(new).map_err(ArchiveError::file(new))
            }
            renamed => renamed.map_err(ArchiveError::file(folder)),
        }?;
        if self.durable {
            let synced = fs::File::open(&self.root).and_then(|root| root.sync_all());
            synced.map_err(ArchiveError::file(&self.root))?;
        }
        Ok(())
    }

    /// Whether nobody has let go of a folder since the last [`Archives::tidy`].
    pub fn is_tidy(&self) -> bool {
        !self.holds.is_any_free()
    }

    /// Removes every folder that nobody holds, and what was installed for it; what cannot be removed is not tried again before
    /// somebody lets go of another.
    pub fn tidy(&self) -> Result<(), ArchiveError> {
        self.holds.forget();
        let entries = fs::read_dir(&self.root).map_err(ArchiveError::file(&self.root))?;
        for entry in entries {
            let entry = entry.map_err(ArchiveError::file(&self.root))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(UNFINISHED) {
                continue;
            }
            let archive = name.strip_suffix(PACKAGES).unwrap_or(&name);
            let gone = self.unfinished();
            // Removing takes its time; until it is done, another of the same content may take the name.
            match self.holds.unless_held(archive, || fs::rename(entry.path(), &gone)) {
                None => {}
                // Somebody else is tidying, too.
                Some(Err(error)) if error.kind() == ErrorKind::NotFound => {}
                Some(moved) => {
                    moved.and_then(|()| fs::remove_dir_all(&gone)).map_err(ArchiveError::file(&entry.path()))?;
                }
            }
        }
        Ok(())
    }

    /// A name that nothing has yet.
    fn unfinished(&self) -> PathBuf {
        self.root.join(format!("{UNFINISHED}{}", self.made.fetch_add(1, Ordering::Relaxed)))
    }

    fn remove(&self, goes: impl Fn(&str) -> bool) -> Result<(), ArchiveError> {
        let entries = fs::read_dir(&self.root).map_err(ArchiveError::file(&self.root))?;
        for entry in entries {
            let entry = entry.map_err(ArchiveError::file(&self.root))?;
            if goes(&entry.file_name().to_string_lossy()) {
                fs::remove_dir_all(entry.path()).map_err(ArchiveError::file(&entry.path()))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
