//! `wsk action …`.

use serde_json::json;

use super::{HELLO, Wsk, action, text};
use crate::contract::{ZIP, value_of};

const GONE: &str = "The requested resource does not exist.";

#[test]
fn create_update_get_and_delete() {
    let wsk = Wsk::new();
    let created = wsk.create_action("hello", HELLO);
    assert_eq!(
        (&created["namespace"], &created["name"], &created["version"], &created["publish"]),
        (&json!("guest"), &json!("hello"), &json!("0.0.1"), &json!(false))
    );
    // The virtual kind is the default one, and the annotation is what `wsk action list` shows as the kind.
    assert_eq!(created["exec"]["kind"], "python:3");
    assert_eq!(value_of(&created["annotations"], "exec"), Some(&json!("python:3")));
    assert_eq!(created["limits"], json!({"timeout": 60_000, "memory": 256, "logs": 10, "concurrency": 1}));
    wsk.insert("actions/hello", false, &action("hello", HELLO)).refused(409, "resource already exists");

    // `wsk action update` looks for what is there first.
    let existing = wsk.get("actions/hello?code=false").ok();
    assert!(existing["exec"].get("code").is_none() && existing["exec"]["binary"] == false, "{existing}");
    let code = HELLO.replace("you", "them");
    let updated = wsk.insert("actions/hello", true, &action("hello", &code)).ok();
    assert_eq!((&updated["version"], &updated["exec"]["code"]), (&json!("0.0.2"), &json!(code)));
    // `wsk action get --save` takes the code.
    let saved = wsk.get("actions/hello?code=true").ok();
    assert_eq!((&saved["exec"]["code"], &saved["exec"]["binary"]), (&json!(code), &json!(false)));
    assert_eq!(wsk.invoke("hello", true, true, &json!({})).ok(), json!({"hello": "them"}));

    let deleted = wsk.delete("actions/hello").ok();
    assert_eq!(deleted["version"], "0.0.2");
    wsk.delete("actions/hello").refused(404, GONE);
    wsk.get("actions/hello?code=false").refused(404, GONE);
    wsk.invoke("hello", true, true, &json!({})).refused(404, GONE);
    // Another life begins anew.
    assert_eq!(wsk.insert("actions/hello", true, &action("hello", HELLO)).ok()["version"], "0.0.1");
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let wsk = Wsk::new();
    let mut document = action("hello", HELLO);
    document["annotations"] = json!([{"key": "a", "value": 1}, {"key": "b", "value": [2]}]);
    document["parameters"] = json!([{"key": "name", "value": "Bo"}, {"key": "more", "value": null}]);
    document["limits"] = json!({"timeout": 2000, "memory": 128, "logs": 1});
    document["publish"] = json!(true);
    wsk.insert("actions/hello", false, &document).ok();

    // `--param`, `--annotation`, `--del-annotation` and `--timeout`, without a file.
    let update = json!({
        "namespace": "_", "name": "hello",
        "annotations": [{"key": "b", "value": 3}, {"key": "c", "value": {"d": 4}}], "delAnnotations": ["a", "none"],
        "parameters": [{"key": "name", "value": "Cy"}], "limits": {"timeout": 3000},
    });
    let updated = wsk.insert("actions/hello", true, &update).ok();
    assert_eq!(updated["version"], "0.0.2");
    let annotation = |key: &str| value_of(&updated["annotations"], key).cloned();
    assert_eq!((annotation("a"), annotation("b"), annotation("c")), (None, Some(json!(3)), Some(json!({"d": 4}))));
    assert_eq!(updated["parameters"], json!([{"key": "name", "value": "Cy"}]), "parameters are replaced as a whole");
    assert_eq!((&updated["exec"]["code"], &updated["publish"]), (&json!(HELLO), &json!(true)));
    assert_eq!(updated["limits"], json!({"timeout": 3000, "memory": 128, "logs": 1, "concurrency": 1}));
    let bare = wsk.insert("actions/hello", true, &json!({"namespace": "_", "name": "hello"})).ok();
    for member in ["parameters", "annotations", "limits", "exec", "publish"] {
        assert_eq!(bare[member], updated[member], "{member}");
    }
    assert_eq!(wsk.invoke("hello", true, true, &json!({})).ok(), json!({"hello": "Cy"}));
}

