//! The command line: `upshift serve`, `runtime`, `check`, `explain`, `key`, and the client of a daemon.
//!
//! Every failure is one line on stderr that says what to do, and exit status 1; wrong usage is 2.

#![forbid(unsafe_code)]

mod bounds;
mod check;
mod client;
mod explain;
mod key;
mod output;
mod runtime;
mod serve;
mod settings;
mod terminal;

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
    Serve(Box<serve::Serve>),
    /// Be the container of one OpenWhisk action: /init and /run over HTTP, for a cluster
    Runtime(runtime::Runtime),
    /// Run calls of a function in every tier, offline, and compare
    Check(check::Check),
    /// Say what keeps a function from being native code
    Explain(explain::Explain),
    /// Make, list and revoke the keys of a daemon's clients
    Key(key::Key),
    /// Deploy a file, an archive or a folder to a running daemon
    Deploy(Box<client::deploy::Deploy>),
    /// Invoke an action of a running daemon and print its result
    Invoke(client::invoke::Invoke),
    /// Print what actions logged, and which invocations failed
    Logs(client::logs::Logs),
    /// List what a running daemon has
    List(client::list::List),
    /// Say what a running daemon is and does
    Status(client::status::Status),
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
    let arguments = settings::with_file(std::env::args_os().collect());
    let result = match arguments.map(|arguments| Arguments::parse_from(arguments).command) {
        // The zygote forks, so it must not have threads: it starts before any runtime does.
        Ok(Command::Zygote { venv, allow }) => return upshift_invoker::zygote_main(venv.as_deref(), &allow),
        Ok(Command::Serve(serve)) => serve.run(),
        Ok(Command::Runtime(runtime)) => runtime.run(),
        Ok(Command::Check(check)) => check.run(),
        Ok(Command::Explain(explain)) => explain.run(),
        Ok(Command::Key(key)) => key.run(),
        Ok(Command::Deploy(deploy)) => deploy.run(),
        Ok(Command::Invoke(invoke)) => invoke.run(),
        Ok(Command::Logs(logs)) => logs.run(),
        Ok(Command::List(list)) => list.run(),
        Ok(Command::Status(status)) => status.run(),
        Err(error) => Err(error),
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
