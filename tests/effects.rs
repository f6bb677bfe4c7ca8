//! Functions that ask others: natively over HTTP, each request made once, whatever happens on the way.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Daemon, backing, check_live, root};

#[path = "../crates/worker/tests/support/server.rs"]
pub(crate) mod server;

use server::Server;

/// How many requests the services have had.
fn requests(port: u16) -> u64 {
    let mut answer = ureq::get(format!("http://127.0.0.1:{port}/requests")).call().unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    answer["requests"].as_u64().unwrap()
}

#[test]
fn the_examples_that_ask_services_run_natively() {
    let port = backing();
    let examples = [
        ("login", json!({"username": "user7", "password": "secret7"}), 1),
        ("banking", json!({"from": "user1", "to": "user2", "amount": 1}), 4),
        ("upload", json!({"content": "aGVsbG8=", "type": "text/plain"}), 2),
        ("status", json!({"repository": "acme/rocket", "commit": "a1", "state": "success"}), 2),
    ];
    let sources: Vec<(&str, String)> = examples
        .iter()
        .map(|(name, ..)| {
            let path = root().join("examples/functions").join(format!("{name}.py"));
            (*name, std::fs::read_to_string(path).unwrap().replace("127.0.0.1:3280", &format!("127.0.0.1:{port}")))
        })
        .collect();
    let sources: Vec<(&str, &str)> = sources.iter().map(|(name, source)| (*name, source.as_str())).collect();
    let daemon = Daemon::start(&sources);
    for (name, args, each) in examples {
        daemon.invoke_until(name, &args.to_string(), "native");
        let before = requests(port);
        for _ in 0..10 {
            let response = daemon.invoke(name, &args.to_string());
            assert_eq!((response.status, response.tier.as_deref()), (200, Some("native")), "{name}: {}", response.body);
        }
        assert_eq!(requests(port) - before, 10 * each + 1, "{name}: and one that asked how many");
        let effects = daemon.state_of(name)["effects"].to_string();
        assert!(effects.contains("external"), "{name}: {effects}");
    }
}

/// Requests in a loop, in a condition, in a sort's key, and values that guards look at between them.
const ORDERS: &str = r#"
import requests

BASE = "http://127.0.0.1:PORT"


def price(session, item):
    answer = session.get(f"{BASE}/price/{item}")
    return len(answer.json()["path"]) * 3


def main(args):
    out, total = [], 0
    with requests.Session() as session:
        session.headers["X-Order"] = str(args["order"])
        for item in sorted(args["items"], key=lambda item: price(session, item)):
            if requests.post(f"{BASE}/reserve/{item}", json={"item": item}).ok:
                total += len(item) * 2
                out.append(item.upper())
        done = session.put(f"{BASE}/orders/{args['order']}", data={"total": total, "items": out})
    print("ordered", total)
    return {"items": out, "total": total, "status": done.status_code, "body": done.json()["body"]}
"#;

#[test]
fn no_effect_happens_twice_whichever_guard_fails() {
    let server = Server::start();
    let source = ORDERS.replace("PORT", &server.port.to_string());
    let calls = [r#"{"order": 7, "items": ["pear", "fig", "banana"]}"#, r#"{"order": 8, "items": ["kiwi"]}"#];
    let report = check_live(&source, &calls);
    assert_eq!(report.native_calls, 2, "{:?}", report.reason);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches);
    assert!(report.forced.0 > 20, "guards were made to fail: {:?}", report.forced);
    let posts: Vec<String> = server.requests().into_iter().filter(|line| !line.starts_with("GET /price")).collect();
    // CPython's first run of each call, and the live runs; the others were answered from the journal.
    let runs = report.live / calls.len() + 1;
    for (line, each) in
        [("POST /reserve/fig", 1), ("POST /reserve/kiwi", 1), ("PUT /orders/7", 1), ("PUT /orders/8", 1)]
    {
        assert_eq!(posts.iter().filter(|known| *known == line).count(), runs * each, "{line}");
    }
    assert_eq!(posts.len(), runs * 6, "nothing else was asked");
}

