//! The service in front, and the plan it runs by, which can be exchanged.

use std::{
    convert::Infallible,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tower::ServiceExt as _;
use tower_http::timeout::RequestBodyDeadlineLayer;
use tower_layer::Layer as _;
use tower_service::Service;

use super::{Body, BoxError, Next, NextFuture, Plan};
use crate::body::InspectBody;

/// A gateway: requests go through the pipelines of its plan.
///
/// Clones are one gateway. A request goes by the plan that is there when it comes, to its end.
#[derive(Clone)]
pub struct Gateway {
    running: Arc<ArcSwap<Running>>,
}

struct Running {
    plan: Plan,
    root: Next,
}

impl Running {
    fn new(plan: Plan) -> Arc<Self> {
        let root = plan.build();
        Arc::new(Self { plan, root })
    }
}

impl Gateway {
    /// Builds what is planned.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self {
            running: Arc::new(ArcSwap::new(Running::new(plan))),
        }
    }

    /// Exchanges the plan as a whole. What both plans have, with the same settings, goes on with
    /// all that it remembers.
    pub fn exchange(&self, plan: Plan) {
        let plan = plan.keeping(&self.running.load().plan);
        self.running.store(Running::new(plan));
    }

    /// Whether the running plan is equal to this one.
    #[must_use]
    pub fn runs(&self, plan: &Plan) -> bool {
        self.running.load().plan == *plan
    }
}

impl<B> Service<Request<B>> for Gateway
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = NextFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> NextFuture {
        let running = self.running.load();
        let mut next = running.root.clone();
        if request.body().is_end_stream() {
            // There is nothing to wait for.
            return next.call(request.map(|_| InspectBody::new(Body::default())));
        }
        let deadline = running.plan.settings.body_deadline;
        // Outside whatever reads a body: nobody may hold memory for ever.
        let next = next.map_request(|request: Request<_>| {
            request.map(|body| InspectBody::new(Body::new(body)))
        });
        let mut service = RequestBodyDeadlineLayer::new(deadline).layer(next);
        service.call(request)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("plan", &self.running.load().plan)
            .finish()
    }
}
