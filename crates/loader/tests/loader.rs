//! The real compiler, the real runtime library, real dylibs.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use upshift_loader::host::{End, Exchanged};
use upshift_loader::{
    Answer, Artifact, BailKind, Call, HashSecret, Instance, LoadError, Outcome, Step, Stream, Toolchain, Variables,
    Version, World,
};

/// `args["n"] + 1`, printing what it got.
const SUCCESSOR: &str = r#"
use upshift_runtime::{self as rt, builtin, op, Cx, Result, Value};
pub const GUARDS: u32 = 4;
pub const SITES: u32 = 0;
pub static MODULE: upshift_runtime::state::Module = upshift_runtime::state::Module::NONE;
pub static LITERALS: &[&str] = &["n"];
pub fn main<'a>(cx: &'a Cx<'a>, args: Value<'a>) -> Result<Value<'a>> {
    let args = args.as_dict(0)?;
    cx.force(1)?;
    let n = op::dict_get(cx, args, Value::Str(cx.literal(0)), 1)?.as_int(2)?;
    builtin::print(cx, &[Value::Int(n)], None, None, 3)?;
    let next = op::int_add(n, 1, 3)?;
    Ok(Value::Dict(rt::dict_new(cx, &[(Value::Str(cx.literal(0)), Value::Int(next))], 3)?))
}
"#;

fn toolchain() -> &'static Toolchain {
    static TOOLCHAIN: OnceLock<Toolchain> = OnceLock::new();
    TOOLCHAIN.get_or_init(|| {
        let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("loader");
        Toolchain::prepare(&cache).expect("the compiler that built this test")
    })
}

fn job(args: &str, force: Option<u32>) -> Call {
    let deadline = Instant::now() + Duration::from_secs(10);
    Call {
        args: args.as_bytes().into(),
        deadline,
        memory_bytes: 64 << 20,
        force: force.unwrap_or(u32::MAX),
        hash_secret: HashSecret::default(),
        is_utc: true,
        environment: Default::default(),
        world: World::Live,
        facts: Variables::default(),
    }
}

fn run(version: &Arc<Version>, args: &str, force: Option<u32>) -> Outcome {
    match Instance::new(Arc::clone(version), Arc::default()).unwrap().run(job(args, force), None) {
        Step::Done(outcome) => outcome,
        step => panic!("{step:?}"),
    }
}

