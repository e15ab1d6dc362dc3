//! Connections to Nova over HTTP/1.1, kept for the thread that used them.
//!
//! hyper-util's pool, which the rest of the crate uses, serves any number of hosts and versions
//! behind one lock, and wakes a task to hand a connection over. Here there is one host, and each
//! thread keeps its own connections, so a request finds one without waiting for another thread,
//! and its answer is read where it was asked for.

mod idle;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header::HOST};
use http_body::Body;
use hyper::{
    body::Incoming,
    client::conn::http1::{Builder, SendRequest},
};
use hyper_util::client::legacy;
use tower_service::Service as _;

use self::idle::Idle;
use super::outgoing::Outgoing;
use crate::http_client::{Connector, HTTP1_BUFFER, Pool};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sends requests to one upstream.
pub(super) struct Http1<B> {
    connector: Connector,
    idle: Arc<Idle<SendRequest<Outgoing<B>>>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// There is no connection.
    #[error("cannot connect: {0}")]
    Connect(#[source] BoxError),
    /// The connection failed before the head of an answer.
    #[error("{0}")]
    Exchange(#[source] BoxError),
}

impl<B> Http1<B> {
    /// Connects when there is something to send.
    pub(super) fn new(connector: Connector, pool: Pool) -> Self {
        let idle = Arc::new(Idle::new(pool));
        Self { connector, idle }
    }
}

impl<B> Http1<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    /// The answer to a request with an absolute target.
    pub(super) async fn send(
        &self,
        mut request: Request<Outgoing<B>>,
    ) -> Result<Response<Incoming>, SendError> {
        let upstream = into_origin_form(&mut request);
        loop {
            let (mut connection, has_rested) = match self.idle.take() {
                Some(connection) => (connection, true),
                None => (self.connect(&upstream).await?, false),
            };
            match connection.try_send_request(request).await {
                Ok(response) => {
                    // It takes no other request before this answer is read.
                    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                        self.idle.put(connection);
                    }
                    return Ok(response);
                }
                Err(mut error) => match error.take_message() {
                    // It was closed while it rested, and nothing was written to it.
                    Some(unsent) if has_rested => request = unsent,
                    Some(_) | None => return Err(SendError::Exchange(error.into_error().into())),
                },
            }
        }
    }

    async fn connect(&self, upstream: &Uri) -> Result<SendRequest<Outgoing<B>>, SendError> {
        let mut connector = self.connector.clone();
        std::future::poll_fn(|cx| connector.poll_ready(cx))
            .await
            .map_err(SendError::Connect)?;
        let stream = connector
            .call(upstream.clone())
            .await
            .map_err(SendError::Connect)?;
        let (sender, connection) = Builder::new()
            .max_buf_size(HTTP1_BUFFER)
            .handshake(stream)
            .await
            .map_err(|error| SendError::Connect(error.into()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to Nova ended");
            }
        });
        Ok(sender)
    }
}

/// Leaves the path and query in a request's target, and gives back the rest of it, of which the
/// host is in the headers if no other is.
fn into_origin_form<B>(request: &mut Request<B>) -> Uri {
    let target = request.uri().path_and_query().cloned();
    let origin_form = target.map_or_else(Uri::default, Uri::from);
    let upstream = std::mem::replace(request.uri_mut(), origin_form);
    if !request.headers().contains_key(HOST)
        && let Some(authority) = upstream.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        request.headers_mut().insert(HOST, host);
    }
    upstream
}

impl From<legacy::Error> for SendError {
    fn from(error: legacy::Error) -> Self {
        if error.is_connect() {
            Self::Connect(error.into())
        } else {
            Self::Exchange(error.into())
        }
    }
}
