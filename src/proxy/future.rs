//! Waiting for Nova's answer.

use std::{
    convert::Infallible,
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Method, Response, StatusCode, uri::PathAndQuery};
use hyper::upgrade::OnUpgrade;

use super::{
    UpstreamBody, hop_by_hop::strip_response, http1::SendError, outgoing::Progress, upgrade,
};
use crate::{
    body::ResponseBody,
    fault::Renderer,
    policy::{Denial, DenialKind},
};

/// The answer of [`Proxy`](super::Proxy), when there is one.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture {
    state: State,
}

/// Boxed, because it cannot be named.
type Exchanging = Pin<Box<dyn Future<Output = Result<Response<UpstreamBody>, SendError>> + Send>>;

enum State {
    Forwarded {
        response: Exchanging,
        exchange: Exchange,
    },
    Refused {
        response: Option<Response<Bytes>>,
    },
}

/// What is remembered of a request that is on its way.
pub(super) struct Exchange {
    pub(super) renderer: Renderer,
    pub(super) method: Method,
    pub(super) target: Option<PathAndQuery>,
    pub(super) progress: Option<Progress>,
    pub(super) upgrade: Option<OnUpgrade>,
}

impl ResponseFuture {
    pub(super) fn forwarded(
        response: impl Future<Output = Result<Response<UpstreamBody>, SendError>> + Send + 'static,
        exchange: Exchange,
    ) -> Self {
        Self {
            state: State::Forwarded {
                response: Box::pin(response),
                exchange,
            },
        }
    }

    pub(super) const fn refused(response: Response<Bytes>) -> Self {
        Self {
            state: State::Refused {
                response: Some(response),
            },
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<ResponseBody<UpstreamBody>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.state {
            State::Forwarded { response, exchange } => match ready!(response.as_mut().poll(cx)) {
                Ok(response) => exchange.answer(response),
                Err(SendError::Silence) => exchange.silence(),
                Err(error) => exchange.failure(&error),
            },
            State::Refused { response } => match response.take() {
                Some(response) => ResponseBody::own(response),
                // Polled again after it was ready, which no caller may do.
                None => return Poll::Pending,
            },
        };
        Poll::Ready(Ok(response))
    }
}

impl Exchange {
    /// Nova's own answer, without what is about the connection to Nova.
    fn answer(&mut self, response: Response<UpstreamBody>) -> Response<ResponseBody<UpstreamBody>> {
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.switched(response);
        }
        let (mut head, body) = response.into_parts();
        strip_response(&mut head.headers);
        head.extensions.clear();
        ResponseBody::pass(Response::from_parts(head, body))
    }

    /// Joins what has become a WebSocket.
    fn switched(
        &mut self,
        response: Response<UpstreamBody>,
    ) -> Response<ResponseBody<UpstreamBody>> {
        let caller = self.upgrade.take_if(|_| upgrade::is_accepted(&response));
        let (mut head, body) = response.into_parts();
        let (Some(caller), Some(upstream)) = (caller, body.into_switched()) else {
            return self.failed(&"it switched to a protocol that was not asked for");
        };
        upgrade::join(caller, upstream);
        strip_response(&mut head.headers);
        upgrade::announce(&mut head.headers);
        ResponseBody::own(Response::from_parts(head, Bytes::new()))
    }

    fn failure(&self, error: &SendError) -> Response<ResponseBody<UpstreamBody>> {
        if self.progress.as_ref().is_some_and(Progress::has_failed) {
            return self.callers_fault("the request body could not be received");
        }
        if matches!(error, SendError::Connect(_)) {
            let denial = Denial::new(DenialKind::UpstreamUnreachable, "Nova cannot be reached");
            return self.upstreams_fault(denial, &Chain(error));
        }
        self.failed(&Chain(error))
    }

    fn failed(&self, cause: &dyn fmt::Display) -> Response<ResponseBody<UpstreamBody>> {
        let message = "the connection to Nova failed before it answered";
        self.upstreams_fault(Denial::new(DenialKind::UpstreamFailed, message), cause)
    }

    fn silence(&self) -> Response<ResponseBody<UpstreamBody>> {
        if self.progress.as_ref().is_some_and(Progress::is_awaited) {
            return self.callers_fault("the request body did not arrive in time");
        }
        let denial = Denial::new(DenialKind::UpstreamTimeout, "Nova did not answer in time");
        self.upstreams_fault(denial, &"no answer in time")
    }

    /// Somebody who runs the service should look. Neither headers nor the query are told: both
    /// can hold secrets.
    fn upstreams_fault(
        &self,
        denial: Denial,
        cause: &dyn fmt::Display,
    ) -> Response<ResponseBody<UpstreamBody>> {
        tracing::warn!(
            code = denial.kind().code(),
            method = %self.method,
            path = self.path(),
            %cause,
            "cannot forward a request"
        );
        ResponseBody::own(self.renderer.answer(denial))
    }

    fn callers_fault(&self, message: &'static str) -> Response<ResponseBody<UpstreamBody>> {
        tracing::debug!(method = %self.method, path = self.path(), message);
        let denial = Denial::new(DenialKind::BodyUnreadable, message);
        ResponseBody::own(self.renderer.answer(denial))
    }

    fn path(&self) -> &str {
        self.target.as_ref().map_or("/", PathAndQuery::path)
    }
}

/// An error with its causes, in one line.
struct Chain<'a>(&'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
