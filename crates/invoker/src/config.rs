//! What a daemon is told at its start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use upshift_deploy::{Bounds, Limits};
use upshift_records::Retention;

use crate::Tls;

/// The configuration of [`crate::serve`].
#[derive(Clone, Debug)]
pub struct Config {
    /// Where deployments, traces, compiled versions and activation records are kept.
    pub state_dir: PathBuf,
    /// The folder of functions that is watched, if any.
    pub functions_dir: Option<PathBuf>,
    /// Traced invocations after which an action is compiled; 0 means that none ever is.
    pub threshold: u32,
    /// The program that becomes the zygote.
    pub worker: PathBuf,
    /// Its arguments.
    pub worker_args: Vec<OsString>,
    /// Limits of actions that name none.
    pub limits: Limits,
    /// How far limits may go, and everything else that is bounded.
    pub bounds: Bounds,
    /// Which activation records are kept.
    pub kept: Retention,
    /// Whether clients on this machine need a key, too.
    pub require_key: bool,
    /// The certificate of the daemon, if connections are encrypted.
    pub tls: Option<Tls>,
    /// Workers, and native invocations, of one action at a time.
    pub max_workers: usize,
    /// How long it may take to install an archive's `requirements.txt`; it is left alone if absent.
    pub pip: Option<Duration>,
}

impl Config {
    /// The defaults around a state directory and the program that becomes the zygote:
    /// no folder, threshold 10, the contract's limits, as many workers an action as there are cores, nothing is installed.
    pub fn new(state_dir: PathBuf, worker: PathBuf, worker_args: Vec<OsString>) -> Self {
        Self {
            state_dir,
            functions_dir: None,
            threshold: 10,
            worker,
            worker_args,
            limits: Limits::default(),
            bounds: Bounds::default(),
            kept: crate::records::KEPT,
            require_key: false,
            tls: None,
            max_workers: std::thread::available_parallelism().map_or(2, usize::from),
            pip: None,
        }
    }
}