/// What was printed to stdout, where nothing went to stderr.
fn printed(answer: &Answer) -> String {
    assert!(answer.printed.iter().all(|(stream, _)| *stream == Stream::Stdout));
    answer.printed.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_compiled_function_answers_and_bails_out() {
    let artifact = toolchain().compile(SUCCESSOR).unwrap();
    let version = Arc::new(Version::load(toolchain(), &artifact).unwrap());
    let Outcome::Done(answer) = run(&version, r#"{"n": 41}"#, None) else { panic!("it answers") };
    assert_eq!((answer.result.as_slice(), printed(&answer)), (&b"{\"n\": 42}"[..], "41\n".to_owned()));
    for (args, force, guard, kind) in [
        (r#"{"n": "x"}"#, None, 2, BailKind::Type),
        (r#"{"m": 1}"#, None, 1, BailKind::Raised),
        (r#"{"n": 9223372036854775807}"#, None, 3, BailKind::Overflow),
        (r#"{"n": 1}"#, Some(1), 1, BailKind::Forced),
        (r#"{"n": 9223372036854775808}"#, None, 2, BailKind::Overflow),
        ("{", None, u32::MAX, BailKind::Exception),
    ] {
        assert_eq!(run(&version, args, force), Outcome::Bailed { guard, kind, journal: Vec::new() }, "{args}");
    }
}

#[test]
fn the_same_source_is_compiled_once() {
    let source = SUCCESSOR.replace("as_int(2)", "as_int(0)");
    toolchain().compile(&source).unwrap();
    assert!(toolchain().compile(&source).unwrap().cached);
}

#[test]
fn a_source_that_rustc_refuses_says_so_and_leaves_nothing() {
    let error = toolchain().compile("pub const GUARDS: u32 = nonsense;").unwrap_err();
    assert!(matches!(&error, LoadError::Rustc(text) if text.contains("nonsense")), "{error}");
    let error = toolchain().compile(&SUCCESSOR.replace("let n =", "unsafe {} let n =")).unwrap_err();
    assert!(error.to_string().contains("unsafe"), "{error}");
}

#[test]
fn a_damaged_dylib_is_compiled_again() {
    let source = SUCCESSOR.replace("as_int(2)", "as_int(4)");
    let artifact = toolchain().compile(&source).unwrap();
    assert!(toolchain().compile(&source).unwrap().cached);
    let whole = fs::read(&artifact.path).unwrap();
    let zeroed = vec![0; whole.len()];
    for damaged in [&whole[..whole.len() / 2], &[], &zeroed] {
        fs::write(&artifact.path, damaged).unwrap();
        let again = toolchain().compile(&source).unwrap();
        assert!(!again.cached);
        assert_eq!(again.path, artifact.path);
        Version::load(toolchain(), &again).unwrap();
    }
}

#[test]
fn a_dylib_of_another_build_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let other = Toolchain::prepare(folder.path()).unwrap();
    let artifact = other.compile(SUCCESSOR).unwrap();
    // The build's name stands in the dylib as text: change a letter of it.
    let mut bytes = fs::read(&artifact.path).unwrap();
    let build = folder.path().read_dir().unwrap().flatten().find_map(|entry| {
        entry.file_name().to_str().and_then(|name| name.strip_prefix("runtime-")).map(ToOwned::to_owned)
    });
    let build = build.expect("the runtime library's folder names the build");
    let at = bytes.windows(build.len()).position(|window| window == build.as_bytes()).expect("the build's name");
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    let path = folder.path().join("other.so");
    fs::write(&path, bytes).unwrap();
    let error = Version::load(toolchain(), &Artifact { path, cached: false }).unwrap_err();
    assert!(matches!(error, LoadError::OtherBuild), "{error}");
    let error =
        Version::load(toolchain(), &Artifact { path: folder.path().join("none.so"), cached: false }).unwrap_err();
    assert!(matches!(error, LoadError::Open(_)), "{error}");
}

#[test]
fn versions_are_unloaded() {
    let artifact = toolchain().compile(&SUCCESSOR.replace("as_int(2)", "as_int(3)")).unwrap();
    let mapped = || fs::read_to_string("/proc/self/maps").unwrap().contains(artifact.path.to_str().unwrap());
    let version = Arc::new(Version::load(toolchain(), &artifact).unwrap());
    assert!(mapped());
    assert!(matches!(run(&version, r#"{"n": 1}"#, None), Outcome::Done(_)));
    drop(version);
    assert!(!mapped());
}

/// Asks a service for each of `args["n"]` times; its module's only object is made once.
const ASKING: &str = r#"
use upshift_runtime::{self as rt, builtin, library, op, Args, Cx, Result, Value};
pub const GUARDS: u32 = 4;
pub const SITES: u32 = 0;
pub static MODULE: upshift_runtime::state::Module = upshift_runtime::state::Module::NONE;
pub static LITERALS: &[&str] = &["n", "http://service:81/", "made"];
const GET: &rt::Builtin = library::function("requests", "get");
pub fn main<'a>(cx: &'a Cx<'a>, args: Value<'a>) -> Result<Value<'a>> {
    let args = args.as_dict(0)?;
    let place = cx.global(0, 1, 0)?;
    if place.get().is_none() {
        builtin::print(cx, &[Value::Str(cx.literal(2))], None, None, 3)?;
        place.set(Some(Value::Int(0)));
    }
    for _ in 0..op::dict_get(cx, args, Value::Str(cx.literal(0)), 1)?.as_int(2)? {
        (GET.call)(cx, Args::of(&[Value::Str(cx.literal(1))]), 3)?;
    }
    Ok(Value::Dict(args))
}
"#;

fn asking() -> (Arc<Version>, impl Fn(&str) -> Call) {
    let artifact = toolchain().compile(ASKING).unwrap();
    let facts = ["requests.user_agent", "requests.accept_encoding"].map(|name| (name.to_owned(), "x".to_owned()));
    let facts: Variables = facts.to_vec().into();
    let job = move |args: &str| Call { facts: Arc::clone(&facts), ..job(args, None) };
    (Arc::new(Version::load(toolchain(), &artifact).unwrap()), job)
}

fn answer() -> Exchanged {
    let received = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec();
    Exchanged { received, ..Exchanged::nothing(End::Open) }
}

#[test]
fn an_invocation_waits_and_goes_on_on_another_thread() {
    let (version, job) = asking();
    let mut instance = Instance::new(version, Arc::default()).unwrap();
    for (times, printed) in [(2, "made\n"), (3, ""), (0, "")] {
        let mut step = instance.run(job(&format!("{{\"n\": {times}}}")), None);
        for _ in 0..times {
            let Step::Wants(wanted) = step else { panic!("{step:?}") };
            assert_eq!((wanted.host.as_str(), wanted.port), ("service", 81));
            assert!(wanted.bytes.starts_with(b"GET / HTTP/1.1\r\nHost: service:81\r\n"));
            assert!(!instance.is_good_for(HashSecret::default()), "one at a time");
            (instance, step) = std::thread::spawn(move || {
                let step = instance.resume(answer(), None);
                (instance, step)
            })
            .join()
            .unwrap();
        }
        let Step::Done(Outcome::Done(answer)) = step else { panic!("{step:?}") };
        assert_eq!(self::printed(&answer), *printed, "the module's objects stay");
    }
}

#[test]
fn an_instance_is_of_no_use_after_a_bailout() {
    let (version, job) = asking();
    let mut instance = Instance::new(Arc::clone(&version), Arc::default()).unwrap();
    assert!(matches!(instance.run(job("{}"), None), Step::Done(Outcome::Bailed { .. })));
    assert!(!instance.is_good_for(HashSecret::default()));
    // A dropped invocation is run to its end, so that what it holds is dropped.
    let mut waiting = Instance::new(Arc::clone(&version), Arc::default()).unwrap();
    assert!(matches!(waiting.run(job("{\"n\": 5}"), None), Step::Wants(_)));
    drop((waiting, instance));
    assert_eq!(Arc::strong_count(&version), 1);
    let other = Instance::new(version, Arc::default()).unwrap();
    assert!(other.is_good_for(HashSecret::from_words([1, 2, 3])), "any, before the first");
}

#[test]
fn many_wait_at_once() {
    let (version, job) = asking();
    let mut all: Vec<Instance> = Vec::new();
    for _ in 0..1000 {
        let mut instance = Instance::new(Arc::clone(&version), Arc::default()).unwrap();
        assert!(matches!(instance.run(job("{\"n\": 1}"), None), Step::Wants(_)));
        all.push(instance);
    }
    for instance in &mut all {
        assert!(matches!(instance.resume(answer(), None), Step::Done(Outcome::Done(_))));
    }
}

#[test]
fn what_takes_long_stands_still_for_others() {
    let source = SUCCESSOR.replace("let next =", "for _ in 0..3_000_000 { cx.tick(3)?; }\n    let next =");
    let version = Arc::new(Version::load(toolchain(), &toolchain().compile(&source).unwrap()).unwrap());
    let mut instance = Instance::new(version, Arc::default()).unwrap();
    let mut step = instance.run(job(r#"{"n": 1}"#, None), Some(Instant::now()));
    let mut pauses = 0;
    while matches!(step, Step::Paused) {
        pauses += 1;
        step = instance.go_on((pauses < 5).then(Instant::now));
    }
    assert!(matches!(step, Step::Done(Outcome::Done(_))), "{step:?}");
    assert_eq!(pauses, 5);
    // One that is dropped in a pause is run to its end too.
    assert!(matches!(instance.run(job(r#"{"n": 1}"#, None), Some(Instant::now())), Step::Paused));
}
