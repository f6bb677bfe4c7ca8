//! What the command line `wsk` sends, to the letter (openwhisk-client-go's `whisk/*.go`, openwhisk-cli's `commands/*.go`),
//! and what it needs of the answers.

mod actions;
mod activations;
mod packages;
mod triggers;
mod web;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::contract::{Answer, Client, GUEST, OWN};
use crate::support::Daemon;

/// `wsk` with nothing set but the host and the guest's key, so that its namespace is `_`.
struct Wsk {
    client: Client,
    daemon: Daemon,
}

const HELLO: &str = "def main(args):\n    return {\"hello\": args.get(\"name\", \"you\")}\n";

impl Wsk {
    fn new() -> Self {
        Self::with_functions(&[])
    }

    fn with_functions(functions: &[(&str, &str)]) -> Self {
        let daemon = Daemon::start(functions);
        let headers = vec![
            ("authorization", format!("Basic {}", STANDARD.encode(GUEST))),
            ("user-agent", "OpenWhisk-CLI/1.0 (2021-04-01T23:49:54.523+0000) linux amd64".to_owned()),
            ("accept-encoding", "gzip".to_owned()),
        ];
        Self { client: Client::with_headers(&daemon, headers), daemon }
    }

    /// `NewRequest`: Go's encoder ends every body with a newline.
    #[track_caller]
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(|body| format!("{body}\n"));
        self.client.send(method, &format!("{OWN}/{path}"), body.as_deref())
    }

    #[track_caller]
    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    #[track_caller]
    fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    /// `Insert`: `path` is a collection and a name.
    #[track_caller]
    fn insert(&self, path: &str, overwrite: bool, body: &Value) -> Answer {
        self.send("PUT", &format!("{path}?overwrite={overwrite}"), Some(body))
    }

    /// `Invoke`, of `wsk action invoke`; with `--blocking` and `--result` if these are true.
    #[track_caller]
    fn invoke(&self, name: &str, blocking: bool, result: bool, parameters: &Value) -> Answer {
        let path = format!("actions/{name}?blocking={blocking}&result={result}");
        self.send("POST", &path, Some(parameters))
    }

    /// `wsk action create NAME FILE.py`.
    #[track_caller]
    fn create_action(&self, name: &str, code: &str) -> Value {
        self.insert(&format!("actions/{name}"), false, &action(name, code)).ok()
    }

    /// Names of what a list has, in its order.
    #[track_caller]
    fn names(&self, path: &str) -> Vec<String> {
        let list = self.get(path).ok();
        let items = list.as_array().unwrap_or_else(|| panic!("a list: {list}")).iter();
        items.map(|item| format!("{}/{}", text(&item["namespace"]), text(&item["name"]))).collect()
    }
}

/// The document of an action of one function, as `parseAction` makes it.
fn action(name: &str, code: &str) -> Value {
    json!({"namespace": "_", "name": name, "exec": {"kind": "python:default", "code": code}})
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

#[test]
fn who_has_no_key_is_told_so() {
    let daemon = Daemon::with_options(&[], &["--require-key"]);
    let list = format!("{OWN}/actions?limit=30&skip=0");
    for (headers, error) in [
        (
            vec![("authorization", format!("Basic {}", STANDARD.encode("not:mine")))],
            "The supplied authentication is invalid",
        ),
        (vec![], "The resource requires authentication, which was not supplied with the request"),
    ] {
        let answer = Client::with_headers(&daemon, headers).send("GET", &list, None);
        assert_eq!(answer.status, 401, "{answer:?}");
        assert!(answer.error().starts_with(error), "{answer:?}");
    }
    assert_eq!(Client::new(&daemon).send("GET", &list, None).ok(), json!([]));
}

#[test]
fn property_get_asks_for_the_build_without_a_key() {
    let wsk = Wsk::new();
    let anybody = Client::with_headers(&wsk.daemon, Vec::new());
    let info = anybody.send("GET", "/api/v1", None).ok();
    assert!(!text(&info["build"]).is_empty() && !text(&info["buildno"]).is_empty(), "{info}");
}

#[test]
fn namespace_list_and_get() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    wsk.insert("triggers/morning", false, &json!({"name": "morning"})).ok();
    let rule = json!({"name": "greet", "status": "", "trigger": "/_/morning", "action": "/_/hello"});
    wsk.insert("rules/greet", false, &rule).ok();

    assert_eq!(wsk.client.send("GET", "/api/v1/namespaces", None).ok(), json!(["guest"]));
    for (collection, name) in [("actions", "hello"), ("packages", "tools"), ("triggers", "morning"), ("rules", "greet")]
    {
        assert_eq!(wsk.names(&format!("{collection}?limit=0&skip=0")), [format!("guest/{name}")]);
    }
    // Lists do not say the status of rules.
    assert_eq!(wsk.get("rules/greet").ok()["status"], "active");
}

