//! The id by which a request is found in the logs of all services: `req-` and a UUID.

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that has it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// The id that a request has, or a new one. What does not have this form is not believed: it
/// would go into logs.
pub(crate) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| is_id(id));
    given.cloned().unwrap_or_else(new_id)
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
