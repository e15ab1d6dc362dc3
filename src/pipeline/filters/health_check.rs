//! Answers whether the gateway runs, as `oslo_middleware.healthcheck`.

use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header::CONTENT_TYPE};

use crate::pipeline::{Body, Request};

/// Answers at one path, without asking anybody who calls: 200 `OK`, or 503 `DISABLED BY FILE`
/// while a file exists, by which an operator takes the gateway out of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HealthCheck {
    /// Where it answers; nothing for everywhere.
    pub(crate) path: Option<String>,
    pub(crate) disable_by_file: Option<PathBuf>,
}

impl HealthCheck {
    /// Whether a request is for this.
    pub(crate) fn concerns(&self, request: &Request) -> bool {
        let path = request.uri().path();
        self.path.as_deref().is_none_or(|own| own == path)
            && matches!(*request.method(), Method::GET | Method::HEAD)
    }

    pub(crate) async fn answer(&self) -> Response<Body> {
        let disabled = match &self.disable_by_file {
            // Whatever keeps us from looking, a file that may be there counts.
            Some(file) => tokio::fs::try_exists(file).await.unwrap_or(true),
            None => false,
        };
        let (status, text) = if disabled {
            (StatusCode::SERVICE_UNAVAILABLE, "DISABLED BY FILE")
        } else {
            (StatusCode::OK, "OK")
        };
        let mut response = Response::new(Body::from(Bytes::from_static(text.as_bytes())));
        *response.status_mut() = status;
        let plain = HeaderValue::from_static("text/plain; charset=UTF-8");
        response.headers_mut().insert(CONTENT_TYPE, plain);
        response
    }
}
