//! How this crate connects to OpenStack services: one connector, one pooled client.

mod trust;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::Uri;
use http_body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

pub use self::trust::InvalidTrust;
pub(crate) use self::trust::Trust;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The versions of HTTP that are offered to a server over TLS. Without TLS it is HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    #[cfg_attr(
        not(feature = "proxy"),
        expect(dead_code, reason = "only the proxy has reasons against HTTP/2")
    )]
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
        tcp.set_keepalive(Some(TCP_KEEP_ALIVE));
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

/// What becomes of connections that are not busy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    /// How long an idle connection is kept.
    pub(crate) idle_timeout: Duration,
    /// How many idle connections are kept for a server.
    pub(crate) most_idle: usize,
    /// How long an HTTP/2 connection with requests on it may be silent before it is pinged, and
    /// how long the answer may take before all of them fail. Without pings a dead connection
    /// would fail every request until TCP gives it up.
    pub(crate) ping_after: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            // Apache, in front of many an OpenStack service, closes after 5 s. Closing first
            // makes it rare that a request meets a closed connection.
            idle_timeout: Duration::from_secs(4),
            most_idle: 64,
            ping_after: Duration::from_secs(20),
        }
    }
}

/// The most bytes that are buffered of an HTTP/1 connection in one direction, and so the largest
/// head. A create with as much `user_data` as Nova takes, 64 KiB, comes in one piece with its
/// head. hyper's own limit is over 400 KiB, which many slow readers at once all come to hold.
pub(crate) const HTTP1_BUFFER: usize = 80 * 1024;

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
        .http1_max_buf_size(HTTP1_BUFFER)
        .http2_keep_alive_interval(pool.ping_after)
        .http2_keep_alive_timeout(pool.ping_after)
        .build(connector)
}

/// Between two signs of life on a connection that is otherwise silent.
const TCP_KEEP_ALIVE: Duration = Duration::from_secs(20);
