//! Printed programs do what their originals do, tracebacks included.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use upshift_frontend::normal::{Function, Next, Span, Stmt};
use upshift_frontend::{Hooks, NoHooks, Origin, Printed};
use upshift_frontend::{normalise, print, print_functions};
use upshift_ir::SiteId;

fn origins(printed: &Printed) -> Vec<Value> {
    let four = |span: Span| [span.line, span.column, span.end_line, span.end_column];
    let one = |origin: &Origin| match *origin {
        Origin::Span(span) => {
            let [a, b, c, d] = four(span);
            json!(["span", a, b, c, d])
        }
        Origin::Call { call, callee } => {
            let ([a, b, c, d], [e, f, g, h]) = (four(call), four(callee));
            json!(["call", a, b, c, d, e, f, g, h])
        }
        Origin::Verbatim { line, shift } => json!(["verbatim", line, shift]),
        Origin::Generated => json!(["generated"]),
    };
    printed.origins.iter().map(one).collect()
}

/// Has CPython run jobs, all in one process.
fn python(jobs: &Value) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/run.py");
    let mut child = Command::new("python3")
        .arg(script)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    child.stdin.take().expect("piped").write_all(jobs.to_string().as_bytes()).expect("python3 reads its input");
    let output = child.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "run.py failed");
    serde_json::from_slice(&output.stdout).expect("run.py writes JSON")
}

/// The cases of a file: their names and programs.
fn cases(text: &str) -> Vec<(&str, &str)> {
    text.split("#### ").skip(1).map(|case| case.split_once('\n').expect("a name and a program")).collect()
}

/// Inserts a statement wherever hooks can.
struct Everywhere;

impl Hooks for Everywhere {
    fn enter(&self, _: &Function) -> Vec<String> {
        vec!["_hook = 0".to_owned()]
    }
    fn branch(&self, _: SiteId) -> Vec<String> {
        vec!["_hook = 1".to_owned()]
    }
    fn after(&self, _: &Stmt) -> Vec<String> {
        vec!["_hook = 2".to_owned()]
    }
    fn before(&self, _: &Stmt) -> Vec<String> {
        vec!["_hook = 3".to_owned()]
    }
    fn item(&self, next: &Next) -> Vec<String> {
        vec![format!("_hook = {}", next.item), "_hook = None".to_owned()]
    }
}

#[track_caller]
fn same(file: &str, hooks: &dyn Hooks) {
    let cases = cases(file);
    assert!(!cases.is_empty(), "no cases");
    let job = |(_, source): &(&str, &str)| {
        let printed = print(&normalise(source).expect("the case is Python"), hooks);
        assert_eq!(printed.text.split('\n').count(), printed.origins.len() + 1, "one origin a line:\n{}", printed.text);
        json!({ "source": source, "text": printed.text, "origins": origins(&printed) })
    };
    let jobs: Vec<Value> = cases.iter().map(job).collect();
    let results = python(&Value::from(jobs.clone()));
    for (((name, _), job), result) in cases.iter().zip(&jobs).zip(&results) {
        for part in ["out", "error"] {
            let of = |which: &str| result[which][part].as_str().unwrap_or("no error").to_owned();
            let text = job["text"].as_str().unwrap_or_default();
            assert_eq!(of("printed"), of("original"), "{part} of `{name}`; printed as\n{text}");
        }
    }
}

#[test]
fn programs_do_the_same() {
    same(include_str!("../cases/programs.py"), &NoHooks);
}

#[test]
fn instrumented_programs_do_the_same() {
    // A program that lists its local variables would see that of the hooks.
    let cases: Vec<&str> =
        include_str!("../cases/programs.py").split("#### ").filter(|case| !case.contains("locals()")).collect();
    same(&cases.join("#### "), &Everywhere);
}

#[test]
fn tracebacks_are_the_same() {
    same(include_str!("../cases/tracebacks.py"), &NoHooks);
}

#[test]
fn functions_alone_compile() {
    let module = normalise(include_str!("../cases/programs.py")).expect("the file is Python as a whole");
    let printed = print_functions(&module, &NoHooks);
    assert_eq!(printed.text.split('\n').count(), printed.origins.len() + 1);
    let main = "def main(args):\n    compile(args['text'], 'x', 'exec')\n    return 1\n";
    let results = python(&json!([{ "text": main, "calls": [{ "text": printed.text }] }]));
    assert_eq!(results, [json!([1])]);
}

/// Programs with arguments and results, where `UPSHIFT_CORPUS` names a file of them.
#[test]
fn corpus_gives_its_results() {
    let builtin = json!({
        "code": "def main(args):\n    total = 0\n    for n in args['ns']:\n        total += n\n    return {'total': total}\n",
        "calls": [{ "args": { "ns": [1, 2, 3] }, "expect": { "total": 6 } }],
    })
    .to_string();
    let text = std::env::var("UPSHIFT_CORPUS")
        .map_or(builtin, |path| std::fs::read_to_string(path).expect("UPSHIFT_CORPUS names a readable file"));
    let programs: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let job = |program: &Value| {
        let module = normalise(program["code"].as_str().expect("code")).expect("the program is Python");
        let calls: Vec<&Value> = program["calls"].as_array().expect("calls").iter().map(|call| &call["args"]).collect();
        json!({ "text": print(&module, &NoHooks).text, "calls": calls })
    };
    let results = python(&programs.iter().map(job).collect());
    for (program, result) in programs.iter().zip(&results) {
        let expected: Value =
            program["calls"].as_array().expect("calls").iter().map(|call| call["expect"].clone()).collect();
        assert_eq!(*result, expected, "results of\n{}", program["code"].as_str().unwrap_or_default());
    }
}
