//! The id by which a request is found in the logs of all services, as
//! `nova.api.compute_req_id`.

use http::Response;
use tower_service::Service as _;

use crate::{
    pipeline::{Body, Next, Request},
    request_id::{REQUEST_ID, request_id},
};

/// Gives a request that has none an id, `req-` and a UUID, and the answer the same unless Nova
/// gave it one. What does not have this form is replaced: it would go into logs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId;

impl RequestId {
    pub(crate) async fn give(self, mut request: Request, mut next: Next) -> Response<Body> {
        let id = request_id(request.headers());
        request.headers_mut().insert(REQUEST_ID, id.clone());
        let Ok(mut response) = next.call(request).await;
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
        response
    }
}
