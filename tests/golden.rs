//! Literate golden cases: Python, normal form, trace, Rust and answer in one file under `tests/snapshots`.
//!
//! Every case runs on CPython, as its normal form, natively, and with a bailout forced at each guard.
//! After a wanted change, `INSTA_UPDATE=always make test-golden` writes the files anew; review them like code.

use std::fmt::Write;
use std::fs;

use serde_json::Value;
use upshift_invoker::check::Report;
use upshift_invoker::pipeline::{Program, Sources};

use crate::support::{check, root};

fn case(name: &str) -> Report {
    let folder = root().join("tests/golden");
    let source = fs::read_to_string(folder.join(format!("{name}.py"))).expect("the case has a source");
    let calls = fs::read_to_string(folder.join(format!("{name}.calls.jsonl"))).expect("the case has calls");
    let calls: Vec<String> = calls
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a call is JSON")["args"].to_string())
        .collect();
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    let report = check(&source, &calls, true);
    assert!(report.mismatches.is_empty(), "{:#?}", report.mismatches);
    let program = Program::new(&source, "main", &Sources::default()).expect("the case can be traced");
    let mut text = format!("=== Python\n{source}\n=== normal form\n{}\n", program.normal_text());
    let trace = report.trace.as_ref().expect("the case was traced");
    let _ = write!(text, "=== trace\n{trace}\n=== Rust\n{}\n=== answers\n", report.rust.as_deref().unwrap_or("none\n"));
    for (call, answer) in calls.iter().zip(&report.answers) {
        let _ = writeln!(text, "{call} -> {}", answer.result.clone().unwrap_or_else(|error| error));
        for line in &answer.logs {
            let _ = writeln!(text, "  {}", line.split('\n').next().unwrap_or_default());
        }
    }
    let _ = writeln!(text, "{} of {} native, {} forced bailouts", report.native_calls, report.calls, report.forced.0);
    for bailout in &report.bailouts {
        let _ = writeln!(text, "bailout: {bailout}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), text));
    report
}

fn all_native(report: &Report) {
    assert_eq!(report.native_calls, report.calls, "{:?} {:?}", report.reason, report.bailouts);
    assert!(report.forced.0 > 0);
}

fn answer(report: &Report) -> Value {
    let result = report.answers[0].result.as_ref().expect("an answer");
    serde_json::from_str(result).expect("JSON")
}

#[test]
fn the_first_seeds_listing_raises_as_in_cpython() {
    let report = case("seed1_func");
    assert_eq!(report.answers[0].result, Err("IndexError: list assignment index out of range".to_owned()));
    assert_eq!(report.native_calls, 0);
}

#[test]
fn the_first_seeds_listing_with_room_has_a_hole() {
    let report = case("seed1_func_filled");
    all_native(&report);
    assert_eq!(answer(&report)["result"], "ok");
    assert!(report.trace.is_some_and(|trace| trace.to_string().contains("unknown")));
    assert!(report.rust.is_some_and(|rust| rust.contains("BailKind::Branch")));
}

#[test]
fn nested_functions_are_inlined() {
    let report = case("seed2_inline");
    all_native(&report);
    assert_eq!(answer(&report)["answer"], 29);
    let rust = report.rust.unwrap_or_default();
    assert!(!rust.contains("fn f_f_g"), "{rust}");
}

#[test]
fn nested_functions_share_a_ref() {
    let report = case("seed2_ref");
    all_native(&report);
    assert_eq!(answer(&report)["answer"], 36);
    let rust = report.rust.unwrap_or_default();
    assert!(rust.contains("fn f_f_g") && rust.contains("Ref<'a, i64>"), "{rust}");
}

#[test]
fn nested_functions_take_extra_arguments() {
    let report = case("seed2_lifted");
    all_native(&report);
    assert_eq!(answer(&report)["answer"], 627);
    let rust = report.rust.unwrap_or_default();
    assert!(rust.contains("fn f_f_g") && rust.contains("fn f_f_h") && !rust.contains("new_ref"), "{rust}");
}

#[test]
fn arithmetic() {
    all_native(&case("arithmetic"));
}

#[test]
fn arguments() {
    all_native(&case("arguments"));
}

#[test]
fn calls() {
    all_native(&case("calls"));
}

#[test]
fn if_else() {
    let report = case("if_else");
    all_native(&report);
    assert!(report.trace.is_some_and(|trace| trace.to_string().contains("unknown")), "nobody traced zero");
}

#[test]
fn double_absolute_value() {
    all_native(&case("double_absolute_value"));
}
