//! From the bytes of a zip to files in an empty folder.
//!
//! Nothing that the zip says of itself is relied on: sizes are counted as they are written, and paths are looked at.
//! Holds: every file and every link is inside the folder, and no link leads out of it.

use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::ArchiveError;

/// The entries of an archive, at most.
const MOST_ENTRIES: usize = 50_000;
/// The longest path that a link can lead to.
const LONGEST_LINK: u64 = 4096;
/// What each entry of a zip's directory begins with.
const ENTRY: &[u8; 4] = b"PK\x01\x02";
/// Where a virtual environment has links to the interpreter that it was made with, which is not the one that it is used with.
const PROGRAMS: [&str; 2] = ["virtualenv/bin", "virtualenv/Scripts"];

struct Link {
    name: String,
    path: PathBuf,
    target: String,
}

/// Unpacks `zip`, whose files may have so many bytes together, into the empty folder `into`; after an error it holds a part.
pub(super) fn extract(zip: &[u8], into: &Path, most_bytes: u64) -> Result<(), ArchiveError> {
    // The directory is read as a whole, and would take much more memory than its bytes.
    if zip.windows(ENTRY.len()).filter(|window| window == ENTRY).nth(MOST_ENTRIES).is_some() {
        return Err(ArchiveError::TooMany(MOST_ENTRIES));
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|error| unreadable(&error))?;
    let (mut left, mut links) = (most_bytes, Vec::new());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let name = entry.name().map_err(|error| unreadable(&error))?.into_owned();
        let path = inside(&name).ok_or_else(|| ArchiveError::Entry(name.clone()))?;
        if entry.is_symlink() {
            let mut target = String::new();
            let read = (&mut entry).take(LONGEST_LINK).read_to_string(&mut target);
            read.map_err(|error| ArchiveError::Unreadable(error.to_string()))?;
            links.push(Link { name, path, target });
        } else if entry.is_dir() {
            make_folder(&into.join(path), &name)?;
        } else {
            let is_program = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
            let path = into.join(path);
            let file = create(&path, &name, if is_program { 0o755 } else { 0o644 })?;
            left = copy(&mut entry, file, &path, left)?.ok_or(ArchiveError::TooLarge(most_bytes >> 20))?;
        }
    }
    link(into, &links)
}

/// The relative path that an entry's name stands for.
fn inside(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) if part.len() <= 255 => path.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!name.contains('\0')).then_some(path)
}

fn make_folder(path: &Path, name: &str) -> Result<(), ArchiveError> {
    // There is a file of that name.
    let clashes = |path: &Path| path.ancestors().any(|part| part.is_file());
    fs::create_dir_all(path).map_err(|source| match clashes(path) {
        true => ArchiveError::Entry(name.to_owned()),
        false => ArchiveError::File { path: path.to_owned(), source },
    })
}

fn create(path: &Path, name: &str, mode: u32) -> Result<File, ArchiveError> {
    if let Some(parent) = path.parent() {
        make_folder(parent, name)?;
    }
    if path.is_dir() {
        return Err(ArchiveError::Entry(name.to_owned()));
    }
    // Of two entries of one name the later counts, as for other programs.
    let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    opened.map_err(ArchiveError::file(path))
}

/// Copies an entry into a place for so many bytes: for how many there is room then, if there was enough.
fn copy(entry: &mut impl Read, mut file: File, path: &Path, mut left: u64) -> Result<Option<u64>, ArchiveError> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = entry.read(&mut buffer).map_err(|error| ArchiveError::Unreadable(error.to_string()))?;
        if count == 0 {
            return Ok(Some(left));
        }
        match left.checked_sub(count as u64) {
            Some(rest) => left = rest,
            None => return Ok(None),
        }
        file.write_all(&buffer[..count]).map_err(ArchiveError::file(path))?;
    }
}

/// Makes the links when all files are there, so that no entry is written through one; and their folders before them, so that none of
/// these is one.
fn link(into: &Path, links: &[Link]) -> Result<(), ArchiveError> {
    for Link { name, path, .. } in links {
        make_folder(into.join(path).parent().unwrap_or(into), name)?;
    }
    for Link { name, path, target } in links {
        let parent = path.parent().unwrap_or(Path::new(""));
        if !stays_inside(parent.components().count(), Path::new(target)) {
            if PROGRAMS.iter().any(|folder| parent == Path::new(folder)) {
                continue;
            }
            return Err(ArchiveError::Link(name.clone(), target.clone()));
        }
        let path = into.join(path);
        if target.is_empty() || target.contains('\0') || path.symlink_metadata().is_ok() {
            return Err(ArchiveError::Entry(name.clone()));
        }
        symlink(target, &path).map_err(ArchiveError::file(&path))?;
    }
    Ok(())
}

/// Whether a link in a folder of that depth leads to a place inside: up to the top at most, and from there down.
///
/// What it passes on its way down may be links, each of which stays inside by itself; `..` behind one of these would not lead back.
fn stays_inside(depth: usize, target: &Path) -> bool {
    let (mut ups, mut goes_down) = (0, false);
    for component in target.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if !goes_down => ups += 1,
            Component::Normal(_) => goes_down = true,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    ups <= depth
}

fn unreadable(error: &ZipError) -> ArchiveError {
    ArchiveError::Unreadable(match error {
        ZipError::Io(error) => error.to_string(),
        ZipError::InvalidArchive(reason) => reason.to_string(),
        ZipError::UnsupportedArchive(reason) => (*reason).to_owned(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(inside("a/b.py").unwrap(), Path::new("a/b.py"));
        assert_eq!(inside("./a//b/").unwrap(), Path::new("a/b"));
        assert_eq!(inside("./").unwrap(), Path::new(""));
        for name in ["/etc/passwd", "../a", "a/../../b", "a/..", "a\0b", &"n".repeat(256)] {
            assert!(inside(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn links_stay_inside() {
        for (depth, target) in [(0, "a"), (0, "a/b"), (1, "../a"), (2, "../../a"), (0, "."), (1, "..")] {
            assert!(stays_inside(depth, Path::new(target)), "{depth} {target}");
        }
        for (depth, target) in [(0, "/usr/bin/python3"), (0, ".."), (1, "../../a"), (3, "a/../b"), (9, "a/../../b")] {
            assert!(!stays_inside(depth, Path::new(target)), "{depth} {target}");
        }
    }
}
