//! Invocations that follow each other in one worker: each has its own answer and logs, and none runs twice or for nothing.

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::*;
use upshift_worker::{Mode, Outcome, Reply, Worker, WorkerError};

const SOURCE: &str = "\
import os, subprocess, time
ran = []
def main(args):
    ran.append(args['n'])
    print('out', args['n'])
    os.write(1, b'raw %d' % args['n'])
    if args.get('tail'):
        subprocess.run(['sh', '-c', 'printf tail'])
    do = args.get('do')
    with open(args['file'], 'a') as file:
        file.write(f\"{args['n']} \")
    if do == 'sleep':
        time.sleep(args['seconds'])
    elif do == 'crash':
        os._exit(1)
    elif do == 'memory':
        [0] * (1 << 40)
    elif do == 'exit':
        raise SystemExit
    elif do == 'raise':
        raise ValueError(args['n'])
    elif do == 'large':
        return {'n': args['n'], 'text': 'x' * 3_000_000}
    return {'n': args['n'], 'ran': len(ran)}
";

/// Starts the invocations one after another without waiting, each numbered and with what it does, and collects what comes.
async fn all(worker: Arc<Worker>, file: &str, wanted: &[&str], timeout: Duration) -> Vec<Result<Reply, WorkerError>> {
    let mut tasks = Vec::new();
    for (n, what) in wanted.iter().enumerate() {
        let args = format!(r#"{{"n": {n}, "file": "{file}"{what}}}"#);
        let worker = Arc::clone(&worker);
        tasks.push(tokio::spawn(async move { worker.run(args.as_bytes(), Mode::Plain, &[], timeout).await }));
        // Each is polled before the next, so that they are in order.
        tokio::time::sleep(SECOND / 100).await;
    }
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.unwrap());
    }
    replies
}

