//! Native code before the world itself: what it drew is told to CPython, which must answer the same.

use upshift_loader::World;
use upshift_worker::Mode;

use super::python::{Python, exchanges};
use super::{Answer, Check, CheckError, Report, limits, mismatch, whole_lines};
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
