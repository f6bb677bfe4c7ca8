//! The real compiler, the real runtime library, real dylibs.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use upshift_loader::{
    Artifact, BailKind, Call, HashSecret, LoadError, Outcome, Toolchain, Version, World, host::NoHost,
};

/// `args["n"] + 1`, printing what it got.
const SUCCESSOR: &str = r#"
use upshift_runtime::{self as rt, builtin, op, Cx, Result, Value};
pub const GUARDS: u32 = 4;
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

fn run(version: &Version, args: &str, force: Option<u32>) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(10);
    let (args, force) = (args.as_bytes(), force.unwrap_or(u32::MAX));
    let hash_secret = HashSecret::default();
    let (memory_bytes, is_utc) = (64 << 20, true);
    version.run(&Call {
        args,
        deadline,
        memory_bytes,
        force,
        hash_secret,
        is_utc,
        environment: [&[], &[]],
        world: World::Live,
        facts: &[],
        host: &NoHost,
    })
}

#[test]
fn a_compiled_function_answers_and_bails_out() {
    let artifact = toolchain().compile(SUCCESSOR).unwrap();
    let version = Version::load(toolchain(), &artifact).unwrap();
    let Outcome::Done(answer) = run(&version, r#"{"n": 41}"#, None) else { panic!("it answers") };
    assert_eq!((answer.result.as_slice(), answer.stdout.as_slice()), (&b"{\"n\": 42}"[..], &b"41\n"[..]));
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
    let version = Version::load(toolchain(), &artifact).unwrap();
    assert!(mapped());
    assert!(matches!(run(&version, r#"{"n": 1}"#, None), Outcome::Done(_)));
    drop(version);
    assert!(!mapped());
}
