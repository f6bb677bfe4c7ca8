//! The client against a server that counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use upshift_loader::host::Attempt;

use super::*;

const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers each request on each connection by its path; counts connections and requests.
async fn server() -> (u16, Arc<[AtomicUsize; 2]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let counts: Arc<[AtomicUsize; 2]> = Arc::default();
    let counted = Arc::clone(&counts);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted[0].fetch_add(1, Ordering::SeqCst);
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut buffer = vec![0; 4096];
                loop {
                    let count = stream.read(&mut buffer).await.unwrap_or(0);
                    if count == 0 {
                        return;
                    }
                    counted[1].fetch_add(1, Ordering::SeqCst);
                    let line = String::from_utf8_lossy(&buffer[..count]).into_owned();
                    match line.split(' ').nth(1).unwrap() {
                        "/half" => {
                            stream.write_all(&WHOLE.as_bytes()[..WHOLE.len() - 1]).await.unwrap();
                            return;
                        }
                        "/hang" => tokio::time::sleep(Duration::from_secs(5)).await,
                        "/last" => {
                            stream.write_all(WHOLE.as_bytes()).await.unwrap();
                            return;
                        }
                        "/long" => {
                            let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
                            let _ = stream.write_all(head.as_bytes()).await;
                            let _ = stream.write_all(&vec![b'x'; 1_000_000]).await;
                        }
                        _ => stream.write_all(WHOLE.as_bytes()).await.unwrap(),
                    }
                }
            });
        }
    });
    (port, counts)
}

fn wanted(port: u16, line: &str) -> Wanted {
    Wanted {
        host: "127.0.0.1".to_owned(),
        port,
        trusted: None,
        bytes: format!("{line} HTTP/1.1\r\n\r\n").into_bytes(),
        bodiless: false,
        connect_timeout: None,
        read_timeout: Some(Duration::from_millis(300)),
        most: 10_000,
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let (port, counts) = server().await;
    let client = Client::default();
    for _ in 0..3 {
        let exchanged = client.exchange(&wanted(port, "GET /")).await;
        assert_eq!((exchanged.received.as_slice(), exchanged.end), (WHOLE.as_bytes(), End::Open));
    }
    assert_eq!(client.exchange(&wanted(port, "POST /")).await.end, End::Open);
    assert_eq!((counts[0].load(Ordering::SeqCst), counts[1].load(Ordering::SeqCst)), (1, 4));
}

#[tokio::test]
async fn one_in_another_state_is_not_used_again() {
    let (port, counts) = server().await;
    let client = Client::default();
    for (line, end) in [("GET /half", End::Closed), ("GET /hang", End::TimedOut), ("GET /long", End::Failed(12))] {
        assert_eq!(client.exchange(&wanted(port, line)).await.end, end, "{line}");
    }
    assert_eq!((counts[0].load(Ordering::SeqCst), counts[1].load(Ordering::SeqCst)), (3, 3));
}

#[tokio::test]
async fn what_has_an_effect_is_never_sent_twice() {
    let (port, counts) = server().await;
    let client = Client::default();
    // Closed by the other side after the answer, which this side may or may not know yet.
    for line in ["GET /last", "PUT /half", "POST /last", "DELETE /half"] {
        client.exchange(&wanted(port, line)).await;
    }
    let requests = counts[1].load(Ordering::SeqCst);
    assert!(requests <= 4, "{requests}");
}

#[tokio::test]
async fn nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let exchanged = Client::default().exchange(&wanted(port, "GET /")).await;
    let attempts = vec![Attempt { at: [127, 0, 0, 1].into(), number: 111 }];
    assert_eq!(exchanged, Exchanged { attempts, ..Exchanged::nothing(End::NotConnected) });
    let nowhere = Wanted { host: "no.such.name.invalid".to_owned(), ..wanted(port, "GET /") };
    assert_eq!(Client::default().exchange(&nowhere).await.attempts, []);
}
