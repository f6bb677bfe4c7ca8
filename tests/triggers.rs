//! Triggers and rules over HTTP: what a firing invokes, and what it leaves.

use serde_json::{Value, json};

use crate::support::{Daemon, Response};

const KEEP: &str = "def main(args):\n    args['__ow_headers'] = sorted(args['__ow_headers'])[:0]\n    return args";

fn at(path: &str) -> String {
    format!("/api/v1/namespaces/_/{path}")
}

fn put(daemon: &Daemon, path: &str, body: &Value) -> Response {
    daemon.request("PUT", &at(path), Some(&body.to_string()))
}

fn record(daemon: &Daemon, id: &str) -> Value {
    let path = at(&format!("activations/{id}"));
    daemon.wait_for("a record", |daemon| daemon.request("GET", &path, None).status == 200);
    daemon.request("GET", &path, None).json()
}

#[test]
fn a_firing_invokes_the_action_of_each_active_rule() {
    let daemon = Daemon::start(&[("keep", KEEP)]);
    assert_eq!(
        put(&daemon, "triggers/t", &json!({"parameters": [{"key": "a", "value": 1}, {"key": "b", "value": 2}]})).status,
        200
    );
    assert_eq!(daemon.request("POST", &at("triggers/t"), Some("{}")).status, 204, "no rule yet");
    for rule in ["on", "off"] {
        let answer =
            put(&daemon, &format!("rules/{rule}"), &json!({"trigger": "/_/t", "action": "/_/keep", "status": ""}));
        assert_eq!((answer.status, &answer.json()["status"]), (200, &"active".into()), "{}", answer.body);
    }
    let off = json!({"status": "inactive", "trigger": null, "action": null}).to_string();
    let switched = daemon.request("POST", &at("rules/off"), Some(&off));
    assert_eq!((switched.status, switched.body.as_str()), (200, ""));
    let shown = daemon.request("GET", &at("triggers/t"), None).json();
    let link = json!({"action": {"path": "guest", "name": "keep"}, "status": "inactive"});
    assert_eq!(shown["rules"]["guest/off"], link);

    let fired =
        daemon.request("POST", &at("triggers/t"), Some(r#"{"b": 123456789012345678901234567890, "c": [2.50]}"#));
    assert_eq!(fired.status, 202, "{}", fired.body);
    let event = record(&daemon, fired.json()["activationId"].as_str().unwrap());
    assert!(event.get("end").is_none() && event.get("duration").is_none());
    let outcomes: Vec<Value> = event["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| serde_json::from_str(line.as_str().unwrap()).unwrap())
        .collect();
    let [off, on] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!(
        (&off["success"], &off["error"]),
        (&false.into(), &"Rule 'guest/off' is inactive, action 'guest/keep' was not activated.".into())
    );
    assert_eq!((&on["rule"], &on["action"], &on["success"]), (&"guest/on".into(), &"guest/keep".into(), &true.into()));
    let path = at(&format!("activations/{}/result", on["activationId"].as_str().unwrap()));
    record(&daemon, on["activationId"].as_str().unwrap());
    let result = daemon.request("GET", &path, None).body;
    assert!(
        result.contains(r#"{"a": 1, "__ow_headers": [], "b": 123456789012345678901234567890, "c": [2.5]}"#),
        "{result}"
    );
}

#[test]
fn rules_follow_their_triggers_and_actions() {
    let mut daemon = Daemon::start(&[("keep", KEEP)]);
    put(&daemon, "triggers/t", &json!({}));
    let message = |answer: Response| (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned());
    let rule = |trigger: &str, action: &str| {
        put(&daemon, "rules/r?overwrite=true", &json!({"trigger": trigger, "action": action}))
    };
    assert_eq!(message(rule("/_/none", "/_/keep")), (400, "trigger /guest/none does not exist".into()));
    assert_eq!(message(rule("/_/t", "/_/none")), (400, "action /guest/none does not exist".into()));
    assert_eq!(
        message(put(&daemon, "rules/r", &json!({}))),
        (400, "rule requires a valid trigger and a valid action".into())
    );
    assert_eq!(rule("/_/t", "/guest/keep").status, 200);
    assert_eq!(
        message(put(&daemon, "rules/r", &json!({"trigger": "/_/t", "action": "/_/keep"}))),
        (409, "resource already exists".into())
    );
    assert_eq!(rule("/_/t", "/guest/keep").json()["version"], "0.0.2");

    daemon.request("DELETE", &at("triggers/t"), None);
    assert_eq!(daemon.request("GET", &at("rules/r"), None).json()["status"], "inactive");
    let on = daemon.request("POST", &at("rules/r"), Some(r#"{"status":"active"}"#));
    assert_eq!(message(on), (404, "Only rules with existing triggers can be activated".into()));
    put(&daemon, "triggers/t", &json!({}));
    assert_eq!(daemon.request("POST", &at("rules/r"), Some(r#"{"status":"active"}"#)).status, 200);
    daemon.kill_and_restart();
    let kept = daemon.request("GET", &at("rules/r"), None).json();
    assert_eq!((&kept["status"], &kept["trigger"]), (&"active".into(), &json!({"path": "guest", "name": "t"})));
    assert!(daemon.request("GET", &at("rules"), None).json()[0].get("status").is_none());
    assert_eq!(daemon.request("DELETE", &at("rules/r"), None).json()["status"], "inactive");
    assert_eq!(daemon.request("GET", &at("rules?count=true"), None).body, r#"{"rules":0}"#);
}
