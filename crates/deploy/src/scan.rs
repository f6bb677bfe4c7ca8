//! What is in the folder of functions at one moment, and the difference between two moments.
//!
//! A `.py` or `.zip` file is the action of its stem, a folder with `__main__.py` the action of the folder's name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Bounds, Change, DeployError, archive};

/// What one entry of the folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Its source (of a zip the base64, as it would come through the API), and a hash of everything that belongs to it.
    Source { path: PathBuf, source: String, fingerprint: blake3::Hash },
    /// It should be an action and cannot be read as one.
    Broken { path: PathBuf, message: String },
}

/// Entries by the action's name.
pub(crate) type Snapshot = BTreeMap<String, Entry>;

/// Reads the folder.
pub(crate) fn scan(folder: &Path) -> std::io::Result<Snapshot> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut snapshot = Snapshot::new();
    for path in paths {
        let (Some(file), Some(stem)) = (name_of(path.file_name()), name_of(path.file_stem())) else { continue };
        if file.starts_with('.') || file.starts_with("__") {
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        let (name, main) = match extension {
            _ if path.is_dir() && path.join("__main__.py").is_file() => (file, path.join("__main__.py")),
            Some("py" | "zip") if path.is_file() => (stem, path.clone()),
            _ => continue,
        };
        let entry = read(&name, &path, &main);
        // A file that vanished between listing and reading is simply not there.
        if let Some(entry) = entry {
            snapshot.entry(name).or_insert(entry);
        }
    }
    Ok(snapshot)
}

/// What changed from `old` to `new`; a broken entry does not remove the version before it.
pub(crate) fn difference(old: &Snapshot, new: &Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, entry) in new {
        let before = old.get(name);
        if before == Some(entry) {
            continue;
        }
        changes.push(match (entry, before) {
            (Entry::Broken { path, message }, _) => {
                Change::Broken { name: name.clone(), path: path.clone(), message: message.clone() }
            }
            (Entry::Source { path, source, .. }, None) => {
                Change::Added { name: name.clone(), source: source.clone(), path: path.clone() }
            }
            (Entry::Source { path, source, .. }, Some(_)) => {
                Change::Changed { name: name.clone(), source: source.clone(), path: path.clone() }
            }
        });
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        changes.push(Change::Removed { name: name.clone() });
    }
    changes
}

fn name_of(part: Option<&std::ffi::OsStr>) -> Option<String> {
    part?.to_str().map(str::to_owned)
}

fn read(name: &str, path: &Path, main: &Path) -> Option<Entry> {
    let broken = |message: String| Some(Entry::Broken { path: path.to_owned(), message });
    if let Err(error) = crate::validate_name(name) {
        return broken(error.to_string());
    }
    let size = main.metadata().map(|metadata| usize::try_from(metadata.len()).unwrap_or(usize::MAX));
    let allowed = Bounds::default().code;
    if let Ok(is) = size
        && is > allowed
    {
        return broken(DeployError::TooLarge { field: "exec", is, allowed }.to_string());
    }
    let bytes = match std::fs::read(main) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return broken(error.to_string()),
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes);
    if path.is_dir() {
        fingerprint_folder(path, &mut hasher, 0);
    }
    let source = if main.extension().is_some_and(|extension| extension == "zip") {
        if !archive::is_zip(&bytes) {
            return broken("the file is not a zip archive".to_owned());
        }
        STANDARD.encode(&bytes)
    } else {
        match String::from_utf8(bytes) {
            Ok(source) => source,
            Err(_) => return broken("the file is not UTF-8 text".to_owned()),
        }
    };
    Some(Entry::Source { path: path.to_owned(), source, fingerprint: hasher.finalize() })
}

/// Hashes paths, lengths and times of what is in an action's folder, caches of Python aside.
fn fingerprint_folder(folder: &Path, hasher: &mut blake3::Hasher, depth: u32) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name == b"__pycache__" || name.starts_with(b".") {
            continue;
        }
        let Ok(metadata) = path.symlink_metadata() else { continue };
        hasher.update(path.as_os_str().as_encoded_bytes());
        if metadata.is_dir() {
            if depth < 32 {
                fingerprint_folder(&path, hasher, depth + 1);
            }
            continue;
        }
        hasher.update(&metadata.len().to_le_bytes());
        if let Ok(modified) = metadata.modified() {
            hasher.update(format!("{modified:?}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_actions() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("hello.py"), "h").unwrap();
        std::fs::write(at("notes.txt"), "n").unwrap();
        std::fs::write(at("__init__.py"), "i").unwrap();
        std::fs::write(at("bad name$.py"), "b").unwrap();
        std::fs::write(at("latin.py"), b"\xff").unwrap();
        std::fs::write(at("pack.zip"), b"PK\x05\x06").unwrap();
        std::fs::write(at("text.zip"), "def main(args): return {}").unwrap();
        std::fs::create_dir(at("app")).unwrap();
        std::fs::write(at("app/__main__.py"), "m").unwrap();
        std::fs::create_dir(at("data")).unwrap();
        let snapshot = scan(folder.path()).unwrap();
        let names: Vec<_> = snapshot.keys().map(String::as_str).collect();
        assert_eq!(names, ["app", "bad name$", "hello", "latin", "pack", "text"]);
        assert!(matches!(&snapshot["app"], Entry::Source { source, .. } if source == "m"));
        assert!(matches!(&snapshot["pack"], Entry::Source { source, .. } if source == "UEsFBg=="));
        for broken in ["latin", "bad name$", "text"] {
            assert!(matches!(&snapshot[broken], Entry::Broken { .. }), "{broken}");
        }

        std::fs::write(at("app/helper.py"), "new").unwrap();
        std::fs::remove_file(at("hello.py")).unwrap();
        let later = scan(folder.path()).unwrap();
        let changes = difference(&snapshot, &later);
        assert!(matches!(&changes[..], [Change::Changed { name: app, .. }, Change::Removed { name: hello }]
            if app == "app" && hello == "hello"));
        assert!(difference(&later, &later).is_empty());
    }
}