const WEATHER: &str = r#"
import requests


def main(args):
    try:
        answer = requests.post(f"http://127.0.0.1:{args['port']}{args['path']}", json={"n": 1}, timeout=0.4)
        answer.raise_for_status()
        return {"ok": True, "path": answer.json()["path"]}
    except requests.HTTPError as error:
        return {"ok": False, "status": error.response.status_code, "error": str(error)}
    except requests.RequestException as error:
        return {"ok": False, "error": type(error).__name__, "text": str(error).partition("object at")[0]}
"#;

#[test]
fn bad_weather_is_answered_as_in_python() {
    same_in_bad_weather(WEATHER, 31);
}

/// Holds a function that asks `args["path"]` at `args["port"]` and follows redirects, so often, against Python.
pub(crate) fn same_in_bad_weather(source: &str, followed: usize) {
    let server = Server::start();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (native, python) =
        (Daemon::start(&[("weather", source)]), Daemon::with_options(&[("weather", source)], &["--threshold", "0"]));
    let args = |port: u16, path: &str| json!({"port": port, "path": path}).to_string();
    native.invoke_until("weather", &args(server.port, "/fine"), "native");
    native.invoke_until("weather", &args(server.port, "/status/500"), "native");
    server.requests();
    for (port, path, sent) in [
        (server.port, "/status/404", 1),
        (server.port, "/half", 1),
        (server.port, "/hang", 1),
        (server.port, "/nothing", 1),
        (server.port, "/reset", 1),
        (server.port, "/garbage", 1),
        (server.port, "/redirect", 2),
        (server.port, "/loop", followed),
        (server.port, "/latin", 1),
        (closed, "/", 0),
    ] {
        let args = args(port, path);
        let expected = python.invoke("weather", &args);
        assert_eq!(server.requests().len(), sent, "{path} in Python");
        for round in 0..3 {
            let answer = native.invoke("weather", &args);
            assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "{path}");
            assert_eq!(server.requests().len(), sent, "{path} in round {round}");
        }
    }
    let after = native.invoke("weather", &args(server.port, "/fine"));
    assert_eq!(
        after.tier.as_deref(),
        Some("native"),
        "weather is no reason to stay in Python: {}",
        native.state_of("weather")
    );
}

#[test]
fn an_answer_beyond_the_memory_limit_is_an_error_and_no_danger() {
    let server = Server::start();
    let (native, python) =
        (Daemon::start(&[("weather", WEATHER)]), Daemon::with_options(&[("weather", WEATHER)], &["--threshold", "0"]));
    let args = |path: &str| json!({"port": server.port, "path": path}).to_string();
    native.invoke_until("weather", &args("/fine"), "native");
    server.requests();
    let expected = python.invoke("weather", &args("/endless"));
    assert!(expected.body.contains("memory"), "{}", expected.body);
    assert_eq!(server.requests(), ["POST /endless"]);
    for _ in 0..2 {
        let answer = native.invoke("weather", &args("/endless"));
        assert_eq!((answer.status, &answer.body), (expected.status, &expected.body));
        assert_eq!(
            server.requests(),
            ["POST /endless"],
            "the answer was too large to be kept, and is not asked for again"
        );
    }
    assert_eq!(native.invoke("weather", &args("/fine")).tier.as_deref(), Some("native"));
    let peak = std::fs::read_to_string(format!("/proc/{}/status", native.pid())).unwrap();
    let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    let kilobytes: u64 = peak.split(' ').next().unwrap().parse().unwrap();
    assert!(kilobytes < 400_000, "the daemon held {peak}");
}

