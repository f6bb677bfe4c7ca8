//! `wsk activation …`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{HELLO, Wsk, text};
use crate::contract::{OWN, value_of};

const PRINTS: &str = "\
import sys

def main(args):
    print('out', args.get('n'))
    print('err', file=sys.stderr)
    return {'n': args.get('n')}
";

/// When an activation began.
fn start(record: &Value) -> i64 {
    record["start"].as_i64().unwrap_or_else(|| panic!("milliseconds: {record}"))
}

impl Wsk {
    /// Invokes and takes the record that came back, once it is in lists, too.
    #[track_caller]
    fn ran(&self, name: &str, parameters: &Value) -> Value {
        let record = self.invoke(name, true, false, parameters);
        let record = record.json();
        self.client.activation(text(&record["activationId"]));
        record
    }

    /// `Activations.List`, whose options are in the order of the alphabet.
    #[track_caller]
    fn activations(&self, options: &str) -> Vec<Value> {
        let list = self.get(&format!("activations?{options}")).ok();
        list.as_array().unwrap_or_else(|| panic!("a list: {list}")).clone()
    }
}

fn ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|item| text(&item["activationId"])).collect()
}

#[test]
fn get_logs_and_result() {
    let wsk = Wsk::new();
    wsk.create_action("prints", PRINTS);
    let record = wsk.ran("prints", &json!({"n": 1}));
    let id = text(&record["activationId"]);
    assert_eq!((id.len(), &record["namespace"]), (32, &json!("guest")));
    let (start, end) = (start(&record), record["end"].as_i64().expect("milliseconds"));
    assert!(start <= end && record["duration"].as_i64() == Some(end - start), "{record}");
    let got = wsk.get(&format!("activations/{id}")).ok();
    assert_eq!(got["response"], record["response"]);

    let logs = wsk.get(&format!("activations/{id}/logs")).ok();
    let lines: Vec<&str> = logs["logs"].as_array().expect("a list").iter().map(text).collect();
    assert_eq!(lines.len(), 2, "{logs}");
    for (line, said) in lines.iter().zip(["stdout: out 1", "stderr: err"]) {
        // `wsk activation logs --strip` cuts the time off, which takes 30 characters and a space.
        let (time, rest) = line.split_at(31);
        assert!(time.len() == 31 && time.contains('T') && time.trim_end().ends_with('Z'), "{line}");
        assert_eq!(rest, said);
    }
    let result = wsk.get(&format!("activations/{id}/result")).ok();
    assert_eq!((&result["result"], &result["success"]), (&json!({"n": 1}), &json!(true)));
    assert_eq!(result["status"], "success");

    for path in ["", "/logs", "/result"] {
        let unknown = wsk.get(&format!("activations/{}{path}", "0".repeat(32)));
        unknown.refused(404, "The requested resource does not exist.");
        let short = wsk.get(&format!("activations/abc{path}"));
        short.refused(400, "Activation id length is 3 but must be 32.");
    }
    wsk.get(&format!("activations/{}", "x".repeat(32))).refused(400, "The activation id is not valid.");
    let other = wsk.client.send_with("GET", &format!("{OWN}/activations/{id}/nope"), None, &[]);
    assert_eq!(other.status, 404, "{other:?}");
}

#[test]
fn list() {
    let wsk = Wsk::new();
    wsk.insert("packages/tools", false, &json!({"namespace": "_", "name": "tools"})).ok();
    for name in ["hello", "tools/hello", "tools/hammer"] {
        wsk.create_action(name, HELLO);
    }
    wsk.create_action("fails", "def main(args):\n    return {'error': 'no'}\n");
    let records: Vec<Value> =
        ["hello", "tools/hello", "tools/hammer", "fails", "hello"].map(|name| wsk.ran(name, &json!({}))).into();
    let all = wsk.activations("limit=30&skip=0");
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>(), ids(&records).into_iter().collect());
    assert!(all.windows(2).all(|two| start(&two[0]) >= start(&two[1])), "the youngest first: {all:?}");
    for item in &all {
        // What the columns of `wsk activation list` are made of.
        let record =
            records.iter().find(|record| record["activationId"] == item["activationId"]).expect("one of these");
        for member in ["namespace", "name", "version", "start", "end", "duration"] {
            assert_eq!(item[member], record[member], "{member}");
        }
        assert_eq!(value_of(&item["annotations"], "kind"), Some(&json!("python:3")));
        assert_eq!(item["statusCode"], if item["name"] == "fails" { 1 } else { 0 });
    }
    // An action in a package and one that is in none are told apart by the name that is asked for.
    let named = |name: &str| wsk.activations(&format!("limit=30&name={name}&skip=0"));
    let path = |item: &Value| value_of(&item["annotations"], "path").cloned();
    let packaged = named("tools%2Fhello");
    assert_eq!((packaged.len(), path(&packaged[0])), (1, Some(json!("guest/tools/hello"))), "{packaged:?}");
    assert_eq!(named("tools%2Fhammer").len(), 1);
    assert_eq!(named("fails").len(), 1);
    assert!(named("hello").len() >= 2 && named("hello").iter().all(|item| item["name"] == "hello"));
    assert_eq!(named("nope").len(), 0);
    let long = "The query parameter 'name' was malformed:\nParameter may be a 'simple' name or 'package-name/simple' name: a/b/c";
    wsk.get("activations?limit=30&name=a%2Fb%2Fc&skip=0").refused(400, long);

    // `--last`, which is `limit=1`; `--skip`; `--full`, whose items are whole.
    assert_eq!(ids(&wsk.activations("limit=1&skip=0")), ids(&all[..1]));
    assert_eq!(ids(&wsk.activations("limit=2&skip=1")), ids(&all[1..3]));
    let full = wsk.activations("docs=true&limit=30&skip=0");
    assert_eq!(ids(&full), ids(&all));
    assert!(full.iter().all(|item| item["logs"].is_array() && item["response"]["status"].is_string()), "{full:?}");
    assert_eq!(wsk.get("activations?count=true&skip=0").ok(), json!({"activations": 5}));
    assert_eq!(wsk.get("activations?count=true&name=fails&skip=0").ok(), json!({"activations": 1}));
    assert_eq!(wsk.get("activations?count=true&skip=2").ok(), json!({"activations": 3}));
    let both = wsk.get("activations?count=true&docs=true&skip=0");
    both.refused(400, "The parameter 'docs' is not permitted with 'count'.");
}

