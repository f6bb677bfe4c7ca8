//! Native code before the world itself: what it drew and exchanged is told to CPython, which must answer the same.

use upshift_loader::{Call, Step, World};
use upshift_worker::Mode;

use super::python::{Python, exchanges};
use super::{Answer, Check, CheckError, Report, mismatch, native_call};
use crate::client::{Client, awake};
use crate::pipeline::{Compiled, NativeOutcome};

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
        let native_call = Call { world: World::Told, ..native_call(report, number, call, None) };
        let before = report.states.before(number).to_owned();
        let (outcome, _) = tokio::task::block_in_place(|| compiled.run_in(native_call, &before));
        let NativeOutcome::Done { result, printed, journal } = outcome else { continue };
        let native = Answer::native(&result, &printed);
        if compiled.is_stateful {
            python.put(&before).await?;
        }
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
    compiled: &Compiled,
    python: &mut Python<'_>,
    report: &mut Report,
) -> Result<(), CheckError> {
    let client = Client::default();
    for number in (0..).zip(&compiled.guards).filter(|(_, guard)| guard.forcible).map(|(number, _)| number) {
        for (i, call) in check.calls.iter().enumerate() {
            let (outcome, state) = run((i, call), compiled, report, number, &client).await?;
            report.live += 1;
            let (answer, state) = match outcome {
                NativeOutcome::Done { result, printed, .. } => (Answer::native(&result, &printed), state),
                NativeOutcome::Bailed { journal, .. } => {
                    if compiled.is_stateful {
                        python.put(state.as_deref().unwrap_or_default()).await?;
                    }
                    let answer = python.run(call, Mode::Journalled, &journal).await?.0;
                    (answer, python.state().await?.ok())
                }
                NativeOutcome::TimedOut => continue,
            };
            if compiled.is_stateful {
                let after = report.states.after(i).to_owned();
                report.compare_state(call, &after, state.as_deref());
            }
            if !answer.agrees(&report.answers[i]) {
                report.mismatches.push(mismatch(call, &report.answers[i], &answer));
            }
        }
    }
    Ok(())
}

async fn run(
    (number, call): (usize, &str),
    compiled: &Compiled,
    report: &Report,
    force: u32,
    client: &Client,
) -> Result<(NativeOutcome, Option<String>), CheckError> {
    let native_call = Call { world: World::Live, ..native_call(report, number, call, Some(force)) };
    let hash_secret = native_call.hash_secret;
    let instance = match compiled.is_stateful {
        true => compiled.instance_in(report.states.before(number).as_bytes().into()),
        false => compiled.instance(hash_secret),
    };
    let mut instance = instance.map_err(|error| CheckError::Worker(error.into()))?;
    let mut step = tokio::task::block_in_place(|| instance.run(native_call, None));
    loop {
        match step {
            Step::Done(outcome) => {
                let outcome = compiled.outcome(outcome);
                if !compiled.is_stateful {
                    compiled.give_back(instance, hash_secret);
                    return Ok((outcome, None));
                }
                let state = instance.into_state().map(|state| String::from_utf8_lossy(&state).into_owned());
                return Ok((outcome, state));
            }
            Step::Sleeps(time) => {
                tokio::time::sleep(time).await;
                step = tokio::task::block_in_place(|| instance.resume(awake(), None));
            }
            Step::Paused => step = tokio::task::block_in_place(|| instance.go_on(None)),
            Step::Wants(wanted) => {
                let answer = client.exchange(&wanted).await;
                step = tokio::task::block_in_place(|| instance.resume(answer, None));
            }
        }
    }
}
