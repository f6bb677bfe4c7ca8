//! Which files a worker may touch, and whom it may signal (Landlock, `Documentation/userspace-api/landlock.rst`).
//!
//! Reading: the system, Python with its packages, the action's own folder and packages, and what is writable.
//! Writing: the action's temporary files, `/tmp` and its like, and what the daemon was told to allow.
//! Its folder is not written: it is what was deployed, and all of its workers share it.
//! Nothing else: not the daemon's state, not other actions, not the processes around it.
//! A kernel without Landlock confines nothing; the daemon says so when it starts.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, path_beneath_rules,
};
use pyo3::prelude::*;

/// What the rules below are written for; an older kernel enforces what it knows.
const KNOWN: ABI = ABI::V6;
/// Libraries, programs, certificates, zones, and what the kernel tells.
const SYSTEM: &[&str] =
    &["/bin", "/etc", "/lib", "/lib64", "/nix", "/opt", "/proc", "/run/systemd/resolve", "/sbin", "/sys", "/usr"];
/// Where programs expect to be able to write.
const SCRATCH: &[&str] = &["/dev", "/tmp", "/var/tmp"];

/// What all workers may touch.
#[derive(Clone, Debug)]
pub(super) struct Files {
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
}

impl Files {
    /// The system's, Python's, and `allowed`.
    pub(super) fn new(py: Python<'_>, allowed: &[PathBuf]) -> PyResult<Self> {
        let sys = py.import("sys")?;
        let mut readable: Vec<PathBuf> = SYSTEM.iter().map(PathBuf::from).collect();
        for name in ["prefix", "base_prefix", "exec_prefix"] {
            readable.push(sys.getattr(name)?.extract()?);
        }
        readable.extend(sys.getattr("path")?.extract::<Vec<PathBuf>>()?);
        // An entry may be relative, and the root is that of an unset prefix.
        readable.retain(|path| path.is_absolute() && path.parent().is_some());
        let writable = SCRATCH.iter().map(PathBuf::from).chain(allowed.iter().cloned()).collect();
        Ok(Self { readable, writable })
    }

    /// Confines this process for good to these, reading `own` and writing `temporary`.
    pub(super) fn confine(
        &self,
        own: [Option<PathBuf>; 2],
        temporary: Option<PathBuf>,
    ) -> Result<RulesetStatus, RulesetError> {
        let (own, writable) = (own.iter().flatten(), self.writable.iter().chain(&temporary));
        let readable = self.readable.iter().chain(own);
        let status = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(KNOWN))?
            .scope(Scope::from_all(KNOWN))?
            .create()?
            .add_rules(path_beneath_rules(readable, AccessFs::from_read(KNOWN)))?
            .add_rules(path_beneath_rules(writable, AccessFs::from_all(KNOWN)))?
            .restrict_self()?;
        Ok(status.ruleset)
    }
}

/// Whether this kernel can confine processes to files.
pub(super) fn is_possible() -> bool {
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    made.is_ok()
}