#[test]
fn what_cannot_be_is_refused() {
    let wsk = Wsk::new();
    let nothing = json!({"namespace": "_", "name": "hello"});
    wsk.insert("actions/hello", false, &nothing).refused(400, "exec undefined");
    let mut unknown = action("hello", HELLO);
    unknown["exec"]["kind"] = json!("cobol:default");
    let message = wsk.insert("actions/hello", false, &unknown);
    let begin = "The specified runtime 'cobol:default' is not supported by this platform. Valid values are: '";
    assert_eq!(message.status, 400, "{message:?}");
    assert!(message.error().contains(begin), "{message:?}");
    for (limits, error) in [
        (json!({"timeout": 300_001}), "duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds"),
        (json!({"timeout": 99}), "duration 99 milliseconds below allowed threshold of 100 milliseconds"),
        (json!({"memory": 513}), "memory size 513 MB exceeds allowed threshold of 512 MB"),
        (json!({"memory": 127}), "memory size 127 MB below allowed threshold of 128 MB"),
        (json!({"logs": 11}), "log size 11 MB exceeds allowed threshold of 10 MB"),
    ] {
        let mut document = action("hello", HELLO);
        document["limits"] = limits;
        wsk.insert("actions/hello", false, &document).refused(400, error);
    }
    let mut wrong = action("hello", HELLO);
    wrong["parameters"] = json!({"name": "Bo"});
    let malformed = wsk.insert("actions/hello", false, &wrong);
    assert_eq!(malformed.status, 400, "{malformed:?}");
    assert!(malformed.error().starts_with("The request content was malformed:\n"), "{malformed:?}");
    wsk.get("actions/hello?code=false").refused(404, GONE);
    wsk.insert("actions/nowhere/hello", false, &action("nowhere/hello", HELLO)).refused(404, GONE);
}

#[test]
fn list() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    wsk.create_action("tools/hammer", HELLO);
    let mut names = wsk.names("actions?limit=30&skip=0");
    names.sort();
    assert_eq!(names, ["guest/hello", "guest/tools/hammer"]);
    assert_eq!(wsk.names("actions/tools/?limit=30&skip=0"), ["guest/tools/hammer"]);
    let list = wsk.get("actions?limit=0&skip=0").ok();
    for item in list.as_array().expect("a list") {
        assert_eq!(value_of(&item["annotations"], "exec"), Some(&json!("python:3")), "{item}");
        assert_eq!(item["exec"], json!({"binary": false}), "{item}");
    }
    assert_eq!(wsk.get("actions?count=true&skip=0").ok(), json!({"actions": 2}));
}

#[test]
fn invoke() {
    let wsk = Wsk::new();
    wsk.create_action(
        "hello",
        "def main(args):\n    print('hi')\n    return {\"hello\": args.get(\"name\", \"you\")}\n",
    );
    let id = wsk.invoke("hello", false, false, &json!({"name": "Ada"}));
    assert_eq!(id.status, 202, "{id:?}");
    let record = wsk.client.activation(text(&id.json()["activationId"]));
    assert_eq!(record["response"]["result"], json!({"hello": "Ada"}));
    assert_eq!(id.headers["x-openwhisk-activation-id"], record["activationId"]);

    let record = wsk.invoke("hello", true, false, &json!({"name": "Bo"})).ok();
    assert_eq!(record["response"]["status"], "success");
    assert_eq!(
        (&record["response"]["success"], &record["response"]["result"]),
        (&json!(true), &json!({"hello": "Bo"}))
    );
    assert_eq!((&record["name"], &record["version"]), (&json!("hello"), &json!("0.0.1")));
    assert!(text(&record["logs"][0]).ends_with(" stdout: hi"), "{record}");
    assert_eq!(value_of(&record["annotations"], "path"), Some(&json!("guest/hello")));
    assert_eq!(value_of(&record["annotations"], "kind"), Some(&json!("python:3")));
    assert_eq!(wsk.invoke("hello", true, true, &json!({})).ok(), json!({"hello": "you"}));
    wsk.insert("actions/two%20words", false, &action("two words", HELLO)).ok();
    assert_eq!(wsk.invoke("two%20words", true, true, &json!({})).ok(), json!({"hello": "you"}));
}

