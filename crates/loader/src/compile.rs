//! Calls rustc on a generated module, once for each content.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, setpriority_process};

use crate::{LoadError, Toolchain};

/// Beside the paths, everything that decides what comes out.
pub(crate) const FLAGS: &[&str] = &[
    "--edition=2021",
    "--crate-type=cdylib",
    "--crate-name=action",
    "-Awarnings",
    "-Copt-level=2",
    "-Ccodegen-units=1",
    "-Cdebuginfo=0",
    "-Cprefer-dynamic",
];

/// The dylib in its directory.
const DYLIB: &str = "action.so";
/// The BLAKE3 hash of the dylib: mapping a damaged one would end the process.
const SEAL: &str = "action.blake3";
/// Its niceness.
const UNHURRIED: i32 = 10;
/// How long rustc may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A compiled function on disk.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The dylib.
    pub path: PathBuf,
    /// Whether an earlier compilation made it.
    pub cached: bool,
}

impl Toolchain {
    /// Compiles `rust`, a module with `main`, `LITERALS`, `GUARDS`, `SITES` and `MODULE`; blocks until rustc ends.
    pub fn compile(&self, rust: &str) -> Result<Artifact, LoadError> {
        let root = format!(
            "#[forbid(unsafe_code)]\nmod action;\n\n#[no_mangle]\npub static UPSHIFT_EXPORT: upshift_runtime::abi::Export =\n    \
             upshift_runtime::abi::Export::new({:?}, action::main, action::LITERALS, [action::GUARDS, action::SITES], action::MODULE);\n",
            self.build
        );
        let mut hasher = blake3::Hasher::new();
        hasher.update(root.as_bytes());
        hasher.update(rust.as_bytes());
        let directory = self.artifacts.join(&hasher.finalize().to_hex()[..32]);
        let path = directory.join(DYLIB);
        if is_whole(&directory) {
            return Ok(Artifact { path, cached: true });
        }
        // The whole directory appears at once, so that what is there is complete, but for what a power cut left of it.
        let building = self.artifacts.join(unique_name());
        let written = fs::create_dir_all(&building)
            .and_then(|()| fs::write(building.join("lib.rs"), &root))
            .and_then(|()| fs::write(building.join("action.rs"), rust));
        written.map_err(|error| LoadError::Write(building.clone(), error))?;
        let placed = self.rustc(&building).and_then(|()| seal(&building)).and_then(|()| place(&building, &directory));
        if let Err(error) = placed {
            let _ = fs::remove_dir_all(&building);
            return Err(error);
        }
        Ok(Artifact { path, cached: false })
    }

    fn rustc(&self, building: &Path) -> Result<(), LoadError> {
        let log = building.join("rustc.log");
        let stderr = File::create(&log).map_err(|error| LoadError::Write(log.clone(), error))?;
        let mut child = Command::new(&self.rustc)
            .args(FLAGS)
            .arg(building.join("lib.rs"))
            .arg("-o")
            .arg(building.join(DYLIB))
            .arg(format!("--extern=upshift_runtime={}", self.runtime.join("libupshift_runtime.so").display()))
            .arg(format!("-Ldependency={}", self.runtime.display()))
            .current_dir(building)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .map_err(|error| LoadError::NoCompiler(self.rustc.clone(), error))?;
        // Invocations come first. Its threads and the linker are as nice as it is.
        let _ = setpriority_process(Some(Pid::from_child(&child)), UNHURRIED);
        if !finish(&mut child)? {
            return Err(LoadError::Slow(PATIENCE.as_secs()));
        }
        if child.wait().is_ok_and(|status| status.success()) {
            return Ok(());
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        Err(LoadError::Rustc(
            text.lines().find(|line| line.starts_with("error")).unwrap_or("no message").to_owned() + "\n" + &text,
        ))
    }
}

/// Keeps what the dylib is to be.
fn seal(building: &Path) -> Result<(), LoadError> {
    let dylib = building.join(DYLIB);
    let sealed =
        fs::read(&dylib).and_then(|bytes| fs::write(building.join(SEAL), blake3::hash(&bytes).to_hex().as_bytes()));
    sealed.map_err(|error| LoadError::Write(dylib, error))
}

/// Whether there is a dylib, and it is what was compiled.
fn is_whole(directory: &Path) -> bool {
    let (dylib, seal) = (fs::read(directory.join(DYLIB)), fs::read(directory.join(SEAL)));
    dylib.is_ok_and(|bytes| seal.is_ok_and(|seal| seal == blake3::hash(&bytes).to_hex().as_bytes()))
}

/// Moves what was built to its place, unless another compilation of the same source was faster.
fn place(building: &Path, directory: &Path) -> Result<(), LoadError> {
    if fs::rename(building, directory).is_ok() {
        return Ok(());
    }
    if is_whole(directory) {
        let _ = fs::remove_dir_all(building);
        return Ok(());
    }
    let replaced = fs::remove_dir_all(directory).and_then(|()| fs::rename(building, directory));
    replaced.map_err(|error| LoadError::Write(directory.to_owned(), error))
}

/// Whether `child` ended in time; otherwise it is killed.
fn finish(child: &mut Child) -> Result<bool, LoadError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(true),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(false);
            }
            Err(error) => return Err(LoadError::Rustc(error.to_string())),
        }
    }
}

fn unique_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("building-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
