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
use upshift_ir::state::canonical;
use upshift_loader::{Call, World};
use upshift_worker::{Mode, WorkerError, Zygote};

use self::answer::mismatch;
pub use self::answer::{Answer, Mismatch};
pub(crate) use self::python::{Python, sources};
use self::python::{REPEATS, States, TIMING, median};
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
    /// What the module held before each call.
    #[serde(skip)]
    states: States,
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
        states: States::default(),
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
    let mut states = python.state().await?.map(|state| States(vec![state]));
    for call in &check.calls {
        let (answer, reply) = python.run(call, Mode::Journalled, "").await?;
        report.answers.push(answer);
        report.journals.push(reply.journal);
        times.push(reply.nanos);
        if let Ok(known) = &mut states {
            match python.state().await? {
                Ok(state) => known.0.push(state),
                Err(reason) => states = Err(reason),
            }
        }
    }
    report.python_us = median(times);
    let Some(program) = program else { return Ok(report) };
    match states {
        Ok(states) => report.states = states,
        Err(reason) => {
            report.reason = Some(format!("module state cannot leave Python: {reason}"));
            return Ok(report);
        }
    }
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
        let states = Some(&report.states).filter(|states| states.differ());
        report.python_us = python.median(&check.calls, &report.journals, states).await?;
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
            report.reason = Some(format!("module state changed: {name}"));
            report.trace = None;
            return Ok(());
        }
        let Some(observations) = reply.observations else { continue };
        if let Err(error) = program.observe(&mut report.trace, &observations) {
            report.reason = Some(error.to_string());
        }
    }
    if let Some(trace) = &mut report.trace {
        trace.changes = report.states.differ();
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
    let outcomes =
        calls.map(|(i, call)| compiled.run_in(native_call(report, i, call, None), report.states.before(i)).0);
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
                report.compare(call, i, &answer);
                for _ in 0..REPEATS {
                    let again = native_call(report, i, call, None);
                    let started = Instant::now();
                    let again = compiled.run_in(again, report.states.before(i)).0;
                    times.push(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX));
                    // In an instance that has run others before.
                    if Answer::of(&again).is_some_and(|again| !report.compare(call, i, &again)) || Instant::now() > end
                    {
                        break;
                    }
                }
            }
            Native::Bailed(bailout) => report.bailouts.push(bailout),
        }
    }
    if compiled.is_stateful {
        run_in_turn(check, compiled, report);
    }
    report.native_us = median(times);
}

/// Runs the calls one after another in one instance, as long as none bails out: its module holds what CPython's does.
fn run_in_turn(check: &Check, compiled: &Compiled, report: &mut Report) {
    let Ok(mut instance) = compiled.instance_in(report.states.before(0).as_bytes().into()) else { return };
    for (i, call) in check.calls.iter().enumerate() {
        let native_call = native_call(report, i, call, None);
        if !instance.is_good_for(native_call.hash_secret) {
            return;
        }
        let Some(answer) = Answer::of(&compiled.run_on(&mut instance, native_call)) else { return };
        if !report.compare(call, i, &answer) {
            return;
        }
    }
    let state = instance.into_state().map(|state| String::from_utf8_lossy(&state).into_owned());
    if let Some(last) = check.calls.len().checked_sub(1) {
        report.compare_state(&check.calls[last], report.states.after(last).to_owned().as_str(), state.as_deref());
    }
}

fn run_forced(check: &Check, compiled: &Compiled, report: &mut Report) {
    for number in (0..).zip(&compiled.guards).filter(|(_, guard)| guard.forcible).map(|(number, _)| number) {
        for (i, call) in check.calls.iter().enumerate() {
            match native(compiled, report, i, call, Some(number)) {
                Native::Answered(answer) => {
                    report.forced.1 += 1;
                    report.compare(call, i, &answer);
                }
                // The call would run in CPython now, whose answer is the one to compare with.
                Native::Bailed(_) => report.forced.0 += 1,
            }
        }
    }
}

impl Report {
    /// Compares an answer with CPython's; true if it is the same.
    fn compare(&mut self, call: &str, number: usize, answer: &Answer) -> bool {
        let is_same = *answer == self.answers[number];
        if !is_same {
            self.mismatches.push(mismatch(call, &self.answers[number], answer));
        }
        is_same
    }

    /// Compares what the module holds after a call natively with what it should hold.
    fn compare_state(&mut self, call: &str, expected: &str, state: Option<&str>) {
        let Some(trace) = &self.trace else { return };
        let text = |document: Option<&str>| match document.map(|document| canonical(trace, document)) {
            Some(Ok(text)) => Answer { result: Ok(format!("module state: {text}")), logs: Vec::new() },
            Some(Err(error)) => Answer { result: Err(error.to_string()), logs: Vec::new() },
            None => Answer { result: Err("it could not be told".to_owned()), logs: Vec::new() },
        };
        let (expected, state) = (text(Some(expected)), text(state));
        if expected != state {
            self.mismatches.push(mismatch(call, &expected, &state));
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

/// A call in a module of its own, which afterwards must hold what it should.
fn native(compiled: &Compiled, report: &mut Report, number: usize, call: &str, force: Option<u32>) -> Native {
    let (outcome, state) = compiled.run_in(native_call(report, number, call, force), report.states.before(number));
    let (native, expected) = match outcome {
        NativeOutcome::Done { result, printed, .. } => {
            (Native::Answered(Answer::native(&result, &printed)), report.states.after(number))
        }
        NativeOutcome::Bailed { bailout, .. } => (Native::Bailed(bailout), report.states.before(number)),
        NativeOutcome::TimedOut => (Native::Bailed(Bailout::outside("fuel")), report.states.before(number)),
    };
    if compiled.is_stateful {
        let expected = expected.to_owned();
        report.compare_state(call, &expected, state.as_deref());
    }
    native
}
