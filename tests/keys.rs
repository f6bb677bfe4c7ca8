//! Who may ask: keys of namespaces, the guest on this machine, TLS.

use std::fs;
use std::process::Command;

use base64::Engine;
use serde_json::json;

use crate::support::{Daemon, UPSHIFT};

const GUEST: &str =
    "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP";
const HELLO: &str = "def main(args):\n    return {'hello': args.get('name', 'you')}";

fn key(daemon: &Daemon, arguments: &[&str]) -> String {
    let run =
        Command::new(UPSHIFT).arg("key").args(arguments).arg("--state").arg(daemon.state.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap().trim().to_owned()
}

fn basic(key: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(key))
}

fn ask(daemon: &Daemon, key: &str, method: &str, path: &str, body: &str) -> crate::support::Response {
    daemon.send(method, &format!("/api/v1/namespaces{path}"), &[("authorization", &basic(key))], body)
}

#[test]
fn keys_are_made_and_revoked_while_the_daemon_runs() {
    let daemon = Daemon::with_options(&[("hello", HELLO)], &["--require-key"]);
    let refused = daemon.request("GET", "/api/v1/namespaces", None);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"OpenWhisk secure realm\""));
    assert_eq!(daemon.request("GET", "/dashboard", None).status, 401);
    assert_eq!(ask(&daemon, GUEST, "GET", "", "").body, "[\"guest\"]");

    let acme = key(&daemon, &["create", "acme"]);
    assert_eq!(ask(&daemon, &acme, "GET", "", "").body, "[\"acme\"]");
    let listed = key(&daemon, &["list"]);
    let (uuid, secret) = acme.split_once(':').unwrap();
    assert!(listed.contains(uuid) && listed.contains("acme") && !listed.contains(secret));
    assert_eq!(ask(&daemon, &format!("{uuid}:{}", "x".repeat(64)), "GET", "", "").status, 401);

    key(&daemon, &["revoke", uuid]);
    assert_eq!(ask(&daemon, &acme, "GET", "", "").status, 401);
    let state = fs::read_to_string(daemon.state.path().join("keys.json")).unwrap();
    assert!(!state.contains(secret));
}

#[test]
fn namespaces_have_their_own_actions_and_records() {
    let daemon = Daemon::start(&[("hello", HELLO)]);
    let acme = key(&daemon, &["create", "acme"]);
    let put = json!({"exec": {"kind": "python:3", "code": "def main(args):\n    return {'ns': __import__('os').environ['__OW_NAMESPACE']}"}});
    assert_eq!(ask(&daemon, &acme, "PUT", "/_/actions/hello", &put.to_string()).status, 200);
    assert_eq!(ask(&daemon, &acme, "POST", "/_/actions/hello?blocking=true&result=true", "").body, r#"{"ns": "acme"}"#);
    assert_eq!(daemon.invoke("hello", "").body, r#"{"hello": "you"}"#);
    let other = ask(&daemon, &acme, "POST", "/guest/actions/hello?blocking=true", "");
    assert_eq!(other.status, 403);
    assert_eq!(other.json()["error"], "The supplied authentication is not authorized to access 'guest/hello'.");

    let records = ask(&daemon, &acme, "GET", "/_/activations", "").json();
    assert_eq!((records.as_array().unwrap().len(), &records[0]["namespace"]), (1, &"acme".into()));
    let id = records[0]["activationId"].as_str().unwrap();
    assert_eq!(daemon.request("GET", &format!("/api/v1/namespaces/_/activations/{id}"), None).status, 404);
    // The guest is the operator; others see their own on the dashboard.
    assert_eq!(daemon.request("GET", "/dashboard/actions/%2Facme%2Fhello.json", None).status, 200);
    let shown = daemon.send("GET", "/dashboard/actions/hello.json", &[("authorization", &basic(&acme))], "");
    assert_eq!(shown.status, 404);
}

#[test]
fn what_is_published_is_shared() {
    let daemon = Daemon::start(&[]);
    let acme = key(&daemon, &["create", "acme"]);
    let put = |path: &str, body: serde_json::Value| {
        let answer = daemon.request("PUT", &format!("/api/v1/namespaces/_/{path}"), Some(&body.to_string()));
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    put("packages/tools", json!({"publish": true, "parameters": [{"key": "name", "value": "package"}]}));
    put("packages/own", json!({}));
    daemon.deploy("tools/hello", HELLO, json!({}));
    let invoke = |path: &str| ask(&daemon, &acme, "POST", &format!("{path}?blocking=true&result=true"), "");
    assert_eq!(invoke("/guest/actions/tools/hello").body, r#"{"hello": "package"}"#);
    assert_eq!(invoke("/guest/actions/own/hello").status, 403);
    let listed = ask(&daemon, &acme, "GET", "/guest/packages", "").json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["name"]), (1, &"tools".into()));

    let binding =
        json!({"binding": {"namespace": "guest", "name": "tools"}, "parameters": [{"key": "name", "value": "bound"}]});
    assert_eq!(ask(&daemon, &acme, "PUT", "/_/packages/mine", &binding.to_string()).status, 200);
    assert_eq!(invoke("/_/actions/mine/hello").body, r#"{"hello": "bound"}"#);
    let private = json!({"binding": {"namespace": "guest", "name": "own"}});
    assert_eq!(ask(&daemon, &acme, "PUT", "/_/packages/theirs", &private.to_string()).status, 403);
    let record = &ask(&daemon, &acme, "GET", "/_/activations?name=mine/hello&docs=true", "").json()[0];
    let annotations = record["annotations"].as_array().unwrap();
    assert!(annotations.contains(&json!({"key": "binding", "value": "acme/mine"})), "{annotations:?}");
    assert!(annotations.contains(&json!({"key": "path", "value": "guest/tools/hello"})), "{annotations:?}");
}
