//! The daemon's one zygote: started with it, and again if it dies.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;
use upshift_worker::{Limits, Worker, Zygote};

/// Where workers come from.
pub(crate) struct Python {
    program: PathBuf,
    args: Vec<OsString>,
    zygote: Mutex<Arc<Zygote>>,
}

impl Python {
    /// Starts the zygote.
    pub(crate) async fn start(program: PathBuf, args: Vec<OsString>) -> Result<Self, String> {
        let zygote = Zygote::start(&program, &args).await.map_err(|error| error.to_string())?;
        Ok(Self { program, args, zygote: Mutex::new(Arc::new(zygote)) })
    }

    /// A new worker; if the zygote is gone, one from its successor.
    pub(crate) async fn fork(&self, limits: Limits) -> Result<Worker, String> {
        let zygote = self.current().await;
        match zygote.fork(limits.clone()).await {
            Ok(worker) => Ok(worker),
            Err(error) => {
                let next = self.replace(&zygote, &error.to_string()).await?;
                next.fork(limits).await.map_err(|error| error.to_string())
            }
        }
    }

    /// CPython's message for a source that does not compile, with line and caret.
    pub(crate) async fn check_syntax(&self, source: &str, filename: &str) -> Result<Result<(), String>, String> {
        let zygote = self.current().await;
        match zygote.check_syntax(source, filename).await {
            Ok(verdict) => Ok(verdict),
            Err(error) => {
                let next = self.replace(&zygote, &error.to_string()).await?;
                next.check_syntax(source, filename).await.map_err(|error| error.to_string())
            }
        }
    }

    async fn current(&self) -> Arc<Zygote> {
        Arc::clone(&*self.zygote.lock().await)
    }

    async fn replace(&self, failed: &Arc<Zygote>, error: &str) -> Result<Arc<Zygote>, String> {
        let mut zygote = self.zygote.lock().await;
        if Arc::ptr_eq(&zygote, failed) {
            tracing::warn!("the zygote failed and is started again: {error}");
            *zygote = Arc::new(Zygote::start(&self.program, &self.args).await.map_err(|error| error.to_string())?);
        }
        Ok(Arc::clone(&*zygote))
    }
}
