//! Zip archives as actions: through the API and from the watched folder, with modules, data, packages and requirements.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Daemon, Response};

/// A zip of these files; a text that begins with `->` is a link.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    zip_bytes(&bytes)
}

pub(crate) fn zip_bytes(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        match bytes.strip_prefix(b"->") {
            Some(target) => {
                let target = str::from_utf8(target).unwrap();
                writer.add_symlink(*name, target, SimpleFileOptions::default()).unwrap();
            }
            None => {
                writer.start_file(*name, SimpleFileOptions::default()).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

/// As an action's code.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A pure wheel of one module, and its file name.
pub(crate) fn wheel(module: &str, source: &str) -> (String, Vec<u8>) {
    let info = |name: &str| format!("{module}-1.0.dist-info/{name}");
    let [metadata, tags, record] = ["METADATA", "WHEEL", "RECORD"].map(info);
    let file = format!("{module}.py");
    let metadata_text = format!("Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n");
    let list = format!("{file},,\n{metadata},,\n{tags},,\n{record},,\n");
    let files = [
        (file.as_str(), source),
        (metadata.as_str(), metadata_text.as_str()),
        (tags.as_str(), "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (record.as_str(), list.as_str()),
    ];
    (format!("{module}-1.0-py3-none-any.whl"), zip(&files))
}

const MAIN: &str = r#"
import helper


def main(args):
    return {"twice": helper.twice(args["n"]), "table": helper.TABLE["a"]}


def data(args):
    with open("data/words.txt") as file:
        return {"words": file.read().split(), "here": __file__.rsplit("/", 1)[1]}


def fails(args):
    return {"quotient": 1 // args["n"]}
"#;
const HELPER: &str = "TABLE = {\"a\": [1, 2]}\n\n\ndef twice(n):\n    return n * 2\n";

fn files() -> [(&'static str, &'static str); 3] {
    [("__main__.py", MAIN), ("helper.py", HELPER), ("data/words.txt", "one two")]
}

fn put(daemon: &Daemon, name: &str, zip: &[u8], main: &str) -> Response {
    let exec = json!({"kind": "python:3", "code": base64(zip), "binary": true, "main": main});
    let path = format!("/api/v1/namespaces/_/actions/{name}?overwrite=true");
    daemon.request("PUT", &path, Some(&json!({ "exec": exec }).to_string()))
}

fn refusal(daemon: &Daemon, zip: &[u8]) -> String {
    let response = put(daemon, "bad", zip, "main");
    assert_eq!(response.status, 400, "{}", response.body);
    response.json()["error"].as_str().unwrap().to_owned()
}

#[test]
fn all_modules_of_an_archive_are_native() {
    let mut daemon = Daemon::start(&[]);
    let document = put(&daemon, "zipped", &zip(&files()), "main");
    assert_eq!((document.status, &document.json()["exec"]["binary"]), (200, &json!(true)), "{}", document.body);
    let answer = daemon.invoke_until("zipped", r#"{"n": 4}"#, "native");
    assert_eq!(answer.json(), json!({"twice": 8, "table": [1, 2]}));
    assert_eq!(daemon.state_of("zipped")["source"], MAIN);
    let got = daemon.request("GET", "/api/v1/namespaces/_/actions/zipped", None).json();
    assert_eq!(got["exec"]["code"], base64(&zip(&files())));

    daemon.kill_and_restart();
    daemon.invoke_until("zipped", r#"{"n": 4}"#, "native");
}

#[test]
fn paths_are_those_of_the_archive() {
    let daemon = Daemon::start(&[]);
    put(&daemon, "reads", &zip(&files()), "data");
    let answer = daemon.invoke("reads", "{}").json();
    assert_eq!(answer, json!({"words": ["one", "two"], "here": "__main__.py"}));
    put(&daemon, "fails", &zip(&files()), "fails");
    let record = daemon.activation("fails", r#"{"n": 0}"#);
    assert_eq!(record["response"]["result"]["error"], "integer division or modulo by zero", "{record}");
    let logs: Vec<&str> = record["logs"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(logs.iter().any(|line| line.ends_with("/__main__.py\", line 15, in fails")), "{logs:?}");
    assert!(logs.iter().any(|line| line.ends_with("return {\"quotient\": 1 // args[\"n\"]}")), "{logs:?}");
}

#[test]
fn archives_of_the_folder_are_actions() {
    let daemon = Daemon::start(&[]);
    let path = daemon.functions.path().join("packed.zip");
    fs::write(&path, zip(&files())).unwrap();
    daemon.wait_for("the archive", |daemon| daemon.invoke("packed", r#"{"n": 1}"#).status == 200);
    assert_eq!(daemon.state_of("packed")["origin"], json!(path.canonicalize().unwrap()));
    fs::write(&path, zip(&[("__main__.py", "def main(args):\n    return {\"new\": True}\n")])).unwrap();
    daemon.wait_for("the edit", |daemon| daemon.invoke("packed", "{}").body == r#"{"new": true}"#);
    // The version before stays, and it is said why.
    fs::write(&path, zip(&[("other.py", "")])).unwrap();
    daemon.wait_for("the reason", |daemon| {
        daemon.state_of("packed")["last_error"] == json!("Zip file does not include __main__.py")
    });
    assert_eq!(daemon.invoke("packed", "{}").body, r#"{"new": true}"#);
    fs::remove_file(&path).unwrap();
    daemon.wait_for("the removal", |daemon| daemon.invoke("packed", "{}").status == 404);
    daemon.wait_for("its folders to go", |daemon| unpacked(daemon.state.path()) == 0);
}

/// What the folder of archives holds.
fn unpacked(state: &Path) -> usize {
    fs::read_dir(state.join("archives")).unwrap().count()
}

#[test]
fn what_cannot_be_served_is_refused_with_its_reason() {
    let mut daemon = Daemon::start(&[]);
    assert_eq!(refusal(&daemon, &zip(&[("other.py", "")])), "Zip file does not include __main__.py");
    assert!(refusal(&daemon, &zip(&[("__main__.py", ""), ("../out", "")])).contains("'../out' cannot be unpacked"));
    assert!(refusal(&daemon, &zip(&[("__main__.py", ""), ("a", "->/etc")])).contains("leads out of it, to '/etc'"));
    assert!(refusal(&daemon, &zip(&[("__main__.py", "")])[..40]).contains("cannot be read"));
    assert!(refusal(&daemon, &zip(&[("__main__.py", "def main(")])).contains("SyntaxError"));
    let broken = [("__main__.py", MAIN), ("virtualenv/notes.md", "")];
    assert!(refusal(&daemon, &zip(&broken)).starts_with("Invalid virtualenv."));
    assert_eq!(put(&daemon, "good", &zip(&files()), "main").status, 200);
    daemon.wait_for("what nobody uses to go", |daemon| unpacked(daemon.state.path()) == 1);
    daemon.kill_and_restart();
    assert_eq!(unpacked(daemon.state.path()), 1);
    assert_eq!(daemon.invoke("good", r#"{"n": 1}"#).status, 200);
}

#[test]
fn packages_of_a_virtualenv_stand_before_all_others() {
    let daemon = Daemon::start(&[]);
    // `requests` is one of those that the daemon's own environment has, and that native code knows.
    let main = "import requests\nimport own\n\n\ndef main(args):\n    return {\"own\": own.NAME, \"requests\": requests.get(1)}\n";
    let files = [
        ("__main__.py", main),
        ("virtualenv/lib/python3.11/site-packages/own.py", "NAME = \"own\"\n"),
        ("virtualenv/lib/python3.11/site-packages/requests/__init__.py", "def get(x):\n    return [\"other\", x]\n"),
        ("virtualenv/bin/python3", "->/usr/bin/python3"),
        ("virtualenv/lib64", "->lib"),
    ];
    assert_eq!(put(&daemon, "own", &zip(&files), "main").status, 200);
    for _ in 0..12 {
        let answer = daemon.invoke("own", "{}");
        assert_eq!(answer.json(), json!({"own": "own", "requests": ["other", 1]}));
    }
    let reason = daemon.state_of("own")["reason"].clone();
    assert_eq!(reason, json!("the module requests beside the action stands before the library's"));
}

fn requires() -> Vec<u8> {
    let (name, bytes) = wheel("tiny", "SIZE = 3\n");
    let main = b"import tiny\n\n\ndef main(args):\n    return {\"size\": tiny.SIZE}\n".as_slice();
    let requirements = format!("./{name}\n");
    zip_bytes(&[("__main__.py", main), ("requirements.txt", requirements.as_bytes()), (&name, &bytes)])
}

#[test]
fn requirements_are_installed_where_that_is_allowed() {
    let mut daemon = Daemon::with_options(&[], &["--pip"]);
    let response = put(&daemon, "tiny", &requires(), "main");
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(daemon.invoke("tiny", "{}").json(), json!({"size": 3}));
    daemon.kill_and_restart();
    assert_eq!(daemon.invoke("tiny", "{}").json(), json!({"size": 3}));
    let impossible = [("__main__.py", MAIN), ("requirements.txt", "./nowhere-1.0-py3-none-any.whl\n")];
    let error = refusal(&daemon, &zip(&impossible));
    assert!(error.starts_with("requirements.txt cannot be installed:\n") && error.contains("nowhere"), "{error}");

    let plain = Daemon::start(&[]);
    assert_eq!(put(&plain, "tiny", &requires(), "main").status, 200);
    let answer: Value = plain.invoke("tiny", "{}").json();
    assert_eq!(answer, json!({"error": "ModuleNotFoundError: No module named 'tiny'"}));
}
