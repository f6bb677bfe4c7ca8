//! `upshift key`: who may ask a daemon, made and revoked also while it runs.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::bail;
use clap::Subcommand;
use upshift_deploy::Keys;

/// Options of `upshift key`.
#[derive(clap::Args)]
pub(crate) struct Key {
    /// Where the daemon keeps its state
    #[arg(long, default_value = ".upshift", global = true)]
    state: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a key for a namespace, and print it; only its hash is kept
    Create { namespace: String },
    /// List the keys by their public parts
    List,
    /// Revoke a key
    Revoke {
        /// What stands before the colon, or the whole key
        uuid: String,
    },
}

impl Key {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let keys = Keys::open(&self.state)?;
        match self.command {
            Command::Create { namespace } => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
                let new = keys.create(&namespace, u64::try_from(now).unwrap_or(u64::MAX))?;
                println!("{}:{}", new.uuid, new.secret);
            }
            Command::List => {
                for key in keys.list()? {
                    println!("{}  {}", key.uuid, key.namespace);
                }
            }
            Command::Revoke { uuid } => {
                let uuid = uuid.split_once(':').map_or(uuid.as_str(), |(uuid, _)| uuid);
                if !keys.revoke(uuid)? {
                    bail!(
                        "there is no key {uuid} in {}; `upshift key list` shows those that are",
                        self.state.display()
                    );
                }
                println!("revoked {uuid}");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
