//! The differential harness: one function, some calls, every way to run them, and whether all ways agree.
//!
//! CPython runs the plain source, then the instrumented normal form; the trace is compiled, and native code runs
//! each call; on demand, also with a bailout forced at each guard. CPython's plain answers decide.
//! `upshift check` prints a [`Report`]; the tests use the same door.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;
use upshift_ir::Trace;
use upshift_loader::{Call, World};
use upshift_worker::{Mode, WorkerError, Zygote};

use self::answer::mismatch;
pub(crate) use self::answer::whole_lines;
pub use self::answer::{Answer, Mismatch};
pub(crate) use self::python::{Python, sources};
use self::python::{REPEATS, TIMING, median};
use crate::pipeline::{Bailout, CompileError, Compiled, Compiler, Machine, NativeOutcome, Program};

mod answer;
mod live;
mod python;

/// How long one call may take in any tier.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a call may use in either tier.
const MEMORY: u64 = 256 << 20;

/// What to check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What the report calls the file.
    pub file: String,
    /// Python source.
    pub source: String,
    /// JSON texts of args objects.
    pub calls: Vec<String>,
    /// Also force a bailout at every guard.
    pub forced: bool,
    /// With [`Check::forced`]: let these runs have their effects, and CPython go on by their journals.
    pub live: bool,
    /// Where compiled functions are cached.
    pub cache: PathBuf,
}

/// What came of it; its JSON is what `upshift check --json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`Check::file`].
    pub file: String,
    /// Whether native code answered at least one call, and no tier disagreed.
    pub accelerated: bool,
    /// Why not, if not.
    pub reason: Option<String>,
    /// How many calls there were.
    pub calls: usize,
    /// How many native code answered.
    pub native_calls: usize,
    /// The bailouts of the other calls.
    pub bailouts: Vec<Bailout>,
    /// Calls that two tiers answered differently: always a defect of Upshift.
    pub mismatches: Vec<Mismatch>,
    /// Median of CPython per call in microseconds: arguments read, function run, result written.
    pub python_us: Option<f64>,
    /// The same of native code.
    pub native_us: Option<f64>,
    /// From the trace to the loaded version.
    pub compile_ms: Option<u64>,
    /// The forced runs: bailouts that happened, and runs that finished because the guard was not on their way.
    #[serde(skip)]
    pub forced: (usize, usize),
    /// The trace, where there is one.
    #[serde(skip)]
    pub trace: Option<Trace>,
    /// The generated Rust, where there is some.
    #[serde(skip)]
    pub rust: Option<String>,
    /// CPython's answers, in the order of the calls.
    #[serde(skip)]
    pub answers: Vec<Answer>,
    /// Runs whose effects were live, each of which CPython took up after a bailout.
    #[serde(skip)]
    pub live: usize,
    /// What CPython's runs drew from the world, in the order of the calls; every other run sees the same.
    #[serde(skip)]
    journals: Vec<String>,
    /// Where CPython ran.
    #[serde(skip)]
    machine: Machine,
}

/// A check that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The worker failed.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// The source does not load in CPython.
    #[error("{0}")]
    Load(String),
}

