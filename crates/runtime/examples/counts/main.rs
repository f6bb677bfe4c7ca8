//! Runs one operation of the runtime so many times, for `scripts/counts.py`, which counts what it takes.
//!
//!     counts CASE ROUNDS
//!     counts --list
//!
//! The list has the rounds that a case is counted with; twice as many stay within the memory limit as well.
//!
//! Holds: what comes before the rounds does not depend on their number, so the difference of two runs is theirs alone;
//! nothing depends on the process, neither hashes nor where they lead.

use std::hint::black_box;
use std::time::{Duration, Instant};

use upshift_runtime::{Arena, Cx, HashSecret, Limits, Result, Value, str_new};

macro_rules! cases {
    ($($name:ident $rounds:expr;)+) => {
        pub(crate) const CASES: &[crate::Case] =
            &[$(crate::Case { name: stringify!($name), rounds: $rounds, run: $name }),+];
    };
}

mod containers;
mod numbers;
mod objects;
mod texts;

/// The guard of every operation.
const G: u32 = 0;
/// What keys the hashes of dicts, in every process.
const SEED: u64 = 0x6A09_E667_F3BC_C908;
/// How many entries large dicts and sets have, and how many rounds make a cycle.
const KEYS: usize = 1000;
const LITERALS: &[&str] = &["x", "y", "Point", "scale", "__init__", "search", "group", "add"];
/// How many sites the cases have.
const SITES: usize = 16;
const X: u32 = 0;
const Y: u32 = 1;
const POINT: u32 = 2;
const SCALE: u32 = 3;
const INIT: u32 = 4;
const SEARCH: u32 = 5;
const GROUP: u32 = 6;
const ADD: u32 = 7;

/// Runs the rounds of a case.
type Run = for<'a> fn(&'a Cx<'a>, usize) -> Result<()>;

/// One operation.
struct Case {
    name: &'static str,
    /// The rounds that it is counted with.
    rounds: usize,
    run: Run,
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [numbers::CASES, containers::CASES, texts::CASES, objects::CASES].into_iter().flatten()
}

fn main() -> std::result::Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--list"] => cases().for_each(|case| println!("{} {}", case.name, case.rounds)),
        [name, rounds] => {
            let case = cases().find(|case| case.name == name).ok_or(format!("there is no case {name}"))?;
            let rounds = rounds.parse().map_err(|_| format!("{rounds} is no number of rounds"))?;
            let limits = Limits {
                deadline: Instant::now() + Duration::from_secs(600),
                memory_bytes: 1 << 30,
                force: u32::MAX,
                hash_secret: HashSecret::from_words([1, 2, 3]),
                is_utc: true,
            };
            let arena = Arena::new();
            let run = Cx::with_seed(&arena, LITERALS, limits, SEED).and_then(|cx| {
                cx.expect_sites(SITES as u32);
                (case.run)(cx, rounds)
            });
            run.map_err(|bail| format!("{name} bailed out: {}", bail.kind().name()))?;
        }
        _ => return Err("usage: counts CASE ROUNDS, or counts --list".to_owned()),
    }
    Ok(())
}

/// The same operation in every round.
fn repeat<T>(rounds: usize, mut op: impl FnMut() -> Result<T>) -> Result<()> {
    for _ in 0..rounds {
        black_box(op()?);
    }
    Ok(())
}

/// Cycles of [`KEYS`] rounds; each has what `begin` makes, and each round its number in the cycle.
fn cycle<S, T>(
    rounds: usize,
    mut begin: impl FnMut() -> Result<S>,
    mut op: impl FnMut(&mut S, usize) -> Result<T>,
) -> Result<()> {
    for start in (0..rounds).step_by(KEYS) {
        let mut made = begin()?;
        for at in 0..KEYS.min(rounds - start) {
            black_box(op(&mut made, at)?);
        }
    }
    Ok(())
}

/// A number below a million, in no order.
fn scattered(at: usize) -> i64 {
    (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(20) as i64 & 0xF_FFFF
}

fn text<'a>(cx: &'a Cx<'a>, text: &str) -> Result<Value<'a>> {
    str_new(cx, text, G).map(Value::Str)
}

fn names<'a>(cx: &'a Cx<'a>, count: usize) -> Result<Vec<Value<'a>>> {
    (0..count).map(|at| text(cx, &format!("customer-{:06}", scattered(at)))).collect()
}
