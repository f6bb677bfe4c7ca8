//! What goes over sockets is kept in the journal, and a rerun is answered from it: no request is made twice.

mod support;

use support::server::Server;
use support::*;
use upshift_worker::{Mode, Outcome, Reply, Worker};

/// Asks for each path in turn, in one of two ways, and says what came.
const ASKS: &str = "\
import http.client, socket, urllib.error, urllib.request

def main(args):
    out = []
    for path in args['paths']:
        try:
            if args.get('low'):
                connection = http.client.HTTPConnection('127.0.0.1', args['port'], timeout=0.5)
                connection.request('POST', path, body=b'0123456789' * 20)
                out.append(connection.getresponse().read().decode())
            else:
                with urllib.request.urlopen(f\"http://127.0.0.1:{args['port']}{path}\", timeout=0.5) as answer:
                    out.append([answer.status, dict(answer.headers), answer.read().decode()])
        except Exception as error:
            out.append(f'{type(error).__name__}: {error}')
    return out
";

async fn rerun(worker: &mut Worker, args: &str, journal: &str) -> Reply {
    worker.rerun(args.as_bytes(), Mode::Journalled, &[], journal, LONG).await.unwrap()
}

fn args(port: u16, low: bool, paths: &[&str]) -> String {
    serde_json::json!({"port": port, "low": low, "paths": paths}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_made_twice() {
    let (zygote, server) = (zygote().await, Server::start());
    for low in [false, true] {
        let mut first = worker(&zygote, ASKS).await;
        let asked = args(server.port, low, &["/a", "/b", "/half", "/hang", "/c"]);
        let reply = rerun(&mut first, &asked, "").await;
        let journal = reply.journal.clone();
        let answer = text(reply);
        assert!(answer.contains("IncompleteRead(9 bytes read, 91 more expected)"), "{answer}");
        assert!(answer.contains("TimeoutError: timed out"), "{answer}");
        assert_eq!(server.requests().len(), 5);
        let mut second = worker(&zygote, ASKS).await;
        for worker in [&mut first, &mut second] {
            let again = rerun(worker, &asked, &journal).await;
            assert_eq!((again.differs.clone(), again.journal.as_str()), (None, journal.as_str()));
            assert_eq!(text(again), answer);
            assert_eq!(server.requests(), [""; 0]);
        }
        assert!(run(&mut first, &asked).await.journal.is_empty(), "a plain run keeps none");
        assert_eq!(server.requests().len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_journals_end_the_world_answers() {
    let (zygote, server) = (zygote().await, Server::start());
    let mut worker = worker(&zygote, ASKS).await;
    for low in [false, true] {
        let journal = rerun(&mut worker, &args(server.port, low, &["/a"]), "").await.journal;
        server.requests();
        let answer = text(rerun(&mut worker, &args(server.port, low, &["/a", "/b"]), &journal).await);
        assert_eq!(server.requests(), [if low { "POST /b" } else { "GET /b" }], "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rerun_that_asks_for_something_else_is_stopped() {
    let (zygote, server) = (zygote().await, Server::start());
    let mut worker = worker(&zygote, ASKS).await;
    let journal = rerun(&mut worker, &args(server.port, true, &["/pay", "/log"]), "").await.journal;
    server.requests();
    for paths in [&["/refund", "/log"][..], &["/pay"], &[]] {
        let reply = rerun(&mut worker, &args(server.port, true, paths), &journal).await;
        let Outcome::Raised { message, exception } = reply.outcome else { panic!("{paths:?} must not succeed") };
        assert_eq!(exception, "RerunDiffers");
        assert!(message.contains("nothing was sent twice"), "{message}");
        assert!(reply.differs.is_some_and(|differs| message.contains(&differs)));
        assert_eq!(server.requests(), [""; 0]);
    }
    let reply = rerun(&mut worker, &args(server.port, true, &["/x"]), "").await;
    assert!(matches!(reply.outcome, Outcome::Success(_)), "the worker goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_stays_refused_in_the_rerun() {
    let (zygote, server) = (zygote().await, Server::start());
    let mut worker = worker(&zygote, ASKS).await;
    let given = serde_json::json!([["exchange", [server.port.to_string(), "", "", "111"]]]).to_string();
    let answer = text(rerun(&mut worker, &args(server.port, true, &["/a", "/b"]), &given).await);
    assert!(answer.starts_with(r#"["ConnectionRefusedError: [Errno 111] Connection refused", "{\"path\""#), "{answer}");
    assert_eq!(server.requests(), ["POST /b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_of_an_earlier_invocation_is_told_by_its_port_too() {
    let source = "\
import http.client
connection = None

def main(args):
    global connection
    if connection is None:
        connection = http.client.HTTPConnection('127.0.0.1', args['port'])
    connection.request('GET', args['path'])
    return [connection.getresponse().read().decode()]
";
    let (zygote, server) = (zygote().await, Server::start());
    let mut worker = worker(&zygote, source).await;
    let args = |path: &str| format!(r#"{{"port": {}, "path": "{path}"}}"#, server.port);
    rerun(&mut worker, &args("/a"), "").await;
    let second = rerun(&mut worker, &args("/b"), "").await;
    assert!(
        second.journal.starts_with(&format!(r#"[["exchange", ["{} 127.0.0.1", "GET /b "#, server.port)),
        "{}",
        second.journal
    );
    let (journal, answer) = (second.journal.clone(), text(second));
    assert_eq!(server.requests().len(), 2);
    assert_eq!(text(rerun(&mut worker, &args("/b"), &journal).await), answer);
    assert_eq!(server.requests(), [""; 0]);
    assert!(text(rerun(&mut worker, &args("/c"), "").await).contains("/c"));
    assert_eq!(server.requests(), ["GET /c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_loop_is_no_exchange() {
    let code = "\
import asyncio

async def work(count):
    return await asyncio.gather(*(asyncio.to_thread(pow, 2, n) for n in range(count)))

def main(args):
    return asyncio.run(work(args['count']))
";
    let zygote = zygote().await;
    let mut worker = worker(&zygote, code).await;
    let reply = rerun(&mut worker, r#"{"count": 4}"#, "").await;
    let journal = reply.journal.clone();
    assert_eq!((text(reply).as_str(), journal.contains("exchange")), ("[1, 2, 4, 8]", false));
    let again = rerun(&mut worker, r#"{"count": 4}"#, &journal).await;
    assert_eq!((again.differs.clone(), text(again).as_str()), (None, "[1, 2, 4, 8]"));
}
