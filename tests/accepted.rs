//! Invocations that nobody waits for: what was accepted runs, also after the daemon was killed.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::Daemon;

/// Writes a line to a file of the caller's when it begins, and one when it ends.
const SLOW: &str = r#"
import time

def main(args):
    with open(args["file"], "a") as file:
        file.write("begin " + str(args["n"]) + "\n")
    time.sleep(args["seconds"])
    with open(args["file"], "a") as file:
        file.write("end " + str(args["n"]) + "\n")
    return {"n": args["n"]}
"#;

fn submit(daemon: &Daemon, file: &str, n: u32, seconds: f64) -> String {
    let body = serde_json::json!({"file": file, "n": n, "seconds": seconds}).to_string();
    let answer = daemon.request("POST", "/api/v1/namespaces/_/actions/slow", Some(&body));
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["activationId"].as_str().expect("an id").to_owned()
}

fn record(daemon: &Daemon, id: &str) -> Option<Value> {
    let answer = daemon.request("GET", &format!("/api/v1/namespaces/_/activations/{id}"), None);
    (answer.status == 200).then(|| answer.json())
}

fn ran_again(record: &Value) -> bool {
    record["annotations"].as_array().expect("annotations").iter().any(|annotation| annotation["key"] == "again")
}

#[test]
fn what_was_accepted_runs_after_a_kill() {
    let file = tempfile::Builder::new().prefix("accepted").tempfile_in("/tmp").unwrap();
    let path = file.path().to_str().unwrap();
    let mut daemon = Daemon::with_options(&[("slow", SLOW)], &["--workers", "1"]);
    let done = submit(&daemon, path, 0, 0.0);
    daemon.wait_for("the first one's record", |daemon| record(daemon, &done).is_some());
    // The first of these runs, the others wait for the one worker.
    let ids: Vec<String> = (1..=5).map(|n| submit(&daemon, path, n, 1.0)).collect();
    daemon.wait_for("one that has begun", |_| fs::read_to_string(path).unwrap().contains("begin 1"));
    daemon.kill_and_restart();
    daemon.wait_for("every record", |daemon| ids.iter().all(|id| record(daemon, id).is_some()));

    let lines = fs::read_to_string(path).unwrap();
    for n in 1..=5 {
        assert!(lines.contains(&format!("end {n}")), "{lines}");
        let begun = lines.matches(&format!("begin {n}")).count();
        // What had not begun ran once; the one that had says that it ran once more.
        let again = ran_again(&record(&daemon, &ids[n - 1]).unwrap());
        assert_eq!(again, begun == 2, "{n}: {lines}");
        assert!(begun == 1 || n == 1, "{lines}");
    }
    assert!(record(&daemon, &done).is_some(), "records outlive a kill");
    assert_eq!(lines.matches("begin 0").count(), 1);

    // Nothing is left to be run by the next one.
    thread::sleep(Duration::from_millis(300));
    daemon.kill_and_restart();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(fs::read_to_string(path).unwrap(), lines);
}

#[test]
fn a_wait_that_ends_is_a_promise() {
    let file = tempfile::Builder::new().prefix("accepted").tempfile_in("/tmp").unwrap();
    let path = file.path().to_str().unwrap();
    let mut daemon = Daemon::start(&[("slow", SLOW)]);
    let body = serde_json::json!({"file": path, "n": 1, "seconds": 2.0}).to_string();
    let answer = daemon.request("POST", "/api/v1/namespaces/_/actions/slow?blocking=true&timeout=200", Some(&body));
    assert_eq!(answer.status, 202);
    let id = answer.json()["activationId"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("x-openwhisk-activation-id"), Some(id.as_str()));
    daemon.kill_and_restart();
    daemon.wait_for("its record", |daemon| record(daemon, &id).is_some());
    assert!(ran_again(&record(&daemon, &id).unwrap()));
}

#[test]
fn an_action_that_is_gone_leaves_a_record() {
    let file = tempfile::Builder::new().prefix("accepted").tempfile_in("/tmp").unwrap();
    let path = file.path().to_str().unwrap();
    let mut daemon = Daemon::with_options(&[], &["--workers", "1"]);
    daemon.deploy("slow", SLOW, serde_json::json!({}));
    let ids = [submit(&daemon, path, 1, 30.0), submit(&daemon, path, 2, 30.0)];
    daemon.request("DELETE", "/api/v1/namespaces/_/actions/slow", None);
    daemon.kill_and_restart();
    daemon.wait_for("their records", |daemon| ids.iter().all(|id| record(daemon, id).is_some()));
    let left = record(&daemon, &ids[1]).unwrap();
    assert_eq!(left["response"]["result"]["error"], "Action could not be found or may have been deleted.");
}
