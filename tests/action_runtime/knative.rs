//! The form of the protocol on Knative, as openwhisk-runtime-nodejs has it.

use serde_json::{Value, json};

use super::container::Container;
use super::error;

const PLATFORM: (&str, &str) = ("__OW_RUNTIME_PLATFORM", "knative");
const GREET: &str = "\
import os
def main(args):
    return {'payload': 'Hello ' + args['name'] + ' from ' + args['place'] + '!', 'namespace': os.environ['__OW_NAMESPACE'],
            'method': args['__ow_method'], 'key': os.environ.get('__OW_API_KEY')}
";

fn post(container: &Container, body: &Value) -> (u16, Value) {
    container.post("/", &body.to_string())
}

fn activation(name: &str) -> Value {
    json!({
        "activation": {"namespace": "default", "action_name": "greet", "api_key": "k", "activation_id": "a", "deadline": "4102498800000"},
        "value": {"name": name, "place": "TX"},
    })
}

fn greeting(name: &str) -> (u16, Value) {
    let payload = format!("Hello {name} from TX!");
    (200, json!({"payload": payload, "namespace": "default", "method": "POST", "key": "k"}))
}

#[test]
fn one_request_brings_the_action_and_runs_it() {
    let container = Container::with_environment(&[PLATFORM]);
    assert_eq!(post(&container, &activation("Joe")), (500, error("no action defined yet")));
    let mut both = activation("Joe");
    both["init"] = json!({"name": "greet", "main": "main", "binary": false, "code": GREET});
    assert_eq!(post(&container, &both), greeting("Joe"));
    assert_eq!(post(&container, &activation("Ann")), greeting("Ann"));
    assert_eq!(post(&container, &both), (403, error("Cannot initialize the action more than once.")));
    assert_eq!(container.post("/run", "{}").0, 404);
    assert_eq!(container.get("/").0, 405);
    assert_eq!(container.get("/health"), (200, json!({"ok": true})));
    let streams = container.end();
    assert_eq!(streams.ends(), [3, 3]);
}

#[test]
fn the_action_can_come_first() {
    let container = Container::with_environment(&[PLATFORM]);
    assert_eq!(post(&container, &json!({"init": {"code": GREET}})), (200, json!({"ok": true})));
    assert_eq!(post(&container, &activation("Jill")), greeting("Jill"));
    assert_eq!(
        post(&container, &json!({"init": {"code": ""}})),
        (403, error("Cannot initialize the action more than once."))
    );
}

#[test]
fn an_action_can_be_a_part_of_the_environment() {
    let container =
        Container::with_environment(&[PLATFORM, ("__OW_ACTION_CODE", GREET), ("__OW_NAMESPACE", "default")]);
    assert_eq!(post(&container, &activation("Sue")), greeting("Sue"));
    let other = json!({"init": {"code": GREET}});
    assert_eq!(post(&container, &other), (403, error("Cannot initialize a runtime with a dedicated function.")));
}

#[test]
fn results_are_responses() {
    let source = "\
def main(args):
    return {'statusCode': 201, 'headers': {'content-type': 'text/plain', 'x-own': 1}, 'body': args['text']}
";
    let container = Container::with_environment(&[PLATFORM, ("__OW_ACTION_CODE", source)]);
    let answer = container.answer("/", &json!({"activation": {}, "value": {"text": "plain ☃"}}).to_string());
    assert_eq!((answer.status, answer.body.as_str(), answer.tier.as_deref()), (201, "plain ☃", Some("python")));
    let (status, body) = post(&container, &json!({"activation": {}, "value": {}}));
    assert_eq!((status, body), (200, error("'text'")));
}
