//! TLS by rustls: a certificate chain and a key in PEM files.

use super::stall::Stall;
use cmdb_core::{Error, Kind, Result};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::server::TlsStream;

/// A server's identity.
#[derive(Clone)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a chain and a key.
    ///
    /// # Errors
    /// A file that cannot be read, holds no PEM, or a key that does not belong to the certificate.
    pub fn from_files(certificates: &Path, key: &Path) -> Result<Tls> {
        let unreadable = |path: &Path, e: rustls_pki_types::pem::Error| {
            Error::new(Kind::Invalid, "tls.file", format!("{} cannot be read as PEM", path.display()))
                .caused_by(e)
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect)
            .map_err(|e| unreadable(certificates, e))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|e| unreadable(key, e))?;
        let wrong = |e| Error::new(Kind::Invalid, "tls.key", "certificate and key do not fit").caused_by(e);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(wrong)?;
        Ok(Tls(Arc::new(config)))
    }
}

/// Takes handshakes.
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    pub fn new(tls: Tls) -> Acceptor {
        Acceptor(TlsAcceptor::from(tls.0))
    }
    pub async fn accept(&self, stream: Stall<TcpStream>) -> std::io::Result<TlsStream<Stall<TcpStream>>> {
        self.0.accept(stream).await
    }
}
