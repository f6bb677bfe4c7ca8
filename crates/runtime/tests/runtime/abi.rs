//! An export run as the daemon runs it.

use std::time::{Duration, Instant};

use upshift_runtime::Stream;
use upshift_runtime::host::{End, Exchanged, Host, NoHost, Request};
use upshift_runtime::{
    ABI_VERSION, BailKind, Bailout, Call, Cx, Export, HashSecret, NativeInstance, Reply, Result, Status, Value, World,
    builtin, call_with, dict_new, library, list_new, op, state,
};

#[derive(Default)]
struct Answer {
    result: Option<String>,
    stdout: Option<String>,
}

impl Reply for Answer {
    fn result(&mut self, json: &[u8]) {
        self.result = Some(str::from_utf8(json).unwrap().to_owned());
    }

    fn printed(&mut self, stream: Stream, text: &str) {
        assert_eq!((stream, &self.stdout), (Stream::Stdout, &None));
        self.stdout = Some(text.to_owned());
    }

    fn journal(&mut self, json: &[u8]) {
        panic!("nothing was drawn: {}", str::from_utf8(json).unwrap());
    }
}

/// `print("hello", args["n"]); return {"n": args["n"] + 1}`, with a panic and a scalar result on demand.
fn main<'a>(cx: &'a Cx<'a>, args: Value<'a>) -> Result<Value<'a>> {
    let n = op::index(cx, args, cx.literal(0).into(), 0)?;
    builtin::print(cx, &[cx.literal(1).into(), n], None, None, 1)?;
    cx.force(2)?;
    match n {
        Value::None => panic!("asked for"),
        Value::Bool(_) => Ok(n),
        Value::Str(text) => {
            let mut list = Value::List(list_new(cx, &[text.into()], 2)?);
            for _ in 0..60 {
                list = Value::List(list_new(cx, &[list, list], 2)?);
            }
            Ok(list)
        }
        _ => {
            let sum = op::add(cx, n, Value::Int(1), 3)?;
            Ok(Value::Dict(dict_new(cx, &[(cx.literal(0).into(), sum)], 4)?))
        }
    }
}

static EXPORT: Export = Export::new("test", main, &["n", "hello"], [5, 0], state::Module::NONE);

fn call(args: &str, force: u32) -> (Status, Answer) {
    let mut seen = None;
    EXPORT.with(&NoHost, b"", &mut |instance| seen = Some(call_in(instance, args, force)));
    seen.unwrap()
}

fn call_in(instance: &dyn NativeInstance, args: &str, force: u32) -> (Status, Answer) {
    let mut answer = Answer::default();
    let status = instance.run(&call_of(args, force), &mut answer);
    (status, answer)
}

fn call_of(args: &str, force: u32) -> Call {
    Call {
        args: args.as_bytes().into(),
        deadline: Instant::now() + Duration::from_secs(10),
        memory_bytes: 4 << 20,
        force,
        hash_secret: HashSecret::default(),
        is_utc: true,
        environment: Default::default(),
        world: World::Live,
        facts: Default::default(),
    }
}

#[test]
fn an_instance_runs_one_call_after_another() {
    EXPORT.with(&NoHost, b"", &mut |instance| {
        let secret = HashSecret::default();
        for n in 0..500 {
            let (status, answer) = call_in(instance, &format!("{{\"n\": {n}.5}}"), u32::MAX);
            assert_eq!((status, answer.stdout), (Status::Done, Some(format!("hello {n}.5\n"))));
            assert!(instance.is_good_for(secret));
        }
        assert!(!instance.is_good_for(HashSecret::from_words([1, 2, 3])), "orders of sets would be others");
        // What earlier calls left does not count against the limit of a later one, but an instance does not grow for ever.
        let text = format!("{{\"n\": 1.5, \"text\": \"{}\"}}", "x".repeat(600_000));
        let mut calls = 0;
        while instance.is_good_for(secret) {
            assert_eq!(call_in(instance, &text, u32::MAX).0, Status::Done);
            calls += 1;
        }
        assert!((1..10).contains(&calls), "{calls}");
        assert_eq!(
            call_in(instance, "{", u32::MAX).0,
            Status::Bailed(Bailout { kind: BailKind::Exception, guard: u32::MAX })
        );
    });
}

#[test]
fn a_call_answers_or_bails_out() {
    assert_eq!((EXPORT.abi, EXPORT.guards), (ABI_VERSION, 5));
    for _ in 0..3 {
        let (status, answer) = call("{\"n\": 1.5}", u32::MAX);
        assert_eq!(status, Status::Done);
        assert_eq!(answer.result.as_deref(), Some("{\"n\": 2.5}"));
        assert_eq!(answer.stdout.as_deref(), Some("hello 1.5\n"));
    }
    let cases = [
        ("{\"n\": 1}", 2, 2, BailKind::Forced),
        ("{}", u32::MAX, 0, BailKind::Raised),
        ("{", u32::MAX, u32::MAX, BailKind::Exception),
        ("{\"n\": true}", u32::MAX, u32::MAX, BailKind::Unsupported),
        ("{\"n\": null}", u32::MAX, u32::MAX, BailKind::Panic),
        ("{\"n\": \"shared\"}", u32::MAX, u32::MAX, BailKind::Memory),
    ];
    for (args, force, guard, kind) in cases {
        let (status, answer) = call(args, force);
        assert_eq!(status, Status::Bailed(Bailout { kind, guard }), "{args}");
        assert!(answer.result.is_none() && answer.stdout.is_none(), "nothing is handed out before success");
    }
    assert_eq!(BailKind::Deadline.name(), "fuel");
}

/// Answers whoever asks.
struct Answering;

impl Host for Answering {
    fn exchange(&self, _request: &Request<'_>) -> Exchanged {
        let received = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec();
        Exchanged { received, ..Exchanged::nothing(End::Open) }
    }

    fn sleep(&self, _time: Duration) -> bool {
        true
    }
}

/// Asks, and then fails.
fn asks<'a>(cx: &'a Cx<'a>, args: Value<'a>) -> Result<Value<'a>> {
    let urlopen = library::value(cx, "urllib.request.urlopen", 0)?;
    call_with(cx, urlopen, &[op::index(cx, args, cx.literal(0).into(), 1)?], 2)?;
    panic!("after it had asked")
}

static ASKS: Export = Export::new("test", asks, &["url"], [5, 0], state::Module::NONE);

#[derive(Default)]
struct Told(String);

impl Reply for Told {
    fn result(&mut self, _json: &[u8]) {}

    fn printed(&mut self, _stream: Stream, _text: &str) {}

    fn journal(&mut self, json: &[u8]) {
        self.0 = str::from_utf8(json).unwrap().to_owned();
    }
}

#[test]
fn a_panic_after_an_exchange_tells_of_it() {
    let mut told = Told::default();
    ASKS.with(&Answering, b"", &mut |instance| {
        let args = r#"{"url": "http://127.0.0.1:7/x"}"#;
        assert_eq!(
            instance.run(&call_of(args, u32::MAX), &mut told),
            Status::Bailed(Bailout { kind: BailKind::Panic, guard: u32::MAX })
        );
    });
    assert!(told.0.starts_with(r#"[["exchange", ["7", "GET /x HTTP/1.1"#), "{}", told.0);
}
