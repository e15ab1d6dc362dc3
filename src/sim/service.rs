//! One API of a cloud as a tower service.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use super::call::{BODY_LIMIT, Call, Fault, Reply};
use super::inject::{Failure, InFlight};
use super::{Api, Shared, keystone, neutron, nova};

/// One API of a [`Cloud`](super::Cloud), in this process.
///
/// There is no connection here that [`Failure::Cut`] could end: the future then never completes,
/// like an upstream that has gone silent. With a delay or a hold it has to be polled inside a
/// tokio runtime.
#[derive(Debug, Clone)]
pub struct CloudService {
    shared: Arc<Shared>,
    api: Api,
}

/// The future of [`CloudService`].
pub struct Answering(Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>);

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(super) struct Cut;

impl CloudService {
    pub(super) fn new(shared: Arc<Shared>, api: Api) -> Self {
        Self { shared, api }
    }
}

impl<B> Service<Request<B>> for CloudService
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answer = answer(self.shared.clone(), self.api, request);
        Answering(Box::pin(async {
            match answer.await {
                Ok(response) => response,
                Err(Cut) => std::future::pending().await,
            }
        }))
    }
}

impl Future for Answering {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answering").finish_non_exhaustive()
    }
}

/// Receives a request, waits if told to, and acts on it.
pub(super) async fn answer<B>(
    shared: Arc<Shared>,
    api: Api,
    request: Request<B>,
) -> Result<Response<Full<Bytes>>, Cut>
where
    B: Body<Data = Bytes>,
{
    let in_flight = InFlight::enter(shared.clone(), api);
    let (call, complete) = receive(request).await;
    shared.desk(api).remember(&call, complete);
    if !complete {
        return Err(Cut);
    }
    if shared.desk(api).prompt() {
        return act(&shared, api, &call);
    }
    // Real services go on when the caller hangs up, so from here a task of its own does.
    let acting = tokio::spawn(async move {
        shared.desk(api).wait().await;
        let outcome = act(&shared, api, &call);
        drop(in_flight);
        outcome
    });
    acting.await.unwrap_or(Err(Cut))
}

fn act(shared: &Shared, api: Api, call: &Call) -> Result<Response<Full<Bytes>>, Cut> {
    let failure = shared.desk(api).failure();
    let reply = match failure {
        Some(Failure::Cut) => return Err(Cut),
        Some(Failure::Status(status)) => {
            let message = status.canonical_reason().unwrap_or("injected");
            refuse(api, &Fault::new(status, message))
        }
        Some(Failure::CutAfterwards) | None => work(shared, api, call),
    };
    if failure == Some(Failure::CutAfterwards) {
        return Err(Cut);
    }
    // A caller in this process gets what one at the other end of a wire would.
    let head = call.method == Method::HEAD;
    Ok(reply.map(|body| Full::new(if head { Bytes::new() } else { body })))
}

fn work(shared: &Shared, api: Api, call: &Call) -> Reply {
    let state = &mut shared.state();
    match api {
        Api::Keystone => keystone::answer(state, call),
        Api::Neutron => neutron::answer(state, call),
        Api::Nova => nova::answer(state, call),
    }
}

fn refuse(api: Api, fault: &Fault) -> Reply {
    match api {
        Api::Keystone => keystone::refusal(fault),
        Api::Neutron => neutron::refusal(fault),
        Api::Nova => nova::refusal(fault),
    }
}

/// The request with its body, and whether all of that came.
async fn receive<B: Body<Data = Bytes>>(request: Request<B>) -> (Call, bool) {
    let (parts, body) = request.into_parts();
    let mut body = pin!(body);
    let mut kept = BytesMut::new();
    let mut complete = true;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            complete = false;
            break;
        };
        if let Ok(mut data) = frame.into_data() {
            // One byte past the limit is enough to know that it was passed.
            let room = (BODY_LIMIT + 1).saturating_sub(kept.len());
            data.truncate(room);
            kept.extend_from_slice(&data);
        }
    }
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        authority: parts.uri.authority().map(ToString::to_string),
        oversize: kept.len() > BODY_LIMIT,
        body: kept.freeze(),
    };
    (call, complete)
}
