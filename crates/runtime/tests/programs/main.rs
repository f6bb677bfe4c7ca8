//! Whole programs, run by an interpreter on the runtime and by CPython: both must come to the same.

mod containers;
mod eval;
mod exec;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use upshift_runtime::{Arena, Bail, BailKind, Cx, Limits, Value, builtin, json};

use crate::exec::Flow;

/// The guard of every operation.
pub(crate) const G: u32 = 7;

/// Runs the programs; each ends with an expression, whose `repr` or exception is the result.
///
/// Fails at any difference, and if less than `share` percent were computed natively.
pub(crate) fn check(programs: &[String], share: usize) {
    let input = format!("[{}]", programs.iter().map(|text| quote(text)).collect::<Vec<_>>().join(","));
    let mut child = Command::new("python3")
        .args(["-c", include_str!("oracle.py")])
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the oracle's script failed");
    let lines = String::from_utf8(output.stdout).unwrap();
    let (mut wrong, mut skipped) = (Vec::new(), Vec::new());
    for (program, line) in programs.iter().zip(lines.lines()) {
        match compare(line) {
            Verdict::Same => {}
            Verdict::Skipped(kind) => skipped.push(format!("{kind:?}: {program}")),
            Verdict::Different(text) => wrong.push(format!("{program}\n    {text}")),
        }
    }
    if std::env::var_os("UPSHIFT_SKIPPED").is_some() {
        eprintln!("{}", skipped.join("\n"));
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
    let native = (programs.len() - skipped.len()) * 100 / programs.len();
    assert!(native >= share, "only {native}% native; bailed out:\n{}", skipped.join("\n"));
}

/// [`check`] of programs of one line each.
pub(crate) fn check_lines(text: &str, share: usize) {
    let lines: Vec<String> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    check(&lines, share);
}

/// [`check`] of programs with a line of dashes between them.
pub(crate) fn check_programs(text: &str, share: usize) {
    let programs: Vec<String> = text.split("\n---\n").map(|program| program.trim().to_owned()).collect();
    check(&programs, share);
}

enum Verdict {
    Same,
    Skipped(BailKind),
    Different(String),
}

fn compare(line: &str) -> Verdict {
    let limits = Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        memory_bytes: 1 << 30,
        force: u32::MAX,
        hash_secret: upshift_runtime::HashSecret::default(),
        is_utc: true,
    };
    let arena = Arena::new();
    let cx = Cx::new(&arena, &[], limits).unwrap();
    let Value::Dict(case) = json::parse(cx, line, G).unwrap() else { panic!("a case is an object") };
    let field = |name: &str| eval::field(cx, Value::Dict(case), name);
    let (expected, log) = (eval::text(field("result")), eval::text(field("log")));
    let (result, bailed) = match outcome(cx, field("tree")) {
        Ok(result) => (result, None),
        Err(bail) => match cx.catch(bail) {
            Ok(raised) => {
                let name = raised.class().name().text();
                match builtin::str(cx, Value::Instance(raised), G) {
                    Ok(text) => (format!("!{name}: {}", text.text()), None),
                    Err(bail) => (String::new(), Some(bail.kind())),
                }
            }
            Err(bail) => (String::new(), Some(bail.kind())),
        },
    };
    let verdict = match bailed {
        Some(BailKind::Exception) if !expected.starts_with('!') => {
            Verdict::Different(format!("native: an exception\n    CPython: {expected}"))
        }
        Some(kind @ (BailKind::Exception | BailKind::Unsupported | BailKind::Overflow)) => Verdict::Skipped(kind),
        Some(kind) => Verdict::Different(format!("native: bailed out with {kind:?}\n    CPython: {expected}")),
        None if result != expected => Verdict::Different(format!("native: {result}\n    CPython: {expected}")),
        None if cx.log() != log => Verdict::Different(format!("native printed: {:?}\n    CPython: {log:?}", cx.log())),
        None => Verdict::Same,
    };
    cx.close();
    verdict
}

/// Runs the statements, then gives the `repr` of the last expression.
fn outcome<'a>(cx: &'a Cx<'a>, tree: Value<'a>) -> Result<String, Bail> {
    let env = exec::module(cx)?;
    let Value::List(statements) = tree else { panic!("a program is a list") };
    for at in 0..statements.len() - 1 {
        match exec::statement(cx, env, statements.at(at).unwrap())? {
            Flow::Next => {}
            _ => panic!("a program has no loose return"),
        }
    }
    let last = eval::field(cx, statements.at(statements.len() - 1).unwrap(), "value");
    let value = eval::expression(cx, env, last)?;
    Ok(builtin::repr(cx, value, G)?.text().to_owned())
}

/// A JSON string.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\0'..'\x20' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}