#[test]
fn lists_have_pages() {
    let wsk = Wsk::new();
    for collection in ["actions", "packages", "triggers", "rules", "activations"] {
        assert_eq!(wsk.get(&format!("{collection}?limit=200&skip=0")).ok(), json!([]));
        assert_eq!(wsk.get(&format!("{collection}?count=true&skip=0")).ok(), json!({collection: 0}));
        let range = format!("The value '201' is not in the range of 0 to 200 for {collection}.");
        let malformed = |key: &str, reason: &str| format!("The query parameter '{key}' was malformed:\n{reason}");
        wsk.get(&format!("{collection}?limit=201&skip=0")).refused(400, &malformed("limit", &range));
        let negative = format!("The value '-1' is not greater than or equal to 0 for {collection}.");
        wsk.get(&format!("{collection}?limit=30&skip=-1")).refused(400, &malformed("skip", &negative));
        let letters = format!("The value 'x' is not an integer for {collection}.");
        wsk.get(&format!("{collection}?limit=x&skip=0")).refused(400, &malformed("limit", &letters));
    }
    for n in 0..5 {
        wsk.insert(&format!("triggers/t{n}"), false, &json!({"name": format!("t{n}")})).ok();
    }
    let all = wsk.names("triggers?limit=30&skip=0");
    assert_eq!(all.len(), 5, "{all:?}");
    assert_eq!(wsk.names("triggers?limit=2&skip=1"), all[1..3]);
    assert_eq!(wsk.names("triggers?limit=30&skip=5"), [""; 0]);
    assert_eq!(wsk.get("triggers?count=true&skip=2").ok(), json!({"triggers": 3}));
}

#[test]
fn a_name_is_one_of_one_collection() {
    let wsk = Wsk::new();
    wsk.create_action("taken", HELLO);
    let conflict = "Resource by this name exists but is not in this collection.";
    wsk.get("triggers/taken").refused(409, conflict);
    wsk.insert("triggers/taken", false, &json!({"name": "taken"})).refused(409, conflict);
    wsk.insert("packages/taken", true, &json!({"namespace": "_", "name": "taken"})).refused(409, conflict);
    wsk.delete("rules/taken").refused(409, conflict);
    let binding = json!({"binding": {"namespace": "_", "name": "taken"}});
    wsk.insert("packages/bound", false, &binding).refused(409, "Cannot bind to a resource that is not a package.");
    assert_eq!(wsk.get("actions/taken?code=false").ok()["version"], "0.0.1");
}

#[test]
fn names_are_checked() {
    let wsk = Wsk::new();
    for collection in ["actions", "packages", "triggers", "rules"] {
        let illegal = wsk.get(&format!("{collection}/-nope"));
        illegal.refused(400, "The name of the entity contains illegal characters.");
        let missing = wsk.get(&format!("{collection}/nope"));
        assert_eq!(missing.status, 404, "{missing:?}");
    }
    for rest in ["actions/nope", "triggers/nope", "rules/nope", "actions/nope/nope", "actions/nope/"] {
        wsk.get(rest).refused(404, "The requested resource does not exist.");
    }
}

#[test]
fn names_have_an_end() {
    let wsk = Wsk::new();
    for collection in ["actions", "packages", "triggers", "rules"] {
        let long = wsk.get(&format!("{collection}/{}", "n".repeat(257)));
        // So it is spelled.
        long.refused(400, "Name segement longer than allowed: 257 > 256.");
        assert_eq!(wsk.get(&format!("{collection}/{}", "n".repeat(256))).status, 404);
    }
}

#[test]
fn a_package_that_is_missing_is_named() {
    let wsk = Wsk::new();
    // It is looked up before whether the caller may read it.
    wsk.get("packages/nope").refused(404, "The requested resource 'guest/nope' does not exist.");
}