#[test]
fn killed_while_it_waits_it_repeats_nothing() {
    for threshold in ["5", "0"] {
        let server = Server::start();
        let mut daemon = Daemon::with_options(&[("weather", WEATHER)], &["--threshold", threshold]);
        let args = |path: &str| json!({"port": server.port, "path": path}).to_string();
        if threshold != "0" {
            daemon.invoke_until("weather", &args("/fine"), "native");
        }
        server.requests();
        let _asking = send(&daemon, &post(&daemon, "weather", &args("/hang")));
        let mut asked = Vec::new();
        while asked.is_empty() {
            asked = server.requests();
        }
        assert_eq!(asked, ["POST /hang"]);
        daemon.kill_and_restart();
        daemon.invoke("weather", &args("/after"));
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(server.requests(), ["POST /after"], "threshold {threshold}");
    }
}

#[test]
fn the_first_of_a_hosts_addresses_may_refuse() {
    let server = Server::start();
    // `localhost` is `::1` too, where nobody listens.
    let source = WEATHER.replace("127.0.0.1", "localhost");
    let daemon = Daemon::start(&[("weather", &source)]);
    let args = |path: &str| json!({"port": server.port, "path": path}).to_string();
    daemon.invoke_until("weather", &args("/fine"), "native");
    server.requests();
    for path in ["/fine", "/latin", "/fine"] {
        daemon.invoke("weather", &args(path));
    }
    assert_eq!(server.requests().len(), 3);
    let calls = [args("/fine"), args("/status/404"), args("/half")];
    let report = check_live(&source, &calls.each_ref().map(String::as_str));
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches);
}

const NAP: &str = r#"
import time


def main(args):
    started = time.monotonic()
    time.sleep(args["seconds"])
    slept = time.monotonic() - started
    return {"slept": slept >= args["seconds"], "word": args.get("word", "none").upper()}
"#;

