//! Documents that are a little different from what the clients send, as OpenWhisk's deserialisers read them.

use serde_json::{Value, json};

use crate::contract::{Answer, Client, OWN};
use crate::support::Daemon;

const CODE: &str = "def main(args):\n    return args\n";

fn put(client: &Client, path: &str, document: &Value) -> Answer {
    client.send("PUT", &format!("{OWN}/{path}?overwrite=true"), Some(&document.to_string()))
}

/// `Exec.serdes`: kinds are trimmed, and their case says nothing.
#[test]
fn kinds_are_trimmed_and_in_any_case() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    for kind in ["python:3", " Python:3\n", "PYTHON:DEFAULT"] {
        let document = put(&client, "actions/hello", &json!({"exec": {"kind": kind, "code": CODE}})).ok();
        assert_eq!(document["exec"]["kind"], "python:3");
    }
}

/// `SemVer`: what is missing is 0, and not everything can be.
#[test]
fn versions_may_be_short() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    let version = |path: &str, version: &str| {
        put(&client, path, &json!({"exec": {"kind": "python:3", "code": CODE}, "version": version}))
    };
    for path in ["actions/hello", "packages/tools", "triggers/morning"] {
        for (short, long) in [("1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("4", "4.0.0")] {
            assert_eq!(version(path, short).ok()["version"], long);
        }
        assert_eq!(put(&client, path, &json!({})).ok()["version"], "4.0.1");
        for wrong in ["0.0.0", "x", "1.-2.3"] {
            let refused = version(path, wrong);
            assert_eq!(refused.status, 400, "{wrong}: {refused:?}");
            assert!(refused.error().starts_with("The request content was malformed:\n"), "{refused:?}");
        }
        assert_eq!(client.send("GET", &format!("{OWN}/{path}"), None).ok()["version"], "4.0.1");
    }
}

/// spray's `Option`: null is as good as nothing.
#[test]
fn null_is_as_good_as_nothing() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    for path in ["actions/hello", "packages/tools", "triggers/morning"] {
        let full = json!({
            "exec": {"kind": "python:3", "code": CODE}, "publish": true,
            "parameters": [{"key": "a", "value": null}], "annotations": [{"key": "b", "value": 1}],
        });
        let before = put(&client, path, &full).ok();
        let null = json!({
            "exec": null, "parameters": null, "annotations": null, "delAnnotations": null, "limits": null,
            "version": null, "publish": null,
        });
        let after = put(&client, path, &null).ok();
        assert_eq!(after["version"], "0.0.2");
        for member in ["parameters", "annotations", "publish", "exec", "limits"] {
            assert_eq!(after[member], before[member], "{member} of {path}");
        }
    }
    let rule = json!({"trigger": "/_/morning", "action": "/_/hello", "annotations": null, "version": null});
    put(&client, "rules/greet", &rule).ok();
    let same = put(&client, "rules/greet", &json!({"trigger": null, "action": null, "publish": null})).ok();
    assert_eq!((&same["version"], &same["action"]["name"]), (&json!("0.0.2"), &json!("hello")));
}

/// `TimeLimit`, `MemoryLimit`, `LogLimit`: numbers that are whole, however they are written.
#[test]
fn limits_are_whole_numbers() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    let limits = |limits: &str| {
        let exec = json!({"kind": "python:3", "code": CODE});
        let document = format!("{{\"exec\": {exec}, \"limits\": {limits}}}");
        client.send("PUT", &format!("{OWN}/actions/hello?overwrite=true"), Some(&document))
    };
    let whole = limits(r#"{"timeout": 2e3, "memory": 128.0, "logs": 1}"#).ok();
    let [timeout, memory, logs] = ["timeout", "memory", "logs"].map(|limit| whole["limits"][limit].as_f64());
    assert_eq!((timeout, memory, logs), (Some(2000.0), Some(128.0), Some(1.0)));
    for broken in [r#"{"timeout": 2000.5}"#, r#"{"memory": "256"}"#, r#"{"logs": true}"#] {
        assert_eq!(limits(broken).status, 400, "{broken}");
    }
}

/// `FullyQualifiedEntityName.serdes`: with or without a slash at the beginning, or as the answers have it.
#[test]
fn names_have_three_forms() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    put(&client, "actions/hello", &json!({"exec": {"kind": "python:3", "code": CODE}})).ok();
    put(&client, "triggers/morning", &json!({})).ok();
    let name = |name: &str| {
        [json!(format!("/_/{name}")), json!(format!("guest/{name}")), json!({"path": "guest", "name": name})]
    };
    for (trigger, action) in name("morning").into_iter().zip(name("hello")) {
        let rule = put(&client, "rules/greet", &json!({"trigger": trigger, "action": action})).ok();
        assert_eq!(rule["action"], json!({"path": "guest", "name": "hello"}));
        assert_eq!(rule["trigger"], json!({"path": "guest", "name": "morning"}));
        let sequence = put(&client, "actions/seq", &json!({"exec": {"kind": "sequence", "components": [action]}})).ok();
        assert_eq!(sequence["exec"]["components"], json!(["/guest/hello"]));
    }
}

/// `Parameters.serdes`: of two with the same key, the latter is meant; a key alone is no parameter.
#[test]
fn parameters_have_keys_and_values() {
    let daemon = Daemon::start(&[]);
    let client = Client::new(&daemon);
    let with = |parameters: Value| {
        put(&client, "actions/hello", &json!({"exec": {"kind": "python:3", "code": CODE}, "parameters": parameters}))
    };
    let twice = with(json!([{"key": "a", "value": 1}, {"key": "a", "value": 2}])).ok();
    assert_eq!(twice["parameters"], json!([{"key": "a", "value": 2}]));
    for wrong in
        [json!([{"key": "a"}]), json!([{"value": 1}]), json!([1]), json!({"a": 1}), json!([{"key": 1, "value": 1}])]
    {
        let refused = with(wrong.clone());
        assert_eq!(refused.status, 400, "{wrong}: {refused:?}");
        assert!(refused.error().starts_with("The request content was malformed:\n"), "{refused:?}");
    }
}
