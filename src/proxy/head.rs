//! A request's head, rebuilt from what was judged.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Version,
    header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST},
    request::Parts,
    uri::Authority,
};
use hyper::upgrade::OnUpgrade;

use super::{
    Upstream,
    forwarded::{Forwarding, PeerAddr},
    hop_by_hop::{ambiguous, strip_request},
    upgrade,
};
use crate::{identity::is_caller_claim, nova::readable_path, policy::Denial};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// What decides how a head is rebuilt.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) upstream: Upstream,
    pub(super) forwarding: Forwarding,
    pub(super) rewrite_host: bool,
}

impl Rules {
    /// Rebuilds the head of a request whose body has this many bytes, if that is known.
    ///
    /// Gives back the caller's side of the connection if it is to become a WebSocket.
    pub(super) fn rebuild(
        &self,
        head: &mut Parts,
        length: Option<u64>,
    ) -> Result<Option<OnUpgrade>, Denial> {
        let path = readable_path(&head.method, &head.uri)?;
        let target = self.upstream.target(&head.uri, &path)?;
        let host = host(head)?;
        one_token(&head.headers)?;
        let mut extensions = std::mem::take(&mut head.extensions);
        let upgrade = upgrade::is_wanted(head, length)
            .then(|| extensions.remove::<OnUpgrade>())
            .flatten();

        // The server has answered `Expect`, or does when the body is read.
        strip_request(&mut head.headers, |name| {
            is_caller_claim(name) || *name == EXPECT
        })?;
        set_length(&mut head.headers, &head.method, length);
        let peer = extensions.get::<PeerAddr>().copied();
        self.forwarding
            .apply(&mut head.headers, peer, host.as_ref());
        match host {
            // Nova builds links from it.
            Some(host) if !self.rewrite_host => head.headers.insert(HOST, host),
            // The client derives it from the target, as `:authority` where that is HTTP/2.
            Some(_) | None => head.headers.remove(HOST),
        };
        if upgrade.is_some() {
            upgrade::announce(&mut head.headers);
        } else if length.is_none() && has_body(&head.method) {
            // A server that does not read chunks would take them for the next request.
            head.headers.insert(CONNECTION, CLOSE);
        }
        head.uri = target;
        head.version = Version::HTTP_11;
        Ok(upgrade)
    }
}

/// The one host that the caller asks for, if any.
fn host(head: &Parts) -> Result<Option<HeaderValue>, Denial> {
    let mut headers = head.headers.get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(ambiguous("the request has more than one Host header"));
    }
    let Some(authority) = head.uri.authority().map(Authority::as_str) else {
        return match header {
            Some(header) if !is_host(header.as_bytes()) => Err(unclear_host()),
            header => Ok(header.cloned()),
        };
    };
    if header.is_some_and(|header| !header.as_bytes().eq_ignore_ascii_case(authority.as_bytes())) {
        return Err(ambiguous(
            "the Host header is not the host of the request target",
        ));
    }
    if !is_host(authority.as_bytes()) {
        return Err(unclear_host());
    }
    HeaderValue::from_str(authority)
        .map(Some)
        .map_err(|_| unclear_host())
}

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const SERVICE_TOKEN: HeaderName = HeaderName::from_static("x-service-token");

/// Whoever checked the token and Nova must have seen the same one.
fn one_token(headers: &HeaderMap) -> Result<(), Denial> {
    for name in [AUTH_TOKEN, SERVICE_TOKEN] {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(ambiguous("the request has more than one token"));
        }
    }
    Ok(())
}

fn unclear_host() -> Denial {
    ambiguous("the host of the request is not a name or address with an optional port")
}

/// Letters, digits and what names, addresses and ports are written with: no user name, and
/// nothing that would need quoting elsewhere.
fn is_host(host: &[u8]) -> bool {
    !host.is_empty()
        && host
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_~:[]".contains(byte))
}