#[test]
fn who_sleeps_takes_no_thread_and_sleeps_once() {
    let daemon = Daemon::with_options(&[("nap", NAP)], &["--timeout", "3000"]);
    daemon.invoke_until("nap", r#"{"seconds": 0.01}"#, "native");
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                assert_eq!(daemon.invoke("nap", r#"{"seconds": 0.5}"#).body, r#"{"slept": true, "word": "NONE"}"#)
            });
        }
    });
    assert!(started.elapsed() < Duration::from_secs(10), "side by side: {:?}", started.elapsed());
    // A text where none was seen: the rerun does not sleep again.
    let started = Instant::now();
    let answer = daemon.invoke("nap", r#"{"seconds": 1, "word": 5}"#);
    assert!(answer.status >= 400 && answer.tier.as_deref() == Some("python"), "{} {}", answer.status, answer.body);
    assert!(started.elapsed() < Duration::from_millis(1900), "{:?}", started.elapsed());
    let late = daemon.invoke("nap", r#"{"seconds": 60}"#);
    assert!(late.body.contains("exceeded its time limits"), "{}", late.body);
}

const SLOW: &str = r#"
import requests


def main(args):
    return {"path": requests.get(f"http://127.0.0.1:{args['port']}{args['path']}").json()["path"]}
"#;

#[test]
fn a_deadline_ends_the_waiting() {
    let server = Server::start();
    let daemon = Daemon::with_options(&[("slow", SLOW)], &["--timeout", "1000"]);
    let args = |path: &str| json!({"port": server.port, "path": path}).to_string();
    daemon.invoke_until("slow", &args("/fine"), "native");
    server.requests();
    let started = Instant::now();
    let answer = daemon.invoke("slow", &args("/hang"));
    assert!(
        answer.status >= 400 && answer.body.contains("exceeded its time limits"),
        "{} {}",
        answer.status,
        answer.body
    );
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(server.requests(), ["GET /hang"], "and is not begun anew");
    assert_eq!(daemon.invoke("slow", &args("/fine")).tier.as_deref(), Some("native"));
}

/// A daemon whose action asks a service natively, and a request to it for which the service takes its time.
fn slow() -> (Server, Daemon, String) {
    let server = Server::start();
    let daemon = Daemon::start(&[("slow", SLOW)]);
    daemon.invoke_until("slow", &path_at(&server, "/fine"), "native");
    server.requests();
    let request = post(&daemon, "slow", &path_at(&server, "/wait"));
    (server, daemon, request)
}

/// Arguments of the slow action.
fn path_at(server: &Server, path: &str) -> String {
    json!({"port": server.port, "path": path}).to_string()
}

/// A request that invokes an action.
fn post(daemon: &Daemon, action: &str, body: &str) -> String {
    let url = format!("/api/v1/namespaces/_/actions/{action}?blocking=true&result=true");
    let head = format!("POST {url} HTTP/1.1\r\nHost: {}\r\nConnection: close", daemon.address());
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A connection on which this request was sent.
fn send(daemon: &Daemon, request: &str) -> TcpStream {
    let mut client = TcpStream::connect(daemon.address()).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    client
}

#[test]
fn hundreds_wait_at_once() {
    let (server, daemon, request) = slow();
    let started = Instant::now();
    let clients: Vec<TcpStream> = (0..300).map(|_| send(&daemon, &request)).collect();
    for mut client in clients {
        let mut answer = [0; 12];
        std::io::Read::read_exact(&mut client, &mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "they waited side by side");
    assert_eq!(server.requests().len(), 300);
}

#[test]
fn a_thousand_clients_that_go_away_leave_nothing_behind() {
    let (server, daemon, request) = slow();
    for _ in 0..1000 {
        drop(send(&daemon, &request));
    }
    let patience = Instant::now() + Duration::from_secs(60);
    while held(daemon.address()) > 0 {
        assert!(Instant::now() < patience, "{} connections are held", held(daemon.address()));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(daemon.invoke("slow", &path_at(&server, "/fine")).tier.as_deref(), Some("native"));
    // What had begun goes on without them, and does nothing twice.
    let asked = server.requests().iter().filter(|line| line.ends_with("/wait")).count();
    assert!((1..=1000).contains(&asked), "{asked} asked");
}

/// How many connections a server of this process or another one has with clients (proc(5), `/proc/net/tcp`).
fn held(address: &str) -> usize {
    let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let is_held = |line: &&str| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, _, state) = (columns.next().unwrap(), columns.next(), columns.next().unwrap());
        // Established, or closed by the client alone.
        local.ends_with(&format!(":{port:04X}")) && matches!(state, "01" | "08")
    };
    table.lines().skip(1).filter(is_held).count()
}

const OUTER: &str = r#"
import requests


def main(args):
    inner = f"http://{args['at']}/api/v1/namespaces/_/actions/inner?blocking=true&result=true"
    return {"twice": requests.post(inner, json={"n": args["n"]}).json()["n"]}
"#;

const INNER: &str = "def main(args):\n    return {'n': args['n'] * 2}\n";

/// More than may always be under way wait for those that have not begun.
#[test]
fn actions_that_call_each_other_do_not_wait_for_each_other() {
    let daemon = Daemon::start(&[("outer", OUTER), ("inner", INNER)]);
    let args = |n: usize| json!({"at": daemon.address(), "n": n}).to_string();
    daemon.invoke_until("inner", r#"{"n": 1}"#, "native");
    daemon.invoke_until("outer", &args(1), "native");
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let clients: Vec<TcpStream> =
        (0..100 * processors).map(|n| send(&daemon, &post(&daemon, "outer", &args(n)))).collect();
    for (n, mut client) in clients.into_iter().enumerate() {
        client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut client, &mut answer).unwrap();
        assert!(answer.contains("x-upshift-tier: native"), "{answer}");
        assert!(answer.ends_with(&format!(r#"{{"twice": {}}}"#, 2 * n)), "{answer}");
    }
}
