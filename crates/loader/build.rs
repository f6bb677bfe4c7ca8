//! Builds the runtime as the dylib that compiled functions link, so that it can be embedded in the daemon.
//!
//! Generates `files.rs`: the dylib and the metadata of the crates that it was built from, compressed, with a hash of them
//! all, so that who has them need not look at them; and the compiler's version.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
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
    let packed = out.join("packed");
    fs::create_dir_all(&packed).expect("OUT_DIR can be written");
    let mut hasher = blake3::Hasher::new();
    let mut text = String::from("pub(crate) static FILES: &[(&str, u64, &[u8])] = &[\n");
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("cargo's names are ASCII");
        let bytes = fs::read(path).expect("cargo made it");
        hasher.update(name.as_bytes());
        hasher.update(&bytes);
        let (len, path) = (bytes.len(), packed.join(name));
        fs::write(&path, pack(&bytes)).expect("OUT_DIR can be written");
        let _ = writeln!(text, "    ({name:?}, {len}, include_bytes!({path:?})),");
    }
    let _ = writeln!(text, "];\npub(crate) static FILES_HASH: &str = \"{}\";", hasher.finalize().to_hex());
    let _ = writeln!(text, "pub(crate) static RUSTC_VERSION: &str = {:?};", rustc_version());
    fs::write(out.join("files.rs"), text).expect("OUT_DIR can be written");
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).and_then(|()| packer.finish()).expect("memory can be written")
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