/// One length, from the body itself, or none: then the body is sent in chunks.
fn set_length(headers: &mut HeaderMap, method: &Method, length: Option<u64>) {
    match length {
        Some(length) if has_body(method) => {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        Some(_) | None => {
            headers.remove(CONTENT_LENGTH);
        }
    }
}

/// Whether Nova reads the body of such a request. That of any other stays here: a server that
/// answers without reading it would take it for the next request.
pub(super) fn has_body(method: &Method) -> bool {
    matches!(*method, Method::PATCH | Method::POST | Method::PUT)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Request};

    use super::*;
    use crate::policy::DenialKind;

    fn rules() -> Rules {
        Rules {
            upstream: "http://nova:8774".parse().unwrap(),
            forwarding: Forwarding::Drop,
            rewrite_host: false,
        }
    }

    fn head(method: &str, uri: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn rebuilt(rules: &Rules, mut head: Parts, length: Option<u64>) -> Result<Parts, DenialKind> {
        rules
            .rebuild(&mut head, length)
            .map(|_| head)
            .map_err(|denial| denial.kind())
    }

    fn is_refused(head: Parts) -> bool {
        rebuilt(&rules(), head, Some(0)).is_err_and(|kind| kind == DenialKind::AmbiguousRequest)
    }

    #[test]
    fn a_request_line_with_two_readings_is_refused() {
        for (method, uri) in [
            ("POST", "/v2.1/servers%2fx"),
            ("GET", "/v2.1/../servers"),
            ("PUT", "/v2.1/servers?_method=POST"),
            ("GET", "/v2.1/servers?%5fmethod=DELETE"),
            ("OPTIONS", "*"),
            ("CONNECT", "nova:8774"),
            ("TRACE", "/v2.1/servers"),
            ("post", "/v2.1/servers"),
            ("FOO", "/v2.1/servers"),
        ] {
            assert!(is_refused(head(method, uri, &[])), "{method} {uri}");
        }
    }

    #[test]
    fn every_method_of_novas_is_forwarded() {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let head = rebuilt(&rules(), head(method, "//v2.1/x", &[]), Some(0)).unwrap();
            assert_eq!(head.uri, "http://nova:8774/v2.1/x");
            assert_eq!(head.method, method);
        }
    }

    #[test]
    fn the_length_is_the_bodys_own() {
        for (method, length, wanted) in [
            ("POST", Some(5), Some("5")),
            ("POST", Some(0), Some("0")),
            ("DELETE", Some(0), None),
            ("GET", Some(2), None),
            ("DELETE", None, None),
            ("POST", None, None),
        ] {
            let claims = [("content-length", "7"), ("transfer-encoding", "chunked")];
            let head = rebuilt(&rules(), head(method, "/", &claims), length).unwrap();
            let mut found = head.headers.get_all(CONTENT_LENGTH).iter();
            assert_eq!(found.next().map(|value| value.to_str().unwrap()), wanted);
            assert!(found.next().is_none());
            assert!(!head.headers.contains_key("transfer-encoding"));
        }
    }

    #[test]
    fn the_host_is_kept_unless_it_is_rewritten() {
        let named = [("host", "api.example:8774")];
        let kept = rebuilt(&rules(), head("GET", "/", &named), None).unwrap();
        assert_eq!(kept.headers[HOST], "api.example:8774");

        let http2 = rebuilt(&rules(), head("GET", "https://api.example/", &[]), None).unwrap();
        assert_eq!(http2.headers[HOST], "api.example");

        let none = rebuilt(&rules(), head("GET", "/", &[]), None).unwrap();
        assert!(!none.headers.contains_key(HOST));

        let mut rules = rules();
        rules.rewrite_host = true;
        let rewritten = rebuilt(&rules, head("GET", "/", &named), None).unwrap();
        assert!(!rewritten.headers.contains_key(HOST));
    }

    #[test]
    fn a_host_in_doubt_is_refused() {
        for (uri, hosts) in [
            ("/", &["a", "a"][..]),
            ("/", &[""]),
            ("/", &["user@a"]),
            ("/", &["a, b"]),
            ("/", &["a/b"]),
            ("/", &["a\"b"]),
            ("http://b/", &["a"]),
            ("http://user@b/", &[]),
        ] {
            let hosts: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
            assert!(is_refused(head("GET", uri, &hosts)), "{uri} {hosts:?}");
        }
    }

    #[test]
    fn two_tokens_are_refused() {
        for name in ["x-auth-token", "x-service-token"] {
            assert!(
                is_refused(head("GET", "/", &[(name, "a"), (name, "b")])),
                "{name}"
            );
            assert!(!is_refused(head("GET", "/", &[(name, "a")])), "{name}");
        }
    }

    #[test]
    fn claims_expectations_and_extensions_stay_here() {
        let claims = [
            ("x-roles", "admin"),
            ("x_project_id", "p"),
            ("expect", "100-continue"),
            ("x-auth-token", "t"),
        ];
        let mut head = head("POST", "/", &claims);
        head.extensions.insert("secret");
        let head = rebuilt(&rules(), head, Some(0)).unwrap();
        assert!(head.extensions.is_empty());
        let mut names: Vec<_> = head.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-length", "x-auth-token"]);
    }
}