/// What is shown of a failure: `parseApplicationError` of the client looks for these members.
#[test]
fn invocations_that_fail() {
    let wsk = Wsk::new();
    for (code, status, error) in [
        (
            "def main(args):\n    return {'error': {'message': 'no', 'n': 1}}\n",
            "application error",
            json!({"message": "no", "n": 1}),
        ),
        ("def main(args):\n    return {'error': 'plain'}\n", "application error", json!("plain")),
        ("def main(args):\n    raise ValueError('raised')\n", "application error", json!("raised")),
    ] {
        wsk.insert("actions/fails", true, &action("fails", code)).ok();
        let record = wsk.invoke("fails", true, false, &json!({}));
        assert_eq!(record.status, 502, "{record:?}");
        let response = &record.json()["response"];
        assert_eq!((&response["status"], &response["success"]), (&json!(status), &json!(false)));
        assert_eq!(response["result"], json!({"error": error}));
        let result = wsk.invoke("fails", true, true, &json!({}));
        assert_eq!((result.status, result.json()), (502, json!({"error": error})));
        // In a record it is no failure of the request.
        let listed = wsk.client.activation(text(&record.json()["activationId"]));
        assert_eq!(listed["response"], *response);
    }
    wsk.insert("actions/fails", true, &action("fails", "def main(args):\n    return 'text'\n")).ok();
    let record = wsk.invoke("fails", true, false, &json!({}));
    let response = &record.json()["response"];
    assert_eq!((record.status, &response["status"]), (502, &json!("action developer error")), "{response}");
    assert_eq!(response["result"], json!({"error": "The action did not return a dictionary or array."}));
}

#[test]
fn the_wait_has_an_end() {
    let wsk = Wsk::new();
    wsk.create_action("slow", "import time\n\ndef main(args):\n    time.sleep(1)\n    return {\"late\": True}\n");
    let path = "actions/slow?blocking=true&result=true&timeout=1";
    let begun = wsk.send("POST", path, Some(&json!({})));
    assert_eq!(begun.status, 202, "{begun:?}");
    let record = wsk.client.activation(text(&begun.json()["activationId"]));
    assert_eq!(record["response"]["result"], json!({"late": true}));
    for timeout in ["0", "60001", "x", "-1"] {
        let message =
            "The query parameter 'timeout' was malformed:\nTimeout must be number of milliseconds up to 60000.";
        wsk.send("POST", &format!("actions/slow?blocking=true&timeout={timeout}"), Some(&json!({})))
            .refused(400, message);
    }
}

#[test]
fn a_time_limit_ends_what_takes_longer() {
    let wsk = Wsk::new();
    let mut slow = action("slow", "import time\n\ndef main(args):\n    time.sleep(60)\n    return {}\n");
    slow["limits"] = json!({"timeout": 2000});
    wsk.insert("actions/slow", false, &slow).ok();
    let record = wsk.invoke("slow", true, false, &json!({}));
    assert_eq!(record.status, 502, "{record:?}");
    let record = record.json();
    assert_eq!(record["response"]["status"], "action developer error");
    let error = "The action exceeded its time limits of 2000 milliseconds.";
    assert_eq!(record["response"]["result"], json!({"error": error}));
    assert_eq!(value_of(&record["annotations"], "timeout"), Some(&json!(true)));
}

#[test]
fn a_list_is_the_answer_whatever_was_asked_for() {
    let wsk = Wsk::new();
    wsk.create_action("lists", "def main(args):\n    return [1, {\"a\": None}]\n");
    for result in [false, true] {
        assert_eq!(wsk.invoke("lists", true, result, &json!({})).ok(), json!([1, {"a": null}]));
    }
}

#[test]
fn sizes_have_limits() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    let most = 1 << 20;
    let long = "x".repeat(most);
    // The body is `{"name":"…"}` and a newline.
    let message = format!("Request larger than allowed: {} > {most} bytes.", most + 12);
    wsk.invoke("hello", true, true, &json!({"name": long})).refused(413, &message);
    for field in ["parameters", "annotations"] {
        let mut document = action("hello", HELLO);
        document[field] = json!([{"key": "k", "value": long}]);
        let message = format!("{field} larger than allowed: {} > {most} bytes.", most + 3);
        wsk.insert("actions/hello", true, &document).refused(413, &message);
    }
    assert_eq!(wsk.get("actions/hello?code=false").ok()["version"], "0.0.1");
}

