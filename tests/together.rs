//! Many clients at once deploy, invoke, list, update and delete the same few names: no update is lost, no answer is another
//! one's, nothing fails, and nothing is left.
//!
//! Ten seconds of it; `UPSHIFT_TOGETHER` says how many otherwise (`make soak-api`).

mod client;
mod history;

use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::contract::{Client, OWN};
use crate::left::Left;
use crate::support::{Daemon, UPSHIFT};
use client::Busy;
use history::{Event, State, Told};

/// How many clients there are.
const CLIENTS: u64 = 64;

/// What they share: `COLLECTION/NAME`, by which an entity is asked for.
const NAMES: [&str; 14] = [
    "packages/p0",
    "packages/p1",
    "actions/a0",
    "actions/a1",
    "actions/a2",
    "actions/a3",
    "actions/p0/a",
    "actions/p1/a",
    "triggers/t0",
    "triggers/t1",
    "triggers/t2",
    "rules/r0",
    "rules/r1",
    "rules/r2",
];

/// What everybody has seen, by one clock.
#[derive(Default)]
struct Log {
    clock: AtomicU64,
    tokens: AtomicU64,
    names: [Mutex<Vec<Event>>; NAMES.len()],
    ran: Mutex<Vec<Ran>>,
}

/// An invocation: of which name, when, and the version and the token that its record says.
struct Ran {
    name: usize,
    from: u64,
    to: u64,
    version: u64,
    token: u64,
}

impl Log {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn token(&self) -> u64 {
        self.tokens.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn note(&self, name: usize, from: u64, to: u64, told: Told) {
        self.names[name].lock().expect("nobody panics with it").push(Event { from, to, told });
    }

    /// Adds invocations to what was seen: what ran is what the token says, and the record names its version.
    fn resolve(&mut self) {
        let mut writes: HashMap<u64, State> = HashMap::new();
        for events in &mut self.names {
            let events = events.get_mut().expect("nobody panicked");
            writes.extend(events.iter().filter_map(|event| match event.told {
                Told::Wrote(state) if state.token != 0 => Some((state.token, state)),
                _ => None,
            }));
        }
        for Ran { name, from, to, version, token } in std::mem::take(self.ran.get_mut().expect("nobody panicked")) {
            let state = writes.get(&token).unwrap_or_else(|| panic!("{} ran {token}, which nobody wrote", NAMES[name]));
            assert_eq!(
                state.version, version,
                "the record of {} says another version than ran: {state:?}",
                NAMES[name]
            );
            self.note(name, from, to, Told::Saw(*state));
        }
    }
}

/// The state that a document or an item of a list shows.
fn state_of(document: &Value) -> State {
    let value = |pairs: &str, key: &str| crate::contract::value_of(&document[pairs], key).and_then(Value::as_u64);
    let version = document["version"].as_str().and_then(|version| version.strip_prefix("0.0.")?.parse().ok());
    let version = version.unwrap_or_else(|| panic!("a version that was counted up: {document}"));
    // Where the token is in the code, the parameter is not needed, but is there, too.
    State { life: value("annotations", "life"), version, token: value("parameters", "token").unwrap_or(0) }
}

/// What a `PUT` of the name sends. A creation begins a life, which updates do not name, and so keep.
fn document(name: usize, token: u64, is_creation: bool) -> Value {
    let mut document = json!({});
    let index = name % 3;
    match NAMES[name].split('/').next() {
        Some("actions") => {
            let code = format!("def main(args):\n    return {{\"token\": {token}, \"echo\": args.get(\"echo\")}}\n");
            document["exec"] = json!({"kind": "python:default", "code": code});
        }
        Some("rules") => {
            document["trigger"] = json!(format!("/_/t{index}"));
            document["action"] = json!(format!("/_/a{}", token % 4));
        }
        _ => {}
    }
    if !NAMES[name].starts_with("rules") {
        document["parameters"] = json!([{"key": "token", "value": token}]);
    }
    if is_creation {
        document["annotations"] = json!([{"key": "life", "value": token}]);
    }
    document
}

/// A key of another namespace, which has nothing.
fn strangers_key(daemon: &Daemon) -> String {
    let made = Command::new(UPSHIFT).args(["key", "create", "elsewhere", "--state"]).arg(daemon.state.path()).output();
    let made = made.expect("upshift can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("a key").trim().to_owned()
}

fn seconds() -> u64 {
    std::env::var("UPSHIFT_TOGETHER").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(10)
}

#[test]
fn sixty_four_clients_share_a_few_names() {
    let daemon = Daemon::with_options(&[], &["--workers", "2", "--require-key"]);
    let key = strangers_key(&daemon);
    let before = Left::of(&daemon);
    let mut log = Log::default();
    let first = Busy::new(&daemon, &key, &log, 0);
    for name in 0..NAMES.len() {
        first.create(name);
    }
    let end = Instant::now() + Duration::from_secs(seconds());
    std::thread::scope(|scope| {
        for number in 1..=CLIENTS {
            let (daemon, key, log) = (&daemon, &key, &log);
            scope.spawn(move || {
                let mut client = Busy::new(daemon, key, log, number);
                while Instant::now() < end {
                    client.do_something();
                }
            });
        }
    });
    // Alone, a client sees what was acknowledged last.
    for name in 0..NAMES.len() {
        first.get(name);
    }
    first.everything_goes();
    drop(first);
    log.resolve();
    for (name, events) in NAMES.iter().zip(&mut log.names) {
        let events = events.get_mut().expect("nobody panicked");
        assert!(events.iter().filter(|event| matches!(event.told, Told::Wrote(_))).count() > 3, "{name} was written");
        history::check(events).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    nothing_is_left(&daemon, &before);
}

fn nothing_is_left(daemon: &Daemon, before: &Left) {
    let client = Client::new(daemon);
    for collection in ["actions", "packages", "triggers", "rules"] {
        assert_eq!(client.send("GET", &format!("{OWN}/{collection}"), None).ok(), json!([]));
        let count = client.send("GET", &format!("{OWN}/{collection}?count=true"), None).ok();
        assert_eq!(count, json!({collection: 0}));
    }
    before.is_all_there_is(daemon);
    assert_eq!(daemon.request("GET", "/ping", None).body, "pong");
}
