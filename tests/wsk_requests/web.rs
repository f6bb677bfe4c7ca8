//! Actions of `wsk action create NAME FILE --web true|raw --web-secure SECRET`, as browsers ask them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Wsk, action};
use crate::contract::{Answer, Client, value_of};

const SHOW: &str = "def main(args):\n    return {\"body\": args}\n";
/// Returns what it is told to.
const SAY: &str = "import json\n\ndef main(args):\n    return json.loads(args[\"say\"])\n";

/// A daemon with web actions, and a browser that has no key.
struct Web {
    wsk: Wsk,
    browser: Client,
}

impl Web {
    fn new() -> Self {
        let wsk = Wsk::new();
        let browser = Client::with_headers(&wsk.daemon, Vec::new());
        Self { wsk, browser }
    }

    /// `--web true` or `--web raw`, and further annotations.
    #[track_caller]
    fn create(&self, name: &str, code: &str, raw: bool, more: &[(&str, Value)]) {
        let mut document = action(name, code);
        let mut annotations =
            vec![json!({"key": "web-export", "value": true}), json!({"key": "raw-http", "value": raw})];
        annotations.push(json!({"key": "final", "value": true}));
        annotations.extend(more.iter().map(|(key, value)| json!({"key": key, "value": value})));
        document["annotations"] = annotations.into();
        document["parameters"] = json!([{"key": "kept", "value": "mine"}]);
        self.wsk.insert(&format!("actions/{name}"), false, &document).ok();
    }

    #[track_caller]
    fn ask(&self, method: &str, rest: &str, body: Option<(&str, &str)>, headers: &[(&str, &str)]) -> Answer {
        self.browser.send_with(method, &format!("/api/v1/web/guest/default/{rest}"), body, headers)
    }

    /// The answer of the action `say` to being told to return `result`, with an extension.
    #[track_caller]
    fn say(&self, extension: &str, result: &Value) -> Answer {
        let body = json!({"say": result.to_string()}).to_string();
        self.ask("POST", &format!("say{extension}"), Some(("application/json", &body)), &[])
    }
}

#[track_caller]
fn is_type(answer: &Answer, kind: &str) {
    let is = answer.headers.get("content-type").map_or("", String::as_str);
    assert_eq!(is.split(';').next().unwrap_or_default(), kind, "{answer:?}");
}

#[test]
fn arguments() {
    let web = Web::new();
    web.create("show", SHOW, false, &[]);
    let answer = web.ask("GET", "show.json/some/path?a=1&b=two%20words", None, &[("X-Tried", "Yes")]).ok();
    let args = &answer["body"];
    assert_eq!((&args["a"], &args["b"], &args["kept"]), (&json!("1"), &json!("two words"), &json!("mine")));
    assert_eq!((&args["__ow_method"], &args["__ow_path"]), (&json!("get"), &json!("/some/path")));
    assert_eq!(args["__ow_headers"]["x-tried"], "Yes");
    assert!(
        args.get("__ow_user").is_none() && args.get("__ow_body").is_none() && args.get("__ow_query").is_none(),
        "{args}"
    );
    let known = web.wsk.client.send_with("GET", "/api/v1/web/guest/default/show.json", None, &[]).ok();
    assert_eq!((&known["body"]["__ow_user"], &known["body"]["__ow_path"]), (&json!("guest"), &json!("")));

    // Members of the body go before the query's; what is no object is the body.
    let post =
        |kind: &str, body: &str| web.ask("POST", "show.json?a=1&b=2", Some((kind, body)), &[]).ok()["body"].clone();
    let args = post("application/json", r#"{"a": [3]}"#);
    assert_eq!((&args["a"], &args["b"], &args["__ow_method"]), (&json!([3]), &json!("2"), &json!("post")));
    assert_eq!(args["__ow_headers"]["content-type"], "application/json");
    assert_eq!(post("application/json", "[1, 2]")["__ow_body"], json!([1, 2]));
    let args = post("application/x-www-form-urlencoded", "a=x+y&c=%C3%A9");
    assert_eq!((&args["a"], &args["c"]), (&json!("x y"), &json!("é")));
    assert_eq!(post("text/plain", "plain é")["__ow_body"], "plain é");
    assert_eq!(post("application/octet-stream", "raw")["__ow_body"], STANDARD.encode("raw"));
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(web.ask(method, "show.json", None, &[]).ok()["body"]["__ow_method"], method.to_lowercase());
    }
}