/// Runs `check` on a worker of `zygote`.
pub async fn check(check: &Check, zygote: &Zygote) -> Result<Report, CheckError> {
    let mut report = Report {
        file: check.file.clone(),
        accelerated: false,
        reason: None,
        calls: check.calls.len(),
        native_calls: 0,
        bailouts: Vec::new(),
        mismatches: Vec::new(),
        python_us: None,
        native_us: None,
        compile_ms: None,
        forced: (0, 0),
        trace: None,
        rust: None,
        answers: Vec::new(),
        live: 0,
        journals: Vec::new(),
        machine: Machine::of(zygote),
    };
    let program = match Program::new(&check.source, "main", &sources(&check.file, zygote)) {
        Ok(program) => Some(program),
        Err(unsupported) => {
            report.reason = Some(unsupported.to_string());
            None
        }
    };
    let mut python = Python::new(zygote, &check.file, &check.source, program.as_ref());
    let mut times = Vec::new();
    for call in &check.calls {
        let (answer, reply) = python.run(call, Mode::Journalled, "").await?;
        report.answers.push(answer);
        report.journals.push(reply.journal);
        times.push(reply.nanos);
    }
    report.python_us = median(times);
    let Some(program) = program else { return Ok(report) };
    trace(check, zygote, &program, &mut report).await?;
    let Some(mut seen) = report.trace.clone() else {
        report.reason.get_or_insert_with(|| "no call was traced".to_owned());
        return Ok(report);
    };
    let compiler = Compiler::new(&check.cache);
    // Compiling and running native code block; the caller's runtime has nothing else to do meanwhile.
    let widened = |compiled: &Compiled| overflows(check, &report, compiled);
    let compiled = tokio::task::block_in_place(|| compiler.compile_wide(&program, &mut seen, widened));
    report.trace = Some(seen.clone());
    match compiled {
        Ok(compiled) => {
            tokio::task::block_in_place(|| run_native(check, &compiled, &mut report));
            live::compare(check, &compiled, &mut python, &mut report).await?;
        }
        Err(CompileError::Unsupported(unsupported)) => report.reason = Some(unsupported.to_string()),
        Err(error) => report.reason = Some(error.to_string()),
    }
    if report.native_calls > 0 {
        // What ran natively has no effects but those in its journal, so that it can be run again for better figures.
        report.python_us = python.median(&check.calls, &report.journals).await?;
    }
    if check.forced && report.rust.is_some() {
        match tokio::task::block_in_place(|| compiler.compile(&program, &seen, true)) {
            Ok(compiled) => {
                tokio::task::block_in_place(|| run_forced(check, &compiled, &mut report));
                if check.live {
                    live::forced(check, &compiled, &mut python, &mut report).await?;
                }
            }
            Err(error) => report.reason = Some(error.to_string()),
        }
    }
    if !report.mismatches.is_empty() {
        settle(check, zygote, &mut report).await?;
    }
    conclude(&mut report);
    Ok(report)
}

fn conclude(report: &mut Report) {
    report.accelerated = report.native_calls > 0 && report.mismatches.is_empty();
    if report.accelerated {
        report.reason = None;
    } else if !report.mismatches.is_empty() {
        report.reason = Some("the tiers disagree, which is a defect of Upshift".to_owned());
    } else if report.reason.is_none() {
        let first = report.bailouts.first();
        report.reason = Some(match first {
            Some(bailout) => format!("every call bailed out: {bailout}"),
            None => "there were no calls".to_owned(),
        });
    }
}

/// Runs every call traced, merges what was seen, and compares the normal form's answers with the plain ones.
async fn trace(check: &Check, zygote: &Zygote, program: &Program, report: &mut Report) -> Result<(), CheckError> {
    let mut python = Python::new(zygote, &check.file, &check.source, Some(program));
    for (i, call) in check.calls.iter().enumerate() {
        let (answer, reply) = python.run(call, Mode::Traced, &report.journals[i]).await?;
        if !answer.agrees(&report.answers[i]) {
            report.mismatches.push(mismatch(call, &report.answers[i], &answer));
        }
        if let Some(name) = reply.changed_globals.first() {
            // What the recorder describes is the state after the call.
            report.reason = Some(format!("module state changed: {name}"));
            report.trace = None;
            return Ok(());
        }
        let Some(observations) = reply.observations else { continue };
        if let Err(error) = program.observe(&mut report.trace, &observations) {
            report.reason = Some(error.to_string());
        }
    }
    Ok(())
}

