//! Web actions over HTTP: what their functions are told, and what becomes of their results.

use serde_json::{Value, json};

use crate::support::{Daemon, Response};

const ECHO: &str = "def main(args):\n    return {'body': args, 'headers': {'content-type': 'application/json'}}";
const REPLY: &str = "import json\ndef main(args):\n    return json.loads(args['result'])";

fn daemon() -> Daemon {
    let daemon = Daemon::start(&[]);
    daemon.deploy("echo", ECHO, web(&[]));
    daemon.deploy("reply", REPLY, web(&[]));
    daemon
}

fn web(more: &[(&str, Value)]) -> Value {
    let more = more.iter().map(|(key, value)| json!({"key": key, "value": value}));
    let annotations: Vec<Value> = std::iter::once(json!({"key": "web-export", "value": true})).chain(more).collect();
    json!({ "annotations": annotations })
}

fn ask(daemon: &Daemon, path: &str) -> Response {
    daemon.send("GET", &format!("/api/v1/web/guest/default/{path}"), &[], "")
}

fn reply(daemon: &Daemon, extension: &str, result: &Value) -> Response {
    let body = json!({ "result": result.to_string() }).to_string();
    let path = format!("/api/v1/web/guest/default/reply{extension}");
    daemon.send("POST", &path, &[("content-type", "application/json")], &body)
}

#[test]
fn functions_are_told_of_the_request() {
    let daemon = daemon();
    let headers = [("content-type", "application/json"), ("X-Mixed", "Case")];
    let answer =
        daemon.send("PUT", "/api/v1/web/guest/default/echo/some/path?a=1&b=x%20y", &headers, r#"{"b": [2.50]}"#);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let args = answer.json();
    assert_eq!((&args["__ow_method"], &args["__ow_path"]), (&"put".into(), &"/some/path".into()));
    assert_eq!(args["__ow_headers"]["x-mixed"], "Case");
    assert_eq!((&args["a"], &args["b"]), (&"1".into(), &json!([2.5])));
    assert!(args.get("__ow_user").is_none());
    assert!(answer.header("x-openwhisk-activation-id").is_some() && answer.tier.is_some());
    assert_eq!(answer.header("access-control-allow-methods"), Some("OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH"));

    let refused = ask(&daemon, "echo?__ow_body=1");
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().starts_with("Request defines parameters"));
}

#[test]
fn raw_actions_get_everything_as_it_came() {
    let daemon = daemon();
    daemon.deploy("raw", ECHO, web(&[("raw-http", true.into())]));
    let headers = [("content-type", "application/json")];
    let args = daemon.send("POST", "/api/v1/web/guest/default/raw?a=%41&a=2", &headers, "{}").json();
    assert_eq!((&args["__ow_query"], &args["__ow_body"]), (&"a=%41&a=2".into(), &"e30=".into()));
    assert!(args.get("a").is_none());
}

