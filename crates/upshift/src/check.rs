//! `upshift check`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::output::say;
use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::value::RawValue;
use upshift_invoker::Zygote;
use upshift_invoker::check::{self, Report};

/// So many mismatches are printed.
const SHOWN: usize = 5;

/// Options of `upshift check`.
#[derive(clap::Args)]
pub(crate) struct Check {
    /// Python files, each with a function `main(args)`
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Calls, a line each: {"args": {…}} [default: FILE with the extension .calls.jsonl]
    #[arg(long)]
    calls: Option<PathBuf>,
    /// Print one JSON object a file
    #[arg(long)]
    json: bool,
    /// Also run each call with a bailout forced at each guard
    #[arg(long)]
    forced: bool,
    /// With --forced: once more with all effects, for calls of a server that is there to be tested with
    #[arg(long, requires = "forced")]
    live: bool,
}

/// A line of CALLS.
#[derive(Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    args: &'l RawValue,
}

impl Check {
    /// Exit status 0 if all files could be checked and no tier disagreed, whether or not anything was accelerated.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let zygote = Zygote::start(&std::env::current_exe()?, &crate::serve::zygote_arguments(None, &[])?).await?;
            let mut agree = true;
            for file in &self.files {
                let report = match self.check(file, &zygote).await.with_context(|| file.display().to_string()) {
                    Ok(report) => report,
                    // One file says nothing of the others.
                    Err(error) => {
                        eprintln!("upshift: {error:#}");
                        agree = false;
                        continue;
                    }
                };
                agree &= report.mismatches.is_empty();
                if self.json {
                    say!("{}", serde_json::to_string(&report)?);
                } else {
                    print(&report, self.forced);
                }
            }
            Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }

    async fn check(&self, file: &Path, zygote: &Zygote) -> anyhow::Result<Report> {
        let source = fs::read_to_string(file).context("cannot be read")?;
        let calls = self.calls.clone().unwrap_or_else(|| file.with_extension("calls.jsonl"));
        let text = fs::read_to_string(&calls)
            .with_context(|| format!("{} cannot be read; name the calls with --calls", calls.display()))?;
        let check = check::Check {
            file: file.display().to_string(),
            source,
            calls: parse(&text).with_context(|| calls.display().to_string())?,
            forced: self.forced,
            live: self.live,
            cache: crate::cache_directory(),
        };
        Ok(check::check(&check, zygote).await?)
    }
}

fn parse(text: &str) -> anyhow::Result<Vec<String>> {
    let mut calls = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parsed: Line<'_> =
            serde_json::from_str(line).with_context(|| format!("line {} is not {{\"args\": {{…}}}}", i + 1))?;
        if !parsed.args.get().starts_with('{') {
            bail!("line {}: args must be a JSON object", i + 1);
        }
        calls.push(parsed.args.get().to_owned());
    }
    Ok(calls)
}

fn print(report: &Report, forced: bool) {
    let verdict = match (&report.reason, report.python_us, report.native_us) {
        (None, Some(python), Some(native)) => {
            format!("native, {:.1}x CPython ({python:.1} µs -> {native:.1} µs)", python / native)
        }
        (reason, ..) => format!("Python: {}", reason.as_deref().unwrap_or("no calls")),
    };
    say!("{}: {verdict}", report.file);
    let compiled = report.compile_ms.map(|ms| format!(", compiled in {ms} ms")).unwrap_or_default();
    say!(
        "  {} of {} calls native, {} mismatches{compiled}",
        report.native_calls,
        report.calls,
        report.mismatches.len()
    );
    if forced {
        say!("  {} forced bailouts, {} runs that passed no forced guard", report.forced.0, report.forced.1);
        if report.live > 0 {
            say!("  {} runs with their effects", report.live);
        }
    }
    for bailout in &report.bailouts {
        say!("  bailout: {bailout}");
    }
    for mismatch in report.mismatches.iter().take(SHOWN) {
        say!("  MISMATCH for {}\n    python: {}\n    native: {}", mismatch.args, mismatch.python, mismatch.native);
    }
    if report.mismatches.len() > SHOWN {
        say!("  and {} mismatches more; --json has all", report.mismatches.len() - SHOWN);
    }
}