/// `wsk activation poll`: one request for the youngest, then everything since, again and again.
#[test]
fn poll() {
    let wsk = Wsk::new();
    wsk.create_action("prints", PRINTS);
    wsk.ran("prints", &json!({"n": 0}));
    let first = wsk.activations("docs=true&limit=1&skip=0");
    assert_eq!(first.len(), 1);
    let mut since = start(&first[0]) + 1;
    let mut reported = BTreeSet::new();
    for n in 1..4 {
        let ran = wsk.ran("prints", &json!({"n": n}));
        for activation in wsk.activations(&format!("docs=true&limit=0&since={since}&skip=0")) {
            let id = text(&activation["activationId"]).to_owned();
            assert!(start(&activation) >= since, "{activation}");
            if reported.insert(id) {
                assert_eq!(activation["activationId"], ran["activationId"], "what was there is not told of again");
                assert!(text(&activation["logs"][0]).ends_with(&format!("stdout: out {n}")), "{activation}");
            }
            since = since.max(start(&activation) + 1);
        }
        assert_eq!(reported.len(), n);
    }
    let epoch = "The query parameter 'since' was malformed:\nParameter is not a valid value for epoch seconds: x";
    wsk.get("activations?docs=true&limit=0&since=x&skip=0").refused(400, epoch);
}

#[test]
fn since_and_upto() {
    let wsk = Wsk::new();
    wsk.create_action("prints", PRINTS);
    let mut records = Vec::new();
    while records.len() < 3 {
        let record = wsk.ran("prints", &json!({}));
        // By milliseconds they are told apart.
        if records.last().is_none_or(|last| start(last) < start(&record)) {
            records.push(record);
        }
    }
    let middle = start(&records[1]);
    let in_range = |options: String| wsk.activations(&options).iter().map(start).collect::<BTreeSet<_>>();
    let [first, last] = [&records[0], &records[2]].map(start);
    let since = in_range(format!("limit=200&since={middle}&skip=0"));
    assert!(since.contains(&middle) && since.contains(&last) && !since.contains(&first), "{since:?}");
    let upto = in_range(format!("limit=200&skip=0&upto={middle}"));
    assert!(upto.contains(&middle) && upto.contains(&first) && !upto.contains(&last), "{upto:?}");
    let both = in_range(format!("limit=200&since={middle}&skip=0&upto={middle}"));
    assert_eq!(both, BTreeSet::from([middle]));
}

/// The column "start" says cold where an activation has the annotation `initTime`.
#[test]
fn cold_starts_are_told() {
    let wsk = Wsk::new();
    wsk.create_action("prints", PRINTS);
    let cold = wsk.ran("prints", &json!({}));
    assert!(value_of(&cold["annotations"], "initTime").is_some_and(Value::is_u64), "{cold}");
    // A worker that has served an invocation serves another one, though not always the very next.
    let warm = (0..20).map(|_| wsk.ran("prints", &json!({})));
    let warm = warm.into_iter().find(|record| value_of(&record["annotations"], "initTime").is_none());
    let warm = warm.expect("not every start is cold");
    for record in [&cold, &warm] {
        assert!(value_of(&record["annotations"], "waitTime").is_some_and(Value::is_u64), "{record}");
        assert_eq!(value_of(&record["annotations"], "timeout"), Some(&json!(false)));
        assert_eq!(value_of(&record["annotations"], "limits").map(|limits| &limits["timeout"]), Some(&json!(60_000)));
    }
}
