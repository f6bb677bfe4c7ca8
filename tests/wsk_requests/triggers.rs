//! `wsk trigger …` and `wsk rule …`.

use serde_json::{Value, json};

use super::{HELLO, Wsk, text};
use crate::contract::GUEST;

const GONE: &str = "The requested resource does not exist.";

/// What `wsk rule create NAME TRIGGER ACTION` sends.
fn rule(name: &str, trigger: &str, action: &str) -> Value {
    json!({"name": name, "status": "", "trigger": format!("/_/{trigger}"), "action": format!("/_/{action}")})
}

impl Wsk {
    /// `wsk rule enable` and `disable`.
    #[track_caller]
    fn set(&self, name: &str, status: &str) {
        let state = json!({"status": status, "trigger": null, "action": null});
        let answer = self.send("POST", &format!("rules/{name}"), Some(&state));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(self.get(&format!("rules/{name}")).ok()["status"], status);
    }

    /// `wsk trigger fire`; the id, if a rule is active.
    #[track_caller]
    fn fire(&self, name: &str, payload: &Value) -> Option<String> {
        let answer = self.send("POST", &format!("triggers/{name}"), Some(payload));
        match answer.status {
            202 => Some(text(&answer.json()["activationId"]).to_owned()),
            204 => None,
            _ => panic!("{answer:?}"),
        }
    }
}

#[test]
fn triggers_are_created_updated_got_and_deleted() {
    let wsk = Wsk::new();
    let document = json!({
        "name": "morning", "annotations": [{"key": "why", "value": "sun"}], "parameters": [{"key": "hour", "value": 6}],
    });
    let created = wsk.insert("triggers/morning", false, &document).ok();
    assert_eq!((&created["namespace"], &created["version"]), (&json!("guest"), &json!("0.0.1")));
    wsk.insert("triggers/morning", false, &document).refused(409, "resource already exists");
    // `wsk trigger update` gets it first, and creates it if it is not there.
    wsk.get("triggers/morning").ok();
    let updated = wsk
        .insert("triggers/morning", true, &json!({"name": "morning", "parameters": [{"key": "hour", "value": 7}]}))
        .ok();
    assert_eq!((&updated["version"], &updated["annotations"]), (&json!("0.0.2"), &created["annotations"]));
    assert_eq!(updated["parameters"], json!([{"key": "hour", "value": 7}]));
    assert_eq!(wsk.names("triggers?limit=30&skip=0"), ["guest/morning"]);
    assert_eq!(wsk.fire("morning", &json!({})), None, "nobody listens");
    assert_eq!(wsk.get("activations?limit=30&skip=0").ok(), json!([]), "and nothing is recorded");
    wsk.delete("triggers/morning").ok();
    wsk.delete("triggers/morning").refused(404, GONE);
    wsk.send("POST", "triggers/morning", Some(&json!({}))).refused(404, GONE);
    let feed = json!({"name": "bad", "annotations": [{"key": "feed", "value": ["no name"]}]});
    wsk.insert("triggers/bad", false, &feed).refused(400, "Feed name is not valid");
}

