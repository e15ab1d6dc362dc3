//! One line for each request, as `nova.api.openstack.requestlog`.

use std::time::Instant;

use http::Response;

use crate::{
    identity::Identity,
    pipeline::{Body, Next, Request},
};
use tower_service::Service as _;

/// Tells of each request when its answer begins: an event at level info, target
/// `wafflehaus::request`, with method, path, status and duration. Never the query, which may
/// hold secrets, nor any header but the request id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLog;

impl RequestLog {
    pub(crate) async fn tell(self, request: Request, mut next: Next) -> Response<Body> {
        let start = Instant::now();
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let user = request.extensions().get::<Identity>();
        let user = user.map(|identity| identity.user_id().to_string());
        let Ok(response) = next.call(request).await;
        let headers = response.headers();
        let id = headers
            .get("x-openstack-request-id")
            .and_then(|id| id.to_str().ok());
        tracing::info!(
            target: "wafflehaus::request",
            %method,
            path,
            user,
            request_id = id,
            status = response.status().as_u16(),
            duration_ms = start.elapsed().as_secs_f64() * 1e3,
            "request"
        );
        response
    }
}
