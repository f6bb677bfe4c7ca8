//! The zygote: CPython, warm, in a process with one thread, that forks a worker for each request.
//!
//! In: requests on the socket that is its standard input (see [`control`]). Out: workers, and their pids.
//! When a worker ends, what is left of its process group is killed; when the socket closes, so is everything.

mod channel;
mod confine;
pub(crate) mod control;
mod environment;
mod files;
mod interpreter;
mod requests;
mod seen;
mod serve;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pyo3::prelude::*;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, pidfd_open, waitid,
    waitpid,
};

use control::{Forked, Request};
use files::Files;

const PRELUDE: &str = concat!(
    include_str!("../prelude/warm.py"),
    "\n\n",
    include_str!("../prelude/streams.py"),
    "\n\n",
    include_str!("../prelude/observing.py"),
    "\n\n",
    include_str!("../prelude/tracing.py"),
    "\n\n",
    include_str!("../prelude/worker.py"),
);

/// Runs this process as the zygote until the daemon ends; the entry of the hidden subcommand.
///
/// The process must have one thread and, as its standard input, the socket that [`Zygote::start`](crate::Zygote::start)
/// made. `venv` is a virtual environment whose packages actions can import, `allowed` what they may read and write
/// beside their own files.
pub fn zygote_main(venv: Option<&Path>, allowed: &[PathBuf]) -> ExitCode {
    interpreter::name_program();
    match Python::attach(|py| run(py, venv, allowed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upshift zygote: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A failure of the zygote itself.
#[derive(Debug, thiserror::Error)]
enum ZygoteError {
    #[error(transparent)]
    System(#[from] rustix::io::Errno),
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error("{0}")]
    Python(#[from] PyErr),
    #[error("the embedded Python source has a zero byte")]
    Source(#[from] std::ffi::NulError),
}

fn run(py: Python<'_>, venv: Option<&Path>, allowed: &[PathBuf]) -> Result<(), ZygoteError> {
    let control = take_control()?;
    let (prelude, mut facts) = warm(py, venv)?;
    let files = Files::new(py, allowed)?;
    facts.insert("confines".to_owned(), files::is_possible().to_string());
    world::install(py)?;
    // Relative paths meant the daemon's directory until here; a worker must not hold that busy.
    rustix::process::chdir("/")?;
    control::reply(&control, &Forked::ready(interpreter::hash_secret(py)?, interpreter::is_utc(py)?, &facts), None)?;
    let mut children: HashMap<Pid, OwnedFd> = HashMap::new();
    loop {
        let (asked, ended) = wait(&control, &children)?;
        for pid in ended {
            bury(pid)?;
            children.remove(&pid);
        }
        if !asked {
            continue;
        }
        let Some((request, fds)) = control::receive(&control)? else { break };
        let sequence = request.sequence;
        let forked = match fork(py, &prelude, &files, &request, fds) {
            Ok((pid, pidfd)) => {
                control::reply(&control, &Forked::pid(sequence, pid), Some(pidfd.as_fd()))?;
                children.insert(pid, pidfd);
                continue;
            }
            Err(error) => Forked::failed(sequence, &error.to_string()),
        };
        control::reply(&control, &forked, None)?;
    }
    for pid in children.into_keys() {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    Ok(())
}

/// Moves the socket off standard input, where workers have the null device.
fn take_control() -> Result<OwnedFd, ZygoteError> {
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    // A terminal's Ctrl-C reaches the whole foreground group; the daemon decides what ends.
    if rustix::process::getpgid(None)? != rustix::process::getpid() {
        rustix::process::setpgid(None, None)?;
    }
    Ok(control)
}

/// The prelude, and what is known of the machine and of the packages there.
fn warm<'py>(
    py: Python<'py>,
    venv: Option<&Path>,
) -> Result<(Bound<'py, PyModule>, BTreeMap<String, String>), ZygoteError> {
    let prelude = PyModule::from_code(py, &CString::new(PRELUDE)?, c"<upshift>", c"_upshift")?;
    let recorder = CString::new(upshift_tracer::RECORDER)?;
    let recorder = PyModule::from_code(py, &recorder, c"<upshift recorder>", c"_upshift_recorder")?;
    recorder.setattr("Seen", py.get_type::<seen::Seen>())?;
    for name in [
        "CHECKS",
        "Codes",
        "Digest",
        "INTACT",
        "Image",
        "LOGGERS",
        "PACKAGES",
        "Recorder",
        "State",
        "Unmovable",
        "is_of_library",
        "lookup",
        "notices_its_end",
    ] {
        prelude.setattr(name, recorder.getattr(name)?)?;
    }
    let version = py.version_info();
    let packages = venv.map(|venv| {
        let python = format!("python{}.{}", version.major, version.minor);
        let packages = venv.join("lib").join(python).join("site-packages");
        std::path::absolute(&packages).unwrap_or(packages)
    });
    let packages = packages.map(|path| path.to_string_lossy().into_owned());
    let environment = Bound::new(py, environment::Environment::default())?;
    prelude.setattr("_putenv", environment.getattr("set")?)?;
    let mut facts: BTreeMap<String, String> = prelude.call_method1("warm", (packages,))?.extract()?;
    let library = py.import("sysconfig")?.call_method1("get_path", ("stdlib",))?.extract()?;
    facts.insert("library".to_owned(), library);
    facts.insert("executable".to_owned(), py.import("sys")?.getattr("executable")?.extract().unwrap_or_default());
    Ok((prelude, facts))
}

/// Waits for a request, or for workers to end: whether there is a request, and which workers ended.
fn wait(control: &OwnedFd, children: &HashMap<Pid, OwnedFd>) -> Result<(bool, Vec<Pid>), ZygoteError> {
    let pids: Vec<Pid> = children.keys().copied().collect();
    let mut fds = vec![PollFd::new(control, PollFlags::IN)];
    fds.extend(children.values().map(|pidfd| PollFd::new(pidfd, PollFlags::IN)));
    match poll(&mut fds, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
    let ended = pids.into_iter().zip(&fds[1..]).filter(|(_, fd)| ready(fd)).map(|(pid, _)| pid).collect();
    Ok((ready(&fds[0]), ended))
}

/// Kills what is left of an ended worker's process group, then lets its pid go.
fn bury(pid: Pid) -> Result<(), ZygoteError> {
    // Until it is reaped the pid, and with it the group's number, cannot be anyone else's.
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
    let _ = kill_process_group(pid, Signal::KILL);
    waitpid(Some(pid), WaitOptions::empty())?;
    Ok(())
}

fn fork(
    py: Python<'_>,
    prelude: &Bound<'_, PyModule>,
    files: &Files,
    request: &Request,
    fds: [OwnedFd; 3],
) -> Result<(Pid, OwnedFd), ZygoteError> {
    let memory = confine::address_space()?;
    let parent = rustix::process::getpid();
    // Through `os` so that the interpreter's own handlers run on both sides.
    let pid: i32 = py.import("os")?.call_method0("fork")?.extract()?;
    match Pid::from_raw(pid) {
        Some(pid) => match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(pidfd) => Ok((pid, pidfd)),
            Err(error) => {
                let _ = kill_process(pid, Signal::KILL);
                waitpid(Some(pid), WaitOptions::empty())?;
                Err(error.into())
            }
        },
        None => serve::become_worker(py, prelude, &confine::Confinement { parent, memory, files, request }, fds),
    }
}
