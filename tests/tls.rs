//! The same over TLS: certificates are checked, and no request is made twice.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::support::{Daemon, UPSHIFT, check_live};

/// A service on `localhost` that counts requests, and the file with the certificate of who vouches for it.
struct Service {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    authority: tempfile::NamedTempFile,
}

impl Service {
    fn start() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(rcgen::DnType::CommonName, "an authority of the test's own");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        authority.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        let own = authority.self_signed(&key).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), own.pem()).unwrap();
        let issuer = rcgen::Issuer::new(authority, key);
        let leaf_key = rcgen::KeyPair::generate().unwrap();
        let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        leaf.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
        let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
        let key = leaf_key.serialize_der().try_into().unwrap();
        let config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key).unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (send, receive) = std::sync::mpsc::channel();
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                send.send(listener.local_addr().unwrap().port()).unwrap();
                let acceptor = TlsAcceptor::from(Arc::new(config));
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    tokio::spawn(serve(acceptor.clone(), stream, Arc::clone(&seen)));
                }
            });
        });
        Self { port: receive.recv().unwrap(), requests, authority: file }
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    fn args(&self, n: u32) -> String {
        json!({"port": self.port, "trusted": self.authority.path(), "n": n}).to_string()
    }
}

async fn serve(acceptor: TlsAcceptor, stream: tokio::net::TcpStream, seen: Arc<Mutex<Vec<String>>>) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut received = Vec::new();
    loop {
        while !(received.ends_with(b"}") || received.starts_with(b"GET") && received.ends_with(b"\r\n\r\n")) {
            if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8(std::mem::take(&mut received)).unwrap();
        let line = text.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
        let body = json!({"line": line}).to_string();
        seen.lock().unwrap().push(line);
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

const SOURCE: &str = r#"
import requests


def main(args):
    base = f"https://localhost:{args['port']}"
    first = requests.get(base + "/first", verify=args["trusted"]).json()["line"]
    out = [first.lower()]
    with requests.Session() as session:
        for i in range(args["n"]):
            answer = session.post(f"{base}/post/{i}", json={"i": i}, verify=args["trusted"], timeout=5)
            out.append(answer.json()["line"] + ("!" if answer.ok else "?"))
    return {"out": out, "count": len(out)}
"#;

#[test]
fn over_tls_no_request_is_made_twice_either() {
    let service = Service::start();
    let report = check_live(SOURCE, &[&service.args(3)]);
    assert_eq!(report.native_calls, 1, "{:?} {:?} {:?}", report.reason, report.bailouts, report.answers);
    assert!(report.mismatches.is_empty(), "{:?}", report.mismatches);
    let requests = service.requests();
    for line in ["GET /first", "POST /post/0", "POST /post/1", "POST /post/2"] {
        assert_eq!(requests.iter().filter(|known| *known == line).count(), report.live + 1, "{line}");
    }
    assert_eq!(requests.len(), (report.live + 1) * 4);
}

#[test]
fn who_is_not_trusted_is_not_asked() {
    let (service, other) = (Service::start(), Service::start());
    let daemon = Daemon::start(&[("tls", SOURCE)]);
    daemon.invoke_until("tls", &service.args(1), "native");
    service.requests();
    let args = json!({"port": service.port, "trusted": other.authority.path(), "n": 1}).to_string();
    let answer = daemon.invoke("tls", &args);
    assert!(answer.status >= 400 && answer.body.contains("CERTIFICATE_VERIFY_FAILED"), "{}", answer.body);
    assert_eq!(service.requests(), [""; 0]);
    assert_eq!(daemon.invoke("tls", &service.args(1)).tier.as_deref(), Some("native"));
}

#[test]
fn the_client_trusts_whom_it_is_told_to() {
    let service = Service::start();
    let url = format!("https://localhost:{}", service.port);
    let list = |options: &[&str]| {
        let mut command = std::process::Command::new(UPSHIFT);
        let output = command.args(["list", "--url", &url, "--key", "a:secret"]).args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let refused = list(&[]);
    assert!(refused.contains("is not trusted") && refused.contains("--cacert"), "{refused}");
    assert_eq!(service.requests(), [""; 0]);
    // That service is trusted, and no daemon.
    let answered = list(&["--cacert", service.authority.path().to_str().unwrap()]);
    assert!(answered.contains("does not answer as a daemon does (no list)"), "{answered}");
    assert_eq!(service.requests(), ["GET /api/v1/namespaces/_/actions?limit=200&skip=0"]);
    assert!(list(&["--cacert", "/dev/null"]).contains("--cacert /dev/null: has no certificate"));
}

#[test]
fn the_daemon_speaks_tls() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).display().to_string());
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let hello = "def main(args):\n    return {'host': __import__('os').environ['__OW_API_HOST'].split(':')[0]}";
    let daemon = Daemon::with_options(&[("hello", hello)], &["--tls-cert", &certificate, "--tls-key", &key]);
    let (_, port) = daemon.address().split_once(':').unwrap();
    let url = format!("https://localhost:{port}");
    let invoke = |options: &[&str]| {
        let mut command = std::process::Command::new(UPSHIFT);
        let output = command.args(["invoke", "hello", "--url", &url]).args(options).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(invoke(&["--cacert", &certificate]), (Some(0), "{\n    \"host\": \"https\"\n}\n".to_owned()));
    assert_eq!(invoke(&[]).0, Some(1), "a certificate that nobody vouches for");

    // What cannot be used is one line, at the start.
    let options = ["--listen", "127.0.0.1:0", "--tls-cert", &key, "--tls-key", &key, "--state"];
    let mut command = std::process::Command::new(UPSHIFT);
    let output = command.arg("serve").args(options).arg(folder.path().join("state")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot be used for TLS") && said.contains("key.pem"), "{said}");
}
