//! The service that forwards.

use std::{
    convert::Infallible,
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper_util::client::legacy::Client;
use tokio::time::timeout_at;
use tower_service::Service;

use super::{
    InvalidTrust, ProxyBuilder, ResponseFuture, Upstream, UpstreamBody,
    deadline::due_in,
    future::Exchange,
    head::{Rules, has_body},
    http1::{Http1, SendError},
    outgoing::Outgoing,
};
use crate::{body::ResponseBody, fault::Renderer, http_client::Connector};

/// Forwards requests to Nova; see the [module](super).
///
/// Clones share the connections.
pub struct Proxy<B> {
    shared: Arc<Shared<B>>,
}

struct Shared<B> {
    rules: Rules,
    http1: Http1,
    /// Also speaks HTTP/1.1, when that is all the upstream offers.
    http2: Option<Client<Connector, Outgoing<B>>>,
    answer_timeout: Duration,
    renderer: Renderer,
}

impl<B> Proxy<B> {
    /// Forwards to this upstream with the default settings.
    ///
    /// # Errors
    ///
    /// [`InvalidTrust::Setup`] if TLS cannot be set up.
    pub fn new(upstream: Upstream) -> Result<Self, InvalidTrust>
    where
        B: Body<Data = Bytes> + Send,
    {
        ProxyBuilder::new(upstream).build()
    }

    pub(super) fn from_parts(
        rules: Rules,
        http1: Http1,
        http2: Option<Client<Connector, Outgoing<B>>>,
        answer_timeout: Duration,
        renderer: Renderer,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                rules,
                http1,
                http2,
                answer_timeout,
                renderer,
            }),
        }
    }
}

impl<B> Service<Request<B>> for Proxy<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ResponseBody<UpstreamBody>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Connections are made as they are needed.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let shared = &*self.shared;
        let (mut head, body) = request.into_parts();
        let length = length(&body);
        let body = if has_body(&head.method) {
            Outgoing::new(body)
        } else {
            Outgoing::unsent(body)
        };
        let upgrade = match shared.rules.rebuild(&mut head, length) {
            Ok(upgrade) => upgrade,
            Err(denial) => return ResponseFuture::refused(shared.renderer.answer(denial)),
        };
        let exchange = Exchange {
            renderer: shared.renderer.clone(),
            method: head.method.clone(),
            target: head.uri.path_and_query().cloned(),
            progress: body.progress(),
            upgrade,
        };
        let due = due_in(shared.answer_timeout);
        let is_upgrade = exchange.upgrade.is_some();
        let request = Request::from_parts(head, body);
        let shared = Arc::clone(&self.shared);
        let response = async move {
            Ok(match &shared.http2 {
                Some(client) if !is_upgrade => timeout_at(due, client.request(request))
                    .await
                    .map_err(|_| SendError::Silence)??
                    .map(UpstreamBody::from),
                Some(_) | None => shared
                    .http1
                    .send(request, due)
                    .await?
                    .map(UpstreamBody::from),
            })
        };
        ResponseFuture::forwarded(response, exchange)
    }
}

/// The length of a body that knows it.
fn length(body: &impl Body) -> Option<u64> {
    if body.is_end_stream() {
        return Some(0);
    }
    body.size_hint().exact()
}

impl<B> Clone for Proxy<B> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<B> fmt::Debug for Proxy<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("upstream", &self.shared.rules.upstream)
            .finish_non_exhaustive()
    }
}
