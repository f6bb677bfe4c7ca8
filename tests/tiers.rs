//! The story of the product over HTTP: Python first, native after the threshold, Python for what nobody traced,
//! native for that too some calls later. Every answer is the same bytes in every tier.

use std::time::Duration;

use upshift_invoker::pipeline::NativeOutcome;

use crate::support::{Daemon, with_version};

const BRANCHES: &str = r#"
def main(args):
    n = args["n"]
    total = 0
    for i in range(n):
        total += i
    if n > 100:
        print("large", n)
        return {"total": total, "size": "large"}
    print("small", n)
    return {"total": total, "size": "small"}
"#;

#[test]
fn from_python_to_native_and_back() {
    let daemon = Daemon::start(&[("sums", BRANCHES)]);
    for _ in 0..10 {
        let response = daemon.invoke("sums", r#"{"n": 5}"#);
        assert_eq!((response.status, response.tier.as_deref()), (200, Some("python")));
        assert_eq!(response.body, r#"{"total": 10, "size": "small"}"#);
    }
    let native = daemon.invoke_until("sums", r#"{"n": 5}"#, "native");
    assert_eq!(native.body, r#"{"total": 10, "size": "small"}"#);

    // A branch that nobody has traced: CPython's answer, and the record says why.
    let bailed = daemon.activation("sums", r#"{"n": 200}"#);
    assert_eq!(bailed["response"]["result"]["total"], 19900);
    let annotation = |record: &serde_json::Value, key: &str| {
        let all = record["annotations"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|entry| entry["key"] == key).map(|entry| entry["value"].clone())
    };
    assert_eq!(annotation(&bailed, "tier"), Some("python".into()));
    assert_eq!(annotation(&bailed, "bailout"), Some(serde_json::json!({"kind": "branch", "line": 7})));
    assert_eq!(bailed["logs"].as_array().map(Vec::len), Some(1), "the logs are those of the rerun alone: {bailed}");

    let widened = daemon.invoke_until("sums", r#"{"n": 200}"#, "native");
    assert_eq!(widened.body, r#"{"total": 19900, "size": "large"}"#);
    assert_eq!(daemon.invoke("sums", r#"{"n": 5}"#).tier.as_deref(), Some("native"));
    let native = daemon.activation("sums", r#"{"n": 200}"#);
    assert!(native["logs"][0].as_str().is_some_and(|line| line.ends_with(" stdout: large 200")), "{native}");
    assert_eq!(annotation(&native, "tier"), Some("native".into()));
    assert!(annotation(&native, "version").is_some_and(|version| version.as_u64() >= Some(2)), "{native}");
}

#[test]
fn a_type_that_nobody_traced_widens_too() {
    let source = "def main(args):\n    return {\"double\": args[\"x\"] + args[\"x\"]}\n";
    let daemon = Daemon::start(&[("double", source)]);
    daemon.invoke_until("double", r#"{"x": 2}"#, "native");
    for (args, answer) in [
        (r#"{"x": 1.5}"#, r#"{"double": 3.0}"#),
        (r#"{"x": "ab"}"#, r#"{"double": "abab"}"#),
        (r#"{"x": [1]}"#, r#"{"double": [1, 1]}"#),
        (r#"{"x": 9223372036854775807}"#, r#"{"double": 18446744073709551614}"#),
        (r#"{"x": 123456789012345678901234567890}"#, r#"{"double": 246913578024691357802469135780}"#),
        (r#"{"x": 1e999}"#, r#"{"double": Infinity}"#),
    ] {
        assert_eq!(daemon.invoke("double", args).body, answer);
    }
    daemon.invoke_until("double", r#"{"x": "ab"}"#, "native");
    assert_eq!(daemon.invoke("double", r#"{"x": 2}"#).body, r#"{"double": 4}"#);
}

#[test]
fn what_a_module_drew_when_it_was_loaded_is_for_its_process_alone() {
    let source = "import uuid\nINSTANCE = str(uuid.uuid4())\n\ndef main(args):\n    return {\"instance\": INSTANCE}\n";
    let mut daemon = Daemon::with_options(&[("instance", source)], &["--workers", "1"]);
    let before = daemon.invoke_until("instance", "{}", "native");
    daemon.kill_and_restart();
    let after = daemon.invoke("instance", "{}");
    assert_eq!(after.tier.as_deref(), Some("python"));
    assert_ne!(after.body, before.body, "as in a new container");
    assert_eq!(daemon.invoke_until("instance", "{}", "native").body, after.body);
}

#[test]
fn a_restart_starts_native() {
    let mut daemon = Daemon::start(&[("sums", BRANCHES)]);
    daemon.invoke_until("sums", r#"{"n": 5}"#, "native");
    daemon.wait_for("the trace is on the disk", |daemon| {
        let folder = daemon.state.path().join("actions/sums");
        ["trace.json", "recordings.json"].iter().all(|file| folder.join(file).is_file())
    });
    daemon.kill_and_restart();
    let start = std::time::Instant::now();
    daemon.wait_for("the version is back", |daemon| daemon.state_of("sums")["state"] == "native");
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
    assert_eq!(daemon.invoke("sums", r#"{"n": 5}"#).tier.as_deref(), Some("native"));
}

#[test]
fn what_rebinds_names_unseen_stays_in_python() {
    let hidden = r#"
LIMIT = 3

def main(args):
    if args.get("set"):
        globals()["LIMIT"] = args["set"]
    return {"limit": LIMIT}
"#;
    let clock = "import time\n\ndef main(args):\n    return {\"ok\": time.process_time() > 0}\n";
    let daemon = Daemon::with_options(&[("hidden", hidden), ("clock", clock)], &["--workers", "1"]);
    for _ in 0..30 {
        assert_eq!(daemon.invoke("hidden", "{}").body, "{\"limit\": 3}");
        daemon.invoke("clock", "{}");
    }
    assert_eq!(daemon.invoke("hidden", r#"{"set": 7}"#).body, "{\"limit\": 7}");
    assert_eq!(daemon.invoke("hidden", "{}").body, "{\"limit\": 7}");
    for name in ["hidden", "clock"] {
        daemon.wait_for("the action is pinned", |daemon| daemon.state_of(name)["state"] == "pinned");
        let state = daemon.state_of(name);
        let why = state["reason"].as_str().unwrap_or_default();
        assert!(why.contains("line") || why.starts_with("module state changed: "), "{name}: {state}");
    }
}

#[test]
fn native_code_leaves_writes_to_module_objects_to_python() {
    let writes = [
        ("xs.append(1)", r#"{"n": [1, 1, [0, 1], {"0": 0}, 1, 1]}"#),
        ("xs[0] = 1", r#"{"n": [1, 1, [1], {"0": 0}, 1, 1]}"#),
        ("d[\"a\"] = 2", r#"{"n": [1, 1, [0], {"0": 0, "a": 2}, 1, 1]}"#),
        ("d.clear()", r#"{"n": [1, 1, [0], {}, 1, 1]}"#),
        ("A.n = 2", r#"{"n": [2, 2, [0], {"0": 0}, 1, 1]}"#),
        ("a.n = 2", r#"{"n": [1, 2, [0], {"0": 0}, 1, 1]}"#),
        ("f.n = 2", r#"{"n": [1, 1, [0], {"0": 0}, 2, 1]}"#),
        ("s.add(9)", r#"{"n": [1, 1, [0], {"0": 0}, 1, 2]}"#),
    ];
    let functions: Vec<(String, String)> = writes
        .iter()
        .enumerate()
        .map(|(at, (write, _))| {
            let body = format!(
                "class A:\n    n = 1\n\na = A()\nxs = [0]\nd = {{\"0\": 0}}\ns = {{1}}\n\ndef f():\n    pass\n\ndef main(args):\n    if args[\"x\"]:\n        {write}\n    return {{\"n\": [A.n, a.n, xs, d, getattr(f, \"n\", 1) if args.get(\"f\") else 1, len(s)]}}\n"
            );
            (format!("write{at}"), body)
        })
        .collect();
    let functions: Vec<(&str, &str)> = functions.iter().map(|(name, body)| (name.as_str(), body.as_str())).collect();
    let daemon = Daemon::with_options(&functions, &["--workers", "1"]);
    for ((name, _), (write, after)) in functions.iter().zip(writes) {
        daemon.invoke_until(name, r#"{"x": 0}"#, "native");
        for args in [r#"{"x": 1, "f": 1}"#, r#"{"x": 0, "f": 1}"#] {
            assert_eq!(daemon.invoke(name, args).body, after, "{write} {args}");
        }
    }
}

#[test]
fn a_version_that_keeps_bailing_out_is_retired() {
    // A complex result on every call after the first ones, which native code does not have.
    let source = "def main(args):\n    return {\"root\": str(args[\"x\"] ** 0.5)}\n";
    let daemon = Daemon::start(&[("power", source)]);
    daemon.invoke_until("power", r#"{"x": 3}"#, "native");
    daemon.wait_for("the action is pinned", |daemon| {
        let response = daemon.invoke("power", r#"{"x": -4}"#);
        assert_eq!(response.body, r#"{"root": "(1.2246467991473532e-16+2j)"}"#);
        daemon.state_of("power")["state"] == "pinned"
    });
    let reason = daemon.state_of("power")["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.contains("line 2"), "{reason}");
    assert_eq!(daemon.invoke("power", r#"{"x": 4}"#).body, r#"{"root": "2.0"}"#);
}

#[test]
fn a_type_that_only_a_method_meets_widens_too() {
    let source = "class Pair:\n    def __init__(self, x):\n        self.x = x\n\n    def double(self):\n        return self.x + self.x\n\ndef main(args):\n    pairs = [Pair(x) for x in args[\"xs\"]]\n    return {\"doubles\": [pair.double() for pair in pairs]}\n";
    let daemon = Daemon::start(&[("pairs", source)]);
    daemon.invoke_until("pairs", r#"{"xs": [2]}"#, "native");
    let args = r#"{"xs": [1, 2.5, "a", 9223372036854775807]}"#;
    let answer = r#"{"doubles": [2, 5.0, "aa", 18446744073709551614]}"#;
    assert_eq!(daemon.invoke("pairs", args).body, answer);
    assert_eq!(daemon.invoke_until("pairs", args, "native").body, answer);
}

#[test]
fn functions_outlive_the_traced_invocations_that_made_them() {
    let source = "KEPT = {}\n\nclass Box:\n    pass\n\ndef main(args):\n    if \"add\" not in KEPT:\n        def add(x):\n            return [y + 1 for y in [x] if y > 3]\n        def count():\n            for number in range(1000):\n                yield number\n        KEPT[\"add\"], KEPT[\"more\"] = add, lambda x: x + 2\n        KEPT[\"count\"] = count()\n    return {\"sum\": KEPT[\"add\"](args[\"x\"]), \"more\": KEPT[\"more\"](args[\"x\"]), \"count\": next(KEPT[\"count\"])}\n";
    let daemon = Daemon::start(&[("keeper", source)]);
    for number in 0..30 {
        let answer = daemon.invoke("keeper", r#"{"x": 7}"#);
        assert_eq!(answer.body, format!(r#"{{"sum": [8], "more": 9, "count": {number}}}"#));
    }
    assert_eq!(daemon.state_of("keeper")["state"], "pinned");
}

#[test]
fn ints_beyond_64_bits_become_native() {
    let source = "def main(args):\n    total = 1\n    for i in range(args[\"n\"]):\n        total = total * args[\"x\"]\n    return {\"power\": total}\n";
    let daemon = Daemon::start(&[("power", source)]);
    daemon.invoke_until("power", r#"{"x": 3, "n": 2}"#, "native");
    for (args, body) in [
        (r#"{"x": 4000000000, "n": 2}"#, r#"{"power": 16000000000000000000}"#),
        (r#"{"x": 123456789012345678901234567890, "n": 1}"#, r#"{"power": 123456789012345678901234567890}"#),
    ] {
        daemon.wait_for("the large ones are native", |daemon| {
            let answer = daemon.invoke("power", args);
            assert_eq!(answer.body, body);
            answer.tier.as_deref() == Some("native")
        });
    }
}

#[test]
fn the_rerun_of_a_bailout_sees_what_native_code_drew() {
    let coin = r#"
import random

def main(args):
    drawn = random.getrandbits(1)
    if drawn == 1:
        random.gauss(0, 1)
        return {"drawn": 1}
    return {"drawn": 0}
"#;
    let daemon = Daemon::with_options(&[("coin", coin)], &["--workers", "1"]);
    daemon.wait_for("native code draws", |daemon| daemon.invoke("coin", "{}").tier.as_deref() == Some("native"));
    let mut reruns = 0;
    for _ in 0..24 {
        let answer = daemon.invoke("coin", "{}");
        // Native code gets to `gauss`, which is CPython's, only where it drew 1; another draw would tell in half of the reruns.
        let body = if answer.tier.as_deref() == Some("native") { "{\"drawn\": 0}" } else { "{\"drawn\": 1}" };
        assert_eq!(answer.body, body);
        reruns += usize::from(answer.tier.as_deref() == Some("python"));
    }
    assert!(reruns > 0, "all 24 coins fell on one side");
}

#[test]
fn the_environment_is_the_invocations_own() {
    let shown = r#"
import os

def main(args):
    return {"id": os.environ["__OW_ACTIVATION_ID"], "name": os.getenv("__OW_ACTION_NAME"), "none": os.environ.get("NONE")}
"#;
    let writer = r#"
import os

def main(args):
    before = os.environ.get("MARK", "none")
    if "mark" in args:
        os.environ["MARK"] = args["mark"]
    return {"mark": before}
"#;
    // No name of the module leads to the environment.
    let inner = writer.replace("import os\n\n", "").replace("    before", "    import os as system\n    before");
    let inner = inner.replace("os.", "system.");
    let daemon = Daemon::with_options(&[("shown", shown), ("writer", writer), ("inner", &inner)], &["--workers", "1"]);
    daemon.wait_for("native code reads the environment", |daemon| {
        daemon.invoke("shown", "{}").tier.as_deref() == Some("native")
    });
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let record = daemon.activation("shown", "{}");
        let result = &record["response"]["result"];
        assert_eq!(result["id"], record["activationId"]);
        assert_eq!((&result["name"], &result["none"]), (&"/guest/shown".into(), &serde_json::Value::Null));
        assert!(seen.insert(result["id"].to_string()), "each has its own");
    }
    for name in ["writer", "inner"] {
        daemon.wait_for("native code reads it", |daemon| daemon.invoke(name, "{}").tier.as_deref() == Some("native"));
        assert_eq!(daemon.invoke(name, r#"{"mark": "x"}"#).body, r#"{"mark": "none"}"#);
        daemon.wait_for("what writes it stays in Python", |daemon| daemon.state_of(name)["state"] == "pinned");
        assert_eq!(daemon.invoke(name, "{}").body, r#"{"mark": "x"}"#);
        assert_eq!(daemon.state_of(name)["reason"], "module state changed: os.environ");
    }
}

#[test]
fn a_version_that_rested_is_loaded_again() {
    let source = "TABLE = {\"a\": [1, 2]}\n\ndef main(args):\n    return {\"sum\": sum(TABLE[\"a\"]) + args[\"x\"]}\n";
    let cache = tempfile::tempdir().unwrap();
    with_version(source, r#"{"x": 1}"#, cache.path(), |compiled, machine| {
        let run = || match compiled.run(machine.call(br#"{"x": 4}"#[..].into(), Duration::from_secs(60), 64 << 20)) {
            NativeOutcome::Done { result, .. } => String::from_utf8(result).unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(run(), r#"{"sum": 7}"#);
        assert!(compiled.used().is_some());
        compiled.rest();
        assert!(compiled.used().is_none());
        assert_eq!(run(), r#"{"sum": 7}"#);
        assert!(compiled.used().is_some());
        // Where the cache has lost it, it is compiled again.
        compiled.rest();
        std::fs::remove_dir_all(cache.path().join("compiled")).unwrap();
        assert_eq!(run(), r#"{"sum": 7}"#);
    });
}

#[test]
fn what_cannot_be_traced_says_so() {
    // The recorder's own name, with an index that it never has.
    let source = "_up_seen = {\"a\": 1}\n\ndef main(args):\n    try:\n        return {\"x\": _up_seen[args[\"k\"]]}\n    except KeyError:\n        return {\"x\": None}\n";
    let daemon = Daemon::start(&[("taken", source)]);
    for _ in 0..12 {
        assert_eq!(daemon.invoke("taken", r#"{"k": "a"}"#).body, r#"{"x": 1}"#);
    }
    let state = daemon.state_of("taken");
    assert_eq!(state["state"], "pinned");
    assert!(state["reason"].as_str().unwrap_or_default().contains("cannot be traced"), "{state}");
}
