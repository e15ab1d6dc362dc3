//! How this crate connects to OpenStack services: one connector, one pooled client.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::Uri;
use http_body::Body;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why it is not clear which certificates to trust.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTrust {
    /// A certificate that is not one.
    #[error("a certificate of the authority cannot be read")]
    Certificate(#[source] BoxError),
    /// A PEM text without a certificate.
    #[error("the PEM text has no certificate")]
    Empty,
    /// The TLS library does not accept its own defaults.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
    /// The system's certificates are missing or cannot be read.
    #[error("the system's certificates cannot be read")]
    SystemRoots(#[source] io::Error),
}

/// Whose certificates a server may have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trust<'a> {
    /// Nobody's: for a server that is spoken to without TLS.
    Nobody,
    /// Those of the authorities in this PEM text, and of nobody else.
    Pem(&'a [u8]),
    /// Those of the authorities that the system trusts.
    System,
}

impl Trust<'_> {
    /// The TLS configuration. ring is named, because rustls cannot choose, and panics, when a
    /// program has more than one provider compiled in.
    pub(crate) fn config(self) -> Result<ClientConfig, InvalidTrust> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(InvalidTrust::Setup)?;
        let builder = match self {
            Self::Nobody => builder.with_root_certificates(RootCertStore::empty()),
            Self::Pem(pem) => builder.with_root_certificates(roots(pem)?),
            Self::System => builder
                .with_native_roots()
                .map_err(InvalidTrust::SystemRoots)?,
        };
        Ok(builder.with_no_client_auth())
    }
}

fn roots(pem: &[u8]) -> Result<RootCertStore, InvalidTrust> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
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

/// The versions of HTTP that are offered to a server over TLS. Without TLS it is HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    Http1,
    Http1And2,
}

/// Connects by TCP and, for `https`, TLS, within one deadline for all of it: looking the name
/// up, connecting and the handshake.
#[derive(Clone)]
pub(crate) struct Connector {
    inner: HttpsConnector<HttpConnector>,
    deadline: Duration,
}

impl Connector {
    pub(crate) fn new(tls: ClientConfig, versions: Versions, deadline: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Several addresses share it, so that a dead one leaves time for the next.
        tcp.set_connect_timeout(Some(deadline));
        tcp.set_keepalive(Some(KEEP_ALIVE));
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1();
        let inner = match versions {
            Versions::Http1 => builder.wrap_connector(tcp),
            Versions::Http1And2 => builder.enable_http2().wrap_connector(tcp),
        };
        Self { inner, deadline }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.deadline, self.inner.call(uri));
        Box::pin(async move { connecting.await? })
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// How many idle connections are kept for a server, and how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    pub(crate) idle_timeout: Duration,
    pub(crate) most_idle: usize,
}

/// A client with a pool. It sends a request again only when nothing of it was written, which
/// happens when a pooled connection turns out to be closed.
pub(crate) fn client<B>(connector: Connector, pool: Pool) -> Client<Connector, B>
where
    B: Body<Data = Bytes> + Send,
{
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(pool.idle_timeout)
        .pool_max_idle_per_host(pool.most_idle)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .build(connector)
}

/// Between two signs of life on a connection that is otherwise silent.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
