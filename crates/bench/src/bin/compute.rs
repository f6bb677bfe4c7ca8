//! `upshift-compute`: runs a function of `benches/compute` as Rust has it, from bytes to bytes.
//!
//! Prints its answer first, then for each line of the input the nanoseconds that so many calls took.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::io::BufRead;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use clap::Parser;
use serde_json::Value;
use upshift_bench::compute::function;

/// Runs a function so often as each line of the input says.
#[derive(Parser)]
struct Arguments {
    /// Its name.
    name: String,
    /// A file with its arguments, as JSON.
    arguments: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let function = function(&arguments.name).with_context(|| format!("there is no function {}", arguments.name))?;
    let body = std::fs::read(&arguments.arguments)
        .with_context(|| format!("{} cannot be read", arguments.arguments.display()))?;
    let run = |body: &[u8]| -> anyhow::Result<Vec<u8>> {
        let value: Value = serde_json::from_slice(body)?;
        Ok(serde_json::to_vec(&function(&value))?)
    };
    println!("{}", String::from_utf8(run(&body)?)?);
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line?.trim().parse()?;
        let started = Instant::now();
        for _ in 0..count {
            black_box(run(black_box(&body))?);
        }
        println!("{}", started.elapsed().as_nanos());
    }
    Ok(())
}