/// Runs every call plain once more: one that CPython itself answers differently in another worker proves nothing.
async fn settle(check: &Check, zygote: &Zygote, report: &mut Report) -> Result<(), CheckError> {
    let mut python = Python::new(zygote, &check.file, &check.source, None);
    for (i, call) in check.calls.iter().enumerate() {
        let (answer, _) = python.run(call, Mode::Plain, &report.journals[i]).await?;
        if !answer.agrees(&report.answers[i]) {
            report.mismatches.retain(|mismatch| mismatch.args != *call);
            report.reason.get_or_insert_with(|| "CPython answers a call differently in each worker".to_owned());
        }
    }
    Ok(())
}

/// The lines on which native code met an int beyond 64 bits.
fn overflows(check: &Check, report: &Report, compiled: &Compiled) -> BTreeSet<u32> {
    let calls = check.calls.iter().enumerate();
    let outcomes = calls.map(|(i, call)| compiled.run(native_call(report, i, call, None)));
    outcomes.filter_map(|outcome| outcome.overflow()).collect()
}

fn run_native(check: &Check, compiled: &Compiled, report: &mut Report) {
    report.compile_ms = Some(compiled.compile_ms);
    report.rust = Some(compiled.rust.clone());
    let mut times = Vec::new();
    let end = Instant::now() + TIMING;
    for (i, call) in check.calls.iter().enumerate() {
        match native(compiled, report, i, call, None) {
            Native::Answered(answer) => {
                report.native_calls += 1;
                if answer != report.answers[i] {
                    report.mismatches.push(mismatch(call, &report.answers[i], &answer));
                }
                for _ in 0..REPEATS {
                    let again = native_call(report, i, call, None);
                    let started = Instant::now();
                    let again = compiled.run(again);
                    times.push(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX));
                    // In an instance that has run others before.
                    if let Some(again) = Answer::of(&again).filter(|again| *again != report.answers[i]) {
                        report.mismatches.push(mismatch(call, &report.answers[i], &again));
                        break;
                    }
                    if Instant::now() > end {
                        break;
                    }
                }
            }
            Native::Bailed(bailout) => report.bailouts.push(bailout),
        }
    }
    report.native_us = median(times);
}

fn run_forced(check: &Check, compiled: &Compiled, report: &mut Report) {
    for number in (0..).zip(&compiled.guards).filter(|(_, guard)| guard.forcible).map(|(number, _)| number) {
        for (i, call) in check.calls.iter().enumerate() {
            match native(compiled, report, i, call, Some(number)) {
                Native::Answered(answer) => {
                    report.forced.1 += 1;
                    if answer != report.answers[i] {
                        report.mismatches.push(mismatch(call, &report.answers[i], &answer));
                    }
                }
                // The call would run in CPython now, whose answer is the one to compare with.
                Native::Bailed(_) => report.forced.0 += 1,
            }
        }
    }
}

enum Native {
    Answered(Answer),
    Bailed(Bailout),
}

/// A native run of a call, which sees what CPython's run of it saw.
fn native_call(report: &Report, call: usize, args: &str, force: Option<u32>) -> Call {
    let journal = report.journals[call].as_bytes();
    let memory_bytes = usize::try_from(MEMORY).unwrap_or(usize::MAX);
    let world = World::Replayed(if journal.is_empty() { b"[]".as_slice() } else { journal }.into());
    let force = force.unwrap_or(u32::MAX);
    Call { force, world, ..report.machine.call(args.as_bytes().into(), PATIENCE, memory_bytes) }
}

fn native(compiled: &Compiled, report: &Report, number: usize, call: &str, force: Option<u32>) -> Native {
    match compiled.run(native_call(report, number, call, force)) {
        NativeOutcome::Done { result, stdout, .. } => Native::Answered(Answer::native(&result, &whole_lines(&stdout))),
        NativeOutcome::Bailed { bailout, .. } => Native::Bailed(bailout),
        NativeOutcome::TimedOut => Native::Bailed(Bailout::outside("fuel")),
    }
}
