//! TLS to other services, with the certificates that Python's libraries trust.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Connectors, by the file of those who are trusted; a file is read once.
#[derive(Default)]
pub(super) struct Connectors(Mutex<HashMap<String, TlsConnector>>);

impl Connectors {
    /// The connector for a file of certificates.
    pub(super) fn get(&self, file: &str) -> io::Result<TlsConnector> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connector) = known.get(file) {
            return Ok(connector.clone());
        }
        let connector = read(file)?;
        known.insert(file.to_owned(), connector.clone());
        Ok(connector)
    }
}

fn read(file: &str) -> io::Result<TlsConnector> {
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
        // One that is no root here makes those whom it vouches for unknown, and CPython decides.
        let _ = certificate.map(|certificate| trusted.add(certificate));
    }
    let mut config = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
