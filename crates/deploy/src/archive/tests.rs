use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// A zip of these files, and then of these links.
fn zip(files: &[(&str, &[u8])], links: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    for (name, target) in links {
        writer.add_symlink(*name, *target, options).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn archives() -> (tempfile::TempDir, Archives) {
    let folder = tempfile::tempdir().unwrap();
    let archives = Archives::open(&folder.path().join("archives")).unwrap();
    (folder, archives)
}

/// Names of what is in the folder of archives.
fn names(archives: &Archives) -> Vec<String> {
    let entries = fs::read_dir(&archives.root).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

const MAIN: (&str, &[u8]) = ("__main__.py", b"def main(args): return {}\n");

#[test]
fn archives_are_unpacked_once() {
    let (_folder, archives) = archives();
    let bytes = zip(&[MAIN, ("lib/helper.py", b"x = 1\n"), ("data.txt", &[b'a'; 100_000])], &[("lib64", "lib")]);
    let unpacked = archives.unpack(&bytes).unwrap();
    assert_eq!(unpacked.source.as_bytes(), MAIN.1);
    assert!(unpacked.directory.is_absolute() && unpacked.main == unpacked.directory.join("__main__.py"));
    assert_eq!(fs::read(unpacked.directory.join("lib64/helper.py")).unwrap(), b"x = 1\n");
    assert_eq!(fs::metadata(unpacked.directory.join("data.txt")).unwrap().len(), 100_000);
    fs::write(unpacked.directory.join("mark"), "").unwrap();
    assert_eq!(archives.unpack(&bytes).unwrap(), unpacked);
    assert!(unpacked.directory.join("mark").exists(), "it was not unpacked again");

    // As after `kill -9` in the middle of another.
    fs::create_dir(archives.root.join(".new-0")).unwrap();
    let archives = Archives::open(&archives.root).unwrap();
    assert_eq!(names(&archives), [unpacked.directory.file_name().unwrap().to_str().unwrap()]);
    assert_eq!(archives.unpack(&bytes).unwrap(), unpacked);
    let archives = Archives::fleeting(&archives.root).unwrap();
    assert!(names(&archives).is_empty());
}

#[test]
fn what_nobody_uses_goes() {
    let (_folder, archives) = archives();
    let [mut used, mut unused] = ["used", "unused"].map(|name| {
        let unpacked = archives.of_source(&format!("def main(args): return {{'name': '{name}'}}")).unwrap();
        archives.make(&archives.packages(&unpacked), |_| Ok::<_, ArchiveError>(())).unwrap();
        unpacked
    });
    let there = |unpacked: &Unpacked| [&unpacked.directory, &archives.packages(unpacked)].map(|folder| folder.is_dir());
    // As while another is written.
    fs::create_dir(archives.root.join(".new-x")).unwrap();
    assert!(archives.is_tidy());
    archives.tidy().unwrap();
    assert_eq!([there(&used), there(&unused)], [[true; 2]; 2]);

    let again = used.hold.clone();
    (used.hold, unused.hold) = (Hold::default(), Hold::default());
    assert!(!archives.is_tidy());
    archives.tidy().unwrap();
    assert!(archives.is_tidy());
    assert_eq!([there(&used), there(&unused)], [[true; 2], [false; 2]]);
    drop(again);
    archives.tidy().unwrap();
    assert_eq!(names(&archives), [".new-x"]);
}

#[test]
fn folders_go_while_others_come() {
    let (_folder, archives) = archives();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..100 {
                    let source = format!("def main(args): return {{'round': {}}}", round % 3);
                    let unpacked = archives.of_source(&source).unwrap();
                    archives.tidy().unwrap();
                    assert_eq!(fs::read_to_string(&unpacked.main).unwrap(), source);
                }
            });
        }
    });
}

#[test]
fn programs_stay_programs() {
    let (_folder, archives) = archives();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode) in [("__main__.py", 0o644), ("tool", 0o700)] {
        writer.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
    }
    let unpacked = archives.unpack(&writer.finish().unwrap().into_inner()).unwrap();
    let is_program = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(unpacked.directory.join(name)).unwrap().permissions().mode() & 0o100 != 0
    };
    assert!(is_program("tool") && !is_program("__main__.py"));
}