/// `wsk action create seq --sequence first,second`.
#[test]
fn sequences() {
    let wsk = Wsk::new();
    wsk.create_action("first", "def main(args):\n    return {\"n\": args[\"n\"] + 1}\n");
    wsk.create_action(
        "second",
        "def main(args):\n    return {\"n\": args[\"n\"] * 10} if args['n'] < 9 else {\"error\": \"much\"}\n",
    );
    let sequence = |components: &[&str]| json!({"namespace": "_", "name": "seq", "exec": {"kind": "sequence", "components": components}});
    let created = wsk.insert("actions/seq", false, &sequence(&["/_/first", "/_/second"])).ok();
    let components = json!(["/guest/first", "/guest/second"]);
    assert_eq!(created["exec"], json!({"kind": "sequence", "components": components}));
    assert_eq!(value_of(&created["annotations"], "exec"), Some(&json!("sequence")));
    assert_eq!(wsk.get("actions/seq?code=false").ok()["exec"]["components"], components);
    assert_eq!(wsk.invoke("seq", true, true, &json!({"n": 1})).ok(), json!({"n": 20}));

    let record = wsk.invoke("seq", true, false, &json!({"n": 2})).ok();
    assert_eq!(record["response"]["result"], json!({"n": 30}));
    assert_eq!(value_of(&record["annotations"], "kind"), Some(&json!("sequence")));
    assert_eq!(value_of(&record["annotations"], "topmost"), Some(&json!(true)));
    // The logs of a sequence are the ids of what it invoked, which say what caused them.
    let logs = record["logs"].as_array().expect("a list");
    assert_eq!(logs.len(), 2, "{record}");
    for (id, name) in logs.iter().zip(["first", "second"]) {
        let part = wsk.client.activation(text(id));
        assert_eq!((&part["cause"], &part["name"]), (&record["activationId"], &json!(name)));
        assert_eq!(value_of(&part["annotations"], "causedBy"), Some(&json!("sequence")));
    }
    let failed = wsk.invoke("seq", true, true, &json!({"n": 9}));
    assert_eq!((failed.status, failed.json()), (502, json!({"error": "much"})));

    let update = |components: &[&str]| wsk.insert("actions/seq", true, &sequence(components));
    update(&[]).refused(400, "No component specified for the sequence.");
    update(&["/_/first", "/_/seq"]).refused(400, "Sequence may not refer to itself.");
    update(&["/_/first", "/_/nope"]).refused(400, "Sequence component does not exist.");
    update(&["/_/first"; 51]).refused(400, "Too many actions in the sequence.");
    assert_eq!(update(&["/_/first"; 50]).ok()["version"], "0.0.2");
    // One that is gone is missed when it is its turn.
    update(&["/_/first", "/_/second"]).ok();
    wsk.delete("actions/second").ok();
    let missing = wsk.invoke("seq", true, true, &json!({"n": 1}));
    assert_eq!((missing.status, missing.json()), (502, json!({"error": "Sequence component does not exist."})));
}

#[test]
fn zips_and_copies() {
    let wsk = Wsk::new();
    let created = wsk.insert("actions/zipped", false, &action("zipped", ZIP)).ok();
    assert_eq!((&created["exec"]["binary"], &created["exec"]["code"]), (&json!(true), &json!(ZIP)));
    assert_eq!(wsk.invoke("zipped", true, true, &json!({"name": "Ada"})).ok(), json!({"greeting": "Hello, Ada!"}));
    assert_eq!(wsk.get("actions?limit=30&skip=0").ok()[0]["exec"], json!({"binary": true}));

    // `wsk action create copy --copy zipped` sends what it got.
    let existing = wsk.get("actions/zipped?code=true").ok();
    let copy = json!({
        "namespace": "_", "name": "copy", "exec": existing["exec"], "annotations": existing["annotations"],
    });
    assert_eq!(wsk.insert("actions/copy", false, &copy).ok()["exec"], existing["exec"]);
    assert_eq!(wsk.invoke("copy", true, true, &json!({"name": "Bo"})).ok(), json!({"greeting": "Hello, Bo!"}));
}
