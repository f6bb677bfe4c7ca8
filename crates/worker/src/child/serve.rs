//! A worker's life: frames in, the prelude's functions called, frames out, until the daemon closes the socket.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use pyo3::exceptions::{PyMemoryError, PyOSError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use super::ZygoteError;
use super::channel::Channel;
use super::confine::{self, Confinement};
use super::requests::{Request, Requests};
use super::world::World;
use crate::frame::{self, Answer, status};

/// Confines this process, which was just forked, and serves one action in it; never returns.
pub(super) fn become_worker(
    py: Python<'_>,
    prelude: &Bound<'_, PyModule>,
    confinement: &Confinement<'_>,
    fds: [OwnedFd; 3],
) -> ! {
    if let Err(error) = serve(py, prelude, confinement, fds) {
        // Standard error is the worker's own by now, or still the zygote's.
        eprintln!("upshift worker: {error}");
    }
    exit(py)
}

fn serve(
    py: Python<'_>,
    prelude: &Bound<'_, PyModule>,
    confinement: &Confinement<'_>,
    fds: [OwnedFd; 3],
) -> Result<(), ZygoteError> {
    let request = confinement.request;
    let (socket, captured) = confine::confine(py, confinement, fds)?;
    let channel = Bound::new(py, Channel::new(socket, captured, request.log_bytes)?)?;
    let files = confinement.files.clone();
    let confine_files = PyCFunction::new_closure(py, None, None, move |args, _| -> PyResult<()> {
        let (own, packages, temporary): (Option<PathBuf>, Option<PathBuf>, Option<PathBuf>) = args.extract()?;
        files.confine([own, packages], temporary).map(drop).map_err(|error| PyOSError::new_err(error.to_string()))
    })?;
    let worker = prelude.getattr("Worker")?.call1((&channel, Bound::new(py, World)?, confine_files))?;
    let (check, traced_code) = (prelude.getattr("check")?, prelude.getattr("traced_code")?);
    let (load, run, take_up) = (worker.getattr("load")?, worker.getattr("run")?, worker.getattr("take_up")?);
    let [describe, take_state, put_state] = ["describe", "take_state", "put_state"].map(|name| worker.getattr(name));
    let (describe, take_state, put_state) = (describe?, take_state?, put_state?);
    let channel = channel.get();
    let (mut requests, mut taken) = (Requests::new(), 0);
    let mut cpu = cpu_nanos();
    let mut allowance = confine::Allowance::new(request.cpu_seconds);
    loop {
        let Request { kind, payload, has_waited } = match requests.next(py, channel) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(Errno::INTR) => {
                // A handler of the action's; what it raises has no one to go to between invocations.
                let _ = py.check_signals();
                continue;
            }
            // The action closed it.
            Err(_) => return Ok(()),
        };
        taken += 1;
        channel.begin(taken)?;
        if has_waited {
            // What other threads of the action did meanwhile is no request's.
            cpu = cpu_nanos();
        }
        allowance.renew(cpu);
        let mut answer = match kind {
            frame::LOAD => call(load.call1((PyBytes::new(py, payload),))),
            frame::CHECK => call(check.call1((PyBytes::new(py, payload),))),
            frame::INSTRUMENT => call(traced_code.call1((PyBytes::new(py, payload),))),
            frame::TAKE_UP => call(take_up.call1((PyBytes::new(py, payload),))),
            frame::DESCRIBE => call(describe.call0()),
            frame::TAKE_STATE => call(take_state.call0()),
            frame::PUT_STATE => call(put_state.call1((PyBytes::new(py, payload),))),
            frame::PLAIN | frame::SETTLED | frame::JOURNALLED | frame::TRACED => {
                let (environment, rest) = split(payload);
                let (journal, args) = split(rest);
                let (args, environment) = (PyBytes::new(py, args), PyBytes::new(py, environment));
                let has_journal = matches!(kind, frame::JOURNALLED | frame::TRACED);
                let journal = has_journal.then(|| PyBytes::new(py, journal));
                call(run.call1((args, environment, kind == frame::SETTLED, kind == frame::TRACED, journal)))
            }
            _ => return Ok(()),
        };
        let counted = std::mem::replace(&mut cpu, cpu_nanos());
        answer.cpu_nanos = cpu.saturating_sub(counted);
        let last = answer.is_last() || !channel.is_open();
        let _ = channel.send_captured();
        let frame = answer.encode().map_err(|error| std::io::Error::other(error.to_string()))?;
        let sent = py.detach(|| channel.send(&frame));
        if last || sent.is_err() {
            return Ok(());
        }
    }
}

/// The answer in what a function of the prelude returned; what it raises ends the worker.
fn call(result: PyResult<Bound<'_, PyAny>>) -> Answer {
    let answer = result.and_then(|result| {
        // As many as a tuple can be taken apart into.
        let (
            status,
            nanos,
            body,
            exception,
            observations,
            trace_error,
            changed,
            journal,
            differs,
            before,
            after,
            stays,
        ) = result.extract()?;
        let body: Bound<'_, PyBytes> = body;
        let (body, state) = (body.as_bytes().to_vec(), [before, after, stays]);
        Ok(Answer {
            status,
            nanos,
            cpu_nanos: 0,
            body,
            exception,
            observations,
            trace_error,
            changed,
            journal,
            differs,
            state,
        })
    });
    answer.unwrap_or_else(|error| {
        // Only where there was no memory left to say so from Python, or an asynchronous exception came at a bad time.
        let short = Python::attach(|py| error.is_instance_of::<PyMemoryError>(py));
        Answer { status: if short { status::OUT_OF_MEMORY } else { status::EXITED }, ..Answer::default() }
    })
}

/// What processors have done for this process so far.
fn cpu_nanos() -> u64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec)).unwrap_or(0)
}

/// A part of the payload of a run, after its length, and what follows; see [`frame::run`].
fn split(payload: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = payload.split_first_chunk::<4>() else { return (b"", b"") };
    rest.split_at_checked(u32::from_le_bytes(*length) as usize).unwrap_or((b"", b""))
}

/// Ends this process at once: handlers that were registered before the fork are the zygote's.
fn exit(py: Python<'_>) -> ! {
    let _ = py.import("os").and_then(|os| os.call_method1("_exit", (0,)));
    std::process::abort()
}
