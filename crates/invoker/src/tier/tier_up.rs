//! Tier-up: compiles an action's trace, verifies the version against the recordings, and makes it live.
//!
//! One at a time over the daemon, on a blocking thread, off the request path.
//! Whatever goes wrong, invocations go on as before; the action's state says why.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use upshift_ir::Trace;
use upshift_ir::state::canonical;
use upshift_loader::{Call, World};
use upshift_worker::Zygote;

use super::learnt::Learnt;
use super::recordings::{Recording, Recordings};
use super::runtime::{Runtime, Version, place};
use super::stats::VersionInfo;
use crate::pipeline::{CompileError, Compiled, Machine, NativeOutcome};
use crate::printed::Printed;

/// How long one recording may take to reproduce.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts a tier-up of `runtime`, and further ones while its trace keeps growing.
pub(crate) fn spawn(runtime: Arc<Runtime>) {
    tokio::spawn(async move { while tier_up(&runtime).await {} });
}

/// What came of compiling and verifying.
enum Outcome {
    Verified(Box<Compiled>, usize),
    /// Not to be had, with the reason.
    Refused(String),
    /// It gave another answer than CPython.
    Mismatch {
        recording: Box<Recording>,
        result: Vec<u8>,
        printed: Printed,
        state: String,
    },
}

/// One compilation; true if another, wider one is due.
async fn tier_up(runtime: &Arc<Runtime>) -> bool {
    let Ok(_turn) = runtime.shared.compile_turn.acquire().await else { return false };
    if runtime.is_replaced() {
        return false;
    }
    runtime.shared.touch();
    let (trace, recordings) = {
        let learnt = runtime.learnt();
        (learnt.trace.clone(), learnt.recordings.clone())
    };
    let Some(mut trace) = trace else {
        runtime.pin("its invocations left no trace".to_owned());
        return false;
    };
    trace.changes |= runtime.is_stateful();
    let started = Instant::now();
    let compiling = {
        let (runtime, mut trace, recordings) = (Arc::clone(runtime), trace.clone(), recordings.clone());
        tokio::task::spawn_blocking(move || (compile(&runtime, &mut trace, &recordings), trace.wide))
    };
    let outcome = match compiling.await {
        Ok((outcome, wide)) => {
            widen(runtime, &wide);
            trace.wide = wide;
            outcome
        }
        Err(error) => Outcome::Refused(format!("the compiler failed: {error}")),
    };
    if runtime.is_replaced() {
        return false;
    }
    match outcome {
        Outcome::Verified(compiled, verified) => {
            let again = go_live(runtime, *compiled, verified, &trace, started.elapsed());
            keep(runtime, trace, recordings).await;
            again
        }
        Outcome::Refused(reason) => {
            refuse(runtime, reason);
            false
        }
        Outcome::Mismatch { recording, result, printed, state } => {
            quarantine(runtime, &recording, &result, &printed.texts(), &state);
            false
        }
    }
}

/// Ints beyond 64 bits are expected on these lines from now on.
pub(crate) fn widen(runtime: &Runtime, lines: &BTreeSet<u32>) {
    if let Some(trace) = &mut runtime.learnt().trace {
        trace.wide.extend(lines);
    }
}

