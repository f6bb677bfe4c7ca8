//! Native code before the world itself: what it drew and exchanged is told to CPython, which must answer the same.

use std::sync::Arc;
use std::time::Instant;

use upshift_loader::host::Host;
use upshift_loader::{Running, Step, World};
use upshift_worker::Mode;

use super::python::{Python, exchanges};
use super::{Answer, Check, CheckError, MEMORY, PATIENCE, Report, limits, mismatch, whole_lines};
use crate::client::Client;
use crate::pipeline::{Compiled, NativeLimits, NativeOutcome};

/// Runs each call that draws from the world natively, and then CPython by the journal of that.
pub(super) async fn compare(
    check: &Check,
    compiled: &Compiled,
    python: &mut Python<'_>,
    report: &mut Report,
) -> Result<(), CheckError> {
    for (number, call) in check.calls.iter().enumerate() {
        // Asking others once more would be an effect more.
        if report.journals[number].is_empty() || exchanges(&report.journals[number]) {
            continue;
        }
        let limits = NativeLimits { world: World::Told, ..limits(report, number, None) };
        let outcome = tokio::task::block_in_place(|| compiled.run(call.as_bytes(), limits));
        let NativeOutcome::Done { result, stdout, journal } = outcome else { continue };
        let native = Answer::native(&result, &whole_lines(&stdout));
        let (answer, _) = python.run(call, Mode::Plain, &journal).await?;
        if !journal.is_empty() && answer != native {
            report.mismatches.push(mismatch(call, &answer, &native));
        }
    }
    Ok(())
}

/// Runs each call natively with its effects, once for each guard that is made to fail, and CPython by the journal of that:
/// together they must have had each effect once, which the other side can count.
pub(super) async fn forced(
    check: &Check,
    compiled: Arc<Compiled>,
    python: &mut Python<'_>,
    report: &mut Report,
) -> Result<(), CheckError> {
    let client = Client::default();
    for number in (0..).zip(&compiled.guards).filter(|(_, guard)| guard.forcible).map(|(number, _)| number) {
        for (i, call) in check.calls.iter().enumerate() {
            let outcome = run(call, Arc::clone(&compiled), report, number, &client).await?;
            report.live += 1;
            let answer = match outcome {
                NativeOutcome::Done { result, stdout, .. } => Answer::native(&result, &whole_lines(&stdout)),
                NativeOutcome::Bailed { journal, .. } => python.run(call, Mode::Journalled, &journal).await?.0,
                NativeOutcome::TimedOut => continue,
            };
            if answer != report.answers[i] {
                report.mismatches.push(mismatch(call, &report.answers[i], &answer));
            }
        }
    }
    Ok(())
}

async fn run(
    call: &str,
    compiled: Arc<Compiled>,
    report: &Report,
    force: u32,
    client: &Client,
) -> Result<NativeOutcome, CheckError> {
    let (args, facts, environment) = (call.to_owned(), report.facts.clone(), report.environment.clone());
    let (hash_secret, is_utc) = (report.hash_secret, report.is_utc);
    let mut running = Running::start(move |host: &dyn Host| {
        let limits = NativeLimits {
            deadline: Instant::now() + PATIENCE,
            memory_bytes: usize::try_from(MEMORY).unwrap_or(usize::MAX),
            force: Some(force),
            hash_secret,
            is_utc,
            environment: [&environment, &[]],
            facts: &facts,
            world: World::Live,
            host,
        };
        compiled.run(args.as_bytes(), limits)
    })
    .map_err(|error| CheckError::Worker(error.into()))?;
    let mut answer = None;
    loop {
        match tokio::task::block_in_place(|| running.resume(answer.take())) {
            Step::Done(outcome) => return Ok(outcome),
            Step::Wants(wanted) => answer = Some(client.exchange(&wanted).await),
        }
    }
}
