//! What serving actions needs, whoever asks for them: CPython's zygote, the compiler, the folders of the state directory.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::{Semaphore, watch};
use upshift_deploy::{Archives, DeployError, Store};
use upshift_worker::Zygote;

use crate::client::Client;
use crate::pipeline::Compiler;
use crate::tier::{Admission, LongSlices, Shared, Temporary};
use crate::unpack::Unpacker;
use crate::{Config, ServeError};

/// What all actions share that are served from the state directory of `config`, where `archives` are unpacked.
pub(crate) async fn start(config: &Config, store: &Store, archives: Archives) -> Result<Arc<Shared>, ServeError> {
    let zygote = Zygote::start(&config.worker, &config.worker_args).await;
    let zygote = zygote.map_err(|error| ServeError::Python(error.to_string()))?;
    if zygote.facts().iter().any(|(name, value)| name == "confines" && value == "false") {
        tracing::warn!("this kernel has no Landlock: functions can read and write what the daemon's user can");
    }
    let temporary = Temporary::open(&config.state_dir)
        .map_err(|source| DeployError::File { path: config.state_dir.clone(), source })?;
    Ok(Arc::new(Shared {
        client: Client::default(),
        compiler: Arc::new(Compiler::new(&config.state_dir.join("artifacts"))),
        prepared: AtomicBool::new(false),
        compile_turn: Semaphore::new(1),
        long_slices: LongSlices::new()?,
        admission: Arc::new(Admission::new(std::thread::available_parallelism().map_or(2, usize::from))),
        blobs: store.blobs(),
        threshold: config.threshold,
        max_workers: config.max_workers,
        bounds: Arc::new(config.bounds.clone()),
        temporary,
        unpacker: Arc::new(Unpacker::new(archives, zygote.python(), config.pip)),
        zygote,
        changed: watch::Sender::new(0),
    }))
}
