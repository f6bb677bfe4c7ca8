//! Small files of one action each: its trace, its recordings, its quarantined answers.
//!
//! A file is written beside its place, synced and renamed, so a reader sees all of it or what was there before.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::DeployError;

/// The directory `actions` of a state directory.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
}

impl Blobs {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The directory of the action with the key `name`.
    pub fn directory(&self, name: &str) -> PathBuf {
        // Names can be longer than what file systems take, differ in case only where file systems do not, and have slashes.
        let plain = name.len() <= 100
            && !name.ends_with('.')
            && !name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'/');
        match plain {
            true => self.root.join(name),
            false => {
                let hash = blake3::hash(name.as_bytes()).to_hex();
                let prefix: String = name.chars().take(40).filter(char::is_ascii_alphanumeric).collect();
                self.root.join(format!("{prefix}+{}", &hash[..16]))
            }
        }
    }

    /// Writes the file `file` (a relative path) of the action `name`.
    pub fn write(&self, name: &str, file: &str, bytes: &[u8]) -> Result<(), DeployError> {
        let path = self.directory(name).join(file);
        replace(&path, bytes).map_err(|source| DeployError::File { path, source })
    }

    /// Reads the file `file` of the action `name`, if it is there.
    pub fn read(&self, name: &str, file: &str) -> Result<Option<Vec<u8>>, DeployError> {
        let path = self.directory(name).join(file);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DeployError::File { path, source }),
        }
    }

    /// Removes the file `file` of the action `name`, if it is there.
    pub fn remove(&self, name: &str, file: &str) -> Result<(), DeployError> {
        absent_is_fine(self.directory(name).join(file), |path| std::fs::remove_file(path))
    }

    /// Removes everything of the action `name`.
    pub fn remove_all(&self, name: &str) -> Result<(), DeployError> {
        absent_is_fine(self.directory(name), |path| std::fs::remove_dir_all(path))
    }
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let parent = path.parent().expect("a blob has a directory");
    std::fs::create_dir_all(parent)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(parent)?.sync_all()
}

fn absent_is_fine(path: PathBuf, remove: impl Fn(&Path) -> std::io::Result<()>) -> Result<(), DeployError> {
    match remove(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(DeployError::File { path, source }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_replaced_whole() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path().to_owned());
        assert_eq!(blobs.read("a", "trace.json").unwrap(), None);
        blobs.write("a", "trace.json", b"1").unwrap();
        blobs.write("a", "trace.json", b"2").unwrap();
        blobs.write("a", "quarantine/args.json", b"{}").unwrap();
        assert_eq!(blobs.read("a", "trace.json").unwrap().unwrap(), b"2");
        assert!(!blobs.directory("a").join("trace.json.new").exists());
        blobs.remove("a", "trace.json").unwrap();
        assert_eq!(blobs.read("a", "trace.json").unwrap(), None);
        blobs.remove_all("a").unwrap();
        blobs.remove_all("a").unwrap();
    }

    #[test]
    fn directories_differ_where_names_do() {
        let blobs = Blobs::new(PathBuf::from("r"));
        assert_eq!(blobs.directory("hello"), Path::new("r/hello"));
        assert_ne!(blobs.directory("Hello"), blobs.directory("HELLO"));
        assert!(blobs.directory(&"n".repeat(256)).file_name().unwrap().len() < 100);
    }
}
