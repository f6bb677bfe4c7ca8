//! `upshift-load`: keeps a number of invocations in flight.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use upshift_bench::load::Load;

/// Invokes an action on many connections, and prints the figures as JSON.
#[derive(Parser)]
struct Arguments {
    /// The action.
    action: String,
    /// A file with one `{"args": …}` a line.
    #[arg(long)]
    calls: PathBuf,
    /// Where the daemon listens.
    #[arg(long, default_value = "127.0.0.1:3233")]
    daemon: SocketAddr,
    /// How many invocations are in flight.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// For how many seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let calls = std::fs::read_to_string(&arguments.calls)
        .with_context(|| format!("{} cannot be read", arguments.calls.display()))?;
    let mut bodies = Vec::new();
    for line in calls.lines().filter(|line| !line.trim().is_empty()) {
        let call: serde_json::Value = serde_json::from_str(line)?;
        bodies.push(call["args"].to_string());
    }
    anyhow::ensure!(!bodies.is_empty(), "{} has no calls", arguments.calls.display());
    let load = Load {
        address: arguments.daemon,
        path: format!("/api/v1/namespaces/_/actions/{}?blocking=true&result=true", arguments.action),
        bodies,
        connections: arguments.connections,
        time: Duration::from_secs_f64(arguments.seconds),
    };
    println!("{}", serde_json::to_string(&load.run().await)?);
    Ok(())
}
