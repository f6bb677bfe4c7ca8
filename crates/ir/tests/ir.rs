//! The laws of traces: JSON, merging, verifying, printing.

use serde_json::{Value, json};
use upshift_ir::{MergeError, Trace, verify};

/// `main(args)` with a loop and a branch; `types` at the subscript, `then` and `orelse` in the branch.
fn program(types: &[&str], then: Value, orelse: Value) -> Trace {
    let value = json!({
        "version": 6, "source": "abc", "invocations": 1, "entry": 0,
        "functions": [{
            "id": 0, "name": "main", "qualname": "main", "line": 1,
            "params": [{"name": "args", "site": 0, "seen": ["dict"]}],
            "locals": ["x", "t0"],
            "body": [
                {"line": 2, "kind": "set", "name": "x", "value":
                    {"site": 1, "seen": types, "op": "index", "object": {"var": "args"}, "index": {"const": {"str": "x"}}}},
                {"line": 3, "kind": "let", "name": "t0", "value":
                    {"site": 2, "op": "compare", "operator": "gt", "left": {"var": "x"}, "right": {"const": {"float": "-0.0"}}}},
                {"line": 3, "kind": "if", "test": {"var": "t0"}, "then": then, "else": orelse},
                {"line": 5, "kind": "return", "value": {"const": "none"}}
            ]
        }]
    });
    serde_json::from_value(value).unwrap()
}

fn hole(site: u32) -> Value {
    json!([{"line": 3, "kind": "unknown", "site": site}])
}

fn give() -> Value {
    json!([{"line": 4, "kind": "return", "value": {"var": "x"}}])
}

fn merged(left: &Trace, right: &Trace) -> Trace {
    let mut joined = left.clone();
    joined.merge(right).unwrap();
    joined
}

#[test]
fn json_is_read_back_as_it_was() {
    let trace = program(&["int"], give(), hole(4));
    assert_eq!(verify(&trace), Ok(()));
    let text = serde_json::to_string(&trace).unwrap();
    assert_eq!(serde_json::from_str::<Trace>(&text).unwrap(), trace);
    assert!(text.contains(r#"{"const":{"float":"-0.0"}}"#), "{text}");
}

#[test]
fn holes_are_filled_and_types_joined() {
    let joined = merged(&program(&["int"], give(), hole(4)), &program(&["float"], hole(3), json!([])));
    let mut expected = program(&["float", "int"], give(), json!([]));
    expected.invocations = 2;
    assert_eq!(joined, expected);
}

#[test]
fn merging_is_commutative_associative_and_idempotent() {
    let all = [
        program(&["int"], give(), hole(4)),
        program(&["float"], hole(3), json!([])),
        program(&["int", "str"], hole(3), hole(4)),
        program(&[], give(), json!([])),
    ];
    for a in &all {
        let mut twice = merged(a, a);
        twice.invocations = 1;
        assert_eq!(&twice, a);
        for b in &all {
            assert_eq!(merged(a, b), merged(b, a));
            for c in &all {
                assert_eq!(merged(&merged(a, b), c), merged(a, &merged(b, c)));
            }
        }
    }
}

#[test]
fn traces_of_different_programs_do_not_merge() {
    let trace = program(&["int"], give(), hole(4));
    let mut other = trace.clone();
    other.source = "def".to_owned();
    let mut left = trace.clone();
    assert_eq!(left.merge(&other), Err(MergeError::Source));
    let other = program(&["int"], json!([{"line": 4, "kind": "raise"}]), hole(4));
    assert_eq!(left.merge(&other), Err(MergeError::Shape(4)));
    assert_eq!(left, trace, "a failed merge changes nothing");
}

#[test]
fn broken_invariants_are_found() {
    /// What it is called, how it is done, what the verifier says.
    type Damage = (&'static str, fn(&mut Trace), &'static str);
    let damage: &[Damage] = &[
        ("version", |trace| trace.version = 1, "version 1"),
        ("entry", |trace| trace.entry = upshift_ir::FunctionId(7), "entry f7"),
        ("ids", |trace| trace.functions[0].id = upshift_ir::FunctionId(3), "f3"),
        ("parent", |trace| trace.functions[0].parent = Some(upshift_ir::FunctionId(0)), "entry"),
        ("free", |trace| trace.functions[0].free.push("y".to_owned()), "no enclosing function has y"),
        ("nonlocal", |trace| trace.functions[0].nonlocals.push("y".to_owned()), "nonlocal y"),
        ("reads", |trace| trace.functions[0].locals.clear(), "x"),
        ("break", |trace| trace.functions[0].body[3].kind = upshift_ir::StmtKind::Break, "leaves no loop"),
        (
            "def",
            |trace| {
                trace.functions[0].body[3].kind = upshift_ir::StmtKind::Def {
                    name: "x".to_owned(),
                    function: upshift_ir::FunctionId(0),
                    defaults: Vec::new(),
                };
            },
            "not nested",
        ),
    ];
    for (what, change, message) in damage {
        let mut trace = program(&["int"], give(), hole(4));
        change(&mut trace);
        let error = verify(&trace).expect_err(what).to_string();
        assert!(error.contains(message), "{what}: {error}");
    }
}

#[test]
fn a_trace_prints_as_it_reads() {
    let text = program(&["int"], give(), hole(4)).to_string();
    let expected = "trace v6 of 1 invocations, entry f0\n\nf0 main(args: dict) line 1\n    locals x, t0\n    \
                    set x = args[\"x\"]  # int\n    let t0 = x > -0.0\n    if t0\n        return x\n    else\n        \
                    unknown s4\n    return None\n";
    assert_eq!(text, expected);
}
