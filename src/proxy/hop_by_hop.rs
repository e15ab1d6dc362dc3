//! Headers that are about one connection, and so must not travel over the next.

use http::{
    HeaderMap, HeaderName,
    header::{ALT_SVC, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
};

use crate::{
    identity::remove_where,
    policy::{Denial, DenialKind},
};

/// Whether a header is removed from both directions.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    let name = name.as_str();
    match name {
        "connection" | "http2-settings" | "keep-alive" | "te" | "trailer" | "transfer-encoding"
        | "upgrade" => true,
        _ => name.starts_with("proxy-"),
    }
}

/// Meant for whoever answers, so no `Connection` header may name them. Besides these, every
/// header of the families that begin with one of [`END_TO_END_FAMILIES`].
const END_TO_END: [&str; 19] = [
    "accept",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "forwarded",
    "host",
    "location",
    "openstack-api-version",
    "retry-after",
    "set-cookie",
    "vary",
    "via",
    "www-authenticate",
];

/// All of OpenStack's own headers (`X-Auth-Token`, `X-Project-Id`, …) begin with `x-`, but so
/// do made-up ones that a hop may well name; these are the families somebody relies on.
const END_TO_END_FAMILIES: [&str; 13] = [
    "sec-websocket-",
    "x-auth-",
    "x-compute-",
    "x-forwarded-",
    "x-identity-",
    "x-openstack-",
    "x-project-",
    "x-real-ip",
    "x-role",
    "x-service-",
    "x-subject-",
    "x-tenant-",
    "x-user-",
];

fn is_end_to_end(name: &str) -> bool {
    END_TO_END.contains(&name)
        || END_TO_END_FAMILIES
            .iter()
            .any(|family| name.starts_with(family))
}

/// Removes them from a request, and what else is to go.
///
/// Refuses one whose `Connection` names a header that others rely on: it was judged with that
/// header, and would reach Nova without.
pub(super) fn strip_request(
    headers: &mut HeaderMap,
    also: impl Fn(&HeaderName) -> bool,
) -> Result<(), Denial> {
    for name in named(headers).ok_or_else(|| ambiguous("the Connection header is unreadable"))? {
        if is_end_to_end(name.as_str()) {
            return Err(ambiguous(
                "the Connection header names a header that is not about the connection",
            ));
        }
        headers.remove(name);
    }
    remove_where(headers, |name| is_hop_by_hop(name) || also(name));
    Ok(())
}

/// Removes them from a response, except what a `Connection` header wrongly names.
pub(super) fn strip_response(headers: &mut HeaderMap) {
    // With both, the body was read by its chunks, and the length is somebody's mistake or trick.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    for name in named(headers).unwrap_or_default() {
        if !is_end_to_end(name.as_str()) {
            headers.remove(name);
        }
    }
    // The last would show the caller a way to Nova that does not lead through here.
    remove_where(headers, |name| is_hop_by_hop(name) || *name == ALT_SVC);
}

/// The headers named in `Connection`; `None` if it is not even text.
fn named(headers: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names = Vec::new();
    for value in headers.get_all(CONNECTION) {
        let options = value.to_str().ok()?.split(',');
        // What cannot be a header's name cannot remove one, and the usual options name what is
        // removed anyway, so that they cost no allocation.
        names.extend(
            options
                .map(str::trim)
                .filter(|option| !["close", "keep-alive", "upgrade"].contains(option))
                .filter_map(|option| option.parse::<HeaderName>().ok()),
        );
    }
    Some(names)
}

/// Whether a comma-separated header has this word, without regard to case.
pub(super) fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|found| found.trim().eq_ignore_ascii_case(word))
}

pub(super) fn ambiguous(message: &'static str) -> Denial {
    Denial::new(DenialKind::AmbiguousRequest, message)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn connection_headers_and_those_it_names_are_removed_from_a_request() {
        let mut request = headers(&[
            ("connection", "keep-alive, X-Drop"),
            ("connection", " te ,not a name,"),
            ("x-drop", "a"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAMAAABk"),
            ("proxy-connection", "keep-alive"),
            ("proxy-authorization", "Basic x"),
            ("x-auth-token", "t"),
            ("accept", "*/*"),
        ]);
        strip_request(&mut request, |_| false).unwrap();
        assert_eq!(names(&request), ["accept", "x-auth-token"]);
    }

    #[test]
    fn a_connection_header_cannot_take_away_what_was_judged() {
        for name in [
            "X-Auth-Token",
            "content-length",
            "Host",
            "x-forwarded-for",
            "Content-Type",
            "x-openstack-nova-api-version",
            "OpenStack-API-Version",
            "x-service-token",
        ] {
            let mut request = HeaderMap::new();
            let value = format!("close, {name}");
            request.insert(CONNECTION, HeaderValue::from_str(&value).unwrap());
            let denial = strip_request(&mut request, |_| false).unwrap_err();
            assert_eq!(denial.kind(), DenialKind::AmbiguousRequest, "{name}");
        }
        let mut request = HeaderMap::new();
        request.insert(CONNECTION, HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(strip_request(&mut request, |_| false).is_err());
    }

    #[test]
    fn a_response_keeps_what_its_connection_header_wrongly_names() {
        let mut response = headers(&[
            ("connection", "close, x-hop, content-type"),
            ("x-hop", "a"),
            ("content-type", "text/plain"),
            ("content-length", "3"),
            ("alt-svc", "h2=\":443\""),
            ("upgrade", "h2,h2c"),
            ("proxy-authenticate", "Basic"),
        ]);
        strip_response(&mut response);
        assert_eq!(names(&response), ["content-length", "content-type"]);
    }

    #[test]
    fn a_length_beside_chunks_does_not_survive() {
        let mut response = headers(&[("transfer-encoding", "chunked"), ("content-length", "3")]);
        strip_response(&mut response);
        assert!(response.is_empty());
    }
}
