//! The API of OpenWhisk's contract as far as it is served: roots, documents, lists, records.

use serde_json::{Value, json};

use crate::support::Daemon;

const HELLO: &str = "def main(args):\n    print(\"hi\")\n    return {\"hello\": args.get(\"name\", \"you\")}\n";
const ACTIONS: &str = "/api/v1/namespaces/_/actions";

fn put(daemon: &Daemon, name: &str, query: &str, code: &str) -> (u16, Value) {
    let document =
        json!({"exec": {"kind": "python:default", "code": code}, "parameters": [{"key": "name", "value": "Bo"}]});
    let response = daemon.request("PUT", &format!("{ACTIONS}/{name}{query}"), Some(&document.to_string()));
    (response.status, response.json())
}

#[test]
fn actions_are_put_got_listed_and_deleted() {
    let daemon = Daemon::start(&[]);
    assert_eq!(daemon.request("GET", "/ping", None).body, "pong");
    let (status, document) = put(&daemon, "hello", "", HELLO);
    assert_eq!(status, 200);
    assert_eq!(document["version"], "0.0.1");
    assert_eq!(document["namespace"], "guest");
    let (status, conflict) = put(&daemon, "hello", "", HELLO);
    assert_eq!((status, &conflict["error"]), (409, &json!("resource already exists")));
    let (status, updated) = put(&daemon, "hello", "?overwrite=true", HELLO);
    assert_eq!((status, &updated["version"]), (200, &json!("0.0.2")));

    let got = daemon.request("GET", &format!("{ACTIONS}/hello"), None).json();
    assert_eq!(got["exec"]["code"], HELLO);
    let got = daemon.request("GET", &format!("{ACTIONS}/hello?code=false"), None).json();
    assert!(got["exec"].get("code").is_none(), "{got}");
    let list = daemon.request("GET", ACTIONS, None).json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["name"], "hello");

    assert_eq!(daemon.invoke("hello", "{}").body, r#"{"hello": "Bo"}"#);
    assert_eq!(daemon.invoke("hello", r#"{"name": "Al"}"#).body, r#"{"hello": "Al"}"#);
    assert_eq!(daemon.request("DELETE", &format!("{ACTIONS}/hello"), None).status, 200);
    assert_eq!(daemon.invoke("hello", "{}").status, 404);
}

#[test]
fn activations_are_recorded() {
    let daemon = Daemon::start(&[("hello", HELLO)]);
    let record = daemon.activation("hello", r#"{"name": "Al"}"#);
    let id = record["activationId"].as_str().expect("an id").to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!(record["response"]["status"], "success");
    assert_eq!(record["response"]["result"], json!({"hello": "Al"}));
    let path = format!("/api/v1/namespaces/_/activations/{id}");
    daemon.wait_for("the record", |daemon| daemon.request("GET", &path, None).status == 200);
    assert_eq!(daemon.request("GET", &path, None).json()["activationId"], id.as_str());
    assert_eq!(daemon.request("GET", &format!("{path}/result"), None).json()["result"], json!({"hello": "Al"}));
    let logs = daemon.request("GET", &format!("{path}/logs"), None).json();
    assert!(logs["logs"][0].as_str().is_some_and(|line| line.ends_with("stdout: hi")), "{logs}");
    let list = daemon.request("GET", "/api/v1/namespaces/_/activations", None).json();
    assert_eq!(list[0]["activationId"], id.as_str());
    assert_eq!(list[0]["statusCode"], 0);

    let accepted = daemon.request("POST", &format!("{ACTIONS}/hello"), Some("{}"));
    assert_eq!(accepted.status, 202);
    let id = accepted.json()["activationId"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/namespaces/_/activations/{id}");
    daemon.wait_for("the non-blocking record", |daemon| daemon.request("GET", &path, None).status == 200);
    let short = daemon.request("GET", "/api/v1/namespaces/_/activations/abc", None);
    assert_eq!((short.status, &short.json()["error"]), (400, &json!("Activation id length is 3 but must be 32.")));
}

#[test]
fn arguments_reach_the_function_as_cpython_reads_them() {
    let source = "def main(args):\n    return {\"r\": repr(args)}\n";
    let daemon = Daemon::start(&[("show", source)]);
    for (body, expected) in [
        (r#"{"b": 1, "a": 2, "b": 3}"#, "{'b': 3, 'a': 2}"),
        (r#"{"x": [1e999, -1E400, NaN, 1.0, -0.0]}"#, "{'x': [inf, -inf, nan, 1.0, -0.0]}"),
        (r#"{"x": "\ud800"}"#, r"{'x': '\ud800'}"),
        (r#"{"x": 123456789012345678901234567890}"#, "{'x': 123456789012345678901234567890}"),
    ] {
        let response = daemon.invoke("show", body);
        assert_eq!(response.json()["r"], expected, "{body}");
    }
}

#[test]
fn variables_of_the_action_are_there_when_its_module_is_loaded() {
    let mut daemon = Daemon::start(&[]);
    let source = "import os\n\nSIZE = int(os.environ[\"SIZE\"])\n\n\ndef main(args):\n    return {\"size\": SIZE + args[\"n\"]}\n";
    for size in [3, 40] {
        let parameters = json!([{"key": "SIZE", "value": size.to_string(), "init": true}]);
        let document = json!({"exec": {"kind": "python:3", "code": source}, "parameters": parameters});
        let path = format!("{ACTIONS}/sized?overwrite=true");
        assert_eq!(daemon.request("PUT", &path, Some(&document.to_string())).status, 200);
        let answer = daemon.invoke_until("sized", "{\"n\": 1}", "native");
        assert_eq!(answer.json(), json!({"size": size + 1}));
    }
    daemon.kill_and_restart();
    assert_eq!(daemon.invoke_until("sized", "{\"n\": 1}", "native").json(), json!({"size": 41}));
}

#[test]
fn an_edit_in_the_folder_starts_anew() {
    let daemon = Daemon::start(&[("hello", HELLO)]);
    daemon.invoke_until("hello", "{}", "native");
    std::fs::write(daemon.functions.path().join("hello.py"), "def main(args):\n    return {\"v\": 2}\n").unwrap();
    daemon.wait_for("the edit", |daemon| daemon.invoke("hello", "{}").body == r#"{"v": 2}"#);
    daemon.invoke_until("hello", "{}", "native");
    std::fs::remove_file(daemon.functions.path().join("hello.py")).unwrap();
    daemon.wait_for("the removal", |daemon| daemon.invoke("hello", "{}").status == 404);
}

const FILES: &str = r#"
import os
import tempfile

kept = None


def main(args):
    global kept
    if kept is None:
        handle, kept = tempfile.mkstemp()
        os.write(handle, b"once")
        os.close(handle)
    with open(kept) as file:
        return {"folder": tempfile.gettempdir(), "text": file.read(), "mode": os.stat(tempfile.gettempdir()).st_mode & 0o777}
"#;

#[test]
fn temporary_files_are_an_actions_own_and_go_with_it() {
    let daemon = Daemon::start(&[("files", FILES), ("other", FILES)]);
    let folder = |name: &str| {
        let answer = daemon.invoke(name, "{}").json();
        assert_eq!((&answer["text"], &answer["mode"]), (&json!("once"), &json!(0o700)), "{answer}");
        std::path::PathBuf::from(answer["folder"].as_str().expect("a path"))
    };
    let (own, other) = (folder("files"), folder("other"));
    assert!(own != other && own.is_dir() && other.is_dir(), "{own:?} {other:?}");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // Whichever worker has the module's state next, the file that it tells of is there.
            scope.spawn(|| (0..10).for_each(|_| assert_eq!(folder("files"), own)));
        }
    });
    std::fs::remove_file(daemon.functions.path().join("files.py")).unwrap();
    daemon.wait_for("the removal", |_| !own.exists());
    assert!(other.is_dir() && folder("other") == other);
}

/// Logs, prints to both streams, and counts how often it did.
const LOGS: &str = r#"
import logging
import sys

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
count = 0


def main(args):
    global count
    count += 1
    logging.info("call %d", count)
    print("printed", count)
    print("and to stderr", file=sys.stderr)
    if args.get("quiet") is not None:
        logging.getLogger().setLevel(logging.ERROR if args["quiet"] else logging.INFO)
    return {"count": count, "half": 10 / args.get("by", 2)}
"#;

#[test]
fn both_streams_are_in_the_record_whatever_the_tier() {
    let daemon = Daemon::start(&[("logs", LOGS)]);
    let mut quiet = false;
    let mut tiers = std::collections::BTreeSet::new();
    for count in 1..60 {
        let args = match count {
            20 | 40 => json!({"quiet": true}),
            // The first time it goes loud again in CPython, where 0 has no half.
            30 => json!({"quiet": false, "by": 0}),
            35 | 50 => json!({"quiet": false}),
            _ => json!({}),
        };
        if count == 18 {
            daemon.wait_for("native code", |daemon| daemon.state_of("logs")["state"] == "native");
        }
        let record = daemon.activation("logs", &args.to_string());
        tiers.insert(
            record["annotations"].as_array().unwrap().iter().find(|one| one["key"] == "tier").unwrap()["value"]
                .to_string(),
        );
        let logs = record["logs"].as_array().unwrap();
        let lines: Vec<String> = logs.iter().map(|line| line.as_str().unwrap()[31..].to_owned()).collect();
        let mut expected = Vec::new();
        if !quiet {
            expected.push(format!("stderr: INFO call {count}"));
        }
        expected.extend([format!("stdout: printed {count}"), "stderr: and to stderr".to_owned()]);
        if let Some(now) = args.get("quiet") {
            quiet = *now == json!(true);
        }
        assert_eq!(lines[..expected.len()], expected, "call {count}: {lines:?}");
        assert_eq!(lines.len() > expected.len(), count == 30, "a traceback where it fails: {lines:?}");
    }
    assert!(tiers.contains("\"native\"") && tiers.contains("\"python\""), "{tiers:?}");
}
