//! `upshift runtime`.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use tempfile::TempDir;
use tokio::net::TcpListener;
use upshift_invoker::Config;
use upshift_invoker::action_runtime::{self, Surroundings};

use crate::serve::{PIP, zygote_arguments};

/// The contract's port.
const PORT: u16 = 8080;
/// A cluster ends invocations that take too long; a week is longer than any allows, in milliseconds.
const TIMEOUT: u64 = 7 * 24 * 60 * 60 * 1000;
/// What one invocation may print, in MB: a cluster cuts off much less.
const LOGS: u64 = 64;
/// Address space is not memory: libraries reserve more of it than they use, so there is no point in less, in MB.
const LEAST_MEMORY: u64 = 512;

/// Options of `upshift runtime`.
#[derive(clap::Args)]
pub(crate) struct Runtime {
    /// Address and port [default: 0.0.0.0, and the port in the environment's PORT, or 8080]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Where traces and compiled versions are kept [default: a temporary folder]
    #[arg(long)]
    state: Option<PathBuf>,
    /// Traced invocations after which the function is compiled; 0 for never
    #[arg(long, default_value_t = 10)]
    threshold: u32,
    /// A virtual environment with packages for the function [default: $VIRTUAL_ENV, then .venv]
    #[arg(long)]
    venv: Option<PathBuf>,
    /// What the function may read and write; may be given several times [default: /, as the container confines it]
    #[arg(long, value_name = "DIR")]
    allow: Vec<PathBuf>,
    /// Memory of one invocation, in MB [default: the container's]
    #[arg(long)]
    memory: Option<u64>,
    /// Invocations in Python at a time [default: the number of cores]
    #[arg(long)]
    workers: Option<usize>,
    /// Leave requirements.txt alone
    #[arg(long)]
    no_pip: bool,
}

impl Runtime {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        // Standard error is the function's: what is there without need would be taken for what it printed.
        crate::serve::log("error");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve())?;
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(self) -> anyhow::Result<()> {
        // What is no text is nothing that functions could be told.
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let surroundings = Surroundings::new(std::env::vars_os().filter_map(text))?;
        let address = match self.listen {
            Some(address) => address,
            None => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port(std::env::var("PORT").ok().as_deref())?),
        };
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}; stop what does, or choose another with --listen"))?;
        // It goes with everything in it when this function ends.
        let temporary: TempDir;
        let state = match self.state {
            Some(state) => state,
            None => {
                temporary = TempDir::with_prefix("upshift-")
                    .context("no temporary folder can be made; name another place with --state")?;
                temporary.path().to_owned()
            }
        };
        let allowed = if self.allow.is_empty() { vec![PathBuf::from("/")] } else { self.allow };
        let zygote = zygote_arguments(self.venv, &allowed)?;
        let mut config = Config::new(state, std::env::current_exe()?, zygote);
        config.threshold = self.threshold;
        config.limits.timeout = TIMEOUT;
        config.limits.memory = self.memory.unwrap_or_else(|| container_memory().max(LEAST_MEMORY));
        config.limits.logs = LOGS;
        config.bounds.result = usize::MAX;
        config.pip = (!self.no_pip).then_some(PIP);
        if let Some(workers) = self.workers {
            config.max_workers = workers.max(1);
        }
        action_runtime::serve(config, surroundings, listener, crate::serve::shutdown()?).await?;
        Ok(())
    }
}

/// The port that the environment names.
fn port(named: Option<&str>) -> anyhow::Result<u16> {
    match named {
        None | Some("") => Ok(PORT),
        Some(text) => {
            text.parse().with_context(|| format!("the environment's PORT is '{text}'; make it a port's number"))
        }
    }
}

/// What this container may use, or the machine has, in MB.
fn container_memory() -> u64 {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    // The second is that of older kernels.
    let group =
        ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].into_iter().find_map(number);
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    });
    let machine = machine.map(|kilobytes| kilobytes << 10);
    [group, machine].into_iter().flatten().min().unwrap_or(0) >> 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_numbers() {
        assert_eq!(port(None).unwrap(), 8080);
        assert_eq!(port(Some("")).unwrap(), 8080);
        assert_eq!(port(Some("9000")).unwrap(), 9000);
        let error = format!("{:#}", port(Some("tcp://10.0.0.1:80")).unwrap_err());
        assert!(error.starts_with("the environment's PORT is 'tcp://10.0.0.1:80'; make it a port's number"), "{error}");
    }

    #[test]
    fn a_machine_has_memory() {
        assert!(container_memory() > 0);
    }
}
