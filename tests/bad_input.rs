//! What goes wrong, over HTTP: the message, the status, and that others are served meanwhile.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::{Daemon, UPSHIFT};

const ECHO: &str = "def main(args):\n    return args\n";

#[test]
fn bodies_that_are_no_object_run_nothing() {
    let daemon = Daemon::start(&[("echo", ECHO)]);
    for body in ["{", "[1]", "\"text\"", "{\"a\": }", "nope", "{\"a\": 1} x", "1"] {
        let response = daemon.invoke("echo", body);
        assert_eq!(response.status, 400, "{body}: {response:?}");
        let error = response.json();
        assert!(error["error"].as_str().is_some_and(|text| text.starts_with("The request content was malformed:\n")));
        assert!(error["code"].is_string());
    }
    assert_eq!(daemon.request("GET", "/api/v1/namespaces/_/activations", None).body, "[]");
    assert_eq!(daemon.invoke("echo", "").body, "{}");
}

#[test]
fn an_unknown_action_is_404() {
    let daemon = Daemon::start(&[]);
    let response = daemon.invoke("nobody", "{}");
    assert_eq!(response.status, 404);
    assert_eq!(response.json()["error"], "The requested resource does not exist.");
}

#[test]
fn a_syntax_error_is_refused_and_the_old_version_stays() {
    let daemon = Daemon::start(&[("echo", ECHO)]);
    let path = "/api/v1/namespaces/_/actions/posted?overwrite=true";
    let put = |code: &str| {
        let document = serde_json::json!({"exec": {"kind": "python:3", "code": code}});
        daemon.request("PUT", path, Some(&document.to_string()))
    };
    assert_eq!(put(ECHO).status, 200);
    let refused = put("def main(args):\n    return {\"x\": 1 +}\n");
    assert_eq!(refused.status, 400);
    let error = refused.json()["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains("line 2") && error.contains("^\nSyntaxError: invalid syntax"), "{error}");
    assert_eq!(daemon.invoke("posted", r#"{"a": 1}"#).body, r#"{"a": 1}"#);

    // The same in the folder: the edit is refused, the old version answers, and the dashboard says so.
    fs::write(daemon.functions.path().join("echo.py"), "def main(args)\n    return 1\n").unwrap();
    daemon.wait_for("the error shows", |daemon| {
        daemon.state_of("echo")["last_error"].as_str().is_some_and(|text| text.contains("expected ':'"))
    });
    assert_eq!(daemon.invoke("echo", r#"{"a": 1}"#).body, r#"{"a": 1}"#);
    fs::write(daemon.functions.path().join("echo.py"), "def main(args):\n    return {\"new\": True}\n").unwrap();
    daemon.wait_for("the mended edit is live", |daemon| daemon.invoke("echo", "{}").body == r#"{"new": true}"#);
}

#[test]
fn an_exception_is_the_same_in_both_tiers() {
    let source = "def inverse(x):\n    return 1 / x\n\n\ndef main(args):\n    print(\"start\")\n    return {\"inverse\": inverse(args[\"x\"])}\n";
    let daemon = Daemon::start(&[("inverse", source)]);
    let python = daemon.activation("inverse", r#"{"x": 0}"#);
    assert_eq!(daemon.invoke("inverse", r#"{"x": 0}"#).status, 502);
    assert_eq!(python["response"]["result"]["error"], "division by zero");
    assert_eq!(python["response"]["status"], "application error");
    let logs = |record: &serde_json::Value| -> Vec<String> {
        let lines = record["logs"].as_array().cloned().unwrap_or_default();
        // The time takes up the first 30 characters.
        lines.iter().filter_map(|line| line.as_str().map(|line| line[30..].trim().to_owned())).collect()
    };
    let expected = logs(&python);
    assert!(expected.iter().any(|line| line.contains("ZeroDivisionError: division by zero")), "{expected:?}");
    assert!(expected.iter().any(|line| line.contains("return 1 / x")), "{expected:?}");

    daemon.invoke_until("inverse", r#"{"x": 4}"#, "native");
    let native = daemon.activation("inverse", r#"{"x": 0}"#);
    assert_eq!(native["response"], python["response"]);
    assert_eq!(logs(&native), expected);
}

const ENDLESS: &str = "def main(args):\n    n = 0\n    while n < args[\"limit\"]:\n        n = n + args[\"step\"]\n    return {\"n\": n}\n";

#[test]
fn an_endless_loop_meets_the_time_limit_in_both_tiers() {
    let daemon = Daemon::with_options(&[("endless", ENDLESS), ("echo", ECHO)], &["--timeout", "1000"]);
    let endless = r#"{"limit": 10, "step": 0}"#;
    let stopped = |expected: &str| {
        let others = std::thread::scope(|scope| {
            let others = scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(200));
                let started = Instant::now();
                assert_eq!(daemon.invoke("echo", "{}").status, 200);
                started.elapsed()
            });
            let record = daemon.activation("endless", endless);
            assert_eq!(
                record["response"]["result"]["error"],
                "The action exceeded its time limits of 1000 milliseconds."
            );
            let tier = record["annotations"].as_array().unwrap().iter().find(|entry| entry["key"] == "tier").cloned();
            assert_eq!(tier.map(|entry| entry["value"].clone()), Some(expected.into()), "{record}");
            others.join().expect("others are served")
        });
        assert!(others.as_millis() < 800, "others waited {others:?}");
    };
    stopped("python");
    daemon.invoke_until("endless", r#"{"limit": 10, "step": 1}"#, "native");
    stopped("native");
    assert_eq!(daemon.invoke("endless", r#"{"limit": 10, "step": 1}"#).status, 200);
}

#[test]
fn endless_recursion_is_the_same_error_in_both_tiers() {
    let source = "def down(n):\n    if n == 0:\n        return 0\n    return down(n - 1) + 1\n\n\ndef main(args):\n    return {\"depth\": down(args[\"n\"])}\n";
    // Untraced: a traced comparison takes one more level of CPython's stack, which its message shows.
    let plain = Daemon::with_options(&[("down", source)], &["--threshold", "0"]);
    let python = plain.invoke("down", r#"{"n": -1}"#);
    let daemon = Daemon::start(&[("down", source)]);
    assert_eq!(python.status, 502);
    assert!(python.body.contains("maximum recursion depth exceeded"), "{}", python.body);
    daemon.invoke_until("down", r#"{"n": 50}"#, "native");
    assert_eq!(daemon.invoke("down", r#"{"n": -1}"#).body, python.body);
    // Deeper than native code goes, but not than CPython does.
    assert_eq!(daemon.invoke("down", r#"{"n": 980}"#).body, r#"{"depth": 980}"#);
}

#[test]
fn a_gigabyte_of_list_is_the_same_error_in_both_tiers() {
    let source = "def main(args):\n    xs = [0] * args[\"n\"]\n    return {\"len\": len(xs)}\n";
    let daemon = Daemon::start(&[("big", source)]);
    let python = daemon.invoke("big", r#"{"n": 134217728}"#);
    assert_eq!(python.status, 502);
    assert_eq!(python.json()["error"], "The action exhausted its memory and was aborted.");
    daemon.invoke_until("big", r#"{"n": 10}"#, "native");
    assert_eq!(daemon.invoke("big", r#"{"n": 134217728}"#).body, python.body);
    assert_eq!(daemon.invoke("big", r#"{"n": 10}"#).body, r#"{"len": 10}"#);
}

#[test]
fn a_worker_that_dies_costs_only_its_own_request() {
    let source =
        "import os\n\ndef main(args):\n    if args.get(\"die\"):\n        os._exit(3)\n    return {\"ok\": True}\n";
    let daemon = Daemon::start(&[("frail", source)]);
    let dead = daemon.invoke("frail", r#"{"die": true}"#);
    assert_eq!(dead.status, 502);
    assert_eq!(dead.json()["error"], "The action did not produce a valid response and exited unexpectedly.");
    assert_eq!(daemon.invoke("frail", "{}").body, r#"{"ok": true}"#);
}

#[test]
fn results_that_are_no_dict_or_list_are_developer_errors() {
    let source = "def main(args):\n    return args.get(\"result\")\n";
    let daemon = Daemon::start(&[("give", source)]);
    for args in ["{}", r#"{"result": 5}"#, r#"{"result": "text"}"#] {
        let record = daemon.activation("give", args);
        assert_eq!(record["response"]["status"], "action developer error", "{record}");
        assert_eq!(record["response"]["result"]["error"], "The action did not return a dictionary or array.");
        assert_eq!(daemon.invoke("give", args).status, 502);
    }
    daemon.invoke_until("give", r#"{"result": {"a": [1]}}"#, "native");
    assert_eq!(daemon.invoke("give", "{}").json()["error"], "The action did not return a dictionary or array.");
    assert_eq!(daemon.invoke("give", r#"{"result": [1]}"#).body, "[1]");
}

#[test]
fn kill_9_loses_no_acknowledged_deployment() {
    let mut daemon = Daemon::start(&[]);
    for i in 0..5 {
        let code = format!("def main(args):\n    return {{\"i\": {i}}}\n");
        let document = serde_json::json!({"exec": {"kind": "python:3", "code": code}});
        let path = format!("/api/v1/namespaces/_/actions/kept{i}");
        assert_eq!(daemon.request("PUT", &path, Some(&document.to_string())).status, 200);
    }
    daemon.kill_and_restart();
    for i in 0..5 {
        assert_eq!(daemon.invoke(&format!("kept{i}"), "{}").body, format!("{{\"i\": {i}}}"));
    }
    assert!(daemon.pid() > 0);
}

fn serve(arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let output = Command::new(UPSHIFT)
        .arg("serve")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("upshift can be started");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), text.lines().map(ToOwned::to_owned).collect())
}

#[test]
fn a_state_directory_that_cannot_be_written_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no directory").unwrap();
    let state = file.join("state");
    let (status, lines) = serve(&["--listen", "127.0.0.1:0", "--state", state.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("state"), "{lines:?}");
}

#[test]
fn a_taken_port_is_one_clear_line() {
    let daemon = Daemon::start(&[]);
    let state = tempfile::tempdir().unwrap();
    let (status, lines) = serve(&["--listen", daemon.address(), "--state", state.path().to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("cannot listen on") && lines[0].contains("--listen"), "{lines:?}");
}
