//! The command line: `upshift serve`, `runtime`, `check`, `explain`.
//!
//! Every failure is one line on stderr that says what to do, and exit status 1; wrong usage is 2.

#![forbid(unsafe_code)]

mod check;
mod explain;
mod output;
mod runtime;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Serves Python functions over HTTP, and turns them into native code as they are used.
#[derive(Parser)]
#[command(name = "upshift", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve every function of a folder, and what clients deploy
    Serve(serve::Serve),
    /// Be the container of one OpenWhisk action: /init and /run over HTTP, for a cluster
    Runtime(runtime::Runtime),
    /// Run calls of a function in every tier, offline, and compare
    Check(check::Check),
    /// Say what keeps a function from being native code
    Explain(explain::Explain),
    /// The process that workers are forked from; the daemon starts it
    #[command(name = ZYGOTE, hide = true)]
    Zygote {
        /// A virtual environment whose packages actions can import
        #[arg(long)]
        venv: Option<std::path::PathBuf>,
        /// What actions may read and write beside their own files
        #[arg(long)]
        allow: Vec<std::path::PathBuf>,
    },
}

/// The hidden subcommand.
pub(crate) const ZYGOTE: &str = "zygote";

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        // The zygote forks, so it must not have threads: it starts before any runtime does.
        Command::Zygote { venv, allow } => return upshift_invoker::zygote_main(venv.as_deref(), &allow),
        Command::Serve(serve) => serve.run(),
        Command::Runtime(runtime) => runtime.run(),
        Command::Check(check) => check.run(),
        Command::Explain(explain) => explain.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("upshift: {error:#}");
        ExitCode::FAILURE
    })
}

/// Where check and explain keep what they compile, when no daemon says.
pub(crate) fn cache_directory() -> std::path::PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let base = base.or_else(|| std::env::var_os("HOME").map(|home| std::path::PathBuf::from(home).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("upshift")
}
