//! What a module keeps from one invocation to the next: as in one warm container, whichever tier each of them runs in.

use serde_json::{Value, json};

use crate::support::Daemon;

/// Counts, collects, remembers, and does something that was never traced now and then.
const SHOP: &str = r#"
visits = 0
last = None
seen = []
prices = {}
names = set()


class Cart:
    total = 0
    made = []

    def __init__(self, name):
        self.name = name
        self.items = []

    def add(self, item, price):
        self.items.append((item, price))
        Cart.total += price
        return len(self.items)


carts = {}
settings = {"limit": 3, "deep": {"list": [1, 2]}}


def remember(key, memo={}):
    if key not in memo:
        memo[key] = len(memo)
    return memo[key]


def main(args):
    global visits, last
    visits += 1
    name, price = args["name"], args["price"]
    if name not in carts:
        carts[name] = Cart(name)
        Cart.made.append(name)
    count = carts[name].add(args["item"], price)
    seen.append(name)
    if len(seen) > 5:
        del seen[0]
    prices[args["item"]] = price
    names.add(name)
    settings["deep"]["list"][0] += 1
    if args.get("fail"):
        raise ValueError(f"asked for at visit {visits}")
    before, last = last, args["item"]
    if args.get("clear"):
        carts.clear()
    return {
        "visits": visits, "before": before, "count": count, "seen": seen, "prices": prices, "names": sorted(names),
        "number": remember(name), "total": Cart.total, "made": Cart.made, "deep": settings["deep"], "carts": list(carts),
    }
"#;

/// Calls in which everything is as it was, and now and then something is not.
fn calls() -> Vec<String> {
    (0..90_i64)
        .map(|n| {
            let mut args = json!({"name": format!("n{}", n * n % 7), "item": format!("i{}", n % 11), "price": n % 5});
            match n {
                3 | 41 | 65 => args["price"] = json!(1.5),
                20 | 80 => args["price"] = json!(null),
                30 => args["item"] = json!(7),
                33 | 50 | 72 => args["fail"] = json!(true),
                37 | 60 => args["clear"] = json!(true),
                _ => {}
            }
            args.to_string()
        })
        .collect()
}

#[test]
fn every_tier_goes_on_where_the_other_left_off() {
    let native = Daemon::start(&[("shop", SHOP)]);
    let python = Daemon::with_options(&[("shop", SHOP)], &["--threshold", "0", "--workers", "1"]);
    let mut tiers = std::collections::BTreeMap::new();
    for (n, call) in calls().iter().enumerate() {
        let (expected, answer) = (python.invoke("shop", call), native.invoke("shop", call));
        assert_eq!((answer.status, &answer.body), (expected.status, &expected.body), "call {n}: {call}");
        *tiers.entry(answer.tier.unwrap_or_default()).or_insert(0) += 1;
        if n == 12 {
            native.wait_for("a version is live", |daemon| daemon.state_of("shop")["state"] == "native");
        }
    }
    assert!(tiers["native"] > 40, "{tiers:?}: {}", native.state_of("shop")["bailouts"]);
    assert!(tiers["python"] > 5, "{tiers:?}");
}

#[test]
fn under_load_each_container_counts_for_itself() {
    let source = "count = 0\n\ndef main(args):\n    global count\n    count += 1\n    if args['odd']:\n        return {'count': count, 'odd': str(args['odd'])}\n    return {'count': count}\n";
    let daemon = Daemon::start(&[("count", source)]);
    daemon.wait_for("a version is live", |daemon| {
        daemon.invoke("count", r#"{"odd": 0}"#).tier.as_deref() == Some("native")
    });
    let before: u64 = serde_json::from_str::<Value>(&daemon.invoke("count", r#"{"odd": 0}"#).body).unwrap()["count"]
        .as_u64()
        .unwrap();
    let counts = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (daemon, counts) = (&daemon, &counts);
            scope.spawn(move || {
                for n in 0..40 {
                    let odd = if (n + thread) % 13 == 0 { json!("x") } else { json!(0) };
                    let answer = daemon.invoke("count", &json!({"odd": odd}).to_string());
                    let body: Value = serde_json::from_str(&answer.body).unwrap();
                    counts.lock().unwrap().push(body["count"].as_u64().expect(&answer.body));
                }
            });
        }
    });
    let mut counts = counts.into_inner().unwrap();
    counts.sort_unstable();
    // Of containers that each count on from where they were, as many have come to a number as to the one before it, or fewer.
    let reached = |count: u64| counts.iter().filter(|known| **known == count).count();
    for count in 1..=*counts.last().unwrap() {
        let since = reached(count) + usize::from(count <= before);
        assert!(reached(count + 1) <= since, "{count}: {counts:?}");
    }
    assert_eq!(counts.len(), 320);
    assert_ne!(daemon.state_of("count")["state"], "pinned");
}

