//! `wsk package …`, and actions in packages and bindings.

use serde_json::json;

use super::{HELLO, Wsk, action};
use crate::contract::value_of;

const GONE: &str = "The requested resource does not exist.";

#[test]
fn create_update_get_list_and_delete() {
    let wsk = Wsk::new();
    let created = wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    assert_eq!(
        (&created["namespace"], &created["version"], &created["publish"], &created["binding"]),
        (&json!("guest"), &json!("0.0.1"), &json!(false), &json!({}))
    );
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"}))
        .refused(409, "resource already exists");
    // `--param`, `--annotation` and `--shared yes`.
    let update = json!({
        "namespace": "_", "name": "tools", "publish": true,
        "annotations": [{"key": "description", "value": "of iron"}], "parameters": [{"key": "weight", "value": 2}],
    });
    let updated = wsk.insert("packages/tools", true, &update).ok();
    assert_eq!((&updated["version"], &updated["publish"]), (&json!("0.0.2"), &json!(true)));
    let kept = wsk.insert("packages/tools", true, &json!({"namespace": "_", "name": "tools"})).ok();
    assert_eq!(kept["version"], "0.0.3");
    for member in ["parameters", "annotations", "publish"] {
        assert_eq!(kept[member], updated[member], "{member}");
    }

    wsk.create_action("tools/hammer", HELLO);
    let mut feed = action("tools/bell", HELLO);
    feed["annotations"] = json!([{"key": "feed", "value": true}]);
    wsk.insert("actions/tools/bell", false, &feed).ok();
    let got = wsk.get("packages/tools").ok();
    assert_eq!((&got["actions"][0]["name"], &got["feeds"][0]["name"]), (&json!("hammer"), &json!("bell")), "{got}");
    assert_eq!((got["actions"].as_array().map(Vec::len), got["feeds"].as_array().map(Vec::len)), (Some(1), Some(1)));
    assert_eq!(got["actions"][0]["version"], "0.0.1");
    let list = wsk.get("packages?limit=30&skip=0").ok();
    assert_eq!((&list[0]["name"], &list[0]["binding"]), (&json!("tools"), &json!(false)), "{list}");

    let full = "Package not empty (contains 2 entities). Set force param or delete package contents.";
    wsk.delete("packages/tools").refused(409, full);
    wsk.delete("actions/tools/bell").ok();
    let full = "Package not empty (contains 1 entity). Set force param or delete package contents.";
    wsk.delete("packages/tools").refused(409, full);
    wsk.delete("actions/tools/hammer").ok();
    assert_eq!(wsk.delete("packages/tools").ok()["version"], "0.0.3");
    wsk.delete("packages/tools").refused(404, GONE);
    assert_eq!(wsk.get("packages?limit=0&skip=0").ok(), json!([]));
}

#[test]
fn a_package_goes_with_its_actions_by_force() {
    let wsk = Wsk::new();
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    wsk.create_action("tools/hammer", HELLO);
    wsk.create_action("hammer", HELLO);
    wsk.delete("packages/tools?force=true").ok();
    wsk.get("actions/tools/hammer?code=false").refused(404, GONE);
    assert_eq!(wsk.names("actions?limit=30&skip=0"), ["guest/hammer"]);
}

