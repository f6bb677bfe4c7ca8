//! Traced invocations share the module with plain ones, show the source's positions and leave nothing behind.

mod support;

use support::*;
use upshift_tracer::Instrumented;
use upshift_worker::{Mode, Module, Outcome, Worker, Zygote};

const SOURCE: &str = "\
count = 0
limit = 10

def helper(x):
    return 10 // x

def main(args):
    global count
    count += 1
    for x in args['xs']:
        count += helper(x)
    if args.get('break'):
        global limit
        limit = 11
    return {'count': count, 'leak': [n for n in globals() if n.startswith('_up')], 'plain': args is not None and marker()}

def marker():
    return 'plain'
";

/// As the tracer prints it, but that `marker` says which code ran.
const INSTRUMENTED: &str = r#"{
  "text": "def helper(x):\n    _up_hits[1] = 1\n    app0 = 10 // x\n    return app0\ndef main(args):\n    global count, limit\n    _up_hits[2] = 1\n    count += 1\n    it = _up_iter(args['xs'])\n    while (x := _up_next(it, _up_end)) is not _up_end:\n        count += helper(x)\n    if args.get('break'): limit = 11\n    return {'count': count, 'leak': [], 'plain': marker()}\ndef marker():\n    return 'traced'\n",
  "origins": [
    {"span": [4, 0, 5, 18]}, "generated", {"span": [5, 11, 5, 18]}, {"span": [5, 4, 5, 18]},
    {"span": [7, 0, 15, 20]}, "generated", "generated", {"span": [9, 4, 9, 14]}, {"span": [10, 13, 10, 23]},
    {"span": [10, 4, 11, 26]}, {"verbatim": [11, 0]}, {"verbatim": [12, 0]}, {"span": [15, 4, 15, 20]},
    {"span": [17, 0, 18, 18]}, {"verbatim": [18, 0]}
  ],
  "functions": [
    {"name": "helper", "id": 0, "line": 4}, {"name": "main", "id": 1, "line": 7}, {"name": "marker", "id": 2, "line": 17}
  ],
  "kept": {"values": [], "names": [], "params": []}, "sites": 3, "names": ["helper"], "codes": [["helper", 4, 0], ["main", 7, 1], ["marker", 17, 2]], "computed": [], "linked": []
}"#;

fn traceable() -> Module {
    let instrumented: Instrumented = serde_json::from_str(INSTRUMENTED).unwrap();
    Module {
        instrumented: Some(instrumented),
        watched: vec!["limit".to_owned(), "helper".to_owned(), "len".to_owned()],
        variables: Vec::new(),
        ..module(SOURCE)
    }
}

/// A worker that has taken up what is traced, which another one compiled.
async fn traced_worker(zygote: &Zygote, module: &Module) -> Worker {
    let worker = worker_with(zygote, limits(), module).await;
    let code = zygote.traced_code(module).await.unwrap().unwrap();
    worker.take_up(&code, LONG).await.unwrap();
    worker
}

async fn traced(worker: &mut Worker, args: &str) -> upshift_worker::Reply {
    worker.run(args.as_bytes(), Mode::Traced, &[], LONG).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn state_is_shared_and_code_is_restored() {
    let zygote = zygote().await;
    let mut worker = traced_worker(&zygote, &traceable()).await;
    assert_eq!(result(&mut worker, r#"{"xs": [5]}"#).await, r#"{"count": 3, "leak": [], "plain": "plain"}"#);
    let reply = traced(&mut worker, r#"{"xs": [5, 2]}"#).await;
    assert_eq!(reply.trace_error, None);
    let observations: serde_json::Value = serde_json::from_str(reply.observations.as_deref().unwrap()).unwrap();
    assert_eq!(observations["hits"], serde_json::json!([1, 2]));
    assert_eq!(text(reply), r#"{"count": 11, "leak": [], "plain": "traced"}"#);
    let reply = run(&mut worker, r#"{"xs": []}"#).await;
    assert!(reply.observations.is_none());
    assert_eq!(text(reply), r#"{"count": 12, "leak": [], "plain": "plain"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_look_the_same_and_restore_the_code() {
    let zygote = zygote().await;
    let mut worker = traced_worker(&zygote, &traceable()).await;
    let plain = run(&mut worker, r#"{"xs": [0]}"#).await;
    let traced = traced(&mut worker, r#"{"xs": [0]}"#).await;
    assert!(matches!(&traced.outcome, Outcome::Raised { exception, .. } if exception == "ZeroDivisionError"));
    assert_eq!(plain.outcome, traced.outcome);
    assert_eq!(lines(&plain), lines(&traced));
    assert!(lines(&plain).iter().any(|(_, text)| text.contains("line 11, in main")), "{:?}", lines(&plain));
    assert!(traced.observations.is_some());
    let after = result(&mut worker, r#"{"xs": []}"#).await;
    assert_eq!(after, r#"{"count": 3, "leak": [], "plain": "plain"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_globals_are_reported() {
    let zygote = zygote().await;
    let mut worker = traced_worker(&zygote, &traceable()).await;
    assert!(run(&mut worker, r#"{"xs": []}"#).await.changed_globals.is_empty());
    let reply = traced(&mut worker, r#"{"xs": [], "break": 1}"#).await;
    assert_eq!(reply.changed_globals, ["limit"]);
    assert_eq!(run(&mut worker, r#"{"xs": []}"#).await.changed_globals, ["limit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_were_replaced_stay_replaced() {
    let source = format!("{SOURCE}\nmarker = lambda: 'other'\n");
    let zygote = zygote().await;
    let mut worker = traced_worker(&zygote, &Module { source, ..traceable() }).await;
    let reply = traced(&mut worker, r#"{"xs": []}"#).await;
    assert_eq!(text(reply), r#"{"count": 1, "leak": [], "plain": "other"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_traced_runs_plain() {
    let zygote = zygote().await;
    let module = Module { instrumented: None, ..traceable() };
    let mut worker = worker_with(&zygote, limits(), &module).await;
    let reason = zygote.traced_code(&module).await.unwrap().unwrap_err();
    assert_eq!(reason, "the action has no instrumented code");
    let reply = traced(&mut worker, r#"{"xs": []}"#).await;
    assert_eq!(reply.trace_error.as_deref(), Some("the action has no traced code"));
    assert_eq!(text(reply), r#"{"count": 1, "leak": [], "plain": "plain"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_settled_action_changes_are_told_a_few_times() {
    let zygote = zygote().await;
    let source =
        "kept = []\ndef main(args):\n    global limit\n    limit = args['n']\n    return {'n': limit}\nlimit = 0\n";
    let worker = worker_with(&zygote, limits(), &Module { watched: vec!["limit".to_owned()], ..module(source) }).await;
    let mut told = Vec::new();
    for n in 1..=40 {
        let reply = worker.run(format!("{{\"n\": {n}}}").as_bytes(), Mode::Settled, &[], LONG).await.unwrap();
        told.push(!reply.changed_globals.is_empty());
        assert_eq!(text(reply), format!("{{\"n\": {n}}}"));
    }
    assert!(told[0] && !told[39], "{told:?}");
    let reply = worker.run(b"{\"n\": 1}", Mode::Plain, &[], LONG).await.unwrap();
    assert_eq!(reply.changed_globals, ["limit"]);
}
