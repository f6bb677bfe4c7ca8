//! Sequences: results handed on, failures that end them, records of the whole and of its parts.

use serde_json::{Value, json};

use crate::support::Daemon;

const ADD: &str =
    "def main(args):\n    args['n'] = args.get('n', 0) + args['step']\n    print(args['n'])\n    return args";
const ITEMS: &str = "def main(args):\n    return [args['n'], args['n'] + 1]";
const TOTAL: &str = "def main(args):\n    return {'total': sum(args)}";
const FAIL: &str = "def main(args):\n    return {'error': 'enough'}";

fn daemon() -> Daemon {
    let daemon = Daemon::start(&[("items", ITEMS), ("total", TOTAL), ("fail", FAIL)]);
    daemon.deploy("one", ADD, json!({"parameters": [{"key": "step", "value": 1}]}));
    daemon.deploy("ten", ADD, json!({"parameters": [{"key": "step", "value": 10}]}));
    daemon
}

fn sequence(daemon: &Daemon, name: &str, components: &[&str]) -> crate::support::Response {
    let components: Vec<String> = components.iter().map(|name| format!("/_/{name}")).collect();
    let document = json!({"exec": {"kind": "sequence", "components": components}});
    let path = format!("/api/v1/namespaces/_/actions/{name}?overwrite=true");
    daemon.request("PUT", &path, Some(&document.to_string()))
}

fn annotation<'a>(record: &'a Value, key: &str) -> &'a Value {
    let list = record["annotations"].as_array().unwrap();
    list.iter().find(|annotation| annotation["key"] == key).map_or(&Value::Null, |annotation| &annotation["value"])
}

#[test]
fn results_are_handed_on_and_every_part_has_its_record() {
    let daemon = daemon();
    let document = sequence(&daemon, "inner", &["one", "one"]).json();
    assert_eq!(document["exec"], json!({"kind": "sequence", "components": ["/guest/one", "/guest/one"]}));
    assert_eq!(document["parameters"], json!([{"key": "_actions", "value": ["/guest/one", "/guest/one"]}]));
    assert_eq!(sequence(&daemon, "outer", &["ten", "inner", "items", "total"]).status, 200);

    let answer = daemon.invoke("outer", r#"{"n": 100}"#);
    // A member of what a part is given wins over its own parameter, so every step is of ten.
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"total": 261}"#));
    let record = daemon.activation("outer", r#"{"n": 0}"#);
    assert_eq!(record["response"]["result"], json!({"total": 61}));
    assert_eq!((annotation(&record, "kind"), annotation(&record, "topmost")), (&"sequence".into(), &true.into()));
    let parts: Vec<String> = serde_json::from_value(record["logs"].clone()).unwrap();
    assert_eq!(parts.len(), 4);
    let part = |id: &str| daemon.request("GET", &format!("/api/v1/namespaces/_/activations/{id}"), None).json();
    let first = part(&parts[0]);
    assert_eq!((&first["name"], &first["cause"]), (&"ten".into(), &record["activationId"]));
    assert_eq!(annotation(&first, "causedBy"), "sequence");
    let inner = part(&parts[1]);
    assert_eq!((annotation(&inner, "topmost"), inner["logs"].as_array().unwrap().len()), (&false.into(), 2));
    let took: u64 = parts.iter().map(|id| part(id)["duration"].as_u64().unwrap()).sum();
    assert_eq!(record["duration"], took);
}

#[test]
fn an_error_ends_a_sequence() {
    let daemon = daemon();
    sequence(&daemon, "stops", &["one", "fail", "one"]);
    let record = daemon.activation("stops", "{}");
    assert_eq!(record["response"]["result"], json!({"error": "enough"}));
    assert_eq!(
        (&record["response"]["status"], record["logs"].as_array().unwrap().len()),
        (&"application error".into(), 2)
    );
    assert_eq!(daemon.invoke("stops", "{}").status, 502);

    sequence(&daemon, "later", &["one", "total"]);
    daemon.request("DELETE", "/api/v1/namespaces/_/actions/one", None);
    let gone = daemon.invoke("later", "{}");
    assert_eq!((gone.status, gone.body.as_str()), (502, r#"{"error":"Sequence component does not exist."}"#));
}

#[test]
fn what_is_no_sequence_is_refused() {
    let daemon = daemon();
    let refused = |name: &str, components: &[&str]| {
        let answer = sequence(&daemon, name, components);
        (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(refused("none", &[]), (400, "No component specified for the sequence.".into()));
    assert_eq!(refused("gone", &["one", "nothing"]), (400, "Sequence component does not exist.".into()));
    let long = vec!["one"; 51];
    assert_eq!(refused("long", &long), (400, "Too many actions in the sequence.".into()));
    assert_eq!(sequence(&daemon, "half", &vec!["one"; 26]).status, 200);
    assert_eq!(refused("twice", &["half", "half"]), (400, "Too many actions in the sequence.".into()));
    assert_eq!(sequence(&daemon, "round", &["half"]).status, 200);
    assert_eq!(refused("half", &["round"]), (400, "Sequence may not refer to itself.".into()));
}
