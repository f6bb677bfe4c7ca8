//! Whatever an action does, it does to its own worker only, and nothing is left of it.

mod support;

use std::time::Instant;

use support::*;
use upshift_worker::{Limits, Mode, Module, Outcome, WorkerError};

const ECHO: &str = "def main(args):\n    return args\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_keeps_the_logs_and_hurts_nobody_else() {
    let source = "import os\ndef main(args):\n    print('here')\n    os.write(2, b'and here')\n    while True: pass\n";
    let zygote = zygote().await;
    let mut other = worker(&zygote, ECHO).await;
    let worker = worker(&zygote, source).await;
    let pid = worker.pid();
    let started = Instant::now();
    let reply = worker.run(b"{}", Mode::Plain, &[], SECOND / 5).await.unwrap();
    assert!(started.elapsed() < SECOND);
    assert_eq!(reply.outcome, Outcome::TimedOut);
    assert_eq!(lines(&reply), [("stdout", "here"), ("stderr", "and here")]);
    assert!(!worker.is_alive());
    assert!(matches!(worker.run(b"{}", Mode::Plain, &[], LONG).await, Err(WorkerError::Unusable)));
    eventually("the worker is reaped", || !exists(pid)).await;
    assert_eq!(result(&mut other, r#"{"a": 1}"#).await, r#"{"a": 1}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_run_ends_the_worker() {
    let zygote = zygote().await;
    let worker = worker(&zygote, "import time\ndef main(args):\n    time.sleep(10)\n").await;
    assert!(tokio::time::timeout(SECOND / 10, worker.run(b"{}", Mode::Plain, &[], LONG)).await.is_err());
    assert!(!worker.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_limited() {
    let source = "\
def main(args):
    size = args['mb'] << 20
    data = [0] * (size // 8)
    return {'n': len(data)}
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    assert_eq!(result(&mut worker, r#"{"mb": 250}"#).await, r#"{"n": 32768000}"#);
    let reply = run(&mut worker, r#"{"mb": 1024}"#).await;
    assert_eq!(reply.outcome, Outcome::OutOfMemory);
    assert_eq!(lines(&reply).last(), Some(&("stderr", "MemoryError")));
    assert!(!worker.is_alive());

    let growing = "def main(args):\n    held = []\n    while True:\n        held.append('x' * 1000 + str(len(held)))\n";
    let mut worker = worker_with(&zygote, Limits::new(64 << 20, 1000), &module(growing)).await;
    assert_eq!(run(&mut worker, "{}").await.outcome, Outcome::OutOfMemory);

    let caught =
        "def main(args):\n    try:\n        [0] * (1 << 30)\n    except MemoryError:\n        return {'caught': 1}\n";
    let mut worker = worker_with(&zygote, limits(), &module(caught)).await;
    assert_eq!(result(&mut worker, "{}").await, r#"{"caught": 1}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn exits_and_crashes_are_told_apart_from_results() {
    let zygote = zygote().await;
    for (statement, expected) in [
        ("import os; os._exit(0)", vec![("stdout", "before")]),
        ("import sys; sys.exit('bye')", vec![("stdout", "before"), ("stderr", "bye")]),
        ("raise SystemExit", vec![("stdout", "before")]),
        ("import os; os.kill(os.getpid(), 9)", vec![("stdout", "before")]),
        ("import ctypes; ctypes.string_at(0)", vec![("stdout", "before")]),
        ("import os; os.closerange(3, 4096)", vec![("stdout", "before")]),
        ("import os; [os.write(fd, b'x' * 9) for fd in range(100, 101)]", vec![("stdout", "before")]),
    ] {
        let worker = worker(&zygote, &format!("def main(args):\n    print('before')\n    {statement}\n")).await;
        let pid = worker.pid();
        let reply = worker.run(b"{}", Mode::Plain, &[], SECOND * 5).await.unwrap();
        assert_eq!(reply.outcome, Outcome::Crashed, "{statement}");
        assert_eq!(lines(&reply), expected, "{statement}");
        assert!(!worker.is_alive());
        eventually("the worker is reaped", || !exists(pid)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processor_time_is_limited() {
    let zygote = zygote().await;
    let limits = Limits { cpu_seconds: 0, ..limits() };
    let mut worker = worker_with(&zygote, limits, &module("def main(args):\n    while True: pass\n")).await;
    assert_eq!(run(&mut worker, "{}").await.outcome, Outcome::Crashed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_is_noticed() {
    let zygote = zygote().await;
    let mut busy = worker(&zygote, "import time\ndef main(args):\n    time.sleep(30)\n").await;
    let idle = worker(&zygote, ECHO).await;
    let (busy_pid, idle_pid) = (busy.pid(), idle.pid());
    kill(idle_pid);
    eventually("the worker is reaped", || !exists(idle_pid)).await;
    assert!(!idle.is_alive());
    // What it was sent it has not begun.
    assert!(idle.run(b"{}", Mode::Plain, &[], LONG).await.is_err());
    let running = tokio::spawn(async move { run(&mut busy, "{}").await.outcome });
    tokio::time::sleep(SECOND / 10).await;
    kill(busy_pid);
    assert_eq!(running.await.unwrap(), Outcome::Crashed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_zygote_has_a_successor() {
    let zygote = zygote().await;
    let before = worker(&zygote, ECHO).await;
    let pid = before.pid();
    kill(parent(pid));
    eventually("the workers end with it", || !before.is_alive()).await;
    assert!(before.run(b"{}", Mode::Plain, &[], LONG).await.is_err());
    let mut after = worker(&zygote.clone(), ECHO).await;
    assert_eq!(result(&mut after, "[]").await, "[]");
    assert_eq!(zygote.check_syntax("1", "a.py").await.unwrap(), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_workers_at_once_and_none_afterwards() {
    let zygote = zygote().await;
    let tasks: Vec<_> = (0..50)
        .map(|index| {
            let zygote = zygote.clone();
            tokio::spawn(async move {
                let mut worker = worker(&zygote, ECHO).await;
                let args = format!(r#"{{"i": {index}}}"#);
                assert_eq!(result(&mut worker, &args).await, args);
                worker
            })
        })
        .collect();
    let mut workers = Vec::new();
    for task in tasks {
        workers.push(task.await.unwrap());
    }
    let pids: Vec<u32> = workers.iter().map(|worker| worker.pid()).collect();
    let zygote_pid = parent(pids[0]);
    assert!(pids.iter().all(|&pid| exists(pid) && parent(pid) == zygote_pid));
    drop(workers);
    eventually("all workers are reaped", || !pids.iter().any(|&pid| exists(pid))).await;
    assert!(exists(zygote_pid));
    drop(zygote);
    eventually("the zygote ends", || !exists(zygote_pid)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subprocesses_end_with_their_worker() {
    let source = "\
import subprocess
def main(args):
    return {'pid': subprocess.Popen(['sleep', '1000']).pid}
";
    for end_zygote in [false, true] {
        let zygote = zygote().await;
        let mut worker = worker(&zygote, source).await;
        let reply = result(&mut worker, "{}").await;
        let pid: u32 = reply.trim_start_matches(r#"{"pid": "#).trim_end_matches('}').parse().unwrap();
        assert!(exists(pid));
        if end_zygote {
            // As when the daemon is killed: all the zygote sees is that the socket closes.
            drop(zygote);
        } else {
            drop(worker);
        }
        eventually("the subprocess ends", || gone(pid)).await;
    }
}

/// Whether the process ended, reaped or not: orphans are reaped by whatever runs as the first process.
fn gone(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn the_standard_library_is_found_whatever_the_path() {
    for path in ["/nowhere", "/usr/bin:/bin"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_upshift-zygote-test"))
            .env_clear()
            .env("PATH", path)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        // It is warm, and only then misses its socket.
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("Socket operation on non-socket"), "{error}");
    }
}

/// A folder where actions may not write, wherever this is built: below /tmp all may.
fn outside() -> tempfile::TempDir {
    let home = std::env::var("HOME").unwrap_or_default();
    let places = [env!("CARGO_TARGET_TMPDIR"), &home, "/var/lib", "/srv", "/run"];
    let open = ["/tmp", "/var/tmp", "/dev", "/usr", "/opt"];
    let closed = places.iter().filter(|place| !open.iter().any(|open| std::path::Path::new(place).starts_with(open)));
    closed.filter_map(|place| tempfile::tempdir_in(place).ok()).next().expect("a folder outside of /tmp can be written")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_processes_of_others_are_out_of_reach() {
    let source = "\
import json, os, subprocess, tempfile
def tried(what):
    try:
        return repr(what())
    except OSError as error:
        return type(error).__name__
def main(args):
    own, other = args['own'], args['other']
    secret = os.path.join(other, 'secret')
    return {
        'read': tried(lambda: open(secret).read()),
        'list': tried(lambda: os.listdir(other)),
        'write': tried(lambda: open(os.path.join(other, 'new'), 'w')),
        'remove': tried(lambda: os.remove(secret)),
        'child': subprocess.run(['cat', secret], capture_output=True).returncode,
        'kill': tried(lambda: os.kill(os.getppid(), 0)),
        'environ': tried(lambda: open(f'/proc/{os.getppid()}/environ').read()),
        'own': tried(lambda: open(os.path.join(own, 'data')).read()),
        'written': tried(lambda: open(os.path.join(own, 'new'), 'w').write('x')),
        'temporary': tried(lambda: tempfile.TemporaryFile().write(b'xy')),
        'system': tried(lambda: len(open('/etc/passwd').read()) > 0 and len(open(json.__file__).read()) > 0),
    }
";
    let zygote = zygote().await;
    if zygote.facts().iter().any(|(name, value)| name == "confines" && value == "false") {
        eprintln!("this kernel has no Landlock");
        return;
    }
    let (own, other) = (outside(), outside());
    std::fs::write(own.path().join("data"), "mine").unwrap();
    std::fs::write(other.path().join("secret"), "theirs").unwrap();
    let temporary = Some(own.path().join("temporary"));
    let module = Module { directory: Some(own.path().to_owned()), temporary, ..module(source) };
    let mut worker = worker_with(&zygote, limits(), &module).await;
    let args = format!("{{\"own\": {:?}, \"other\": {:?}}}", own.path(), other.path());
    let denied = "\"PermissionError\"";
    let expected = format!(
        "{{\"read\": {denied}, \"list\": {denied}, \"write\": {denied}, \"remove\": {denied}, \"child\": 1, \
         \"kill\": {denied}, \"environ\": {denied}, \"own\": \"'mine'\", \"written\": {denied}, \"temporary\": \"2\", \
         \"system\": \"True\"}}"
    );
    assert_eq!(result(&mut worker, &args).await, expected);
    assert!(other.path().join("secret").exists());
}
