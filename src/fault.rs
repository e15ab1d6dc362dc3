//! A refusal as an answer that Nova's clients understand: the only place one is rendered.
//!
//! The body is a Nova fault, `{"forbidden": {"code": 403, "message": "…"}}`, with the member
//! name that Nova uses for the status. A status that waiting can cure has `Retry-After`. The
//! [`Denial`] itself is in the response's extensions.
//!
//! ```
//! use wafflehaus::{fault, policy::Denial};
//!
//! let response = fault::render(&Denial::forbidden("flavor_not_allowed", "flavor 7 is reserved"));
//! assert_eq!(response.status(), 403);
//! assert_eq!(
//!     response.body().as_ref(),
//!     br#"{"forbidden":{"code":403,"message":"flavor 7 is reserved"}}"#
//! );
//! ```

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};

use crate::policy::Denial;

/// Renders a denial as a Nova fault.
#[must_use]
pub fn render(denial: &Denial) -> Response<Bytes> {
    let status = denial.kind().status();
    let fault = Fault {
        code: status.as_u16(),
        message: denial.message(),
    };
    // Of a number and a text, JSON can always be made.
    let fault = serde_json::to_string(&fault).unwrap_or_default();
    let body = ["{\"", name(status), "\":", &fault, "}"].concat();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = denial.kind().retry_after() {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

#[derive(serde::Serialize)]
struct Fault<'a> {
    code: u16,
    message: &'a str,
}

/// Nova's name for a fault of this status.
fn name(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "badRequest",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "itemNotFound",
        405 => "badMethod",
        409 => "conflictingRequest",
        413 | 429 => "overLimit",
        415 => "badMediaType",
        501 => "notImplemented",
        503 => "serviceUnavailable",
        _ => "computeFault",
    }
}

/// How a layer renders its refusals: [`render`] unless another function is given.
#[derive(Clone)]
pub(crate) struct Renderer(Arc<dyn Fn(&Denial) -> Response<Bytes> + Send + Sync>);

impl Renderer {
    pub(crate) fn new(render: impl Fn(&Denial) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        Self(Arc::new(render))
    }

    /// The answer, with the denial in its extensions.
    pub(crate) fn answer(&self, denial: Denial) -> Response<Bytes> {
        let mut response = (self.0)(&denial);
        response.extensions_mut().insert(denial);
        response
    }
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new(render)
    }
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renderer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::DenialKind;

    #[test]
    fn a_fault_has_novas_name_and_json_escapes() {
        let response = render(&Denial::new(DenialKind::BodyTooLarge, "a \"quoted\"\n<b>"));
        assert_eq!(response.status(), 413);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert!(!response.headers().contains_key("retry-after"));
        assert_eq!(
            response.body().as_ref(),
            br#"{"overLimit":{"code":413,"message":"a \"quoted\"\n<b>"}}"#
        );
    }

    #[test]
    fn a_passing_failure_says_when_to_try_again() {
        let response = render(&Denial::new(DenialKind::LookupFailed, "later"));
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "5");
        assert!(response.body().starts_with(b"{\"serviceUnavailable\""));
    }

    #[test]
    fn the_denial_travels_with_the_answer() {
        let denial = Denial::new(DenialKind::UpstreamFailed, "x");
        let response = Renderer::default().answer(denial.clone());
        assert_eq!(response.extensions().get::<Denial>(), Some(&denial));
        assert!(response.body().starts_with(b"{\"computeFault\""));
    }
}
