//! Zip archives of folders, for the deployment of actions with several files.
//!
//! In: a folder. Out: the bytes of an archive, which are the same for the same files, whenever and in
//! whatever order they were written.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// The file that an action of several files begins in.
pub(crate) const MAIN: &str = "__main__.py";

/// An archive in memory.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) bytes: Vec<u8>,
    /// How many files are in it.
    pub(crate) files: usize,
    /// The symbolic links that are not.
    pub(crate) links: usize,
}

/// The archive of every file below `folder`, without `__pycache__`, hidden files and symbolic links.
///
/// # Errors
/// If there is no `__main__.py`, or a file cannot be read.
pub(crate) fn of_folder(folder: &Path) -> anyhow::Result<Archive> {
    let main = folder.join(MAIN);
    let is_file = fs::symlink_metadata(&main).is_ok_and(|metadata| metadata.is_file());
    ensure!(is_file, "{} has no {MAIN}; put main(args) there, or deploy one .py file", folder.display());
    let mut found = Found::default();
    found.add(folder, "")?;
    found.files.sort();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, path) in &found.files {
        let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        writer.start_file(name, options)?;
        writer.write_all(&bytes)?;
    }
    Ok(Archive { bytes: writer.finish()?.into_inner(), files: found.files.len(), links: found.links })
}

/// Whether `bytes` are an archive that can be deployed.
///
/// # Errors
/// What they lack.
pub(crate) fn check(bytes: &[u8]) -> anyhow::Result<()> {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { bail!("is no zip archive") };
    ensure!(
        archive.index_for_name(MAIN).is_some(),
        "has no {MAIN} at its top; zip what is in the folder, not the folder"
    );
    Ok(())
}

#[derive(Default)]
struct Found {
    /// Names in the archive, and where the files are.
    files: Vec<(String, PathBuf)>,
    links: usize,
}

impl Found {
    /// Adds what is in `folder`; `prefix` is its name in the archive, empty or with a slash at its end.
    fn add(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        let unreadable = || format!("{} cannot be read", folder.display());
        for entry in fs::read_dir(folder).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else { bail!("the name of {} is not UTF-8", path.display()) };
            if name.starts_with('.') || name == "__pycache__" {
                continue;
            }
            let kind = entry.file_type().with_context(|| format!("{} cannot be read", path.display()))?;
            if kind.is_symlink() {
                // It may lead out of the folder, to what the user did not mean to send.
                self.links += 1;
            } else if kind.is_dir() {
                self.add(&path, &format!("{prefix}{name}/"))?;
            } else if kind.is_file() {
                self.files.push((format!("{prefix}{name}"), path));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn folder(order: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in order {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("# {name}\n").repeat(100)).unwrap();
        }
        folder
    }

    const FILES: [&str; 7] = [
        "__main__.py",
        "pkg/__init__.py",
        "pkg/b.py",
        "pkg/deep/data.json",
        "__pycache__/x.pyc",
        ".git/config",
        "pkg/.hidden",
    ];

    #[test]
    fn the_archive_reads_back() {
        let folder = folder(&FILES);
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
        let archive = of_folder(folder.path()).unwrap();
        assert_eq!((archive.files, archive.links), (4, 1));
        check(&archive.bytes).unwrap();
        let mut read = ZipArchive::new(Cursor::new(&archive.bytes)).unwrap();
        let mut names = Vec::new();
        for i in 0..read.len() {
            let mut file = read.by_index(i).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, format!("# {name}\n").repeat(100));
            names.push(name);
        }
        assert_eq!(names, ["__main__.py", "pkg/__init__.py", "pkg/b.py", "pkg/deep/data.json"]);
        assert!(archive.bytes.len() < 1500, "it is compressed: {}", archive.bytes.len());
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let mut reversed = FILES;
        reversed.reverse();
        let first = of_folder(folder(&FILES).path()).unwrap().bytes;
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert_eq!(first, of_folder(folder(&reversed).path()).unwrap().bytes);
    }

    #[test]
    fn what_cannot_be_deployed_is_said() {
        let without = folder(&["a.py"]);
        assert!(of_folder(without.path()).unwrap_err().to_string().contains("has no __main__.py"));
        assert_eq!(check(b"nothing").unwrap_err().to_string(), "is no zip archive");
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("folder/__main__.py", SimpleFileOptions::default()).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert!(check(&bytes).unwrap_err().to_string().contains("at its top"));
    }
}
