//! The daemon's side of TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::ServeError;

/// Where a daemon's certificate is.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Its certificate, and those between it and one that clients trust, as PEM.
    pub certificates: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// What makes encrypted connections; both files must be there, and belong together.
pub(super) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, ServeError> {
    let unusable = |path: &Path, reason: String| ServeError::Tls { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(&tls.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(&tls.certificates, error.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable(&tls.certificates, "there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| unusable(&tls.key, error.to_string()))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, key);
    let mut config = config.map_err(|error| unusable(&tls.key, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
