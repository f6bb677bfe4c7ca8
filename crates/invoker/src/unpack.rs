//! Archives of a daemon's actions: unpacked, and with what their `requirements.txt` asks for beside them.
//!
//! Holds: an archive whose packages could not be installed is not served, unless installing is not allowed at all.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;
use upshift_deploy::{ArchiveError, Archives, Unpacked};

/// How archives are unpacked.
#[derive(Debug)]
pub(crate) struct Unpacker {
    archives: Archives,
    /// The `python3` whose `pip` installs.
    python: PathBuf,
    /// How long installing may take; it is not allowed if absent.
    pip: Option<Duration>,
}

/// Why an archive cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// It cannot be unpacked, or is no action.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What it requires cannot be installed; what `pip` had to say.
    #[error("requirements.txt cannot be installed:\n{0}")]
    Requirements(String),
    /// The daemon itself failed.
    #[error("{0}")]
    Internal(String),
}

impl Unpacker {
    /// Unpacks into `archives`; what is required is installed by the `pip` of `python`, within the time `pip`.
    pub(crate) fn new(archives: Archives, python: PathBuf, pip: Option<Duration>) -> Self {
        Self { archives, python, pip }
    }

    /// The folders that it unpacks into.
    pub(crate) fn archives(&self) -> &Archives {
        &self.archives
    }

    /// The folder of an archive, with its packages.
    pub(crate) async fn unpack(self: Arc<Self>, zip: Vec<u8>) -> Result<Unpacked, UnpackError> {
        let unpacked = tokio::task::spawn_blocking(move || self.with_packages(self.archives.unpack(&zip)?));
        unpacked.await.map_err(|error| UnpackError::Internal(error.to_string()))?
    }

    /// Adds what the archive requires. Blocking.
    fn with_packages(&self, mut unpacked: Unpacked) -> Result<Unpacked, UnpackError> {
        let Some(requirements) = unpacked.requirements.take() else { return Ok(unpacked) };
        let packages = self.archives.packages(&unpacked);
        match self.pip {
            Some(time) => self.archives.make(&packages, |folder| self.install(&requirements, folder, time))?,
            // An earlier daemon was allowed to.
            None if packages.is_dir() => {}
            None => {
                tracing::warn!("{} is not installed: --pip allows it", requirements.display());
                return Ok(unpacked);
            }
        }
        Ok(Unpacked { site_packages: Some(packages), ..unpacked })
    }

    fn install(&self, requirements: &Path, into: &Path, time: Duration) -> Result<(), UnpackError> {
        let failed = |error: std::io::Error| UnpackError::Requirements(format!("{}: {error}", self.python.display()));
        let mut command = Command::new(&self.python);
        command
            // Without `-P` the archive's own modules would stand before those of `pip`.
            .args(["-P", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
            .args(["--root-user-action", "ignore", "--target"])
            .arg(into)
            .arg("--requirement")
            .arg(requirements)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What it builds with is ended with it.
            .process_group(0)
            .kill_on_drop(true);
        if let Some(folder) = requirements.parent() {
            command.current_dir(folder);
        }
        let output = tokio::runtime::Handle::current().block_on(async {
            let child = command.spawn()?;
            let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            let output = tokio::time::timeout(time, child.wait_with_output()).await;
            if let (Err(_), Some(group)) = (&output, group) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            output.unwrap_or_else(|_| Err(std::io::Error::other(format!("pip took longer than {} s", time.as_secs()))))
        });
        let output = output.map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(UnpackError::Requirements(String::from_utf8_lossy(&said).trim().to_owned()))
    }
}