/// `wsk package bind tools bound --param …`.
#[test]
fn bind() {
    let wsk = Wsk::new();
    let document = |parameters| json!({"namespace": "_", "name": "tools", "parameters": parameters});
    let parameters = json!([{"key": "a", "value": "package"}, {"key": "b", "value": "package"}, {"key": "c", "value": "package"}, {"key": "d", "value": "package"}]);
    wsk.insert("packages/tools", false, &document(parameters)).ok();
    let mut show = action("tools/show", "def main(args):\n    return args\n");
    show["parameters"] = json!([{"key": "c", "value": "action"}, {"key": "d", "value": "action"}]);
    wsk.insert("actions/tools/show", false, &show).ok();
    let binding = |name: &str| {
        json!({
            "parameters": [{"key": "b", "value": "binding"}, {"key": "c", "value": "binding"}],
            "binding": {"namespace": "_", "name": name},
        })
    };
    let bound = wsk.insert("packages/bound", false, &binding("tools")).ok();
    let of = json!({"namespace": "guest", "name": "tools"});
    assert_eq!((&bound["binding"], value_of(&bound["annotations"], "binding")), (&of, Some(&of)), "{bound}");

    // Each goes before those on its left: package, binding, action, request.
    let all = |a, b, c, d| json!({"a": a, "b": b, "c": c, "d": d});
    let package = wsk.invoke("tools/show", true, true, &json!({"d": "request"})).ok();
    assert_eq!(package, all("package", "package", "action", "request"));
    let record = wsk.invoke("bound/show", true, false, &json!({"d": "request"})).ok();
    assert_eq!(record["response"]["result"], all("package", "binding", "action", "request"));
    assert_eq!(value_of(&record["annotations"], "path"), Some(&json!("guest/tools/show")));
    assert_eq!(value_of(&record["annotations"], "binding"), Some(&json!("guest/bound")));
    let through = wsk.get("actions/bound/show?code=false").ok();
    assert_eq!(through["namespace"], "guest/tools");
    assert_eq!(value_of(&through["parameters"], "b"), Some(&json!("binding")));
    assert_eq!(value_of(&through["parameters"], "a"), Some(&json!("package")));

    assert_eq!(wsk.names("actions/bound/?limit=30&skip=0"), ["guest/tools/show"]);
    let list = wsk.get("packages?limit=30&skip=0").ok();
    let listed = list.as_array().expect("a list").iter().find(|item| item["name"] == "bound");
    assert_eq!(listed.map(|item| &item["binding"]), Some(&of), "{list}");

    wsk.insert("actions/bound/other", false, &action("bound/other", HELLO))
        .refused(400, "Operation not permitted on package binding.");
    wsk.delete("actions/bound/show").refused(400, "Operation not permitted on package binding.");
    wsk.insert("packages/again", false, &binding("bound")).refused(400, "Cannot bind to another package binding.");
    wsk.insert("packages/again", false, &binding("nope"))
        .refused(400, "Binding references a package that does not exist.");
    wsk.insert("packages/other", false, &json!({"namespace": "_", "name": "other"})).ok();
    wsk.insert("packages/other", true, &binding("tools"))
        .refused(409, "Resource is a package and cannot be converted into a binding.");

    // `wsk package bind --overwrite`.
    let moved = wsk.insert("packages/bound", true, &binding("other")).ok();
    assert_eq!((&moved["version"], &moved["binding"]["name"]), (&json!("0.0.2"), &json!("other")));
    wsk.invoke("bound/show", true, true, &json!({})).refused(404, GONE);
    wsk.delete("packages/bound").ok();
    assert_eq!(wsk.invoke("tools/show", true, true, &json!({})).status, 200, "what was bound stays");
}

#[test]
fn a_binding_is_got_with_what_is_in_its_package() {
    let wsk = Wsk::new();
    let parameters = json!([{"key": "a", "value": "package"}, {"key": "b", "value": "package"}]);
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools", "parameters": parameters})).ok();
    wsk.create_action("tools/hammer", HELLO);
    let document = json!({
        "parameters": [{"key": "b", "value": "binding"}], "binding": {"namespace": "_", "name": "tools"},
    });
    wsk.insert("packages/bound", false, &document).ok();
    let got = wsk.get("packages/bound").ok();
    assert_eq!((&got["name"], &got["binding"]), (&json!("bound"), &json!({"namespace": "guest", "name": "tools"})));
    assert_eq!(got["actions"][0]["name"], "hammer", "{got}");
    let parameter = |key: &str| value_of(&got["parameters"], key).cloned();
    assert_eq!((parameter("a"), parameter("b")), (Some(json!("package")), Some(json!("binding"))));
}

#[test]
fn what_cannot_be_is_refused() {
    let wsk = Wsk::new();
    wsk.insert("packages/default", false, &json!({"namespace": "_", "name": "default"}))
        .refused(400, "Package name 'default' is reserved.");
    // `wsk package refresh` is for deployments of another kind.
    let refresh = wsk.send("POST", "packages/refresh", None);
    assert_eq!(refresh.status, 405, "{refresh:?}");
    wsk.insert("actions/nope/hello", true, &action("nope/hello", HELLO)).refused(404, GONE);
    wsk.invoke("nope/hello", true, true, &json!({})).refused(404, GONE);
}

#[test]
fn init_parameters_are_the_environment() {
    let wsk = Wsk::new();
    let code = "import os\n\ndef main(args):\n    return {\"args\": args, \"environment\": os.environ.get(\"KEY\")}\n";
    let mut document = action("reads", code);
    document["parameters"] = json!([{"key": "KEY", "value": "secret", "init": true}, {"key": "plain", "value": 1}]);
    let created = wsk.insert("actions/reads", false, &document).ok();
    let shown = created["parameters"].as_array().expect("a list").iter().find(|one| one["key"] == "KEY");
    assert_eq!(shown, Some(&json!({"key": "KEY", "value": "secret", "init": true})));
    let result = wsk.invoke("reads", true, true, &json!({})).ok();
    assert_eq!(result, json!({"args": {"plain": 1}, "environment": "secret"}));
}