fn said(reply: &Result<Reply, WorkerError>) -> String {
    match reply {
        Ok(reply) => match &reply.outcome {
            Outcome::Success(body) => String::from_utf8_lossy(body).into_owned(),
            other => format!("{other:?}"),
        },
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_logs_are_each_ones_own() {
    let (zygote, folder) = (zygote().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("ran").display().to_string();
    let worker = Arc::new(worker(&zygote, SOURCE).await);
    let slow = r#", "do": "sleep", "seconds": 0.3"#;
    let wanted = [slow, "", r#", "do": "raise""#, r#", "tail": 1"#, r#", "do": "large""#, ""];
    let replies = all(Arc::clone(&worker), &file, &wanted, LONG).await;
    for (n, reply) in replies.iter().enumerate() {
        let reply = reply.as_ref().unwrap();
        let (out, raw) = (format!("out {n}"), format!("raw {n}"));
        let raw = if n == 3 { format!("{raw}tail") } else { raw };
        let own: Vec<_> = lines(reply).into_iter().filter(|(stream, _)| *stream == "stdout").collect();
        assert_eq!(own, [("stdout", out.as_str()), ("stdout", raw.as_str())]);
    }
    assert_eq!(said(&replies[0]), r#"{"n": 0, "ran": 1}"#);
    assert!(said(&replies[2]).contains("ValueError"));
    assert_eq!(said(&replies[4]).len(), 3_000_000 + r#"{"n": 4, "text": ""}"#.len());
    assert_eq!(said(&replies[5]), r#"{"n": 5, "ran": 6}"#);
    let behind = |n: usize| replies[n].as_ref().unwrap().behind;
    assert!(behind(0) < SECOND / 10 && behind(1) > SECOND / 10, "{:?}", (behind(0), behind(1)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "0 1 2 3 4 5 ");
    assert!(worker.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_one_that_ends_the_worker_has_not_begun() {
    let zygote = zygote().await;
    for (what, expected) in [
        (r#", "do": "crash""#, "Crashed"),
        (r#", "do": "memory""#, "OutOfMemory"),
        (r#", "do": "exit""#, "Crashed"),
        (r#", "do": "sleep", "seconds": 30"#, "TimedOut"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ran").display().to_string();
        let worker = Arc::new(worker(&zygote, SOURCE).await);
        let slow = r#", "do": "sleep", "seconds": 0.2"#;
        let replies = all(Arc::clone(&worker), &file, &[slow, what, "", ""], SECOND).await;
        assert_eq!(said(&replies[0]), r#"{"n": 0, "ran": 1}"#, "{what}");
        assert_eq!(said(&replies[1]), expected, "{what}");
        let lines = lines(replies[1].as_ref().unwrap());
        assert!(lines.contains(&("stdout", "out 1")) && lines.contains(&("stdout", "raw 1")), "{what}: {lines:?}");
        for reply in &replies[2..] {
            assert!(matches!(reply, Err(WorkerError::NotBegun)), "{what}: {}", said(reply));
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "0 1 ", "{what}");
        assert!(!worker.is_alive());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_request_waits_for_as_many_as_are_before_it() {
    let (zygote, folder) = (zygote().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("ran").display().to_string();
    let worker = Arc::new(worker(&zygote, SOURCE).await);
    let slow = r#", "do": "sleep", "seconds": 0.4"#;
    let large = format!(r#", "pad": "{}""#, "x".repeat(2_000_000));
    // Longer than the time of one altogether.
    let replies = all(worker, &file, &[slow, slow, slow, slow, &large, ""], SECOND).await;
    for (n, reply) in replies.iter().enumerate() {
        assert_eq!(said(reply), format!(r#"{{"n": {n}, "ran": {}}}"#, n + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_abandoned_takes_nobody_elses_answer() {
    let (zygote, folder) = (zygote().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("ran").display().to_string();
    let worker = Arc::new(worker(&zygote, SOURCE).await);
    let first = tokio::spawn({
        let (worker, file) = (Arc::clone(&worker), file.clone());
        async move { all(worker, &file, &[r#", "do": "sleep", "seconds": 0.5"#], LONG).await.remove(0) }
    });
    tokio::time::sleep(SECOND / 10).await;
    let args = format!(r#"{{"n": 1, "file": "{file}"}}"#);
    assert!(tokio::time::timeout(SECOND / 10, worker.run(args.as_bytes(), Mode::Plain, &[], LONG)).await.is_err());
    assert!(matches!(worker.run(args.as_bytes(), Mode::Plain, &[], LONG).await, Err(WorkerError::Unusable)));
    assert_eq!(said(&first.await.unwrap()), "Crashed");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "0 ");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_one_that_is_abandoned_nobody_takes_its_answer() {
    let (zygote, folder) = (zygote().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("ran").display().to_string();
    let worker = Arc::new(worker(&zygote, SOURCE).await);
    let run = |n: u32, what: &str| {
        let (worker, args) = (Arc::clone(&worker), format!(r#"{{"n": {n}, "file": "{file}"{what}}}"#));
        tokio::spawn(async move { worker.run(args.as_bytes(), Mode::Plain, &[], LONG).await })
    };
    let first = run(0, r#", "do": "sleep", "seconds": 0.5"#);
    tokio::time::sleep(SECOND / 10).await;
    let second = run(1, "");
    tokio::time::sleep(SECOND / 10).await;
    first.abort();
    assert!(matches!(second.await.unwrap(), Err(WorkerError::NotBegun)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "0 ");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_lose_nothing() {
    let zygote = zygote().await;
    let worker = Arc::new(worker(&zygote, "def main(args):\n    print(args['n'])\n    return args\n").await);
    let tasks: Vec<_> = (0..500)
        .map(|n| {
            let worker = Arc::clone(&worker);
            let args = format!(r#"{{"n": {n}, "pad": "{}"}}"#, "y".repeat(n % 7 * 9000));
            tokio::spawn(async move {
                let reply = worker.run(args.as_bytes(), Mode::Settled, &[], LONG).await.unwrap();
                assert_eq!(lines(&reply), [("stdout", n.to_string().as_str())]);
                assert_eq!(text(reply), args);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(worker.is_alive());
}
