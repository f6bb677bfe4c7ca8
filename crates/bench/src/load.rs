//! Load: a number of connections, each with one request after another, for a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What is sent, and how.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where to.
    pub address: SocketAddr,
    /// What stands in the request line.
    pub path: String,
    /// The bodies: each connection has some to itself if there are more than connections, and all in turn otherwise.
    pub bodies: Vec<String>,
    /// How many are in flight.
    pub connections: usize,
    /// For how long.
    pub time: Duration,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Answers with status 200, and with any other; connections that failed.
    pub done: usize,
    /// Other answers, and connections that failed.
    pub failed: usize,
    /// Answers of the native tier.
    pub native: usize,
    /// Answers a second.
    pub rate: f64,
    /// The median of the times to an answer, in microseconds.
    pub p50: u64,
    /// The time that 99 of 100 stayed within.
    pub p99: u64,
}

#[derive(Default)]
struct Seen {
    micros: Vec<u64>,
    failed: usize,
    native: usize,
}

impl Load {
    /// Drives the load to its end.
    pub async fn run(self) -> Figures {
        let load = Arc::new(self);
        let started = Instant::now();
        let tasks: Vec<_> =
            (0..load.connections).map(|number| tokio::spawn(connection(Arc::clone(&load), number, started))).collect();
        let mut all = Seen::default();
        for task in tasks {
            let Ok(seen) = task.await else { continue };
            all.micros.extend(seen.micros);
            all.failed += seen.failed;
            all.native += seen.native;
        }
        let elapsed = started.elapsed().as_secs_f64();
        all.micros.sort_unstable();
        let at = |share: f64| {
            let last = all.micros.len().saturating_sub(1);
            all.micros.get(((last as f64) * share) as usize).copied().unwrap_or(0)
        };
        Figures {
            done: all.micros.len(),
            failed: all.failed,
            native: all.native,
            rate: all.micros.len() as f64 / elapsed,
            p50: at(0.5),
            p99: at(0.99),
        }
    }
}

async fn connection(load: Arc<Load>, number: usize, started: Instant) -> Seen {
    let mut seen = Seen::default();
    let end = started + load.time;
    let mut turn = number;
    // No two connections send the same one at the same time, where there are enough; few go round on each.
    let stride = if load.bodies.len() > load.connections { load.connections } else { 1 };
    while Instant::now() < end {
        let Ok(mut stream) = TcpStream::connect(load.address).await else {
            seen.failed += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        while Instant::now() < end {
            let body = &load.bodies[turn % load.bodies.len()];
            turn += stride;
            let sent = Instant::now();
            match exchange(&mut stream, &load.path, body).await {
                Some((200, native)) => {
                    seen.micros.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
                    seen.native += usize::from(native);
                }
                Some(_) => seen.failed += 1,
                None => {
                    seen.failed += 1;
                    break;
                }
            }
        }
    }
    seen
}

/// Status of the answer, and whether it was the native tier's.
async fn exchange(stream: &mut TcpStream, path: &str, body: &str) -> Option<(u16, bool)> {
    let head = format!("POST {path} HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n");
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut received = Vec::with_capacity(1024);
    let (end, length) = loop {
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            break (end + 4, length.unwrap_or(0_usize));
        }
    };
    while received.len() < end + length {
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head.contains("x-upshift-tier: native")))
}
