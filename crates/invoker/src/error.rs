//! Why a daemon could not start, or stopped.

use upshift_deploy::DeployError;

/// An error of [`crate::serve`]; each prints as one clear line.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The state directory, the store or the folder of functions.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// CPython's zygote did not start.
    #[error("python workers cannot be started: {0}")]
    Python(String),
    /// The activation records.
    #[error(transparent)]
    Records(#[from] upshift_records::RecordsError),
    /// The certificate, or its key.
    #[error("{path} cannot be used for TLS: {reason}", path = path.display())]
    Tls {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        reason: String,
    },
    /// The socket failed.
    #[error("connections cannot be accepted: {0}")]
    Accept(#[from] std::io::Error),
}
