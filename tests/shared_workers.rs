//! Short invocations of an action that stays in Python follow each other in a worker: every answer, log and record is its own, and
//! every invocation that was asked for runs once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::Daemon;

/// Writes down each of its runs, before it does what is asked.
const SOURCE: &str = "\
import os, time
def main(args):
    with open(args['file'], 'a') as file:
        file.write(f\"{args['n']}\\n\")
    print('ran', args['n'])
    if args.get('do') == 'crash':
        os._exit(1)
    if args.get('do') == 'raise':
        raise ValueError(args['n'])
    if args.get('do') == 'sleep':
        time.sleep(args.get('seconds', 0.2))
    return {'n': args['n'], 'pad': 'x' * args.get('pad', 0)}
";

/// Sends `count` invocations on 24 connections; what `args` makes of a number goes in, and `check` sees what comes back.
fn storm(
    daemon: &Daemon,
    count: usize,
    args: impl Fn(usize) -> Value + Sync,
    check: impl Fn(usize, u16, Value) + Sync,
) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    let path = "/api/v1/namespaces/_/actions/noted?blocking=true";
                    let response = daemon.request("POST", path, Some(&args(n).to_string()));
                    check(n, response.status, response.json());
                }
            });
        }
    });
}

fn noted(daemon: &Daemon, file: &std::path::Path) -> Vec<usize> {
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(daemon.state_of("noted")["state"], "python");
    text.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn each_invocation_runs_once_and_has_its_own_answer() {
    for workers in ["1", "3"] {
        let daemon = Daemon::with_options(&[("noted", SOURCE)], &["--threshold", "0", "--workers", workers]);
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let file = folder.path().join("noted");
        let args = |n: usize| {
            let mut args = json!({"n": n, "file": file, "pad": n % 5 * 2000});
            if n % 50 == 33 {
                args["do"] = json!("raise");
            }
            args
        };
        storm(&daemon, 600, args, |n, status, record| {
            assert_eq!(status, if n % 50 == 33 { 502 } else { 200 }, "{record}");
            let result = &record["response"]["result"];
            match n % 50 {
                33 => assert_eq!(result["error"], n.to_string()),
                _ => assert_eq!((&result["n"], result["pad"].as_str().map(str::len)), (&json!(n), Some(n % 5 * 2000))),
            }
            let first = record["logs"][0].as_str().unwrap();
            assert!(first.ends_with(&format!("stdout: ran {n}")), "{n}: {first}");
        });
        let mut ran = noted(&daemon, &file);
        ran.sort_unstable();
        assert_eq!(ran, (0..600).collect::<Vec<_>>());
    }
}

#[test]
fn one_that_kills_its_worker_costs_the_others_nothing() {
    let daemon = Daemon::with_options(&[("noted", SOURCE)], &["--threshold", "0", "--workers", "2"]);
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let file = folder.path().join("noted");
    let kind = |n: usize| match n % 40 {
        37 => "crash",
        39 => "sleep",
        _ => "",
    };
    storm(
        &daemon,
        400,
        |n| json!({"n": n, "file": file, "do": kind(n)}),
        |n, status, record| {
            assert_eq!(status, if kind(n) == "crash" { 502 } else { 200 }, "{n}: {record}");
            assert_eq!(
                record["logs"][0].as_str().map(|line| line.ends_with(&format!("ran {n}"))),
                Some(true),
                "{record}"
            );
        },
    );
    let ran = noted(&daemon, &file);
    assert_eq!(ran.len(), 400, "none ran twice");
    assert_eq!(ran.into_iter().collect::<BTreeSet<_>>(), (0..400).collect());
}

#[test]
fn short_ones_do_not_stand_behind_a_long_one_for_long() {
    let daemon = Daemon::with_options(&[("noted", SOURCE)], &["--threshold", "0", "--workers", "2"]);
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let args = |n: usize| json!({"n": n, "file": folder.path().join("noted")});
    storm(&daemon, 100, args, |_, status, _| assert_eq!(status, 200));
    let sleep = |n: usize, seconds: f64| {
        let mut args = args(n);
        (args["do"], args["seconds"]) = (json!("sleep"), json!(seconds));
        assert_eq!(daemon.activation("noted", &args.to_string())["response"]["result"]["n"], n);
    };
    let is_over = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sleep(200, 3.0);
            is_over.store(1, Ordering::SeqCst);
        });
        std::thread::sleep(std::time::Duration::from_millis(200));
        scope.spawn(|| sleep(201, 0.5));
        std::thread::sleep(std::time::Duration::from_millis(200));
        storm(&daemon, 200, |n| args(300 + n), |_, status, _| assert_eq!(status, 200));
        assert_eq!(is_over.load(Ordering::SeqCst), 0, "the long one still runs");
    });
}