fn compile(runtime: &Runtime, trace: &mut Trace, recordings: &Recordings) -> Outcome {
    let Some(program) = &runtime.program else { return Outcome::Refused("it has no normal form".to_owned()) };
    if trace.is_stateful() && trace.loaded.is_none() {
        return Outcome::Refused("module state changes, and its objects differ from process to process".to_owned());
    }
    let memory_bytes = usize::try_from(runtime.action.limits.memory << 20).unwrap_or(usize::MAX);
    let zygote = &runtime.shared.zygote;
    let overflows = |compiled: &Compiled| {
        recordings.iter().filter_map(|one| replay(compiled, one, memory_bytes, zygote).0.overflow()).collect()
    };
    match runtime.shared.compiler.compile_wide(program, trace, overflows) {
        Ok(compiled) => verify(compiled, trace, recordings, memory_bytes, zygote),
        Err(CompileError::Unsupported(unsupported)) => Outcome::Refused(unsupported.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

/// Runs a recorded invocation as in the process that recorded it.
///
/// Gives the module's state afterwards, too.
fn replay(
    compiled: &Compiled,
    recording: &Recording,
    memory_bytes: usize,
    zygote: &Zygote,
) -> (NativeOutcome, Option<String>) {
    let environment = recording.environment.clone().into();
    let machine = Machine { hash_secret: recording.hash_secret, environment, ..Machine::of(zygote) };
    let call = machine.call(recording.args.as_bytes().into(), PATIENCE, memory_bytes);
    compiled.run_in(Call { world: World::Replayed(recording.journal().into()), ..call }, &recording.state[0])
}

/// Replays every recording: a bailout is as good as CPython's answer, another answer is a mismatch.
fn verify(compiled: Compiled, trace: &Trace, recordings: &Recordings, memory_bytes: usize, zygote: &Zygote) -> Outcome {
    let mut reproduced = 0;
    let mut bailout = None;
    for recording in recordings.iter() {
        let (outcome, state) = replay(&compiled, recording, memory_bytes, zygote);
        match outcome {
            NativeOutcome::Done { result, printed, .. } => {
                let state = state.unwrap_or_default();
                let is_same_state = !compiled.is_stateful
                    || matches!((canonical(trace, &state), canonical(trace, &recording.state[1])), (Ok(l), Ok(r)) if l == r);
                let is_same = result == recording.result.as_bytes() && printed.texts() == recording.logs;
                if !is_same || !is_same_state {
                    return Outcome::Mismatch { recording: Box::new(recording.clone()), result, printed, state };
                }
                reproduced += 1;
            }
            NativeOutcome::Bailed { bailout: first, .. } => {
                bailout.get_or_insert(first);
            }
            NativeOutcome::TimedOut => {
                let reason = "native code did not finish a recorded invocation in time";
                return Outcome::Refused(reason.to_owned());
            }
        }
    }
    match (reproduced, bailout) {
        (0, Some(first)) => Outcome::Refused(format!("native code bailed out of every recorded invocation: {first}")),
        (0, None) => Outcome::Refused("nothing was recorded to verify native code by".to_owned()),
        _ => Outcome::Verified(Box::new(compiled), reproduced),
    }
}

fn go_live(runtime: &Runtime, compiled: Compiled, verified: usize, trace: &Trace, took: Duration) -> bool {
    if runtime.is_stateful() && !compiled.is_stateful {
        // The module turned out to keep state meanwhile.
        return true;
    }
    let name = &runtime.key;
    let wider = {
        let mut learnt = runtime.learnt();
        learnt.rust = Some(compiled.rust.clone());
        learnt.compiled = Some(trace.clone());
        learnt.is_wider()
    };
    let number = runtime.counters().stats.next_version();
    let info =
        VersionInfo { number, compile_ms: compiled.compile_ms, guards: compiled.guards.len(), verified, live: true };
    tracing::info!(
        action = name,
        version = number,
        compile_ms = info.compile_ms,
        total_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        guards = info.guards,
        verified,
        "{}",
        if number == 1 { "tier-up: native code is live" } else { "tier-up: a wider version is live" },
    );
    // The version is there before the policy sends anyone to it.
    runtime.install(Version { number, compiled });
    let again = {
        let mut counters = runtime.counters();
        counters.stats.installed(info);
        counters.stats.last_error = None;
        counters.policy.compiled(wider)
    };
    runtime.shared.touch();
    again
}

async fn keep(runtime: &Arc<Runtime>, trace: Trace, recordings: Recordings) {
    let runtime = Arc::clone(runtime);
    let written = tokio::task::spawn_blocking(move || {
        let (blobs, action) = (&runtime.shared.blobs, &runtime.action);
        let live = runtime.counters().policy.is_live() && !runtime.is_replaced();
        let written = match &runtime.program {
            Some(program) if live && !runtime.learnt().is_volatile => {
                let place = place(&runtime.shared, action, program);
                Learnt::store(blobs, &runtime.key, &runtime.code.main, &place, &trace, recordings)
            }
            _ => Ok(()),
        };
        if let Err(error) = written {
            tracing::error!(action = runtime.key, "what was learnt is not kept: {error}");
        }
    });
    if let Err(error) = written.await {
        tracing::error!("what was learnt is not kept: {error}");
    }
}

/// The first version pins the action; for a wider one the live version stays.
fn refuse(runtime: &Runtime, reason: String) {
    let live = runtime.counters().policy.is_live();
    if !live {
        runtime.pin(reason);
        return;
    }
    tracing::warn!(action = runtime.key, "no wider version: {reason}");
    let mut counters = runtime.counters();
    counters.stats.last_error = Some(format!("no wider version: {reason}"));
    counters.policy.not_widened();
    drop(counters);
    runtime.shared.touch();
}

fn quarantine(runtime: &Runtime, recording: &Recording, result: &[u8], logs: &[String], state: &str) {
    let name = &runtime.key;
    let mut files = vec![
        ("quarantine/args.json", recording.args.as_bytes()),
        ("quarantine/python.json", recording.result.as_bytes()),
        ("quarantine/native.json", result),
    ];
    let [native, python] = [logs, &recording.logs].map(|logs| logs.join("\n"));
    if native != python {
        files.push(("quarantine/python.logs", python.as_bytes()));
        files.push(("quarantine/native.logs", native.as_bytes()));
    }
    if !recording.journal.is_empty() {
        files.push(("quarantine/journal.json", recording.journal.as_bytes()));
    }
    for (file, state) in [
        ("quarantine/before.state.json", recording.state[0].as_str()),
        ("quarantine/python.state.json", recording.state[1].as_str()),
        ("quarantine/native.state.json", state),
    ] {
        if !state.is_empty() {
            files.push((file, state.as_bytes()));
        }
    }
    files.push(("quarantine/source.py", runtime.code.source.as_bytes()));
    for (file, bytes) in files {
        if let Err(error) = runtime.shared.blobs.write(name, file, bytes) {
            tracing::error!(action = name, "the quarantined answers are not kept: {error}");
        }
    }
    let directory = runtime.shared.blobs.directory(name).join("quarantine");
    tracing::error!(action = name, "quarantine: native code and CPython disagree, see {}", directory.display());
    runtime.pin("quarantined: native code and CPython gave different answers".to_owned());
}
