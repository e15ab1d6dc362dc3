//! Connections: TCP, or TLS by rustls with ring, HTTP/2 where ALPN agrees on it.

use std::{sync::Arc, time::Duration};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// TLS settings that cannot work. Found when a client is built, never at a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTls {
    /// The extra CA file is not PEM, or has something that is no certificate.
    #[error("the extra CA certificates cannot be read: {0}")]
    ExtraCa(Box<dyn std::error::Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Setup(Box<dyn std::error::Error + Send + Sync>),
}

/// A connector that trusts the system's CAs and those in `extra_ca_pem` (may be empty).
pub(crate) fn connector(
    extra_ca_pem: &[u8],
    connect_timeout: Duration,
) -> Result<HttpsConnector<HttpConnector>, InvalidTls> {
    // The provider is named because rustls panics when two are compiled in and none is chosen.
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidTls::Setup(error.into()))?
        .with_root_certificates(roots(extra_ca_pem)?)
        .with_no_client_auth();

    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(tcp))
}

fn roots(extra_ca_pem: &[u8]) -> Result<RootCertStore, InvalidTls> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    // One bad file among the system's must not stop all TLS, so these are only told.
    for error in &native.errors {
        tracing::warn!(%error, "system CA certificates");
    }
    roots.add_parsable_certificates(native.certs);

    if !extra_ca_pem.is_empty() {
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(extra_ca_pem) {
            let certificate = certificate.map_err(|error| InvalidTls::ExtraCa(error.into()))?;
            roots
                .add(certificate)
                .map_err(|error| InvalidTls::ExtraCa(error.into()))?;
            found = true;
        }
        if !found {
            return Err(InvalidTls::ExtraCa("no certificate in it".into()));
        }
    }
    if roots.is_empty() {
        // Not an error: endpoints may all be `http`. An `https` one fails at its handshake.
        tracing::warn!("there are no CA certificates: no TLS server will be trusted");
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extra_ca_that_cannot_be_read_is_refused() {
        let second = Duration::from_secs(1);
        for bad in [
            "not PEM",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            let error = connector(bad.as_bytes(), second).unwrap_err();
            assert!(matches!(error, InvalidTls::ExtraCa(_)), "{error}");
        }
    }
}
