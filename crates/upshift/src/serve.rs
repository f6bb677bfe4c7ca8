//! `upshift serve`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use upshift_invoker::{Config, Tls};

use crate::bounds::BoundOptions;

/// Options of `upshift serve`.
#[derive(clap::Args)]
pub(crate) struct Serve {
    /// Every `.py` file, every `.zip` file and every folder with a `__main__.py` in here is an action
    directory: Option<PathBuf>,
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:3233")]
    listen: SocketAddr,
    /// Where deployments, traces and compiled versions are kept
    #[arg(long, default_value = ".upshift")]
    state: PathBuf,
    /// Traced invocations after which a function is compiled; 0 for never
    #[arg(long, default_value_t = 10)]
    threshold: u32,
    /// A virtual environment with the actions' packages [default: $VIRTUAL_ENV, then .venv]
    #[arg(long)]
    venv: Option<PathBuf>,
    /// A directory that functions may read and write, beside their own and /tmp; may be given several times
    #[arg(long, value_name = "DIR")]
    allow: Vec<PathBuf>,
    /// Workers of one action at a time [default: the number of cores]
    #[arg(long)]
    workers: Option<usize>,
    /// Clients on this machine need a key, too
    #[arg(long)]
    require_key: bool,
    /// The daemon's certificate for TLS, and those above it, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    bounds: BoundOptions,
    /// Install what the requirements.txt of a zip asks for; what it installs can run code of its own as the daemon's user
    #[arg(long)]
    pip: bool,
}

/// How long `pip` may take.
pub(crate) const PIP: Duration = Duration::from_secs(300);

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        log("info");
        // A processor is left to workers and to the clients that are near: requests that wait for each other's threads are served late.
        let threads =
            std::thread::available_parallelism().map_or(1, |processors| processors.get().saturating_sub(1).max(1));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
        runtime.block_on(self.serve())?;
        // Native code past its time limit ends by itself; a shutdown does not wait for it.
        runtime.shutdown_background();
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.listen).await.with_context(|| {
            format!("cannot listen on {}; stop what does, or choose another with --listen", self.listen)
        })?;
        let zygote = zygote_arguments(self.venv, &self.allow)?;
        let mut config = Config::new(self.state, std::env::current_exe()?, zygote);
        config.functions_dir = self.directory;
        config.threshold = self.threshold;
        config.require_key = self.require_key;
        config.tls = self.tls_cert.zip(self.tls_key).map(|(certificates, key)| Tls { certificates, key });
        self.bounds.apply(&mut config)?;
        config.pip = self.pip.then_some(PIP);
        if let Some(workers) = self.workers {
            config.max_workers = workers.max(1);
        }
        upshift_invoker::serve(config, listener, shutdown()?).await?;
        Ok(())
    }
}

/// Writes the log to standard error, from the level that `UPSHIFT_LOG` names, or `default`.
pub(crate) fn log(default: &str) {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("UPSHIFT_LOG").unwrap_or_else(|_| default.into()))
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
}

/// Completes when the process is asked to end.
pub(crate) fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// How this program is called to be the zygote; `allowed` is what functions may read and write.
pub(crate) fn zygote_arguments(venv: Option<PathBuf>, allowed: &[PathBuf]) -> anyhow::Result<Vec<OsString>> {
    let venv = venv
        .or_else(|| std::env::var_os("VIRTUAL_ENV").map(PathBuf::from))
        .or_else(|| Some(PathBuf::from(".venv")).filter(|path| path.is_dir()));
    let mut arguments = vec![crate::ZYGOTE.into()];
    if let Some(venv) = venv.and_then(|path| path.canonicalize().ok()) {
        arguments.extend(["--venv".into(), venv.into_os_string()]);
    }
    for directory in allowed {
        let path = directory
            .canonicalize()
            .with_context(|| format!("cannot allow {}; make it, or correct --allow", directory.display()))?;
        arguments.extend(["--allow".into(), path.into_os_string()]);
    }
    Ok(arguments)
}
