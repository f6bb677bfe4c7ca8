//! Limits of a daemon: configured, enforced, with the contract's messages.

use std::fs;

use serde_json::json;

use crate::support::{Daemon, Response};

const ECHO: &str = "def main(args):\n    return args";

fn error(answer: &Response) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn sizes_are_configured() {
    let options = ["--max-payload", "2000000", "--max-result", "100", "--max-code", "200", "--max-parameters", "50"];
    let daemon = Daemon::with_options(&[("echo", ECHO)], &options);
    let large = json!({ "x": "y".repeat(1_500_000) }).to_string();
    let answer = daemon.invoke("echo", &large);
    assert!(answer.body.contains("exceeded the allowed length: 1500009 > 100 bytes"), "{:.300}", answer.body);
    let put =
        |body: serde_json::Value| daemon.request("PUT", "/api/v1/namespaces/_/actions/a", Some(&body.to_string()));
    let code = put(json!({"exec": {"kind": "python:3", "code": "#".repeat(201)}}));
    assert_eq!(error(&code), (413, "exec larger than allowed: 201 > 200 bytes.".into()));
    let parameters =
        put(json!({"exec": {"kind": "python:3", "code": ECHO}, "parameters": [{"key": "p", "value": "v".repeat(60)}]}));
    assert_eq!(error(&parameters), (413, "parameters larger than allowed: 63 > 50 bytes.".into()));
    let info = daemon.request("GET", "/", None).json();
    assert_eq!(info["limits"]["max_payload"], 2_000_000);
}

#[test]
fn invocations_are_counted_a_minute_where_they_are_limited() {
    let daemon = Daemon::with_options(
        &[("echo", ECHO)],
        &["--invocations-per-minute", "3", "--max-timeout", "1000", "--timeout", "1000"],
    );
    let answers: Vec<_> = (0..12).map(|_| daemon.invoke("echo", "{}")).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    // A minute may have ended in between.
    assert!(refused.len() >= 6, "{}", refused.len());
    assert_eq!(error(refused[0]), (429, "Too many requests in the last minute (count: 4, allowed: 3).".into()));
    let limit = json!({"exec": {"kind": "python:3", "code": ECHO}, "limits": {"timeout": 1001}}).to_string();
    let put = daemon.request("PUT", "/api/v1/namespaces/_/actions/a", Some(&limit));
    assert_eq!(error(&put), (400, "duration 1001 milliseconds exceeds allowed threshold of 1000 milliseconds".into()));
    let limits = daemon.request("GET", "/api/v1/namespaces/_/limits", None).json();
    assert_eq!((&limits["invocationsPerMinute"], &limits["maxActionTimeout"]), (&3.into(), &1000.into()));
}

#[test]
fn options_can_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("upshift.toml"), "threshold = \"many\"\n").unwrap();
    let run =
        std::process::Command::new(crate::support::UPSHIFT).arg("serve").current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("--threshold") && said.contains("many"), "{said}");
    fs::write(folder.path().join("upshift.toml"), "threshold = [\n").unwrap();
    let run =
        std::process::Command::new(crate::support::UPSHIFT).arg("serve").current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.starts_with("upshift: upshift.toml cannot be used; correct it, or remove it"), "{said}");
    assert_eq!(run.status.code(), Some(1));
}

#[test]
fn many_at_once_are_refused_beyond_the_limit() {
    let slow = "import time\ndef main(args):\n    time.sleep(2)\n    return {}";
    let daemon = Daemon::with_options(&[("slow", slow)], &["--concurrent", "1"]);
    let first = daemon.request("POST", "/api/v1/namespaces/_/actions/slow", None);
    assert_eq!(first.status, 202);
    let second = daemon.invoke("slow", "{}");
    assert_eq!(error(&second), (429, "Too many concurrent requests in flight (count: 2, allowed: 1).".into()));
    daemon.wait_for("the first one's end", |daemon| {
        let id = first.json()["activationId"].as_str().unwrap().to_owned();
        daemon.request("GET", &format!("/api/v1/namespaces/_/activations/{id}"), None).status == 200
    });
    assert_eq!(daemon.invoke("slow", "{}").status, 200);
}
