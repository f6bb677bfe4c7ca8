//! From source and observations to a trace, without a worker: `python3` runs the instrumented code with the recorder.

use std::process::Command;

use upshift_ir::{GlobalValue, StmtKind, Trace};
use upshift_tracer::{Observations, RECORDER, assume_all, entry, instrument, trace};

const SOURCE: &str = r#"
LIMIT = 10

def helper(x, by=2):
    return x * by

def main(args):
    total = 0
    for x in args["xs"]:
        if x > LIMIT:
            print("large")
        total += helper(x)
    return {"total": total, "n": len(args["xs"])}
"#;

/// Runs `main(args)` of the instrumented source under the recorder.
fn observe(source: &str, args: &str) -> Trace {
    let module = upshift_frontend::normalise(source).unwrap();
    let instrumented = instrument(&module);
    let script = format!(
        "recorder = {{}}\nexec({RECORDER:?}, recorder)\nspace = {{'_up_iter': iter, '_up_next': next, '_up_end': object()}}\n\
         exec({source:?}, space)\nplain = {{n: v for n, v in space.items() if hasattr(v, '__code__')}}\n\
         exec({text:?}, space)\nids = {{}}\n\
         for name, number in {ids:?}.items():\n    ids[plain[name].__code__] = ids[space[name].__code__] = number\n    \
         plain[name].__code__ = space[name].__code__\n    space[name] = plain[name]\n\
         r = recorder['Recorder'](ids)\nspace.update(r.names)\nr.start()\n\
         import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    space['main']({args})\n\
         print(r.finish(space))\n",
        text = instrumented.text,
        ids = Ids(&instrumented.functions),
    );
    let output = Command::new("python3").arg("-c").arg(script).output().expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let observations = Observations::parse(String::from_utf8_lossy(&output.stdout).trim()).unwrap();
    let seen = trace(&module, entry(&module, "main").unwrap(), "hash", &observations, 1);
    upshift_ir::verify(&seen).unwrap();
    seen
}

/// Prints as a Python dict.
struct Ids<'f>(&'f [upshift_tracer::TopFunction]);

impl std::fmt::Debug for Ids<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.0.iter().map(|function| (&function.name, function.id))).finish()
    }
}

#[test]
fn what_was_seen_is_in_the_trace_and_nothing_else() {
    let seen = observe(SOURCE, "{'xs': [1, 2]}");
    let text = seen.to_string();
    assert!(text.contains("f0 helper(x: int, by: int = 2)"), "{text}");
    assert!(text.contains("f1 main(args: dict)"), "{text}");
    assert!(text.contains("unknown"), "nobody was large: {text}");
    assert!(!text.contains("print"), "{text}");
    assert!(text.contains("global LIMIT  # 10"), "{text}");
    assert!(text.contains("builtin len"), "{text}");
}

#[test]
fn a_second_path_fills_the_hole() {
    let mut merged = observe(SOURCE, "{'xs': [1, 2]}");
    merged.merge(&observe(SOURCE, "{'xs': [11, 2.5]}")).unwrap();
    let text = merged.to_string();
    assert!(!text.contains("unknown"), "{text}");
    assert!(text.contains("x: float | int"), "{text}");
    assert_eq!(merged.invocations, 2);
}

#[test]
fn a_function_that_was_never_called_is_one_hole() {
    let seen = observe(SOURCE, "{'xs': []}");
    assert!(matches!(seen.functions[0].body.as_slice(), [stmt] if matches!(stmt.kind, StmtKind::Unknown { .. })));
}

#[test]
fn globals_that_are_no_constants_are_opaque() {
    for (source, reason) in [
        (
            "n = 0\ndef main(args):\n    global n\n    n = n + 1\n    return {'n': n}\n",
            "it assigns the module-level name n",
        ),
        ("n = 1\nn = 2\ndef main(args):\n    return {'n': n}\n", "n is not a constant"),
        ("import time\nt = time.time()\ndef main(args):\n    return {'t': t}\n", "t is not a constant"),
        ("n = 1\ndef main(args):\n    globals()\n    return {'n': n}\n", "the module uses globals (line 3)"),
    ] {
        let text = observe(source, "{}").to_string();
        assert!(text.contains(reason), "{source}\n{text}");
    }
    let text = observe("xs = [1]\ndef main(args):\n    return {'n': xs}\n", "{}").to_string();
    assert!(text.contains("a list"), "{text}");
}

#[test]
fn entries_that_cannot_be_called_are_refused() {
    for (source, reason) in [
        ("def other(args):\n    return {}\n", "main is not a plain function"),
        ("def main():\n    return {}\n", "exactly one plain parameter"),
        ("def main(*args):\n    return {}\n", "exactly one plain parameter"),
        ("def main(args):\n    return {}\n\nmain = main\n", "bound more than once"),
    ] {
        let module = upshift_frontend::normalise(source).unwrap();
        let error = entry(&module, "main").unwrap_err();
        assert!(error.reason.contains(reason), "{source}: {error}");
    }
}

#[test]
fn reading_alone_assumes_that_everything_ran() {
    let module = upshift_frontend::normalise(SOURCE).unwrap();
    let all = assume_all(&module);
    assert!(all.globals.values().any(|held| held == &[GlobalValue::Builtin("print".to_owned())]));
    let text = trace(&module, entry(&module, "main").unwrap(), "hash", &all, 0).to_string();
    assert!(!text.contains("unknown"), "{text}");
}
