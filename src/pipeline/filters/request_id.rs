//! The id by which a request is found in the logs of all services, as
//! `nova.api.compute_req_id`.

use http::{HeaderName, HeaderValue, Response};
use tower_service::Service as _;
use uuid::Uuid;

use crate::pipeline::{Body, Next, Request};

/// Gives a request that has none an id, `req-` and a UUID, and the answer the same unless Nova
/// gave it one. What does not have this form is replaced: it would go into logs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId;

impl RequestId {
    pub(crate) async fn give(self, mut request: Request, mut next: Next) -> Response<Body> {
        let given = request.headers().get(HEADER).filter(|id| is_id(id));
        let id = given.cloned().unwrap_or_else(new_id);
        request.headers_mut().insert(HEADER, id.clone());
        let Ok(mut response) = next.call(request).await;
        response.headers_mut().entry(HEADER).or_insert(id);
        response
    }
}

fn is_id(id: &HeaderValue) -> bool {
    let id = id.to_str().ok().and_then(|id| id.strip_prefix("req-"));
    id.is_some_and(|id| id.len() == 36 && Uuid::try_parse(id).is_ok())
}

fn new_id() -> HeaderValue {
    let id = format!("req-{}", Uuid::new_v4());
    // Nothing in it could not stand in a header.
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("req-"))
}

const HEADER: HeaderName = HeaderName::from_static("x-openstack-request-id");
