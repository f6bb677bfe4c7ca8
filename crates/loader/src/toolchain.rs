//! Finds the compiler and lays out the runtime library beside its cache of compiled functions.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::DeflateDecoder;

use crate::LoadError;
use crate::embedded::{FILES, FILES_HASH, RUSTC_VERSION};

/// A compiler that fits the embedded runtime library, and the directory where both meet.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// The compiler itself, not a proxy that finds it anew at each call.
    pub(crate) rustc: PathBuf,
    /// Where the standard library's dylib lies.
    pub(crate) std_directory: PathBuf,
    /// Where the runtime library lies.
    pub(crate) runtime: PathBuf,
    /// Where compiled functions are kept, by their content.
    pub(crate) artifacts: PathBuf,
    /// Names the compiler, the runtime library and the flags: a version of another build is never loaded.
    pub(crate) build: String,
}

impl Toolchain {
    /// Makes `cache` ready: at its first need the runtime library is written there.
    ///
    /// The compiler is `UPSHIFT_RUSTC`, or `rustc` on the `PATH`.
    pub fn prepare(cache: &Path) -> Result<Self, LoadError> {
        let proxy = PathBuf::from(env::var_os("UPSHIFT_RUSTC").unwrap_or_else(|| "rustc".into()));
        let version = ask(&proxy, &["-vV"])?;
        if version != RUSTC_VERSION {
            let first = |text: &str| text.lines().next().unwrap_or("unknown").to_owned();
            return Err(LoadError::OtherCompiler { found: first(&version), built: first(RUSTC_VERSION) });
        }
        let sysroot = PathBuf::from(ask(&proxy, &["--print", "sysroot"])?.trim());
        let std_directory = PathBuf::from(ask(&proxy, &["--print", "target-libdir"])?.trim());
        let direct = sysroot.join("bin/rustc");
        let rustc = if direct.is_file() { direct } else { proxy };
        let build = build_hash();
        let cache = fs::canonicalize(make(cache)?).map_err(|error| LoadError::Write(cache.to_owned(), error))?;
        let runtime = make(&cache.join(format!("runtime-{}", &build[..16])))?;
        for (name, len, packed) in FILES {
            write_once(&runtime.join(name), *len, packed)?;
        }
        let artifacts = make(&cache.join("compiled"))?;
        Ok(Self { rustc, std_directory, runtime, artifacts, build })
    }
}

fn ask(rustc: &Path, args: &[&str]) -> Result<String, LoadError> {
    let no_compiler = |error| LoadError::NoCompiler(rustc.to_owned(), error);
    let output = Command::new(rustc).args(args).output().map_err(no_compiler)?;
    if !output.status.success() {
        return Err(no_compiler(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn build_hash() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(RUSTC_VERSION.as_bytes());
    for flag in crate::compile::FLAGS {
        hasher.update(flag.as_bytes());
    }
    hasher.update(FILES_HASH.as_bytes());
    hasher.finalize().to_hex().to_string()
}

fn make(directory: &Path) -> Result<PathBuf, LoadError> {
    fs::create_dir_all(directory).map_err(|error| LoadError::Write(directory.to_owned(), error))?;
    Ok(directory.to_owned())
}

/// Another daemon may have the file mapped, so it is never written over.
fn write_once(path: &Path, len: u64, packed: &[u8]) -> Result<(), LoadError> {
    if fs::metadata(path).is_ok_and(|known| known.len() == len) {
        return Ok(());
    }
    // Neither another process nor another thread of this one writes there.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
    let unpack = |mut file: fs::File| io::copy(&mut DeflateDecoder::new(packed), &mut file);
    let written = fs::File::create(&temporary).and_then(unpack).and_then(|_| fs::rename(&temporary, path));
    written.map_err(|error| LoadError::Write(path.to_owned(), error))
}
