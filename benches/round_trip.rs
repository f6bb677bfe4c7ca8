//! Times what the daemon waits for: a trivial invocation's round trip, a fork, a cold start.

#[path = "../crates/worker/tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use support::*;
use upshift_worker::Mode;

const SOURCE: &str = "def main(args):\n    return {'x': args['x'] + 1}\n";

#[tokio::main]
async fn main() {
    let started = Instant::now();
    let zygote = zygote().await;
    println!("start of the zygote     {:?}", started.elapsed());
    let worker = worker(&zygote, SOURCE).await;
    let environment: Vec<(String, String)> =
        (0..7).map(|index| (format!("__OW_VARIABLE_{index}"), "some-value-of-usual-length".to_owned())).collect();
    for (name, environment) in [("round trip", &[][..]), ("with an environment", &environment)] {
        let mut times = Vec::new();
        let mut inside = Vec::new();
        for _ in 0..20_000 {
            let started = Instant::now();
            let reply = worker.run(br#"{"x": 1}"#, Mode::Plain, environment, LONG).await.unwrap();
            times.push(started.elapsed());
            inside.push(Duration::from_nanos(reply.nanos));
        }
        println!("{name:<23} {}, in Python {}", quantiles(times), quantiles(inside));
    }
    let (mut forks, mut colds) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let started = Instant::now();
        let mut cold = zygote.fork(limits()).await.unwrap();
        forks.push(started.elapsed());
        cold.load(&module(SOURCE), LONG).await.unwrap();
        run(&mut cold, r#"{"x": 1}"#).await;
        colds.push(started.elapsed());
    }
    println!("fork                    {}", quantiles(forks));
    println!("fork, load and run      {}", quantiles(colds));
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("median {:?}, p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100])
}
