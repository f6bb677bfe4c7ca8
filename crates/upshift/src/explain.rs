//! `upshift explain`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;
use upshift_invoker::pipeline::{Compiler, Unsupported, instead};
use upshift_invoker::{Zygote, explain};

use crate::output::say;

/// Options of `upshift explain`.
#[derive(clap::Args)]
pub(crate) struct Explain {
    /// A Python file with a function `main(args)`
    file: PathBuf,
    /// Print a stage instead
    #[arg(long)]
    show: Option<Stage>,
}

/// The representations between source and dylib.
#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// The A-normal form, as Python
    Normal,
    /// The normal form that records, as Python
    Instrumented,
    /// The trace IR, every part assumed to have run
    Ir,
    /// The Rust of that, with no type known beforehand
    Rust,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(self.explain())
    }

    async fn explain(self) -> anyhow::Result<ExitCode> {
        let name = self.file.display().to_string();
        let source = fs::read_to_string(&self.file).with_context(|| format!("{name} cannot be read"))?;
        let zygote = Zygote::start(&std::env::current_exe()?, &crate::serve::zygote_arguments(None, &[])?).await?;
        let program = match explain::read(&name, &source, &zygote) {
            Ok(program) => program,
            Err(unsupported) if self.show.is_none() => {
                show(&name, &source, "stays in Python", &unsupported);
                return Ok(ExitCode::SUCCESS);
            }
            Err(unsupported) => bail!("{name}: {unsupported}"),
        };
        match self.show {
            Some(Stage::Normal) => {
                say!("{}", program.normal_text().trim_end());
                return Ok(ExitCode::SUCCESS);
            }
            Some(Stage::Instrumented) => {
                say!("{}", program.instrumented().text.trim_end());
                return Ok(ExitCode::SUCCESS);
            }
            _ => {}
        }
        let trace = explain::assume(&program, &name, &zygote).await.with_context(|| name.clone())?;
        match self.show {
            Some(Stage::Ir) => say!("{}", serde_json::to_string_pretty(&trace)?),
            Some(_) => {
                let compiler = Compiler::new(&crate::cache_directory());
                say!("{}", compiler.rust(&program, &trace, false)?.rust.trim_end());
            }
            None => diagnose(&name, &source, Unsupported::all_of(&trace)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn diagnose(name: &str, source: &str, (refused, left): (Vec<Unsupported>, Vec<Unsupported>)) {
    if refused.is_empty() {
        say!("{name}: nothing keeps it from being native code");
    }
    for unsupported in refused {
        show(name, source, "stays in Python", &unsupported);
    }
    for unsupported in left {
        show(name, source, "bails out when reached", &unsupported);
    }
}

/// One diagnostic with its line, as compilers print them.
fn show(name: &str, source: &str, what: &str, unsupported: &Unsupported) {
    say!("{what}: {}", unsupported.reason);
    let advice = instead(&unsupported.reason).map(|advice| format!("= instead: {advice}"));
    let (Some(line), None) = (unsupported.line, &unsupported.module) else {
        match (unsupported.line, &unsupported.module) {
            (Some(line), Some(module)) => say!("  --> line {line} of {module}"),
            _ => say!("  --> {name}"),
        }
        advice.into_iter().for_each(|advice| say!("   {advice}"));
        return;
    };
    let text = source.lines().nth(line as usize - 1).unwrap_or_default();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent = text.len() - text.trim_start().len();
    say!("{margin}--> {name}:{line}");
    say!("{margin} |");
    say!("{number} | {text}");
    say!("{margin} | {}{}", " ".repeat(indent), "^".repeat(text.trim().chars().count().max(1)));
    if let Some(advice) = advice {
        say!("{margin} {advice}");
    }
}