#[test]
fn arguments_as_they_came() {
    let web = Web::new();
    web.create("raw", SHOW, true, &[]);
    let ask = |body: Option<(&str, &str)>, query: &str| {
        web.ask("POST", &format!("raw.json{query}"), body, &[]).ok()["body"].clone()
    };
    let args = ask(Some(("text/plain", "said")), "?a=1&kept=yours");
    assert_eq!((&args["__ow_query"], &args["__ow_body"]), (&json!("a=1&kept=yours"), &json!("said")));
    assert!(args.get("a").is_none() && args["kept"] == "mine", "{args}");
    let args = ask(Some(("application/json", r#"{"a": 1}"#)), "");
    assert_eq!((&args["__ow_body"], &args["__ow_query"]), (&json!(STANDARD.encode(r#"{"a": 1}"#)), &json!("")));
    assert_eq!(ask(Some(("application/x-www-form-urlencoded", "a=1")), "")["__ow_body"], "a=1");
    assert_eq!(ask(None, "")["__ow_body"], "");
}

#[test]
fn what_is_the_actions_own_is_refused() {
    let web = Web::new();
    web.create("show", SHOW, false, &[]);
    let refused = "Request defines parameters that are not allowed (e.g., reserved properties).";
    for query in ["kept=yours", "__ow_method=x", "__ow_user=root", "__ow_body=x"] {
        web.ask("GET", &format!("show.json?{query}"), None, &[]).refused(400, refused);
    }
    let body = Some(("application/json", r#"{"kept": "yours"}"#));
    web.ask("POST", "show.json", body, &[]).refused(400, refused);
    web.wsk.invoke("show", true, true, &json!({"kept": "yours"})).refused(400, refused);
}

#[test]
fn http_answers() {
    let web = Web::new();
    web.create("say", SAY, false, &[]);
    for extension in ["", ".http"] {
        let made = json!({"statusCode": 201, "headers": {"X-Made": 1, "Set-Cookie": ["a=1", "b=2"], "Content-Type": "text/plain"}, "body": "made"});
        let answer = web.say(extension, &made);
        assert_eq!((answer.status, answer.body.as_str()), (201, "made"), "{answer:?}");
        assert_eq!((&*answer.headers["x-made"], &*answer.headers["set-cookie"]), ("1", "a=1, b=2"));
        is_type(&answer, "text/plain");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["x-openwhisk-activation-id"].len(), 32);
    }
    let html = web.say("", &json!({"body": "<p>é</p>"}));
    assert_eq!((html.status, html.body.as_str()), (200, "<p>é</p>"));
    is_type(&html, "text/html");
    let object = web.say("", &json!({"body": {"a": [1, null]}, "statusCode": "202"}));
    assert_eq!((object.status, object.json()), (202, json!({"a": [1, null]})));
    is_type(&object, "application/json");
    let special = web.say("", &json!({"body": {"a": 1}, "headers": {"content-type": "application/problem+json"}}));
    assert_eq!(special.ok(), json!({"a": 1}));
    is_type(&special, "application/problem+json");
    for nothing in [json!({}), json!({"body": ""}), json!({"body": null}), json!({"other": 1})] {
        let empty = web.say("", &nothing);
        assert_eq!((empty.status, empty.body.as_str()), (204, ""), "{nothing}");
    }
    let moved = web.say("", &json!({"statusCode": 302, "headers": {"location": "http://127.0.0.1:1/"}}));
    assert_eq!((moved.status, &*moved.headers["location"]), (302, "http://127.0.0.1:1/"));
    // What a binary type names is base64.
    let binary = web.say("", &json!({"headers": {"content-type": "image/png"}, "body": STANDARD.encode("png é")}));
    assert_eq!((binary.status, binary.body.as_str()), (200, "png é"));
    is_type(&binary, "image/png");
    for wrong in [
        json!({"statusCode": "x"}),
        json!({"statusCode": 1.5, "body": "a"}),
        json!({"headers": [], "body": "a"}),
        json!({"headers": {"a": null}, "body": "a"}),
    ] {
        web.say("", &wrong).refused(400, "Response is not valid 'message/http'.");
    }
    let kind = json!({"headers": {"content-type": "no type"}, "body": "a"});
    web.say("", &kind).refused(400, "Response did not specify a known content-type.");
    let kind = json!({"headers": {"content-type": "text/html"}, "body": {"a": 1}});
    web.say("", &kind).refused(400, "Response type in header did not match generated content type.");
}

#[test]
fn extensions() {
    let web = Web::new();
    web.create("say", SAY, false, &[]);
    assert_eq!(web.say(".json", &json!({"a": 1})).ok(), json!({"a": 1}));
    for (extension, member, kind) in
        [(".html", "html", "text/html"), (".svg", "svg", "image/svg+xml"), (".text", "text", "text/plain")]
    {
        for name in [member, "body"] {
            let answer = web.say(extension, &json!({name: "<b/>", "other": 1}));
            assert_eq!((answer.status, answer.body.as_str()), (200, "<b/>"), "{answer:?}");
            is_type(&answer, kind);
        }
    }
    web.say(".html", &json!({"a": 1})).refused(400, "Response is not valid 'text/html'.");
    web.say(".svg", &json!({"svg": 1})).refused(400, "Response is not valid 'image/svg+xml'.");
    web.say(".text", &json!({"a": 1})).refused(404, "Response does not include requested property.");
    let object = web.say(".text", &json!({"text": {"a": 1}}));
    assert_eq!(object.ok(), json!({"a": 1}));
    assert_eq!(web.say(".text", &json!({"text": 1})).body, "1");
}

#[test]
fn failures() {
    let web = Web::new();
    web.create("say", SAY, false, &[]);
    // An action's own error is made an answer as a result is; what it could not do is not told.
    let denied = web.say("", &json!({"error": {"statusCode": 403, "body": "no"}}));
    assert_eq!((denied.status, denied.body.as_str()), (403, "no"));
    assert_eq!(web.say(".json", &json!({"error": {"why": 1}})).ok(), json!({"why": 1}));
    web.say(".json", &json!({"error": "text"})).refused(400, "Response is not valid 'application/json'.");
    web.say(".json", &json!("text")).refused(400, "There was an error processing your request.");
    let gone = "The requested resource does not exist.";
    web.ask("GET", "nope.json", None, &[]).refused(404, gone);
    web.browser.send_with("GET", "/api/v1/web/nobody/default/say.json", None, &[]).refused(404, gone);
    web.browser.send_with("GET", "/api/v1/web/guest/nope/say.json", None, &[]).refused(404, gone);
    web.wsk.create_action("private", SHOW);
    web.ask("GET", "private.json", None, &[]).refused(404, gone);
}

#[test]
fn secrets() {
    let web = Web::new();
    web.create("known", SHOW, false, &[("require-whisk-auth", json!(true))]);
    web.create("secret", SHOW, false, &[("require-whisk-auth", json!("open sesame"))]);
    web.create("number", SHOW, false, &[("require-whisk-auth", json!(42))]);
    web.create("open", SHOW, false, &[("require-whisk-auth", json!(false))]);
    let status = |name: &str, header: Option<&str>| {
        let headers: Vec<(&str, &str)> = header.map(|value| ("X-Require-Whisk-Auth", value)).into_iter().collect();
        web.ask("GET", &format!("{name}.json"), None, &headers).status
    };
    assert_eq!((status("known", None), status("open", None)), (401, 200));
    assert_eq!(
        (status("secret", None), status("secret", Some("x")), status("secret", Some("open sesame"))),
        (401, 401, 200)
    );
    assert_eq!((status("number", None), status("number", Some("42"))), (401, 200));
    let known = |name: &str| {
        let path = format!("/api/v1/web/guest/default/{name}.json");
        web.wsk.client.send_with("GET", &path, None, &[]).status
    };
    assert_eq!((known("known"), known("secret")), (200, 401));
    // What a browser asks first is answered without.
    assert_eq!(web.ask("OPTIONS", "secret.json", None, &[]).status, 200);
}

#[test]
fn options() {
    let web = Web::new();
    web.create("show", SHOW, false, &[]);
    web.create(
        "own",
        "def main(args):\n    return {\"headers\": {\"x-own\": args[\"__ow_method\"]}}\n",
        false,
        &[("web-custom-options", json!(true))],
    );
    let answer = web.ask("OPTIONS", "show.json", None, &[("Access-Control-Request-Headers", "x-one, x-two")]);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["access-control-allow-headers"], "x-one, x-two");
    for method in ["OPTIONS", "GET", "DELETE", "POST", "PUT", "HEAD", "PATCH"] {
        assert!(answer.headers["access-control-allow-methods"].contains(method), "{answer:?}");
    }
    let own = web.ask("OPTIONS", "own", None, &[]);
    assert_eq!(own.headers.get("x-own").map(String::as_str), Some("options"), "{own:?}");
    let head = web.ask("HEAD", "show.json", None, &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""), "{head:?}");
}

/// `wsk action update NAME --web false` on what `--web true` made.
#[test]
fn an_action_is_taken_back() {
    let web = Web::new();
    web.create("show", SHOW, false, &[]);
    assert_eq!(web.ask("GET", "show.json", None, &[]).status, 200);
    let existing = web.wsk.get("actions/show?code=false").ok();
    assert_eq!(value_of(&existing["annotations"], "web-export"), Some(&json!(true)));
    let annotations = json!([
        {"key": "exec", "value": "python:3"}, {"key": "web-export", "value": false},
        {"key": "raw-http", "value": false}, {"key": "final", "value": false},
    ]);
    let update = json!({"namespace": "_", "name": "show", "annotations": annotations});
    web.wsk.insert("actions/show", true, &update).ok();
    web.ask("GET", "show.json", None, &[]).refused(404, "The requested resource does not exist.");
}
