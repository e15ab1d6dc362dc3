//! Settings of a [`Proxy`].

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::Body;

use super::{Forwarding, InvalidTrust, Proxy, Upstream, head::Rules, http1::Http1};
use crate::{
    fault::Renderer,
    http_client::{Connector, Pool, Trust, Versions, client},
    policy::Denial,
};

/// Builds a [`Proxy`]; see the [module](super) for what each setting means.
#[derive(Clone, Debug)]
#[must_use]
pub struct ProxyBuilder {
    rules: Rules,
    authority: Option<Vec<u8>>,
    connect_timeout: Duration,
    answer_timeout: Duration,
    pool: Pool,
    renderer: Renderer,
}

impl ProxyBuilder {
    /// Settings for a proxy to this upstream, all at their defaults.
    pub fn new(upstream: Upstream) -> Self {
        Self {
            rules: Rules {
                upstream,
                forwarding: Forwarding::default(),
                rewrite_host: false,
            },
            authority: None,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(90),
            pool: Pool::default(),
            renderer: Renderer::default(),
        }
    }

    /// Trusts the certificate authorities in this PEM text, and no others: not the system's
    /// either, as `cafile` means in OpenStack.
    pub fn certificate_authority(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authority = Some(pem.into());
        self
    }

    /// How long connecting may take, the name and TLS included.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long Nova may take until the head of its answer.
    pub const fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// How long an idle connection to Nova is kept.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool.idle_timeout = timeout;
        self
    }

    /// How many idle connections to Nova are kept for each thread.
    pub const fn most_idle(mut self, connections: usize) -> Self {
        self.pool.most_idle = connections;
        self
    }

    /// What becomes of the `Forwarded` family of headers.
    pub const fn forwarding(mut self, forwarding: Forwarding) -> Self {
        self.rules.forwarding = forwarding;
        self
    }

    /// Sends the upstream's authority as `Host` instead of the caller's.
    pub const fn rewrite_host(mut self, rewrite: bool) -> Self {
        self.rules.rewrite_host = rewrite;
        self
    }

    /// Renders refusals and failures in another way than [`fault::render`](crate::fault::render).
    pub fn with_fault_renderer(
        mut self,
        render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.renderer = Renderer::new(render);
        self
    }

    /// Builds it. A system that trusts no certificates is warned of in the log if the upstream
    /// is `https`; each connection then fails at its handshake.
    ///
    /// # Errors
    ///
    /// [`InvalidTrust`] if the certificates of the authority cannot be read.
    pub fn build<B>(self) -> Result<Proxy<B>, InvalidTrust>
    where
        B: Body<Data = Bytes> + Send,
    {
        let trust = match self.authority.as_deref() {
            // Nothing to read, and nothing to warn of.
            None if !self.rules.upstream.is_tls() => Trust::Nobody,
            authority => Trust::pem_or_system(authority),
        };
        let tls = trust.config()?;
        let connector = |versions| Connector::new(tls.clone(), versions, self.connect_timeout);
        // HTTP/2 says the host in the request target, which here is the upstream's: with the
        // caller's in `Host` there would be two. And it cannot become a WebSocket.
        let http2 = (self.rules.upstream.is_tls() && self.rules.rewrite_host)
            .then(|| client(connector(Versions::Http1And2), self.pool));
        let http1 = Http1::new(connector(Versions::Http1), self.pool);
        Ok(Proxy::from_parts(
            self.rules,
            http1,
            http2,
            self.answer_timeout,
            self.renderer,
        ))
    }
}