#[test]
fn results_become_responses() {
    let daemon = daemon();
    let page = reply(
        &daemon,
        "",
        &json!({"statusCode": 418, "headers": {"X-Tea": "pot", "set-cookie": ["a=1", "b=2"]}, "body": "<p>"}),
    );
    assert_eq!((page.status, page.body.as_str(), page.header("x-tea")), (418, "<p>", Some("pot")));
    assert_eq!(
        (page.header("content-type"), page.headers("set-cookie")),
        (Some("text/html; charset=UTF-8"), vec!["a=1", "b=2"])
    );
    let moved = reply(&daemon, ".http", &json!({"statusCode": 302, "headers": {"location": "/there"}}));
    assert_eq!((moved.status, moved.header("location"), moved.body.as_str()), (302, Some("/there"), ""));
    assert_eq!(reply(&daemon, "", &json!({})).status, 204);
    let image = reply(&daemon, "", &json!({"headers": {"content-type": "image/svg+xml"}, "body": "PHN2Zz4="}));
    assert_eq!((image.body.as_str(), image.header("content-type")), ("<svg>", Some("image/svg+xml")));
    assert_eq!(reply(&daemon, ".json", &json!({"a": 1})).body, r#"{"a": 1}"#);
    assert_eq!(reply(&daemon, ".text", &json!({"text": {"a": 1}})).body, "{\n  \"a\": 1\n}");
    assert_eq!(
        reply(&daemon, ".html", &json!({"html": "<b>"})).header("content-type"),
        Some("text/html; charset=UTF-8")
    );

    let bad = reply(&daemon, "", &json!([1]));
    assert_eq!((bad.status, bad.json()["error"].clone()), (400, "Response is not valid 'message/http'.".into()));
}

#[test]
fn errors_go_through_the_extension_and_crashes_do_not() {
    let daemon = daemon();
    let error = reply(&daemon, "", &json!({"error": {"statusCode": 403, "body": "no"}}));
    assert_eq!((error.status, error.body.as_str()), (403, "no"));
    daemon.deploy("crash", "def main(args):\n    import os\n    os._exit(1)", web(&[]));
    let crash = ask(&daemon, "crash.json");
    assert_eq!(
        (crash.status, crash.json()["error"].clone()),
        (400, "There was an error processing your request.".into())
    );
}

#[test]
fn only_what_is_exported_is_there_and_secrets_are_asked_for() {
    let daemon = daemon();
    daemon.deploy("hidden", ECHO, json!({}));
    daemon.deploy("secret", ECHO, web(&[("require-whisk-auth", "s3cret".into())]));
    daemon.deploy("keyed", ECHO, web(&[("require-whisk-auth", true.into())]));
    for missing in ["hidden", "nothing", "echo.gif"] {
        assert_eq!(ask(&daemon, missing).status, 404, "{missing}");
    }
    assert_eq!(daemon.send("GET", "/api/v1/web/nobody/default/echo", &[], "").status, 404);
    let with = |name: &str, header: (&str, &str)| {
        daemon.send("GET", &format!("/api/v1/web/guest/default/{name}"), &[header], "")
    };
    assert_eq!((ask(&daemon, "secret").status, with("secret", ("x-require-whisk-auth", "wrong")).status), (401, 401));
    assert_eq!(with("secret", ("X-Require-Whisk-Auth", "s3cret")).status, 200);
    assert_eq!(ask(&daemon, "keyed").status, 401, "that a client is on this machine is no key");
    let guest = "Basic MjNiYzQ2YjEtNzFmNi00ZWQ1LThjNTQtODE2YWE0ZjhjNTAyOjEyM3pPM3haQ0xyTU42djJCS0sxZFhZRnBYbFBrY2NPRnFtMTJDZEFzTWdSVTRWck5aOWx5R1ZDR3VNREdJd1A=";
    let answer = with("keyed", ("authorization", guest));
    assert_eq!((answer.status, &answer.json()["__ow_user"]), (200, &"guest".into()));
    // Somebody else's token is the function's to judge.
    assert_eq!(with("echo", ("authorization", "Bearer token")).json()["__ow_headers"]["authorization"], "Bearer token");
}

#[test]
fn browsers_are_answered_unless_the_action_does() {
    let daemon = daemon();
    daemon.deploy(
        "own",
        "def main(args):\n    return {'statusCode': 200, 'headers': {'x-own': args['__ow_method']}, 'body': ''}",
        web(&[("web-custom-options", true.into())]),
    );
    let asked = [("access-control-request-headers", "x-special")];
    let usual = daemon.send("OPTIONS", "/api/v1/web/guest/default/echo", &asked, "");
    assert_eq!((usual.status, usual.header("access-control-allow-headers")), (200, Some("x-special")));
    let own = daemon.send("OPTIONS", "/api/v1/web/guest/default/own", &[], "");
    assert_eq!((own.header("x-own"), own.header("access-control-allow-origin")), (Some("options"), None));
}
