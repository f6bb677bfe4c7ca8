//! Puts a freshly forked worker into its place: own session, own descriptors, limits.

use std::os::fd::{AsRawFd, OwnedFd};

use pyo3::prelude::*;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use super::ZygoteError;
use super::control::Request;
use super::files::Files;

/// What the interpreter's libraries and threads may reserve without using it: stacks, malloc's arenas, mapped files.
const HEADROOM: u64 = 64 << 20;
/// Descriptors a worker may have open.
const FILES: u64 = 4096;
/// The worker's own descriptors go here and up, out of the way of what actions open.
const SOCKET: i32 = 100;

/// What a worker needs to know to confine itself.
pub(super) struct Confinement<'a> {
    /// The zygote.
    pub(super) parent: Pid,
    /// The zygote's address space in bytes, which is the worker's when it starts.
    pub(super) memory: u64,
    /// What all workers may touch.
    pub(super) files: &'a Files,
    /// Its limits.
    pub(super) request: &'a Request,
}

/// This process's address space in bytes.
pub(super) fn address_space() -> Result<u64, std::io::Error> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = pages.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or(0);
    Ok(pages * rustix::param::page_size() as u64)
}

/// Confines this process, which was just forked; returns its socket, and where descriptors 1 and 2 lead as long as the action
/// leaves them alone: all that it keeps beyond the standard ones.
pub(super) fn confine(
    py: Python<'_>,
    confinement: &Confinement<'_>,
    [socket, out, err]: [OwnedFd; 3],
) -> Result<(OwnedFd, [OwnedFd; 2]), ZygoteError> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid() != Some(confinement.parent) {
        // It ended between the fork and the line above.
        std::process::abort();
    }
    rustix::process::setsid()?;
    rustix::stdio::dup2_stdout(&out)?;
    rustix::stdio::dup2_stderr(&err)?;
    let kept = |fd: OwnedFd| rustix::io::fcntl_dupfd_cloexec(fd, SOCKET);
    let (socket, captured) = (kept(socket)?, [kept(out)?, kept(err)?]);
    close_others(py, [&socket, &captured[0], &captured[1]].map(AsRawFd::as_raw_fd))?;
    rustix::thread::set_no_new_privs(true)?;
    // Of a daemon that is root's: with capabilities, a worker could read the memory of processes that it must not touch.
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    let request = confinement.request;
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, FILES)?;
    if let Some(bytes) = request.file_bytes {
        limit(Resource::Fsize, bytes)?;
    }
    limit(Resource::As, confinement.memory.saturating_add(request.memory_bytes).saturating_add(HEADROOM))?;
    Ok((socket, captured))
}

/// What each request may take of processors.
pub(super) struct Allowance {
    seconds: u64,
    /// In what second of this process's time the limit was set last.
    renewed: Option<u64>,
}

impl Allowance {
    pub(super) fn new(seconds: u64) -> Self {
        Self { seconds, renewed: None }
    }

    /// Allows the seconds, and up to one more, from now on; `nanos` is what this process has had so far.
    pub(super) fn renew(&mut self, nanos: u64) {
        let used = nanos / 1_000_000_000;
        if self.renewed.replace(used) == Some(used) {
            return;
        }
        let current = used.saturating_add(self.seconds).saturating_add(1);
        let maximum = getrlimit(Resource::Cpu).maximum;
        let current = Some(maximum.map_or(current, |maximum| current.min(maximum)));
        // Cannot fail: the soft limit stays below the hard one.
        let _ = setrlimit(Resource::Cpu, Rlimit { current, maximum });
    }
}

fn limit(resource: Resource, value: u64) -> Result<(), ZygoteError> {
    let value = getrlimit(resource).maximum.map_or(value, |maximum| value.min(maximum));
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

fn close_others(py: Python<'_>, mut kept: [i32; 3]) -> Result<(), ZygoteError> {
    let os = py.import("os")?;
    kept.sort_unstable();
    let mut first = 3;
    for fd in kept {
        os.call_method1("closerange", (first, fd))?;
        first = fd + 1;
    }
    os.call_method1("closerange", (first, i32::MAX))?;
    Ok(())
}