#[test]
fn what_cannot_move_keeps_its_action_in_python() {
    let unmovable = r#"
import collections

jobs = None
count = 0

def main(args):
    global jobs, count
    count += 1
    if args.get("start"):
        jobs = (n * n for n in range(100))
    return {"count": count, "next": next(jobs) if jobs else None}
"#;
    let daemon = Daemon::start(&[("jobs", unmovable)]);
    let mut count = 0;
    let mut invoke = |args: &str, next: Option<u64>| {
        count += 1;
        let answer = daemon.invoke("jobs", args);
        assert_eq!(
            answer.body,
            json!({"count": count, "next": next}).to_string().replace(":", ": ").replace(",", ", ")
        );
        answer
    };
    for _ in 0..12 {
        invoke("{}", None);
    }
    daemon.wait_for("a version is live", |daemon| daemon.state_of("jobs")["state"] == "native");
    assert_eq!(invoke("{}", None).tier.as_deref(), Some("native"));
    invoke(r#"{"start": true}"#, Some(0));
    for n in 1..5 {
        assert_eq!(invoke("{}", Some(n * n)).tier.as_deref(), Some("python"));
    }
    let state = daemon.state_of("jobs");
    assert_eq!(
        state["reason"], "module state cannot leave Python: the module holds a value of type generator",
        "{state}"
    );
}

#[test]
fn objects_that_notice_their_end_go_when_they_would() {
    let source = r#"
class Thing:
    def __del__(self):
        print("gone")

thing = Thing()

def main(args):
    global thing
    if args.get("drop"):
        thing = None
    return {"there": thing is not None}
"#;
    let daemon = Daemon::start(&[("thing", source)]);
    assert_eq!(daemon.invoke("thing", "{}").body, r#"{"there": true}"#);
    let record = daemon.activation("thing", r#"{"drop": true}"#);
    assert!(record["logs"].to_string().contains("stdout: gone"), "{record}");
    assert_eq!(daemon.invoke("thing", "{}").body, r#"{"there": false}"#);
    assert_eq!(daemon.state_of("thing")["state"], "pinned");
}

#[test]
fn a_change_that_no_early_call_made_takes_the_version_back() {
    let source = r#"
seen = {}

def main(args):
    if args.get("put"):
        seen[args["put"]] = len(seen)
    return {"seen": seen}
"#;
    let daemon = Daemon::start(&[("late", source)]);
    daemon.invoke_until("late", "{}", "native");
    for n in 1..=3 {
        let answer = daemon.invoke("late", &json!({"put": format!("k{n}")}).to_string());
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap()["seen"].as_object().unwrap().len(), n, "{n}");
        assert_eq!(daemon.invoke("late", "{}").body, answer.body, "{n}");
    }
    let last = daemon.invoke("late", "{}").body;
    assert_eq!(daemon.invoke_until("late", "{}", "native").body, last);
    let more = daemon.invoke("late", r#"{"put": "more"}"#);
    assert_eq!(daemon.invoke("late", "{}").body, more.body);
}

#[test]
fn a_limit_that_is_exceeded_ends_the_container() {
    let source = r#"
count = 0

def main(args):
    global count
    count += 1
    total = 0
    for n in range(args["n"]):
        total += n % 7
    return {"count": count, "total": total}
"#;
    let daemon = Daemon::with_options(&[("slow", source)], &["--timeout", "1500", "--workers", "1"]);
    for _ in 0..12 {
        daemon.invoke("slow", r#"{"n": 10}"#);
    }
    daemon.wait_for("a version is live", |daemon| daemon.state_of("slow")["state"] == "native");
    assert_eq!(daemon.invoke("slow", r#"{"n": 10}"#).body, r#"{"count": 13, "total": 24}"#);
    let answer = daemon.invoke("slow", r#"{"n": 100000000000}"#);
    assert!(answer.body.contains("exceeded its time limits"), "{}", answer.body);
    assert_eq!(daemon.invoke("slow", r#"{"n": 10}"#).body, r#"{"count": 1, "total": 24}"#, "as in a new container");
}
