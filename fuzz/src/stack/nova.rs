//! Sends a request through a guard to a service that records it.

use std::{
    convert::Infallible,
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;
use wafflehaus::{body::InspectBody, guard::GuardLayer, nova::Mount, policy::Policy};

use super::{
    neutron::Neutron,
    request::Wire,
    script::{Broken, Script},
    world::World,
};
use crate::oracle::Head;

/// A request that came through.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are named")]
pub struct Forwarded {
    pub head: Head,
    pub body: Vec<u8>,
    /// Whether the body ended well.
    pub whole: bool,
}

/// What became of a request.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "they are named")]
pub struct Outcome {
    pub status: StatusCode,
    pub forwarded: Vec<Forwarded>,
}

/// Sends a request; nothing if no server would take it as one.
pub fn send(world: &World, wire: &Wire) -> Option<Outcome> {
    let request = wire.request(world.caller.identity())?;
    let nova = Nova::default();
    let (networks, detach, count) = world.policies();
    let status = if world.stacked {
        let inner = guard(world, count).layer(nova.clone());
        let inner = guard(world, detach).layer(inner);
        ask(guard(world, networks).layer(inner), request)
    } else {
        ask(
            guard(world, (networks, detach, count)).layer(nova.clone()),
            request,
        )
    };
    let forwarded = nova.0.lock().expect("nobody panics with it").clone();
    Some(Outcome { status, forwarded })
}

/// Sends a request past every guard.
pub fn send_past(wire: &Wire) -> Option<Forwarded> {
    let nova = Nova::default();
    ask(nova.clone(), wire.request(None)?);
    nova.0.lock().expect("nobody panics with it").pop()
}

fn guard<P: Policy>(world: &World, policy: P) -> GuardLayer<P> {
    let mount = if world.mounted { "/compute" } else { "/" };
    GuardLayer::new(policy)
        .body_limit(world.body_limit())
        .lookup(Arc::new(Neutron(world.cloud())))
        .mount(Mount::at(mount).expect("a prefix"))
}

fn ask<S, R>(mut service: S, request: Request<InspectBody<Script>>) -> StatusCode
where
    S: Service<Request<InspectBody<Script>>, Response = Response<R>, Error = Infallible>,
{
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        service.poll_ready(&mut cx).is_ready(),
        "the recorder is always ready"
    );
    let mut answer = pin!(service.call(request));
    // More often than any script waits.
    for _ in 0..10_000 {
        if let Poll::Ready(Ok(response)) = answer.as_mut().poll(&mut cx) {
            return response.status();
        }
    }
    panic!("there is no answer");
}

/// A Nova that answers 202 to everything and keeps it.
#[derive(Clone, Default)]
struct Nova(Arc<Mutex<Vec<Forwarded>>>);

impl Service<Request<InspectBody<Script>>> for Nova {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<()>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<InspectBody<Script>>) -> Self::Future {
        let nova = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let head = head(&parts);
            let mut bytes = Vec::new();
            let whole = read(body, &mut bytes).await.is_ok();
            let forwarded = Forwarded {
                head,
                body: bytes,
                whole,
            };
            nova.0
                .lock()
                .expect("nobody panics with it")
                .push(forwarded);
            let mut answer = Response::new(());
            *answer.status_mut() = StatusCode::ACCEPTED;
            Ok(answer)
        })
    }
}

fn head(parts: &Parts) -> Head {
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    Head {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers.collect(),
    }
}

async fn read(body: InspectBody<Script>, bytes: &mut Vec<u8>) -> Result<(), Broken> {
    let mut body = pin!(body);
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(())
}