#[test]
fn a_fired_trigger_invokes_the_actions_of_its_rules() {
    let wsk = Wsk::new();
    wsk.create_action("show", "def main(args):\n    return {k: args[k] for k in args if k != '__ow_headers'}\n");
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    wsk.create_action("tools/hammer", HELLO);
    let parameters = json!([{"key": "hour", "value": 6}, {"key": "name", "value": "Bo"}]);
    wsk.insert("triggers/morning", false, &json!({"name": "morning", "parameters": parameters})).ok();
    let created = wsk.insert("rules/shows", false, &rule("shows", "morning", "show")).ok();
    assert_eq!(created["status"], "active");
    assert_eq!(created["trigger"], json!({"path": "guest", "name": "morning"}));
    assert_eq!(created["action"], json!({"path": "guest", "name": "show"}));
    let packaged = wsk.insert("rules/hammers", false, &rule("hammers", "morning", "tools/hammer")).ok();
    assert_eq!(packaged["action"], json!({"path": "guest/tools", "name": "hammer"}));
    let reduced = json!({"action": {"path": "guest", "name": "show"}, "status": "active"});
    assert_eq!(wsk.get("triggers/morning").ok()["rules"]["guest/shows"], reduced);

    let id = wsk.fire("morning", &json!({"name": "Cy"})).expect("rules are active");
    let record = wsk.client.activation(&id);
    assert_eq!((&record["name"], &record["response"]["success"]), (&json!("morning"), &json!(true)));
    assert_eq!(record["response"]["result"], json!({"name": "Cy"}), "what came with it");
    // Of what was fired, no end is recorded, and the logs say what became of each rule.
    assert!(record.get("end").is_none() && record.get("duration").is_none(), "{record}");
    let mut outcomes: Vec<Value> = record["logs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| serde_json::from_str(text(line)).expect("JSON"))
        .collect();
    outcomes.sort_by_key(|outcome| outcome["rule"].to_string());
    assert_eq!(outcomes.len(), 2, "{record}");
    for (outcome, (name, action, result)) in outcomes.iter().zip([
        ("guest/hammers", "guest/tools/hammer", json!({"hello": "Cy"})),
        ("guest/shows", "guest/show", json!({"hour": 6, "name": "Cy"})),
    ]) {
        assert_eq!((&outcome["rule"], &outcome["action"]), (&json!(name), &json!(action)), "{outcome}");
        assert_eq!((&outcome["statusCode"], &outcome["success"]), (&json!(0), &json!(true)), "{outcome}");
        let invoked = wsk.client.activation(text(&outcome["activationId"]));
        assert_eq!(invoked["response"]["result"], result);
    }
}

#[test]
fn rules_are_disabled_enabled_updated_and_deleted() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    wsk.create_action("other", HELLO);
    wsk.insert("triggers/morning", false, &json!({"name": "morning"})).ok();
    wsk.insert("rules/greet", false, &rule("greet", "morning", "hello")).ok();
    wsk.insert("rules/greet", false, &rule("greet", "morning", "hello")).refused(409, "resource already exists");
    wsk.set("greet", "inactive");
    wsk.set("greet", "inactive");
    assert_eq!(wsk.fire("morning", &json!({})), None);
    assert_eq!(wsk.get("triggers/morning").ok()["rules"]["guest/greet"]["status"], "inactive");
    // An update changes what is invoked, and not whether.
    let updated = wsk.insert("rules/greet", true, &rule("greet", "morning", "other")).ok();
    assert_eq!((&updated["version"], &updated["status"]), (&json!("0.0.2"), &json!("inactive")));
    assert_eq!(updated["action"]["name"], "other");
    wsk.set("greet", "active");
    wsk.set("greet", "active");
    assert_eq!(wsk.get("rules/greet").ok()["version"], "0.0.2", "no new version");
    assert!(wsk.fire("morning", &json!({})).is_some());
    // With one of two rules inactive, the record says so.
    wsk.insert("rules/second", false, &rule("second", "morning", "hello")).ok();
    wsk.set("greet", "inactive");
    let id = wsk.fire("morning", &json!({})).expect("one rule is active");
    let logs = wsk.client.activation(&id)["logs"].clone();
    let inactive = "Rule 'guest/greet' is inactive, action 'guest/other' was not activated.";
    let outcomes: Vec<Value> =
        logs.as_array().expect("a list").iter().map(|line| serde_json::from_str(text(line)).expect("JSON")).collect();
    let greet = outcomes.iter().find(|outcome| outcome["rule"] == "guest/greet").expect("every rule is told of");
    assert_eq!(
        (&greet["success"], &greet["statusCode"], &greet["error"]),
        (&json!(false), &json!(1), &json!(inactive))
    );

    let list = wsk.get("rules?limit=30&skip=0").ok();
    assert!(
        list.as_array().is_some_and(|items| items.len() == 2 && items.iter().all(|item| item.get("status").is_none())),
        "{list}"
    );
    // `wsk rule delete --disable`.
    wsk.set("second", "inactive");
    let deleted = wsk.delete("rules/second").ok();
    assert_eq!(deleted["status"], "inactive");
    wsk.set("greet", "active");
    assert_eq!(wsk.delete("rules/greet").ok()["status"], "inactive", "active ones can be deleted, too");
    wsk.get("rules/greet").refused(404, GONE);
    let trigger = wsk.get("triggers/morning").ok();
    assert!(trigger["rules"].as_object().is_none_or(|rules| rules.is_empty()), "{trigger}");
    assert_eq!(wsk.fire("morning", &json!({})), None);
}

