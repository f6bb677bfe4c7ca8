//! `docs/openapi.json` is what the daemon serves and how it answers, whatever it is asked.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use crate::contract::document::Document;
use crate::contract::{Client, GUEST, OWN};
use crate::left::Left;
use crate::support::{Daemon, root};

#[test]
fn the_daemon_serves_the_document() {
    let daemon = Daemon::start(&[]);
    // Without a key: who has none yet reads how to use one.
    let anybody = Client::with_headers(&daemon, Vec::new());
    assert_eq!(anybody.send("GET", "/api/v1/api-docs", None).ok(), Document::get().text);
}

#[test]
fn every_reference_leads_somewhere_and_every_part_is_used() {
    let document = Document::get();
    let mut used = BTreeSet::new();
    references(&document.text, &mut used);
    let mut there = BTreeSet::new();
    for (kind, parts) in document.text["components"].as_object().expect("components") {
        there.extend(parts.as_object().expect("parts").keys().map(|name| format!("#/components/{kind}/{name}")));
    }
    there.remove("#/components/securitySchemes/basic");
    assert_eq!(used, there);
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_operation_is_told_of_and_every_example_is_one() {
    let document = Document::get();
    let mut names = BTreeSet::new();
    for (path, item) in document.text["paths"].as_object().expect("paths") {
        for (method, operation) in
            item.as_object().expect("operations").iter().filter(|(method, _)| *method != "parameters")
        {
            let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has a name"));
            assert!(names.insert(name), "{name} is there once");
            assert!(
                operation["summary"].as_str().is_some_and(|summary| summary.len() > 10),
                "{name} says what it is for"
            );
            let parameters =
                [&item["parameters"], &operation["parameters"]].into_iter().filter_map(Value::as_array).flatten();
            let in_path = parameters.map(|one| document.at(one)).filter(|one| one["in"] == "path");
            let in_path: BTreeSet<&str> = in_path.filter_map(|one| one["name"].as_str()).collect();
            assert_eq!(
                in_path,
                path.split(['{', '}']).skip(1).step_by(2).collect(),
                "{name} names what is in its path"
            );
        }
    }
    assert!(names.len() > 40, "{names:?}");
    let components = &document.text["components"];
    for (name, schema) in components["schemas"].as_object().expect("schemas") {
        // Schemas that no example and no answer of a test goes through are compiled, too.
        let validator = document.compile(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert!(validator.is_valid(example), "{example} is a {name}");
        }
    }
    for (name, parameter) in components["parameters"].as_object().expect("parameters") {
        let validator = document.compile(&parameter["schema"]).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (kind, value) in [("example", &parameter["example"]), ("default", &parameter["schema"]["default"])] {
            assert!(value.is_null() || validator.is_valid(value), "the {kind} of {name} is one");
        }
    }
    // And what is none is refused.
    let action = document.compile(&json!({"$ref": "#/components/schemas/Action"})).expect("a schema");
    assert!(!action.is_valid(&json!({"name": "hello"})));
}

const ECHO: &str = "def main(args):\n    return args\n";
const FAILS: &str = "def main(args):\n    raise ValueError(args)\n";
const LISTS: &str = "def main(args):\n    return [args]\n";
const WEB: &str = "def main(args):\n    return {\"body\": args.get(\"a\", \"text\")}\n";

/// What the requests that are made find there; its names are those of the dictionaries in `schemathesis.toml`.
fn deploy(client: &Client) {
    let put = |path: &str, document: Value| {
        let answer = client.send("PUT", &format!("{OWN}/{path}"), Some(&document.to_string()));
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let code = |code: &str| json!({"exec": {"kind": "python:3", "code": code}});
    put("packages/tools", json!({"parameters": [{"key": "a", "value": 1}]}));
    put("packages/bound", json!({"binding": {"namespace": "_", "name": "tools"}}));
    for (name, source) in [("fails", FAILS), ("lists", LISTS), ("tools/hello", ECHO)] {
        put(&format!("actions/{name}"), code(source));
    }
    for (name, source) in [("hello", ECHO), ("web", WEB)] {
        let mut document = code(source);
        document["annotations"] = json!([{"key": "web-export", "value": true}]);
        put(&format!("actions/{name}"), document);
    }
    put("actions/sequence", json!({"exec": {"kind": "sequence", "components": ["/_/hello", "/_/tools/hello"]}}));
    put("triggers/morning", json!({}));
    put("rules/greet", json!({"trigger": "/_/morning", "action": "/_/hello"}));
}

/// Deletes what is there, by the API's own lists.
fn clear(client: &Client) {
    for collection in ["rules", "triggers", "actions", "packages"] {
        let path = format!("{OWN}/{collection}");
        loop {
            let list = client.send("GET", &format!("{path}?limit=0"), None).ok();
            let items = list.as_array().expect("a list");
            if items.is_empty() {
                break;
            }
            for item in items {
                let (namespace, name) =
                    (item["namespace"].as_str().expect("a text"), item["name"].as_str().expect("a text"));
                let package = namespace.strip_prefix("guest").expect("the guest's own");
                let place = format!("{path}{package}/{name}").replace(' ', "%20").replace('&', "%26");
                let answer = client.send("DELETE", &place, None);
                assert_eq!(answer.status, 200, "{answer:?}");
            }
        }
    }
}

#[test]
fn answers_are_the_documents_whatever_is_asked() {
    let program = root().join("target/openapi-venv/bin/schemathesis");
    assert!(program.exists(), "scripts/setup.sh --test installs {}", program.display());
    let daemon = Daemon::start(&[]);
    let before = Left::of(&daemon);
    let client = Client::new(&daemon);
    deploy(&client);
    let mut failed = String::new();
    // Deletions come last: what is asked is there until then.
    for methods in ["--exclude-method", "--include-method"] {
        // It leaves caches where it is started.
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let output = Command::new(&program)
            .current_dir(folder.path())
            .args(["--no-color", "--config-file"])
            .arg(root().join("tests/openapi/schemathesis.toml"))
            .arg("run")
            .arg(root().join("docs/openapi.json"))
            .args([methods, "DELETE", "--url", &daemon.url(""), "--auth", GUEST])
            .env_remove("SCHEMATHESIS_HOOKS")
            .env("NO_PROXY", "*")
            .output()
            .expect("it can be started");
        if !output.status.success() {
            failed += &String::from_utf8_lossy(&[output.stdout, output.stderr].concat());
        }
    }

    assert_eq!(daemon.request("GET", "/ping", None).body, "pong");
    clear(&client);
    drop(client);
    before.is_all_there_is(&daemon);
    assert!(failed.is_empty(), "{failed}");
}
