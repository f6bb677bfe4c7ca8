//! What many records cost: `cargo run --release -p upshift-records --example measure -- [records] [directory]`.
//!
//! Appends that many (a million), then opens them in another process and asks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use upshift_records::{Entry, Filter, Records, Retention};

const KEEP: Retention = Retention { records: u64::MAX, bytes: u64::MAX, age: Duration::MAX };
/// The first record's end, milliseconds of the epoch.
const BEGIN: u64 = 1_700_000_000_000;
/// Records a millisecond.
const RATE: u64 = 10;
/// One record of so many is of the rare name.
const RARE: u64 = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = arguments.first().map_or(1_000_000, |count| count.parse().expect("a number of records"));
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let directory = arguments.get(1).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    if arguments.get(2).is_some_and(|phase| phase == "ask") {
        ask(&directory, count);
        return;
    }
    fill(&directory, count);
    let this = std::env::current_exe().expect("this program");
    let asked = Command::new(this).arg(count.to_string()).arg(&directory).arg("ask").status();
    assert!(asked.is_ok_and(|status| status.success()));
}

/// A number that looks random (splitmix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn id(n: u64) -> u128 {
    (u128::from(mixed(n)) << 64) | u128::from(mixed(!n))
}

/// A start: most invocations take some milliseconds, one in a thousand takes minutes.
fn start(n: u64) -> u64 {
    let took = match mixed(n ^ 77) % 1_000 {
        0 => 60_000 + mixed(n) % 240_000,
        _ => mixed(n) % 50,
    };
    BEGIN + n / RATE - took
}

fn fill(directory: &Path, count: u64) {
    let names: Vec<String> = (0..300).map(|n| format!("guest{}/action{n}", n % 3)).collect();
    let record = vec![b'x'; 512];
    let records = Records::open(directory, KEEP).expect("an empty directory");
    let mut took = Vec::with_capacity(count as usize);
    let begun = Instant::now();
    for n in 0..count {
        let name = if n % RARE == RARE / 2 { "rare/name" } else { &names[(mixed(n) % 300) as usize] };
        let bytes = &record[..384 + (mixed(n) % 128) as usize];
        let before = Instant::now();
        records.append(&Entry { id: id(n), start: start(n), name, bytes }).expect("room on the disk");
        took.push(before.elapsed().as_nanos() as u64);
    }
    let all = begun.elapsed();
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize] as f64 / 1_000.0;
    println!("append: {:.0} a second", count as f64 / all.as_secs_f64());
    println!(
        "append: {:.1} us median, {:.1} us p99, {:.1} us p99.9, {:.0} us at most",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    let begun = Instant::now();
    records.close();
    println!("close: {:.1} ms", begun.elapsed().as_secs_f64() * 1_000.0);
}

fn ask(directory: &Path, count: u64) {
    let before = resident();
    let begun = Instant::now();
    let records = Records::open(directory, KEEP).expect("the records that were filled in");
    println!("open: {:.1} ms", begun.elapsed().as_secs_f64() * 1_000.0);
    let index = resident() - before;
    println!("resident: {:.1} MB more, {:.1} bytes a record", index as f64 / 1e6, index as f64 / count as f64);

    let middle = BEGIN + count / RATE / 2;
    let all = Filter::default();
    let rare = Filter { name: Some("rare/name"), ..all };
    let lists: [(&str, Filter<'_>, usize); 8] = [
        ("all", all, 0),
        ("all, half skipped", all, count as usize / 2),
        ("all, nearly all skipped", all, count as usize - 300),
        ("a namespace, a quarter skipped", Filter { namespace: Some("guest1"), ..all }, count as usize / 4),
        ("a name", Filter { name: Some("guest1/action7"), ..all }, 0),
        ("a rare name", rare, 0),
        ("up to the middle", Filter { upto: Some(middle), ..all }, 0),
        (
            "a name since the middle, skipped",
            Filter { since: Some(middle), name: Some("guest1/action7"), ..all },
            1_000,
        ),
    ];
    for (what, filter, skip) in lists {
        let mut listed = 0;
        let (first, median) = timed(|| listed = records.list(&filter, skip, 200).expect("a list").len());
        println!("list {what}: {listed} records, {median:.0} us median, {first:.0} us the first time");
        let mut counted = 0;
        let (first, median) = timed(|| counted = records.count(&filter));
        println!("count {what}: {counted} records, {median:.0} us median, {first:.0} us the first time");
    }
    let mut n = 0;
    let (first, median) = timed(|| {
        n = (n + 7_919_993) % count;
        assert!(records.get(id(n)).expect("a record").is_some());
    });
    println!("get: {median:.1} us median, {first:.0} us the first time");
    let (_, median) = timed(|| assert!(records.get(1).expect("an answer").is_none()));
    println!("get of nothing: {median:.1} us median");
}

/// Microseconds of the first call, and of the median one.
fn timed(mut call: impl FnMut()) -> (f64, f64) {
    let mut took: Vec<f64> = (0..101)
        .map(|_| {
            let begun = Instant::now();
            call();
            begun.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    let first = took[0];
    took.sort_by(f64::total_cmp);
    (first, took[took.len() / 2])
}

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
    line.split_whitespace().nth(1).and_then(|size| size.parse::<u64>().ok()).expect("kB") * 1_024
}
