//! Connections to Nova over HTTP/1.1, kept for the thread that used them.
//!
//! hyper's client, which the rest of the crate uses, gives each connection a task of its own, and
//! hands it the request and gets the answer back piece by piece, over channels. Here a request is
//! written and its answer read by whoever waits for it, so that no other task is woken. There is
//! one host, and each thread keeps its own connections. Heads are read by `httparse`, as in
//! hyper.
//!
//! What is no clear answer ends the connection:
//!
//! 1. A head is at most 80 KiB and 100 headers; lengths are digits, and all the same; the only
//!    coding is `chunked`, once, and not from HTTP/1.0.
//! 2. Answers to `HEAD`, and with status 1xx, 204 or 304, have no body. Others have chunks, else
//!    the length they say, else all until the end. With chunks a length means nothing, and the
//!    connection is not used again.
//! 3. Interim answers are passed over. Trailers are dropped.
//! 4. A body that ends before its length or last chunk is an error.
//! 5. An answer may come before its request was sent. Then the rest of the request is not sent,
//!    and the connection ends with the answer. The rest is read all the same, up to 1 MiB and
//!    for 5 s, for a caller that is cut off while it writes may never look for the answer.
//! 6. A connection is used again after an answer that was read to its end, and only if nothing
//!    came behind it, neither side said `close`, and a 204 did not announce a body.
//! 7. What comes on a connection before a request is no answer to it.

mod answer;
mod body;
mod chunks;
mod connection;
mod idle;
mod sending;

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header::HOST};
use http_body::Body;
use hyper_util::{client::legacy, rt::TokioIo};
use tokio::time::{Instant, timeout_at};
use tower_service::Service as _;

use self::{
    answer::{Answer, poll_answer},
    idle::Idle,
    sending::Sending,
};
pub(super) use self::{body::Http1Body, connection::Connection};
use super::outgoing::Outgoing;
use crate::http_client::{Connector, Pool};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sends requests to one upstream.
pub(super) struct Http1 {
    connector: Connector,
    idle: Arc<Idle<Box<Connection>>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// There is no connection.
    #[error("cannot connect: {0}")]
    Connect(#[source] BoxError),
    /// The connection failed before the head of an answer, or the request's body did.
    #[error("{0}")]
    Exchange(#[source] BoxError),
    /// There was no head in time.
    #[error("no answer in time")]
    Silence,
    /// The connection failed while the request was written.
    #[error("{0}")]
    Write(#[source] io::Error),
}

impl Http1 {
    /// Connects when there is something to send.
    pub(super) fn new(connector: Connector, pool: Pool) -> Self {
        let idle = Arc::new(Idle::new(pool));
        Self { connector, idle }
    }

    /// The answer to a request with an absolute target.
    pub(super) async fn send<B>(
        &self,
        mut request: Request<Outgoing<B>>,
        due: Instant,
    ) -> Result<Response<Http1Body>, SendError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let upstream = into_origin_form(&mut request);
        let mut sending = Sending::new(request);
        loop {
            let (connection, has_rested) = match self.idle.take() {
                Some(connection) => (connection, true),
                None => (self.connect(&upstream, due).await?, false),
            };
            match exchange(connection, &mut sending, due, &self.idle).await {
                // It was closed while it rested.
                Err(SendError::Write(_)) if has_rested && !sending.has_begun() => {}
                outcome => {
                    if outcome.is_ok() && !sending.is_done() {
                        tokio::spawn(sending.discard());
                    }
                    return outcome;
                }
            }
        }
    }

    async fn connect(&self, upstream: &Uri, due: Instant) -> Result<Box<Connection>, SendError> {
        let mut connector = self.connector.clone();
        let connecting = async {
            poll_fn(|cx| connector.poll_ready(cx)).await?;
            connector.call(upstream.clone()).await
        };
        let stream = timeout_at(due, connecting)
            .await
            .map_err(|_| SendError::Silence)?
            .map_err(SendError::Connect)?;
        Ok(Connection::new(TokioIo::new(stream), due))
    }
}

/// Sends a request on a connection, which rests after the answer if it can be used again.
async fn exchange<B>(
    mut connection: Box<Connection>,
    sending: &mut Sending<B>,
    due: Instant,
    idle: &Arc<Idle<Box<Connection>>>,
) -> Result<Response<Http1Body>, SendError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    connection.deadline.set(due);
    let answer = poll_fn(|cx| poll_exchange(&mut connection, sending, cx)).await?;
    let stays = answer.stays && sending.is_done() && !sending.is_last();
    let idle = stays.then(|| Arc::clone(idle));
    let body = Http1Body::new(connection, answer.framing, idle);
    Ok(Response::from_parts(answer.head, body))
}

/// Writes the request and reads the head of the answer, whichever can be done.
fn poll_exchange<B>(
    connection: &mut Connection,
    sending: &mut Sending<B>,
    cx: &mut Context<'_>,
) -> Poll<Result<Answer, SendError>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    if sending.goes_on() {
        match sending.poll(cx, &mut *connection.stream) {
            Poll::Ready(Err(SendError::Write(error))) if sending.has_begun() => sending.fail(error),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
    }
    // What comes before anything was written is no answer to it.
    if sending.has_begun()
        && let Poll::Ready(answer) = poll_answer(connection, sending.method(), cx)
    {
        return Poll::Ready(answer.map_err(|error| {
            let failure = sending.failure().map(SendError::Write);
            failure.unwrap_or(SendError::Exchange(error))
        }));
    }
    let silence = connection.deadline.poll(cx);
    silence.map(|()| Err(SendError::Silence))
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

#[cfg(test)]
mod tests;
