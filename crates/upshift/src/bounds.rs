//! The options of `upshift serve` that bound what actions and their callers may do, and what is kept of it.

use std::time::Duration;

use upshift_deploy::{Bounds, Limits};
use upshift_invoker::{Config, Retention};

/// Limits, and how far they may go; sizes and times as their names say.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct BoundOptions {
    /// Time limit of actions that name none, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = Limits::default().timeout)]
    timeout: u64,
    /// Memory limit of actions that name none, in MB
    #[arg(long, value_name = "MB", default_value_t = Limits::default().memory)]
    memory: u64,
    /// Log limit of actions that name none, in MB
    #[arg(long, value_name = "MB", default_value_t = Limits::default().logs)]
    logs: u64,
    /// The longest time limit that an action may have, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = *Bounds::default().timeout.end())]
    max_timeout: u64,
    /// The largest memory limit that an action may have, in MB
    #[arg(long, value_name = "MB", default_value_t = *Bounds::default().memory.end())]
    max_memory: u64,
    /// The largest log limit that an action may have, in MB
    #[arg(long, value_name = "MB", default_value_t = *Bounds::default().logs.end())]
    max_logs: u64,
    /// The largest arguments, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().payload)]
    max_payload: usize,
    /// The largest result, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().result)]
    max_result: usize,
    /// The largest code of an action, in bytes as it is sent
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().code)]
    max_code: usize,
    /// The largest default parameters of an action, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Bounds::default().parameters)]
    max_parameters: usize,
    /// Actions of a sequence at most
    #[arg(long, value_name = "N", default_value_t = Bounds::default().sequence)]
    max_sequence: usize,
    /// Invocations of a namespace in a minute at most [default: no limit]
    #[arg(long, value_name = "N")]
    invocations_per_minute: Option<u32>,
    /// Firings of triggers of a namespace in a minute at most [default: no limit]
    #[arg(long, value_name = "N")]
    fires_per_minute: Option<u32>,
    /// Invocations of a namespace at once at most [default: no limit]
    #[arg(long, value_name = "N")]
    concurrent: Option<u32>,
    /// Activation records that are kept
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    keep_records: u64,
    /// What activation records may take on the disk, in MB
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    keep_megabytes: u64,
    /// How long activation records are kept, in days
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    keep_days: u64,
}

impl BoundOptions {
    /// Puts them into the configuration of a daemon.
    pub(crate) fn apply(self, config: &mut Config) -> anyhow::Result<()> {
        config.limits.timeout = self.timeout;
        config.limits.memory = self.memory;
        config.limits.logs = self.logs;
        let least = Bounds::default();
        for (option, most, start) in [
            ("--max-timeout", self.max_timeout, *least.timeout.start()),
            ("--max-memory", self.max_memory, *least.memory.start()),
        ] {
            anyhow::ensure!(most >= start, "{option} {most} is too little; no action could have less than {start}");
        }
        for (option, value, most) in [
            ("timeout", self.timeout, self.max_timeout),
            ("memory", self.memory, self.max_memory),
            ("logs", self.logs, self.max_logs),
        ] {
            anyhow::ensure!(value <= most, "--{option} {value} is more than --max-{option} {most}; raise that, too");
        }
        config.bounds = Bounds {
            timeout: *least.timeout.start()..=self.max_timeout,
            memory: *least.memory.start()..=self.max_memory,
            logs: *least.logs.start()..=self.max_logs,
            concurrency: least.concurrency,
            code: self.max_code,
            parameters: self.max_parameters,
            payload: self.max_payload,
            result: self.max_result,
            sequence: self.max_sequence,
            invocations_per_minute: self.invocations_per_minute,
            fires_per_minute: self.fires_per_minute,
            concurrent: self.concurrent,
        };
        config.kept = Retention {
            records: self.keep_records,
            bytes: self.keep_megabytes << 20,
            age: Duration::from_secs(self.keep_days.saturating_mul(24 * 60 * 60)),
        };
        Ok(())
    }
}
