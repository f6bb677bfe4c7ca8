//! Builds the runtime as the dylib that compiled functions link, so that it can be embedded in the daemon.
//!
//! Generates `files.rs`: the dylib, the metadata of the crates that it was built from, and the compiler's version.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    // Asked for when it runs: a build script that another checkout compiled may be used in this one.
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let runtime = here.join("../runtime");
    println!("cargo::rerun-if-changed={}", runtime.join("src").display());
    println!("cargo::rerun-if-changed={}", runtime.join("Cargo.toml").display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
    let target = out.join("runtime");
    let libraries = target.join("release");
    // Metadata of an earlier build under another hash would be embedded beside today's.
    let _ = fs::remove_dir_all(&libraries);
    build(&runtime, &target);

    let mut files = vec![libraries.join("libupshift_runtime.so")];
    let metadata = fs::read_dir(libraries.join("deps")).expect("cargo made deps");
    files.extend(
        metadata.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "rmeta")),
    );
    files.sort();
    let mut text = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("cargo's names are ASCII");
        let _ = writeln!(text, "    ({name:?}, include_bytes!({path:?})),");
    }
    let _ = write!(text, "];\npub(crate) static RUSTC_VERSION: &str = {:?};\n", rustc_version());
    fs::write(out.join("files.rs"), text).expect("OUT_DIR can be written");
}

fn build(runtime: &Path, target: &Path) {
    let cargo = env::var_os("CARGO").expect("cargo sets CARGO");
    let mut command = Command::new(cargo);
    command
        .args(["rustc", "--quiet", "--release", "--lib", "--crate-type", "dylib", "--manifest-path"])
        .arg(runtime.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .args(["--", "-C", "prefer-dynamic"])
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3");
    // What the outer cargo was told (lints, coverage, another target directory) is not for this library.
    for name in [
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
    ] {
        command.env_remove(name);
    }
    let status = command.status().expect("cargo can be started");
    assert!(status.success(), "the runtime library does not build");
}

fn rustc_version() -> String {
    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let output = Command::new(rustc).arg("-vV").output().expect("rustc can be started");
    String::from_utf8(output.stdout).expect("rustc's version is UTF-8")
}
