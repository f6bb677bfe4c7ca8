//! Archives at `/init`: entry points, paths, modules, virtual environments, requirements, and what is wrong with them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::container::Container;
use super::{NOT_STARTED, UNUSABLE, error};
use crate::archives::{wheel, zip, zip_bytes};

const ECHO: [(&str, &str); 2] = [
    ("__main__.py", "from echo import echo\ndef niam(args):\n    return echo(args)\n"),
    ("echo.py", "def echo(args):\n    return {'echo': args}\n"),
];

#[test]
fn another_entry_point_and_other_modules_are_found() {
    let container = Container::start();
    assert_eq!(container.init_zip(&zip(&ECHO), "niam"), (200, json!({"ok": true})));
    let args = json!({"msg": "it works"});
    container.wait_for("native code", || {
        let answer = container.answer("/run", &json!({ "value": args }).to_string());
        assert_eq!((answer.status, answer.json()), (200, json!({ "echo": args })));
        answer.tier.as_deref() == Some("native")
    });
    let streams = container.end();
    assert_eq!((streams.stdout(), streams.stderr()), ("", ""));
}

#[test]
fn paths_are_relative_to_the_archive() {
    let main = "def main(args):\n    with open('workfile', 'r') as f:\n        return {'file': f.read()}\n";
    let container = Container::start();
    container.init_zip(&zip(&[("__main__.py", main), ("workfile", "this is a test string")]), "main");
    assert_eq!(container.run(&json!({})), (200, json!({"file": "this is a test string"})));
    let streams = container.end();
    assert_eq!((streams.ends(), streams.stdout(), streams.stderr()), ([1, 1], "", ""));
}

/// What `/init` of an archive is answered with, and what it prints.
fn refused(bytes: &[u8]) -> (u16, serde_json::Value, String) {
    let container = Container::start();
    let (status, body) = container.init_zip(bytes, "main");
    let streams = container.end();
    assert_eq!((streams.ends(), streams.stdout()), ([1, 1], ""), "{body}");
    (status, body, streams.stderr().to_owned())
}

#[test]
fn archives_that_cannot_be_actions_are_told_at_init() {
    let main = ("__main__.py", "def main(args):\n    return args\n");
    let empty = zip(&[]);
    for (bytes, printed) in [
        (zip(&ECHO[1..]), "Zip file does not include __main__.py"),
        (zip(&[main, ("virtualenv/invalidvirtualenv.md", "")]), "Invalid virtualenv."),
        (zip(&[("__main__.py", "def main(")]), "SyntaxError: '(' was never closed"),
        (zip(&[main, ("../out.py", "")]), "'../out.py' cannot be unpacked"),
        (zip(&[main])[..30].to_vec(), "the zip archive cannot be read"),
        (empty, "Zip file does not include __main__.py"),
        (b"\xff\xfe is no text".to_vec(), "neither a zip archive nor the text of a Python file"),
    ] {
        let (status, body, stderr) = refused(&bytes);
        assert_eq!((status, body), (502, error(UNUSABLE)), "{printed}");
        assert!(stderr.contains(printed), "{stderr}");
    }
    let container = Container::start();
    let (status, body) = container.post("/init", r#"{"value": {"code": "no base64!", "binary": true}}"#);
    assert!(status == 400 && body["error"].as_str().unwrap().starts_with("cannot decode the request: "), "{body}");
}

/// Files as OpenWhisk's own image leaves them (`-compile niam`).
fn compiled<'f>(main: &'f [(&'f str, &'f str)]) -> Vec<u8> {
    let launcher = "import sys\nfrom main__ import niam as main\n";
    let mut files = vec![("exec", "#!/bin/bash\nexec python exec__.py\n"), ("exec__.py", launcher), ("exec.env", "x")];
    files.extend(main);
    zip(&files)
}

#[test]
fn archives_that_were_compiled_before_are_run() {
    let container = Container::start();
    let source = "def niam(args):\n    return {'niam': args}\n";
    assert_eq!(container.init_zip(&compiled(&[("main__.py", source)]), "main"), (200, json!({"ok": true})));
    assert_eq!(container.run(&json!({"a": 1})), (200, json!({"niam": {"a": 1}})));
    let (status, body, stderr) = refused(&compiled(&[]));
    assert_eq!((status, body), (502, error(NOT_STARTED)));
    assert!(stderr.contains("Zip file does not include main__.py"), "{stderr}");
}

/// The files below `folder`, links as links, by their names in an archive.
fn files(folder: &Path, name: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().to_string_lossy()));
        if let Ok(target) = fs::read_link(&path) {
            found.push((name, format!("->{}", target.display()).into_bytes()));
        } else if path.is_dir() {
            files(&path, &name, found);
        } else {
            found.push((name, fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn packages_come_from_a_virtual_environment() {
    let folder = tempfile::tempdir().unwrap();
    let made =
        Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(folder.path().join("virtualenv")).status();
    assert!(made.unwrap().success());
    let library = folder.path().join("virtualenv/lib/python3.11/site-packages");
    fs::create_dir(library.join("agents")).unwrap();
    fs::write(library.join("agents/__init__.py"), "from .names import NAME\n").unwrap();
    fs::write(library.join("agents/names.py"), "NAME = 'agent'\n").unwrap();
    let mut found = Vec::new();
    files(&folder.path().join("virtualenv"), "virtualenv", &mut found);
    assert!(found.iter().any(|(_, bytes)| bytes.starts_with(b"->/")), "its interpreter is a link");
    let main = b"from agents import NAME\ndef main(args):\n    return {'agent': NAME}\ndef naim(args):\n    return main(args)\n";
    let mut all: Vec<(&str, &[u8])> = found.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    all.push(("__main__.py", main));
    let bytes = zip_bytes(&all);
    for main in ["main", "naim"] {
        let container = Container::start();
        assert_eq!(container.init_zip(&bytes, main), (200, json!({"ok": true})));
        assert_eq!(container.run(&json!({})), (200, json!({"agent": "agent"})));
        let streams = container.end();
        assert_eq!((streams.stdout(), streams.stderr()), ("", ""));
    }
}

fn requiring(requirements: &str) -> Vec<u8> {
    let (name, bytes) = wheel("tiny", "SIZE = 3\n");
    let main = b"import tiny\ndef main(args):\n    return {'size': tiny.SIZE}\n".as_slice();
    zip_bytes(&[("__main__.py", main), ("requirements.txt", requirements.as_bytes()), (&name, &bytes)])
}

#[test]
fn requirements_are_installed_at_init() {
    let container = Container::start();
    assert_eq!(container.init_zip(&requiring("./tiny-1.0-py3-none-any.whl\n"), "main"), (200, json!({"ok": true})));
    assert_eq!(container.run(&json!({})), (200, json!({"size": 3})));
    assert_eq!(container.end().stderr(), "");

    let (status, body, stderr) = refused(&requiring("./nowhere-1.0-py3-none-any.whl\n"));
    assert_eq!((status, body), (502, error(UNUSABLE)));
    assert!(stderr.starts_with("requirements.txt cannot be installed:\n") && stderr.contains("nowhere"), "{stderr}");

    let container = Container::with_options(&["--no-pip"], &[]);
    let answer = container.init_zip(&requiring("./tiny-1.0-py3-none-any.whl\n"), "main");
    assert_eq!(answer, (502, error(NOT_STARTED)));
    assert!(container.end().stderr().contains("No module named 'tiny'"));
}
