//! Whose certificates are trusted.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_native_certs::{CertificateResult, load_native_certs};

/// Why it is not clear which certificates to trust. Found when a client is built, never at a
/// request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTrust {
    /// A certificate that is not one.
    #[error("a certificate of the authority cannot be read")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A PEM text without a certificate.
    #[error("the PEM text has no certificate")]
    Empty,
    /// The TLS library does not accept its own defaults.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// Whose certificates a server may have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trust<'a> {
    /// Nobody's: for a server that is spoken to without TLS.
    #[cfg_attr(
        not(feature = "proxy"),
        expect(dead_code, reason = "lookups learn their servers too late to tell")
    )]
    Nobody,
    /// Those of the authorities in this PEM text, and of nobody else.
    Pem(&'a [u8]),
    /// Those of the authorities that the system trusted when it was first asked. A system without any is only warned of:
    /// all servers may be without TLS, and one that is not fails at its handshake.
    System,
}

impl<'a> Trust<'a> {
    /// Trusts the authorities in the text if there is one, and otherwise the system's.
    pub(crate) fn pem_or_system(pem: Option<&'a [u8]>) -> Self {
        pem.map_or(Self::System, Self::Pem)
    }

    /// The TLS configuration. ring is named, because rustls cannot choose, and panics, when a
    /// program has more than one provider compiled in.
    pub(crate) fn config(self) -> Result<ClientConfig, InvalidTrust> {
        let roots = match self {
            Self::Nobody => Arc::new(RootCertStore::empty()),
            Self::Pem(text) => Arc::new(given(text)?),
            // Read once: there are hundreds, and a gateway is built anew at each reload.
            Self::System => {
                static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();
                Arc::clone(SYSTEM.get_or_init(|| Arc::new(systems(load_native_certs()))))
            }
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(InvalidTrust::Setup)?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

fn given(text: &[u8]) -> Result<RootCertStore, InvalidTrust> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text) {
        let certificate = certificate.map_err(|error| InvalidTrust::Certificate(error.into()))?;
        roots
            .add(certificate)
            .map_err(|error| InvalidTrust::Certificate(error.into()))?;
    }
    if roots.is_empty() {
        return Err(InvalidTrust::Empty);
    }
    Ok(roots)
}

fn systems(found: CertificateResult) -> RootCertStore {
    // One bad file among the system's must not stop all TLS.
    for error in &found.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        tracing::warn!("the system trusts no certificates: no https server can be reached");
    }
    roots
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn authority() -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(Vec::new()).unwrap();
        params.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn a_given_authority_is_trusted_and_nobody_else() {
        assert_eq!(given(authority().as_bytes()).unwrap().len(), 1);
        let two = authority() + &authority();
        assert_eq!(given(two.as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_refused() {
        for empty in ["", "not PEM"] {
            let error = Trust::Pem(empty.as_bytes()).config().unwrap_err();
            assert!(matches!(error, InvalidTrust::Empty), "{error:?}");
        }
        for bad in ["AAAA", "!"] {
            let bad = format!("-----BEGIN CERTIFICATE-----\n{bad}\n-----END CERTIFICATE-----\n");
            let with_a_good_one = authority() + &bad;
            for text in [bad, with_a_good_one] {
                let error = Trust::Pem(text.as_bytes()).config().unwrap_err();
                assert!(matches!(error, InvalidTrust::Certificate(_)), "{error:?}");
            }
        }
    }

    #[test]
    fn a_system_without_certificates_trusts_nobody_and_is_no_error() {
        assert!(systems(CertificateResult::default()).is_empty());
    }
}
