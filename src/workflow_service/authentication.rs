//! How callers prove who they are.

use std::{convert::Infallible, future::poll_fn, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use super::{app::App, error::ApiError};
use crate::{
    body::ResponseBody,
    identity::{Identity, strip},
    identity_headers::IdentityHeadersLayer,
    keystone::KeystoneLayer,
    policy::Denial,
};

/// Who tells the service who its callers are.
#[derive(Clone, Debug)]
pub struct Authentication(Way);

#[derive(Clone, Debug)]
enum Way {
    Headers(IdentityHeadersLayer),
    Keystone(Box<KeystoneLayer>),
}

impl Authentication {
    /// Keystone, asked about the token of a request. The layer's way to render refusals is
    /// replaced.
    #[must_use]
    pub fn keystone(layer: KeystoneLayer) -> Self {
        // Read before this layer, by the rules of `trusted_proxies`.
        let layer = layer.with_fault_renderer(render).trust_forwarded(false);
        Self(Way::Keystone(Box::new(layer)))
    }

    /// Whatever is in front, by the headers of Keystone's middleware. Nobody else must be able
    /// to reach the service. The layer's way to render refusals is replaced.
    #[must_use]
    pub fn trusted_headers(layer: IdentityHeadersLayer) -> Self {
        Self(Way::Headers(layer.with_fault_renderer(render)))
    }

    /// Whether a request says who sends it. What it says may be wrong; then it is refused.
    fn is_claimed(&self, headers: &HeaderMap) -> bool {
        let names: &[&str] = match self.0 {
            Way::Headers(_) => &["x-user-id", "x-roles"],
            Way::Keystone(_) => &["x-auth-token", "x-service-token"],
        };
        names.iter().any(|name| headers.contains_key(*name))
    }
}

/// Finds out who sends a request. Without any claim it goes on from nobody: most endpoints then
/// refuse it, some are for everybody.
pub(super) async fn authenticate(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    // What no endpoint takes from anybody is told as that, and not as Nova would.
    let is_taken = METHODS.contains(request.method());
    if !is_taken || !app.authentication.is_claimed(request.headers()) {
        strip(request.headers_mut());
        request.extensions_mut().remove::<Identity>();
        return next.run(request).await;
    }
    match &app.authentication.0 {
        Way::Headers(layer) => through(layer, request, next).await,
        Way::Keystone(layer) => through(&**layer, request, next).await,
    }
}

async fn through<L>(layer: &L, request: Request, next: Next) -> Response
where
    L: Layer<Next>,
    L::Service: Service<Request, Response = Response<ResponseBody<Body>>, Error = Infallible>,
{
    let mut service = layer.layer(next);
    let Ok(()) = poll_fn(|cx| service.poll_ready(cx)).await;
    let Ok(response) = service.call(request).await;
    response.into_response()
}

/// A refusal of one of the layers.
fn render(denial: &Denial) -> http::Response<Bytes> {
    let status = denial.kind().status();
    let error = match status {
        StatusCode::UNAUTHORIZED => ApiError::unauthorized(),
        _ => ApiError::status(status, denial.message()),
    };
    let wait = denial.kind().retry_after();
    let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
    error.retry_after(wait).into_bytes()
}

const METHODS: [Method; 7] = [
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
];
