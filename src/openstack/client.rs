//! One HTTP call with a JSON answer: a deadline, a bounded body, an event in the log.

use std::{fmt, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy;
use tokio::time::{Instant, timeout_at};

#[cfg(feature = "workflow")]
use super::Endpoint;
use super::{
    InvalidTrust,
    error::{CallError, chain},
};
use crate::http_client::{Connector, Pool, Trust, Versions, client};

/// A pool of connections to the services of one cloud. Clones share the pool.
#[derive(Clone)]
pub struct Client {
    pool: legacy::Client<Connector, Full<Bytes>>,
    deadline: Duration,
    answer_limit: usize,
}

impl Client {
    /// Starts with the defaults: 10 s for a lookup, 5 s of them at most for a connection, 4 MiB
    /// for an answer, the system's certificate authorities.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            authority: None,
            connect_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(10),
            answer_limit: 4 * 1024 * 1024,
        }
    }

    /// When something that starts now must be over.
    pub(super) fn deadline(&self) -> Instant {
        // Capped, because an instant cannot hold every duration.
        Instant::now() + self.deadline.min(Duration::from_secs(86_400))
    }

    /// Sends JSON to a service that is none of OpenStack's.
    #[cfg(feature = "workflow")]
    pub(crate) async fn post(
        &self,
        service: &'static str,
        url: &Endpoint,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), CallError> {
        let call = Call {
            service,
            method: Method::POST,
            uri: url.root()?,
            token: None,
            headers,
            body,
            deadline: self.deadline(),
        };
        let Answer { status, body, .. } = self.send(call).await?;
        Ok((status, body))
    }

    /// Makes one call. Any status is an answer; redirects are not followed.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, CallError> {
        let start = Instant::now();
        let (service, method) = (call.service, call.method.clone());
        // The path only: a query holds ids, and one day perhaps more.
        let path = call.uri.path().to_owned();
        let result = match timeout_at(call.deadline, self.exchange(call)).await {
            Ok(result) => result,
            Err(_) => Err(CallError::Deadline),
        };
        let duration_ms = start.elapsed().as_millis();
        match &result {
            Ok(Answer { status, .. }) => tracing::debug!(
                service,
                %method,
                path,
                status = status.as_u16(),
                duration_ms,
                "call"
            ),
            Err(error) => {
                tracing::debug!(service, %method, path, %error, duration_ms, "call failed");
            }
        }
        result
    }

    async fn exchange(&self, call: Call) -> Result<Answer, CallError> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.uri)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT);
        if let Some(headers) = request.headers_mut() {
            headers.extend(call.headers);
        }
        if let Some(token) = call.token {
            request = request.header("x-auth-token", token);
        }
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(call.body))?;
        let answer = self.pool.request(request).await;
        let (parts, mut body) = answer
            .map_err(|error| CallError::Transport(chain(&error)))?
            .into_parts();

        let too_large = CallError::TooLarge {
            limit: self.answer_limit,
        };
        // A body that announces too much is not even begun.
        if usize::try_from(body.size_hint().lower()).map_or(true, |size| size > self.answer_limit) {
            return Err(too_large);
        }
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| CallError::Transport(chain(&error)))?;
            // Trailers have nothing for us.
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if data.len() > self.answer_limit - bytes.len() {
                return Err(too_large);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: bytes.freeze(),
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("deadline", &self.deadline)
            .field("answer_limit", &self.answer_limit)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    authority: Option<Vec<u8>>,
    connect_timeout: Duration,
    deadline: Duration,
    answer_limit: usize,
}

impl ClientBuilder {
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

    /// How long a lookup may take, with all the calls that it needs.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many bytes one answer may have.
    pub const fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Builds the client. A system that trusts no certificates is warned of in the log, because
    /// all endpoints may be `http`; an `https` one then fails at its handshake.
    ///
    /// # Errors
    ///
    /// [`InvalidTrust`] if the certificates of the authority cannot be read.
    pub fn build(self) -> Result<Client, InvalidTrust> {
        let tls = Trust::pem_or_system(self.authority.as_deref()).config()?;
        let connector = Connector::new(tls, Versions::Http1And2, self.connect_timeout);
        let pool = Pool {
            // A dead connection is given up in the time that a lookup has.
            ping_after: Duration::from_secs(5),
            ..Pool::default()
        };
        let pool = client(connector, pool);
        Ok(Client {
            pool,
            deadline: self.deadline,
            answer_limit: self.answer_limit,
        })
    }
}

/// What to ask.
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) token: Option<HeaderValue>,
    /// Beside those of every call.
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) deadline: Instant,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

const USER_AGENT: &str = concat!("wafflehaus/", env!("CARGO_PKG_VERSION"));
