//! What an unpacked archive is: its main module, its packages, what it requires.
//!
//! The rules are those of OpenWhisk's `compile` of openwhisk-runtime-python and of the proxy in openwhisk-runtime-go:
//! `exec` or `__main__.py` becomes the module `main__`; where `exec` is a program, the archive was compiled before, and its
//! `exec__.py` says which function of `main__.py` it was compiled for.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{ArchiveError, Hold, Unpacked};
use crate::Bounds;

/// What the unpacked archive in `directory` is, which nobody holds yet.
pub(super) fn inspect(directory: PathBuf) -> Result<Unpacked, ArchiveError> {
    let (main, entry) = main_module(&directory)?;
    let source = text(&main)?;
    let virtualenv = directory.join("virtualenv");
    let site_packages = match virtualenv.is_dir() {
        true => Some(site_packages(&virtualenv).ok_or(ArchiveError::Virtualenv)?),
        false => None,
    };
    let requirements = directory.join("requirements.txt");
    let requirements = (site_packages.is_none() && requirements.is_file()).then_some(requirements);
    Ok(Unpacked { directory, main, source, entry, site_packages, requirements, hold: Hold::default() })
}

/// The main module's file, and the function that the archive was compiled for.
fn main_module(directory: &Path) -> Result<(PathBuf, Option<String>), ArchiveError> {
    let [exec, main, compiled] = ["exec", "__main__.py", "main__.py"].map(|name| directory.join(name));
    if exec.is_file() && is_program(&exec) {
        return match fs::read_to_string(directory.join("exec__.py")) {
            Ok(launcher) if compiled.is_file() => Ok((compiled, compiled_for(&launcher))),
            Ok(_) => Err(ArchiveError::NoCompiledMain),
            Err(_) => Err(ArchiveError::NoMain),
        };
    }
    let found = [exec, main, compiled].into_iter().find(|path| path.is_file());
    Ok((found.ok_or(ArchiveError::NoMain)?, None))
}

fn is_program(path: &Path) -> bool {
    let mut start = [0; 4];
    let count = File::open(path).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    start[..count].starts_with(b"#!") || &start == b"\x7fELF"
}

/// The function in the line `from main__ import FUNCTION as main` of a launcher.
fn compiled_for(launcher: &str) -> Option<String> {
    let imported = |line: &str| {
        let name = line.trim().strip_prefix("from main__ import ")?.strip_suffix(" as main")?;
        Some(name.trim().to_owned())
    };
    launcher.lines().find_map(imported)
}

fn text(path: &Path) -> Result<String, ArchiveError> {
    let size = path.metadata().map_err(ArchiveError::file(path))?.len();
    let bytes = if size > Bounds::default().code as u64 {
        None
    } else {
        Some(fs::read(path).map_err(ArchiveError::file(path))?)
    };
    let source = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    source.ok_or_else(|| {
        let name = path.file_name().unwrap_or_default();
        ArchiveError::NotText(name.to_string_lossy().into_owned())
    })
}

/// The packages of a virtual environment, of the latest Python if there are several.
fn site_packages(virtualenv: &Path) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(virtualenv.join("lib"))
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let minor = entry.file_name().to_str()?.strip_prefix("python3.")?.parse().ok()?;
            Some((minor, entry.path().join("site-packages")))
        })
        .filter(|(_, path)| path.is_dir())
        .collect();
    versions.sort();
    // The second is how it looks that was made on Windows.
    versions
        .pop()
        .map(|(_, path)| path)
        .or_else(|| Some(virtualenv.join("Lib/site-packages")).filter(|path| path.is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn inspected(files: &[(&str, &str)]) -> Result<Unpacked, String> {
        inspect(folder(files).path().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn main_modules_are_found_as_the_official_runtime_finds_them() {
        let source = |files: &[(&str, &str)]| inspected(files).map(|unpacked| (unpacked.source, unpacked.entry));
        assert_eq!(source(&[("__main__.py", "m"), ("main__.py", "other")]).unwrap(), ("m".into(), None));
        assert_eq!(source(&[("main__.py", "m")]).unwrap(), ("m".into(), None));
        assert_eq!(source(&[("exec", "e"), ("__main__.py", "m")]).unwrap(), ("e".into(), None));
        let launcher = "import sys\nfrom main__ import niam as main\n";
        let compiled = [("exec", "#!/bin/bash\n"), ("exec__.py", launcher), ("main__.py", "m")];
        assert_eq!(source(&compiled).unwrap(), ("m".into(), Some("niam".into())));
        assert!(source(&compiled[..2]).unwrap_err().starts_with("Zip file does not include main__.py,"));
        for files in [&[("index.py", "x")][..], &compiled[..1]] {
            assert_eq!(source(files).unwrap_err(), "Zip file does not include __main__.py");
        }
    }

    #[test]
    fn packages_are_those_of_the_virtualenv() {
        let library = "virtualenv/lib/python3.11/site-packages/a.py";
        let main = ("__main__.py", "m");
        let unpacked = inspected(&[main, (library, ""), ("requirements.txt", "a")]).unwrap();
        assert!(unpacked.site_packages.unwrap().ends_with("virtualenv/lib/python3.11/site-packages"));
        assert_eq!(unpacked.requirements, None);
        let windows = inspected(&[main, ("virtualenv/Lib/site-packages/a.py", "")]).unwrap();
        assert!(windows.site_packages.unwrap().ends_with("virtualenv/Lib/site-packages"));
        let error = inspected(&[main, ("virtualenv/readme.md", "")]).unwrap_err();
        assert!(error.starts_with("Invalid virtualenv."), "{error}");
        let unpacked = inspected(&[main, ("requirements.txt", "a")]).unwrap();
        assert!(unpacked.requirements.unwrap().ends_with("requirements.txt"));
    }

    #[test]
    fn a_main_module_is_text() {
        let folder = folder(&[]);
        fs::write(folder.path().join("__main__.py"), b"\xff").unwrap();
        let error = inspect(folder.path().to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "the zip archive's __main__.py is not the text of a Python file");
    }
}
