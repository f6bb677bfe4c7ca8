//! What invocations draw from the world is kept in a journal, and a rerun is answered from it.

mod support;

use support::*;
use upshift_worker::{Mode, Reply, Worker};

const DRAWS: &str = "\
import datetime, os, random, time
from random import random as drawn
from time import time as now

def main(args):
    own = random.Random(7)
    out = [now(), time.time_ns(), time.monotonic(), time.perf_counter_ns(), drawn(), random.randint(1, 1000)]
    out += [os.urandom(8).hex(), random.getrandbits(100), own.random(), random.choice(range(1000))]
    out += [str(datetime.datetime.now()), str(datetime.datetime.now(tz=datetime.timezone.utc))]
    out += [str(datetime.datetime.utcnow()), str(datetime.date.today())]
    out += [list(time.gmtime()), list(time.localtime(None)), time.ctime(), time.strftime('%H:%M:%S'), time.gmtime(5)[5]]
    return out
";

async fn journalled(worker: &mut Worker, args: &str, journal: &str) -> Reply {
    worker.rerun(args.as_bytes(), Mode::Journalled, &[], journal, LONG).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_sees_the_same_world() {
    let zygote = zygote().await;
    let mut first = worker(&zygote, DRAWS).await;
    let reply = journalled(&mut first, "{}", "").await;
    let journal = reply.journal.clone();
    let answer = text(reply);
    let mut second = worker(&zygote, DRAWS).await;
    for worker in [&mut first, &mut second] {
        let again = journalled(worker, "{}", &journal).await;
        assert_eq!(again.journal, journal);
        assert_eq!(text(again), answer);
    }
    assert_ne!(text(journalled(&mut first, "{}", "").await), answer, "without it the world goes on");
    assert!(run(&mut first, "{}").await.journal.is_empty(), "a plain run keeps none");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_its_end_the_world_answers() {
    let source = "\
import time, random
def main(args):
    return [time.time_ns() for _ in range(args['n'])] + [random.getrandbits(k) for k in args['k']]
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    let given = r#"[["time", 5], ["getrandbits", [8, 77]], ["time", 6]]"#;
    let reply = journalled(&mut worker, r#"{"n": 3, "k": [8]}"#, given).await;
    let numbers: Vec<i64> = serde_json::from_str(&text(reply)).unwrap();
    assert_eq!((numbers[0], numbers[1], numbers[3]), (5, 6, 77));
    assert!(numbers[2] > 1_700_000_000_000_000_000);
    let reply = journalled(&mut worker, r#"{"n": 0, "k": [2]}"#, given).await;
    let numbers: Vec<i64> = serde_json::from_str(&text(reply)).unwrap();
    assert!(numbers[0] < 4, "a draw of other bits is none of these");
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_look_as_they_always_did() {
    let source = "\
import time, random, datetime, os
def main(args):
    texts = [str(f).split(' at ')[0] for f in (time.time, random.random, datetime.datetime.now, os.urandom)]
    errors = []
    for f in (lambda: time.time(1), lambda: os.urandom('x'), lambda: datetime.datetime.now(zone=None),
              lambda: datetime.datetime.now(5), lambda: random.getrandbits(-1), lambda: os.urandom(-1)):
        try:
            errors.append(f())
        except Exception as error:
            errors.append(f'{type(error).__name__}: {error}')
    return [texts, time.time.__name__, errors, random.seed(1), random.random()]
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    let plain = result(&mut worker, "{}").await;
    assert!(plain.contains("<built-in function time>"), "{plain}");
    assert_eq!(text(journalled(&mut worker, "{}", "").await), plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn draws_that_go_on_from_an_earlier_seed_are_told() {
    let source = "\
import random
def main(args):
    if 'seed' in args:
        random.seed(args['seed'])
    return [random.random(), random.randrange(10)] if args.get('draw', True) else []
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, source).await;
    let fresh = journalled(&mut worker, "{}", "").await;
    assert!(fresh.changed_globals.is_empty() && fresh.journal.contains("random"));
    let seeded = journalled(&mut worker, r#"{"seed": 1}"#, "").await;
    assert!(seeded.changed_globals.is_empty() && seeded.journal.is_empty(), "its own seed decides all");
    assert_eq!(text(seeded), "[0.13436424411240122, 1]");
    assert!(journalled(&mut worker, r#"{"draw": false}"#, "").await.changed_globals.is_empty());
    assert_eq!(journalled(&mut worker, "{}", "").await.changed_globals, ["random"]);
    let again = journalled(&mut worker, "{}", &fresh.journal).await;
    assert!(again.changed_globals.is_empty(), "a rerun sees what the first run saw, whatever came between");
    assert_eq!(text(again), text(fresh));
    assert!(journalled(&mut worker, r#"{"seed": null}"#, "").await.changed_globals.is_empty());
    assert!(journalled(&mut worker, "{}", "").await.changed_globals.is_empty(), "the world seeded it");
}
