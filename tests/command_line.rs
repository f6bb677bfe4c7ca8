//! `upshift check` and `upshift explain` as a script sees them.

use std::fs;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::{UPSHIFT, backing, examples, root};

fn upshift(arguments: &[&str]) -> Output {
    Command::new(UPSHIFT)
        .args(arguments)
        .current_dir(root())
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .output()
        .expect("upshift can be started")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_example_is_accelerated() {
    let examples = examples(backing());
    let mut files: Vec<String> = fs::read_dir(examples.path())
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        // That one changes what its module holds.
        .filter(|path| path.ends_with(".py") && !path.ends_with("/maze.py"))
        .collect();
    files.sort();
    assert!(files.len() >= 7);
    let mut arguments = vec!["check", "--json", "--forced"];
    arguments.extend(files.iter().map(String::as_str));
    let output = upshift(&arguments);
    assert!(output.status.success(), "{}", text(&output));
    let reports: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(reports.len(), files.len());
    for report in reports {
        assert_eq!(report["accelerated"], true, "{report}");
        assert_eq!(report["calls"], report["native_calls"], "{report}");
        assert_eq!(report["mismatches"], serde_json::json!([]), "{report}");
        assert_eq!(report["reason"], Value::Null);
        for figure in ["python_us", "native_us", "compile_ms"] {
            assert!(report[figure].is_number(), "{report}");
        }
    }
}

#[test]
fn check_says_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slow.py");
    fs::write(&file, "import time\n\ndef main(args):\n    return {\"r\": time.process_time() > args[\"x\"]}\n")
        .unwrap();
    fs::write(folder.path().join("slow.calls.jsonl"), "{\"args\": {\"x\": 4}}\n").unwrap();
    let output = upshift(&["check", "--json", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["accelerated"], false);
    assert_eq!(report["native_calls"], 0);
    assert!(
        report["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("time.process_time") && reason.contains("line 4"))
    );
}

#[test]
fn wrong_calls_are_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.py");
    fs::write(&file, "def main(args):\n    return args\n").unwrap();
    let output = upshift(&["check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("--calls"), "{}", text(&output));
    fs::write(folder.path().join("f.calls.jsonl"), "{\"args\": 1}\n").unwrap();
    let output = upshift(&["check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output).lines().count(), 1, "{}", text(&output));
}

#[test]
fn explain_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.py");
    let source = "def main(args):\n    if args:\n        return {\"x\": input(args)}\n    with open(\"f\") as f:\n        return {}\n";
    fs::write(&file, source).unwrap();
    let output = text(&upshift(&["explain", file.to_str().unwrap()]));
    assert!(output.contains("f.py:3") && output.contains("input"), "{output}");
    assert!(output.contains("f.py:4") && output.contains("open"), "{output}");
    assert_eq!(output.matches("stays in Python").count(), 2, "{output}");
    assert_eq!(output.matches("= instead: ").count(), 2, "{output}");
    for (stage, expected) in [("normal", "def main(args):"), ("instrumented", "_up_hits["), ("ir", "\"functions\"")] {
        let output = text(&upshift(&["explain", "--show", stage, file.to_str().unwrap()]));
        assert!(output.contains(expected), "{stage}: {output}");
    }
}

#[test]
fn explain_knows_what_a_module_holds_and_imports() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.py");
    fs::write(folder.path().join("helper.py"), "def read(x):\n    return x\n\ndef ask(x):\n    return input(x)\n")
        .unwrap();
    let source = "import helper, string\nfrom collections import namedtuple\nPoint = namedtuple('Point', 'x y')\nTABLE = {'a': 1}\n\nclass Box:\n    pass\n\ndef main(args):\n    box = Box()\n    text = string.capwords(helper.read('a b'))\n    return {'x': TABLE, 'p': Point(1, 2), 'text': text}\n";
    fs::write(&file, source).unwrap();
    let output = text(&upshift(&["explain", file.to_str().unwrap()]));
    assert!(output.ends_with("nothing keeps it from being native code\n"), "{output}");
    fs::write(&file, source.replace("read", "ask")).unwrap();
    let output = text(&upshift(&["explain", file.to_str().unwrap()]));
    assert!(output.contains("input") && output.contains("line 5 of helper"), "{output}");
    fs::write(&file, format!("{source}print(nothing)\n")).unwrap();
    let output = upshift(&["explain", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("name 'nothing' is not defined"), "{}", text(&output));
}