#[test]
fn a_rule_outlives_its_trigger_and_moves() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    for name in ["morning", "evening"] {
        wsk.insert(&format!("triggers/{name}"), false, &json!({"name": name})).ok();
    }
    wsk.insert("rules/greet", false, &rule("greet", "morning", "hello")).ok();
    let moved = wsk.insert("rules/greet", true, &rule("greet", "evening", "hello")).ok();
    assert_eq!((&moved["trigger"]["name"], &moved["status"]), (&json!("evening"), &json!("active")));
    assert_eq!(wsk.fire("morning", &json!({})), None);
    assert!(wsk.fire("evening", &json!({})).is_some());
    wsk.delete("triggers/evening").ok();
    assert_eq!(wsk.get("rules/greet").ok()["status"], "inactive");
    let state = json!({"status": "active", "trigger": null, "action": null});
    wsk.send("POST", "rules/greet", Some(&state)).refused(404, "Only rules with existing triggers can be activated");
    wsk.delete("rules/greet").ok();
}

#[test]
fn what_cannot_be_is_refused() {
    let wsk = Wsk::new();
    wsk.create_action("hello", HELLO);
    wsk.insert("triggers/morning", false, &json!({"name": "morning"})).ok();
    let put = |document: &Value| wsk.insert("rules/greet", false, document);
    put(&rule("greet", "nope", "hello")).refused(400, "trigger /guest/nope does not exist");
    put(&rule("greet", "morning", "nope")).refused(400, "action /guest/nope does not exist");
    put(&json!({"name": "greet", "status": ""})).refused(400, "rule requires a valid trigger and a valid action");
    let bare = put(&json!({"name": "greet", "status": "", "trigger": "morning", "action": "/_/hello"}));
    assert_eq!(bare.status, 400, "{bare:?}");
    let qualified =
        "The fully qualified name of the entity must contain at least the namespace and the name of the entity.";
    assert!(
        bare.error().starts_with("The request content was malformed:\n") && bare.error().ends_with(qualified),
        "{bare:?}"
    );
    wsk.get("rules/greet").refused(404, GONE);
    put(&rule("greet", "morning", "hello")).ok();
    for state in [json!({"status": "changing"}), json!({}), json!({"status": 1})] {
        let refused = wsk.send("POST", "rules/greet", Some(&state));
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.error().starts_with("The request content was malformed:\n"), "{refused:?}");
    }
    wsk.send("POST", "rules/nope", Some(&json!({"status": "active"}))).refused(404, GONE);
    // An action that is gone is missed when the trigger is fired, and the others are not.
    wsk.insert("rules/other", false, &rule("other", "morning", "hello")).ok();
    wsk.create_action("gone", HELLO);
    wsk.insert("rules/greet", true, &rule("greet", "morning", "gone")).ok();
    wsk.delete("actions/gone").ok();
    let id = wsk.fire("morning", &json!({})).expect("rules are active");
    let logs = wsk.client.activation(&id)["logs"].to_string();
    assert!(logs.contains(GONE) && logs.contains("activationId"), "{logs}");
}

/// `wsk trigger create NAME --feed FEED` and `wsk trigger delete NAME`, which tell the feed's action.
#[test]
fn feeds() {
    let wsk = Wsk::new();
    wsk.insert("packages/alarms", false, &json!({"namespace": "_", "name": "alarms"})).ok();
    wsk.create_action("alarms/alarm", "def main(args):\n    return args\n");
    let feed = json!({"name": "tick", "annotations": [{"key": "feed", "value": "/_/alarms/alarm"}]});
    wsk.insert("triggers/tick", false, &feed).ok();
    let lifecycle =
        |event: &str| json!({"authKey": GUEST, "cron": "* * * * *", "lifecycleEvent": event, "triggerName": "/_/tick"});
    for event in ["CREATE", "READ", "UPDATE", "DELETE"] {
        assert_eq!(
            wsk.invoke("alarms/alarm", true, false, &lifecycle(event)).ok()["response"]["result"],
            lifecycle(event)
        );
    }
    let got = wsk.get("triggers/tick").ok();
    assert_eq!(got["annotations"], json!([{"key": "feed", "value": "/_/alarms/alarm"}]), "by which wsk finds the feed");
    wsk.delete("triggers/tick").ok();
}
