//! A refusal as an answer that Neutron's clients understand.

use bytes::Bytes;
use http::Response;

use crate::{fault, policy::Denial};

/// Renders a denial as Neutron does its own: `{"NeutronError": {"type": …, "message": …,
/// "detail": ""}}`, with the status and headers that [`fault::render`] gives it.
#[must_use]
pub fn render(denial: &Denial) -> Response<Bytes> {
    let kind = match denial.kind().status().as_u16() {
        400 => "HTTPBadRequest",
        401 => "HTTPUnauthorized",
        403 => "HTTPForbidden",
        404 => "HTTPNotFound",
        409 => "HTTPConflict",
        413 => "HTTPRequestEntityTooLarge",
        415 => "HTTPUnsupportedMediaType",
        503 => "HTTPServiceUnavailable",
        _ => "HTTPInternalServerError",
    };
    let error = serde_json::json!({
        "NeutronError": { "type": kind, "message": denial.message(), "detail": "" }
    });
    fault::render(denial).map(|_| Bytes::from(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::DenialKind;

    #[test]
    fn a_refusal_is_neutrons_with_the_status_and_headers_of_its_kind() {
        let response = render(&Denial::new(DenialKind::NetworkBanned, "not \"this\""));
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["content-type"], "application/json");
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        let error = &body["NeutronError"];
        assert_eq!(
            (&error["type"], &error["message"], &error["detail"]),
            (&"HTTPForbidden".into(), &"not \"this\"".into(), &"".into())
        );
        let later = render(&Denial::new(DenialKind::LookupFailed, "later"));
        assert_eq!(
            (later.status().as_u16(), &later.headers()["retry-after"]),
            (503, &"5".parse().unwrap())
        );
    }
}
