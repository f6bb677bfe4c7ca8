//! What a daemon holds that clients do not see: processes, open files, memory (proc(5)).

use std::fs;
use std::time::{Duration, Instant};

use crate::support::Daemon;

/// More than this, in kB, no daemon has that serves a few small actions; a leak gets there.
const MEMORY: u64 = 768 << 10;
/// Files that may stay open: connections that the clients have not closed yet, what is cached.
const FILES: usize = 32;
/// Workers that have no action: they check the syntax of what is deployed, and are kept for the next deployment.
const CHECKERS: usize = 4;
/// How long it may take until what nobody uses is let go.
const PATIENCE: Duration = Duration::from_secs(60);

/// What there was before.
#[derive(Debug)]
pub(crate) struct Left {
    /// What the processes below the daemon were started as.
    processes: Vec<String>,
    files: usize,
    memory: u64,
}

impl Left {
    pub(crate) fn of(daemon: &Daemon) -> Self {
        let pid = daemon.pid();
        let files = fs::read_dir(format!("/proc/{pid}/fd")).expect("the daemon runs").count();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the daemon runs");
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
        Self { processes: below(pid), files, memory: memory.expect("its memory is told") }
    }

    /// Waits until the daemon holds no more than then, but for what it keeps ready.
    pub(crate) fn is_all_there_is(&self, daemon: &Daemon) {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = Self::of(daemon);
            if now.processes.len() <= self.processes.len() + CHECKERS
                && now.files <= self.files + FILES
                && now.memory <= MEMORY
            {
                return;
            }
            assert!(Instant::now() < end, "{now:?} is left, where {self:?} was");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The command lines of the processes that go back to this one.
fn below(ancestor: u32) -> Vec<String> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .expect("proc is there")
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name, in parentheses, may hold anything; the state and the parent come after it.
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut found = vec![ancestor];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    let command = |pid: &u32| fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    found[1..]
        .iter()
        .map(|pid| format!("{pid} {}", String::from_utf8_lossy(&command(pid)).replace('\0', " ")))
        .collect()
}
