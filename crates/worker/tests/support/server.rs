//! A server on the loopback that counts the requests it gets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// It serves until the test ends; a request's path tells what it answers.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { port, requests }
    }

    /// The request lines since the last time.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().strip_suffix(" HTTP/1.1").unwrap_or("").to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let count = {
            let mut seen = seen.lock().unwrap();
            seen.push(line.clone());
            seen.len()
        };
        let path = line.split(' ').nth(1).unwrap_or("");
        match path.split('?').next().unwrap_or_default() {
            "/hang" => std::thread::sleep(Duration::from_secs(5)),
            "/wait" => {
                std::thread::sleep(Duration::from_millis(500));
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"path\": \"/wait\"}");
            }
            "/gzip" => {
                let body = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x48\x2c\xc9\x50\xb2\x52\x50\xd2\x4f\xaf\xca\x2c\x50\xaa\x05\x00\x33\x1b\xef\x57\x11\x00\x00\x00";
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
                if stream.write_all(&[head.as_bytes(), body].concat()).is_err() {
                    return;
                }
            }
            "/odd" => {
                let head = "HTTP/1.1 204 No Content\r\nContent-Type: text/plain; charset\r\nTransfer-Encoding: chunked";
                if stream.write_all(format!("{head}\r\n\r\n3\r\nabc\r\n0\r\n\r\n").as_bytes()).is_err() {
                    return;
                }
            }
            "/endless" => {
                // 1 GB, for as long as somebody reads.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
                let part = vec![b'x'; 1_000_000];
                while stream.write_all(&part).is_ok() {}
                return;
            }
            "/nothing" => return,
            "/half" | "/garbage" | "/latin" => {
                let _ = stream.write_all(match path {
                    "/half" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
                    "/latin" => b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"path\": \"\xe9\"}",
                    _ => b"SSH-2.0-OpenSSH_9.2 is no HTTP at all\r\n\r\n",
                });
                return;
            }
            "/reset" => {
                // Unread bytes at closing make it a reset.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
                return;
            }
            "/redirect" | "/loop" => {
                let to = if path == "/loop" { "/loop" } else { "/there" };
                let head = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                if stream.write_all(head.as_bytes()).is_err() {
                    return;
                }
            }
            _ if path.starts_with("/status/") => {
                let head = format!("HTTP/1.1 {} Reason\r\nContent-Length: 0\r\n\r\n", &path[8..]);
                if stream.write_all(head.as_bytes()).is_err() {
                    return;
                }
            }
            _ => {
                let body = format!("{{\"path\": \"{path}\", \"count\": {count}, \"body\": {}}}", body.len());
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
                let body = if line.starts_with("HEAD ") { "" } else { &body };
                if stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).is_err() {
                    return;
                }
            }
        }
    }
}
