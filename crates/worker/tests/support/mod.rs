//! What the tests of this package share: a zygote, a way to load a source and a way to run it.

#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod server;

use std::path::Path;
use std::time::Duration;

use upshift_worker::{Limits, Loaded, Mode, Module, Outcome, Reply, Worker, Zygote};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const LONG: Duration = Duration::from_secs(30);
pub(crate) const FILENAME: &str = "hello.py";

pub(crate) async fn zygote() -> Zygote {
    let none: [&str; 0] = [];
    Zygote::start(Path::new(env!("CARGO_BIN_EXE_upshift-zygote-test")), &none).await.unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits::new(256 << 20, 10 << 20)
}

pub(crate) fn module(source: &str) -> Module {
    Module {
        source: source.to_owned(),
        filename: FILENAME.to_owned(),
        main: "main".to_owned(),
        directory: None,
        packages: None,
        temporary: None,
        instrumented: None,
        watched: Vec::new(),
        variables: Vec::new(),
    }
}

/// A worker with `source` loaded.
pub(crate) async fn worker(zygote: &Zygote, source: &str) -> Worker {
    worker_with(zygote, limits(), &module(source)).await
}

pub(crate) async fn worker_with(zygote: &Zygote, limits: Limits, module: &Module) -> Worker {
    let mut worker = zygote.fork(limits).await.unwrap();
    assert_eq!(worker.load(module, LONG).await.unwrap(), Loaded::Ready);
    worker
}

pub(crate) async fn run(worker: &mut Worker, args: &str) -> Reply {
    worker.run(args.as_bytes(), Mode::Plain, &[], LONG).await.unwrap()
}

/// The result's JSON; panics if there is none.
pub(crate) async fn result(worker: &mut Worker, args: &str) -> String {
    text(run(worker, args).await)
}

pub(crate) fn text(reply: Reply) -> String {
    match reply.outcome {
        Outcome::Success(body) => String::from_utf8(body).unwrap(),
        other => panic!("{other:?}, logs {:?}", reply.logs),
    }
}

pub(crate) fn lines(reply: &Reply) -> Vec<(&'static str, &str)> {
    reply.logs.iter().map(|line| (line.stream, line.text.as_str())).collect()
}

/// Whether a process of this id runs; one that nobody has reaped yet counts.
pub(crate) fn exists(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// Waits up to five seconds for `condition`.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}");
}

/// The zygote's process id: the parent of one of its workers.
pub(crate) fn parent(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("PPid:")).unwrap();
    line["PPid:".len()..].trim().parse().unwrap()
}

pub(crate) fn kill(pid: u32) {
    assert!(std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}