#[test]
fn what_leads_out_is_refused_and_leaves_nothing() {
    let (_folder, archives) = archives();
    let message = |bytes: &[u8]| archives.unpack(bytes).unwrap_err().to_string();
    for name in ["../out.py", "/tmp/out.py", "a/../../out.py"] {
        assert!(message(&zip(&[MAIN, (name, b"")], &[])).contains(&format!("entry '{name}' cannot be unpacked")));
    }
    let link = |name: &str, target: &str| message(&zip(&[MAIN], &[(name, target)]));
    assert_eq!(link("a", "/etc"), "the zip archive's link 'a' leads out of it, to '/etc'");
    assert_eq!(link("a/b", "../../x"), "the zip archive's link 'a/b' leads out of it, to '../../x'");
    // Links in the way of files and of other links.
    for (files, links) in [
        (&[MAIN, ("a/file", b"".as_slice())][..], &[("a", ".")][..]),
        (&[MAIN], &[("a", "."), ("a/b", "c")]),
        (&[MAIN], &[("./__main__.py", "other")]),
    ] {
        assert!(message(&zip(files, links)).contains("cannot be unpacked"), "{links:?}");
    }
    assert!(message(&zip(&[MAIN, ("a", b""), ("a/b", b"")], &[])).contains("entry 'a/b' cannot be unpacked"));
    assert!(names(&archives).is_empty());
}

#[test]
fn the_interpreter_of_a_virtualenv_is_left_out() {
    let (_folder, archives) = archives();
    let module = ("virtualenv/lib/python3.11/site-packages/own.py", b"x = 1\n".as_slice());
    let links = [("virtualenv/bin/python3", "/usr/bin/python3"), ("virtualenv/lib64", "lib")];
    let unpacked = archives.unpack(&zip(&[MAIN, module], &links)).unwrap();
    assert!(unpacked.site_packages.unwrap().join("own.py").is_file());
    assert!(unpacked.directory.join("virtualenv/bin").is_dir());
    assert!(unpacked.directory.join("virtualenv/bin/python3").symlink_metadata().is_err());
}

#[test]
fn sizes_and_damage_are_noticed() {
    let (_folder, archives) = archives();
    let whole = zip(&[MAIN], &[]);
    for damaged in [&whole[..20], b"PK\x03\x04", &[b'x'; 100]] {
        let error = archives.unpack(damaged).unwrap_err();
        assert!(matches!(error, ArchiveError::Unreadable(_)) && error.is_the_archives(), "{error}");
    }
    let mut flipped = whole;
    // The compressed data begins behind the local header, which is 30 bytes and the name.
    flipped[30 + MAIN.0.len() + 3] ^= 0xff;
    assert!(matches!(archives.unpack(&flipped), Err(ArchiveError::Unreadable(_))));
    let bomb = zip(&[MAIN, ("zeros", &vec![0; 3 << 20])], &[]);
    assert!(bomb.len() < 16 << 10);
    let folder = tempfile::tempdir().unwrap();
    let error = extract::extract(&bomb, folder.path(), 2 << 20).unwrap_err();
    assert_eq!(error.to_string(), "the zip archive is larger than 2 MB when it is unpacked");
    assert!(names(&archives).is_empty());
    let many = [b"PK\x03\x04".as_slice(), &b"PK\x01\x02".repeat(50_001)].concat();
    assert_eq!(archives.unpack(&many).unwrap_err().to_string(), "the zip archive has more than 50000 entries");
}

#[test]
fn code_is_an_archive_if_it_decodes_to_one() {
    let bytes = zip(&[MAIN], &[]);
    let code = STANDARD.encode(&bytes);
    assert_eq!(decode(&format!("\n{code} ")).unwrap(), bytes);
    for code in ["def main(args): return {}", "UEsD", "UEs = 1", ""] {
        assert!(decode(code).is_none(), "{code}");
    }
}
