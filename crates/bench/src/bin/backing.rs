//! `upshift-backing`: the services that the examples call.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;
use upshift_bench::Backing;

/// Serves logins, a bank, objects and statuses, on SQLite in memory, for the examples and the benchmarks.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:3280")]
    listen: SocketAddr,
    /// Each answer is given after so many milliseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { listen, delay } = Arguments::parse();
    let backing = Backing::bind(listen, Duration::from_millis(delay)).await?;
    println!("upshift-backing: http://{}", backing.address()?);
    backing.serve().await;
    Ok(())
}
