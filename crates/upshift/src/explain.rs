//! `upshift explain`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;
use upshift_invoker::pipeline::{Compiler, Program, Sources};

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
        let name = self.file.display().to_string();
        let source = fs::read_to_string(&self.file).with_context(|| format!("{name} cannot be read"))?;
        let program = match Program::new(&source, "main", &Sources::default()) {
            Ok(program) => program,
            Err(unsupported) if self.show.is_none() => {
                show(&name, &source, unsupported.line, &unsupported.reason);
                return Ok(ExitCode::SUCCESS);
            }
            Err(unsupported) => bail!("{name}: {unsupported}"),
        };
        match self.show {
            Some(Stage::Normal) => print!("{}", program.normal_text()),
            Some(Stage::Instrumented) => print!("{}", program.instrumented().text),
            Some(Stage::Ir) => println!("{}", serde_json::to_string_pretty(&program.assume_all())?),
            Some(Stage::Rust) => {
                let compiler = Compiler::new(&crate::cache_directory());
                print!("{}", compiler.rust(&program, &program.assume_all(), false)?.rust);
            }
            None => explain(&name, &source, &program),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn explain(name: &str, source: &str, program: &Program) {
    let diagnostics = program.diagnose();
    if diagnostics.is_empty() {
        println!("{name}: nothing keeps it from being native code");
    }
    for diagnostic in diagnostics {
        show(name, source, diagnostic.line, &diagnostic.reason);
    }
}

/// One diagnostic with its line, as compilers print them.
fn show(name: &str, source: &str, line: Option<u32>, reason: &str) {
    println!("stays in Python: {reason}");
    let Some(line) = line else {
        println!("  --> {name}");
        return;
    };
    let text = source.lines().nth(line as usize - 1).unwrap_or_default();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent = text.len() - text.trim_start().len();
    println!("{margin}--> {name}:{line}");
    println!("{margin} |");
    println!("{number} | {text}");
    println!("{margin} | {}{}", " ".repeat(indent), "^".repeat(text.trim().chars().count().max(1)));
}
